internal import ContractModel
package import JSONBytes

/// DynamoDB's JSON to and from values, straight between bytes and values.
///
/// Reading is strict: one type a value, numbers and base64 checked, no name twice, nesting bounded by the scanner.
package enum ItemCodec {
    /// The item as DynamoDB's JSON.
    package static func encode(_ item: Item) -> [UInt8] {
        var writer = JSONWriter()
        write(item, into: &writer)
        return writer.take()
    }

    /// The item that these bytes are, and nothing besides.
    package static func decode(_ bytes: [UInt8]) throws(JSONError) -> Item {
        var scanner = JSONScanner(bytes)
        let item = try readItem(from: &scanner)
        try scanner.finish()
        return item
    }

    // MARK: Writing

    /// Writes the item as one JSON value.
    package static func write(_ item: Item, into writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in item {
            writer.key(name)
            write(value, into: &writer)
        }
        writer.endObject()
    }

    /// Writes the value with its type around it.
    package static func write(_ value: AttributeValue, into writer: inout JSONWriter) {
        switch value {
        case .string(let text):
            writer.lead(#"{"S":"#)
            writer.string(text)
        case .number(let text):
            writer.lead(#"{"N":"#)
            writer.string(text)
        case .bool(let flag):
            writer.lead(#"{"BOOL":"#)
            writer.bool(flag)
        case .null: writer.lead(#"{"NULL":true"#)
        case .map(let members):
            writer.lead(#"{"M":"#)
            write(members, into: &writer)
        case .list(let elements):
            writer.lead(#"{"L":["#)
            for element in elements { write(element, into: &writer) }
            writer.trail("]")
        case .binary(let bytes):
            writer.lead(#"{"B":"#)
            write(bytes, into: &writer)
        case .stringSet(let texts):
            writer.lead(#"{"SS":["#)
            for text in texts { writer.string(text) }
            writer.trail("]")
        case .numberSet(let texts):
            writer.lead(#"{"NS":["#)
            for text in texts { writer.string(text) }
            writer.trail("]")
        case .binarySet(let blobs):
            writer.lead(#"{"BS":["#)
            for blob in blobs { write(blob, into: &writer) }
            writer.trail("]")
        }
        writer.trail("}")
    }

    private static func write(_ bytes: [UInt8], into writer: inout JSONWriter) {
        writer.plainString(count: Base64.encodedCount(of: bytes)) { Base64.encode(bytes, into: $0) }
    }

    // MARK: Reading

    /// Reads the scanner's next value as an item.
    package static func readItem(from scanner: inout JSONScanner) throws(JSONError) -> Item {
        // A short attribute takes some forty bytes; a dictionary that has to grow hashes all of its names again.
        try readMembers(from: &scanner, expecting: min(12, scanner.bytesLeft / 40))
    }

    /// Reads the scanner's next value as a list of items.
    package static func readItems(from scanner: inout JSONScanner) throws(JSONError) -> [Item] {
        var items: [Item] = []
        try scanner.beginArray()
        while try scanner.nextElement() {
            // Items of one page are alike.
            let item =
                if let last = items.last {
                    try readMembers(from: &scanner, expecting: last.count)
                } else {
                    try readItem(from: &scanner)
                }
            items.append(item)
        }
        return items
    }

    private static func readMembers(
        from scanner: inout JSONScanner, expecting count: Int
    ) throws(JSONError) -> [String: AttributeValue] {
        var members: [String: AttributeValue] = [:]
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            if members.isEmpty { members.reserveCapacity(count) }
            let value = try readValue(from: &scanner)
            guard members.updateValue(value, forKey: name) == nil else {
                throw scanner.error("an attribute's name stands twice")
            }
        }
        return members
    }

    /// Reads the scanner's next value as an attribute value.
    package static func readValue(from scanner: inout JSONScanner) throws(JSONError) -> AttributeValue {
        try scanner.beginObject()
        guard let tag = try scanner.nextTag() else { throw scanner.error("an attribute value has no type") }
        guard let type = type(ofTag: tag) else { throw scanner.error("an attribute value of an unknown type") }
        let value = try readValue(type: type, from: &scanner)
        guard try scanner.nextTag() == nil else { throw scanner.error("an attribute value has more than one type") }
        return value
    }

    /// The type whose name has these letters.
    private static func type(ofTag tag: UInt32) -> AttributeType? {
        switch tag {
        case 0x53: .S
        case 0x4E: .N
        case 0x42: .B
        case 0x4D: .M
        case 0x4C: .L
        case 0x5353: .SS
        case 0x4E53: .NS
        case 0x4253: .BS
        case 0x424F_4F4C: .BOOL
        case 0x4E55_4C4C: .NULL
        default: nil
        }
    }

    private static func readValue(
        type: AttributeType, from scanner: inout JSONScanner
    ) throws(JSONError) -> AttributeValue {
        switch type {
        case .S: return .string(try scanner.readString())
        case .N: return .number(try readNumber(from: &scanner))
        case .B: return .binary(try readBinary(from: &scanner))
        case .BOOL: return .bool(try scanner.readBool())
        case .M: return .map(try readMembers(from: &scanner, expecting: 3))
        case .NULL:
            guard try scanner.readBool() else { throw scanner.error("NULL is true or absent") }
            return .null
        case .L: return .list(try readList(from: &scanner, readValue))
        case .SS:
            return .stringSet(try readList(from: &scanner) { scanner throws(JSONError) in try scanner.readString() })
        case .NS: return .numberSet(try readList(from: &scanner, readNumber))
        case .BS: return .binarySet(try readList(from: &scanner, readBinary))
        }
    }

    private static func readList<Element>(
        from scanner: inout JSONScanner, _ read: (inout JSONScanner) throws(JSONError) -> Element
    ) throws(JSONError) -> [Element] {
        var elements: [Element] = []
        try scanner.beginArray()
        while try scanner.nextElement() { elements.append(try read(&scanner)) }
        return elements
    }

    private static func readNumber(from scanner: inout JSONScanner) throws(JSONError) -> String {
        let text = try scanner.readStringBytes()
        guard NumberText(text) != nil else { throw scanner.error("a number that is none, or is out of range") }
        return String(decoding: text, as: UTF8.self)
    }

    private static func readBinary(from scanner: inout JSONScanner) throws(JSONError) -> [UInt8] {
        guard let bytes = Base64.decode(try scanner.readStringBytes()) else {
            throw scanner.error("a binary that is not base64")
        }
        return bytes
    }
}
