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
            if owner != nil { take(line) }
        }
        for heading in pending { open(heading) }
    }

    private mutating func open(_ heading: Markdown.Heading) {
        isInServedList = false
        owner = nil
        entity = nil
        let words = heading.text.split { $0 == " " || $0 == ":" || $0 == "." || $0 == "/" }.map(String.init)
        guard let first = words.first else { return }
        if let table = tablesByName[first.lowercased()] {
            if words.count > 1, let index = index(words[1], in: table) {
                return append(index, of: table.name, at: heading)
            }
            guard words.count == 1 || words[1].lowercased() == "table" else { return }
            open(DataModel.TableSection(table: table.name, line: heading.line))
            owner = (tables.count - 1, nil)
        } else if let table = lastTable, let index = index(first, in: table) {
            append(index, of: table.name, at: heading)
        }
    }

    private mutating func open(_ section: DataModel.TableSection) {
        places[section.table] = tables.count
        lastTable = tablesByName[section.table.lowercased()]
        tables.append(section)
    }

    private func index(_ word: String, in table: ContractTable) -> String? {
        table.indexes.first { $0.name.lowercased() == word.lowercased() }?.name
    }

    private mutating func append(_ index: String, of table: String, at heading: Markdown.Heading) {
        let section = DataModel.IndexSection(index: index, line: heading.line)
        if places[table] == nil { open(DataModel.TableSection(table: table, line: heading.line)) }
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
        } else if line.indentation == 0, let (label, text) = Markdown.labelled(line.text),
            let topic = DesignWords.topic(ofHeading: label)
        {
            add(DesignReason(topic: topic, text: text, file: file, line: line.number))
            if topic == .partitionKey || topic == .sortKey { addKey(text, line: line.number) }
        }
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
