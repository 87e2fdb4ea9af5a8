internal import CloudWatch
public import ContractEngine

/// From the contract's demand and the policy to alarms, and from alarms to what has to change. Pure.
public enum AlarmPlan {
    /// The alarms that a deployment should have: metric alarms first, then composites, each after those that it names.
    ///
    /// - Parameters:
    ///   - capacity: the contract's demand.
    ///   - policy: thresholds and actions.
    ///   - scope: the service and environment whose metrics are watched.
    ///   - contract: the contract's name for tags and descriptions, such as its file name.
    /// - Throws: when an alarm would break one of CloudWatch's limits; the sentence says which and what to do.
    public static func desired(
        capacity: CapacityPlan, policy: AlarmPolicy = .standard, scope: MonitoringScope, contract: String = "contract"
    ) throws(AlarmPlanError) -> [DesiredAlarm] {
        let builder = AlarmBuilder(capacity: capacity, policy: policy, scope: scope, contract: contract)
        let alarms = builder.resourceAlarms() + builder.patternAlarms() + builder.agentAlarms()
        let ordered =
            alarms.filter { !$0.isComposite } + alarms.filter(\.isComposite) + builder.tablePages(over: alarms)
        try check(ordered)
        return ordered
    }

    /// The start of every alarm's name of a deployment.
    public static func namePrefix(of scope: MonitoringScope) -> String { AlarmNames(scope: scope).prefix }

    /// Dollars a month that the alarms cost: $0.10 a metric alarm, $0.30 one of high resolution, $0.50 a composite.
    /// https://aws.amazon.com/cloudwatch/pricing/ (us-east-1, the first tier)
    public static func dollarsPerMonth(_ alarms: [DesiredAlarm]) -> Double {
        alarms.reduce(0) { sum, alarm in
            switch alarm.definition {
            case .composite: sum + 0.5
            case .metric(let metric): sum + (metric.period < 60 ? 0.3 : 0.1)
            }
        }
    }

    private static func check(_ alarms: [DesiredAlarm]) throws(AlarmPlanError) {
        var names: Set<String> = []
        for alarm in alarms {
            func refuse(_ reason: String) -> AlarmPlanError { AlarmPlanError(alarm: alarm.name, reason: reason) }
            guard names.insert(alarm.name).inserted else {
                throw refuse("two alarms would have this name; give the contract's patterns ids that differ")
            }
            guard alarm.name.utf8.count <= AlarmLimits.maximumNameLength else {
                throw refuse("the name is longer than \(AlarmLimits.maximumNameLength); shorten the service's name")
            }
            guard alarm.description.count <= AlarmLimits.maximumDescriptionLength else {
                throw refuse("the description is longer than \(AlarmLimits.maximumDescriptionLength) characters")
            }
            guard alarm.tags.count <= AlarmLimits.maximumTags else { throw refuse("it has more than 50 tags") }
            switch alarm.definition {
            case .metric(let metric): if let problem = problem(of: metric) { throw refuse(problem) }
            case .composite(let composite):
                if composite.actions.onAlarm.count > AlarmLimits.maximumActions {
                    throw refuse("it has more than five actions; name fewer topics in the policy")
                }
                do {
                    _ = try CompositeRule(composite.rule)
                } catch {
                    throw refuse(error.description)
                }
            }
        }
    }

    private static func problem(of alarm: MetricAlarm) -> String? {
        if let problem = AlarmSchedule.problem(period: alarm.period, evaluationPeriods: alarm.evaluationPeriods) {
            return problem + "; change the policy's periods"
        }
        if alarm.actions.onAlarm.count > AlarmLimits.maximumActions {
            return "it has more than five actions; name fewer topics in the policy"
        }
        if !alarm.threshold.isFinite { return "its threshold is not finite; check the contract's rates" }
        for stat in alarm.metrics {
            for dimension in stat.dimensions
            where !ASCIIText.isPrintable(dimension.value, maximum: PutMetricDataLimits.maximumDimensionValueLength) {
                return
                    "the \(dimension.name) \"\(dimension.value)\" is not 1 to 1,024 printable ASCII characters; rename it"
            }
        }
        return nil
    }
}

extension MetricAlarm {
    /// The metrics that the alarm reads.
    var metrics: [MetricStat] {
        switch source {
        case .metric(let stat): [stat]
        case .math(let queries):
            queries.compactMap { query in
                if case .metric(let stat) = query.source { stat } else { nil }
            }
        }
    }
}

/// Why no plan can be made.
public struct AlarmPlanError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The alarm that breaks a limit.
    public var alarm: String
    /// What is wrong and what to do.
    public var reason: String

    /// One sentence.
    public var description: String { "The alarm \(alarm) cannot be made: \(reason)." }
    /// The same, as the other errors of the project name it.
    public var message: String { description }
}
