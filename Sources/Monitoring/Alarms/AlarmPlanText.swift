internal import CloudWatch

/// What a piece of a plan's text is, for colour.
public enum PlanStyle: Sendable, Hashable {
    case heading, create, update, orphan, refused, faint
}

extension AlarmChanges {
    /// The plan as a person reads it: `+` to be made, `~` to be changed with each field, `-` orphans, `!` refused.
    ///
    /// - Parameters:
    ///   - deletingOrphans: whether orphans are to be deleted or only listed.
    ///   - showingUnchanged: whether alarms that stay are listed too. Default false: they are counted.
    ///   - style: gives a piece its colour; by default none.
    public func text(
        deletingOrphans: Bool = false, showingUnchanged: Bool = false,
        style: (String, PlanStyle) -> String = { text, _ in text }
    ) -> String {
        let prefix = AlarmPlan.namePrefix(of: scope)
        let shown = all.filter { showingUnchanged || $0.kind != .unchanged }
        let width = shown.map { Self.label($0.name, prefix).count }.max() ?? 0
        var lines = [style("Alarms of \(scope.service) in \(scope.environment)", .heading)]
        var headings: [String] = []
        let groups = Dictionary(grouping: shown, by: Self.group(of:))
        for change in shown where !headings.contains(Self.group(of: change)) { headings.append(Self.group(of: change)) }
        for heading in headings {
            lines += ["", style(heading, .heading)]
            for change in groups[heading] ?? [] {
                lines += Self.lines(change, prefix: prefix, width: width, style: style)
            }
        }
        lines += ["", summary(deletingOrphans: deletingOrphans), ""]
        return lines.joined(separator: "\n")
    }

    /// "Plan: 12 to create, …" with the cost.
    private func summary(deletingOrphans: Bool) -> String {
        var parts = ["\(created.count) to create", "\(updated.count) to update", "\(unchanged.count) unchanged"]
        if !orphans.isEmpty {
            parts.append(
                "\(orphans.count) \(orphans.count == 1 ? "orphan" : "orphans") \(deletingOrphans ? "to delete" : "left alone")"
            )
        }
        if !foreign.isEmpty { parts.append("\(foreign.count) refused, so nothing can be applied") }
        let cost = Figures.dollars(AlarmPlan.dollarsPerMonth(desired))
        return
            "Plan: \(parts.joined(separator: ", ")). All alarms together cost about \(cost) a month \(CloudWatchPrices.basis())."
    }

    private static func label(_ name: String, _ prefix: String) -> String {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    }

    private static func group(of change: AlarmChange) -> String {
        guard let desired = change.desired else { return "No longer wanted" }
        return switch desired.subject {
        case .resource(let table, _): "Table \(table)"
        case .pattern(let id): "Pattern \(id)"
        case .service: "Agents"
        }
    }

    private static func lines(
        _ change: AlarmChange, prefix: String, width: Int, style: (String, PlanStyle) -> String
    ) -> [String] {
        let label = label(change.name, prefix)
        let padded = label + String(repeating: " ", count: width - label.count)
        let facts = change.desired.map { "  " + Self.facts($0) } ?? ""
        switch change.kind {
        case .create: return ["  " + style("+ \(padded)", .create) + style(facts, .faint)]
        case .unchanged: return ["    " + style(padded + facts, .faint)]
        case .orphan: return ["  " + style("- \(label)", .orphan)]
        case .foreign(let reason): return ["  " + style("! \(padded)", .refused) + "  refused: \(reason)"]
        case .update(let fields):
            let name = fields.map(\.field.count).max() ?? 0
            return ["  " + style("~ \(padded)", .update) + style(facts, .faint)]
                + fields.map { field in
                    let padding = String(repeating: " ", count: name - field.field.count)
                    return "      \(field.field)\(padding)  \(style(Self.short(field.before), .orphan)) → "
                        + style(Self.short(field.after), .create)
                }
        }
    }

    private static func short(_ text: String) -> String { text.count > 160 ? text.prefix(157) + "…" : text }

    /// "1   ticket  Sum ≥ 432 in 60 s, 3 of 5".
    private static func facts(_ alarm: DesiredAlarm) -> String {
        let label = alarm.number == "page" ? "–" : alarm.number
        let number = label + String(repeating: " ", count: max(0, 2 - label.count))
        let severity = alarm.severity.rawValue + String(repeating: " ", count: 6 - alarm.severity.rawValue.count)
        return "\(number) \(severity)  \(condition(alarm))"
    }

    private static func condition(_ alarm: DesiredAlarm) -> String {
        switch alarm.definition {
        case .composite(let composite):
            let children = (try? CompositeRule(composite.rule))?.children.count ?? 0
            return "composite of \(children) alarms"
        case .metric(let metric):
            let statistic = metric.metrics.first?.statistic.wireName ?? ""
            let unit = metric.metrics.first.flatMap { MetricCatalog.metric(named: $0.metricName)?.unit }
            let suffix = unit == .percent && statistic != "SampleCount" ? "%" : unit == .milliseconds ? " ms" : ""
            return
                "\(statistic) \(metric.comparison.symbol) \(Figures.text(metric.threshold))\(suffix) in \(metric.period) s, "
                + "\(metric.datapointsToAlarm) of \(metric.evaluationPeriods)"
        }
    }
}

extension CloudWatch.ComparisonOperator {
    fileprivate var symbol: String {
        switch self {
        case .greaterOrEqual: "≥"
        case .greater: ">"
        case .less: "<"
        case .lessOrEqual: "≤"
        }
    }
}
