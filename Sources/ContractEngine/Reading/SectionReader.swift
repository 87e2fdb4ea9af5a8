internal import ContractModel

/// Reads the sections "### Users Table" and, below each, those of its indexes: "### GSI1: …", "### Users ByEmail Index".
struct SectionReader {
    let file: String
    private let tablesByName: [String: ContractTable]
    var tables: [DataModel.TableSection] = []
    /// The place in `tables` of each table's last section.
    private var places: [String: Int] = [:]
    /// Where the section's lines go: the section of a table, or of an index in it.
    private var owner: (table: Int, index: Int?)?
    /// Ids of patterns that sections list.
    private(set) var ids = 0
    /// The table of the section that was opened last.
    private var lastTable: ContractTable?
    private var isInServedList = false
    private var entity: String?

    private let names: PatternNames

    init(contract: MigrationContract, file: String, names: PatternNames) {
        self.file = file
        self.names = names
        tablesByName = Dictionary(
            contract.tables.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func read(_ document: Markdown) {
        var pending = document.headings[...]
        for line in document.lines {
            while let next = pending.first, next.line < line.number {
                open(next)
                pending = pending.dropFirst()
            }
            if owner != nil, let found = indexOpened(by: line), let index = found.index {
                append(index, of: found.table.name, at: line.number)
            } else if owner != nil {
                take(line)
            }
        }
        for heading in pending { open(heading) }
    }

    private mutating func open(_ heading: Markdown.Heading) {
        isInServedList = false
        owner = nil
        entity = nil
        guard let found = place(named: heading.text) else { return }
        if let index = found.index {
            append(index, of: found.table.name, at: heading.line)
        } else {
            open(DataModel.TableSection(table: found.table.name, line: heading.line))
            owner = (tables.count - 1, nil)
        }
    }

    /// What a heading opens: "Users Table", "2. Users", "Table: `Users`", "Users ByEmail Index", "GSI1: an account's entries", "GSI2 - ByEmail".
    private func place(named text: String) -> (table: ContractTable, index: String?)? {
        let words = text.split { " :./()`*,–—".contains($0) }.map { String($0).lowercased() }
            .filter { $0 != "-" }
        let names = words[...].drop { word in
            let isKnown = tablesByName[word] != nil || lastTable.map { index(word, in: $0) != nil } ?? false
            return !isKnown && (SectionReader.fillers.contains(word) || SectionReader.isNumbering(word))
        }
        guard let first = names.first else { return nil }
        let rest = names.dropFirst().filter { !SectionReader.fillers.contains($0) }
        if let table = tablesByName[first] {
            if let next = rest.first, let index = index(next, in: table) { return (table, index) }
            return names.count == 1 || names.dropFirst().first == "table" || rest.isEmpty ? (table, nil) : nil
        }
        return lastTable.flatMap { table in index(first, in: table).map { (table, $0) } }
    }

    /// Words in front of a name, and beside it, that say no more than what it is the name of.
    private static let fillers: Set = [
        "table", "tables", "index", "gsi", "lsi", "global", "local", "secondary", "the", "of", "on", "design",
        "dynamodb", "sparse",
    ]

    /// "2", "2a", "gsi1" where the index has another name.
    private static func isNumbering(_ word: String) -> Bool {
        let digits = word.drop { $0.isLetter }
        guard !digits.isEmpty, digits.allSatisfy(\.isNumber) else { return word.allSatisfy(\.isNumber) }
        return digits.startIndex == word.startIndex || ["gsi", "lsi", "index"].contains(word[..<digits.startIndex])
    }

    /// The index that a line such as "**GSI: ByEmail**" opens inside its table's section; nil for any other line.
    private func indexOpened(by line: Markdown.Line) -> (table: ContractTable, index: String?)? {
        guard line.indentation == 0, line.text.hasPrefix("**"),
            line.text.hasSuffix("**") || line.text.hasSuffix("**:"),
            !Set(NameStem.words(line.text)).isDisjoint(with: ["gsi", "lsi", "index"]) || line.text.contains("GSI")
        else { return nil }
        return place(named: Markdown.plain(line.text)).flatMap { $0.index == nil ? nil : $0 }
    }

    private mutating func open(_ section: DataModel.TableSection) {
        places[section.table] = tables.count
        lastTable = tablesByName[section.table.lowercased()]
        tables.append(section)
    }

    private func index(_ word: String, in table: ContractTable) -> String? {
        table.indexes.first { $0.name.lowercased() == word.lowercased() }?.name
    }

    private mutating func append(_ index: String, of table: String, at line: Int) {
        let section = DataModel.IndexSection(index: index, line: line)
        if places[table] == nil { open(DataModel.TableSection(table: table, line: line)) }
        guard let place = places[table] else { return }
        // What stands below without its table's name is the same table's.
        lastTable = tablesByName[table.lowercased()]
        tables[place].indexes.append(section)
        owner = (place, tables[place].indexes.count - 1)
    }

    private mutating func take(_ line: Markdown.Line) {
        let plain = Markdown.plain(line.text)
        let lower = plain.lowercased()
        if line.indentation == 0 { isInServedList = lower.contains("access patterns served") }
        if isInServedList { addServed(line) }
        if let named = namedEntity(line.text) { entity = named }
        if let attribute = statedAttribute(line) { addAttribute(attribute) }
        if lower.contains("capacity planning") {
            let planning = DataModel.Planning(
                line: line.number, reads: SectionReader.rate(of: "read", in: plain),
                writes: SectionReader.rate(of: "write", in: plain))
            set(planning)
        } else if line.indentation == 0,
            let (label, text) = Markdown.labelled(line.text) ?? SectionReader.plainLabel(line.text),
            let topic = DesignWords.topic(ofHeading: label)
        {
            add(DesignReason(topic: topic, text: text, file: file, line: line.number))
            if topic == .partitionKey || topic == .sortKey { addKey(text, line: line.number) }
        }
    }

    /// The same of a bullet whose label is not set apart: "- Sparse: Yes - only replies".
    private static func plainLabel(_ line: String) -> (label: String, text: String)? {
        guard let first = line.first, "-*+".contains(first), line.dropFirst().first == " ",
            let colon = line.firstIndex(of: ":")
        else { return nil }
        let label = Markdown.plain(line[..<colon].dropFirst(2))
        let text = Markdown.plain(line[line.index(after: colon)...])
        return label.isEmpty || text.isEmpty || label.split(separator: " ").count > 3 ? nil : (label, text)
    }

    /// The kind of item that a line such as "**SHOPPING CART Entity** (…)" opens; nil for any other line.
    private func namedEntity(_ text: String) -> String? {
        guard text.hasPrefix("**") || text.hasPrefix("####"), let table = lastTable, table.isMultiEntity else {
            return nil
        }
        let words = Set(text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map { $0.uppercased() })
        return table.entities.first { words.contains($0.name.uppercased()) }?.name
    }

    /// "- `username` (S): unique username".
    private func statedAttribute(_ line: Markdown.Line) -> DataModel.StatedAttribute? {
        let text = line.text.drop { $0 == "-" || $0 == "*" || $0 == " " }
        guard text.hasPrefix("`"), let end = text.dropFirst().firstIndex(of: "`") else { return nil }
        let rest = text[text.index(after: end)...].drop { $0 == " " }
        guard rest.hasPrefix("("), let close = rest.firstIndex(of: ")"),
            let type = AttributeType(rawValue: String(rest[rest.index(after: rest.startIndex)..<close]))
        else { return nil }
        return DataModel.StatedAttribute(
            name: String(text.dropFirst()[..<end]).shown, type: type, entity: entity, line: line.number)
    }

    private mutating func addAttribute(_ attribute: DataModel.StatedAttribute) {
        guard let owner, owner.index == nil else { return }
        tables[owner.table].attributes.append(attribute)
    }

    /// "GSI1SK = category_id - Category identifier".
    private mutating func addKey(_ text: String, line: Int) {
        let parts = text.split(separator: "=", maxSplits: 1).map(\.trimmed)
        guard parts.count == 2, let name = parts[0].split(separator: " ").last,
            let source = parts[1].split(separator: " ").first, let owner
        else { return }
        let key = DataModel.StatedKey(
            name: String(name), source: source.filter { $0 != "<" && $0 != ">" && $0 != "," }, line: line)
        if let index = owner.index {
            tables[owner.table].indexes[index].keys.append(key)
        } else {
            tables[owner.table].keys.append(key)
        }
    }

    private mutating func add(_ reason: DesignReason) {
        guard let owner else { return }
        if let index = owner.index {
            tables[owner.table].indexes[index].reasons.append(reason)
        } else {
            tables[owner.table].reasons.append(reason)
        }
    }

    private mutating func addServed(_ line: Markdown.Line) {
        let conditions = SectionReader.conditionAttributes(in: line.text)
        let served = names.all(in: line.text).map {
            DataModel.ServedPattern(id: $0, line: line.number, conditionAttributes: conditions)
        }
        ids += served.count
        guard let owner, ids <= PatternID.mostInDocument else { return }
        if let index = owner.index {
            tables[owner.table].indexes[index].served += served
        } else {
            tables[owner.table].served += served
        }
    }

    private mutating func set(_ planning: DataModel.Planning) {
        guard let owner else { return }
        if let index = owner.index {
            tables[owner.table].indexes[index].planning = planning
        } else {
            tables[owner.table].planning = planning
        }
    }

    /// The number in front of "reads" in "770 RPS reads, 635 RPS writes".
    private static func rate(of word: String, in text: String) -> StatedNumber? {
        let words = text.split(separator: " ").map(String.init)
        for (index, candidate) in words.enumerated() where StatedNumber.bare(candidate).hasPrefix(word) {
            for back in 1...2 where index >= back {
                if let number = StatedNumber(words[index - back]) { return number }
                guard StatedNumber.isRate(StatedNumber.bare(words[index - back])) else { break }
            }
        }
        return nil
    }

    /// The left sides of `X = y` in a line: "GSI1SK" in "(AP24: `GSI1SK = category_id`)".
    private static func conditionAttributes(in text: String) -> [String] {
        let words = text.split { $0 == " " || $0 == "`" || $0 == "(" || $0 == ")" || $0 == "," }.map(String.init)
        return words.indices.dropFirst().filter { words[$0] == "=" }.map { words[$0 - 1] }
    }
}
