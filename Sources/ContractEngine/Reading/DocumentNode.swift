/// A value of a JSON or YAML document that knows where it stands.
struct DocumentNode: Sendable {
    // Indirect, since the optimizer of Swift 6.3 fails on chains of optionals over the direct form.
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
    var path: DocumentPath

    var position: Position { Position(line: line, column: column, path: path) }

    subscript(name: String) -> DocumentNode? { objectValue?.first { $0.name == name }?.value }

    /// The member of the first of these names that is there and not null.
    func first(_ names: String...) -> DocumentNode? {
        for name in names {
            if let value = self[name], !value.isNull { return value }
        }
        return nil
    }

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

/// Where a value stands inside its document, as the way to it from the root. Values share the ways of what holds them.
final class DocumentPath: Sendable {
    enum Step: Sendable {
        case member(String)
        case element(Int)
    }

    static let root = DocumentPath(nil, .element(0))

    private let parent: DocumentPath?
    private let step: Step

    init(_ parent: DocumentPath?, _ step: Step) {
        self.parent = parent
        self.step = step
    }

    /// The JSON pointer (RFC 6901): "/tables/0/pk"; empty for the whole document.
    var pointer: String {
        guard let parent else { return "" }
        return switch step {
        case .element(let index): "\(parent.pointer)/\(index)"
        case .member(let name): "\(parent.pointer)/\(DocumentPath.escaped(name))"
        }
    }

    private static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        return name.reduce(into: "") { escaped, character in
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.append(character)
            }
        }
    }
}
