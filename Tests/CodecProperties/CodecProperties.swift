internal import JSONBytes
internal import Tidemark

/// What must hold of the codec for any bytes at all. Nothing may trap; each function gives what does not hold.
package enum CodecProperties {
    /// The first property of any parser that these bytes break, or nil.
    package static func violation(by bytes: [UInt8]) -> String? {
        violationOfJSON(by: bytes) ?? violationOfItems(by: bytes) ?? violationOfAnswers(by: bytes)
    }

    /// The readers of JSON agree with each other, and what is written reads back as it was.
    package static func violationOfJSON(by bytes: [UInt8]) -> String? {
        let isSkipped = skips(bytes)
        guard let value = parse(bytes) else {
            if (try? LocatedJSON.parse(bytes)) != nil { return "only the tree with positions takes it" }
            // Skipping does not look for names that stand twice, and that is the one difference.
            let reason = reasonOfRefusal(of: bytes)
            return isSkipped && !reason.hasSuffix("stands twice") ? "skipped, but refused: \(reason)" : nil
        }
        guard isSkipped else { return "parsed, but not skipped" }
        guard (try? LocatedJSON.parse(bytes)) != nil else { return "the tree with positions refuses it" }
        var writer = JSONWriter(reserving: 16)
        writer.value(value)
        guard writer.bytes == writer.take() else { return "the copy and the original differ" }
        writer.value(value)
        return parse(writer.bytes) == value ? nil : "what was written reads back as something else"
    }

    /// An item that is read is the item that is read back after it was written, and has a size and a canonical form.
    package static func violationOfItems(by bytes: [UInt8]) -> String? {
        guard let item = try? ItemCodec.decode(bytes) else { return nil }
        guard let again = try? ItemCodec.decode(ItemCodec.encode(item)) else { return "the item cannot be read back" }
        guard again == item else { return "the item reads back as another" }
        guard parse(bytes) != nil else { return "an item, but no JSON" }
        guard ItemSize.bytes(of: item) >= 0 else { return "the item's size is \(ItemSize.bytes(of: item))" }
        guard item.canonicalKey == again.canonicalKey.canonicalKey else { return "the canonical form is none" }
        return item.values.lazy.compactMap(violation(byNumber:)).first
    }

    /// The readers of whole answers end, whatever they are given.
    package static func violationOfAnswers(by bytes: [UInt8]) -> String? {
        _ = RefusedItems.item(in: bytes)
        _ = RefusedItems.cancellationReasons(in: bytes)
        return Reader.allCases.lazy.compactMap { violation(by: bytes, reader: $0) }.first
    }

    // MARK: Pieces

    private enum Reader: CaseIterable {
        case item, items, capacity, keys, writes, found

        func read(_ scanner: inout JSONScanner) throws(JSONError) {
            switch self {
            case .item: _ = try ItemCodec.readItem(from: &scanner)
            case .items: _ = try ItemCodec.readItems(from: &scanner)
            case .capacity: _ = try CapacityReader(isWrite: true).read(from: &scanner)
            case .keys: _ = try BatchCodec.readGets(from: &scanner, asked: [])
            case .writes: _ = try BatchCodec.readWrites(from: &scanner)
            case .found: _ = try TransactCodec.readItems(from: &scanner)
            }
        }
    }

    private static func violation(by bytes: [UInt8], reader: Reader) -> String? {
        var scanner = JSONScanner(bytes)
        do throws(JSONError) {
            try reader.read(&scanner)
        } catch {
            return (0...bytes.count).contains(error.offset) ? nil : "the error is at \(error.offset)"
        }
        do throws(JSONError) {
            try ResponseReader.read(bytes) { name, scanner throws(JSONError) in
                guard name == "Item" else { return false }
                try reader.read(&scanner)
                return true
            }
        } catch {
            return (0...bytes.count).contains(error.offset) ? nil : "the error is at \(error.offset)"
        }
        return nil
    }

    private static func violation(byNumber value: AttributeValue) -> String? {
        guard case .number(let text) = value else { return nil }
        guard let number = DynamoDBNumber(text) else { return "a number that was read is none: \(text)" }
        return DynamoDBNumber(number.description) == number ? nil : "\(text) is not \(number)"
    }

    private static func parse(_ bytes: [UInt8]) -> JSONValue? { try? JSONValue.parse(bytes) }

    private static func skips(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes)
        do throws(JSONError) {
            try scanner.skipValue()
            try scanner.finish()
            return true
        } catch {
            return false
        }
    }

    private static func reasonOfRefusal(of bytes: [UInt8]) -> String {
        do throws(JSONError) {
            _ = try JSONValue.parse(bytes)
            return ""
        } catch {
            return error.reason
        }
    }
}
