internal import AWSCore
internal import JSONBytes

/// Writes datums as lines of CloudWatch's embedded metric format: where a log driver takes standard output to CloudWatch
/// Logs, as on Lambda, metrics need no request of their own.
///
/// The published specification lets a metric be a number or an array of numbers; how often a value occurred can then only be
/// said by repeating it, and that is what is written for distributions up to ``maximumRepeatedSamples``. Larger ones are
/// written as `{"Values": […], "Counts": […], "Max", "Min", "Count", "Sum"}`, which is what AWS's own OpenTelemetry exporter
/// writes and CloudWatch takes, and which the specification does not mention: *unconfirmed*. `AWS/Logs`'
/// `EMFValidationErrors` tells of lines that were not taken.
///
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
/// https://github.com/open-telemetry/opentelemetry-collector-contrib/pull/22626 (Values and Counts), pull/36336 (100 of them)
public struct EmbeddedMetricFormat: Sendable {
    /// The namespace of every metric.
    public let namespace: String
    /// Samples of a distribution up to which its values are repeated as often as they occurred; above, they get counts.
    public let maximumRepeatedSamples: Int
    /// Bytes of one line.
    public let maximumBytes: Int

    /// Writes metrics of a namespace.
    ///
    /// - Parameters:
    ///   - namespace: 1 to 255 characters, starting with neither ":" nor "AWS/".
    ///   - maximumRepeatedSamples: default 10,000, a hundred lines; 0 writes counts always, `.max` never.
    ///   - maximumBytes: default ``EmbeddedMetricLimits/maximumBytes``.
    public init(
        namespace: String, maximumRepeatedSamples: Int = 10_000, maximumBytes: Int = EmbeddedMetricLimits.maximumBytes
    ) {
        self.namespace = namespace
        self.maximumRepeatedSamples = maximumRepeatedSamples
        self.maximumBytes = maximumBytes
    }

    /// The lines of some datums, without line ends, in the order of the datums' time stamps and dimension sets.
    /// - Throws: what is wrong with a datum; then there are no lines at all.
    public func lines(_ datums: some Sequence<MetricDatum>) throws(MetricDatumProblem) -> [[UInt8]] {
        guard ASCIIText.isNamespace(namespace) else { throw .namespace(namespace) }
        var documents: [Scope: [Document]] = [:]
        var order: [Scope] = []
        for datum in datums {
            if let problem = datum.problem() { throw problem }
            let scope = Scope(datum)
            if scope.dimensions.contains(where: { $0.name == datum.name }) || datum.name == "_aws" {
                throw .repeatedDimension(metric: datum.name, name: datum.name)
            }
            if documents[scope] == nil { order.append(scope) }
            for target in targets(of: datum) {
                add(datum, target, room: maximumBytes - frameBytes(scope), to: &documents[scope, default: []])
            }
        }
        return order.flatMap { scope in (documents[scope] ?? []).map { line($0, scope) } }
    }

    /// What every metric of a line shares.
    private struct Scope: Hashable {
        var milliseconds: Int64
        var dimensions: [Dimension]

        init(_ datum: MetricDatum) {
            milliseconds = datum.timestamp.nanosecondsSince1970 / 1_000_000
            dimensions = datum.dimensions.sorted()
        }
    }

    /// One line to be: definitions, and the members that they point to.
    private struct Document {
        var names: Set<String> = []
        var definitions = JSONWriter()
        var targets = JSONWriter()
        var bytes: Int { definitions.count + targets.count }
    }

    /// Puts a metric into the first line that has room for it and not its name yet.
    private func add(_ datum: MetricDatum, _ target: [UInt8], room: Int, to documents: inout [Document]) {
        var definition = JSONWriter()
        definition.beginObject()
        definition.member("Name", datum.name)
        definition.member("Unit", datum.unit.rawValue)
        if datum.storageResolution != 60 { definition.member("StorageResolution", datum.storageResolution) }
        definition.endObject()
        let size = definition.count + target.count + datum.name.utf8.count + 8
        // Only the last line has room, but for its names.
        let place = documents.lastIndex { document in
            !document.names.contains(datum.name) && document.names.count < EmbeddedMetricLimits.maximumMetrics
                && document.bytes + size <= room
        }
        if place == nil { documents.append(Document()) }
        let index = place ?? documents.count - 1
        documents[index].names.insert(datum.name)
        documents[index].definitions.raw(definition.bytes)
        documents[index].targets.key(datum.name)
        documents[index].targets.raw(target)
    }

    /// What stands around the metrics of a line, at most: quotes and backslashes are escaped.
    private func frameBytes(_ scope: Scope) -> Int {
        let texts = scope.dimensions.reduce(namespace.utf8.count) { $0 + 2 * $1.name.utf8.count + $1.value.utf8.count }
        return 2 * texts + 16 * scope.dimensions.count + 128
    }

    private func line(_ document: Document, _ scope: Scope) -> [UInt8] {
        var writer = JSONWriter(reserving: document.bytes + frameBytes(scope))
        writer.beginObject()
        writer.key("_aws")
        writer.beginObject()
        writer.member("Timestamp", scope.milliseconds)
        writer.key("CloudWatchMetrics")
        writer.beginArray()
        writer.beginObject()
        writer.member("Namespace", namespace)
        writer.key("Dimensions")
        writer.beginArray()
        writer.beginArray()
        for dimension in scope.dimensions { writer.string(dimension.name) }
        writer.endArray()
        writer.endArray()
        writer.key("Metrics")
        writer.beginArray()
        writer.raw(document.definitions.bytes)
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        for dimension in scope.dimensions { writer.member(dimension.name, dimension.value) }
        writer.raw(document.targets.bytes)
        writer.endObject()
        return writer.take()
    }

    // MARK: Values

    /// The values of a datum, each to stand in another line.
    private func targets(of datum: MetricDatum) -> [[UInt8]] {
        switch datum.value {
        case .single(let value):
            var writer = JSONWriter(reserving: 32)
            writer.number(value)
            return [writer.take()]
        case .distribution(let values, let counts):
            let isWhole = counts.allSatisfy { $0.rounded() == $0 }
            guard isWhole, counts.reduce(0, +) <= Double(maximumRepeatedSamples) else {
                return Self.counted(values, counts)
            }
            return Self.repeated(values, counts)
        }
    }

    private static func repeated(_ values: [Double], _ counts: [Double]) -> [[UInt8]] {
        var targets: [[UInt8]] = []
        var writer = JSONWriter()
        var members = 0
        writer.beginArray()
        func close() {
            writer.endArray()
            targets.append(writer.take())
        }
        for (value, count) in zip(values, counts) {
            for _ in 0..<Int(count) {
                if members == EmbeddedMetricLimits.maximumValues {
                    close()
                    writer.beginArray()
                    members = 0
                }
                writer.number(value)
                members += 1
            }
        }
        close()
        return targets
    }

    private static func counted(_ values: [Double], _ counts: [Double]) -> [[UInt8]] {
        stride(from: 0, to: values.count, by: EmbeddedMetricLimits.maximumValues).map { start in
            let end = min(start + EmbeddedMetricLimits.maximumValues, values.count)
            let (values, counts) = (values[start..<end], counts[start..<end])
            var writer = JSONWriter()
            writer.beginObject()
            writer.write(numbers: Array(values), as: "Values")
            writer.write(numbers: Array(counts), as: "Counts")
            writer.member("Max", values.max() ?? 0)
            writer.member("Min", values.min() ?? 0)
            writer.member("Count", counts.reduce(0, +))
            writer.member("Sum", zip(values, counts).reduce(0) { $0 + $1.0 * $1.1 })
            writer.endObject()
            return writer.take()
        }
    }
}

/// What one line of the embedded metric format may hold.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
public enum EmbeddedMetricLimits {
    /// Metrics of one directive.
    public static let maximumMetrics = 100
    /// Numbers of one array.
    public static let maximumValues = 100
    /// Dimensions of one set. Older editions of the page say 9; the metrics of this project have at most 4.
    public static let maximumDimensions = 30
    /// Bytes of one log event. The page said 256 KB and says 1 MB now, CloudWatch Logs counts 26 bytes on top of the text:
    /// taken as the smaller, which is right under either.
    /// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    public static let maximumBytes = 262_144 - 26
}
