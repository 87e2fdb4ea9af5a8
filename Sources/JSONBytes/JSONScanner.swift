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
    public internal(set) var offset: Int
    private let maximumDepth: Int
    private var depth = 0
    /// Whether the container that is open has an element, so that a comma stands before the next. One flag is enough:
    /// the container around one that ends has that one as its element.
    private var hasElement = false

    /// Starts at the first byte.
    public init(_ bytes: [UInt8], maximumDepth: Int = JSONScanner.defaultMaximumDepth) {
        self.bytes = bytes
        self.offset = 0
        self.maximumDepth = maximumDepth
    }

    /// An error at the current offset.
    @inline(never)
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
        guard try nextMember() else { return nil }
        let name = try readText()
        try expectColon()
        return name
    }

    /// The next member's name, to be compared without making a String; nil when the object ends here (and is left).
    public mutating func nextName() throws(JSONError) -> JSONName? {
        guard try nextMember() else { return nil }
        let name = JSONName(utf8: try readTextBytes())
        try expectColon()
        return name
    }

    /// The next member's name as one number, for names that are one to four letters: "S" is 0x53, "NS" 0x4E53; 0 for any
    /// other. Nil when the object ends here (and is left).
    package mutating func nextTag() throws(JSONError) -> UInt32? {
        guard try nextMember() else { return nil }
        let tag = try readTag()
        try expectColon()
        return tag
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

    /// Reads a string, its escapes resolved and its UTF-8 checked.
    public mutating func readString() throws(JSONError) -> String {
        try enterString("a string was expected")
        return try readText()
    }

    /// Reads a string as the bytes of its UTF-8, its escapes resolved: of the input itself where there are none.
    public mutating func readStringBytes() throws(JSONError) -> ArraySlice<UInt8> {
        try enterString("a string was expected")
        return try readTextBytes()
    }

    /// Reads a value of any kind and drops it. Names that stand twice in it are not looked for.
    public mutating func skipValue() throws(JSONError) {
        switch try peekKind() {
        case .object:
            try beginObject()
            while try nextMember() {
                try skipText()
                try expectColon()
                try skipValue()
            }
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        case .string:
            try enterString("a string was expected")
            try skipText()
        case .number: try skipNumber()
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

    /// The byte at an offset; past the end 0, which JSON allows nowhere.
    @inline(__always)
    func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    /// How many bytes have not been read.
    package var bytesLeft: Int { bytes.count - offset }

    /// Offset of the next value after white space.
    package mutating func skipToValue() throws(JSONError) -> Int {
        _ = try peekByte()
        return offset
    }

    private mutating func skipWhiteSpace() {
        while true {
            switch byte(at: offset) {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    @inline(__always)
    mutating func peekByte() throws(JSONError) -> UInt8 {
        let next = byte(at: offset)
        if next > 0x20 { return next }
        skipWhiteSpace()
        guard offset < bytes.count else { throw error("the text ends too early") }
        return bytes[offset]
    }

    private mutating func open(_ bracket: UInt8, _ reason: String) throws(JSONError) {
        guard try peekByte() == bracket else { throw error(reason) }
        guard depth < maximumDepth else { throw error("nested deeper than \(maximumDepth) levels") }
        offset += 1
        depth += 1
        hasElement = false
    }

    @inline(__always)
    private mutating func nextItem(closing bracket: UInt8, _ reason: String) throws(JSONError) -> Bool {
        guard depth > 0 else { throw error("no object or array is open") }
        let next = try peekByte()
        if next == bracket {
            offset += 1
            depth -= 1
            hasElement = true
            return false
        }
        if hasElement {
            guard next == UInt8(ascii: ",") else { throw error(reason) }
            offset += 1
        }
        hasElement = true
        return true
    }

    /// Enters the next member's name, behind its quote; false when the object ends here (and is left).
    @inline(__always)
    mutating func nextMember() throws(JSONError) -> Bool {
        guard try nextItem(closing: UInt8(ascii: "}"), "a comma or '}' was expected") else { return false }
        try enterString("a member's name in quotes was expected")
        return true
    }

    @inline(__always)
    private mutating func enterString(_ reason: String) throws(JSONError) {
        guard try peekByte() == UInt8(ascii: "\"") else { throw error(reason) }
        offset += 1
    }

    @inline(__always)
    mutating func expectColon() throws(JSONError) {
        guard try peekByte() == UInt8(ascii: ":") else { throw error("a colon was expected") }
        offset += 1
    }

    private mutating func expect(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard byte(at: offset + index) == word.utf8Start[index] else { throw error("'\(word)' was expected") }
        }
        offset += word.utf8CodeUnitCount
    }
}
