internal import ContractModel

extension DataModel {
    /// Takes the rows of a table that maps patterns to tables and operations. Of another one with patterns in it a remark says what it lacks.
    ///
    /// - Parameters:
    ///   - known: the ids that the patterns have.
    ///   - listsPatterns: whether its tables of patterns are read as those already, since it is their document.
    ///   - named: ids read so far, ranges taken apart; beyond the bound no row is read.
    mutating func takeMapping(
        _ table: Markdown.Table, _ known: PatternNames, _ resolver: NameResolver, listsPatterns: Bool,
        _ named: inout Int
    ) {
        guard let columns = MappingColumns(table, known, resolver) else { return }
        if listsPatterns, let patterns = PatternColumns(table, file: file),
            patterns.hasRates || columns.lack != nil && patterns.continuesPatterns
        {
            return
        }
        if let lack = columns.lack {
            guard columns.hasKnownIDs else { return }
            let heading = table.header[columns.ids].shown
            remarks.append(
                (
                    "this table, whose column \"\(heading)\" names patterns, is not read as the mapping of patterns to tables: "
                        + lack,
                    table.headerLine
                ))
            return
        }
        for row in table.rows where named <= PatternID.mostInDocument {
            let cell = row[columns.ids]
            let expanded = known.expand(cell)
            named += expanded.count
            let ids = expanded.isEmpty ? [PatternID.canonical(cell)].filter { !$0.isEmpty } : expanded
            guard !ids.isEmpty else { continue }
            var read = MappingRow(
                ids: ids, names: columns.names(of: row, resolver), operations: row[columns.operations],
                line: row.line,
                notes: columns.notes.map { Markdown.plain(row[$0]) }.filter { !$0.isEmpty }.joined(separator: "; "),
                entities: OperationColumns.names(row[columns.entities]))
            read.consistency = ReadConsistency(cell: Markdown.plain(row[columns.consistency]))
            read.itemsPerCall = Amount(Markdown.plain(row[columns.items]), as: .count).map(\.value).flatMap {
                $0 > 0 && $0 <= PatternTreeReader.largestNumber ? $0 : nil
            }
            mapping.append(read)
        }
    }
}
