import AWSCore
import CurlTransport
import InMemoryTracing
import Logging
import MetricsTestKit
import Telemetry
import TestSupport
import Testing
import Tidemark
import Tracing

/// Hedged reads through the whole client, over real connections.
struct HedgedReadTests {
    /// A client whose server never answers every fortieth request; nothing times out.
    private struct Stage {
        let server: LoopbackServer
        let transport: CurlTransport
        let directory: TemporaryDirectory
        let client: DynamoDBClient

        init(hedging: Hedging?) throws {
            let count = Lock(0)
            server = try LoopbackServer { _ in
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return number % 40 == 0 ? .failing(.never) : .ok()
            }
            var settings = CurlTransport.Configuration()
            settings.usesProxyFromEnvironment = false
            transport = try CurlTransport(configuration: settings)
            directory = try TemporaryDirectory()
            var configuration = try TidemarkConfiguration(
                endpoint: AWSEndpoint(url: server.url, region: "eu-west-1"),
                credentials: StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "x")),
                service: "hedged", environment: "test")
            configuration.timeouts = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))
            configuration.callTimeout = .seconds(600)
            configuration.hedging = hedging
            let writer = TelemetryWriter.open(
                TelemetryWriter.Configuration(directory: directory.path, service: "hedged", environment: "test"))
            client = DynamoDBClient(configuration: configuration, transport: transport, telemetry: writer)
        }
    }

    /// A client over a transport that answers by a script; no attempt is too slow.
    private struct ScriptedStage {
        let directory: TemporaryDirectory
        let client: DynamoDBClient

        init(
            _ transport: ScriptedTransport, minimumSamples: Int = 20,
            configure: (inout TidemarkConfiguration) -> Void = { _ in }
        ) throws {
            directory = try TemporaryDirectory()
            var configuration = try TidemarkConfiguration(
                endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "eu-west-1"),
                credentials: StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "x")),
                service: "hedged", environment: "test")
            configuration.hedging = Hedging(maximumShare: 1, minimumSamples: minimumSamples)
            configuration.timeouts = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))
            configuration.callTimeout = .seconds(600)
            configuration.recordsCalls = false
            configure(&configuration)
            client = DynamoDBClient(
                configuration: configuration, transport: transport,
                telemetry: TelemetryWriter.open(
                    TelemetryWriter.Configuration(directory: directory.path, service: "hedged", environment: "test")))
        }
    }

    @Test func readsThatNobodyAnswersAreAnsweredByTheSecondAttempt() async throws {
        let stage = try Stage(hedging: Hedging(maximumShare: 1, minimumSamples: 20))
        defer { stage.transport.shutdown() }
        var mostAttempts = 0
        for _ in 0..<390 {
            let found = try await stage.client.getItem(table: "T", key: ["id": "1"])
            mostAttempts = max(mostAttempts, found.attempts)
        }
        #expect(mostAttempts == 2)
        try await stage.server.waitForAbandoned(9)
        guard case .recording(let path) = stage.client.telemetry.status else {
            Issue.record("nothing is recorded")
            return
        }
        let counters = try TelemetryReader(path: path).snapshot().series.reduce(SeriesCounters()) { $0 + $1.counters }
        #expect(counters.calls == 390 && counters.calls(.success) == 390)
        // Each attempt is counted, the cancelled ones as what they are.
        #expect(counters.attempts == UInt64(stage.server.requests.count))
        let (cancelled, succeeded) = (
            counters.attemptOutcomes[Int(CallOutcome.cancelled.rawValue)], counters.attemptOutcomes[0]
        )
        // A loser may have been answered before it was cancelled.
        #expect(cancelled >= 9 && cancelled + succeeded == counters.attempts)
        #expect(counters.retries == counters.attempts - 390)
        #expect(counters.hedges == counters.attempts - 390)
    }

    /// A hot partition is slow and throttles: the throttle of the second attempt is no answer while the first may still be served.
    @Test func aThrottledSecondAttemptLosesToASlowFirstOne() async throws {
        let tracer = InMemoryTracer()
        // Requests since it got hot; nil before.
        let count = Lock<Int?>(nil)
        let transport = ScriptedTransport { _, _ in
            let number = count.withLock { count in
                if let known = count { count = known + 1 }
                return count
            }
            guard let number else { return answer("{}") }
            guard number == 1 else { return refusal("ProvisionedThroughputExceededException") }
            // Slower than the second attempt's refusal, whatever that takes on a busy machine.
            while !Task.isCancelled, count.withLock({ $0 != 2 }) { try? await Task.sleep(for: .milliseconds(1)) }
            try? await Task.sleep(for: .milliseconds(50))
            return answer(#"{"Item":{"id":{"S":"1"}}}"#)
        }
        let metrics = TestMetrics()
        let log = RecordingLog()
        let stage = try ScriptedStage(transport, minimumSamples: 5) {
            $0.tracer = tracer
            $0.metrics = metrics
            $0.logger = Logger(label: "test") { _ in log }
        }
        let client = stage.client
        for _ in 0..<20 { _ = try await client.getItem(table: "T", key: ["id": "1"]) }
        tracer.clearFinishedSpans()
        count.withLock { $0 = 0 }
        let found = try await client.getItem(table: "T", key: ["id": "1"])
        #expect(found.item != nil && found.attempts == 2 && count.withLock { $0 } == 2)
        let roles = tracer.finishedSpans.compactMap { $0.attributes["tidemark.hedge"]?.toSpanAttribute() }
        #expect(roles == [.string("second"), .string("first")])
        // Everybody who listens is told that it was hedged.
        #expect(found.report.hedges == 1)
        #expect(log.lines.withLock { $0.last?.metadata["hedges"] } == "1")
        #expect(tracer.finishedSpans.last?.attributes["tidemark.hedges"]?.toSpanAttribute() == .int64(1))
        let place = [("operation", "GetItem"), ("table", "T")]
        #expect(try metrics.expectCounter("tidemark.call.hedges", place).totalValue >= 1)
    }

    @Test func aReadThatFailsTwiceSaysThatItWasHedged() async throws {
        let begun = Lock(0)
        let transport = ScriptedTransport { _, number in
            guard number > 20 else { return answer("{}") }
            begun.withLock { $0 += 1 }
            while !Task.isCancelled, begun.withLock({ $0 < 2 }) { try? await Task.sleep(for: .milliseconds(1)) }
            return refusal("InternalServerError", status: 500)
        }
        let log = RecordingLog()
        let stage = try ScriptedStage(transport) {
            $0.retry = .never
            $0.logger = Logger(label: "test") { _ in log }
        }
        for _ in 0..<20 { _ = try await stage.client.getItem(table: "T", key: ["id": "1"]) }
        let reported = Lock<CallReport?>(nil)
        var options = CallOptions()
        options.onReport = { report in reported.withLock { $0 = report } }
        let error = await failure { () throws(TidemarkError) in
            _ = try await stage.client.getItem(table: "T", key: ["id": "1"], options: options)
        }
        #expect(error.code == .server && error.attempts == 2)
        #expect(reported.withLock { $0?.hedges } == 1)
        #expect(log.lines.withLock { $0.last?.metadata["hedges"] } == "1")
    }

    /// Nothing went wrong with the one that is cancelled because the other was first.
    @Test func theSlowerAttemptsSpanIsNoError() async throws {
        let tracer = InMemoryTracer()
        let transport = ScriptedTransport { _, number throws(TransportError) in
            // The first beyond those that were timed.
            guard number == 21 else { return answer("{}") }
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
            throw TransportError(code: .cancelled, message: "cancelled", sent: .all)
        }
        // Not before the twenty: none of them gets a second attempt.
        let stage = try ScriptedStage(transport) { $0.tracer = tracer }
        let client = stage.client
        for _ in 0..<20 { _ = try await client.getItem(table: "T", key: ["id": "1"]) }
        tracer.clearFinishedSpans()
        let found = try await client.getItem(table: "T", key: ["id": "1"])
        #expect(found.attempts == 2 && found.report.hedges == 1)
        let loser = try #require(
            tracer.finishedSpans.first { $0.attributes["tidemark.hedge"]?.toSpanAttribute() == .string("first") })
        #expect(loser.attributes["error.type"]?.toSpanAttribute() == .string("cancelled"))
        #expect(loser.status == nil)
    }

    /// Though it takes longer than any before.
    @Test func aSlowWriteGetsNoSecondAttempt() async throws {
        let transport = ScriptedTransport { _, number in
            if number == 21 { for _ in 0..<100 { try? await Task.sleep(for: .milliseconds(1)) } }
            return answer("{}")
        }
        let stage = try ScriptedStage(transport)
        for _ in 0..<21 { try await stage.client.putItem(table: "T", item: ["id": "1"]) }
        #expect(transport.requests.count == 21)
    }

    @Test func onlyReadsAreHedgedAndOnlyWhereItIsAskedFor() async throws {
        let stage = try Stage(hedging: Hedging(maximumShare: 1, minimumSamples: 1, minimumDelay: .nanoseconds(1)))
        defer { stage.transport.shutdown() }
        for _ in 0..<15 { try await stage.client.putItem(table: "T", item: ["id": "1"]) }
        for _ in 0..<15 {
            _ = try await stage.client.getItem(table: "T", key: ["id": "1"], options: CallOptions(isHedged: false))
        }
        #expect(stage.server.requests.count == 30)
    }
}
