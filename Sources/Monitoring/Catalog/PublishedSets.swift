internal import CloudWatch

/// Which dimension sets of the catalog are published. Every one of them costs its series in CloudWatch metrics; the agents'
/// own figures are published whatever is chosen.
public struct PublishedSets: Sendable, Hashable {
    /// The sets.
    public let sets: Set<MetricCatalog.DimensionSet>

    /// What is published where nothing else is said: access patterns, operations on tables, tables and indexes.
    public static let standard = PublishedSets([.pattern, .operation, .resource])

    /// Publishes these sets.
    public init(_ sets: Set<MetricCatalog.DimensionSet>) { self.sets = sets }

    /// The sets of these names, or nil when one of them is no set's name.
    public init?(names: some Sequence<String>) {
        var sets: Set<MetricCatalog.DimensionSet> = []
        for name in names {
            guard let set = MetricCatalog.DimensionSet(rawValue: name) else { return nil }
            sets.insert(set)
        }
        self.init(sets)
    }

    /// Whether a set was chosen.
    public func contains(_ set: MetricCatalog.DimensionSet) -> Bool { sets.contains(set) }

    /// The set whose datums account for calls: each call of a window is in exactly one of their series. Where none of those
    /// was chosen it is the service's, of which then one metric is published, `Calls`.
    public var carrier: MetricCatalog.DimensionSet {
        [.pattern, .operation, .table].first(where: sets.contains) ?? .service
    }

    /// The metrics that are published for each series of a set.
    public func metrics(of set: MetricCatalog.DimensionSet) -> [MetricCatalog.Metric] {
        MetricCatalog.all.filter { metric in
            if metric.isAgentFigure { return set == .service }
            if metric == MetricCatalog.calls, set == carrier { return true }
            return contains(set) && (metric.dimensionSet == set || metric.rollUps.contains(set))
        }
    }

    /// Whether a metric of ours is published under a dimension set, given by the names of its dimensions.
    public func publishes(_ name: String, dimensions: [String]) -> Bool {
        let sorted = dimensions.sorted()
        return MetricCatalog.DimensionSet.allCases.contains { set in
            set.names.contains(sorted) && metrics(of: set).contains { $0.name == name }
        }
    }
}

extension AlarmPlan {
    /// The alarms that can never fire because a metric of ours that they read is not published under the dimension set that
    /// they name. Metrics of other namespaces are not ours to judge.
    public static func unpublished(_ alarms: [DesiredAlarm], sets: PublishedSets) -> [AlarmPlanError] {
        alarms.compactMap { alarm in
            guard case .metric(let metric) = alarm.definition else { return nil }
            let missing = metric.metrics.first { stat in
                stat.namespace == MetricCatalog.namespace
                    && !sets.publishes(stat.metricName, dimensions: stat.dimensions.map(\.name))
            }
            return missing.map { stat in
                let names = stat.dimensions.map(\.name).sorted().joined(separator: ", ")
                let chosen = MetricCatalog.DimensionSet.allCases.filter(sets.contains).map(\.rawValue)
                let words = chosen.isEmpty ? "no sets" : chosen.joined(separator: ", ")
                return AlarmPlanError(
                    alarm: alarm.name,
                    reason:
                        "the agent does not publish \(stat.metricName) by \(names), so that it would never have data: \(words) "
                        + "are published; choose the set in the agent's configuration or switch the alarm off in the policy"
                )
            }
        }
    }
}
