internal import CloudWatch
internal import ContractEngine
internal import ContractModel

/// What callers feel: by access pattern and by operation.
extension DashboardLayout {
    /// The patterns whose first charge is on the table, so that each is shown once.
    private func patterns(of table: String) -> [String] {
        capacity.patterns.filter { demand in
            (demand.charges.first?.table ?? demand.pattern.operations.first?.table) == table
        }.map(\.pattern.id)
    }

    func patternWidgets(_ table: String) -> [DashboardWidget] {
        let ids = patterns(of: table)
        return chunks(ids).flatMap { chunk -> [DashboardWidget] in
            let range = chunk.count < ids.count ? " (\(chunk[0])–\(chunk[chunk.count - 1]))" : ""
            return [
                graph("\(table): calls\(range)", "calls", lines(chunk, MetricCatalog.calls, .sum)),
                graph(
                    "\(table): p99 of call time\(range)", "ms", lines(chunk, MetricCatalog.callTime, .percentile(99))),
                graph(
                    "\(table): p50 of call time\(range)", "ms", lines(chunk, MetricCatalog.callTime, .percentile(50))),
                graph(
                    "\(table): failed and misconfigured calls\(range)", "calls",
                    lines(chunk, MetricCatalog.failedCalls, .sum, suffix: " failed")
                        + lines(chunk, MetricCatalog.misconfiguredCalls, .sum, suffix: " misconfigured")),
                graph(
                    "\(table): throttled attempts\(range)", "%",
                    lines(chunk, MetricCatalog.throttledAttemptPercent, .average)),
                graph(
                    "\(table): attempts and throttles\(range)", "requests",
                    lines(chunk, MetricCatalog.attempts, .sum, suffix: " attempts")
                        + lines(chunk, MetricCatalog.throttledAttempts, .sum, suffix: " throttled")),
            ]
        }
    }

    private func lines(
        _ ids: [String], _ metric: MetricCatalog.Metric, _ statistic: Statistic, suffix: String = ""
    ) -> [DashboardWidget.Line] {
        ids.map { line(metric, scope.dimensions(pattern: $0), statistic, $0 + suffix) }
    }

    func operationWidgets(_ table: String) -> [DashboardWidget] {
        let names = operations(on: table)
        guard !names.isEmpty else { return [] }
        func lines(_ metric: MetricCatalog.Metric, _ statistic: Statistic) -> [DashboardWidget.Line] {
            names.map { line(metric, scope.dimensions(table: table, operation: $0), statistic, $0) }
        }
        var calls = graph("\(table): calls by operation", "calls", lines(MetricCatalog.operationCalls, .sum))
        var time = graph(
            "\(table): p99 by operation", "ms", lines(MetricCatalog.operationCallTime, .percentile(99)))
        (calls.width, time.width) = (12, 12)
        return [calls, time]
    }

    private func operations(on table: String) -> [String] {
        let charged = capacity.patterns.flatMap(\.charges).filter { $0.table == table }.map(\.operation)
        // Of a pattern that charges nothing only the documents tell.
        let named = capacity.patterns.filter(\.charges.isEmpty).flatMap(\.pattern.operations)
            .filter { $0.table == table }.map(\.operation)
        return Set(charged + named).sorted()
    }

    private func chunks(_ ids: [String]) -> [[String]] {
        stride(from: 0, to: ids.count, by: Dashboard.readableLines).map {
            Array(ids[$0..<min($0 + Dashboard.readableLines, ids.count)])
        }
    }
}
