package import ContractModel

/// What the data model's document says that can be held against the contract and the patterns.
package struct DataModel: Sendable {
    package var file: String
    package var tables: [TableSection] = []
    package var mapping: [MappingRow] = []
    /// Patterns that the model leaves to something else than DynamoDB.
    package var unsolved: [Unsolved] = []
    package var costs: [CostRow] = []
    /// What its prose and its rows of totals say in numbers.
    package var figures = StatedFigures()
    /// Hot partitions and trade-offs that stand in sections of their own.
    package var namedReasons: [NamedReason] = []

    /// What is planned for a table or an index.
    package struct Planning: Sendable {
        package var line: Int
        package var reads: StatedNumber?
        package var writes: StatedNumber?
    }

    /// A pattern that a section says it serves, with the attributes that its condition names.
    package struct ServedPattern: Sendable {
        package var id: String
        package var line: Int
        package var conditionAttributes: [String]
    }

    package struct TableSection: Sendable {
        package var table: String
        package var line: Int
        package var served: [ServedPattern] = []
        package var planning: Planning?
        package var indexes: [IndexSection] = []
        package var reasons: [DesignReason] = []
        package var keys: [StatedKey] = []
        package var attributes: [StatedAttribute] = []
    }

    /// "`GSI1SK = category_id`": a key attribute and what it is made of.
    package struct StatedKey: Sendable {
        package var name: String
        package var source: String
        package var line: Int
    }

    /// "- `order_items` (L): …": an attribute that the model lists, below the kind of item where it names one.
    package struct StatedAttribute: Sendable {
        package var name: String
        package var type: AttributeType
        package var entity: String?
        package var line: Int
    }

    package struct IndexSection: Sendable {
        package var index: String
        package var line: Int
        package var served: [ServedPattern] = []
        package var planning: Planning?
        package var reasons: [DesignReason] = []
        package var keys: [StatedKey] = []
    }

    /// A reason that stands beside the sections and names what it is about: "**ProductsByCategory GSI**: …".
    package struct NamedReason: Sendable {
        package var name: String
        package var reason: DesignReason
    }

    /// One row of the mapping: which names its patterns touch by which operations.
    package struct MappingRow: Sendable {
        package var ids: [String]
        package var names: [String]
        package var operations: String
        package var line: Int
        /// What the row says of how it is implemented.
        package var notes: String = ""
    }

    package struct Unsolved: Sendable {
        package var id: String
        package var reason: String
        package var line: Int
    }

    /// One row of the cost estimate.
    package struct CostRow: Sendable {
        package var name: String
        package var readDollars: StatedNumber?
        package var writeDollars: StatedNumber?
        package var storageDollars: StatedNumber?
        package var line: Int
    }

    /// Reads the document; what is not there stays empty.
    package static func read(_ source: SourceText, for contract: MigrationContract) -> DataModel {
        let document = Markdown(source)
        var model = DataModel(file: source.name)
        var sections = SectionReader(contract: contract, file: source.name)
        sections.read(document)
        model.tables = sections.tables
        model.figures = StatedFigures(document)
        model.namedReasons = namedReasons(in: document, file: source.name)
        model.mapping = document.tables.flatMap(mappingRows)
        model.unsolved = unsolved(in: document)
        model.costs = document.tables.flatMap(costRows)
        return model
    }

    private static func mappingRows(_ table: Markdown.Table) -> [MappingRow] {
        guard let pattern = table.column("pattern"), let names = table.column("table", "index"),
            let operations = table.column("operation"), table.column("rps", "qps", "peak") == nil
        else { return [] }
        let notes = table.column("note", "consideration")
        return table.rows.compactMap { row in
            let cell = row[pattern]
            let expanded = PatternID.expand(cell)
            let ids = expanded.isEmpty ? [PatternID.canonical(cell)].filter { !$0.isEmpty } : expanded
            guard !ids.isEmpty else { return nil }
            let list = OperationText.withoutParentheses(row[names]).split(separator: ",").map(\.trimmed)
            return MappingRow(
                ids: ids, names: list.filter { !$0.isEmpty && $0 != "-" && $0 != "–" }, operations: row[operations],
                line: row.line, notes: Markdown.plain(row[notes]))
        }
    }

    /// Bullets such as "**Products Table**: …" below a heading on hot partitions or trade-offs.
    private static func namedReasons(in document: Markdown, file: String) -> [NamedReason] {
        document.lines.compactMap { line in
            guard let heading = line.headings.last, let (name, text) = Markdown.labelled(line.text),
                let topic = DesignWords.topic(ofHeading: heading.text), topic == .hotPartition || topic == .distribution
            else { return nil }
            return NamedReason(
                name: name, reason: DesignReason(topic: topic, text: text, file: file, line: line.number))
        }
    }

    private static func unsolved(in document: Markdown) -> [Unsolved] {
        func isUnsolved(_ headings: [Markdown.Heading]) -> Bool {
            headings.contains {
                $0.text.lowercased().contains("unsolved") || $0.text.lowercased().contains("not solved")
            }
        }
        var found: [Unsolved] = []
        for line in document.lines where isUnsolved(line.headings) {
            guard let id = PatternID.all(in: line.text).first else { continue }
            let text = Markdown.plain(line.text)
            let reason = text.split(separator: ":", maxSplits: 1).last.map { $0.trimmed } ?? text
            found.append(Unsolved(id: id, reason: reason, line: line.number))
        }
        for table in document.tables where isUnsolved(table.headings) {
            for row in table.rows {
                guard let id = PatternID.expand(row[0]).first else { continue }
                found.append(
                    Unsolved(id: id, reason: row.cells.dropFirst().joined(separator: ", "), line: row.line))
            }
        }
        return found
    }

    private static func costRows(_ table: Markdown.Table) -> [CostRow] {
        guard let name = table.column("table"), table.column("rcu") != nil || table.column("wcu") != nil else {
            return []
        }
        let reads = table.column("rcu")
        let writes = table.column("wcu")
        let storage = table.column("storage")
        return table.rows.map { row in
            CostRow(
                name: OperationText.withoutParentheses(row[name]),
                readDollars: StatedNumber(Markdown.plain(row[reads])),
                writeDollars: StatedNumber(Markdown.plain(row[writes])),
                storageDollars: StatedNumber(Markdown.plain(row[storage])), line: row.line)
        }
    }
}

/// Reads the sections "### Users Table" and, below each, those of its indexes: "### GSI1: …", "### Users ByEmail Index".
private struct SectionReader {
    let contract: MigrationContract
    let file: String
    private let tablesByName: [String: ContractTable]
    var tables: [DataModel.TableSection] = []
    /// The line of the heading whose section is being read; its lines belong to the last table or index.
    private var openHeading: Int?
    private var isInServedList = false
    private var entity: String?

    init(contract: MigrationContract, file: String) {
        self.contract = contract
        self.file = file
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
            if openHeading != nil { take(line) }
        }
        for heading in pending { open(heading) }
    }

    private mutating func open(_ heading: Markdown.Heading) {
        isInServedList = false
        openHeading = nil
        entity = nil
        let words = heading.text.split { $0 == " " || $0 == ":" || $0 == "." || $0 == "/" }.map(String.init)
        guard let first = words.first else { return }
        if let table = tablesByName[first.lowercased()] {
            if words.count > 1, let index = index(words[1], in: table) {
                return append(index, of: table.name, at: heading)
            }
            guard words.count == 1 || words[1].lowercased() == "table" else { return }
            tables.append(DataModel.TableSection(table: table.name, line: heading.line))
            openHeading = heading.line
        } else if let last = tables.last, let table = contract.table(named: last.table),
            let index = index(first, in: table)
        {
            append(index, of: table.name, at: heading)
        }
    }

    private func index(_ word: String, in table: ContractTable) -> String? {
        table.indexes.first { $0.name.lowercased() == word.lowercased() }?.name
    }

    private mutating func append(_ index: String, of table: String, at heading: Markdown.Heading) {
        let section = DataModel.IndexSection(index: index, line: heading.line)
        if let owner = tables.lastIndex(where: { $0.table == table }) {
            tables[owner].indexes.append(section)
        } else {
            tables.append(DataModel.TableSection(table: table, line: heading.line, indexes: [section]))
        }
        // An index's lines go to the section that was opened last: keep its table last.
        if let owner = tables.lastIndex(where: { $0.table == table }), owner != tables.count - 1 {
            tables.append(tables.remove(at: owner))
        }
        openHeading = heading.line
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
        guard text.hasPrefix("**") || text.hasPrefix("####"), let last = tables.last,
            let table = contract.table(named: last.table), table.isMultiEntity
        else { return nil }
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
        guard let table = tables.indices.last, tables[table].line == openHeading else { return }
        tables[table].attributes.append(attribute)
    }

    /// "GSI1SK = category_id - Category identifier".
    private mutating func addKey(_ text: String, line: Int) {
        let parts = text.split(separator: "=", maxSplits: 1).map(\.trimmed)
        guard parts.count == 2, let name = parts[0].split(separator: " ").last,
            let source = parts[1].split(separator: " ").first, let table = tables.indices.last
        else { return }
        let key = DataModel.StatedKey(
            name: String(name), source: source.filter { $0 != "<" && $0 != ">" && $0 != "," }, line: line)
        if let index = tables[table].indexes.indices.last, tables[table].indexes[index].line == openHeading {
            tables[table].indexes[index].keys.append(key)
        } else {
            tables[table].keys.append(key)
        }
    }

    private mutating func add(_ reason: DesignReason) {
        guard let table = tables.indices.last else { return }
        if let index = tables[table].indexes.indices.last, tables[table].indexes[index].line == openHeading {
            tables[table].indexes[index].reasons.append(reason)
        } else {
            tables[table].reasons.append(reason)
        }
    }

    private mutating func addServed(_ line: Markdown.Line) {
        let conditions = SectionReader.conditionAttributes(in: line.text)
        let served = PatternID.all(in: line.text).map {
            DataModel.ServedPattern(id: $0, line: line.number, conditionAttributes: conditions)
        }
        guard let table = tables.indices.last else { return }
        if let index = tables[table].indexes.indices.last, tables[table].indexes[index].line == openHeading {
            tables[table].indexes[index].served += served
        } else {
            tables[table].served += served
        }
    }

    private mutating func set(_ planning: DataModel.Planning) {
        guard let table = tables.indices.last else { return }
        if let index = tables[table].indexes.indices.last, tables[table].indexes[index].line == openHeading {
            tables[table].indexes[index].planning = planning
        } else {
            tables[table].planning = planning
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
