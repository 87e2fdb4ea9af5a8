internal import CloudWatch
internal import ContractEngine

/// Places widgets: agents first, then a section for each table.
struct DashboardLayout {
    let capacity: CapacityPlan
    let scope: MonitoringScope
    let region: String

    /// Columns of a dashboard.
    private static let columns = 24
    static let minute = 60
    static let orange = "#ff7f0e"
    static let red = "#d62728"
    static let grey = "#7f7f7f"

    func widgets() -> [DashboardWidget] {
        var placed: [DashboardWidget] = []
        var y = 0
        func header(_ markdown: String) {
            var widget = DashboardWidget(content: .text(markdown))
            (widget.x, widget.y, widget.width, widget.height) = (0, y, Self.columns, 2)
            placed.append(widget)
            y += 2
        }
        func row(_ widgets: [DashboardWidget]) {
            var x = 0
            var tallest = 0
            for var widget in widgets {
                if x + widget.width > Self.columns {
                    y += tallest
                    (x, tallest) = (0, 0)
                }
                (widget.x, widget.y) = (x, y)
                placed.append(widget)
                x += widget.width
                tallest = max(tallest, widget.height)
            }
            y += tallest
        }
        header(
            "# \(scope.service) in \(scope.environment)\nConsumption against the contract's demand, what callers feel, hot "
                + "keys. Grey and orange lines are the contract's and a partition's limits.")
        row(agentWidgets())
        for table in tables {
            header("## \(table)\n\(facts(table))")
            row(resources(of: table).flatMap(resourceWidgets))
            row(patternWidgets(table) + operationWidgets(table))
        }
        return placed
    }

    private var tables: [String] {
        var seen: Set<String> = []
        return capacity.resources.map(\.table).filter { seen.insert($0).inserted }
    }

    private func resources(of table: String) -> [ResourceDemand] { capacity.resources.filter { $0.table == table } }

    private func facts(_ table: String) -> String {
        let own = capacity.resource(table: table) ?? ResourceDemand(table: table)
        let indexes = resources(of: table).count { $0.index != nil }
        return "The contract foresees \(Figures.text(own.readUnitsPerSecond)) read and "
            + "\(Figures.text(own.writeUnitsPerSecond)) write units/s at peak, \(indexes) "
            + "\(indexes == 1 ? "index" : "indexes")."
    }

    // MARK: Agents

    private func agentWidgets() -> [DashboardWidget] {
        func line(_ metric: MetricCatalog.Metric, _ label: String, _ color: String? = nil) -> DashboardWidget.Line {
            self.line(metric, scope.serviceDimensions, metric.kind == .gauge ? .maximum : .sum, label, color: color)
        }
        var heartbeat = graph("Agents alive", "agents", [line(MetricCatalog.heartbeat, "heartbeats")])
        heartbeat.width = 8
        heartbeat.height = 4
        var ledger = graph(
            "Agents: measurements on their way", "datums",
            [
                line(MetricCatalog.agentPendingDatums, "pending"),
                line(MetricCatalog.agentLedgerGapCalls, "ledger gap", "#9467bd"),
                line(MetricCatalog.agentAmbiguousDatums, "ambiguous", Self.orange),
                line(MetricCatalog.agentRefusedDatums, "refused", Self.red),
                line(MetricCatalog.agentDroppedDatums, "dropped", "#8c564b"),
            ])
        ledger.width = 8
        ledger.height = 4
        var accuracy = graph(
            "Agents: error of percentiles, folded series", "% and series",
            [
                line(MetricCatalog.agentPercentileErrorPercent, "percentiles off by at most, %"),
                line(MetricCatalog.agentFoldedSeries, "series in other", Self.orange),
            ])
        accuracy.width = 8
        accuracy.height = 4
        return [heartbeat, ledger, accuracy]
    }

    // MARK: Tables and indexes

    private func resourceWidgets(_ demand: ResourceDemand) -> [DashboardWidget] {
        let name = demand.index.map { "\(demand.table) / \($0)" } ?? demand.table
        return [
            consumed(demand, name, isRead: true), consumed(demand, name, isRead: false), throttles(demand, name),
            hotKeys(demand, name),
        ]
    }

    /// Units a second from DynamoDB's own sums, and what this service's calls reported.
    private func consumed(_ demand: ResourceDemand, _ name: String, isRead: Bool) -> DashboardWidget {
        let theirs: DynamoDBMetric = isRead ? .consumedReadCapacityUnits : .consumedWriteCapacityUnits
        let ours = isRead ? MetricCatalog.clientReadUnits : MetricCatalog.clientWriteUnits
        let units = isRead ? demand.readUnitsPerSecond : demand.writeUnitsPerSecond
        var consumed = line(theirs, demand)
        (consumed.id, consumed.isVisible) = ("m1", false)
        var client = line(ours, scope.dimensions(table: demand.table, index: demand.index), .sum, "reported")
        (client.id, client.isVisible) = ("m2", false)
        let word = isRead ? "read" : "write"
        var widget = graph(
            "\(name): \(word) units", "units/s",
            [
                consumed, client,
                DashboardWidget.Line(
                    source: .expression("m1/PERIOD(m1)"), label: "consumed, all clients", id: "e1"),
                DashboardWidget.Line(
                    source: .expression("m2/PERIOD(m2)"), label: "consumed by this service", id: "e2"),
            ])
        widget.marks = [.init(value: units, label: "contract: \(Figures.text(units))/s", color: Self.grey)]
        widget.width = 6
        return widget
    }

    private func throttles(_ demand: ResourceDemand, _ name: String) -> DashboardWidget {
        var widget = graph(
            "\(name): throttles", "events",
            [line(.readThrottleEvents, demand, "reads"), line(.writeThrottleEvents, demand, "writes", Self.orange)])
        widget.width = 6
        return widget
    }

    private func hotKeys(_ demand: ResourceDemand, _ name: String) -> DashboardWidget {
        let dimensions = scope.dimensions(table: demand.table, index: demand.index)
        var widget = graph(
            "\(name): hottest key's share of a partition", "%",
            [
                line(MetricCatalog.hotKeyLoadUpperPercent, dimensions, .maximum, "at most"),
                line(MetricCatalog.hotKeyLoadLowerPercent, dimensions, .maximum, "at least", color: Self.orange),
            ])
        widget.marks = [.init(value: 100, label: "one partition", color: Self.red)]
        widget.width = 6
        return widget
    }

    // MARK: Lines

    func graph(_ title: String, _ unit: String, _ lines: [DashboardWidget.Line]) -> DashboardWidget {
        DashboardWidget(content: .graph(title: title, unit: unit, period: Self.minute), lines: lines)
    }

    func line(
        _ metric: MetricCatalog.Metric, _ dimensions: [Dimension], _ statistic: Statistic, _ label: String,
        color: String? = nil
    ) -> DashboardWidget.Line {
        DashboardWidget.Line(
            source: .metric(
                namespace: MetricCatalog.namespace, name: metric.name, dimensions: dimensions, statistic: statistic),
            label: label, color: color)
    }

    private func line(
        _ metric: DynamoDBMetric, _ demand: ResourceDemand, _ label: String = "consumed", _ color: String? = nil
    ) -> DashboardWidget.Line {
        DashboardWidget.Line(
            source: .metric(
                namespace: DynamoDBMetric.namespace, name: metric.rawValue,
                dimensions: DynamoDBMetric.dimensions(table: demand.table, index: demand.index), statistic: .sum),
            label: label, color: color)
    }
}
