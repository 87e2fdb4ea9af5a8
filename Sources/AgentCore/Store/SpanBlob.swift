package import Telemetry

/// What all series of a window counted, in one blob: column after column, since most counters of most series are zero and
/// those of neighbours resemble each other.
enum SpanBlob {
    private static let version: UInt64 = 1

    /// - Parameter series: by rising series number.
    static func encode(_ series: [(id: Int64, totals: SeriesTotals)]) -> [UInt8] {
        var writer = BlobWriter()
        writer.append(version)
        append(ids: series.map(\.id), to: &writer)
        let rows = series.map(\.totals.counters.columns)
        let shape = rows.first?.map(\.count) ?? []
        writer.append(column: shape.map { UInt64($0) })
        for (group, width) in shape.enumerated() {
            for place in 0..<width {
                let isUsed = rows.contains { $0[group][place] != 0 }
                writer.append(UInt64(isUsed ? 1 : 0))
                if isUsed { for row in rows { writer.append(row[group][place]) } }
            }
        }
        for entry in series { writer.append(entry.totals.callTime) }
        for entry in series { writer.append(entry.totals.attemptTime) }
        return writer.seal()
    }

    /// - Parameter attempts: whether the times of attempts are wanted too; no metric is made of them.
    static func decode(
        _ blob: [UInt8], attempts: Bool = true
    ) throws(BlobError) -> [(id: Int64, totals: SeriesTotals)] {
        var reader = try BlobReader(sealed: blob)
        guard try reader.number() == version else { throw BlobError() }
        let ids = try self.ids(&reader)
        let shape = try reader.column()
        guard shape.count <= 16, shape.allSatisfy({ $0 <= 256 }) else { throw BlobError() }
        let empty = shape.map { [UInt64](repeating: 0, count: Int($0)) }
        var rows = [[[UInt64]]](repeating: empty, count: ids.count)
        for (group, width) in shape.enumerated() {
            for place in 0..<Int(width) where try reader.number() == 1 {
                for row in rows.indices { rows[row][group][place] = try reader.number() }
            }
        }
        var result: [(id: Int64, totals: SeriesTotals)] = []
        result.reserveCapacity(ids.count)
        for (row, id) in ids.enumerated() {
            result.append((id, SeriesTotals(counters: SeriesCounters(columns: rows[row]))))
        }
        for row in result.indices { result[row].totals.callTime = try reader.histogram() }
        guard attempts else { return result }
        for row in result.indices { result[row].totals.attemptTime = try reader.histogram() }
        return result
    }

    /// The calls of each series alone: what the ledger needs of a window that waits.
    static func encode(calls: [(id: Int64, calls: UInt64)]) -> [UInt8] {
        var writer = BlobWriter()
        append(ids: calls.map(\.id), to: &writer)
        for entry in calls { writer.append(entry.calls) }
        return writer.seal()
    }

    static func decodeCalls(_ blob: [UInt8]) throws(BlobError) -> [(id: Int64, calls: UInt64)] {
        var reader = try BlobReader(sealed: blob)
        var result: [(id: Int64, calls: UInt64)] = []
        for id in try ids(&reader) { result.append((id, 0)) }
        for place in result.indices { result[place].calls = try reader.number() }
        return result
    }

    private static func append(ids: [Int64], to writer: inout BlobWriter) {
        writer.append(UInt64(ids.count))
        var previous: Int64 = 0
        for id in ids {
            writer.append(signed: id - previous)
            previous = id
        }
    }

    private static func ids(_ reader: inout BlobReader) throws(BlobError) -> [Int64] {
        var previous: Int64 = 0
        var result: [Int64] = []
        for _ in 0..<(try reader.count(below: 1 << 24)) {
            let (next, overflow) = previous.addingReportingOverflow(try reader.signed())
            guard !overflow else { throw BlobError() }
            previous = next
            result.append(previous)
        }
        return result
    }
}

extension HistogramSnapshot {
    /// The same times in buckets three times as wide, each under the number of its middle one: within 2.4% of every time
    /// in it. What is published keeps no more.
    package var coarser: HistogramSnapshot {
        var result = HistogramSnapshot(sumNanoseconds: sumNanoseconds)
        let octave = 64
        for bucket in buckets {
            let middle = min(bucket.index % octave / 3 * 3 + 1, octave - 1)
            let index = bucket.index / octave * octave + middle
            if result.buckets.last?.index == index {
                result.buckets[result.buckets.count - 1].count &+= bucket.count
            } else {
                result.buckets.append(Bucket(index: index, count: bucket.count))
            }
        }
        return result
    }
}

extension SeriesTotals {
    /// The same counts with coarser distributions.
    var coarser: SeriesTotals {
        SeriesTotals(counters: counters, callTime: callTime.coarser, attemptTime: attemptTime.coarser)
    }
}
