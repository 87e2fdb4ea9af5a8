/// Reads JSON (RFC 8259) piece by piece from bytes, strictly and without building a tree.
///
/// The caller says what it expects: `beginObject()`, then `nextKey()` until it returns nil, each key followed by one
/// read or skip of its value. Anything else throws; nothing traps. Nesting is bounded.
public struct JSONScanner: Sendable {
    /// The kinds of JSON value.
    public enum Kind: Sendable, Equatable {
        case object, array, string, number, bool, null
    }

    /// Nesting allowed when a caller does not say otherwise. DynamoDB nests items 32 levels deep, two JSON levels each.
    public static let defaultMaximumDepth = 128

    let bytes: [UInt8]
    /// Offset of the next byte to be read.
    public private(set) var offset: Int
    private let maximumDepth: Int
    /// One flag a container that is open: whether an element has been read in it.
    private var containers: [Bool] = []

    /// Starts at the first byte.
    public init(_ bytes: [UInt8], maximumDepth: Int = JSONScanner.defaultMaximumDepth) {
        self.bytes = bytes
        self.offset = 0
        self.maximumDepth = maximumDepth
    }

    /// An error at the current offset.
    public func error(_ reason: String) -> JSONError { JSONError(offset: offset, in: bytes, reason: reason) }

    /// The kind of the next value, without reading it.
    public mutating func peekKind() throws(JSONError) -> Kind {
        switch try peekByte() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw error("a value was expected")
        }
    }

    /// Enters an object.
    public mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{"), "an object was expected") }

    /// The next member's name, or nil when the object ends here (and is left).
    public mutating func nextKey() throws(JSONError) -> String? {
        guard try nextItem(closing: UInt8(ascii: "}"), "a comma or '}' was expected") else { return nil }
        guard try peekByte() == UInt8(ascii: "\"") else { throw error("a member's name in quotes was expected") }
        let name = try readString()
        guard try peekByte() == UInt8(ascii: ":") else { throw error("a colon was expected") }
        offset += 1
        return name
    }

    /// Enters an array.
    public mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "["), "an array was expected") }

    /// Whether another element follows; false when the array ends here (and is left).
    public mutating func nextElement() throws(JSONError) -> Bool {
        try nextItem(closing: UInt8(ascii: "]"), "a comma or ']' was expected")
    }

    /// Reads `true` or `false`.
    public mutating func readBool() throws(JSONError) -> Bool {
        if try peekByte() == UInt8(ascii: "t") {
            try expect("true")
            return true
        }
        try expect("false")
        return false
    }

    /// Reads `null`.
    public mutating func readNull() throws(JSONError) {
        _ = try peekByte()
        try expect("null")
    }

    /// Reads a number and gives its text exactly as it was written.
    public mutating func readNumberText() throws(JSONError) -> String {
        _ = try peekByte()
        let start = offset
        if byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
        if byte(at: offset) == UInt8(ascii: "0") {
            offset += 1
        } else {
            try skipDigits()
        }
        if byte(at: offset) == UInt8(ascii: ".") {
            offset += 1
            try skipDigits()
        }
        if byte(at: offset) == UInt8(ascii: "e") || byte(at: offset) == UInt8(ascii: "E") {
            offset += 1
            if byte(at: offset) == UInt8(ascii: "+") || byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
            try skipDigits()
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// Reads a string, its escapes resolved and its UTF-8 checked.
    public mutating func readString() throws(JSONError) -> String {
        guard try peekByte() == UInt8(ascii: "\"") else { throw error("a string was expected") }
        offset += 1
        let start = offset
        while let byte = byte(at: offset), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            offset += 1
        }
        guard byte(at: offset) == UInt8(ascii: "\"") else { return try readEscapedString(from: start) }
        guard let text = String(validating: bytes[start..<offset], as: UTF8.self) else {
            throw JSONError(offset: start, in: bytes, reason: "the string is not valid UTF-8")
        }
        offset += 1
        return text
    }

    /// Reads a value of any kind and drops it.
    public mutating func skipValue() throws(JSONError) {
        switch try peekKind() {
        case .object:
            try beginObject()
            while try nextKey() != nil { try skipValue() }
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        case .string: _ = try readString()
        case .number: _ = try readNumberText()
        case .bool: _ = try readBool()
        case .null: try readNull()
        }
    }

    /// Checks that only white space is left.
    public mutating func finish() throws(JSONError) {
        skipWhiteSpace()
        if offset < bytes.count { throw error("nothing more was expected after the value") }
    }

    // MARK: Pieces

    func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Offset of the next value after white space.
    package mutating func skipToValue() throws(JSONError) -> Int {
        _ = try peekByte()
        return offset
    }

    private mutating func skipWhiteSpace() {
        while let next = byte(at: offset), next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { offset += 1 }
    }

    private mutating func peekByte() throws(JSONError) -> UInt8 {
        skipWhiteSpace()
        guard let next = byte(at: offset) else { throw error("the text ends too early") }
        return next
    }

    private mutating func open(_ bracket: UInt8, _ reason: String) throws(JSONError) {
        guard try peekByte() == bracket else { throw error(reason) }
        guard containers.count < maximumDepth else { throw error("nested deeper than \(maximumDepth) levels") }
        offset += 1
        containers.append(false)
    }

    private mutating func nextItem(closing bracket: UInt8, _ reason: String) throws(JSONError) -> Bool {
        guard let hasElement = containers.last else { throw error("no object or array is open") }
        let next = try peekByte()
        if next == bracket {
            offset += 1
            containers.removeLast()
            return false
        }
        if hasElement {
            guard next == UInt8(ascii: ",") else { throw error(reason) }
            offset += 1
            let following = try peekByte()
            guard following != UInt8(ascii: "}"), following != UInt8(ascii: "]") else {
                throw error("a value was expected after the comma")
            }
        }
        containers[containers.count - 1] = true
        return true
    }

    private mutating func expect(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard byte(at: offset + index) == word.utf8Start[index] else { throw error("'\(word)' was expected") }
        }
        offset += word.utf8CodeUnitCount
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = offset
        while let next = byte(at: offset), next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9") { offset += 1 }
        if offset == start { throw error("a digit was expected") }
    }

    private mutating func readEscapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<offset])
        while let next = byte(at: offset) {
            if next == UInt8(ascii: "\"") {
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw JSONError(offset: start, in: bytes, reason: "the string is not valid UTF-8")
                }
                offset += 1
                return string
            }
            if next < 0x20 { throw error("a control character must be escaped in a string") }
            offset += 1
            if next == UInt8(ascii: "\\") {
                try readEscape(into: &text)
            } else {
                text.append(next)
            }
        }
        throw error("the string does not end")
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONError) {
        guard let letter = byte(at: offset) else { throw error("the string does not end") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): try readUnicodeEscape(into: &text)
        default:
            offset -= 1
            throw error("an unknown escape")
        }
    }

    private mutating func readUnicodeEscape(into text: inout [UInt8]) throws(JSONError) {
        var code = try readHexUnit()
        if (0xD800..<0xDC00).contains(code) {
            guard byte(at: offset) == UInt8(ascii: "\\"), byte(at: offset + 1) == UInt8(ascii: "u") else {
                throw error("the second half of a surrogate pair was expected")
            }
            offset += 2
            let low = try readHexUnit()
            guard (0xDC00..<0xE000).contains(low) else {
                throw error("the second half of a surrogate pair was expected")
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair is no character") }
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func readHexUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let next = byte(at: offset), let digit = Character(Unicode.Scalar(next)).hexDigitValue else {
                throw error("four hexadecimal digits were expected")
            }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }
}
