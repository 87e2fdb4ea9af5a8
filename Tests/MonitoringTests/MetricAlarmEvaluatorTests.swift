import CloudWatch
import Monitoring
import Testing

/// The documented tables in small: X breaches, O does not, - is missing; threshold 5, "greater".
@Suite struct MetricAlarmEvaluatorTests {
    private func evaluate(
        _ pattern: String, _ m: Int, of n: Int, _ missing: MissingDataTreatment, from previous: AlarmState = .ok
    ) -> AlarmState {
        let points = pattern.map { $0 == "X" ? 10.0 : $0 == "O" ? 1.0 : nil }
        return MetricAlarmEvaluator(
            comparison: .greater, threshold: 5, evaluationPeriods: n, datapointsToAlarm: m, missingData: missing
        ).evaluate(points, previous: previous)
    }

    @Test func enoughRealPointsDecideWhateverIsMissing() {
        for missing in MissingDataTreatment.allCases {
            #expect(evaluate("O-X-X", 3, of: 3, missing) == .ok)
            #expect(evaluate("XX-X-", 3, of: 3, missing) == .alarm)
            #expect(evaluate("OOXXO", 2, of: 3, missing) == .alarm, "only the newest three count")
            #expect(evaluate("XXOOX", 2, of: 3, missing) == .ok)
        }
    }

    @Test func withTooFewRealPointsTheTreatmentDecides() {
        #expect(evaluate("----X", 3, of: 3, .breaching) == .alarm)
        #expect(evaluate("----X", 3, of: 3, .notBreaching) == .ok)
        #expect(evaluate("----O", 2, of: 3, .breaching) == .alarm)
        #expect(evaluate("--X-X", 2, of: 3, .notBreaching) == .alarm)
    }

    @Test func withoutDataTheStateIsInsufficientOrKept() {
        #expect(evaluate("-----", 3, of: 3, .missing, from: .alarm) == .insufficientData)
        #expect(evaluate("-----", 3, of: 3, .ignore, from: .alarm) == .alarm)
        #expect(evaluate("-----", 3, of: 3, .notBreaching, from: .alarm) == .ok)
        #expect(evaluate("-----", 3, of: 3, .breaching, from: .ok) == .alarm)
    }

    @Test func aRealPointThatDoesNotBreachMakesItOKEvenWhereDataAreIgnored() {
        #expect(evaluate("0--", 3, of: 3, .ignore, from: .alarm) == .alarm, "that one is missing, not real")
        #expect(evaluate("O----", 3, of: 3, .ignore, from: .alarm) == .ok)
    }

    @Test func anAlarmIsNotPrematureButComesWithTime() {
        #expect(evaluate("----X", 3, of: 3, .missing) == .insufficientData)
        #expect(evaluate("--X--", 3, of: 3, .missing) == .alarm, "the oldest point is three periods old")
        #expect(evaluate("--X--", 3, of: 3, .ignore) == .ok)
    }

    @Test func dynamoDBsMetricsKeepTheirStateUnlessTheAlarmSaysOtherwise() {
        let silent: [Double?] = [nil, nil, nil]
        let unset = MetricAlarmEvaluator(
            comparison: .greater, threshold: 5, evaluationPeriods: 1, namespace: "AWS/DynamoDB")
        #expect(unset.missingData == .ignore)
        #expect(unset.evaluate(silent, previous: .alarm) == .alarm)
        let explicit = MetricAlarmEvaluator(
            comparison: .greater, threshold: 5, evaluationPeriods: 1, missingData: .notBreaching,
            namespace: "AWS/DynamoDB")
        #expect(explicit.evaluate(silent, previous: .alarm) == .ok)
    }

    @Test(arguments: [(99.0, 1_000.0), (99.9, 10_000), (95, 200), (50, 20), (10, 100)])
    func percentilesNeedSamples(_ percentile: Double, _ needed: Double) {
        #expect(MetricAlarmEvaluator.samplesNeeded(forPercentile: percentile) == needed)
        let evaluator = MetricAlarmEvaluator(
            comparison: .greater, threshold: 5, evaluationPeriods: 1, percentileNeedingSamples: percentile)
        #expect(evaluator.evaluate([10], latestSampleCount: needed - 1, previous: .ok) == .ok)
        #expect(evaluator.evaluate([10], latestSampleCount: needed, previous: .ok) == .alarm)
    }

    @Test func theDataPointIsTheFirstOperand() {
        func breaches(_ comparison: ComparisonOperator, _ value: Double) -> Bool {
            MetricAlarmEvaluator(comparison: comparison, threshold: 5, evaluationPeriods: 1).isBreaching(value)
        }
        #expect(ComparisonOperator.allCases.filter { breaches($0, 5) } == [.greaterOrEqual, .lessOrEqual])
        #expect(ComparisonOperator.allCases.filter { breaches($0, 6) } == [.greaterOrEqual, .greater])
        #expect(breaches(.less, 0), "zero is data")
    }
}

@Suite struct AlarmScheduleTests {
    @Test func evaluationsComeEveryTenSecondsEveryMinuteOrEveryHour() {
        #expect(AlarmSchedule(period: 10, evaluationPeriods: 5)?.cadence == 10)
        #expect(AlarmSchedule(period: 60, evaluationPeriods: 1_440)?.cadence == 60)
        #expect(AlarmSchedule(period: 3_600, evaluationPeriods: 25)?.cadence == 3_600)
    }

    @Test(arguments: [
        (0, 1), (-60, 1), (15, 1), (90, 1), (60, 0), (60, 1_441), (3_600, 169), (86_400, 8), (60, Int.max),
    ])
    func whatCloudWatchRefusesHasAReason(_ period: Int, _ periods: Int) {
        #expect(AlarmSchedule(period: period, evaluationPeriods: periods) == nil)
        #expect(AlarmSchedule.problem(period: period, evaluationPeriods: periods) != nil)
    }
}
