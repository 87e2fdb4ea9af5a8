import Telemetry

extension SeriesTotals {
    private static let version: UInt64 = 1

    /// The totals in a few hundred bytes: columns of LEB128 numbers, histogram buckets by the distance to the one before.
    var blob: [UInt8] { packed.bytes }

    /// The same with a checksum, for a row of its own.
    var sealedBlob: [UInt8] {
        var writer = packed
        return writer.seal()
    }

    private var packed: BlobWriter {
        var writer = BlobWriter()
        writer.append(Self.version)
        let columns = counters.columns
        writer.append(UInt64(columns.count))
        for column in columns { writer.append(column: column) }
        writer.append(callTime)
        writer.append(attemptTime)
        return writer
    }

    /// The inverse of `blob`.
    init(blob: [UInt8]) throws(BlobError) {
        var reader = BlobReader(blob)
        try self.init(&reader)
    }

    /// The inverse of `sealedBlob`.
    init(sealed blob: [UInt8]) throws(BlobError) {
        var reader = try BlobReader(sealed: blob)
        try self.init(&reader)
    }

    private init(_ reader: inout BlobReader) throws(BlobError) {
        guard try reader.number() == Self.version else { throw BlobError() }
        var columns: [[UInt64]] = []
        for _ in 0..<(try reader.count(below: 64)) { columns.append(try reader.column()) }
        self.init(
            counters: SeriesCounters(columns: columns), callTime: try reader.histogram(),
            attemptTime: try reader.histogram())
    }
}

extension BlobWriter {
    mutating func append(_ histogram: HistogramSnapshot) {
        append(histogram.sumNanoseconds)
        append(UInt64(histogram.buckets.count))
        var previous = 0
        for bucket in histogram.buckets {
            append(signed: Int64(bucket.index - previous))
            append(bucket.count)
            previous = bucket.index
        }
    }
}

extension BlobReader {
    mutating func histogram() throws(BlobError) -> HistogramSnapshot {
        let sum = try number()
        let length = try count(below: LatencyBuckets.count + 1)
        var buckets: [HistogramSnapshot.Bucket] = []
        buckets.reserveCapacity(length)
        var index = 0
        for _ in 0..<length {
            let step = try signed()
            // Not `abs`, which the least number has not got.
            guard step.magnitude <= UInt64(LatencyBuckets.count) else { throw BlobError() }
            index += Int(step)
            guard index >= 0, index < LatencyBuckets.count else { throw BlobError() }
            buckets.append(HistogramSnapshot.Bucket(index: index, count: try number()))
        }
        return HistogramSnapshot(buckets: buckets, sumNanoseconds: sum)
    }
}
