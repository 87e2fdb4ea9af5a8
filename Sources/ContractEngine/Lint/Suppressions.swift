/// Findings that a team has looked at and lives with, each with its reason.
public struct Suppressions: Sendable {
    /// One of them.
    public struct Entry: Sendable {
        /// The rule's id.
        public var rule: String
        /// What the finding speaks of ("AP20", "Products.GSI1"); empty for every finding of the rule.
        public var subjects: [String]
        /// The file that it is in, by the end of its path; nil for any.
        public var file: String?
        /// Why it is lived with.
        public var reason: String
        package var position: Position
    }

    /// The file that they are in, as the caller named it.
    public var file: String
    /// The suppressions, in the file's order.
    public var entries: [Entry]

    /// Reads `suppressions: [{rule, subject | subjects, file, reason}]` from YAML or JSON.
    ///
    /// - Throws: `ContractError` where a rule is unknown or a reason is missing: every such place.
    public static func load(path: String) throws(ContractError) -> Suppressions {
        try read(try SourceText.read(path: path))
    }

    /// Reads a file that is in memory already; as `load`.
    public static func read(_ source: SourceText) throws(ContractError) -> Suppressions {
        let format: DocumentTree.Format = DocumentFormat.of(source) == .json ? .json : .yaml
        let root = try DocumentTree.root(of: source, as: format)
        let list = root["suppressions"] ?? root
        guard let elements = list.arrayValue else {
            throw ContractError(
                file: source.name, line: list.line, column: list.column,
                text: "`suppressions` is \(list.kindName); it must be an array of objects with `rule` and `reason`")
        }
        var problems: [ContractError.Problem] = []
        var entries: [Entry] = []
        for element in elements {
            do throws(ContractError) {
                entries.append(try entry(element, file: source.name))
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw ContractError(problems: problems) }
        return Suppressions(file: source.name, entries: entries)
    }

    private static func entry(_ element: DocumentNode, file: String) throws(ContractError) -> Entry {
        func problem(_ text: String) -> ContractError {
            ContractError(problems: [ContractError.Problem(file: file, at: element.position, text: text)])
        }
        guard let rule = element["rule"]?.stringValue, !rule.isEmpty else {
            throw problem("a suppression names no `rule`; name one, such as reserved-name")
        }
        guard LintRule.named(rule) != nil else {
            throw problem("there is no rule \"\(rule.shown)\"; `tidemark contract lint --explain all` lists them")
        }
        guard let reason = element["reason"]?.stringValue, !reason.trimmed.isEmpty else {
            throw problem("the suppression of \(rule) has no `reason`; say why it is right to live with it")
        }
        let given = element["subject"] ?? element["subjects"]
        let subjects = given?.scalarText.map { [$0] } ?? given?.arrayValue?.compactMap(\.scalarText) ?? []
        return Entry(
            rule: rule, subjects: subjects, file: element["file"]?.stringValue, reason: reason,
            position: element.position)
    }

    /// The place of the first entry that covers the finding.
    func index(of finding: Finding) -> Int? {
        entries.firstIndex { entry in
            entry.rule == finding.rule && (entry.subjects.isEmpty || entry.subjects.contains(finding.subject))
                && (entry.file.map { finding.file == $0 || finding.file.hasSuffix("/\($0)") } ?? true)
        }
    }
}

/// A finding that is lived with, and why.
public struct SuppressedFinding: Sendable {
    /// The finding.
    public var finding: Finding
    /// Why it is lived with.
    public var reason: String
}
