public import AWSCore
internal import JSONBytes

/// An alarm as CloudWatch describes it: what was put, and how it stands.
public struct DescribedAlarm: Sendable, Hashable {
    /// What the alarm is.
    public enum Definition: Sendable, Hashable {
        case metric(MetricAlarm)
        case composite(CompositeAlarm)
        /// A metric alarm that this version cannot read (anomaly detection, PromQL), or whose metric the server did not
        /// keep, as local servers do with metric math.
        case unreadable(reason: String)
    }

    /// The alarm's name.
    public var name: String
    /// The alarm's ARN.
    public var arn: String
    /// What was put.
    public var definition: Definition
    /// How it stands.
    public var state: AlarmState
    /// CloudWatch's words for why.
    public var stateReason: String
    /// Since when the state has been evaluated as it is.
    public var stateUpdatedAt: Timestamp?

    /// An alarm as it is described.
    public init(
        name: String, arn: String, definition: Definition, state: AlarmState, stateReason: String = "",
        stateUpdatedAt: Timestamp? = nil
    ) {
        self.name = name
        self.arn = arn
        self.definition = definition
        self.state = state
        self.stateReason = stateReason
        self.stateUpdatedAt = stateUpdatedAt
    }
}

extension DescribedAlarm {
    init?(metricAlarm json: JSONValue) {
        guard let name = json["AlarmName"]?.stringValue else { return nil }
        self.init(name: name, json: json, definition: .unreadable(reason: "it has no metric"))
        definition = Self.metricDefinition(name: name, json: json)
    }

    init?(compositeAlarm json: JSONValue) {
        guard let name = json["AlarmName"]?.stringValue, let rule = json["AlarmRule"]?.stringValue else { return nil }
        var composite = CompositeAlarm(
            name: name, description: json["AlarmDescription"]?.stringValue ?? "", rule: rule,
            actions: AlarmActions(json: json))
        if let suppressor = json["ActionsSuppressor"]?.stringValue, !suppressor.isEmpty {
            composite.suppressor = CompositeAlarm.Suppressor(
                alarm: suppressor, waitPeriod: json["ActionsSuppressorWaitPeriod"]?.intValue ?? 0,
                extensionPeriod: json["ActionsSuppressorExtensionPeriod"]?.intValue ?? 0)
        }
        self.init(name: name, json: json, definition: .composite(composite))
    }

    private init(name: String, json: JSONValue, definition: Definition) {
        self.init(
            name: name, arn: json["AlarmArn"]?.stringValue ?? "", definition: definition,
            state: json["StateValue"]?.stringValue.flatMap(AlarmState.init(rawValue:)) ?? .insufficientData,
            stateReason: json["StateReason"]?.stringValue ?? "", stateUpdatedAt: json.time("StateUpdatedTimestamp"))
    }

    private static func metricDefinition(name: String, json: JSONValue) -> Definition {
        guard let operatorName = json["ComparisonOperator"]?.stringValue,
            let comparison = ComparisonOperator(rawValue: operatorName)
        else { return .unreadable(reason: "its comparison is \(json["ComparisonOperator"]?.stringValue ?? "missing")") }
        guard let threshold = json["Threshold"]?.doubleValue, let periods = json["EvaluationPeriods"]?.intValue else {
            return .unreadable(reason: "it has no static threshold")
        }
        let source: MetricAlarm.Source
        if let queries = json["Metrics"]?.arrayValue, !queries.isEmpty {
            source = .math(queries.compactMap(MetricQuery.init(json:)))
        } else if let stat = MetricStat(alarm: json) {
            source = .metric(stat)
        } else {
            return .unreadable(reason: "the server shows neither its metric nor its expression")
        }
        return .metric(
            MetricAlarm(
                name: name, description: json["AlarmDescription"]?.stringValue ?? "", source: source,
                comparison: comparison, threshold: threshold, evaluationPeriods: periods,
                datapointsToAlarm: json["DatapointsToAlarm"]?.intValue ?? periods,
                missingData: json["TreatMissingData"]?.stringValue.flatMap(MissingDataTreatment.init(rawValue:))
                    ?? .missing,
                ignoresLowSampleCounts: json["EvaluateLowSampleCountPercentile"]?.stringValue == "ignore",
                actions: AlarmActions(json: json)))
    }
}

extension AlarmActions {
    init(json: JSONValue) {
        self.init(
            enabled: json["ActionsEnabled"]?.boolValue ?? true, onAlarm: json.strings("AlarmActions"),
            onOK: json.strings("OKActions"), onInsufficientData: json.strings("InsufficientDataActions"))
    }
}

extension MetricStat {
    /// The metric that an alarm names at its top level.
    init?(alarm json: JSONValue) {
        guard let namespace = json["Namespace"]?.stringValue, let name = json["MetricName"]?.stringValue, !name.isEmpty,
            let period = json["Period"]?.intValue
        else { return nil }
        // A server that gives both names the extended one on purpose and the plain one by default.
        let extended = json["ExtendedStatistic"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        guard let statistic = extended ?? json["Statistic"]?.stringValue else { return nil }
        self.init(
            namespace: namespace, metricName: name, dimensions: json.dimensions,
            statistic: Statistic(wireName: statistic), period: period)
    }

    /// The metric of one line of metric math.
    init?(query json: JSONValue) {
        guard let metric = json["Metric"], let namespace = metric["Namespace"]?.stringValue,
            let name = metric["MetricName"]?.stringValue, let period = json["Period"]?.intValue,
            let statistic = json["Stat"]?.stringValue
        else { return nil }
        self.init(
            namespace: namespace, metricName: name, dimensions: metric.dimensions,
            statistic: Statistic(wireName: statistic), period: period)
    }
}

extension MetricQuery {
    init?(json: JSONValue) {
        guard let id = json["Id"]?.stringValue else { return nil }
        let source: Source
        if let stat = json["MetricStat"].flatMap(MetricStat.init(query:)) {
            source = .metric(stat)
        } else if let expression = json["Expression"]?.stringValue {
            source = .expression(expression)
        } else {
            return nil
        }
        self.init(
            id: id, source: source, label: json["Label"]?.stringValue,
            returnsData: json["ReturnData"]?.boolValue ?? true)
    }
}
