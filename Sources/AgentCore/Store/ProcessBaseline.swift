import Telemetry

/// What each series of a process had counted at a commit, in one blob.
enum ProcessBaseline {
    static func encode(_ series: [SeriesKey: [UInt8]]) -> [UInt8] {
        var writer = BlobWriter()
        writer.append(UInt64(series.count))
        for (key, blob) in series {
            for text in [key.table, key.index, key.operation, key.pattern] { writer.append(text) }
            writer.append(bytes: blob)
        }
        return writer.seal()
    }

    static func decode(_ blob: [UInt8]) throws(BlobError) -> [SeriesKey: [UInt8]] {
        var reader = try BlobReader(sealed: blob)
        var series: [SeriesKey: [UInt8]] = [:]
        for _ in 0..<(try reader.count(below: blob.count)) {
            let key = SeriesKey(
                table: try reader.text(), index: try reader.text(), operation: try reader.text(),
                pattern: try reader.text())
            series[key] = try reader.byteList()
        }
        return series
    }
}
