import AWSCore
import AgentCore
import CloudWatch
import CurlTransport
import Logging
import LoopbackAWS
import Monitoring
import Telemetry
import TestSupport
import Testing
import Tidemark

/// Known latencies, from the telemetry file through the agent to a CloudWatch, and read back from there.
@Suite struct PercentileIntegrationTests {
    /// What is stated for a distribution in up to eight datums.
    private static let statedError = 0.012
    private static let percents = [50, 90, 99, 99.9]

    @Test(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason), arguments: KnownLatencies.Shape.allCases)
    func theLocalCloudWatchReadsBackWhatWasRecorded(shape: KnownLatencies.Shape) async throws {
        let stage = try Stage(endpoint: try #require(dynamoDBEndpoint))
        let latencies = KnownLatencies(shape, count: 5_000, seed: 5)
        try await stage.publish { writer in
            let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
            for nanoseconds in latencies.values {
                writer.record(attempt: AttemptRecord(durationNanoseconds: nanoseconds, outcome: .success), in: slot)
                writer.record(call: CallRecord(durationNanoseconds: nanoseconds, outcome: .success), in: slot)
            }
        }
        let point = try await stage.readBack()
        #expect(point[.sampleCount] == 5_000)
        let sum = Double(latencies.sum) / 1e6
        #expect(abs(try #require(point[.sum]) - sum) <= 1e-6 * sum)
        for (statistic, exact) in [(Statistic.minimum, latencies.sorted[0]), (.maximum, latencies.sorted[4_999])] {
            let milliseconds = Double(exact) / 1e6
            #expect(abs(try #require(point[statistic]) - milliseconds) <= Self.statedError * milliseconds)
        }
        for percent in Self.percents {
            let (range, read) = (latencies.percentileRange(percent), try #require(point[.percentile(percent)]) * 1e6)
            #expect(
                read >= range.lowerBound * (1 - Self.statedError) && read <= range.upperBound * (1 + Self.statedError),
                "p\(percent): \(read) in \(range)")
        }
    }

    /// A server that answers after known delays: what CloudWatch says lies between the delay and what the caller measured.
    @Test func delaysOfAServerComeOutAtCloudWatchThroughTheRuntime() async throws {
        let delays = (0..<200).map { $0 % 20 == 19 ? 60 : $0 % 4 == 3 ? 12 : 3 }
        let next = Lock(0)
        let table = try LoopbackServer { _ in
            let number = next.withLock { next in
                next += 1
                return next - 1
            }
            return LoopbackAnswer(body: Array("{}".utf8), delay: .milliseconds(delays[number]))
        }
        let clock = ManualClock()
        let cloudWatch = try LoopbackCloudWatch { clock.timestamp }
        let stage = try Stage(endpoint: cloudWatch.url, clock: clock)
        let measured = try await stage.publish { writer in
            var configuration = try TidemarkConfiguration(
                endpoint: AWSEndpoint(url: table.url, region: "us-east-1"),
                credentials: StaticCredentials(Credentials(accessKeyID: "AKID", secretAccessKey: "secret")),
                service: stage.service, environment: "test")
            configuration.timeouts = Timeouts(connect: .seconds(60), firstByte: .seconds(60), attempt: .seconds(60))
            configuration.callTimeout = .seconds(60)
            let client = DynamoDBClient(
                configuration: configuration, transport: try CurlTransport(), telemetry: writer)
            var measured: [UInt64] = []
            for _ in delays {
                let start = CallHooks.monotonicNanoseconds()
                _ = try await client.getItem(table: "Orders", key: ["id": "1"], options: .pattern("AP1"))
                measured.append(CallHooks.monotonicNanoseconds() - start)
            }
            return KnownLatencies(values: measured)
        }
        let dimensions = ["Service": stage.service, "Environment": "test", "Pattern": "AP1"]
        let entry = try #require(cloudWatch.metrics.periods("CallTime", dimensions).values.first)
        let asked = KnownLatencies(values: delays.map { UInt64($0) * 1_000_000 })
        #expect(entry.statistics.sampleCount == 200)
        #expect(entry.statistics.sum * 1e6 >= Double(asked.sum) && entry.statistics.sum * 1e6 <= Double(measured.sum))
        for percent in Self.percents {
            let read = try #require(entry.percentile(percent)) * 1e6
            #expect(read >= Double(asked.percentile(percent)) * (1 - Self.statedError), "p\(percent)")
            #expect(read <= Double(measured.percentile(percent)) * (1 + Self.statedError), "p\(percent)")
        }
    }
}

/// One service with its agent, for one period.
private final class Stage {
    let service = "percentiles-\(UInt32.random(in: 0...UInt32.max))"
    private let directory: TemporaryDirectory
    private let clock: ManualClock
    private let client: CloudWatchClient

    /// - Parameter clock: by default one that stands at the start of a minute not long ago.
    init(endpoint: String, clock: ManualClock? = nil) throws {
        directory = try TemporaryDirectory()
        let minute = Timestamp.now().seconds / 60 * 60 - 300
        let clock = clock ?? ManualClock(at: Timestamp(secondsSince1970: minute))
        self.clock = clock
        client = CloudWatchClient(
            caller: AWSCaller(
                transport: try CurlTransport(), signer: SigV4Signer(service: "monitoring", region: "us-east-1"),
                credentials: StaticCredentials(
                    Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "a-secret")),
                endpoint: AWSEndpoint(url: endpoint, region: "us-east-1"),
                hooks: CallHooks(now: { clock.timestamp })))
    }

    /// Lets the body record a period, and an agent collect and publish it.
    func publish<Result>(_ body: (TelemetryWriter) async throws -> Result) async throws -> Result {
        var writing = TelemetryWriter.Configuration(
            directory: directory.path("telemetry"), service: service, environment: "test")
        writing.startedAtNanoseconds = UInt64(clock.timestamp.nanosecondsSince1970)
        let clock = clock
        let agent = try Agent(
            configuration: AgentConfiguration(
                telemetryDirectory: directory.path("telemetry"), dataDirectory: directory.path("data")),
            cloudWatch: client,
            clock: AgentClock(
                now: { clock.timestamp }, sleep: { try await clock.sleep(for: $0) }, random: { 0.5 }))
        let result = try await body(TelemetryWriter.open(writing))
        clock.advance(by: .seconds(60))
        await agent.tick()
        let ledger = try AgentStore.openReadOnly(dataDirectory: directory.path("data")).ledger()
        #expect(ledger.calls.recorded > 0 && ledger.calls.acknowledged == ledger.calls.recorded)
        return result
    }

    /// The call times of the period, as CloudWatch has them.
    func readBack() async throws -> StatisticDatapoint {
        let stat = MetricStat(
            namespace: MetricCatalog.namespace, metricName: MetricCatalog.callTime.name,
            dimensions: MonitoringScope(service: service, environment: "test").dimensions(pattern: "AP1"),
            statistic: .sum, period: 60)
        let start = clock.timestamp.seconds
        let points = try await client.getMetricStatistics(
            stat,
            statistics: [
                .sampleCount, .minimum, .maximum, .percentile(50), .percentile(90), .percentile(99), .percentile(99.9),
            ],
            from: Timestamp(secondsSince1970: start - 3_600), to: Timestamp(secondsSince1970: start + 3_600))
        try #require(points.count == 1, "\(points)")
        return points[0]
    }
}
