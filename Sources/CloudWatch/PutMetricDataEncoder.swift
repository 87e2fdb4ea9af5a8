public import AWSCore
internal import JSONBytes

/// Writes datums into the body of one PutMetricData request and keeps to its limits.
///
/// ```swift
/// var encoder = PutMetricDataEncoder(namespace: "Tidemark")
/// while let datum = next, try encoder.append(datum) { … }   // false: this request is full, start another with the same datum
/// try await client.putMetricData(encodedBody: encoder.body())
/// ```
public struct PutMetricDataEncoder: Sendable {
    /// The namespace of every datum.
    public let namespace: String
    /// How many datums the body holds.
    public private(set) var count = 0
    private let now: Timestamp?
    private let maximumBytes: Int
    private var writer: JSONWriter

    /// Closes the array and the object that the body opens with.
    private static let closing = Array("]}".utf8)

    /// Starts an empty request.
    ///
    /// - Parameters:
    ///   - namespace: 1 to 255 characters, not starting with ":" or "AWS/"; checked by the first append.
    ///   - now: with it, each datum's time stamp is checked against CloudWatch's window.
    ///   - maximumBytes: bytes of the body before compression, default ``PutMetricDataLimits/maximumBytes``.
    public init(
        namespace: String, now: Timestamp? = nil, maximumBytes: Int = PutMetricDataLimits.maximumBytes
    ) {
        self.namespace = namespace
        self.now = now
        self.maximumBytes = maximumBytes
        writer = JSONWriter(reserving: 64 << 10)
        open()
    }

    /// How many bytes ``body()`` has now.
    public var sizeInBytes: Int { writer.count + Self.closing.count }

    /// Adds a datum.
    ///
    /// - Returns: false when the request is full; then nothing was added.
    /// - Throws: what is wrong with the datum; then nothing was added either, and the encoder goes on.
    public mutating func append(_ datum: MetricDatum) throws(MetricDatumProblem) -> Bool {
        try Self.check(datum, namespace: namespace, now: now)
        guard count < PutMetricDataLimits.maximumDatums else { return false }
        // Written in place and taken back where it is too much: a body is made without a second copy of any datum.
        let mark = writer.mark
        Self.write(datum, into: &writer)
        guard sizeInBytes <= maximumBytes else {
            writer.goBack(to: mark)
            return false
        }
        count += 1
        return true
    }

    /// The request's body: JSON, not compressed.
    public func body() -> [UInt8] { writer.bytes + Self.closing }

    /// The request's body without a copy, after which the encoder is empty and ready for the next request.
    public mutating func takeBody() -> [UInt8] {
        writer.endArray()
        writer.endObject()
        let body = writer.take()
        count = 0
        open()
        return body
    }

    private mutating func open() {
        writer.beginObject()
        writer.member("Namespace", namespace)
        writer.key("MetricData")
        writer.beginArray()
    }

    static func check(_ datum: MetricDatum, namespace: String, now: Timestamp?) throws(MetricDatumProblem) {
        guard ASCIIText.isNamespace(namespace) else { throw .namespace(namespace) }
        if let problem = datum.problem(now: now) { throw problem }
    }

    static func write(_ datum: MetricDatum, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("MetricName", datum.name)
        writer.write(dimensions: datum.dimensions)
        writer.write(time: datum.timestamp, as: "Timestamp")
        switch datum.value {
        case .single(let value): writer.member("Value", value)
        case .distribution(let values, let counts):
            writer.write(numbers: values, as: "Values")
            writer.write(numbers: counts, as: "Counts")
        }
        writer.member("Unit", datum.unit.rawValue)
        if datum.storageResolution != 60 { writer.member("StorageResolution", datum.storageResolution) }
        writer.endObject()
    }
}
