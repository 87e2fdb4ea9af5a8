internal import ContractModel
internal import JSONBytes

/// Reads one item straight from an answer, without a dictionary in between. Made for generated code.
///
///     while let name = try item.next() {
///         switch name {
///         case "rider_id": riderID = try item.string()
///         default: try item.skip()
///         }
///     }
///
/// Every value may be NULL, which reads as nil.
public struct ItemReader {
    private(set) var scanner: JSONScanner
    /// The item's size by DynamoDB's rules, as far as it has been read.
    private(set) var sizeInBytes = 0
    /// Why the answer is no JSON of DynamoDB's, where it is not.
    private(set) var malformed: JSONError?
    private var name: JSONName?
    private var isOpen = false

    init(_ scanner: JSONScanner) { self.scanner = scanner }

    // MARK: Names

    /// The next attribute's name; nil after the last one.
    public mutating func next() throws(ItemCodingError) -> AttributeName? {
        let name = try reading { scanner throws(JSONError) in
            try scanner.nextName()
        }
        self.name = name
        guard let name else { return nil }
        sizeInBytes += name.utf8.count
        return AttributeName(name: name)
    }

    mutating func begin() throws(ItemCodingError) {
        try reading { scanner throws(JSONError) in try scanner.beginObject() }
    }

    /// Goes past an attribute that the type does not have.
    public mutating func skip() throws(ItemCodingError) { _ = try value() }

    /// The value that an item must have.
    public func required<Value>(_ value: Value?, _ name: StaticString) throws(ItemCodingError) -> Value {
        guard let value else { throw ItemCodingError(path: "\(name)", reason: "is missing") }
        return value
    }

    // MARK: Values

    /// Reads a text, S.
    public mutating func string() throws(ItemCodingError) -> String? {
        guard try enter(Tag.string, "S") else { return nil }
        let text = try reading { scanner throws(JSONError) in
            let text = try scanner.readString()
            try scanner.leaveValue()
            return text
        }
        sizeInBytes += text.utf8.count
        return text
    }

    /// Reads a text, S, in which another text stands for no value.
    public mutating func string(nullText: StaticString) throws(ItemCodingError) -> String? {
        guard let text = try string(), text != "\(nullText)" else { return nil }
        return text
    }

    /// Reads a whole number, N, that fits.
    public mutating func integer<Value: FixedWidthInteger>(
        as type: Value.Type = Value.self
    ) throws(ItemCodingError) -> Value? {
        guard let text = try numberText() else { return nil }
        if let value = Value(text) { return value }
        guard let value = DynamoDBNumber(text)?.integer(as: Value.self) else {
            throw failure("is a number that \(Value.self) cannot hold")
        }
        return value
    }

    /// Reads a whole number, N, of which one stands for no value.
    public mutating func integer<Value: FixedWidthInteger>(
        nullText: StaticString
    ) throws(ItemCodingError) -> Value? {
        guard let value = try integer(as: Value.self), value != Value("\(nullText)") else { return nil }
        return value
    }

    /// Reads a number, N, of which one stands for no value.
    public mutating func number(nullText: StaticString) throws(ItemCodingError) -> DynamoDBNumber? {
        guard let value = try number(), value != DynamoDBNumber("\(nullText)") else { return nil }
        return value
    }

    /// Reads a text, S, that is a whole number, in which another text stands for no value.
    public mutating func integerText<Value: FixedWidthInteger>(
        nullText: StaticString
    ) throws(ItemCodingError) -> Value? {
        guard let text = try string(nullText: nullText) else { return nil }
        guard let value = Value(text) else { throw failure("is a text that is no \(Value.self)") }
        return value
    }

    /// Reads a number, N.
    public mutating func number() throws(ItemCodingError) -> DynamoDBNumber? {
        guard let text = try numberText() else { return nil }
        guard let number = DynamoDBNumber(text) else { throw failure("is an N that is no number") }
        return number
    }

    /// Reads a text, S, that is a whole number.
    public mutating func integerText<Value: FixedWidthInteger>(
        as type: Value.Type = Value.self
    ) throws(ItemCodingError) -> Value? {
        guard let text = try string() else { return nil }
        guard let value = Value(text) else { throw failure("is a text that is no \(Value.self)") }
        return value
    }

    private mutating func numberText() throws(ItemCodingError) -> String? {
        guard try enter(Tag.number, "N") else { return nil }
        let bytes = try reading { scanner throws(JSONError) in
            let bytes = try scanner.readStringBytes()
            try scanner.leaveValue()
            return bytes
        }
        guard let number = NumberText(bytes) else { throw failure("is an N that is no number") }
        sizeInBytes += number.sizeInBytes
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads true or false, BOOL.
    public mutating func bool() throws(ItemCodingError) -> Bool? {
        guard try enter(Tag.bool, "BOOL") else { return nil }
        sizeInBytes += 1
        return try reading { scanner throws(JSONError) in
            let flag = try scanner.readBool()
            try scanner.leaveValue()
            return flag
        }
    }

    /// Reads bytes, B.
    public mutating func binary() throws(ItemCodingError) -> [UInt8]? {
        guard let value = try anyValue() else { return nil }
        guard case .binary(let bytes) = value else { throw mismatch(value, "B") }
        return bytes
    }

    /// Reads named values, M.
    public mutating func map() throws(ItemCodingError) -> [String: AttributeValue]? {
        guard let value = try anyValue() else { return nil }
        guard case .map(let members) = value else { throw mismatch(value, "M") }
        return members
    }

    /// Reads values in order, L.
    public mutating func list() throws(ItemCodingError) -> [AttributeValue]? {
        guard let value = try anyValue() else { return nil }
        guard case .list(let elements) = value else { throw mismatch(value, "L") }
        return elements
    }

    /// Reads a set of texts, SS.
    public mutating func stringSet() throws(ItemCodingError) -> Set<String>? {
        guard let value = try anyValue() else { return nil }
        guard case .stringSet(let texts) = value else { throw mismatch(value, "SS") }
        return Set(texts)
    }

    /// Reads a set of numbers, NS.
    public mutating func numberSet() throws(ItemCodingError) -> Set<DynamoDBNumber>? {
        guard let value = try anyValue() else { return nil }
        guard case .numberSet(let texts) = value else { throw mismatch(value, "NS") }
        return Set(texts.compactMap(DynamoDBNumber.init))
    }

    /// Reads a set of binaries, BS.
    public mutating func binarySet() throws(ItemCodingError) -> Set<[UInt8]>? {
        guard let value = try anyValue() else { return nil }
        guard case .binarySet(let blobs) = value else { throw mismatch(value, "BS") }
        return Set(blobs)
    }

    /// Reads a value of any type.
    public mutating func value() throws(ItemCodingError) -> AttributeValue? {
        let value = try reading { scanner throws(JSONError) in try ItemCodec.readValue(from: &scanner) }
        sizeInBytes += ItemSize.bytes(of: value)
        return value
    }

    private mutating func anyValue() throws(ItemCodingError) -> AttributeValue? {
        guard let value = try value(), value != .null else { return nil }
        return value
    }

    // MARK: Keys

    /// Reads what a key holds behind a fixed text: "r-1" of "RIDER#r-1".
    public mutating func part(after prefix: StaticString) throws(ItemCodingError) -> String? {
        guard let text = try string() else { return nil }
        let wanted = prefix.utf8CodeUnitCount
        let begins = text.utf8.count > wanted && prefix.withUTF8Buffer { text.utf8.starts(with: $0) }
        guard begins else { throw failure("does not begin with '\(prefix)'") }
        return String(decoding: text.utf8.dropFirst(wanted), as: UTF8.self)
    }

    /// Reads the values that a key is put together of.
    ///
    /// - Parameter template: the key with holes, "ORDER#{}#{}".
    public mutating func parts(of template: StaticString) throws(ItemCodingError) -> [String]? {
        guard let text = try string() else { return nil }
        guard let parts = KeyParts.parts(of: text, in: "\(template)") else {
            throw failure("does not have the form '\(template)'")
        }
        return parts
    }

    // MARK: Pieces

    private enum Tag {
        static let string: UInt32 = 0x53
        static let number: UInt32 = 0x4E
        static let bool: UInt32 = 0x424F_4F4C
        static let null: UInt32 = 0x4E55_4C4C
    }

    /// Enters a value of that type; false for NULL, which is then read.
    private mutating func enter(_ tag: UInt32, _ type: StaticString) throws(ItemCodingError) -> Bool {
        let start = scanner
        let found = try reading { scanner throws(JSONError) in
            try scanner.beginObject()
            guard let tag = try scanner.nextTag() else { throw scanner.error("an attribute value has no type") }
            return tag
        }
        if found == tag { return true }
        scanner = start
        guard let value = try value(), value != .null else { return false }
        throw mismatch(value, type)
    }

    private func mismatch(_ value: AttributeValue, _ type: StaticString) -> ItemCodingError {
        failure("is \(value.type.rawValue), and the type takes \(type)")
    }

    @inline(never)
    private func failure(_ reason: String) -> ItemCodingError {
        ItemCodingError(path: name?.text ?? "", reason: reason)
    }

    @inline(__always)
    private mutating func reading<Value>(
        _ body: (inout JSONScanner) throws(JSONError) -> Value
    ) throws(ItemCodingError) -> Value {
        do throws(JSONError) {
            return try body(&scanner)
        } catch {
            malformed = error
            throw failure("is not DynamoDB's JSON")
        }
    }
}

/// An attribute's name as it stands in an answer, to be compared with names that are known: `case "rider_id":`.
public struct AttributeName {
    let name: JSONName

    /// The name as a String.
    public var text: String { name.text }

    /// Lets a `switch` compare names with literals.
    public static func ~= (text: StaticString, name: AttributeName) -> Bool {
        guard name.name.utf8.count == text.utf8CodeUnitCount else { return false }
        return name.name.utf8.withUnsafeBufferPointer { name in
            text.withUTF8Buffer { text in text.indices.allSatisfy { text[$0] == name[$0] } }
        }
    }
}

extension JSONScanner {
    /// Leaves a value whose one member has been read.
    fileprivate mutating func leaveValue() throws(JSONError) {
        guard try nextTag() == nil else { throw error("an attribute value has more than one type") }
    }
}

/// Takes keys apart.
enum KeyParts {
    /// The texts in the holes of a template, "ORDER#{}#{}": each ends where the text behind its hole first occurs.
    static func parts(of text: String, in template: String) -> [String]? {
        let literals = template.split(separator: "{}", omittingEmptySubsequences: false).map { Array($0.utf8) }
        var rest = Array(text.utf8)[...]
        guard let first = literals.first, rest.starts(with: first) else { return nil }
        rest = rest.dropFirst(first.count)
        var parts: [String] = []
        for (place, literal) in literals.enumerated().dropFirst() {
            let isLast = place == literals.count - 1
            let end =
                isLast
                ? (rest.suffix(literal.count).elementsEqual(literal) ? rest.count - literal.count : nil)
                : (0...max(0, rest.count - literal.count)).first { rest.dropFirst($0).starts(with: literal) }
            guard let end, end > 0 else { return nil }
            parts.append(String(decoding: rest.prefix(end), as: UTF8.self))
            rest = rest.dropFirst(end + literal.count)
        }
        return rest.isEmpty ? parts : nil
    }
}
