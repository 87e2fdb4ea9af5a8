internal import ContractModel

/// The columns of a pattern table that say which operations its patterns do, and on what.
struct OperationColumns {
    private var operation: Int?
    private var table: Int?
    private var index: Int?

    private static let operationWords: Set = ["operation", "operations", "api", "api call", "api calls"]
    private static let tableWords: Set = ["table", "tables", "table name", "dynamodb table", "dynamodb tables"]
    private static let indexWords: Set = [
        "index", "indexes", "index name", "gsi", "gsis", "index used", "dynamodb index", "dynamodb indexes",
    ]
    /// Cells that name no index: "(table)", "n/a".
    private static let noIndex: Set = ["", "table", "base", "main", "primary", "pk", "none", "no"]
    /// Words of cells that name none: "base table", "primary key (PK)", "no index".
    private static let noIndexWords: Set = noIndex.union([
        "key", "sk", "partition", "sort", "and", "not", "needed", "applicable", "n", "a", "index", "gsi", "itself",
        "own",
        "only", "direct", "lookup",
    ])
    /// Words of a heading that stands above indexes and nothing else.
    private static let wordsOfIndexes: Set = [
        "index", "indexes", "indices", "gsi", "gsis", "used", "name", "names", "dynamodb", "ddb", "secondary", "global",
        "any", "or", "if", "s", "es", "which", "via", "through", "queried", "read",
    ]

    /// Headings of operations that stand above other things as well.
    private static let likelyOperationWords: Set = ["op", "ops", "action", "method", "call", "calls", "ddb operation"]

    init(_ header: [String], _ rows: [Markdown.Row]) {
        operation =
            header.firstIndex {
                OperationColumns.operationWords.contains($0) || $0.contains("dynamodb op")
                    || $0.contains("dynamodb api")
            }
            ?? header.indices.first { place in
                OperationColumns.likelyOperationWords.contains(header[place])
                    && rows.contains { !$0[place].isEmpty }
                    && rows.allSatisfy { $0[place].isEmpty || !OperationText($0[place]).operations.isEmpty }
            }
        func isBoth(_ name: String) -> Bool {
            name.hasPrefix("table") && (name.contains("index") || name.contains("gsi"))
        }
        table = header.firstIndex { OperationColumns.tableWords.contains($0) || isBoth($0) }
        index = header.firstIndex { OperationColumns.indexWords.contains($0) }
    }

    /// The columns.
    var places: [Int] { [operation, table, index].compactMap(\.self) }

    /// Whether it says what patterns do and on what.
    var mapsNames: Bool { operation != nil && (table != nil || index != nil) }

    /// What the row's operation cell says: operations, or the type of a pattern; neither where it is empty.
    func text(
        of row: Markdown.Row, pattern: String, file: String
    ) throws(ContractError) -> (operations: OperationText, type: PatternType?) {
        let cell = Markdown.plain(row[operation])
        let text = OperationText(cell)
        if !text.operations.isEmpty {
            return (text, text.operations.contains { PatternOperation.writes.contains($0) } ? .write : .read)
        }
        guard !cell.isEmpty else { return (text, nil) }
        let word = cell.split { $0 == " " || $0 == "/" || $0 == "," }.first.map(String.init) ?? cell
        guard let type = PatternType(word: cell) ?? PatternType(word: word) else {
            throw ContractError(
                file: file, line: row.line,
                text: "the operation of \(pattern) is \"\(cell.shown)\"; name one as DynamoDB does: GetItem")
        }
        return (text, type)
    }

    /// The row's operations with the names of what they touch, as the cells have them.
    func written(_ text: OperationText, _ row: Markdown.Row, for pattern: AccessPattern) -> [WrittenOperation] {
        guard pattern.type != .none else { return [] }
        let names = places(row)
        let position = Position(line: row.line)
        guard !names.isEmpty else {
            let pairs = OperationText.pairs([""], text, for: pattern)
            // Beside several operations a name may be any one's.
            let words = text.operations.count == 1 ? OperationColumns.words(row[operation]) : []
            return text.operations.isEmpty
                ? []
                : pairs.map {
                    WrittenOperation(
                        operation: $0.operation, cell: "", text: row[operation], words: words, position: position)
                }
        }
        // Of several tables only the contract tells whose index it is.
        let indexes = names.count > 1 ? OperationColumns.indexNames(row[index]) : []
        return OperationText.pairs(names, text, for: pattern).map {
            WrittenOperation(
                operation: $0.operation, cell: $0.name, text: row[operation], indexes: indexes, position: position)
        }
    }

    /// "Products", or with its index "Products.ByCategory"; an index alone where no table is named.
    private func places(_ row: Markdown.Row) -> [String] {
        let tables = OperationColumns.names(row[table])
        let indexes = OperationColumns.indexNames(row[index])
        if indexes.isEmpty { return tables }
        if tables.isEmpty { return indexes }
        if tables.count == 1 { return indexes.map { $0.hasPrefix("\(tables[0]).") ? $0 : "\(tables[0]).\($0)" } }
        guard tables.count == indexes.count else { return tables }
        return zip(tables, indexes).map { "\($0).\($1)" }
    }

    private static func words(_ cell: String) -> [String] {
        OperationText.withoutParentheses(cell).split { $0 == " " || $0 == "," || $0 == ":" }.map(String.init).filter {
            OperationText.named($0) == nil
        }
    }

    /// "Table", "DynamoDB Table", "Tables/Indexes".
    static func holdsTables(_ heading: String) -> Bool {
        NameStem.words(heading).contains {
            $0.hasPrefix("table") || $0.hasSuffix("dbtable") || $0.hasSuffix("dbtables")
        }
    }

    /// "Index", "GSI", "Index used", "Secondary index", and neither "Index/Table" nor "GSI PK".
    static func holdsIndexes(_ heading: String) -> Bool {
        let words = NameStem.words(heading)
        return words.allSatisfy(wordsOfIndexes.contains)
            && !Set(words).isDisjoint(with: ["index", "indexes", "indices", "gsi", "gsis"])
    }

    /// The indexes that a cell beside a table's names; none where it says that it is the table itself.
    static func indexNames(_ cell: String) -> [String] {
        names(cell).map(OperationText.withoutParentheses).filter { name in
            let words = NameStem.words(name)
            return words.count < 2
                ? !noIndex.contains(words.first ?? "") : !words.allSatisfy(noIndexWords.contains)
        }
    }

    static func names(_ cell: String) -> [String] {
        let breaks = Markdown.plain(cell).replacing("<br>", with: ",").replacing("<br/>", with: ",")
        return breaks.replacing(" and ", with: ",").split { ",;+&".contains($0) }.map(\.trimmed).filter {
            !$0.isEmpty && !["-", "–", "—", "n/a", "none"].contains($0.lowercased())
        }
    }
}

extension OperationText {
    /// Pairs names with operations: one each where there are as many, else the last serves the rest.
    static func pairs(
        _ names: [String], _ text: OperationText, for pattern: AccessPattern
    ) -> [(name: String, operation: String?)] {
        if text.areAlternatives || text.operations.count < 2 {
            let chosen = text.areAlternatives ? choose(among: text.operations, for: pattern) : text.operations.first
            return names.map { ($0, chosen) }
        }
        if names.count == 1 { return text.operations.map { (names[0], $0) } }
        return names.enumerated().map { ($1, text.operations[min($0, text.operations.count - 1)]) }
    }
}
