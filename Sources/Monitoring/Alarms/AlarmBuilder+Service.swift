internal import CloudWatch
internal import ContractEngine
internal import ContractModel

/// Alarm 15 on the service's agents, and the composites that page for a table.
extension AlarmBuilder {
    // MARK: 15

    func agentAlarms() -> [DesiredAlarm] {
        guard policy.agent.isEnabled else { return [] }
        let rules = policy.agent
        let times = window(rules.window, policy.period)
        func alarm(
            _ kind: String, _ metric: MetricCatalog.Metric, _ comparison: CloudWatch.ComparisonOperator,
            _ missing: MissingDataTreatment, _ words: String, statistic: Statistic = .sum
        ) -> DesiredAlarm {
            desired(
                "15", .page, .service,
                .metric(
                    MetricAlarm(
                        name: names.agent(kind: kind), description: "\(words) \(origin)",
                        source: .metric(stat(metric, scope.serviceDimensions, statistic)), comparison: comparison,
                        threshold: 1, evaluationPeriods: rules.window.periods,
                        datapointsToAlarm: rules.window.datapoints, missingData: missing, actions: actions(.page))))
        }
        let deployment = "\(scope.service.prefix(120)) in \(scope.environment.prefix(120))"
        return [
            alarm(
                "heartbeat", MetricCatalog.heartbeat, .less, .breaching,
                "No agent of \(deployment) publishes: every other alarm of Tidemark's own metrics is blind. Fewer than one "
                    + "heartbeat in a period, or no data; \(times). Next: is \"tidemark agent\" running, and may it reach CloudWatch?"
            ),
            alarm(
                "dropped-datums", MetricCatalog.agentDroppedDatums, .greaterOrEqual, .notBreaching,
                "An agent of \(deployment) gave measurements up; \(times). Its store still has the totals. Next: its log says "
                    + "why (too old, or over its disk budget)."),
            alarm(
                "refused-datums", MetricCatalog.agentRefusedDatums, .greaterOrEqual, .notBreaching,
                "CloudWatch refuses measurements of \(deployment); \(times). Next: the agent's log names them and the reason."
            ),
            alarm(
                "ledger-gap", MetricCatalog.agentLedgerGapCalls, .greaterOrEqual, .notBreaching,
                "The ledger of an agent of \(deployment) does not balance: recorded calls are neither acknowledged, ambiguous, "
                    + "pending nor dropped; \(times). Next: \"tidemark ledger\" on its hosts names the patterns.",
                statistic: .maximum),
        ]
    }

    // MARK: Pages

    /// One composite a table, over its children of alarms 1, 3, 4 and 13; through parts where one rule would be too long.
    func tablePages(over alarms: [DesiredAlarm]) -> [DesiredAlarm] {
        guard policy.pagesByTable else { return [] }
        return tableNames.flatMap { table -> [DesiredAlarm] in
            let children = children(of: table, in: alarms)
            guard !children.isEmpty else { return [] }
            let chunks = chunked(children)
            guard chunks.count > 1 else { return [page(table, children: children, childCount: children.count)] }
            let parts = chunks.enumerated().map { place, chunk in part(table, number: place + 1, children: chunk) }
            return parts + [page(table, children: parts.map(\.name), childCount: children.count)]
        }
    }

    private var tableNames: [String] {
        var seen: Set<String> = []
        return capacity.resources.map(\.table).filter { seen.insert($0).inserted }
    }

    private func children(of table: String, in alarms: [DesiredAlarm]) -> [String] {
        let patterns = Set(alarmedPatterns.filter { touches($0, table) }.map(\.pattern.id))
        return alarms.filter { alarm in
            switch alarm.subject {
            case .resource(let name, _):
                name == table && (alarm.number == "1" || (alarm.number == "13" && alarm.severity == .part))
            // Of alarm 3 the composite counts: its halves mean nothing by themselves.
            case .pattern(let id):
                patterns.contains(id) && ((alarm.number == "3" && alarm.isComposite) || alarm.number == "4")
            case .service: false
            }
        }.map(\.name)
    }

    private func touches(_ demand: PatternDemand, _ table: String) -> Bool {
        demand.charges.contains { $0.table == table } || demand.pattern.operations.contains { $0.table == table }
    }

    private func rule(_ names: [String]) -> String {
        names.map { "ALARM(\(CompositeRule.quoted($0)))" }.joined(separator: " OR ")
    }

    private func chunked(_ names: [String]) -> [[String]] {
        var chunks: [[String]] = [[]]
        for name in names {
            let longer = (chunks.last ?? []) + [name]
            if longer.count > AlarmLimits.maximumChildren || rule(longer).count > AlarmLimits.maximumRuleLength {
                chunks.append([name])
            } else {
                chunks[chunks.count - 1] = longer
            }
        }
        return chunks
    }

    private func part(_ table: String, number: Int, children: [String]) -> DesiredAlarm {
        desired(
            "page", .part, .resource(table: table, index: nil),
            .composite(
                CompositeAlarm(
                    name: names.resource(table: table, index: nil, kind: "page-part-\(number)"),
                    description:
                        "Part \(number) of what pages for the table \(table.prefix(120)): \(children.count) alarms, "
                        + "since one rule holds at most \(AlarmLimits.maximumChildren). \(origin)",
                    rule: rule(children), actions: actions(.part))))
    }

    private func page(_ table: String, children: [String], childCount: Int) -> DesiredAlarm {
        desired(
            "page", .page, .resource(table: table, index: nil),
            .composite(
                CompositeAlarm(
                    name: names.resource(table: table, index: nil, kind: "page"),
                    description:
                        "Callers of the table \(table.prefix(120)) are hurt: throttled by DynamoDB (1) or as the "
                        + "service sees it (3), calls that fail (4), or a key beyond its partition (13); \(childCount) alarms. "
                        + "Only this one pages for the table. Next: \"tidemark summary\". \(origin)",
                    rule: rule(children), actions: actions(.page), suppressor: policy.maintenance)))
    }
}
