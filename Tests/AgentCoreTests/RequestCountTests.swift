import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import Telemetry
import TestSupport
import Testing

/// How many requests a period takes, by bodies counted.
@Suite struct RequestCountTests {
    private func window(patterns: Int) -> PublishablePeriod {
        var numbers = SeededGenerator(seed: 11)
        var series: [SeriesIdentity: SeriesTotals] = [:]
        for number in 0..<patterns {
            var totals = SeriesTotals()
            totals.callTime.buckets = (0..<60).map { place in
                HistogramSnapshot.Bucket(index: 700 + 2 * place, count: UInt64.random(in: 1...99, using: &numbers))
            }
            totals.callTime.sumNanoseconds = totals.callTime.buckets.reduce(0) {
                $0 + $1.count * (LatencyBuckets.middle(of: $1.index) + UInt64.random(in: 0...999, using: &numbers))
            }
            totals.counters.calls = totals.callTime.count
            totals.counters.attempts = totals.counters.calls
            series[
                SeriesIdentity(
                    service: "checkout", environment: "production", table: "Orders\(number % 20)", operation: "GetItem",
                    pattern: "AP\(number)")] = totals
        }
        return PublishablePeriod(
            from: 0, to: 60_000_000_000, isGap: false, series: series,
            scopes: [MonitoringScope(service: "checkout", environment: "production")], hasFigures: true)
    }

    private func datums(patterns: Int) -> [MetricDatum] {
        DatumBuilder(period: .sixtySeconds, expected: ExpectedSeries(nil)).datums(of: window(patterns: patterns))
            .map(\.datum)
    }

    private func bodies(_ datums: [MetricDatum]) throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        var encoder = PutMetricDataEncoder(namespace: MetricCatalog.namespace)
        for datum in datums {
            if try !encoder.append(datum) {
                bodies.append(encoder.takeBody())
                #expect(try encoder.append(datum))
            }
        }
        bodies.append(encoder.takeBody())
        return bodies
    }

    @Test func aThousandHistogramsOfSixtyValuesAreAtMostTwoRequests() throws {
        let times = datums(patterns: 1_000).filter { $0.name == "CallTime" }
        #expect(times.count == 1_000)
        #expect(
            times.allSatisfy { if case .distribution(let values, _) = $0.value { values.count >= 60 } else { false } })
        let bodies = try bodies(times)
        #expect(bodies.count <= 2)
        let sent = try bodies.reduce(0) { $0 + (try gzip($1)).count }
        #expect(sent <= 300_000)
    }

    @Test func aThousandMetricsAreOneRequest() throws {
        let datums = datums(patterns: 130)
        #expect(datums.count > 900 && datums.count <= 1_000)
        #expect(try bodies(datums).count == 1)
    }
}

/// Batches as lines of the embedded metric format.
@Suite struct EmbeddedMetricSinkTests {
    private func datum(_ value: Double = 3) -> MetricDatum {
        MetricDatum(
            name: "Calls", dimensions: [Dimension(name: "Service", value: "shop")], timestamp: ManualClock().timestamp,
            unit: .count, value: .single(value))
    }

    /// Takes lines until it is told to fail.
    private final class Output: Sendable {
        private let lines = Lock<[[UInt8]]>([])
        let failsAfter: Int

        init(failsAfter: Int = .max) { self.failsAfter = failsAfter }

        var all: [[UInt8]] { lines.withLock { $0 } }

        func write(_ bytes: [UInt8]) -> Int32 {
            lines.withLock { lines in
                guard lines.count < failsAfter else { return 28 }
                lines.append(bytes)
                return 0
            }
        }
    }

    @Test func whatIsWrittenIsAcknowledgedLineByLine() async {
        let output = Output()
        let sink = EmbeddedMetricSink(write: { output.write($0) })
        #expect(await sink.send([datum()]) == .acknowledged)
        let lines = output.all
        #expect(lines.count == 1)
        #expect(lines.first?.last == UInt8(ascii: "\n"))
        #expect(String(decoding: lines.joined(), as: UTF8.self).contains(#""Calls":3"#))
    }

    @Test func aBadDatumIsRefusedBeforeAnythingIsWritten() async {
        let output = Output()
        let sink = EmbeddedMetricSink(write: { output.write($0) })
        guard case .refused = await sink.send([datum(), datum(.nan)]) else {
            Issue.record("a NaN was taken")
            return
        }
        #expect(output.all.isEmpty)
    }

    @Test func anOutputThatFailsIsTriedLaterOrMayHaveCounted() async {
        var twoTimes = [datum(), datum()]
        twoTimes[1].timestamp = twoTimes[0].timestamp.advanced(by: .seconds(60))
        let none = Output(failsAfter: 0)
        guard case .later(_, let mayHaveCounted) = await EmbeddedMetricSink(write: { none.write($0) }).send(twoTimes)
        else {
            Issue.record("nothing was written, so nothing can have counted")
            return
        }
        #expect(!mayHaveCounted)
        let one = Output(failsAfter: 1)
        guard case .lost = await EmbeddedMetricSink(write: { one.write($0) }).send(twoTimes) else {
            Issue.record("the first line may have counted")
            return
        }
    }
}
