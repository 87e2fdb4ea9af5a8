/// A value of a JSON or YAML document that knows where it stands.
struct DocumentNode: Sendable {
    indirect enum Value: Sendable {
        case null
        case bool(Bool)
        case number(String)
        case string(String)
        case array([DocumentNode])
        case object([(name: String, value: DocumentNode)])
    }

    var value: Value
    var line: Int
    var column: Int

    var position: Position { Position(line: line, column: column) }

    subscript(name: String) -> DocumentNode? { objectValue?.first { $0.name == name }?.value }

    var stringValue: String? { if case .string(let text) = value { text } else { nil } }

    var doubleValue: Double? {
        guard case .number(let text) = value, let number = Double(text), number.isFinite else { return nil }
        return number
    }

    var boolValue: Bool? { if case .bool(let flag) = value { flag } else { nil } }

    var arrayValue: [DocumentNode]? { if case .array(let elements) = value { elements } else { nil } }

    var objectValue: [(name: String, value: DocumentNode)]? {
        if case .object(let members) = value { members } else { nil }
    }

    var isNull: Bool { if case .null = value { true } else { false } }

    /// The text of a string or a number: ids are written as either.
    var scalarText: String? {
        switch value {
        case .string(let text): text
        case .number(let text): text
        default: nil
        }
    }

    /// What kind of value it is, with its article, for messages.
    var kindName: String {
        switch value {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a text"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
