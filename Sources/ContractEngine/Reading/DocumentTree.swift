internal import JSONBytes
internal import Yams

/// JSON or YAML as one tree whose values know where they stand.
enum DocumentTree {
    enum Format { case json, yaml }

    /// Deeper nesting than this is refused; contracts need eight. The YAML parser itself stops at 1,000.
    static let maximumDepth = 64
    /// More values than this are refused in YAML, where an alias can make a small file large.
    static let maximumYAMLValues = 200_000

    static func parse(_ source: SourceText, as format: Format) throws(ContractError) -> DocumentNode {
        switch format {
        case .json: try parseJSON(source)
        case .yaml: try parseYAML(source)
        }
    }

    private static func parseJSON(_ source: SourceText) throws(ContractError) -> DocumentNode {
        // A byte-order mark is not JSON, but editors write it, and nothing is ambiguous about it.
        let bytes = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(source.bytes.dropFirst(3)) : source.bytes
        do {
            return DocumentNode(try LocatedJSON.parse(bytes, maximumDepth: maximumDepth))
        } catch {
            let isCut = error.offset >= bytes.count
            let advice = isCut ? "the file ends too early: is it cut off?" : "correct it here"
            throw ContractError(
                file: source.name, line: error.line, column: error.column,
                text: "this is not valid JSON: \(error.reason); \(advice)")
        }
    }

    private static func parseYAML(_ source: SourceText) throws(ContractError) -> DocumentNode {
        let node: Node?
        do {
            node = try Yams.compose(yaml: String(decoding: source.bytes, as: UTF8.self))
        } catch {
            throw yamlError(error, in: source)
        }
        guard let node else {
            throw ContractError(
                file: source.name, line: 1, column: 1, text: "the file is empty; write something into it")
        }
        var converter = YAMLConverter(file: source.name)
        return try converter.convert(node, depth: 0)
    }

    private static func yamlError(_ error: any Error, in source: SourceText) -> ContractError {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ContractError(
                file: source.name, line: mark.line, column: mark.column,
                text: "this is not valid YAML: \(problem); correct it here")
        case .duplicatedKeysInMapping(let duplicates, let context):
            ContractError(
                file: source.name, line: context.mark.line, column: context.mark.column,
                text: "the key \(duplicates.joined(separator: ", ")) stands twice; keep one")
        default: ContractError(file: source.name, text: "this is not valid YAML; correct it")
        }
    }
}

extension DocumentNode {
    fileprivate init(_ json: LocatedJSON) {
        line = json.line
        column = json.column
        value =
            switch json.value {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .number(let text): .number(text)
            case .string(let text): .string(text)
            case .array(let elements): .array(elements.map { DocumentNode($0) })
            case .object(let members): .object(members.map { ($0.name, DocumentNode($0.value)) })
            }
    }
}

/// Turns YAML nodes into located values; aliases are followed as far as the bounds allow.
private struct YAMLConverter {
    let file: String
    private var count = 0

    init(file: String) { self.file = file }

    mutating func convert(_ node: Node, depth: Int) throws(ContractError) -> DocumentNode {
        count += 1
        let line = node.mark?.line ?? 1
        let column = node.mark?.column ?? 1
        guard depth <= DocumentTree.maximumDepth, count <= DocumentTree.maximumYAMLValues else {
            throw ContractError(
                file: file, line: line, column: column, text: "the YAML nests too deeply or grows too large; flatten it"
            )
        }
        return DocumentNode(value: try value(of: node, depth: depth), line: line, column: column)
    }

    private mutating func value(of node: Node, depth: Int) throws(ContractError) -> DocumentNode.Value {
        switch node {
        case .scalar(let scalar): return value(of: scalar, node)
        case .sequence(let sequence):
            var elements: [DocumentNode] = []
            for child in sequence { elements.append(try convert(child, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            var members: [(name: String, value: DocumentNode)] = []
            for (key, child) in mapping {
                members.append((key.scalar?.string ?? "", try convert(child, depth: depth + 1)))
            }
            return .object(members)
        case .alias: return .null
        }
    }

    private func value(of scalar: Node.Scalar, _ node: Node) -> DocumentNode.Value {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let flag = node.bool { return .bool(flag) }
        if let first = scalar.string.first, first.isNumber || first == "-", Double(scalar.string) != nil {
            return .number(scalar.string)
        }
        return .string(scalar.string)
    }
}
