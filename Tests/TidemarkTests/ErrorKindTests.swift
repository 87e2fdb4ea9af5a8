import AWSCore
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

/// Each kind of failure, from what the wire brings to what a caller sees.
struct ErrorKindTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        var code: String
        var status = 400
        var more = ""
        var kind: TidemarkError.Code
        var isRetryable = false
        /// Where the call is counted in the telemetry file.
        var outcome: FailureClass

        var testDescription: String { "\(code) \(status)" }
    }

    static let kinds: [Kind] = [
        Kind(code: "ThrottlingException", kind: .throttled, isRetryable: true, outcome: .throttled),
        Kind(code: "LimitExceededException", kind: .limitExceeded, isRetryable: true, outcome: .throttled),
        Kind(code: "LimitExceeded", kind: .limitExceeded, outcome: .client),
        Kind(code: "LimitExceededFault", kind: .limitExceeded, outcome: .client),
        Kind(code: "ConditionalCheckFailedException", kind: .conditionFailed, outcome: .conditionFailed),
        Kind(code: "ValidationException", kind: .validation, outcome: .validation),
        Kind(
            code: "ItemCollectionSizeLimitExceededException", kind: .itemCollectionTooLarge, outcome: .validation),
        Kind(code: "ResourceNotFoundException", kind: .notFound, outcome: .notFound),
        Kind(code: "AccessDeniedException", kind: .accessDenied, outcome: .accessDenied),
        Kind(code: "ExpiredTokenException", kind: .expiredCredentials, outcome: .credentials),
        Kind(code: "UnrecognizedClientException", kind: .credentials, outcome: .credentials),
        Kind(code: "TransactionCanceledException", kind: .transactionCancelled, outcome: .transactionConflict),
        Kind(
            code: "TransactionCanceledException", more: #","CancellationReasons":[{"Code":"TransactionConflict"}]"#,
            kind: .transactionConflict, isRetryable: true, outcome: .transactionConflict),
        Kind(
            code: "TransactionCanceledException", more: #","CancellationReasons":[{"Code":"ConditionalCheckFailed"}]"#,
            kind: .conditionFailed, outcome: .conditionFailed),
        Kind(
            code: "TransactionConflictException", kind: .transactionConflict, isRetryable: true,
            outcome: .transactionConflict),
        Kind(
            code: "TransactionInProgressException", kind: .transactionInProgress, isRetryable: true,
            outcome: .transactionConflict),
        Kind(code: "InternalServerError", status: 500, kind: .server, isRetryable: true, outcome: .server),
        Kind(code: "ResourceInUseException", kind: .client, outcome: .client),
    ]

    @Test(arguments: kinds)
    func eachRefusalHasItsCode(kind: Kind) async throws {
        let harness = try Harness { _, _ in refusal(kind.code, status: kind.status, more: kind.more) }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.query(table: "T", index: "I", keyCondition: "id" == "1")
        }
        #expect(error.code == kind.kind && error.isRetryable == kind.isRetryable)
        // Nothing is both worth another try and pointless.
        #expect((error.retryEnd == .pointless) == !kind.isRetryable)
        #expect(error.httpStatus == kind.status && error.requestID == "R1")
        #expect(error.operation == "Query" && error.table == "T" && error.index == "I")
        #expect(error.endpoint == "127.0.0.1:8000")
        #expect(error.underlying?.code == kind.code)
        let counted = try harness.counters().values.filter { $0.calls > 0 }
        #expect(counted.count == 1 && counted[0].calls == 1)
        #expect(counted[0].outcomes[Int(kind.outcome.rawValue) + 1] == 1)
    }

    @Test(arguments: [
        (TransportError.Code.dns, TransportError.SentPart.nothing, NetworkPhase.dns), (.connect, .nothing, .connect),
        (.tls, .nothing, .tls), (.connectionReset, .part, .send), (.connectionReset, .all, .receive),
        (.truncated, .all, .receive), (.other, .nothing, .connect),
    ])
    func aNetworksFailureHasItsPhase(
        code: TransportError.Code, sent: TransportError.SentPart, phase: NetworkPhase
    ) async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ throws(TransportError) in
            throw TransportError(code: code, message: "m", sent: sent)
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .network && error.networkPhase == phase && error.timeLimit == nil)
    }

    @Test(arguments: [
        (TimeoutKind.queue, TimeLimit.queue), (.connect, .connect), (.firstByte, .firstByte), (.attempt, .attempt),
    ])
    func aTimeOutHasItsKind(kind: TimeoutKind, limit: TimeLimit) async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ throws(TransportError) in
            throw TransportError(code: .timeout(kind), message: "m", wasTried: kind != .queue)
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .timeout && error.timeLimit == limit && error.networkPhase == nil)
    }

    @Test func theCallsOwnTimeAndTheServicesAreToldApart() async throws {
        let harness = try Harness { _, _ in refusal("RequestTimeout", status: 408) }
        let service = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(service.timeLimit == .service)
        let call = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(
                table: "T", key: ["id": "1"], options: CallOptions(callTimeout: .zero))
        }
        #expect(call.timeLimit == .call && call.attempts == 0)
    }

    @Test func aWrongChecksumHasItsOwnCode() async throws {
        let harness = try Harness { _, _ in
            HTTPResponse(status: 200, headers: [HTTPHeader(name: "x-amz-crc32", value: "1")], body: Array("{}".utf8))
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .checksumMismatch && error.attempts == 4)
        #expect(try harness.counters().values.first?.calls(.malformedResponse) == 1)
    }

    @Test func anOpenCircuitHasItsOwnCodeOutcomeAndTime() async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ in refusal("X", status: 500) }
        for _ in 0..<10 {
            _ = await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            }
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .circuitOpen && error.retryAfter == .seconds(1) && error.isRetryable)
        #expect(error.attempts == 0 && harness.transport.requests.count == 10)
        // Writes have a circuit of their own.
        _ = await failure { () throws(TidemarkError) in
            try await harness.client.deleteItem(table: "T", key: ["id": "1"])
        }
        #expect(harness.transport.requests.count == 11)
        let counters = try harness.counters().filter { $0.key.operation == "GetItem" }.values.first
        #expect(counters?.calls(.circuitOpen) == 1 && counters?.calls == 11 && counters?.attempts == 10)
        #expect(counters?.circuits.opened == 1 && counters?.circuits.closed == 0)
    }

    @Test func aCircuitCanBeTurnedOff() async throws {
        let harness = try Harness(configure: { configuration in
            configuration.retry = .never
            configuration.circuit = nil
        }) { _, _ in refusal("X", status: 500) }
        for _ in 0..<30 {
            _ = await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            }
        }
        #expect(harness.transport.requests.count == 30)
    }

    @Test func anItemThatHasToBeThereIsAnErrorAndTheCallASuccess() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.requireItem(
                table: "T", key: ["id": "1"], options: CallOptions(correlationID: "order 17"))
        }
        #expect(error.code == .itemNotFound && !error.isRetryable && error.attempts == 1 && error.requestID == "R1")
        #expect(error.endpoint == "127.0.0.1:8000")
        #expect(
            "\(error)" == "GetItem on T failed (itemNotFound): there is no item with this key "
                + "[1 attempt, correlation order?17, request R1]")
        #expect(try harness.counters().values.first?.calls(.success) == 1)
    }

    /// Also where nobody gave one, and whether or not the call was logged.
    @Test(arguments: [Logger.Level.debug, .critical])
    func whatFailsAfterTheCallHasTheCallsCorrelationID(level: Logger.Level) async throws {
        struct Order: Codable { var total: Int }
        let harness = try Harness(logLevel: level) { _, number in
            number == 1 ? answer("{}") : answer(#"{"Item":{"total":{"S":"much"}}}"#)
        }
        let missing = await failure { () throws(TidemarkError) in
            _ = try await harness.client.require(Order.self, from: "T", key: ["id": "1"])
        }
        let unreadable = await failure { () throws(TidemarkError) in
            _ = try await harness.client.require(Order.self, from: "T", key: ["id": "1"])
        }
        #expect(missing.code == .itemNotFound && unreadable.code == .decoding)
        for error in [missing, unreadable] {
            #expect(error.correlationID.count == 16 && error.endpoint == "127.0.0.1:8000" && error.attempts == 1)
            #expect(error.requestID == "R1")
        }
        let logged = harness.log.lines.withLock { $0.compactMap { $0.metadata["correlation_id"]?.description } }
        #expect(logged == (level == .debug ? [missing.correlationID, unreadable.correlationID] : []))
    }

    // MARK: Results

    @Test func aResultSaysWhatTheCallWas() async throws {
        let harness = try Harness { _, number in
            number == 1
                ? refusal("InternalServerError", status: 500)
                : answer(
                    #"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":3.0,"Table":{"CapacityUnits":1.0},"#
                        + #""GlobalSecondaryIndexes":{"G":{"CapacityUnits":2.0}}}}"#)
        }
        let result: any OperationResult = try await harness.client.putItem(table: "T", item: ["id": "1"])
        #expect(result.attempts == 2 && result.requestID == "R1" && result.duration == .milliseconds(12.5))
        #expect(result.consumed.first?.tableUnits.writeMilliUnits == 1_000)
        #expect(result.consumed.first?.indexUnits["G"]?.writeMilliUnits == 2_000)
        // One view: the result's report is what a listener is told.
        #expect(result.report.consumed.count == 1 && result.report.attempts == 2 && result.report.error == nil)
        let line = try #require(harness.log.lines.withLock { $0.first })
        #expect(line.metadata["correlation_id"]?.description == result.report.correlationID)
    }

    @Test func anyOperationTellsItsReport() async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, number in
            number == 1 ? answer(#"{"TableNames":[]}"#) : refusal("ValidationException")
        }
        let reports = Lock<[CallReport]>([])
        let options = CallOptions(onReport: { report in reports.withLock { $0.append(report) } })
        _ = try await harness.client.listTables(options: options)
        _ = await failure { () throws(TidemarkError) in
            _ = try await harness.client.call("DescribeBackup", options: options)
        }
        let seen = reports.withLock { $0 }
        #expect(seen.map(\.attempts) == [1, 1] && seen.map(\.requestID) == ["R1", "R1"])
        #expect(seen[0].error?.code == nil && seen[1].error?.code == .validation)
    }
}
