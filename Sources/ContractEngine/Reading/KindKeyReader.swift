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
        /// The index whose keys a line is about; nil for the table.
        var index: String?
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
        // A section's kind, a kind opened in it, and one of its indexes.
        var owners: [Owner] = []
        for line in document.lines {
            if line.headings.last?.line != heading {
                heading = line.headings.last?.line
                owners = owner(of: line.headings).map { [$0] } ?? []
            }
            owners.removeAll { $0.indentation.map { line.indentation <= $0 } ?? false }
            if let opened = opened(by: line) {
                owners.removeAll { $0.indentation != nil }
                owners.append(opened.owner)
                take(opened.rest, of: opened.owner, line.number)
            } else if var owner = owners.last {
                let (body, indentation) = KindKeyReader.body(of: line)
                take(body, of: owner, line.number)
                if let named = owner.table.index(beginning: Markdown.plain(body)[...]) {
                    (owner.index, owner.indentation) = (named.index, indentation)
                    owners.append(owner)
                }
            }
        }
    }

    /// A line without its bullet, and how far in what is below it must stand.
    private static func body(of line: Markdown.Line) -> (text: Substring, indentation: Int) {
        let isBullet = line.text.first.map { "-*+".contains($0) } == true && line.text.dropFirst().first == " "
        guard isBullet else { return (line.text[...], line.indentation - 1) }
        return (line.text.dropFirst(2).drop { $0 == " " }, line.indentation)
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
    private func opened(by line: Markdown.Line) -> (owner: Owner, rest: Substring)? {
        let (body, indentation) = KindKeyReader.body(of: line)
        guard indentation == line.indentation || body.hasPrefix("**") || body.hasPrefix("`") else { return nil }
        var head = body
        for mark in [":", " (", " - ", " – ", " — "] {
            if let range = head.firstRange(of: mark) { head = head[..<range.lowerBound] }
        }
        guard var owner = owner(named: Markdown.plain(head), below: line.headings[...]) else { return nil }
        owner.indentation = indentation
        return (owner, body[head.endIndex...].drop { ":–—- ".contains($0) })
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
                let heading = Markdown.plain(heading)
                if let key = owner.table.key(named: heading, of: nil) {
                    add(row[column][...], key, owner, row.line)
                } else {
                    var owner = owner
                    owner.index = owner.table.index(beginning: heading[...])?.index
                    take(row[column][...], of: owner, row.line)
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

    /// "PK = USER#<user_id>, SK = META", "GSI1: PK = EMAIL#<email>": a key's name, and behind an equals sign or a colon what it is, up to
    /// the next key or mark. A part that begins with an index's name is about that, and so are those behind it.
    private mutating func take(_ text: Substring, of owner: Owner, _ line: Int) {
        let text = Markdown.plain(text)
        guard text.contains(where: { $0 == "=" || $0 == ":" }) else { return }
        var index = owner.index
        for part in text.split(whereSeparator: { ",;()|&".contains($0) }).flatMap({ $0.split(separator: " and ") }) {
            var part = part.drop { $0 == " " }
            if let named = owner.table.index(beginning: part) { (index, part) = named }
            guard let mark = part.firstIndex(where: { $0 == "=" || $0 == ":" }),
                let key = owner.table.key(named: String(part[..<mark]), of: index)
            else { continue }
            add(part[part.index(after: mark)...], key, owner, line)
        }
    }

    private mutating func add(_ text: Substring, _ key: KeyNamesOfTable.Key, _ owner: Owner, _ line: Int) {
        var value = text
        for mark in [" (", " - ", " – ", " — ", "; "] {
            if let range = value.firstRange(of: mark) { value = value[..<range.lowerBound] }
        }
        var plain = Markdown.plain(value).filter { !"\"'".contains($0) }[...]
        // "PK = USER#<id>" in the cell below PK.
        if let equal = plain.firstIndex(of: "="), owner.table.key(named: String(plain[..<equal]), of: key.index) != nil
        {
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
    private let indexes: [String: String]

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
        indexes = Dictionary(
            table.indexes.map { (KeyNamesOfTable.plain($0.name), $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter index: the index that is spoken of, of which "PK" is the partition key.
    func key(named label: String, of index: String?) -> Key? {
        let name = KeyNamesOfTable.plain(label.split(separator: "(").first.map(String.init) ?? "")
        return index.flatMap { keys[KeyNamesOfTable.plain($0) + name] } ?? keys[name]
    }

    /// The index that a text begins with, and what stands behind its name: "PK = x" of "GSI1: PK = x".
    func index(beginning text: Substring) -> (index: String, rest: Substring)? {
        let word = text.prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }
        guard let index = indexes[KeyNamesOfTable.plain(String(word))] else { return nil }
        return (index, text[word.endIndex...].drop { " :–—-".contains($0) })
    }

    /// A name as the words of a heading: "order_line" of "OrderLine", "ORDER_LINE" and "Order Line".
    static func heading(_ name: String) -> String { NameStem.wordsOfName(name).joined(separator: "_") }

    /// "GSI1 PK", "GSI1-PK" and "gsi1pk" are one name.
    static func plain(_ name: String) -> String {
        name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}
