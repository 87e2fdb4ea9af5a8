/// One member of an object that knows where it stands.
public struct LocatedMember: Sendable {
    /// The member's name.
    public var name: String
    /// The member's value, with its own position.
    public var value: LocatedJSON
    /// Line on which the name starts, from 1.
    public var line: Int
    /// Column at which the name starts, in bytes, from 1.
    public var column: Int
}

/// A JSON tree in which every value knows its line, column and JSON pointer (RFC 6901), for messages that people act on.
public struct LocatedJSON: Sendable {
    /// The value itself.
    public indirect enum Value: Sendable {
        case null
        case bool(Bool)
        case number(String)
        case string(String)
        case array([LocatedJSON])
        case object([LocatedMember])
    }

    /// The value itself.
    public var value: Value
    /// Line on which the value starts, from 1.
    public var line: Int
    /// Column at which the value starts, in bytes, from 1.
    public var column: Int
    /// JSON pointer of the value: "/tables/0/pk"; empty for the whole document.
    public var pointer: String

    /// Reads one value that fills the input: strict, nesting bounded.
    ///
    /// - Parameter keepsRepeatedNames: whether an object may have a name twice, for a reader that says so itself.
    public static func parse(
        _ bytes: [UInt8], maximumDepth: Int = JSONScanner.defaultMaximumDepth, keepsRepeatedNames: Bool = false
    ) throws(JSONError) -> LocatedJSON {
        var reader = LocatedReader(
            scanner: JSONScanner(bytes, maximumDepth: maximumDepth), keepsRepeatedNames: keepsRepeatedNames)
        let value = try reader.read(pointer: "")
        try reader.scanner.finish()
        return value
    }

    /// The member of that name, if this is an object that has one.
    public subscript(name: String) -> LocatedJSON? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text of a string.
    public var stringValue: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// A number that is written as an integer and fits.
    public var intValue: Int? {
        if case .number(let text) = value { Int(text) } else { nil }
    }

    /// A number as the nearest Double.
    public var doubleValue: Double? {
        if case .number(let text) = value { Double(text) } else { nil }
    }

    /// `true` or `false`.
    public var boolValue: Bool? {
        if case .bool(let flag) = value { flag } else { nil }
    }

    /// The elements of an array.
    public var arrayValue: [LocatedJSON]? {
        if case .array(let elements) = value { elements } else { nil }
    }

    /// The members of an object.
    public var objectValue: [LocatedMember]? {
        if case .object(let members) = value { members } else { nil }
    }

    /// Whether the value is `null`.
    public var isNull: Bool {
        if case .null = value { true } else { false }
    }
}

/// Builds the tree and counts lines as it goes, so that positions cost one pass.
private struct LocatedReader {
    var scanner: JSONScanner
    private let keepsRepeatedNames: Bool
    private var line = 1
    private var lineStart = 0
    private var counted = 0

    init(scanner: JSONScanner, keepsRepeatedNames: Bool) {
        self.scanner = scanner
        self.keepsRepeatedNames = keepsRepeatedNames
    }

    mutating func read(pointer: String) throws(JSONError) -> LocatedJSON {
        let start = try scanner.skipToValue()
        countLines(to: start)
        var located = LocatedJSON(value: .null, line: line, column: start - lineStart + 1, pointer: pointer)
        located.value = try readValue(pointer: pointer)
        return located
    }

    private mutating func readValue(pointer: String) throws(JSONError) -> LocatedJSON.Value {
        switch try scanner.peekKind() {
        case .null:
            try scanner.readNull()
            return .null
        case .bool: return .bool(try scanner.readBool())
        case .number: return .number(try scanner.readNumberText())
        case .string: return .string(try scanner.readString())
        case .array:
            var elements: [LocatedJSON] = []
            try scanner.beginArray()
            while try scanner.nextElement() { elements.append(try read(pointer: "\(pointer)/\(elements.count)")) }
            return .array(elements)
        case .object: return try readObject(pointer: pointer)
        }
    }

    private mutating func readObject(pointer: String) throws(JSONError) -> LocatedJSON.Value {
        var members: [LocatedMember] = []
        var names: Set<String> = []
        try scanner.beginObject()
        while true {
            let start = startOfNextName
            guard let name = try scanner.nextKey() else { return .object(members) }
            guard names.insert(name).inserted || keepsRepeatedNames else {
                throw scanner.error("the name \"\(name)\" stands twice")
            }
            countLines(to: start)
            let (line, column) = (line, start - lineStart + 1)
            let value = try read(pointer: "\(pointer)/\(escaped(name))")
            members.append(LocatedMember(name: name, value: value, line: line, column: column))
        }
    }

    /// The next byte that is neither white space nor a comma.
    private var startOfNextName: Int {
        var place = scanner.offset
        while [0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ",")].contains(scanner.byte(at: place)) { place += 1 }
        return place
    }

    private func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return name.reduce(into: "") { pointer, character in
            switch character {
            case "~": pointer += "~0"
            case "/": pointer += "~1"
            default: pointer.append(character)
            }
        }
    }

    private mutating func countLines(to offset: Int) {
        while counted < offset {
            if scanner.byte(at: counted) == UInt8(ascii: "\n") {
                line += 1
                lineStart = counted + 1
            }
            counted += 1
        }
    }
}
