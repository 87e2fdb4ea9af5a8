public import ContractEngine
internal import Yams

/// What a team says about the generated code beyond its contract.
///
///     access: public
///     entities:
///       Riders.RIDE:
///         name: Ride
///         protocol: RideStore
///         attributes:
///           distance_m: {type: Int, required: true}
///
/// For the build plugin the same file also names the documents, from its own folder: `contract`, `patterns`, `model`,
/// `mapping`.
public struct GenerationHints: Sendable {
    /// Who may use what is generated.
    public enum Access: String, Sendable, CaseIterable {
        case `public`
        case package
        case `internal`
    }

    /// What is said of one kind of item.
    public struct Entity: Sendable {
        /// The Swift type's name.
        public var name: String?
        /// A protocol of the application that the repository conforms to, several parted by commas.
        public var protocolName: String?
        /// What is said of attributes and of fields that only keys hold, by their names.
        public var attributes: [String: Attribute] = [:]

        /// Says nothing.
        public init() {}
    }

    /// What is said of one attribute.
    public struct Attribute: Sendable {
        /// The property's name.
        public var name: String?
        /// The property's type: "String", "Int", "Int64", "DynamoDBNumber", …
        public var type: String?
        /// Whether every item has it.
        public var isRequired: Bool?
        var line = 1
    }

    /// The hints' file, for messages.
    public var file = "hints"
    /// The contract and the documents beside it, for the build plugin.
    public var documents: [String: String] = [:]
    /// Who may use what is generated. Default public.
    public var access = Access.public
    /// What is said of kinds of items, by "Table.ENTITY" or, where the table has one kind, "Table".
    public var entities: [String: Entity] = [:]

    /// Says nothing.
    public init() {}

    /// Reads a file of hints, YAML or JSON.
    ///
    /// - Throws: `ContractError` with every problem of the file.
    public static func load(path: String) throws(ContractError) -> GenerationHints {
        try read(try SourceText.read(path: path))
    }

    /// Reads hints that are in memory already.
    public static func read(_ source: SourceText) throws(ContractError) -> GenerationHints {
        let root: Node?
        do {
            root = try Yams.compose(yaml: String(decoding: source.bytes, as: UTF8.self))
        } catch {
            throw ContractError(file: source.name, text: "this is not valid YAML; correct it")
        }
        var reader = HintsReader(file: source.name)
        let hints = reader.read(root)
        guard reader.problems.isEmpty else { throw ContractError(problems: reader.problems) }
        return hints
    }
}

/// Reads hints and gathers what is wrong with them.
private struct HintsReader {
    let file: String
    var problems: [ContractError.Problem] = []

    init(file: String) { self.file = file }

    mutating func read(_ root: Node?) -> GenerationHints {
        var hints = GenerationHints()
        hints.file = file
        for (name, value) in members(of: root, "the file") {
            switch name {
            case "contract", "patterns", "model", "mapping": hints.documents[name] = text(value, name)
            case "access":
                let word = text(value, name) ?? ""
                guard let access = GenerationHints.Access(rawValue: word) else {
                    problem(value, "access is '\(word)'; write public, package or internal")
                    continue
                }
                hints.access = access
            case "entities":
                for (name, value) in members(of: value, "`entities`") { hints.entities[name] = entity(value, name) }
            default:
                problem(
                    value,
                    "'\(name)' is not known here; write access, entities, contract, patterns, model or mapping")
            }
        }
        return hints
    }

    private mutating func entity(_ node: Node, _ label: String) -> GenerationHints.Entity {
        var entity = GenerationHints.Entity()
        for (name, value) in members(of: node, label) {
            switch name {
            case "name": entity.name = text(value, name)
            case "protocol": entity.protocolName = text(value, name)
            case "attributes":
                for (name, value) in members(of: value, "`attributes` of \(label)") {
                    entity.attributes[name] = attribute(value, name)
                }
            default: problem(value, "'\(name)' is not known of \(label); write name, protocol or attributes")
            }
        }
        return entity
    }

    private mutating func attribute(_ node: Node, _ label: String) -> GenerationHints.Attribute {
        var attribute = GenerationHints.Attribute(line: node.mark?.line ?? 1)
        for (name, value) in members(of: node, label) {
            switch name {
            case "name": attribute.name = text(value, name)
            case "type": attribute.type = text(value, name)
            case "required":
                guard let flag = value.bool else {
                    problem(value, "required of \(label) must be true or false")
                    continue
                }
                attribute.isRequired = flag
            default: problem(value, "'\(name)' is not known of \(label); write name, type or required")
            }
        }
        return attribute
    }

    private mutating func members(of node: Node?, _ label: String) -> [(String, Node)] {
        guard let node, let mapping = node.mapping else {
            if let node { problem(node, "\(label) must be an object of names") }
            return []
        }
        return mapping.compactMap { key, value in key.string.map { ($0, value) } }
    }

    private mutating func text(_ node: Node, _ label: String) -> String? {
        guard let text = node.scalar?.string, !text.isEmpty else {
            problem(node, "\(label) must be a text")
            return nil
        }
        return text
    }

    private mutating func problem(_ node: Node, _ text: String) {
        problems.append(
            ContractError.Problem(file: file, line: node.mark?.line, column: node.mark?.column, text: text))
    }
}
