/// The state of an alarm.
public enum AlarmState: String, Hashable, Sendable, CaseIterable {
    /// The condition does not hold.
    case ok = "OK"
    /// The condition holds.
    case alarm = "ALARM"
    /// Newly made, or without data to judge by.
    case insufficientData = "INSUFFICIENT_DATA"
}

/// How a data point is compared with the threshold; the data point is the first operand.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
public enum ComparisonOperator: String, Hashable, Sendable, CaseIterable {
    case greaterOrEqual = "GreaterThanOrEqualToThreshold"
    case greater = "GreaterThanThreshold"
    case less = "LessThanThreshold"
    case lessOrEqual = "LessThanOrEqualToThreshold"
}

/// What a missing data point counts as.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
public enum MissingDataTreatment: String, Hashable, Sendable, CaseIterable {
    case missing
    case ignore
    case breaching
    case notBreaching
}

/// What is made of a period's measurements.
public enum Statistic: Hashable, Sendable {
    case sampleCount
    case average
    case sum
    case minimum
    case maximum
    /// A percentile in percent, such as 99 or 99.9.
    case percentile(Double)
    /// Another extended statistic as CloudWatch spells it, such as `tm99`.
    case other(String)

    /// As CloudWatch spells it: `Sum`, `p99.9`.
    public var wireName: String {
        switch self {
        case .sampleCount: "SampleCount"
        case .average: "Average"
        case .sum: "Sum"
        case .minimum: "Minimum"
        case .maximum: "Maximum"
        case .percentile(let percent):
            percent == percent.rounded() && percent.magnitude <= 100 ? "p\(Int(percent))" : "p\(percent)"
        case .other(let name): name
        }
    }

    /// Reads CloudWatch's spelling.
    public init(wireName: String) {
        switch wireName {
        case "SampleCount": self = .sampleCount
        case "Average": self = .average
        case "Sum": self = .sum
        case "Minimum": self = .minimum
        case "Maximum": self = .maximum
        default:
            if wireName.hasPrefix("p"), let percent = Double(wireName.dropFirst()), (0...100).contains(percent) {
                self = .percentile(percent)
            } else {
                self = .other(wireName)
            }
        }
    }

    /// Whether it goes into `ExtendedStatistic` rather than `Statistic`.
    public var isExtended: Bool {
        switch self {
        case .percentile, .other: true
        default: false
        }
    }
}

/// One metric, its statistic and period.
public struct MetricStat: Hashable, Sendable {
    /// The namespace, such as `AWS/DynamoDB`.
    public var namespace: String
    /// The metric's name.
    public var metricName: String
    /// The exact dimension set.
    public var dimensions: [Dimension]
    /// What is made of each period's measurements.
    public var statistic: Statistic
    /// The period in seconds: 10, 20, 30 or a multiple of 60.
    public var period: Int

    /// Names a metric with its statistic and period; the dimensions are put in order.
    public init(namespace: String, metricName: String, dimensions: [Dimension], statistic: Statistic, period: Int) {
        self.namespace = namespace
        self.metricName = metricName
        self.dimensions = dimensions.sorted()
        self.statistic = statistic
        self.period = period
    }
}

/// One line of a metric-math alarm: a metric or an expression over the others' ids.
public struct MetricQuery: Hashable, Sendable {
    /// Where the line's data come from.
    public enum Source: Hashable, Sendable {
        case metric(MetricStat)
        case expression(String)
    }

    /// The id by which expressions name it: starts with a lower-case letter.
    public var id: String
    /// Where its data come from.
    public var source: Source
    /// The name in graphs.
    public var label: String?
    /// Whether this is the line that the alarm judges; exactly one is.
    public var returnsData: Bool

    /// Makes a line of a metric-math alarm.
    public init(id: String, source: Source, label: String? = nil, returnsData: Bool) {
        self.id = id
        self.source = source
        self.label = label
        self.returnsData = returnsData
    }
}

/// A metric alarm as it is put: everything that a user decides about it.
public struct MetricAlarm: Hashable, Sendable {
    /// What the alarm watches.
    public enum Source: Hashable, Sendable {
        case metric(MetricStat)
        case math([MetricQuery])
    }

    /// The name, unique in the account and region.
    public var name: String
    /// The text that whoever is notified reads.
    public var description: String
    /// What the alarm watches.
    public var source: Source
    /// Compared with the threshold, first operand.
    public var comparison: ComparisonOperator
    /// The threshold, in the metric's unit.
    public var threshold: Double
    /// N: the periods that are judged.
    public var evaluationPeriods: Int
    /// M: how many of them must breach.
    public var datapointsToAlarm: Int
    /// What a missing data point counts as.
    public var missingData: MissingDataTreatment
    /// Percentiles only: whether the state is kept while there are too few samples for the percentile to mean anything.
    public var ignoresLowSampleCounts: Bool
    /// What happens on a change of state.
    public var actions: AlarmActions

    /// Describes a metric alarm.
    public init(
        name: String, description: String, source: Source, comparison: ComparisonOperator, threshold: Double,
        evaluationPeriods: Int, datapointsToAlarm: Int, missingData: MissingDataTreatment,
        ignoresLowSampleCounts: Bool = false, actions: AlarmActions = AlarmActions()
    ) {
        self.name = name
        self.description = description
        self.source = source
        self.comparison = comparison
        self.threshold = threshold
        self.evaluationPeriods = evaluationPeriods
        self.datapointsToAlarm = datapointsToAlarm
        self.missingData = missingData
        self.ignoresLowSampleCounts = ignoresLowSampleCounts
        self.actions = actions
    }

    /// The period in seconds: of the metric, or the longest of a metric-math alarm's metrics.
    public var period: Int {
        switch source {
        case .metric(let stat): return stat.period
        case .math(let queries):
            let periods = queries.compactMap { query in
                if case .metric(let stat) = query.source { stat.period } else { nil }
            }
            return periods.max() ?? 60
        }
    }
}

/// What happens when an alarm changes its state: ARNs, at most five for each state.
public struct AlarmActions: Hashable, Sendable {
    /// Whether actions run at all.
    public var enabled: Bool
    /// On entering ALARM.
    public var onAlarm: [String]
    /// On returning to OK.
    public var onOK: [String]
    /// On entering INSUFFICIENT_DATA.
    public var onInsufficientData: [String]

    /// No actions unless given.
    public init(enabled: Bool = true, onAlarm: [String] = [], onOK: [String] = [], onInsufficientData: [String] = []) {
        self.enabled = enabled
        self.onAlarm = onAlarm
        self.onOK = onOK
        self.onInsufficientData = onInsufficientData
    }
}

/// A composite alarm as it is put.
public struct CompositeAlarm: Hashable, Sendable {
    /// An alarm that, while in ALARM, holds this one's actions back.
    public struct Suppressor: Hashable, Sendable {
        /// Name or ARN of the suppressing alarm.
        public var alarm: String
        /// Seconds that an action waits for the suppressor to go into ALARM.
        public var waitPeriod: Int
        /// Seconds that actions stay suppressed after the suppressor has left ALARM.
        public var extensionPeriod: Int

        /// Names a suppressor and its periods.
        public init(alarm: String, waitPeriod: Int, extensionPeriod: Int) {
            self.alarm = alarm
            self.waitPeriod = waitPeriod
            self.extensionPeriod = extensionPeriod
        }
    }

    /// The name, unique in the account and region, metric alarms included.
    public var name: String
    /// The text that whoever is notified reads.
    public var description: String
    /// The rule over other alarms' states, such as `ALARM("a") OR ALARM("b")`.
    public var rule: String
    /// What happens on a change of state.
    public var actions: AlarmActions
    /// What holds the actions back, if anything does.
    public var suppressor: Suppressor?

    /// Describes a composite alarm.
    public init(
        name: String, description: String, rule: String, actions: AlarmActions = AlarmActions(),
        suppressor: Suppressor? = nil
    ) {
        self.name = name
        self.description = description
        self.rule = rule
        self.actions = actions
        self.suppressor = suppressor
    }
}

/// What an alarm may be at most.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
public enum AlarmLimits {
    /// Characters of a name. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    public static let maximumNameLength = 255
    /// Characters of a description.
    public static let maximumDescriptionLength = 1_024
    /// Actions for one state.
    public static let maximumActions = 5
    /// Tags on one alarm. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html
    public static let maximumTags = 50
    /// Characters of a tag's key.
    public static let maximumTagKeyLength = 128
    /// Characters of a tag's value.
    public static let maximumTagValueLength = 256
    /// Metrics in one metric-math alarm.
    public static let maximumMathMetrics = 10
    /// Alarms that one composite's rule may name.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
    public static let maximumChildren = 100
    /// Elements (states, TRUE, FALSE, operators) of one composite's rule.
    public static let maximumRuleElements = 500
    /// Characters of one composite's rule.
    public static let maximumRuleLength = 10_240
    /// Names in one DescribeAlarms call.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    public static let maximumDescribedNames = 100
    /// Names in one DeleteAlarms call, at most one of them a composite.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
    public static let maximumDeletedNames = 100
}
