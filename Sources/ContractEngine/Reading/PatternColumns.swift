internal import ContractModel

/// Which column of a pattern table holds what, found by the headers' words.
struct PatternColumns {
    private var id: Int
    private var summary: Int?
    private var peak: Int?
    private var average: Int?
    private var type: Int?
    private var operations: OperationColumns
    private var keys: Int?
    private var items: Int?
    private var consistency: Int?
    private var p99: Int?
    private var availability: Int?
    private var notes: [Int]

    /// Nil for a table that lists no patterns with rates.
    init?(_ table: Markdown.Table) {
        let header = table.header.map { $0.lowercased() }
        func column(_ test: (String) -> Bool) -> Int? { header.firstIndex(where: test) }
        func isRate(_ name: String) -> Bool { name.contains("rps") || name.contains("qps") }
        guard let id = column({ $0.contains("pattern") || $0 == "id" || $0 == "#" }),
            let rate = column({ isRate($0) && !$0.hasPrefix("av") }) ?? column({ $0.hasPrefix("peak") })
                ?? column(isRate)
        else { return nil }
        self.id = id
        peak = rate
        average = column { $0.hasPrefix("average") || $0.hasPrefix("avg") }
        summary = column { $0.contains("description") || $0 == "name" }
        type = column { $0 == "type" || $0.contains("operation type") || ["read/write", "r/w", "rw"].contains($0) }
        operations = OperationColumns(header)
        keys = column { $0.contains("key attributes") } ?? column { $0.contains("attributes") }
        items = column { $0.contains("items") && ($0.contains("call") || $0 == "items") }
        consistency = column { $0.contains("consistency") }
        p99 = column { $0.contains("p99") }
        availability = column { $0.contains("availability") }
        notes = header.indices.filter { place in
            ["consideration", "requirement", "note"].contains { header[place].contains($0) }
        }
    }

    /// The row's pattern; nil for a row that is none, such as a sum.
    func read(_ row: Markdown.Row, file: String) throws(ContractError) -> PatternRow? {
        let cell = Markdown.plain(row[id])
        guard !cell.isEmpty, !cell.lowercased().hasPrefix("total"), !cell.lowercased().hasPrefix("sum") else {
            return nil
        }
        let peakAndAverage = try rates(row, file: file)
        let typeText = Markdown.plain(row[type])
        let operation = try operations.text(of: row, pattern: cell, file: file)
        guard let kind = typeText.isEmpty ? operation.type : PatternType(word: typeText) else {
            throw error(row, file, "the type of \(cell) is \"\(typeText)\"; it must be Read, Write or None")
        }
        let consistencyText = Markdown.plain(row[consistency])
        let p99 = try number(row, p99, "the p99", file: file)
        let share = try number(row, availability, "the availability", file: file)
        let level = p99 == nil && share == nil ? nil : ServiceLevel(milliseconds: p99, availability: share)
        let pattern = AccessPattern(
            id: PatternID.canonical(cell), summary: Markdown.plain(row[summary]), peakRPS: peakAndAverage.peak,
            averageRPS: peakAndAverage.average, type: kind,
            keyAttributes: row[keys].split(separator: ",").map { Markdown.plain($0) }, serviceLevel: level,
            notes: notes.map { Markdown.plain(row[$0]) }.filter { !$0.isEmpty } + ranges(row))
        return PatternRow(
            pattern: pattern, file: file, position: Position(line: row.line),
            operations: operations.written(operation.operations, row, for: pattern),
            consistency: ReadConsistency(word: consistencyText),
            itemsPerCall: try number(row, items, "the items a call", file: file))
    }

    /// What was made of rates that are given as ranges.
    private func ranges(_ row: Markdown.Row) -> [String] {
        let places = average == peak ? [peak] : [peak, average]
        return places.compactMap(\.self).map { Markdown.plain(row[$0]) }.filter {
            StatedNumber.amount($0)?.isRange == true
        }.map { "its rate is given as \($0): the upper end counts" }
    }

    /// "250", "10 RPS", and "500/200 RPS" for peak and average in one cell.
    private func rates(_ row: Markdown.Row, file: String) throws(ContractError) -> (peak: Double?, average: Double?) {
        let parts = row[peak].split(separator: "/").map(String.init)
        if parts.count == 2, average == nil, let high = value(of: parts[0]), let low = value(of: parts[1]),
            max(high, low) <= PatternTreeReader.largestNumber
        {
            return (high, low)
        }
        let peakRate = try number(row, peak, "the rate", file: file)
        let averageRate = try number(row, average, "the average rate", file: file)
        return (peakRate ?? averageRate, averageRate)
    }

    private func number(
        _ row: Markdown.Row, _ column: Int?, _ what: String, file: String
    ) throws(ContractError) -> Double? {
        let text = Markdown.plain(row[column])
        guard !text.isEmpty, text != "-", text != "–", text.lowercased() != "n/a" else { return nil }
        guard let value = value(of: text), value <= PatternTreeReader.largestNumber else {
            throw error(row, file, "\(what) is \"\(text)\"; it must be a number from 0 to a thousand million")
        }
        return value
    }

    private func value(of text: String) -> Double? {
        StatedNumber.amount(Markdown.plain(text))?.value
    }

    private func error(_ row: Markdown.Row, _ file: String, _ text: String) -> ContractError {
        ContractError(file: file, line: row.line, text: text)
    }
}
