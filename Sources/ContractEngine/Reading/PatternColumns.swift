internal import ContractModel

/// Reads the rows of a table of access patterns.
struct PatternColumns {
    private let header: PatternHeader
    private let file: String
    private let headerLine: Int
    private let width: Int

    /// Nil for a table without a column for the patterns' ids.
    init?(_ table: Markdown.Table, file: String) {
        guard let header = PatternHeader(table) else { return nil }
        self.header = header
        self.file = file
        headerLine = table.headerLine
        width = table.header.count
    }

    /// Whether the table gives rates: it is one of access patterns whatever else it has.
    var hasRates: Bool { header.rates.peak != nil || header.rates.problem != nil }

    /// What was taken for a rate by a guess, and what looks like one and is not read.
    var remarks: [(text: String, line: Int)] { header.rates.remarks.map { ($0, headerLine) } }

    /// Whether the table says more of patterns that another one lists, or goes on listing them.
    var continuesPatterns: Bool {
        guard header.hasPlainIDs, !mapsPatterns else { return false }
        let others = [header.keys, header.items, header.entity, header.consistency, header.p99, header.availability]
        return listsPatterns || others.contains { $0 != nil }
    }

    /// Whether a row of it can be a pattern that no other table lists.
    var listsPatterns: Bool { header.summary != nil || header.type != nil }

    /// Whether it is the data model's mapping of patterns to tables and operations.
    var mapsPatterns: Bool { !hasRates && header.hasPlainIDs && header.operations.mapsNames }

    /// What is wrong with the headings; nil where nothing is.
    var problem: ContractError.Problem? {
        header.rates.problem.map { ContractError.Problem(file: file, line: headerLine, text: $0) }
    }

    /// The row's pattern; nil for a row that is none, such as a sum.
    func read(_ row: Markdown.Row) throws(ContractError) -> PatternRow? {
        let cell = Markdown.plain(row[header.id])
        guard !cell.isEmpty, !cell.lowercased().hasPrefix("total"), !cell.lowercased().hasPrefix("sum") else {
            return nil
        }
        let id = PatternID.canonical(cell)
        var amounts: [ReadAmount] = []
        let rates = try rates(row, of: id, &amounts)
        let typeText = Markdown.plain(row[header.type])
        let operation = try header.operations.text(of: row, pattern: id, file: file)
        guard let kind = typeText.isEmpty ? operation.type : PatternType(word: typeText) else {
            throw error(row, "the type of \(id) is \"\(typeText)\"; it must be Read, Write or None")
        }
        let consistencyText = Markdown.plain(row[header.consistency])
        let p99 = try number(
            row, header.p99, "the p99 of \(id)", .milliseconds, header.millisecondsOfP99, &amounts)
        let share = try number(row, header.availability, "the availability of \(id)", .share, 1, &amounts)
        let level = p99 == nil && share == nil ? nil : ServiceLevel(milliseconds: p99, availability: share)
        let pattern = AccessPattern(
            id: id, summary: Markdown.plain(row[header.summary]), peakRPS: rates.peak,
            averageRPS: rates.average, type: kind,
            keyAttributes: PatternHeader.names(in: row[header.keys]), serviceLevel: level,
            notes: header.notes.map { Markdown.plain(row[$0]) }.filter { !$0.isEmpty })
        var read = PatternRow(
            pattern: pattern, file: file, position: Position(line: row.line),
            operations: header.operations.written(operation.operations, row, for: pattern),
            consistency: ReadConsistency(word: consistencyText),
            itemsPerCall: try number(row, header.items, "the items a call of \(id)", .count, 1, &amounts))
        read.amounts = amounts
        read.entities = OperationColumns.names(row[header.entity])
        read.saysType = !typeText.isEmpty || header.operations.hasOperation
        return read
    }

    /// "250", "10 RPS", and "500/200 RPS" for peak and average in one cell.
    private func rates(
        _ row: Markdown.Row, of pattern: String, _ amounts: inout [ReadAmount]
    ) throws(ContractError) -> (peak: Double?, average: Double?) {
        let columns = header.rates
        let whole = Markdown.plain(row[columns.peak])
        let parts = whole.split(separator: "/").map(String.init)
        if parts.count == 2, columns.average == nil {
            let pair = parts.map { Amount($0, as: .rate, unit: columns.peakUnit.factor, scale: columns.peakUnit.scale) }
            if let high = pair[0], let low = pair[1], max(high.value, low.value) <= PatternTreeReader.largestNumber {
                amounts += [
                    ReadAmount(high, "the rate of \(pattern)", parts[0]),
                    ReadAmount(low, "the average rate of \(pattern)", parts[1]),
                ].compactMap(\.self)
                return (high.value, low.value)
            }
        }
        let peak = try number(
            row, columns.peak, "the rate of \(pattern)", .rate, columns.peakUnit.factor, scale: columns.peakUnit.scale,
            &amounts)
        guard columns.average != columns.peak else { return (peak, peak) }
        let average = try number(
            row, columns.average, "the average rate of \(pattern)", .rate, columns.averageUnit.factor,
            scale: columns.averageUnit.scale, &amounts)
        return (peak ?? average, average)
    }

    private func number(
        _ row: Markdown.Row, _ column: Int?, _ what: String, _ quantity: Amount.Quantity, _ unit: Double,
        scale: Double = 1, _ amounts: inout [ReadAmount]
    ) throws(ContractError) -> Double? {
        let text = Markdown.plain(row[column])
        guard !text.isEmpty, !["-", "–", "—", "n/a", "none", "tbd", "?"].contains(text.lowercased()) else { return nil }
        guard let amount = Amount(text, as: quantity, unit: unit, scale: scale) else {
            throw error(row, Amount.refusal(of: text, what, quantity))
        }
        guard amount.value <= PatternTreeReader.largestNumber else {
            throw error(row, "\(what) is \"\(text.shown)\"; it must be a number from 0 to a thousand million")
        }
        if let read = ReadAmount(amount, what, text) { amounts.append(read) }
        return amount.value
    }

    private func error(_ row: Markdown.Row, _ text: String) -> ContractError {
        ContractError(file: file, line: row.line, text: text)
    }
}

extension Amount {
    /// What is said of a text that is no amount.
    static func refusal(of text: String, _ what: String, _ quantity: Quantity) -> String {
        let examples =
            switch quantity {
            case .rate: "1500, 1,500, 0.5, 1.5k, 600/min or 10-20"
            case .milliseconds: "250, 250 ms or 1.5 s"
            case .share: "99.9% or 0.999"
            case .count: "20, 1,500 or 10-20"
            }
        return "\(what) is \"\(text.shown)\", which cannot be read as one number; write it as \(examples)"
    }
}
