extension StatedLine {
    /// More rows than this are not held against their patterns: a hostile document could name all patterns in each.
    private static let mostGroups = 200

    /// What rows of a table give for several patterns: "| Tracking | Q-07, Q-08, Q-09 | 3,000 |". A mapping's row says what patterns do, and
    /// is none.
    static func groups(in tables: [Markdown.Table], _ names: PatternNames) -> [StatedLine] {
        var lines: [StatedLine] = []
        for table in tables where table.column("operation") == nil {
            let rates = RateColumns(table)
            guard let peak = rates.peak, rates.problem == nil, rates.peakUnit == RateUnit() else { continue }
            for row in table.rows where lines.count < mostGroups {
                guard let number = StatedNumber(Markdown.plain(row[peak])) else { continue }
                let ids = row.cells.indices.lazy.filter { $0 != peak }
                    .map { names.several(Markdown.plain(row[$0])) }.first { !$0.isEmpty }
                if let ids { lines.append(StatedLine(number: number, ids: ids, line: row.line)) }
            }
        }
        return lines
    }
}
