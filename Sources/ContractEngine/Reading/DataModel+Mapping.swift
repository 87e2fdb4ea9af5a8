internal import ContractModel

extension DataModel {
    /// The rows of a table that maps patterns to tables and operations; none for any other table.
    ///
    /// - Parameters:
    ///   - known: the ids that the patterns have.
    ///   - named: ids read so far, ranges taken apart; beyond the bound no row is read.
    static func mappingRows(
        _ table: Markdown.Table, _ known: PatternNames, _ resolver: NameResolver, _ named: inout Int
    ) -> [MappingRow] {
        guard let pattern = idColumn(of: table, known), let names = table.column("table", "index"),
            let operations = table.column("operation", "api call"), table.column("rps", "qps", "peak") == nil
        else { return [] }
        let notes = table.column("note", "consideration")
        let entity = table.column("entity", "item type")
        let items = table.header.firstIndex { PatternHeader.countsItems($0.lowercased()) }
        let consistency = table.header.firstIndex { PatternHeader.saysConsistency($0.lowercased()) }
        var found: [MappingRow] = []
        for row in table.rows where named <= PatternID.mostInDocument {
            let cell = row[pattern]
            let expanded = known.expand(cell)
            named += expanded.count
            let ids = expanded.isEmpty ? [PatternID.canonical(cell)].filter { !$0.isEmpty } : expanded
            guard !ids.isEmpty else { continue }
            var read = MappingRow(
                ids: ids, names: resolver.names(inCell: row[names]), operations: row[operations],
                line: row.line, notes: Markdown.plain(row[notes]), entities: OperationColumns.names(row[entity]))
            read.consistency = ReadConsistency(cell: Markdown.plain(row[consistency]))
            read.itemsPerCall = Amount(Markdown.plain(row[items]), as: .count).map(\.value).flatMap {
                $0 > 0 && $0 <= PatternTreeReader.largestNumber ? $0 : nil
            }
            found.append(read)
        }
        return found
    }

    /// The column of the patterns' ids, whatever its heading: the one whose cells are mostly ids of known patterns, else the one that a
    /// heading calls so.
    private static func idColumn(of table: Markdown.Table, _ known: PatternNames) -> Int? {
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
        return byCells ?? table.column("pattern")
            ?? table.header.firstIndex { PatternHeader.saysID($0.lowercased()) }
    }
}
