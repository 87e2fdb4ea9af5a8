import Telemetry

extension SeriesTotals {
    private static let version: UInt64 = 1

    /// The totals in a few hundred bytes: columns of LEB128 numbers, histogram buckets by the distance to the one before.
    var blob: [UInt8] {
        var writer = BlobWriter()
        writer.append(Self.version)
        let columns = counters.columns
        writer.append(UInt64(columns.count))
        for column in columns { writer.append(column: column) }
        for histogram in [callTime, attemptTime] {
            writer.append(histogram.sumNanoseconds)
            writer.append(UInt64(histogram.buckets.count))
            var previous = 0
            for bucket in histogram.buckets {
                writer.append(signed: Int64(bucket.index - previous))
                writer.append(bucket.count)
                previous = bucket.index
            }
        }
        return writer.bytes
    }

    /// The inverse of `blob`.
    init(blob: [UInt8]) throws(BlobError) {
        var reader = BlobReader(blob)
        guard try reader.number() == Self.version else { throw BlobError() }
        var columns: [[UInt64]] = []
        for _ in 0..<(try reader.count(below: 64)) { columns.append(try reader.column()) }
        self.init(
            counters: SeriesCounters(columns: columns), callTime: try Self.histogram(&reader),
            attemptTime: try Self.histogram(&reader))
    }

    private static func histogram(_ reader: inout BlobReader) throws(BlobError) -> HistogramSnapshot {
        let sum = try reader.number()
        let length = try reader.count(below: LatencyBuckets.count + 1)
        var buckets: [HistogramSnapshot.Bucket] = []
        buckets.reserveCapacity(length)
        var index = 0
        for _ in 0..<length {
            let step = try reader.signed()
            guard abs(step) <= Int64(LatencyBuckets.count) else { throw BlobError() }
            index += Int(step)
            buckets.append(HistogramSnapshot.Bucket(index: index, count: try reader.number()))
        }
        return HistogramSnapshot(buckets: buckets, sumNanoseconds: sum)
    }
}
