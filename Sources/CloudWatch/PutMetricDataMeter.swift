internal import JSONBytes

/// Tells how many datums fit one PutMetricData request, without keeping its body.
///
/// ```swift
/// var meter = PutMetricDataMeter(namespace: "Tidemark")
/// if try !meter.add(datum) { send(open); meter.startRequest(); … }   // full: the datum goes with the next request
/// ```
public struct PutMetricDataMeter: Sendable {
    private let namespace: String
    private let maximumBytes: Int
    private let emptyBytes: Int
    private var scratch = JSONWriter(reserving: 4 << 10)
    /// How many datums the request has.
    public private(set) var count = 0
    /// How many bytes its body would have, before compression.
    public private(set) var sizeInBytes: Int

    /// Starts an empty request; see ``PutMetricDataEncoder/init(namespace:now:maximumBytes:)``.
    public init(namespace: String, maximumBytes: Int = PutMetricDataLimits.maximumBytes) {
        self.namespace = namespace
        self.maximumBytes = maximumBytes
        emptyBytes = PutMetricDataEncoder(namespace: namespace).sizeInBytes
        sizeInBytes = emptyBytes
    }

    /// Counts a datum in.
    ///
    /// - Returns: false when the request is full; then it was not counted.
    /// - Throws: what is wrong with the datum; then it was not counted either.
    public mutating func add(_ datum: MetricDatum) throws(MetricDatumProblem) -> Bool {
        try PutMetricDataEncoder.check(datum, namespace: namespace, now: nil)
        guard count < PutMetricDataLimits.maximumDatums else { return false }
        let mark = scratch.mark
        PutMetricDataEncoder.write(datum, into: &scratch)
        // A comma stands before each but the first.
        let bytes = scratch.count + (count > 0 ? 1 : 0)
        scratch.goBack(to: mark)
        guard sizeInBytes + bytes <= maximumBytes else { return false }
        count += 1
        sizeInBytes += bytes
        return true
    }

    /// Starts the next request.
    public mutating func startRequest() { (count, sizeInBytes) = (0, emptyBytes) }
}
