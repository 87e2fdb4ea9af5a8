internal import CloudWatch

extension MetricCatalog {
    /// The text of `docs/METRICS.md`.
    public static var markdown: String {
        var lines = [
            "# Metrics",
            "",
            "Every metric that the agent publishes, in the CloudWatch namespace `\(namespace)`. Written from `MetricCatalog`; a test keeps",
            "the two the same, and checks that alarms and dashboards use every metric and no other.",
            "",
            "A metric is its name and its *exact* dimension set. CloudWatch adds nothing up over dimensions, so an alarm on a",
            "set that is not listed here never has data. Counters are published as zeros too, for every series of the contract, so",
            "that alarms return to OK.",
        ]
        for set in DimensionSet.allCases {
            lines += [
                "", "## \(title(of: set))", "", "Dimensions: \(set.names.map(list).joined(separator: ", or ")).", "",
            ]
            lines += ["| metric | unit | kind | read it as | what it says |", "| --- | --- | --- | --- | --- |"]
            for metric in all where metric.dimensionSet == set {
                lines.append(
                    "| `\(metric.name)` | \(metric.unit.rawValue) | \(metric.kind.rawValue) | \(reading(of: metric)) | \(metric.help) |"
                )
            }
        }
        lines += [
            "", "## Cost", "",
            "Each pair of a name and a dimension set is one custom metric, at most \(patternMetricCount) a pattern. The price of one is "
                + "$0.30 a month",
            "for the first 10,000 (<https://aws.amazon.com/cloudwatch/pricing/>).", "",
        ]
        return lines.joined(separator: "\n")
    }

    /// How many metrics one access pattern costs.
    public static var patternMetricCount: Int { all.count { $0.dimensionSet == .pattern } }

    private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

    private static func title(of set: DimensionSet) -> String {
        switch set {
        case .service: "The service's agents"
        case .pattern: "An access pattern, as the service sees it"
        case .resource: "A table or an index"
        case .operation: "An operation on a table"
        }
    }

    private static func reading(of metric: Metric) -> String {
        switch metric.kind {
        case .counter: "Sum"
        case .gauge: "Maximum"
        case .distribution: metric.unit == .percent ? "Average, SampleCount" : "p50, p99, Average"
        }
    }
}
