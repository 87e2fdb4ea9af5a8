package import Telemetry

/// What all series of a window counted, in one blob: column after column, since most counters of most series are zero and
/// those of neighbours resemble each other.
enum SpanBlob {
    private static let version: UInt64 = 1

    /// - Parameter series: by rising series number.
    static func encode(_ series: [(id: Int64, totals: SeriesTotals)]) -> [UInt8] {
        var writer = BlobWriter()
        append(series.lazy.map { ($0.id, $0.totals.counters) }, to: &writer)
        for entry in series { writer.append(entry.totals.callTime) }
        for entry in series { writer.append(entry.totals.attemptTime) }
        return writer.seal()
    }

    private static func append(_ series: some Collection<(Int64, SeriesCounters)>, to writer: inout BlobWriter) {
        writer.append(version)
        append(ids: series.map(\.0), to: &writer)
        let rows = series.map(\.1.columns)
        let shape = rows.first?.map(\.count) ?? []
        writer.append(column: shape.map { UInt64($0) })
        for (group, width) in shape.enumerated() {
            for place in 0..<width {
                let isUsed = rows.contains { $0[group][place] != 0 }
                writer.append(UInt64(isUsed ? 1 : 0))
                if isUsed { for row in rows { writer.append(row[group][place]) } }
            }
        }
    }

    /// - Parameter attempts: whether the times of attempts are wanted too; no metric is made of them.
    static func decode(
        _ blob: [UInt8], attempts: Bool = true
    ) throws(BlobError) -> [(id: Int64, totals: SeriesTotals)] {
        var reader = try BlobReader(sealed: blob)
        var result = try counters(&reader).map { (id: $0, totals: SeriesTotals(counters: $1)) }
        for row in result.indices { result[row].totals.callTime = try reader.histogram() }
        guard attempts else { return result }
        for row in result.indices { result[row].totals.attemptTime = try reader.histogram() }
        return result
    }

    /// Several windows' counts in one. Their distributions pass one by one: those of all series of an hour together would
    /// take many megabytes.
    /// - Parameter coarser: whether the distributions are made coarser.
    static func merged(_ blobs: [[UInt8]], coarser: Bool) throws(BlobError) -> [UInt8] {
        var parts: [(reader: BlobReader, series: [(id: Int64, counters: SeriesCounters)])] = []
        for blob in blobs {
            var reader = try BlobReader(sealed: blob)
            parts.append((reader, try counters(&reader)))
            parts[parts.count - 1].reader = reader
        }
        var sums: [Int64: (counters: SeriesCounters, parts: [Int])] = [:]
        for (part, content) in parts.enumerated() {
            // Each part's distributions are read in its own order, which must be that of the whole.
            guard zip(content.series, content.series.dropFirst()).allSatisfy({ $0.id < $1.id }) else {
                throw BlobError()
            }
            for entry in content.series {
                let sum = sums[entry.id]
                sums[entry.id] = (
                    sum.map { $0.counters + entry.counters } ?? entry.counters, (sum?.parts ?? []) + [part]
                )
            }
        }
        let order = sums.sorted { $0.key < $1.key }
        var writer = BlobWriter()
        append(order.lazy.map { ($0.key, $0.value.counters) }, to: &writer)
        // The times of calls, then those of attempts.
        for _ in 0..<2 {
            for (_, series) in order {
                var sum = HistogramSnapshot()
                for part in series.parts { sum = sum + (try parts[part].reader.histogram()) }
                writer.append(coarser ? sum.coarser : sum)
            }
        }
        return writer.seal()
    }

    private static func counters(
        _ reader: inout BlobReader
    ) throws(BlobError) -> [(id: Int64, counters: SeriesCounters)] {
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
        return zip(ids, rows).map { (id: $0, counters: SeriesCounters(columns: $1)) }
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
