internal import CloudWatch
public import ContractEngine
internal import JSONBytes

/// A CloudWatch dashboard of one deployment, as a value: the contract's demand beside what is consumed, throttles, latency
/// and failures of each pattern, hot keys, and whether the agents see it all.
///
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
public enum Dashboard {
    /// Widgets on one dashboard.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    public static let maximumWidgets = 500
    /// Metrics in one widget.
    public static let maximumMetricsAWidget = 500
    /// Metrics on one dashboard, over all widgets.
    public static let maximumMetrics = 2_500
    /// Lines in one graph beyond which nobody can read it: more patterns get a graph of their own.
    static let readableLines = 8

    /// The dashboard's name: `tidemark-<service>-<environment>`.
    public static func name(scope: MonitoringScope) -> String {
        let text = "tidemark-\(scope.service)-\(scope.environment)"
        // Letters, digits, - and _ are allowed.
        return String(
            String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "-" }).prefix(255))
    }

    /// The dashboard's body. The same input always gives the same bytes.
    ///
    /// - Parameters:
    ///   - capacity: the contract's demand.
    ///   - scope: the service and environment.
    ///   - region: the region of the metrics.
    /// - Throws: when the contract needs more widgets or metrics than a dashboard holds.
    public static func render(
        capacity: CapacityPlan, scope: MonitoringScope, region: String
    ) throws(DashboardError) -> [UInt8] {
        let widgets = DashboardLayout(capacity: capacity, scope: scope, region: region).widgets()
        let metrics = widgets.reduce(0) { $0 + $1.lines.count }
        guard widgets.count <= maximumWidgets else {
            throw DashboardError(reason: "it would have \(widgets.count) widgets; \(maximumWidgets) is the most")
        }
        guard metrics <= maximumMetrics, widgets.allSatisfy({ $0.lines.count <= maximumMetricsAWidget }) else {
            throw DashboardError(reason: "it would show \(metrics) metrics; \(maximumMetrics) is the most")
        }
        var writer = JSONWriter(reserving: 64 << 10)
        writer.beginObject()
        writer.member("start", "-PT3H")
        writer.member("periodOverride", "inherit")
        writer.key("widgets")
        writer.beginArray()
        for widget in widgets { widget.write(into: &writer, region: region) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    /// The dashboard's body for a contract's documents. The same as ``render(capacity:scope:region:)`` for their demand.
    public static func render(
        document: ContractDocument, capacity: CapacityPlan, scope: MonitoringScope, region: String
    ) throws(DashboardError) -> [UInt8] {
        try render(capacity: capacity, scope: scope, region: region)
    }
}

/// Why a dashboard cannot be made.
public struct DashboardError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var reason: String

    /// One sentence that says what to do.
    public var description: String {
        "The dashboard cannot be made: \(reason); split the contract, one dashboard for each group of tables."
    }
    /// The same, as the other errors of the project name it.
    public var message: String { description }
}
