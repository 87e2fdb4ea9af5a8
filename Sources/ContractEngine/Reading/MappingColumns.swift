internal import ContractModel

/// Which column of the data model's mapping holds what: by its cells before its heading, since everybody heads them otherwise.
struct MappingColumns {
    let ids: Int
    /// Whether known ids of patterns stand in that column, and not a heading alone says so.
    let hasKnownIDs: Bool
    let operations: Int?
    /// Tables, or tables and indexes in one column.
    let places: Int?
    /// Indexes beside the tables.
    let indexes: Int?
    let entities: Int?
    let items: Int?
    let consistency: Int?
    let notes: [Int]

    /// Nil for a table without a column for the patterns' ids.
    init?(_ table: Markdown.Table, _ known: PatternNames, _ names: NameResolver) {
        guard let ids = MappingColumns.ids(of: table, known) else { return nil }
        (self.ids, hasKnownIDs) = ids
        let header = table.header.map { $0.lowercased() }
        let cells = MappingCells(table, names)
        items = header.firstIndex(where: PatternHeader.countsItems)
        consistency = header.firstIndex(where: PatternHeader.saysConsistency)
        entities =
            header.firstIndex { $0.contains("entity") || $0.contains("item type") }
            ?? header.indices.first { PatternHeader.entityWords.contains(header[$0]) && cells.areEntities($0) }
        notes = PatternHeader.notes(header).filter { $0 != ids.place }
        let taken = Set([ids.place, items, consistency, entities].compactMap(\.self) + notes)
        let free = header.indices.filter { !taken.contains($0) && !MappingColumns.describes(header[$0]) }
        let operations = MappingColumns.operations(header, free: free, cells)
        self.operations = operations
        let rest = free.filter { $0 != operations }
        let places = MappingColumns.places(header, free: rest, cells)
        self.places = places
        let others = rest.filter { $0 != places && !OperationColumns.holdsTables(header[$0]) }
        indexes =
            others.first { OperationColumns.holdsIndexes(header[$0]) }
            ?? others.first { cells.areIndexes($0, beside: places) }
    }

    /// What keeps a table of patterns from being read as the mapping; nil where nothing does.
    var lack: String? {
        switch (places, operations) {
        case (nil, nil): "no column of it holds tables or indexes, and none operations"
        case (nil, _): "no column of it holds tables or indexes of the contract"
        case (_, nil): "no column of it holds operations, such as GetItem"
        default: nil
        }
    }

    /// What the row's patterns touch: "Users", or with its index "Users.GSI1".
    func names(of row: Markdown.Row, _ names: NameResolver) -> [String] {
        let tables = names.names(inCell: row[places])
        let indexes = OperationColumns.indexNames(row[self.indexes])
        return indexes.isEmpty ? tables : names.names(of: indexes, beside: tables)
    }

    // MARK: Which column

    /// The column of the patterns' ids, whatever its heading: the one whose cells are mostly ids of known patterns, else the one that a
    /// heading calls so.
    private static func ids(of table: Markdown.Table, _ known: PatternNames) -> (place: Int, areKnown: Bool)? {
        func isKnown(_ cell: String, canBeNumber: Bool) -> Bool {
            let ids = known.expand(cell)
            return !ids.isEmpty && ids.allSatisfy(known.contains) && (canBeNumber || cell.first?.isNumber == false)
        }
        let byCells = table.header.indices.first { place in
            // A number is an id below such a heading alone: "Items" has numbers too.
            let heading = table.header[place].lowercased()
            let isOfIDs = PatternHeader.saysID(heading) || heading.contains("pattern")
            let cells = table.rows.map { Markdown.plain($0[place]) }.filter { !$0.isEmpty }
            return !cells.isEmpty && cells.count { isKnown($0, canBeNumber: isOfIDs) } * 2 > cells.count
        }
        if let byCells { return (byCells, true) }
        let byHeading =
            table.column("pattern") ?? table.header.firstIndex { PatternHeader.saysID($0.lowercased()) }
        return byHeading.map { ($0, false) }
    }

    /// Sentences about a pattern name operations and tables too: "Query the orders".
    private static func describes(_ heading: String) -> Bool {
        ["description", "summary", "story", "use case", "purpose", "why", "reason"].contains { heading.contains($0) }
    }

    private static func operations(_ header: [String], free: [Int], _ cells: MappingCells) -> Int? {
        let headed = free.filter {
            header[$0].contains("operation") || header[$0].contains("api call") || header[$0].contains("dynamodb api")
                || header[$0] == "api"
        }
        return headed.first(where: cells.areOperations) ?? free.first(where: cells.areOperations) ?? headed.first
    }

    private static func places(_ header: [String], free: [Int], _ cells: MappingCells) -> Int? {
        let headed = free.filter { OperationColumns.holdsTables(header[$0]) }
        let ofIndexes = free.filter { OperationColumns.holdsIndexes(header[$0]) }
        let others = free.filter { !headed.contains($0) && !ofIndexes.contains($0) }
        return headed.first(where: cells.arePlaces) ?? others.first(where: cells.arePlaces) ?? headed.first
            ?? ofIndexes.first ?? free.first { header[$0].contains("index") }
    }
}

/// What all, or nearly all, cells of a column are.
private struct MappingCells {
    let table: Markdown.Table
    let names: NameResolver
    /// Longer cells are no names of tables.
    private static let longestNames = 500

    init(_ table: Markdown.Table, _ names: NameResolver) {
        (self.table, self.names) = (table, names)
    }

    /// One cell of five may be a slip of the pen.
    private func nearlyAll(_ place: Int, _ test: (String, Markdown.Row) -> Bool) -> Bool {
        var count = 0
        var passed = 0
        for row in table.rows where !OperationColumns.names(row[place]).isEmpty {
            count += 1
            if test(row[place], row) { passed += 1 }
        }
        return count > 0 && passed * 5 >= count * 4
    }

    func areOperations(_ place: Int) -> Bool { nearlyAll(place) { cell, _ in !OperationText(cell).operations.isEmpty } }

    /// Names of tables and indexes, as the contract has them.
    func arePlaces(_ place: Int) -> Bool {
        nearlyAll(place) { cell, _ in
            guard cell.utf8.count <= MappingCells.longestNames else { return false }
            let found = names.names(inCell: cell)
            return !found.isEmpty && found.allSatisfy { names.named($0) != nil }
        }
    }

    func areIndexes(_ place: Int, beside tables: Int?) -> Bool {
        nearlyAll(place) { cell, row in
            guard cell.utf8.count <= MappingCells.longestNames else { return false }
            let indexes = OperationColumns.indexNames(cell)
            let places = names.names(of: indexes, beside: names.names(inCell: row[tables]))
            return !indexes.isEmpty && places.contains { names.named($0)?.index != nil }
        }
    }

    func areEntities(_ place: Int) -> Bool {
        nearlyAll(place) { cell, _ in
            OperationColumns.names(cell).allSatisfy { name in
                names.contract.tables.contains { $0.entity(called: name) != nil }
            }
        }
    }
}

extension NameResolver {
    /// The names of indexes that stand beside those of tables: each with the table that has it. A table of which no index is named stays.
    fileprivate func names(of indexes: [String], beside tables: [String]) -> [String] {
        guard !tables.isEmpty else { return indexes }
        let owners = tables.map { resolve($0)?.table ?? $0 }
        var found = tables.map { _ in [String]() }
        var others: [String] = []
        for index in indexes {
            if let place = owners.firstIndex(where: { exact("\($0).\(index)")?.index != nil }) {
                found[place].append("\(owners[place]).\(index)")
            } else if let known = resolve(index), known.index != nil, let place = owners.firstIndex(of: known.table) {
                found[place].append(index)
            } else if tables.count == 1 {
                found[0].append("\(tables[0]).\(index)")
            } else {
                others.append(index)
            }
        }
        return zip(tables, found).flatMap { $1.isEmpty ? [$0] : $1 } + others
    }
}
