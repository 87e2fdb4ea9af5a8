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
        return writer.bytes
    }

    /// The item that these bytes are, and nothing besides.
    package static func decode(_ bytes: [UInt8]) throws(JSONError) -> Item {
        var scanner = JSONScanner(bytes)
        let item = try readItem(from: &scanner)
        try scanner.finish()
        return item
    }

    // MARK: Writing

    static func write(_ item: Item, into writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in item {
            writer.key(name)
            write(value, into: &writer)
        }
        writer.endObject()
    }

    static func write(_ value: AttributeValue, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key(value.type.rawValue)
        switch value {
        case .string(let text), .number(let text): writer.string(text)
        case .binary(let bytes): writer.string(Base64.encode(bytes))
        case .stringSet(let texts), .numberSet(let texts): write(texts, into: &writer)
        case .binarySet(let blobs): write(blobs.map(Base64.encode), into: &writer)
        case .list(let elements):
            writer.beginArray()
            for element in elements { write(element, into: &writer) }
            writer.endArray()
        case .map(let members): write(members, into: &writer)
        case .bool(let flag): writer.bool(flag)
        case .null: writer.bool(true)
        }
        writer.endObject()
    }

    private static func write(_ texts: [String], into writer: inout JSONWriter) {
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }

    // MARK: Reading

    static func readItem(from scanner: inout JSONScanner) throws(JSONError) -> Item {
        var item: Item = [:]
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            let value = try readValue(from: &scanner)
            guard item.updateValue(value, forKey: name) == nil else {
                throw scanner.error("an attribute's name stands twice")
            }
        }
        return item
    }

    static func readItems(from scanner: inout JSONScanner) throws(JSONError) -> [Item] {
        var items: [Item] = []
        try scanner.beginArray()
        while try scanner.nextElement() { items.append(try readItem(from: &scanner)) }
        return items
    }

    static func readValue(from scanner: inout JSONScanner) throws(JSONError) -> AttributeValue {
        try scanner.beginObject()
        guard let type = try scanner.nextKey() else { throw scanner.error("an attribute value has no type") }
        let value = try readValue(type: type, from: &scanner)
        guard try scanner.nextKey() == nil else { throw scanner.error("an attribute value has more than one type") }
        return value
    }

    private static func readValue(type: String, from scanner: inout JSONScanner) throws(JSONError) -> AttributeValue {
        switch type {
        case "S": return .string(try scanner.readString())
        case "N": return .number(try readNumber(from: &scanner))
        case "B": return .binary(try readBinary(from: &scanner))
        case "BOOL": return .bool(try scanner.readBool())
        case "M": return .map(try readItem(from: &scanner))
        case "NULL":
            guard try scanner.readBool() else { throw scanner.error("NULL is true or absent") }
            return .null
        case "L":
            var elements: [AttributeValue] = []
            try scanner.beginArray()
            while try scanner.nextElement() { elements.append(try readValue(from: &scanner)) }
            return .list(elements)
        case "SS":
            return .stringSet(try readList(from: &scanner) { scanner throws(JSONError) in try scanner.readString() })
        case "NS":
            return .numberSet(
                try readList(from: &scanner) { scanner throws(JSONError) in try readNumber(from: &scanner) })
        case "BS":
            return .binarySet(
                try readList(from: &scanner) { scanner throws(JSONError) in try readBinary(from: &scanner) })
        default: throw scanner.error("an attribute value of an unknown type")
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
        let text = try scanner.readString()
        guard NumberText(text) != nil else { throw scanner.error("a number that is none, or is out of range") }
        return text
    }

    private static func readBinary(from scanner: inout JSONScanner) throws(JSONError) -> [UInt8] {
        guard let bytes = Base64.decode(try scanner.readString()) else {
            throw scanner.error("a binary that is not base64")
        }
        return bytes
    }
}
