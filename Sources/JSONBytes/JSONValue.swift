/// One member of a JSON object, in the order in which it was written.
public struct JSONMember: Sendable, Equatable {
    /// The member's name.
    public var name: String
    /// The member's value.
    public var value: JSONValue

    /// Pairs a name with its value.
    public init(name: String, value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// A JSON value as a tree, for what is off the hot path. Numbers keep their text, objects their order.
public indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// Reads one value that fills the input: strict, duplicate names refused, nesting bounded.
    public static func parse(
        _ bytes: [UInt8], maximumDepth: Int = JSONScanner.defaultMaximumDepth
    ) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        let value = try JSONValue(from: &scanner)
        try scanner.finish()
        return value
    }

    /// Reads the scanner's next value.
    public init(from scanner: inout JSONScanner) throws(JSONError) {
        switch try scanner.peekKind() {
        case .null:
            try scanner.readNull()
            self = .null
        case .bool: self = .bool(try scanner.readBool())
        case .number: self = .number(try scanner.readNumberText())
        case .string: self = .string(try scanner.readString())
        case .array:
            var elements: [JSONValue] = []
            try scanner.beginArray()
            while try scanner.nextElement() { elements.append(try JSONValue(from: &scanner)) }
            self = .array(elements)
        case .object:
            var members: [JSONMember] = []
            var names: Set<String> = []
            try scanner.beginObject()
            while let name = try scanner.nextKey() {
                guard names.insert(name).inserted else { throw scanner.error("the name \"\(name)\" stands twice") }
                members.append(JSONMember(name: name, value: try JSONValue(from: &scanner)))
            }
            self = .object(members)
        }
    }

    /// The member of that name, if this is an object that has one.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The element at that index, if this is an array that has one.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text of a string.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// A number that is written as an integer and fits.
    public var intValue: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    /// A number as the nearest Double.
    public var doubleValue: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }

    /// `true` or `false`.
    public var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The elements of an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object.
    public var objectValue: [JSONMember]? {
        if case .object(let members) = self { members } else { nil }
    }
}
