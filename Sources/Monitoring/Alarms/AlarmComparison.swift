internal import CloudWatch

/// Compares two definitions field by field, in words.
struct AlarmComparison {
    /// Whether fields that the server may not give back are passed over.
    let isLenient: Bool

    func fields(_ wanted: MetricAlarm, _ found: MetricAlarm) -> [FieldChange] {
        var changes = Changes()
        changes.add("description", found.description, wanted.description)
        changes.add("metric", Words.source(found.source), Words.source(wanted.source))
        changes.add("period", "\(found.period) s", "\(wanted.period) s")
        changes.add("comparison", found.comparison.rawValue, wanted.comparison.rawValue)
        changes.add("threshold", "\(found.threshold)", "\(wanted.threshold)") { _ in
            (Figures.text(found.threshold), Figures.text(wanted.threshold))
        }
        changes.add("datapoints", Words.window(found), Words.window(wanted))
        changes.add("missing data", found.missingData.rawValue, wanted.missingData.rawValue)
        if !isLenient {
            changes.add("low samples", Words.lowSamples(found), Words.lowSamples(wanted))
        }
        add(wanted.actions, found.actions, to: &changes)
        return changes.all
    }

    func fields(_ wanted: CompositeAlarm, _ found: CompositeAlarm) -> [FieldChange] {
        var changes = Changes()
        changes.add("description", found.description, wanted.description)
        changes.add("rule", found.rule, wanted.rule)
        if !isLenient || found.suppressor != nil {
            changes.add("suppressor", Words.suppressor(found.suppressor), Words.suppressor(wanted.suppressor))
        }
        add(wanted.actions, found.actions, to: &changes)
        return changes.all
    }

    private func add(_ wanted: AlarmActions, _ found: AlarmActions, to changes: inout Changes) {
        changes.add("actions enabled", "\(found.enabled)", "\(wanted.enabled)")
        changes.add("alarm actions", Words.list(found.onAlarm), Words.list(wanted.onAlarm))
        changes.add("OK actions", Words.list(found.onOK), Words.list(wanted.onOK))
        changes.add(
            "insufficient-data actions", Words.list(found.onInsufficientData), Words.list(wanted.onInsufficientData))
    }

    private struct Changes {
        var all: [FieldChange] = []

        /// Notes a difference; `shown` gives other words for it, which must not make the two alike.
        mutating func add(
            _ field: String, _ before: String, _ after: String, shown: ((String) -> (String, String))? = nil
        ) {
            guard before != after else { return }
            let words = shown?(field) ?? (before, after)
            let isDistinct = words.0 != words.1
            all.append(
                FieldChange(
                    field: field, before: isDistinct ? words.0 : before, after: isDistinct ? words.1 : after))
        }
    }

    enum Words {
        static func source(_ source: MetricAlarm.Source) -> String {
            switch source {
            case .metric(let stat): return self.stat(stat)
            case .math(let queries):
                return queries.sorted { $0.id < $1.id }.map { query in
                    switch query.source {
                    case .metric(let stat): "\(query.id) = \(self.stat(stat)) in \(stat.period) s"
                    case .expression(let text): "\(query.returnsData ? "→ " : "")\(query.id) = \(text)"
                    }
                }.joined(separator: "; ")
            }
        }

        static func stat(_ stat: MetricStat) -> String {
            let dimensions = stat.dimensions.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            return "\(stat.statistic.wireName) of \(stat.namespace) \(stat.metricName){\(dimensions)}"
        }

        static func window(_ alarm: MetricAlarm) -> String {
            "\(alarm.datapointsToAlarm) of \(alarm.evaluationPeriods)"
        }

        static func lowSamples(_ alarm: MetricAlarm) -> String {
            alarm.ignoresLowSampleCounts ? "ignored" : "evaluated"
        }

        static func list(_ arns: [String]) -> String { arns.isEmpty ? "none" : arns.joined(separator: ", ") }

        static func suppressor(_ suppressor: CompositeAlarm.Suppressor?) -> String {
            suppressor.map { "\($0.alarm), wait \($0.waitPeriod) s, extension \($0.extensionPeriod) s" } ?? "none"
        }
    }
}
