import AWSCore
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

/// Which calls are logged, and what of them.
struct CallLogTests {
    private static let found = answer(
        #"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":1.5},"Item":{"id":{"S":"1"}}}"#)

    private static func lines(of harness: Harness) -> [RecordingLog.Line] { harness.log.lines.withLock { $0 } }

    @Test func ofTheSuccessesASampleIsInformationAndTheRestIsForDebugging() async throws {
        for (sampling, informed) in [(100, 2), (1, 250), (0, 0)] {
            let harness = try Harness(
                logLevel: .info, configure: { $0.logging.successSampling = sampling }
            ) { _, _ in Self.found }
            for _ in 0..<250 { _ = try await harness.client.getItem(table: "T", key: ["id": "1"]) }
            #expect(Self.lines(of: harness).count == informed)
            #expect(Self.lines(of: harness).allSatisfy { $0.level == .info })
        }
        let debugging = try Harness(logLevel: .debug) { _, _ in Self.found }
        for _ in 0..<100 { _ = try await debugging.client.getItem(table: "T", key: ["id": "1"]) }
        #expect(Self.lines(of: debugging).filter { $0.level == .debug }.count == 99)
        #expect(Self.lines(of: debugging).filter { $0.level == .info }.count == 1)
    }

    /// A table's or pattern's name may come from outside.
    @Test func noNameForgesALine() async throws {
        let harness = try Harness(logLevel: .debug) { _, _ in Self.found }
        _ = try await harness.client.query(
            table: "x\n2026 ERROR forged \u{1b}[31m", index: "i\r\u{85}", keyCondition: "id" == "1",
            options: CallOptions(pattern: "AP1\u{2028}x"))
        let line = try #require(Self.lines(of: harness).first)
        #expect(line.metadata["table"] == "x?2026 ERROR forged ?[31m")
        #expect(line.metadata["index"] == "i??" && line.metadata["pattern"] == "AP1?x")
    }

    @Test func theSecretOfKeyNamesIsNotShown() {
        var logging = CallLogging()
        logging.keySecret = Array("planted-planted-planted-planted-".utf8)
        var dumped = ""
        dump(logging, to: &dumped)
        for text in [dumped, "\(logging)", String(reflecting: logging)] {
            #expect(!text.contains("112") && !text.contains("planted"), "\(text)")
        }
        #expect("\(logging)" == "1 of 100 successes as info, faults as error")
    }

    @Test func aSlowSuccessIsInformationAndSaysSo() async throws {
        let clock = Lock<ManualClock?>(nil)
        let harness = try Harness(logLevel: .info) { _, _ in
            clock.withLock { $0 }?.advance(by: .milliseconds(150))
            return Self.found
        }
        clock.withLock { $0 = harness.clock }
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        let line = try #require(Self.lines(of: harness).first)
        #expect(line.level == .info)
        #expect(line.metadata["slow"] == "true")
        #expect(line.metadata["duration_ms"] == "150.000")
    }

    /// Its duration says it: a failure that was tried again took its pauses.
    @Test func aFailureIsNotCalledSlow() async throws {
        let clock = Lock<ManualClock?>(nil)
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ in
            clock.withLock { $0 }?.advance(by: .milliseconds(150))
            return refusal("InternalServerError", status: 500)
        }
        clock.withLock { $0 = harness.clock }
        _ = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        let line = try #require(Self.lines(of: harness).first)
        #expect(line.metadata["slow"] == nil && line.metadata["duration_ms"] == "150.000")
        // It is among the slow calls of the telemetry file nevertheless.
        #expect(try harness.reader().slowCalls().count == 1)
    }

    @Test func consumptionStatusAndReasonsAreLogged() async throws {
        let harness = try Harness { _, _ in Self.found }
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        #expect(Self.lines(of: harness)[0].metadata["read_units"] == "1.500")

        let throttled = try Harness(configure: { $0.retry = .never }) { _, _ in
            refusal(
                "ProvisionedThroughputExceededException",
                more: #","ThrottlingReasons":[{"reason":"TableReadKeyRangeThroughputExceeded","resource":"arn:x"}]"#)
        }
        _ = await failure { () throws(TidemarkError) in
            _ = try await throttled.client.getItem(table: "T", key: ["id": "1"])
        }
        let line = try #require(Self.lines(of: throttled).first)
        #expect(line.level == .error)
        #expect(line.metadata["http_status"] == "400")
        #expect(line.metadata["aws_code"] == "ProvisionedThroughputExceededException")
        #expect(line.metadata["throttle_reasons"] == ["TableReadKeyRangeThroughputExceeded"])
        #expect(line.metadata["client_code"] == nil)
    }

    @Test(arguments: [(0, "ConnectTimeout"), (502, "HTTP502"), (200, "MalformedResponse")])
    func whatNoAnswerSaidIsNoCodeOfDynamoDB(_ status: Int, _ word: String) async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ throws(TransportError) in
            guard status > 0 else { throw TransportError(code: .timeout(.connect), message: "no") }
            return answer("busy", status: status)
        }
        _ = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        let line = try #require(Self.lines(of: harness).first)
        #expect(line.metadata["aws_code"] == nil)
        #expect(line.metadata["client_code"] == .string(word))
    }

    /// Whoever asks whether something is there expects both answers.
    @Test func anAbsenceThatIsExpectedIsForDebugging() async throws {
        let harness = try Harness { _, _ in refusal("ResourceNotFoundException") }
        var options = CallOptions()
        for expects in [true, false] {
            options.expectsNotFound = expects
            _ = try? await harness.client.describeTable("T", options: options)
        }
        #expect(Self.lines(of: harness).map(\.level) == [.debug, .error])
    }

    // MARK: The key's name

    @Test func aKeyHasOneNameUnderOneSecretAndAnotherUnderAnother() async throws {
        func name(of key: Item, secret: UInt8?) async throws -> Logger.MetadataValue? {
            let harness = try Harness(
                configure: { $0.logging.keySecret = secret.map { [UInt8](repeating: $0, count: 32) } }
            ) { _, _ in Self.found }
            _ = try await harness.client.getItem(table: "T", key: key)
            return Self.lines(of: harness)[0].metadata["key"]
        }
        let first = try await name(of: ["id": "alice"], secret: 1)
        #expect(first != nil)
        #expect(try await name(of: ["id": "alice"], secret: 1) == first)
        #expect(try await name(of: ["id": "bob"], secret: 1) != first)
        #expect(try await name(of: ["id": "alice"], secret: 2) != first)
        // Without a secret each client has a random one.
        #expect(try await name(of: ["id": "alice"], secret: nil) != name(of: ["id": "alice"], secret: nil))
    }

    /// The agent names keys by what is in the telemetry file: the same secret must come to the same name.
    @Test(arguments: ["alice", "ü", String(repeating: "é", count: 40), String(repeating: "x", count: 500)])
    func aKeyHasTheNameThatTheAgentGivesIt(key: String) async throws {
        let secret = [UInt8](0..<32)
        let harness = try Harness(configure: { $0.logging.keySecret = secret }) { _, _ in Self.found }
        _ = try await harness.client.getItem(table: "T", key: ["id": .string(key)])
        let event = try #require(try harness.keyEvents().first)
        let name = KeyName.make(secret: secret, hash: event.keyHash, text: event.key)
        #expect(Self.lines(of: harness)[0].metadata["key"] == "\(name.prefix(12))")
    }

    @Test func aCallAboutSeveralKeysNamesNone() async throws {
        let harness = try Harness { _, _ in answer(#"{"Responses":{"T":[]}}"#) }
        _ = try await harness.client.batchGetItem([BatchGet(table: "T", keys: [["id": "1"], ["id": "2"]])])
        #expect(Self.lines(of: harness)[0].metadata["key"] == nil)
    }
}
