internal import ContractModel

extension DataModel {
    /// A key as a line or a cell of the model gives it: "**Partition Key**: `tracking_no`", "Sort key: none".
    struct KeyLine: Sendable {
        var table: String
        /// The index that has it; nil for the table itself.
        var index: String?
        var isPartition: Bool
        /// What the key is, as it is written: "tracking_no", "PK = USER#<user_id>"; nil where there is to be none.
        var value: String?
        var line: Int
    }
}

/// Reads what the model's sections and tables say of keys, where they name whose key it is beyond doubt.
struct KeyLineReader {
    private let tables: [String: ContractTable]
    /// Index names in lower case, with the tables that have one.
    private var indexes: [String: [(table: String, index: String)]] = [:]
    private(set) var lines: [DataModel.KeyLine] = []
    /// Headings of one name, which is none of the contract's, with a partition key below them.
    private(set) var strangers: [Markdown.Heading] = []
    /// The levels of headings that name tables and indexes.
    private var levels: Set<Int> = []

    private typealias Owner = (table: String, index: String?)

    init(_ contract: MigrationContract, _ document: Markdown) {
        tables = Dictionary(
            contract.tables.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        for table in contract.tables {
            for index in table.indexes {
                indexes[index.name.lowercased(), default: []].append((table.name, index.name))
            }
        }
        readLines(document)
        strangers.removeAll { !levels.contains($0.level) }
        for table in document.tables { read(table) }
    }

    // MARK: Lines

    private mutating func readLines(_ document: Markdown) {
        var heading: Int?
        var owner: Owner?
        var last: String?
        for line in document.lines {
            if line.headings.last?.line != heading {
                heading = line.headings.last?.line
                owner = self.owner(of: line.headings, last)
                last = owner?.table ?? last
                if owner != nil, let level = line.headings.last?.level { levels.insert(level) }
            }
            guard line.indentation == 0 else { continue }
            let (label, text) = KeyLineReader.labelled(line.text)
            if let isPartition = KeyLineReader.role(label) {
                if let owner {
                    add(text, owner, isPartition, line.number)
                } else if isPartition, let heading = line.headings.last, strangers.last?.line != heading.line,
                    KeyLineReader.name(in: heading.text) != nil
                {
                    strangers.append(heading)
                }
            } else if let opened = opening(line.text, owner?.table ?? last) {
                owner = opened
            }
        }
    }

    /// Whose section the headings open: that of the innermost one, unless it is about nothing but keys.
    private func owner(of headings: [Markdown.Heading], _ last: String?) -> Owner? {
        var headings = headings[...]
        while let heading = headings.last, KeyLineReader.ofKeys.contains(heading.text.lowercased()) {
            headings = headings.dropLast()
        }
        return headings.last.flatMap { owner(named: $0.text, last) }
    }

    /// The one name that a heading gives: "Tariffs" of "3. Tariffs Table"; nil where it says more, or nothing but what keys are.
    static func name(in heading: String) -> String? {
        let words = heading.split { " :./()`*,–—".contains($0) }.map(String.init)
            .filter { !fillers.contains($0.lowercased()) && !$0.allSatisfy(\.isNumber) && $0 != "-" }
        guard words.count == 1, let name = words.first, name.count > 2, !common.contains(name.lowercased()) else {
            return nil
        }
        return name
    }

    /// Words of headings that are no names.
    private static let common: Set = [
        "primary", "base", "main", "keys", "key", "schema", "structure", "overview", "single", "tables", "indexes",
        "gsis",
        "entities", "items", "summary", "model", "layout", "single-table", "partition", "partitioning", "sort",
        "definition",
    ]

    private static let ofKeys: Set = ["keys", "key", "primary key", "key schema", "key design", "schema"]
    /// Words beside a name that say nothing else.
    private static let fillers: Set = [
        "table", "tables", "gsi", "index", "of", "on", "the", "design", "global", "secondary", "dynamodb", "for", "in",
    ]

    private func owner(named text: String, _ last: String?) -> Owner? {
        let words = text.lowercased().split { " :./()`,–—".contains($0) }.map(String.init)
        let names = words.filter { !KeyLineReader.fillers.contains($0) && !$0.allSatisfy(\.isNumber) }
        guard let first = names.first else { return nil }
        // "GSI1: an account's entries" and "ByLoan: a loan by its number" begin with the name.
        if let index = index(first, names.dropFirst().first.flatMap { tables[$0]?.name } ?? last) { return index }
        guard let table = tables[first] else { return nil }
        if names.count == 1 { return (table.name, nil) }
        return names.count == 2 ? index(names[1], table.name) : nil
    }

    private func index(_ name: String, _ table: String?) -> Owner? {
        let found = indexes[name] ?? []
        if let own = found.first(where: { $0.table == table }) { return (own.table, own.index) }
        return found.count == 1 ? (found[0].table, found[0].index) : nil
    }

    /// What a line such as "**GSI1**:" or "**ORDER Entity**" opens inside a section: the index, or something whose keys are not the
    /// section's. Nil for a line that opens nothing.
    private func opening(_ text: String, _ table: String?) -> Owner?? {
        let isBullet = text.first.map { "-*+".contains($0) } == true && text.dropFirst().first == " "
        let plain = Markdown.plain(text)
        guard text.hasPrefix("**") || isBullet, let head = plain.split(separator: ":").first else { return nil }
        let words = head.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }.map(String.init)
        let named = words.lazy.compactMap { index($0, table) }.first
        let isPart = !Set(words).isDisjoint(with: ["gsi", "index", "entity", "item", "items", "gsis", "indexes"])
        guard named != nil || isPart else { return nil }
        return .some(isBullet ? nil : named)
    }

    /// "- **Partition Key**: `x`", "Partition key: x", "PK: x".
    private static func labelled(_ text: String) -> (label: String, text: String) {
        var body = text[...]
        if let first = body.first, "-*+".contains(first), body.dropFirst().first == " " { body = body.dropFirst(2) }
        guard let colon = body.firstIndex(of: ":") else { return ("", "") }
        return (
            Markdown.plain(body[..<colon]), body[body.index(after: colon)...].drop { $0 == "*" || $0 == " " }.trimmed
        )
    }

    private static func role(_ label: String) -> Bool? {
        let bare = label.split(separator: "(").first.map { $0.trimmed.lowercased() } ?? ""
        if ["partition key", "hash key", "pk"].contains(bare) { return true }
        return ["sort key", "range key", "sk"].contains(bare) ? false : nil
    }

    // MARK: Tables

    private mutating func read(_ table: Markdown.Table) {
        let owner = owner(of: table.headings, nil)
        let roles = table.header.map(KeyLineReader.role)
        // Where an id stands first, the row is a pattern's, and its keys are what that asks for.
        let isOfKeys = table.header.first.map {
            ["table", "index", "gsi", "name", "table/index", "index name", "table name"].contains($0.lowercased())
                && !KindKeyReader.namesTableFirst(table)
        }
        for row in table.rows {
            if let owner, let isPartition = KeyLineReader.role(Markdown.plain(row[0])), table.header.count >= 2 {
                add(row[1], owner, isPartition, row.line)
            }
            guard isOfKeys == true, let named = self.owner(named: Markdown.plain(row[0]), owner?.table) else {
                continue
            }
            for (column, role) in roles.enumerated() {
                if let role { add(row[column], named, role, row.line) }
            }
        }
    }

    // MARK: Values

    private static let nothing: Set = ["none", "-", "–", "—", "n/a", "no", "no sort key", "not used", "null"]

    private mutating func add(_ text: String, _ owner: Owner, _ isPartition: Bool, _ line: Int) {
        guard let value = KeyLineReader.value(of: text) else { return }
        lines.append(
            DataModel.KeyLine(
                table: owner.table, index: owner.index, isPartition: isPartition,
                value: KeyLineReader.nothing.contains(value.lowercased()) ? nil : value, line: line))
    }

    /// What is written as the key, without what is said of it: "tracking_no" of "`tracking_no` (S) - by number". Nil where that is in doubt.
    private static func value(of text: String) -> String? {
        var head = text[...]
        for mark in [" - ", " – ", " — ", " (", "; "] {
            if let range = head.firstRange(of: mark) { head = head[..<range.lowerBound] }
        }
        let lower = head.lowercased()
        guard ![" or ", "` / `", "`/`", " where "].contains(where: lower.contains) else { return nil }
        let spans = head.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter {
            $0.offset % 2 == 1
        }
        if spans.count > 1 {
            // "`a` + `b`" is put together of both.
            let between = head.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 0 && $0.offset > 0 && $0.offset < 2 * spans.count }.map(\.element.trimmed)
            guard between.allSatisfy({ ["+", "#", ",", "and", "="].contains($0) }) else { return nil }
            return spans.map { String($0.element) }.joined(separator: between.first == "=" ? "=" : "#")
        }
        let value = spans.first.map { String($0.element) } ?? Markdown.plain(head)
        return value.isEmpty || value.count > 200 ? nil : value.trimmed
    }
}
