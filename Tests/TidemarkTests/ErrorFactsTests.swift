import AWSCore
import TestSupport
import Testing
import Tidemark

/// That the facts of an error agree with each other and with what was done.
struct ErrorFactsTests {
    private static func read(_ harness: Harness) async -> TidemarkError {
        await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
    }

    // MARK: Why it was not tried again

    @Test(arguments: [
        ("TransactionConflict", RetryEnd.leftToCaller, true), ("ThrottlingError", .leftToCaller, true),
        ("ProvisionedThroughputExceeded", .leftToCaller, true), ("ConditionalCheckFailed", .pointless, false),
        ("ValidationError", .pointless, false), ("SomethingNew", .pointless, false),
    ])
    func aCancelledTransactionIsLeftToTheCallerWhereItMayPass(reason: String, end: RetryEnd, may: Bool) async throws {
        let harness = try Harness { _, _ in
            refusal(
                "TransactionCanceledException", more: #","CancellationReasons":[{"Code":"None"},{"Code":"\#(reason)"}]"#
            )
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.transactWriteItems([.delete(table: "T", key: ["id": "1"])])
        }
        #expect(harness.transport.requests.count == 1)
        #expect(error.retryEnd == end && error.isRetryable == may, "\(error)")
        #expect("\(error)".contains("left to the caller to try again") == may)
    }

    @Test(arguments: [("TransactionConflictException", 400), ("SomethingNew", 501), ("SomethingNew", 505)])
    func whatMayPassIsNeverCalledPointless(code: String, status: Int) async throws {
        let harness = try Harness { _, _ in refusal(code, status: status) }
        let error = await Self.read(harness)
        #expect(error.isRetryable && error.retryEnd == .leftToCaller)
        let count = await failure { () throws(TidemarkError) in
            try await harness.client.updateItem(table: "T", key: ["id": "1"], update: [.add(1, to: "n")])
        }
        #expect(count.isRetryable == (status < 500))
        #expect(count.retryEnd == (status < 500 ? .leftToCaller : .notRepeatable))
    }

    @Test(arguments: [TransportError.Code.cancelled, .shutDown, .queueFull])
    func whoeverGaveUpNeedsNoReason(code: TransportError.Code) async throws {
        let wasTried = code == .cancelled
        let harness = try Harness { _, _ throws(TransportError) in
            throw TransportError(code: code, message: "ended", wasTried: wasTried)
        }
        let error = await Self.read(harness)
        #expect(error.retryEnd == nil && error.attempts == (wasTried ? 1 : 0), "\(error)")
    }

    @Test func callsAfterTheShutdownSendNothingAndSayNoReason() async throws {
        let directory = try TemporaryDirectory()
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: "http://127.0.0.1:9/", region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "S")),
            service: "checkout", environment: "test")
        configuration.telemetryDirectory = directory.path
        let client = try DynamoDBClient(configuration: configuration)
        await client.shutdown()
        let error = await failure { () throws(TidemarkError) in
            _ = try await client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .client && error.retryEnd == nil && error.attempts == 0, "\(error)")
    }

    @Test func whatIsNotHTTPIsTriedAgainAndRetryable() async throws {
        let harness = try Harness { _, _ throws(TransportError) in
            throw TransportError(code: .malformedResponse, message: "no HTTP", sent: .all)
        }
        let error = await Self.read(harness)
        #expect(error.code == .malformedResponse && error.attempts == 4)
        #expect(error.isRetryable && error.retryEnd == .attemptsUsedUp)
        let page = try Harness { _, _ in HTTPResponse(status: 403, body: Array("<html>no</html>".utf8)) }
        let refused = await Self.read(page)
        #expect(refused.code == .malformedResponse && refused.attempts == 1)
        #expect(!refused.isRetryable && refused.retryEnd == .pointless)
    }

    // MARK: Whom it asked

    @Test func anErrorNamesTheHostThatWasAsked() async throws {
        let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalr", accountID: "123456789012")
        let endpoint = try AWSEndpoint.resolve(
            service: .dynamoDB, region: "eu-west-1",
            environment: ["HOME": "/nonexistent", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "preferred"])
        let harness = try Harness(configure: {
            $0.endpoint = endpoint
            $0.credentials = StaticCredentials(credentials)
        }) { request, number throws(TransportError) in
            if number == 1 { throw TransportError(code: .connect, message: "\(request.url) cannot be reached") }
            return number < 3 ? refusal("ValidationException") : answer("{}")
        }
        let host = "123456789012.ddb.eu-west-1.amazonaws.com"
        #expect(await Self.read(harness).endpoint == host)
        let missing = await failure { () throws(TidemarkError) in
            _ = try await harness.client.requireItem(table: "T", key: ["id": "1"])
        }
        #expect(missing.code == .itemNotFound && missing.endpoint == host)
        #expect(harness.transport.requests.allSatisfy { $0.url.contains(host) })
    }

    @Test(arguments: [
        "http://bob:hunter2secret@127.0.0.1:9", "bob:hunter2secret@127.0.0.1:9", "ftp://bob:hunter2secret@127.0.0.1:9",
    ])
    func anEndpointWithAPasswordIsRefusedWhenTheClientIsMadeAndNeverShown(url: String) async throws {
        var shown = ""
        let harness = try Harness(configure: { configuration in
            configuration.endpoint = AWSEndpoint(url: url, region: "eu-west-1")
            let copy = configuration
            do throws(TidemarkError) {
                _ = try DynamoDBClient(configuration: copy)
                Issue.record("\(url) was taken")
            } catch {
                #expect(error.code == .configuration)
                shown += "\(error) \(error.revealingDescription)"
            }
            if url.hasPrefix("http") { shown += "\(configuration) \(configuration.refusals)" }
        }) { _, _ in answer("{}") }
        let error = await Self.read(harness)
        shown += "\(error) \(error.endpoint) \(error.revealingDescription)"
        shown += "\(harness.log.lines.withLock { $0 })"
        #expect(harness.transport.requests.isEmpty)
        #expect(!shown.contains("hunter2secret") && !shown.contains("bob"), "\(shown)")
    }

    // MARK: Its own words

    @Test func itsOwnSentencesAreNotCutByTheRequestsValues() async throws {
        let harness = try Harness { _, _ in HTTPResponse(status: 200) }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.updateItem(
                table: "T", key: ["id": "bytes"], update: [.add(1, to: "n"), .set("a", to: 200), .set("b", to: 0)])
        }
        #expect(error.code == .malformedResponse)
        #expect("\(error)".contains("the answer (status 200, 0 bytes) cannot be read: line 1, column 1: "), "\(error)")
        #expect("\(error)" == error.revealingDescription)
    }

    @Test(arguments: [
        (400, #"{"__type":"x#ValidationException"}"#, "status 400 without a message"),
        (
            413, "",
            "status 413 with a body that is not JSON (no type, 0 bytes): check that the endpoint is an AWS service"
        ),
        (403, "<html></html>", "status 403 with a web page of 13 bytes, which no AWS service sends"),
        (
            400, #"{"__type":"x#UnrecognizedClientException","message":"key 400 of secret"}"#,
            "AWS does not accept these credentials: check the access key id, the secret key and the session token "
                + "(AWS says: key … of …)"
        ),
    ])
    func onlyWhatTheServiceSaysIsCut(status: Int, body: String, sentence: String) async throws {
        let harness = try Harness { _, _ in HTTPResponse(status: status, body: Array(body.utf8)) }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(
                table: "T",
                item: ["id": "secret", "a": "status", "b": 0, "c": 13, "d": "access", "e": .number("\(status)")])
        }
        #expect("\(error)".contains(sentence), "\(error)")
    }

    /// A status of success that no service gives, or an error's name beneath one: the service's own answer is lost.
    @Test(arguments: [
        (200, #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}"#), (206, "{}"),
        (202, "{}"),
    ])
    func aSuccessThatNoServiceSaysIsALostAnswer(status: Int, body: String) async throws {
        let harness = try Harness { _, _ in answer(body, status: status) }
        let write = await failure { () throws(TidemarkError) in
            try await harness.client.updateItem(table: "T", key: ["id": "1"], update: [.add(1, to: "n")])
        }
        #expect(write.code == .malformedResponse && write.mayHaveBeenApplied && !write.isRetryable)
        #expect(write.attempts == 1 && write.retryEnd == .notRepeatable)
        let read = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(read.code == .malformedResponse && read.attempts == 4 && !read.mayHaveBeenApplied)
    }
}
