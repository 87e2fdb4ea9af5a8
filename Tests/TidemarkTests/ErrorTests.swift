import AWSCore
import Logging
import TestSupport
import Testing
import Tidemark

struct ErrorTests {
    @Test func anErrorSaysWhatWhereAndHowOften() async throws {
        let harness = try Harness { _, _ in refusal("ProvisionedThroughputExceededException") }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(
                table: "Orders", key: ["id": "1"], options: CallOptions(pattern: "AP1", correlationID: "c-1"))
        }
        #expect(error.code == .throttled)
        #expect(error.pattern == "AP1")
        #expect(error.throttleReasons.map(\.reason) == [.unspecified])
        #expect(error.underlying?.code == "ProvisionedThroughputExceededException")
        #expect(
            "\(error)"
                == "GetItem on Orders failed (throttled): said so [ProvisionedThroughputExceededException, HTTP 400, 4 attempts, "
                + "attempts used up, correlation c-1, request R1]")
    }

    /// Whoever is called at night wants to know whether more patience would have helped.
    @Test func anErrorSaysWhyItWasNotTriedAgain() async throws {
        enum Asked { case read, count }
        func end(
            asked: Asked = .read, configure: (inout TidemarkConfiguration) -> Void = { _ in },
            _ script: @escaping ScriptedTransport.Script
        ) async throws -> (end: RetryEnd?, text: String, logged: Logger.MetadataValue?) {
            let harness = try Harness(configure: configure, script)
            let error = await failure { () throws(TidemarkError) in
                switch asked {
                case .read: _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
                case .count:
                    try await harness.client.updateItem(table: "T", key: ["id": "1"], update: [.add(1, to: "n")])
                }
            }
            let line = harness.log.lines.withLock { $0.last { $0.message == "call failed" } }
            return (error.retryEnd, "\(error)", line?.metadata["retry_end"])
        }
        let fault: ScriptedTransport.Script = { _, _ in refusal("InternalServerError", status: 500) }
        let used = try await end(fault)
        #expect(used.end == .attemptsUsedUp && used.logged == "attemptsUsedUp")
        #expect(used.text.contains("4 attempts, attempts used up"))
        let short = try await end(configure: { $0.callTimeout = .milliseconds(5) }, fault)
        #expect(short.end == .noTimeLeft && short.logged == "noTimeLeft")
        #expect(short.text.contains("1 attempt, no time left for another attempt"))
        let unsafe = try await end(asked: .count, fault)
        #expect(unsafe.end == .notRepeatable && unsafe.logged == "notRepeatable")
        #expect(unsafe.text.contains("1 attempt, not safe to repeat"))
        let invalid = try await end { _, _ in refusal("ValidationException") }
        #expect(invalid.end == .pointless && invalid.logged == "pointless")
        #expect(invalid.text.contains("HTTP 400, 1 attempt, correlation"), "\(invalid.text)")
        let harness = try Harness(configure: { $0.circuit = nil }, fault)
        var ends: Set<RetryEnd?> = []
        for _ in 0..<40 {
            ends.insert(
                await failure { () throws(TidemarkError) in
                    _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
                }.retryEnd)
        }
        #expect(ends == [.attemptsUsedUp, .quotaUsedUp])
    }

    /// A source of credentials that is in trouble may be well again; one that refuses will not.
    @Test(arguments: [true, false])
    func credentialsThatCannotBeHadNowMayBeHadLater(isPassing: Bool) async throws {
        let source = RefreshingCredentials { _ throws(AWSConfigurationError) in
            throw AWSConfigurationError(
                cause: "STS cannot be reached", fix: "look at the network", isPassing: isPassing)
        }
        let harness = try Harness(configure: { $0.credentials = source }) { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .credentials && error.isRetryable == isPassing && error.attempts == 0)
    }

    @Test func theItemInTheWayComesOnlyWhenItIsAskedFor() async throws {
        let harness = try Harness { _, _ in
            refusal("ConditionalCheckFailedException", more: #","Item":{"id":{"S":"secret"}}"#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(table: "T", item: ["id": "1"], returnItemOnConditionFailure: true)
        }
        #expect(error.conflictingItem == ["id": "secret"])
        var dumped = ""
        dump(error, to: &dumped)
        #expect(!"\(error) \(String(reflecting: error)) \(dumped)".contains("secret"))
    }

    @Test(arguments: [
        (
            "1 validation error detected: Value 'alice@example.com' at 'key' failed to satisfy constraint",
            "1 validation error detected: Value '…' at 'key' failed to satisfy constraint"
        ),
        ("Type mismatch: {S: alice} expected", "Type mismatch: {…} expected"),
        ("the attribute 'total' is not a number", "the attribute 'total' is not a number"),
        ("Value 'alice", "Value '…"), ("it's", "it's"), ("", ""), ("{", "{…"),
    ])
    func quotedValuesAreLeftOut(message: String, shown: String) {
        #expect(Redaction.withoutQuotedValues(message) == shown)
    }

    @Test(arguments: [
        ("ExpiredTokenException", TidemarkError.Code.expiredCredentials, "the AWS credentials are expired"),
        ("UnrecognizedClientException", .credentials, "AWS does not accept these credentials"),
    ])
    func refusedCredentialsGetAClearSentence(code: String, kind: TidemarkError.Code, start: String) async throws {
        let harness = try Harness { _, _ in refusal(code) }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == kind)
        #expect(error.message.hasPrefix(start))
        #expect(harness.transport.requests.count == 1)
    }

    // MARK: Before the wire

    @Test func whatDynamoDBWouldRefuseIsNotSent() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let client = harness.client
        let items: [Item] = [
            ["id": "1", "big": .string(String(repeating: "x", count: 400 * 1_024))], [:],
            ["id": "1", "n": .number("twelve")], ["id": "1", "s": .stringSet(["a", "a"])],
            ["id": "1", "deep": (0..<33).reduce(AttributeValue.null) { value, _ in [value] }],
        ]
        for item in items {
            let error = await failure { () throws(TidemarkError) in try await client.putItem(table: "T", item: item) }
            #expect(error.code == .validation)
        }
        let keys: [Item] = [
            [:], ["id": ""], ["id": true], ["id": .string(String(repeating: "k", count: 2_049))],
            ["a": 1, "b": 2, "c": 3], ["id": .number("x")],
        ]
        for key in keys {
            let error = await failure { () throws(TidemarkError) in _ = try await client.getItem(table: "T", key: key) }
            #expect(error.code == .validation)
        }
        #expect(harness.transport.requests.isEmpty)
    }

    @Test func anItemOfExactlyTheLimitIsSent() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let size = DynamoDBLimits.maximumItemBytes - "id".utf8.count - 1 - "t".utf8.count
        try await harness.client.putItem(
            table: "T", item: ["id": "1", "t": .string(String(repeating: "x", count: size))])
        #expect(harness.transport.requests.count == 1)
    }

    @Test func placeholdersMayNotContradictEachOther() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.query(
                table: "T", keyCondition: Expression("id = :v", values: [":v": 1]),
                filter: Expression("n = :v", values: [":v": 2]))
        }
        #expect(error.message == "the placeholder ':v' stands for two different values in one request")
    }

    @Test func batchesAndTransactionsKeepTheirLimits() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let client = harness.client
        let key: Item = ["id": "1"]
        let errors = [
            await failure { () throws(TidemarkError) in _ = try await client.batchGetItem([]) },
            await failure { () throws(TidemarkError) in
                _ = try await client.batchGetItem([BatchGet(table: "T", keys: Array(repeating: key, count: 101))])
            },
            await failure { () throws(TidemarkError) in
                try await client.batchWriteItem(Array(repeating: .delete(table: "T", key: key), count: 26))
            },
            await failure { () throws(TidemarkError) in
                try await client.transactWriteItems(Array(repeating: .delete(table: "T", key: key), count: 101))
            },
        ]
        #expect(errors.allSatisfy { $0.code == .validation })
    }

    // MARK: The log

    @Test func aCallIsOneLine() async throws {
        let harness = try Harness { _, number in
            number == 1 ? refusal("InternalServerError", status: 500) : answer(#"{"Item":{"id":{"S":"secret"}}}"#)
        }
        _ = try await harness.client.getItem(
            table: "T", key: ["id": "secret"], options: CallOptions(pattern: "AP1", correlationID: "c-1"))
        let lines = harness.log.lines.withLock { $0 }
        #expect(lines.count == 1)
        #expect(lines[0].level == .debug)
        var metadata = lines[0].metadata
        metadata["key"] = nil
        #expect(
            metadata == [
                "operation": "GetItem", "table": "T", "pattern": "AP1", "outcome": "success", "attempts": "2",
                "duration_ms": "12.500", "correlation_id": "c-1", "request_id": "R1",
            ])
    }

    @Test func aFaultIsAnErrorWithoutKeyItemOrCredential() async throws {
        let harness = try Harness(logLevel: .info) { _, _ in
            refusal("ValidationException", more: #","Message":"Value 'secret' at 'key'""#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(table: "T", item: ["id": "secret"])
        }
        let lines = harness.log.lines.withLock { $0 }
        #expect(lines.map(\.level) == [.error])
        #expect(lines[0].metadata["correlation_id"] == "\(error.correlationID)")
        #expect(error.correlationID.count == 16)
        #expect(!"\(lines)".contains("secret"))
        #expect(!"\(lines)".contains("wJalrXUtnFEMI"))
    }

    @Test func aFailedConditionIsInformation() async throws {
        let harness = try Harness { _, _ in refusal("ConditionalCheckFailedException") }
        _ = await failure { () throws(TidemarkError) in
            try await harness.client.deleteItem(table: "T", key: ["id": "1"])
        }
        #expect(harness.log.lines.withLock { $0.map(\.level) } == [.info])
    }
}
