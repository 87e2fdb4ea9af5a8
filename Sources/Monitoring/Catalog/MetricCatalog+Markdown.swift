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
            for metric in all where metric.rollUps.contains(set) {
                lines.append(
                    "| `\(metric.name)` | \(metric.unit.rawValue) | \(metric.kind.rawValue) | \(reading(of: metric)) | \(rollUpHelp(set)) |"
                )
            }
        }
        lines += settings + distributions
        lines += cost + embedded
        return lines.joined(separator: "\n")
    }

    private static var settings: [String] {
        let chosen = DimensionSet.allCases.filter(PublishedSets.standard.contains).map { "`\($0.rawValue)`" }
        return [
            "", "## Which sets are published", "",
            "The setting `metrics` of the agent's configuration is a list of "
                + DimensionSet.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                + ". Unless told otherwise it is "
                + chosen.joined(separator: ", ") + ". The agents' own",
            "figures are published whatever is chosen. Without `pattern`, `operation`, `table` and `service` one metric is left to account",
            "for calls: the service's `Calls`. `tidemark alarms plan` and `apply`, told the agent's configuration (`--config`) or sets",
            "(`--metrics`), name and refuse alarms on a set that is not published.",
            "",
            "Roll-ups have the values of their parts, so that percentiles of a table or a service are the true ones, which no",
            "arithmetic on the parts' percentiles gives.",
        ]
    }

    private static var distributions: [String] {
        [
            "", "## Percentiles", "",
            "A distribution goes to CloudWatch as values with their counts, at most 150 to a datum; several datums of one metric, dimension",
            "set and time stamp are one distribution to CloudWatch. Counts and sums are exact, minimum and maximum within 0.8%.",
            "Percentiles are within the error that `AgentPercentileErrorPercent` states: 0.8% comes from the telemetry file's buckets; more",
            "where a distribution has more of them than values may be sent, and neighbours are merged. The agent spends up to eight",
            "datums where that brings the error under the setting `percentile-error-percent` (1.2 unless told otherwise). What CloudWatch",
            "itself loses when it stores percentiles comes on top, and is not documented.",
        ]
    }

    private static var cost: [String] {
        [
            "", "## Cost", "",
            "Each pair of a name and a dimension set is one custom metric, \(patternMetricCount) a pattern. \(CloudWatchPrices.sentence)",
            "`tidemark agent --dry-run` says what a configuration costs before anything is published. With a budget in the configuration the",
            "agent publishes no more metrics than it pays for: the contract's series stay, the smallest of the others are folded into one",
            "named `other`, and `AgentFoldedSeries` counts them. Nothing is lost by it: `other` has their calls.", "",
        ]
    }

    private static var embedded: [String] {
        [
            "## Embedded metric format", "",
            "Where standard output goes to CloudWatch Logs, as on Lambda, the same metrics can be written as lines of the embedded metric",
            "format (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>),",
            "within its limits: 100 metrics and 256 KB a line, 100 numbers an array. The specification lets a metric be a number or an array",
            "of numbers, so a distribution of up to 10,000 samples is written with each value as often as it occurred. A larger one is",
            "written as `Values` with `Counts`, as AWS's own OpenTelemetry exporter does; that CloudWatch takes it is *unconfirmed*, since",
            "no document says so. `AWS/Logs` counts lines that it does not take as `EMFValidationErrors`. The format promises delivery at",
            "least once: now and then a value may count twice, which no ledger can see.", "",
        ]
    }

    private static func rollUpHelp(_ set: DimensionSet) -> String {
        switch set {
        case .service: "The same over all of the service's calls; with the setting `service`."
        case .table: "The same over the calls on the table and its indexes; with the setting `table`."
        default: "The same over the calls on the index; with the setting `index`."
        }
    }

    /// How many metrics one access pattern costs.
    public static var patternMetricCount: Int { all.count { $0.dimensionSet == .pattern } }

    private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

    private static func title(of set: DimensionSet) -> String {
        switch set {
        case .service: "The service's agents, and the service as a whole"
        case .pattern: "An access pattern, as the service sees it"
        case .resource: "A table or an index"
        case .operation: "An operation on a table"
        case .table: "A table's calls"
        case .index: "An index's calls"
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
