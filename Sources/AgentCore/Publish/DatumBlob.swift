import AWSCore
import CloudWatch
import Monitoring

/// The datums of a batch as they lie in the store: every text once, then the datums by number, each with the calls that are
/// settled with it. Smaller than their JSON, and unlike it easily halved when a request was refused.
enum DatumBlob {
    /// 2 had values and counts of eight bytes each.
    private static let version: UInt64 = 3
    /// Values are short decimals, of milliseconds mostly; counts are whole.
    fileprivate static let (valueScale, countScale) = (1e6, 1.0)

    static func encode(_ datums: some Sequence<PublishedDatum>) -> [UInt8] {
        var writer = Writer()
        for datum in datums { writer.append(datum) }
        return writer.finish()
    }

    /// Takes datums one by one, so that they need not be in memory together.
    struct Writer {
        private var texts = TextTable()
        private var body = BlobWriter()
        private(set) var count = 0

        mutating func append(_ published: PublishedDatum) {
            count += 1
            let datum = published.datum
            body.append(UInt64(published.calls.count))
            for share in published.calls {
                body.append(texts.number(of: share.scope.service))
                body.append(texts.number(of: share.scope.environment))
                body.append(texts.number(of: share.pattern))
                body.append(share.calls)
            }
            body.append(texts.number(of: datum.name))
            body.append(UInt64(datum.dimensions.count))
            for dimension in datum.dimensions {
                body.append(texts.number(of: dimension.name))
                body.append(texts.number(of: dimension.value))
            }
            body.append(signed: datum.timestamp.nanosecondsSince1970)
            body.append(texts.number(of: datum.unit.rawValue))
            body.append(UInt64(datum.storageResolution))
            switch datum.value {
            case .single(let value):
                body.append(UInt64(0))
                body.append(value, scale: valueScale)
            case .distribution(let values, let counts):
                body.append(UInt64(min(values.count, counts.count)))
                for (value, count) in zip(values, counts) {
                    body.append(value, scale: valueScale)
                    body.append(count, scale: countScale)
                }
            }
        }

        /// Gives what was written, and starts over.
        mutating func finish() -> [UInt8] {
            var blob = BlobWriter()
            blob.reserve(body.bytes.count + texts.list.reduce(20) { $0 + $1.utf8.count + 2 })
            blob.append(version)
            blob.append(UInt64(texts.list.count))
            for text in texts.list { blob.append(text) }
            blob.append(UInt64(count))
            blob.append(contentsOf: body)
            self = Writer()
            return blob.seal()
        }
    }

    static func decode(_ bytes: [UInt8]) throws(BlobError) -> [PublishedDatum] {
        var reader = try BlobReader(sealed: bytes)
        let version = try reader.number()
        guard version == 2 || version == self.version else { throw BlobError() }
        let isScaled = version > 2
        var texts: [String] = []
        for _ in 0..<(try reader.count(below: bytes.count)) { texts.append(try reader.text()) }
        var datums: [PublishedDatum] = []
        for _ in 0..<(try reader.count(below: bytes.count)) {
            let calls = try shares(&reader, texts)
            datums.append(PublishedDatum(datum: try datum(&reader, texts, isScaled: isScaled), calls: calls))
        }
        return datums
    }

    private static func shares(_ reader: inout BlobReader, _ texts: [String]) throws(BlobError) -> [CallShare] {
        var shares: [CallShare] = []
        for _ in 0..<(try reader.count(below: 1 << 24)) {
            let scope = MonitoringScope(
                service: texts[try reader.count(below: texts.count)],
                environment: texts[try reader.count(below: texts.count)])
            shares.append(
                CallShare(
                    scope: scope, pattern: texts[try reader.count(below: texts.count)], calls: try reader.number()))
        }
        return shares
    }

    private static func datum(
        _ reader: inout BlobReader, _ texts: [String], isScaled: Bool
    ) throws(BlobError) -> MetricDatum {
        let name = texts[try reader.count(below: texts.count)]
        var dimensions: [Dimension] = []
        for _ in 0..<(try reader.count(below: 31)) {
            let name = texts[try reader.count(below: texts.count)]
            dimensions.append(Dimension(name: name, value: texts[try reader.count(below: texts.count)]))
        }
        let timestamp = Timestamp(nanosecondsSince1970: try reader.signed())
        guard let unit = MetricUnit(rawValue: texts[try reader.count(below: texts.count)]) else { throw BlobError() }
        let resolution = try reader.count(below: 61)
        let pairs = try reader.count(below: PutMetricDataLimits.maximumValues + 1)
        guard pairs > 0 else {
            return MetricDatum(
                name: name, dimensions: dimensions, timestamp: timestamp, unit: unit,
                value: .single(try reader.double(scale: valueScale, isScaled)),
                storageResolution: resolution)
        }
        var values: [Double] = []
        var counts: [Double] = []
        for _ in 0..<pairs {
            values.append(try reader.double(scale: valueScale, isScaled))
            counts.append(try reader.double(scale: countScale, isScaled))
        }
        return MetricDatum(
            name: name, dimensions: dimensions, timestamp: timestamp, unit: unit,
            value: .distribution(values: values, counts: counts), storageResolution: resolution)
    }
}

extension BlobReader {
    fileprivate mutating func double(scale: Double, _ isScaled: Bool) throws(BlobError) -> Double {
        isScaled ? try double(scale: scale) : try double()
    }
}

/// Texts numbered in the order in which they first occur.
private struct TextTable {
    private(set) var list: [String] = []
    private var numbers: [String: UInt64] = [:]

    mutating func number(of text: String) -> UInt64 {
        if let number = numbers[text] { return number }
        let number = UInt64(list.count)
        numbers[text] = number
        list.append(text)
        return number
    }
}
