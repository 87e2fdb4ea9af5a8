import AgentCore
import LoopbackAWS
import Telemetry
import TestSupport
import Testing

/// Known latencies, recorded in a telemetry file, against what the file's reader and CloudWatch say of them.
@Suite struct PercentileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var shape: KnownLatencies.Shape
        var count: Int
        var seed: UInt64

        var testDescription: String { "\(shape.rawValue), \(count) values, seed \(seed)" }
        var latencies: KnownLatencies { KnownLatencies(shape, count: count, seed: seed) }

        static let all = KnownLatencies.Shape.allCases.flatMap { shape in
            [1, 7, 100, 5_000].map { Case(shape: shape, count: $0, seed: UInt64($0) + 17) }
        }
    }

    private static let percents = [0.1, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 100]

    @Test(arguments: Case.all) func theFileKnowsEveryQuantileWithinItsBuckets(_ one: Case) throws {
        let fixture = try AgentFixture()
        let latencies = one.latencies
        let service = fixture.service()
        service.record(latencies)
        let times = try fixture.callTimes()
        #expect(times.count == UInt64(one.count) && times.sumNanoseconds == latencies.sum)
        for percent in Self.percents {
            let (exact, read) = (
                Double(latencies.percentile(percent)), Double(try #require(times.quantile(percent / 100)))
            )
            #expect(abs(read - exact) <= 0.008 * exact, "p\(percent): \(read) for \(exact)")
        }
    }

    @Test(arguments: KnownLatencies.Shape.allCases) func mergingIsTheSameAsHavingRecordedTogether(
        _ shape: KnownLatencies.Shape
    ) throws {
        let parts = (0..<3).map { KnownLatencies(shape, count: 400, seed: UInt64($0)) }
        let single = try parts.map { part in
            let fixture = try AgentFixture()
            fixture.service().record(part)
            return try fixture.callTimes()
        }
        let fixture = try AgentFixture()
        let service = fixture.service()
        for part in parts { service.record(part) }
        let together = try fixture.callTimes()
        #expect(single[0] + single[1] + single[2] == together)
        #expect(single[2] + (single[1] + single[0]) == together)
        #expect(together - single[1] == single[0] + single[2])
        #expect(together + HistogramSnapshot() == together)
    }

    /// With few values the exact sum may push one to the end of its bucket, which is 1/64 wide.
    @Test(arguments: Case.all, [1.2, 4])
    func cloudWatchKnowsEveryPercentileWithinTheStatedError(_ one: Case, percentError: Double) async throws {
        let fixture = try FaultFixture()
        fixture.configuration.percentileErrorInPercent = percentError
        let stated = max(percentError / 100, one.count < 100 ? 1.0 / 64 : 0)
        try fixture.start()
        let latencies = one.latencies
        fixture.service().record(latencies)
        await fixture.pass()
        let periods = fixture.server.metrics.periods(
            "CallTime", ["Service": "checkout", "Environment": "test", "Pattern": "AP1"])
        let entry = try #require(periods.values.first)
        #expect(periods.count == 1)
        #expect(entry.statistics.sampleCount == Double(one.count))
        let sum = Double(latencies.sum) / 1e6
        #expect(abs(entry.statistics.sum - sum) <= 1e-9 * sum, "\(entry.statistics.sum) for \(sum)")
        func expect(_ read: Double, _ exact: UInt64, within error: Double, _ what: String) {
            let milliseconds = Double(exact) / 1e6
            #expect(abs(read - milliseconds) <= error * milliseconds, "\(what): \(read) for \(milliseconds)")
        }
        expect(entry.statistics.minimum, latencies.sorted[0], within: 1.0 / 64, "minimum")
        expect(entry.statistics.maximum, latencies.sorted[one.count - 1], within: 1.0 / 64, "maximum")
        for percent in [50, 75, 90, 95, 99, 99.9] {
            expect(
                try #require(entry.percentile(percent)), latencies.percentile(percent), within: stated, "p\(percent)")
        }
    }
}

extension FakeService {
    /// Records calls of one pattern that took so long.
    func record(_ latencies: KnownLatencies) {
        let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        for nanoseconds in latencies.values {
            writer.record(attempt: AttemptRecord(durationNanoseconds: nanoseconds, outcome: .success), in: slot)
            writer.record(call: CallRecord(durationNanoseconds: nanoseconds, outcome: .success), in: slot)
        }
    }
}

extension AgentFixture {
    /// The call times of the one series in the one telemetry file.
    fileprivate func callTimes() throws -> HistogramSnapshot {
        let files = TelemetryDirectory.files(in: configuration.telemetryDirectory)
        let series = try TelemetryReader(path: try #require(files.first)).snapshot().series
        return try #require(series.first { $0.key.pattern == "AP1" }).callTime
    }
}
