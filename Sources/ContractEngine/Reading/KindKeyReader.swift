internal import ContractModel

extension DataModel {
    /// A key of one kind of item, as the model gives it below the kind's name or in its row: "**SK**: `ORDER#<order_id>`".
    struct KindKey: Sendable {
        var table: String
        var kind: String
        /// The index whose key it is; nil for the table's.
        var index: String?
        var isPartition: Bool
        /// What the key is made of; nil where the kind is to have none.
        var template: KeyTemplate?
        var line: Int
    }
}

/// Reads what the model's sections and tables say of the keys of one kind of item, in tables that hold several kinds.
struct KindKeyReader {
    /// The kinds of items by their names and their sources' without marks, each with the tables that have one.
    private var kinds: [String: [Owner]] = [:]
    /// A heading that names a table is about all of it, though one of its kinds is called the same.
    private let namesOfTables: Set<String>
    private(set) var lines: [DataModel.KindKey] = []

    private struct Owner {
        var table: KeyNamesOfTable
        var kind: String
        /// The bullet below which alone it holds; nil for a heading's.
        var indentation: Int?
    }

    init(_ contract: MigrationContract, _ document: Markdown) {
        namesOfTables = Set(contract.tables.map { KeyNamesOfTable.plain($0.name) })
        for table in contract.tables where table.isMultiEntity {
            let names = KeyNamesOfTable(table)
            for entity in table.entities {
                let own = [KeyNamesOfTable.plain(entity.name)] + (entity.sourceTable.map { [NameStem.of($0)] } ?? [])
                for name in Set(own) {
                    kinds[name, default: []].append(Owner(table: names, kind: entity.name))
                }
            }
        }
        guard !kinds.isEmpty else { return }
        readLines(document)
        for table in document.tables { read(table) }
    }

    // MARK: Lines

    private mutating func readLines(_ document: Markdown) {
        var heading: Int?
        var section: Owner?
        var part: Owner?
        for line in document.lines {
            if line.headings.last?.line != heading {
                heading = line.headings.last?.line
                section = owner(of: line.headings)
                part = nil
            }
            if let opened = opened(by: line) {
                part = opened.owner
                take(KeyAssignment.all(in: opened.rest), of: opened.owner, line.number)
                continue
            }
            if let indentation = part?.indentation, line.indentation <= indentation { part = nil }
            if let owner = part ?? section { take(KeyAssignment.all(in: line.text), of: owner, line.number) }
        }
    }

    /// The kind whose section the headings open: that of the innermost one, unless it is about nothing but keys.
    private func owner(of headings: [Markdown.Heading]) -> Owner? {
        var headings = headings[...]
        while let heading = headings.last, KindKeyReader.fillers.isSuperset(of: NameStem.words(heading.text)) {
            headings = headings.dropLast()
        }
        return headings.last.flatMap { owner(named: $0.text, below: headings.dropLast()) }
    }

    /// "**ORDER Entity** (`PK = …`)", "- **USER**: PK = …", "- ORDER: …".
    private func opened(by line: Markdown.Line) -> (owner: Owner, rest: String)? {
        var body = line.text[...]
        let isBullet = body.first.map { "-*+".contains($0) } == true && body.dropFirst().first == " "
        if isBullet { body = body.dropFirst(2).drop { $0 == " " } }
        guard isBullet || body.hasPrefix("**") || body.hasPrefix("`") else { return nil }
        var head = body
        for mark in [":", " (", " - ", " – ", " — "] {
            if let range = head.firstRange(of: mark) { head = head[..<range.lowerBound] }
        }
        guard var owner = owner(named: Markdown.plain(head), below: line.headings[...]) else { return nil }
        owner.indentation = isBullet ? line.indentation : line.indentation - 1
        return (owner, String(body[head.endIndex...].drop { ":–—- ".contains($0) }))
    }

    /// Words beside a kind's name that say nothing else.
    private static let fillers: Set = [
        "entity", "entities", "item", "items", "kind", "type", "record", "records", "the", "keys", "key", "schema",
        "primary", "design", "structure", "pattern", "patterns",
    ]

    private func owner(named text: String, below headings: ArraySlice<Markdown.Heading>) -> Owner? {
        let words = NameStem.wordsOfName(text).filter {
            !KindKeyReader.fillers.contains($0) && !$0.allSatisfy(\.isNumber)
        }
        let name = words.joined()
        guard words.count <= 4, !namesOfTables.contains(name) else { return nil }
        guard let found = kinds[name], found.count > 1 else { return kinds[name]?.first }
        // Of tables that have such a kind it is the one that a heading names.
        let named = headings.map { "_\(KeyNamesOfTable.heading($0.text))_" }
        let meant = found.filter { owner in named.contains { $0.contains("_\(owner.table.name)_") } }
        return meant.count == 1 ? meant[0] : nil
    }

    // MARK: Tables

    /// Tables with a row a kind: "| Entity | PK | SK | GSI1PK |".
    private mutating func read(_ table: Markdown.Table) {
        let place = KindKeyReader.namesTableFirst(table) ? 1 : 0
        let owners = table.rows.map { owner(named: Markdown.plain($0[place]), below: table.headings[...]) }
        let count = owners.count { $0 != nil }
        guard count > 0, count * 2 > table.rows.count else { return }
        for (row, owner) in zip(table.rows, owners) {
            guard let owner else { continue }
            for (column, heading) in table.header.enumerated().dropFirst(place + 1) {
                if let key = owner.table.key(named: Markdown.plain(heading)) {
                    add(row[column][...], key, owner, row.line)
                } else {
                    take(KeyAssignment.all(in: row[column]), of: owner, row.line)
                }
            }
        }
    }

    /// "| Table | Entity | PK | SK |": a row is of a kind, and not of the table.
    static func namesTableFirst(_ table: Markdown.Table) -> Bool {
        let header = table.header.prefix(2).map { $0.lowercased() }
        return header.first == "table" && ["entity", "entity type", "item", "item type", "kind"].contains(header.last)
    }

    // MARK: Values

    private static let nothing: Set = ["none", "-", "–", "—", "n/a", "no", "not used", "null", "not set", "absent"]

    private mutating func take(_ assignments: [KeyAssignment], of owner: Owner, _ line: Int) {
        for assignment in assignments {
            if let key = owner.table.key(named: assignment.key) { add(assignment.value, key, owner, line) }
        }
    }

    private mutating func add(_ text: Substring, _ key: KeyNamesOfTable.Key, _ owner: Owner, _ line: Int) {
        var value = text
        for mark in [" (", " - ", " – ", " — ", "; "] {
            if let range = value.firstRange(of: mark) { value = value[..<range.lowerBound] }
        }
        var plain = Markdown.plain(value).filter { !"\"'".contains($0) }[...]
        // "PK = USER#<id>" in the cell below PK.
        if let equal = plain.firstIndex(of: "="), owner.table.key(named: String(plain[..<equal])) != nil {
            plain = plain[plain.index(after: equal)...].drop { $0 == " " }
        }
        var template: KeyTemplate?
        if !KindKeyReader.nothing.contains(plain.lowercased()) {
            template = KeyExpression.template(of: plain)
            // What is written in words is none.
            guard let template, template.source.utf8.count <= 200, KindKeyReader.isWhole(plain, template) else {
                return
            }
        }
        lines.append(
            DataModel.KindKey(
                table: owner.table.table, kind: owner.kind, index: key.index, isPartition: key.isPartition,
                template: template, line: line))
    }

    /// Whether nothing stands behind the template but marks: "USER#<id>", and not "user email" or "A#<id> or B#<id>".
    private static func isWhole(_ text: Substring, _ template: KeyTemplate) -> Bool {
        let length = template.source.count { $0 != "{" && $0 != "}" }
        let written = text.drop { $0 == " " }.count { !"<>{}$".contains($0) }
        return length == written
    }
}

/// "PK = USER#<user_id>" in a text: a key's name, and what follows its equals sign or colon up to the next key or mark.
private struct KeyAssignment {
    var key: String
    var value: Substring

    static func all(in text: String) -> [KeyAssignment] {
        let text = Markdown.plain(text)
        guard text.contains(where: { $0 == "=" || $0 == ":" }) else { return [] }
        return text.split(whereSeparator: { ",;()|&".contains($0) }).flatMap { $0.split(separator: " and ") }.compactMap
        {
            guard let mark = $0.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
            return KeyAssignment(key: String($0[..<mark].trimmed), value: $0[$0.index(after: mark)...])
        }
    }
}

/// The names that documents give the keys of a table and of its indexes.
private struct KeyNamesOfTable {
    struct Key {
        var index: String?
        var isPartition: Bool
    }

    let table: String
    /// The table's name as the words of a heading.
    let name: String
    private let keys: [String: Key]

    init(_ table: ContractTable) {
        self.table = table.name
        name = KeyNamesOfTable.heading(table.name)
        var keys: [String: Key] = [:]
        for index in table.indexes {
            for (key, isPartition) in [(Optional(index.partitionKey), true), (index.sortKey, false)] {
                guard let key else { continue }
                let role = isPartition ? ["pk", "partitionkey", "hashkey"] : ["sk", "sortkey", "rangekey"]
                let names = [KeyNamesOfTable.plain(key.name)] + role.map { KeyNamesOfTable.plain(index.name) + $0 }
                for name in names where keys[name] == nil {
                    keys[name] = Key(index: index.name, isPartition: isPartition)
                }
            }
        }
        // A name that both have is the table's: an inverted index has the table's own keys.
        for name in [KeyNamesOfTable.plain(table.partitionKey.name), "pk", "partitionkey", "hashkey"] {
            keys[name] = Key(index: nil, isPartition: true)
        }
        if let sort = table.sortKey {
            for name in [KeyNamesOfTable.plain(sort.name), "sk", "sortkey", "rangekey"] {
                keys[name] = Key(index: nil, isPartition: false)
            }
        }
        self.keys = keys
    }

    func key(named label: String) -> Key? {
        keys[KeyNamesOfTable.plain(label.split(separator: "(").first.map(String.init) ?? "")]
    }

    /// A name as the words of a heading: "order_line" of "OrderLine", "ORDER_LINE" and "Order Line".
    static func heading(_ name: String) -> String { NameStem.wordsOfName(name).joined(separator: "_") }

    /// "GSI1 PK", "GSI1-PK" and "gsi1pk" are one name.
    static func plain(_ name: String) -> String {
        name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}
