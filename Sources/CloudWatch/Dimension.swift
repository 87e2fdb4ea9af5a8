/// One name and value that, with the others of its set, identifies a metric.
///
/// CloudWatch never adds dimension sets up: a metric is the exact set, so a set that is short of one dimension is another
/// metric, and an alarm on it stays without data for ever.
public struct Dimension: Hashable, Comparable, Sendable {
    /// The name, such as `Service`.
    public var name: String
    /// The value, such as `checkout`.
    public var value: String

    /// Pairs a name with its value. ``MetricDatum/problem(now:)`` says whether CloudWatch would take it.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// By name, then by value, so that a set has one order.
    public static func < (left: Dimension, right: Dimension) -> Bool {
        (left.name, left.value) < (right.name, right.value)
    }
}

/// A metric's unit, spelled as CloudWatch does.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
public enum MetricUnit: String, Hashable, Sendable, CaseIterable {
    case seconds = "Seconds"
    case microseconds = "Microseconds"
    case milliseconds = "Milliseconds"
    case bytes = "Bytes"
    case percent = "Percent"
    case count = "Count"
    case countPerSecond = "Count/Second"
    case bytesPerSecond = "Bytes/Second"
    case none = "None"
}
