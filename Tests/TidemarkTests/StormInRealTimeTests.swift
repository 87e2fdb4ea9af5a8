import AWSCore
import CurlTransport
import Telemetry
import TestSupport
import Testing
import Tidemark

/// The storm once more over real connections and with real pauses: what is asserted are counts, which no busy machine changes.
/// `StormTests` has its course in time, in virtual time.
struct StormInRealTimeTests {
    private struct Tally {
        var firstTimeSuccesses = 0
        var laterSuccesses = 0
        var attempts = 0
        var codes: [TidemarkError.Code: Int] = [:]
    }

    private static let (callers, callsEach) = (200, 10)

    /// Of ten requests five are throttled and one fails.
    private static func server(_ served: Lock<Int>) throws -> LoopbackServer {
        try LoopbackServer(keepsRequests: false) { _ in
            let number = served.withLock { count in
                count += 1
                return count
            }
            switch number % 10 {
            case 0, 2, 4, 6, 8:
                return LoopbackAnswer(status: 400, body: Array(#"{"__type":"x#ThrottlingException"}"#.utf8))
            case 5: return LoopbackAnswer(status: 500, body: Array(#"{"__type":"x#InternalServerError"}"#.utf8))
            default: return .ok()
            }
        }
    }

    private static func call(_ client: DynamoDBClient, _ tally: Lock<Tally>) async {
        do throws(TidemarkError) {
            let attempts = try await client.getItem(table: "T", key: ["id": "1"]).attempts
            tally.withLock { tally in
                tally.attempts += attempts
                if attempts == 1 { tally.firstTimeSuccesses += 1 } else { tally.laterSuccesses += 1 }
            }
        } catch {
            tally.withLock { tally in
                tally.attempts += error.attempts
                tally.codes[error.code, default: 0] += 1
            }
        }
    }

    @Test func attemptsStayWithinTheQuotasBoundAndEachIsCounted() async throws {
        let served = Lock(0)
        let server = try Self.server(served)
        var settings = CurlTransport.Configuration()
        settings.usesProxyFromEnvironment = false
        let transport = try CurlTransport(configuration: settings)
        let directory = try TemporaryDirectory()
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: server.url, region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "x")),
            service: "storm", environment: "test")
        configuration.timeouts = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))
        configuration.callTimeout = .seconds(600)
        configuration.retry.throttlingBase = .milliseconds(50)
        let client = DynamoDBClient(
            configuration: configuration, transport: transport,
            telemetry: TelemetryWriter.open(
                TelemetryWriter.Configuration(directory: directory.path, service: "storm", environment: "test")))
        let tally = Lock(Tally())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.callers {
                group.addTask { for _ in 0..<Self.callsEach { await Self.call(client, tally) } }
            }
        }
        let found = tally.withLock { $0 }
        let calls = Self.callers * Self.callsEach
        let successes = found.firstTimeSuccesses + found.laterSuccesses
        #expect(successes + found.codes.values.reduce(0, +) == calls)
        #expect(found.codes.keys.allSatisfy { $0 == .throttled || $0 == .server }, "\(found.codes)")
        #expect(found.attempts == served.withLock { $0 })
        // What retries took was there at first or was given back: by a first success one token, by a later one what its last
        // retry took; a retry takes five at least.
        let bound =
            calls + found.laterSuccesses + (RetryQuota.capacity + found.firstTimeSuccesses)
            / RetryCosts.rules2026.throttling
        #expect(found.attempts > calls && found.attempts <= bound, "\(found)")
        guard case .recording(let path) = client.telemetry.status else {
            Issue.record("nothing is recorded")
            return
        }
        let counters = try TelemetryReader(path: path).snapshot().series.reduce(SeriesCounters()) { $0 + $1.counters }
        #expect(counters.calls == UInt64(calls) && counters.attempts == UInt64(found.attempts))
        #expect(counters.calls(.success) == UInt64(successes))
        transport.shutdown()
        try await waitUntil("every connection closed") { server.openConnectionCount == 0 }
    }
}
