import Telemetry
import Yams

/// A configuration file as it was read: the values that can be used, and all that is wrong with the others.
struct ConfigurationFile {
    /// A value, and where it begins.
    struct Entry {
        var value: AgentSetting.Value
        var line: Int
        var column: Int
    }

    /// One mistake. Column and line from 1; 0 where the whole file is meant.
    struct Problem: Equatable {
        var line: Int
        var column: Int
        var text: String
    }

    let path: String
    private(set) var entries: [String: Entry] = [:]
    private(set) var problems: [Problem] = []

    init(_ text: String, path: String) {
        self.path = path
        // A byte-order mark is no part of the first name.
        var source = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        while true {
            do {
                guard let root = try Yams.compose(yaml: source) else { return }
                read(root)
                return
            } catch {
                guard let rest = setDuplicatesAside(error, in: source) else {
                    problems.append(Self.syntax(error))
                    return
                }
                source = rest
            }
        }
    }

    /// Notes a mistake at a setting.
    mutating func blame(_ name: String, _ text: String) {
        let entry = entries.removeValue(forKey: name)
        problems.append(Problem(line: entry?.line ?? 0, column: entry?.column ?? 0, text: "`\(name)` \(text)"))
    }

    /// All mistakes as one error, or nil without any: one line each, under a first line that counts them.
    var error: AgentError? {
        let lines = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }.map { problem in
            (problem.line > 0 ? "\(path):\(problem.line):\(problem.column): " : "\(path): ") + problem.text
                + (problem.text.hasSuffix(".") ? "" : ".")
        }
        guard let first = lines.first else { return nil }
        let message =
            lines.count == 1
            ? first : "\(path) has \(lines.count) mistakes:" + lines.map { "\n  " + $0 }.joined()
        return AgentError(code: .configuration, message: message)
    }

    private mutating func read(_ root: Node) {
        if root.isNull { return }
        guard let mapping = root.mapping else {
            let mark = root.mark
            problems.append(
                Problem(
                    line: mark?.line ?? 1, column: mark?.column ?? 1,
                    text: "a configuration is one `name: value` a line; see docs/AGENT.md"))
            return
        }
        for (key, node) in mapping {
            let name = key.string ?? ""
            if name.hasPrefix(Self.asideMark) { continue }
            let (line, column) = (key.mark?.line ?? 1, key.mark?.column ?? 1)
            guard let setting = AgentSetting.named(name) else {
                problems.append(Problem(line: line, column: column, text: Self.stranger(name)))
                continue
            }
            let place = node.isNull ? nil : node.mark
            if setting.kind == .path, let text = node.text, TelemetryDirectory.isShellsHome(text) {
                // A shell's sign: taken literally it would make a directory of that name beside the file.
                problems.append(
                    Problem(
                        line: place?.line ?? line, column: place?.column ?? column,
                        text: "`\(name)` is \"\(text)\", and `~` means nothing here; write the whole path"))
            } else if let value = setting.kind.value(of: node) {
                entries[name] = Entry(
                    value: resolved(value, setting), line: place?.line ?? line, column: place?.column ?? column)
            } else {
                let unit = setting.unit.isEmpty ? "" : ", in \(setting.unit)"
                let wrong = setting.kind.wrongItem(of: node)
                let mark = wrong?.mark ?? place
                problems.append(
                    Problem(
                        line: mark?.line ?? line, column: mark?.column ?? column,
                        text: "`\(name)` \(wrong?.said ?? node.said), and must be \(setting.kind.allowed)\(unit)"))
            }
        }
    }

    /// A path as it is, or beside the file.
    private func resolved(_ value: AgentSetting.Value, _ setting: AgentSetting) -> AgentSetting.Value {
        guard setting.kind == .path, case .text(let text) = value, !text.hasPrefix("/"),
            let slash = path.lastIndex(of: "/")
        else { return value }
        return .text(path[...slash] + text)
    }

    private static func stranger(_ name: String) -> String {
        let near = AgentSetting.all.map(\.name).min { distance($0, name) < distance($1, name) }
        let hint = near.flatMap { distance($0, name) <= 3 ? "; did you mean `\($0)`" : nil }
        return "`\(name)` is no setting"
            + (hint ?? "; there are " + AgentSetting.all.map(\.name).joined(separator: ", "))
    }

    /// How many characters differ (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8), Array(right.utf8.prefix(64)))
        var row = Array(0...right.count)
        for (place, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            for (column, other) in right.enumerated() {
                let next = min(row[column + 1] + 1, row[column] + 1, diagonal + (character == other ? 0 : 1))
                diagonal = row[column + 1]
                row[column + 1] = next
            }
        }
        return row[right.count]
    }
}

extension ConfigurationFile {
    /// What a name is given that stands there a second time, so that the rest of the file can still be judged.
    private static let asideMark = "a second "

    /// Notes the names that stand twice and gives the text without the second ones; nil where that is not what is wrong.
    private mutating func setDuplicatesAside(_ error: any Error, in source: String) -> String? {
        guard let yaml = error as? YamlError, case .duplicatedKeysInMapping(let names, _) = yaml else { return nil }
        var lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var first: [String: Int] = [:]
        var changed = false
        for (place, line) in lines.enumerated() {
            guard let name = names.first(where: { Self.isName($0, at: line) }) else { continue }
            guard let earlier = first[name] else {
                first[name] = place + 1
                continue
            }
            problems.append(
                Problem(
                    line: place + 1, column: 1, text: "`\(name)` is there already in line \(earlier); leave one of them"
                ))
            lines[place] = "\"\(Self.asideMark)\(place)\"" + line.drop { $0 != ":" }
            changed = true
        }
        return changed ? lines.joined(separator: "\n") : nil
    }

    private static func isName(_ name: String, at line: String) -> Bool {
        let found = line.prefix { $0 != ":" }
        guard found.count < line.count else { return false }
        return found.filter { $0 != "\"" && $0 != "'" && $0 != " " } == name && line.first?.isWhitespace == false
    }

    private static func syntax(_ error: any Error) -> Problem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Problem(
                line: mark.line, column: mark.column,
                text: "this is not YAML (\(problem)); check indentation and quotes")
        default: Problem(line: 0, column: 0, text: "this is not YAML; check indentation and quotes")
        }
    }
}

extension AgentSetting.Kind {
    /// The node's value; nil where it is of another type or not allowed.
    fileprivate func value(of node: Node) -> AgentSetting.Value? {
        switch self {
        case .text, .path: node.text.flatMap(value(ofText:))
        case .oneWord: node.text.flatMap(value(ofText:))
        case .flag: node.isPlain(of: "bool") ? value(ofText: node.scalar?.string ?? "") : nil
        case .integer, .oneNumber: node.isPlain(of: "int") ? node.int.flatMap(checked) : nil
        case .number:
            node.isPlain(of: "int") || node.isPlain(of: "float") ? node.float.flatMap { checked($0 as Double) } : nil
        case .words:
            if let nodes = node.sequence, nodes.allSatisfy({ $0.text != nil }) {
                checked(nodes.compactMap(\.text))
            } else {
                nil
            }
        }
    }
}

extension AgentSetting.Kind {
    /// The first item of a list that is not allowed there, and what is wrong with it; nil where it is the list as a whole.
    fileprivate func wrongItem(of node: Node) -> (mark: Mark?, said: String)? {
        guard case .words(let words) = self, let items = node.sequence else { return nil }
        var seen: Set<String> = []
        for (place, item) in items.enumerated() {
            guard let text = item.text, words.contains(text) else {
                return (item.mark, item.said.replacingPrefix("is ", with: "has ") + " as item \(place + 1)")
            }
            if !seen.insert(text).inserted { return (item.mark, "has \"\(text)\" again as item \(place + 1)") }
        }
        return nil
    }
}

extension String {
    fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}

extension Node {
    fileprivate var isNull: Bool { scalar != nil && tag.description.hasSuffix(":null") }

    fileprivate func isPlain(of type: String) -> Bool { scalar != nil && tag.description.hasSuffix(":" + type) }

    /// Text that is text: a number or a flag without quotes is none.
    fileprivate var text: String? { isPlain(of: "str") ? scalar?.string : nil }

    /// What stands there, for a sentence.
    fileprivate var said: String {
        if isNull { return "has no value" }
        if mapping != nil { return "is a mapping" }
        if let sequence {
            return "is the list [" + sequence.map { $0.scalar?.string ?? "…" }.joined(separator: ", ") + "]"
        }
        let text = String((scalar?.string ?? "").prefix(80))
        let type = tag.description.split(separator: ":").last.map(String.init) ?? ""
        let kind =
            ["int": "the number ", "float": "the number ", "str": "the text ", "timestamp": "the time "][type] ?? ""
        return "is \(kind)\"\(text)\""
    }
}
