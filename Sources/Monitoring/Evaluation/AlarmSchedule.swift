/// When CloudWatch evaluates an alarm, and which periods it takes.
///
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
public struct AlarmSchedule: Sendable, Hashable {
    /// Seconds in a day: the longest evaluation of an alarm whose period is shorter than an hour.
    public static let longestEvaluation = 86_400
    /// Seconds in seven days: the longest evaluation of an alarm whose period is an hour or more.
    public static let longestEvaluationOfHours = 604_800
    /// The periods below a minute that exist, in seconds.
    public static let shortPeriods = [10, 20, 30]

    /// The period in seconds.
    public let period: Int
    /// N.
    public let evaluationPeriods: Int
    /// Seconds from one evaluation to the next: 10 for a high-resolution alarm, 3,600 when more than a day is looked at,
    /// else 60.
    public let cadence: Int
    /// Whether the alarm looks at more than a day.
    public let isMultiDay: Bool

    /// Nil where CloudWatch would refuse the alarm: ``problem(period:evaluationPeriods:)`` says why.
    public init?(period: Int, evaluationPeriods: Int) {
        guard Self.problem(period: period, evaluationPeriods: evaluationPeriods) == nil else { return nil }
        self.period = period
        self.evaluationPeriods = evaluationPeriods
        isMultiDay = period * evaluationPeriods > Self.longestEvaluation
        cadence = period < 60 ? 10 : isMultiDay ? 3_600 : 60
    }

    /// Why CloudWatch would refuse the pair, or nil.
    public static func problem(period: Int, evaluationPeriods: Int) -> String? {
        guard shortPeriods.contains(period) || (period > 0 && period.isMultiple(of: 60)) else {
            return "a period of \(period) s does not exist: it is 10, 20, 30 or a multiple of 60"
        }
        guard evaluationPeriods > 0 else { return "at least one period must be evaluated" }
        let (total, overflow) = period.multipliedReportingOverflow(by: evaluationPeriods)
        let longest = period >= 3_600 ? longestEvaluationOfHours : longestEvaluation
        guard !overflow, total <= longest else {
            return
                "\(evaluationPeriods) periods of \(period) s are longer than \(longest / 86_400) day\(longest > 86_400 ? "s" : "")"
        }
        return nil
    }
}
