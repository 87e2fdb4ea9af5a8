internal import ContractModel

extension DataModel {
    /// Takes the rows of a table that maps patterns to tables and operations. Of another one with patterns in it a remark says what it lacks.
    ///
    /// - Parameters:
    ///   - known: the ids that the patterns have.
    ///   - named: ids read so far, ranges taken apart; beyond the bound no row is read.
    mutating func takeMapping(
        _ table: Markdown.Table, _ known: PatternNames, _ resolver: NameResolver, _ named: inout Int
    ) {
        guard let columns = MappingColumns(table, known, resolver) else { return }
        let hasRates = table.column("rps", "qps", "peak") != nil
        let rates = hasRates ? "it gives rates, which a document of patterns (--patterns) does" : nil
        if let lack = columns.lack ?? rates {
            guard columns.hasKnownIDs else { return }
            let patterns = PatternColumns(table, file: file)
            let text =
                "this table, whose column \"\(table.header[columns.ids].shown)\" names patterns, is not read as the mapping of "
                + "patterns to tables: \(lack)"
            remarks.append(
                Remark(
                    text: text, line: table.headerLine,
                    isOfPatterns: patterns.map { $0.hasRates || $0.continuesPatterns } ?? false))
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
