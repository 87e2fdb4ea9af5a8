import AWSCore
import CloudWatch
import Monitoring
import Testing

@Suite struct SeriesReplayTests {
    private func alarm(
        _ statistic: Statistic = .sum, _ comparison: ComparisonOperator = .greaterOrEqual, threshold: Double = 3,
        _ m: Int = 2,
        of n: Int = 3, missing: MissingDataTreatment = .notBreaching, period: Int = 60
    ) -> MetricAlarm {
        MetricAlarm(
            name: "a", description: "",
            source: .metric(
                MetricStat(
                    namespace: "Tidemark", metricName: "FailedCalls", dimensions: scope.dimensions(pattern: "AP1"),
                    statistic: statistic, period: period)),
            comparison: comparison, threshold: threshold, evaluationPeriods: n, datapointsToAlarm: m,
            missingData: missing)
    }

    private func datums(_ values: [Double?], every period: Int64 = 60) -> [MetricDatum] {
        values.enumerated().compactMap { place, value in
            value.map {
                MetricDatum(
                    name: "FailedCalls", dimensions: scope.dimensions(pattern: "AP1").reversed(),
                    timestamp: noon.advanced(by: .seconds(Int64(place) * period)), unit: .count, value: .single($0))
            }
        }
    }

    private func run(_ alarm: MetricAlarm, _ values: [Double?], minutes: Int64) throws -> [String] {
        var replay = SeriesReplay()
        replay.add(datums(values, every: Int64(alarm.period)), namespace: "Tidemark")
        let end = noon.advanced(by: .seconds(minutes * Int64(alarm.period)))
        return try replay.transitions(of: alarm, from: noon, to: end).map {
            "\(($0.at.seconds - noon.seconds) / Int64(alarm.period)) \($0.to.rawValue)"
        }
    }

    @Test func anIncidentGoesToAlarmAndBack() throws {
        let values: [Double?] = [0, 0, 5, 9, 7, 0, 0, 0]
        #expect(try run(alarm(), values, minutes: 8) == ["0 OK", "4 ALARM", "7 OK"])
    }

    @Test func silenceIsOKWhereDataAreNotBreachingAndAlarmWhereTheyAre() throws {
        #expect(
            try run(alarm(), [5, 5], minutes: 9) == ["0 OK", "2 ALARM", "6 OK"], "two breaches leave the longer range")
        let heartbeat = alarm(.sum, .less, threshold: 1, 3, of: 5, missing: .breaching)
        #expect(try run(heartbeat, [1, 1, 1, 1, 1, 1, 1], minutes: 14).last == "12 ALARM")
    }

    @Test func tenSecondAlarmsAreEvaluatedEveryTenSeconds() throws {
        let values: [Double?] = [0, 0, 4, 4, 0, 0]
        #expect(try run(alarm(period: 10), values, minutes: 7) == ["0 OK", "4 ALARM", "6 OK"])
    }

    @Test func datumsOfOnePeriodAreAddedUp() throws {
        var replay = SeriesReplay()
        replay.add(datums([1, 1, 1, 1, 1, 1], every: 10), namespace: "Tidemark")
        let alarm = alarm(threshold: 6, 1, of: 1)
        let changes = try replay.transitions(of: alarm, from: noon, to: noon.advanced(by: .seconds(60)))
        #expect(changes.map(\.to) == [.ok, .alarm])
        #expect(changes.last?.datapoints.last == 6)
    }

    @Test func anotherDimensionSetIsAnotherMetric() throws {
        var replay = SeriesReplay()
        replay.add(datums([9, 9, 9]), namespace: "Tidemark")
        var other = alarm()
        other.source = .metric(
            MetricStat(
                namespace: "Tidemark", metricName: "FailedCalls", dimensions: scope.serviceDimensions, statistic: .sum,
                period: 60))
        let changes = try replay.transitions(of: other, from: noon, to: noon.advanced(by: .seconds(300)))
        #expect(changes.map(\.to) == [.ok])
    }

    @Test func averagesAndPercentilesComeFromDistributions() {
        let half = SeriesStatistics(values: [(0, 90), (100, 10)])
        #expect(half.value(of: .average) == 10)
        #expect(half.value(of: .sampleCount) == 100)
        #expect(half.value(of: .percentile(90)) == 0)
        #expect(half.value(of: .percentile(91)) == 100)
        #expect(half.value(of: .maximum) == 100)
        #expect(SeriesStatistics(values: []).value(of: .sum) == nil)
    }

    @Test func whatWasReadBackCanBeReplayed() throws {
        var replay = SeriesReplay()
        let points = (0..<4).map { place in
            SeriesPoint(
                StatisticDatapoint(
                    timestamp: noon.advanced(by: .seconds(60 * place)), values: ["Sum": 5, "SampleCount": 2]))
        }
        replay.add(
            points,
            to: SeriesReplay.MetricKey(
                namespace: "Tidemark", name: "FailedCalls", dimensions: scope.dimensions(pattern: "AP1")))
        let changes = try replay.transitions(of: alarm(), from: noon, to: noon.advanced(by: .seconds(180)))
        #expect(changes.last?.to == .alarm)
    }

    @Test func fillReturnsToOKWhereAMetricFallsSilent() throws {
        let stat = MetricStat(
            namespace: "AWS/DynamoDB", metricName: "ReadThrottleEvents",
            dimensions: [Dimension(name: "TableName", value: "Orders")], statistic: .sum, period: 60)
        var filled = alarm(threshold: 5, 3, of: 5)
        filled.source = .math([
            MetricQuery(id: "f", source: .expression("FILL(m, 0)"), returnsData: true),
            MetricQuery(id: "m", source: .metric(stat), returnsData: false),
        ])
        var replay = SeriesReplay()
        let key = SeriesReplay.MetricKey(
            namespace: "AWS/DynamoDB", name: "ReadThrottleEvents", dimensions: stat.dimensions)
        replay.add((1..<5).map { SeriesPoint(timestamp: noon.advanced(by: .seconds(60 * $0)), value: 50) }, to: key)
        let changes = try replay.transitions(of: filled, from: noon, to: noon.advanced(by: .seconds(900)))
        #expect(changes.map(\.to) == [.ok, .alarm, .ok])
        #expect(changes[2].at == noon.advanced(by: .seconds(480)), "five minutes hold two of the four breaches")
    }

    @Test func compositesFollowTheirChildren() throws {
        let composite = CompositeAlarm(name: "page", description: "", rule: "ALARM(a) AND ALARM(b)")
        func change(_ seconds: Int, _ from: AlarmState, _ to: AlarmState) -> AlarmTransition {
            AlarmTransition(at: noon.advanced(by: .seconds(seconds)), from: from, to: to)
        }
        let changes = try SeriesReplay.transitions(
            of: composite,
            children: [
                "a": [change(0, .insufficientData, .ok), change(60, .ok, .alarm), change(240, .alarm, .ok)],
                "b": [change(0, .insufficientData, .ok), change(120, .ok, .alarm), change(240, .alarm, .ok)],
            ], from: noon)
        #expect(changes.map(\.to) == [.ok, .alarm, .ok])
        #expect(changes.map { $0.at.seconds - noon.seconds } == [0, 120, 240])
    }

    /// Throttles of one pattern: its alarm's halves, their composite and the table's page change together.
    @Test func aThrottledPatternPagesForItsTable() throws {
        let alarms = try AlarmPlan.desired(capacity: makeCapacity(), scope: scope)
        var replay = SeriesReplay()
        for minute in 0..<20 {
            let throttled = (5..<10).contains(minute)
            let datum = MetricDatum(
                name: "ThrottledAttemptPercent", dimensions: scope.dimensions(pattern: "AP1"),
                timestamp: noon.advanced(by: .seconds(60 * minute)), unit: .percent,
                value: throttled
                    ? .distribution(values: [0, 100], counts: [95, 5]) : .distribution(values: [0], counts: [100]))
            replay.add([datum], namespace: "Tidemark")
        }
        let all = try replay.transitions(of: alarms, from: noon, to: noon.advanced(by: .seconds(1_200)))
        let prefix = AlarmPlan.namePrefix(of: scope)
        func states(_ name: String) -> [AlarmState]? { all[prefix + name]?.map(\.to) }
        #expect(states("pattern/AP1/throttled-percent") == [.ok, .alarm, .ok])
        #expect(states("pattern/AP1/throttled") == [.ok, .alarm, .ok])
        #expect(states("Orders/page") == [.ok, .alarm, .ok])
        #expect(states("Carts/page") == [.ok])
        #expect(states("Orders/read-throttles") == [.ok])
        #expect(states("agent/heartbeat") == [.alarm], "no heartbeat was published")
    }
}
