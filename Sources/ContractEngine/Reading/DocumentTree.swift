internal import JSONBytes
internal import Yams

/// JSON or YAML as one tree whose values know where they stand.
enum DocumentTree {
    enum Format { case json, yaml }

    /// Deeper nesting than this is refused; contracts need eight. The YAML parser itself stops at 1,000.
    static let maximumDepth = 64
    /// More values than this are refused: ten times what 500 tables with 10,000 attributes have. It bounds the memory that a
    /// document of brackets alone would take.
    static let maximumValues = 1_000_000
    /// The same for YAML, where an alias can make a small file large.
    static let maximumYAMLValues = 200_000
    /// A larger YAML document is refused: its parser takes hundreds of bytes for each of its own.
    static let maximumYAMLBytes = 4 << 20

    /// A document's root, and what is wrong in it without hindering its reading.
    struct Parsed {
        var root: DocumentNode
        var problems: [ContractError.Problem] = []
    }

    static func parse(_ source: SourceText, as format: Format) throws(ContractError) -> Parsed {
        try source.requireUTF8()
        switch format {
        case .json: return try parseJSON(source)
        case .yaml: return Parsed(root: try parseYAML(source))
        }
    }

    /// The root alone; problems of its own are an error.
    static func root(of source: SourceText, as format: Format) throws(ContractError) -> DocumentNode {
        let parsed = try parse(source, as: format)
        guard parsed.problems.isEmpty else { throw ContractError(problems: parsed.problems) }
        return parsed.root
    }

    private static func parseJSON(_ source: SourceText) throws(ContractError) -> Parsed {
        let bytes = source.bytes
        var builder = JSONTreeBuilder(bytes, file: source.name)
        do {
            return Parsed(root: try builder.build(), problems: builder.problems)
        } catch {
            throw ContractError(
                file: source.name, line: error.line, column: error.column,
                text: "this is not valid JSON: \(explained(error, in: bytes))")
        }
    }

    /// What a scanner's half sentence means to somebody who wrote the file.
    private static func explained(_ error: JSONError, in bytes: [UInt8]) -> String {
        let rest = bytes[min(error.offset, bytes.count)...]
        func starts(_ text: String) -> Bool { rest.starts(with: text.utf8) }
        if error.offset >= bytes.count { return "\(error.reason); the file ends too early: is it cut off?" }
        if starts("//") || starts("/*") || starts("#") { return "JSON has no comments; take it out" }
        if starts("NaN") || starts("Infinity") || starts("-Infinity") || starts("-NaN") {
            return "JSON has no NaN and no Infinity; write a number or null"
        }
        if starts("'") { return "texts stand in double quotes; correct it here" }
        if starts("]") || starts("}") { return "\(error.reason); is there a comma too many in front of it?" }
        return "\(error.reason); correct it here"
    }

    private static func parseYAML(_ source: SourceText) throws(ContractError) -> DocumentNode {
        guard source.bytes.count <= maximumYAMLBytes else {
            throw ContractError(
                file: source.name, text: "a YAML file may have 4 MB at most; write it as JSON, which may have 16")
        }
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
        return try converter.convert(node, path: .root, depth: 0)
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

/// Builds the tree of a JSON document and counts lines as it goes, so that positions cost one pass.
private struct JSONTreeBuilder {
    private static let few = 16

    private var scanner: JSONScanner
    private let bytes: [UInt8]
    private let file: String
    private(set) var problems: [ContractError.Problem] = []
    private var values = 0
    private var line = 1
    private var lineStart = 0
    private var counted = 0

    init(_ bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        scanner = JSONScanner(bytes, maximumDepth: DocumentTree.maximumDepth)
    }

    mutating func build() throws(JSONError) -> DocumentNode {
        let root = try read(.root)
        try scanner.finish()
        return root
    }

    private mutating func read(_ path: DocumentPath) throws(JSONError) -> DocumentNode {
        let start = try scanner.skipToValue()
        values += 1
        guard values <= DocumentTree.maximumValues else { throw scanner.error("it has more than a million values") }
        countLines(to: start)
        var node = DocumentNode(value: .null, line: line, column: start - lineStart + 1, path: path)
        switch try scanner.peekKind() {
        case .null: try scanner.readNull()
        case .bool: node.value = .bool(try scanner.readBool())
        case .number: node.value = .number(try scanner.readNumberText())
        case .string: node.value = .string(try scanner.readString())
        case .array: node.value = .array(try readElements(path))
        case .object: node.value = .object(try readMembers(path))
        }
        return node
    }

    private mutating func readElements(_ path: DocumentPath) throws(JSONError) -> [DocumentNode] {
        var elements: [DocumentNode] = []
        try scanner.beginArray()
        while try scanner.nextElement() { elements.append(try read(DocumentPath(path, .element(elements.count)))) }
        return elements
    }

    /// A name that stands twice is a problem of its own; the first of them is kept.
    private mutating func readMembers(_ path: DocumentPath) throws(JSONError) -> [(name: String, value: DocumentNode)] {
        var members: [(name: String, value: DocumentNode)] = []
        var lines: [String: Int] = [:]
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
            let value = try read(DocumentPath(path, .member(name)))
            // Most objects have a handful of members: a look at each is quicker than a table of them.
            if members.count == JSONTreeBuilder.few {
                lines = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value.line) })
            }
            let known =
                members.count < JSONTreeBuilder.few ? members.first { $0.name == name }?.value.line : lines[name]
            if let first = known {
                problems.append(
                    ContractError.Problem(
                        file: file, at: value.position,
                        text: "the name \"\(name)\" stands twice in one object, first on line \(first); keep one"))
                continue
            }
            if members.count >= JSONTreeBuilder.few { lines[name] = value.line }
            members.append((name, value))
        }
        return members
    }

    private mutating func countLines(to offset: Int) {
        while counted < offset {
            if bytes[counted] == UInt8(ascii: "\n") {
                line += 1
                lineStart = counted + 1
            }
            counted += 1
        }
    }
}

/// Turns YAML nodes into located values; aliases are followed as far as the bounds allow.
private struct YAMLConverter {
    let file: String
    private var count = 0

    init(file: String) { self.file = file }

    mutating func convert(_ node: Node, path: DocumentPath, depth: Int) throws(ContractError) -> DocumentNode {
        count += 1
        let line = node.mark?.line ?? 1
        let column = node.mark?.column ?? 1
        guard depth <= DocumentTree.maximumDepth, count <= DocumentTree.maximumYAMLValues else {
            throw ContractError(
                file: file, line: line, column: column, text: "the YAML nests too deeply or grows too large; flatten it"
            )
        }
        return DocumentNode(
            value: try value(of: node, path: path, depth: depth), line: line, column: column, path: path)
    }

    private mutating func value(
        of node: Node, path: DocumentPath, depth: Int
    ) throws(ContractError) -> DocumentNode.Value {
        switch node {
        case .scalar(let scalar): return value(of: scalar, node)
        case .sequence(let sequence):
            var elements: [DocumentNode] = []
            for child in sequence {
                elements.append(
                    try convert(child, path: DocumentPath(path, .element(elements.count)), depth: depth + 1))
            }
            return .array(elements)
        case .mapping(let mapping):
            var members: [(name: String, value: DocumentNode)] = []
            for (key, child) in mapping {
                let name = key.scalar?.string ?? ""
                members.append((name, try convert(child, path: DocumentPath(path, .member(name)), depth: depth + 1)))
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
