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
    /// Keys of tables and indexes, as its lines give them.
    var keyLines: [KeyLine] = []
    /// Names of sections on tables or indexes that the contract has not, with the heading's line.
    var strangers: [(name: String, line: Int)] = []
    /// Keys of one kind of item each.
    var kindKeys: [KindKey] = []
    /// Totals of all patterns that it states.
    package var statedTotals: [PatternListing.StatedTotal] = []
    /// Hot partitions and trade-offs that stand in sections of their own.
    package var namedReasons: [NamedReason] = []
    /// Tables with patterns in them that are not read, and why.
    var remarks: [(text: String, line: Int)] = []

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
        /// Kinds of items that the row names.
        var entities: [String] = []
        /// How current its reads are, where a column of the mapping says.
        var consistency: ReadConsistency?
        /// Items of a call, where a column of the mapping counts them.
        var itemsPerCall: Double?
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
    ///
    /// - Parameters:
    ///   - names: the ids that the patterns have.
    ///   - listsPatterns: whether it is the document of the patterns too.
    /// - Throws: where its ranges of ids name more patterns than any application has.
    package static func read(
        _ source: SourceText, for contract: MigrationContract, names: PatternNames = PatternNames([]),
        listsPatterns: Bool = false
    ) throws(ContractError) -> DataModel {
        try source.requireUTF8()
        let document = Markdown(source)
        var model = DataModel(file: source.name)
        var sections = SectionReader(contract: contract, file: source.name, names: names)
        sections.read(document)
        model.tables = sections.tables
        let keys = KeyLineReader(contract, document)
        model.keyLines = keys.lines
        model.strangers = keys.strangers.compactMap { heading in
            KeyLineReader.name(in: heading.text).map { ($0, heading.line) }
        }
        model.kindKeys = KindKeyReader(contract, document).lines
        model.figures = StatedFigures(document, names)
        model.figures.lines += StatedLine.groups(in: document.tables, names)
        model.statedTotals = totals(in: document, names, contract)
        model.namedReasons = namedReasons(in: document, file: source.name)
        var ids = sections.ids
        let resolver = NameResolver(contract: contract)
        for table in document.tables {
            guard !isUnsolved(table.headings) else { continue }
            model.takeMapping(table, names, resolver, listsPatterns: listsPatterns, &ids)
        }
        guard ids <= PatternID.mostInDocument else {
            throw ContractError(
                file: source.name, text: "the model names more than 200,000 patterns; are its ranges of ids meant?")
        }
        model.unsolved = unsolved(in: document, names)
        model.costs = document.tables.flatMap(costRows)
        return model
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

    /// Totals that stand below no heading of a table or of another part.
    private static func totals(
        in document: Markdown, _ names: PatternNames, _ contract: MigrationContract
    ) -> [PatternListing.StatedTotal] {
        let tables = Set(contract.tables.flatMap { [$0.name] + $0.indexes.map(\.name) }.map { $0.lowercased() })
        return document.lines.flatMap { line -> [PatternListing.StatedTotal] in
            guard StatedNumber.speaksOfTotal(line.text), line.headings.last?.level ?? 1 <= 2,
                line.headings.allSatisfy({ tables.isDisjoint(with: NameStem.words($0.text)) })
            else { return [] }
            return PatternListing.totals(of: line, names)
        }
    }

    private static func isUnsolved(_ headings: [Markdown.Heading]) -> Bool {
        headings.contains { $0.text.lowercased().contains("unsolved") || $0.text.lowercased().contains("not solved") }
    }

    private static func unsolved(in document: Markdown, _ names: PatternNames) -> [Unsolved] {
        var found: [Unsolved] = []
        for line in document.lines where isUnsolved(line.headings) {
            guard let id = names.all(in: line.text).first else { continue }
            let text = Markdown.plain(line.text)
            let reason = text.split(separator: ":", maxSplits: 1).last.map { $0.trimmed } ?? text
            found.append(Unsolved(id: id, reason: reason, line: line.number))
        }
        for table in document.tables where isUnsolved(table.headings) {
            for row in table.rows {
                guard let id = names.expand(row[0]).first else { continue }
                found.append(
                    Unsolved(
                        id: id, reason: Markdown.plain(row.cells.dropFirst().joined(separator: ", ")), line: row.line))
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
