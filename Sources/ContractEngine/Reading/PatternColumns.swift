internal import ContractModel

/// Reads the rows of a table of access patterns.
struct PatternColumns {
    private let header: PatternHeader
    private let file: String
    private let headerLine: Int
    private let width: Int
    private let unread: String?

    /// Nil for a table without a column for the patterns' ids.
    init?(_ table: Markdown.Table, file: String) {
        guard let header = PatternHeader(table) else { return nil }
        self.header = header
        self.file = file
        headerLine = table.headerLine
        width = table.header.count
        unread = header.unread(of: table)
    }

    /// Whether the table gives rates: it is one of access patterns whatever else it has.
    var hasRates: Bool { header.rates.peak != nil || header.rates.problem != nil }

    /// Whether a heading says that it has ids, and not the cells alone: of shards there are rates, too.
    var hasHeadedIDs: Bool { header.hasHeadedIDs }

    /// What was taken for a rate by a guess, and what is not read.
    var remarks: [(text: String, line: Int)] {
        (header.rates.remarks + [unread].compactMap(\.self)).map { ($0, headerLine) }
    }

    /// Whether it lists patterns with their rates, wherever it stands: its ids look like ids, or are known.
    func isListing(_ table: Markdown.Table, _ known: PatternNames) -> Bool {
        guard hasRates, listsPatterns else { return false }
        let isHeaded = hasHeadedIDs
        let cells = table.rows.map { Markdown.plain($0[header.id]) }.filter { !$0.isEmpty }
        let ids = cells.filter { cell in
            !known.expand(cell).isEmpty
                || isHeaded && !cell.contains(" ") && cell.first?.isLetter == true && cell.last?.isNumber == true
        }
        return !cells.isEmpty && ids.count * 2 > cells.count
    }

    /// Whether the table says more of patterns that another one lists, or goes on listing them.
    var continuesPatterns: Bool {
        guard header.hasPlainIDs, !mapsPatterns else { return false }
        let others = [header.items, header.entity, header.consistency, header.p99, header.availability]
        return listsPatterns || !header.keys.isEmpty || others.contains { $0 != nil }
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
        // All that is wrong in a row is told in one run.
        var problems: [ContractError.Problem] = []
        func attempt<Part>(_ read: () throws(ContractError) -> Part) -> Part? {
            do throws(ContractError) {
                return try read()
            } catch {
                problems += error.problems
                return nil
            }
        }
        func number(
            _ column: Int?, _ what: String, _ quantity: Amount.Quantity, _ unit: Double = 1
        ) -> Double? {
            attempt { () throws(ContractError) in
                try self.number(row, column, "\(what) of \(id)", quantity, unit, &amounts)
            } ?? nil
        }
        let rates = attempt { () throws(ContractError) in try self.rates(row, of: id, &amounts) }
        let operation = attempt { () throws(ContractError) in
            try header.operations.text(of: row, pattern: id, file: file)
        }
        let ownType = attempt { () throws(ContractError) in try type(of: row, id) } ?? nil
        let level = ServiceLevel(
            p99: number(header.p99, "the p99", .milliseconds, header.millisecondsOfP99),
            share: number(header.availability, "the availability", .share))
        let items = number(header.items, "the items a call", .count)
        guard let rates, let operation, problems.isEmpty else { throw ContractError(problems: problems) }
        let pattern = AccessPattern(
            id: id, summary: Markdown.plain(row[header.summary]), peakRPS: rates.peak,
            averageRPS: rates.average, type: ownType ?? operation.type ?? .read,
            keyAttributes: header.keys.flatMap { PatternHeader.names(in: row[$0]) }, serviceLevel: level,
            notes: header.notes.map { Markdown.plain(row[$0]) }.filter { !$0.isEmpty })
        var read = PatternRow(
            pattern: pattern, file: file, position: Position(line: row.line),
            operations: header.operations.written(operation.operations, row, for: pattern),
            consistency: ReadConsistency(cell: Markdown.plain(row[header.consistency])), itemsPerCall: items)
        read.amounts = amounts
        read.entities = OperationColumns.names(row[header.entity])
        read.saysType = ownType != nil || operation.type != nil
        read.typeIsOwn = ownType != nil && !PatternType.isBoth(Markdown.plain(row[header.type]))
        return read
    }

    /// The type that the row gives; nil where it gives none.
    private func type(of row: Markdown.Row, _ pattern: String) throws(ContractError) -> PatternType? {
        let text = Markdown.plain(row[header.type])
        guard !text.isEmpty else { return nil }
        guard let type = PatternType(word: text) else {
            throw error(row, "the type of \(pattern) is \"\(text)\"; it must be Read, Write or None")
        }
        return type
    }

    /// "250", "10 RPS", and "500/200 RPS" for peak and average in one cell.
    private func rates(
        _ row: Markdown.Row, of pattern: String, _ amounts: inout [ReadAmount]
    ) throws(ContractError) -> (peak: Double?, average: Double?) {
        let columns = header.rates
        let whole = Markdown.plain(row[columns.peak])
        let parts = whole.split(separator: "/").map(String.init)
        if parts.count == 2, columns.average == nil {
            guard let parts = PatternColumns.inOrder(parts) else {
                throw error(row, Amount.refusal(of: whole, "the rate of \(pattern)", .rate))
            }
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

    private static let peakWords: Set = ["peak", "max", "maximum", "burst", "high"]
    private static let averageWords: Set = ["avg", "average", "mean", "typical", "normal", "sustained"]

    /// The rate at peak and the average, by the words beside them, else as they stand; nil where both say the same of themselves.
    private static func inOrder(_ parts: [String]) -> [String]? {
        let kinds = parts.map { part -> Bool? in
            let words = NameStem.words(part)
            let isPeak = words.contains { ["peak", "max", "maximum", "burst", "high"].contains($0) }
            let isAverage = words.contains {
                ["avg", "average", "mean", "typical", "normal", "sustained"].contains($0)
            }
            return isPeak == isAverage ? nil : isPeak
        }
        if let first = kinds[0], first == kinds[1] { return nil }
        let bare = parts.map { part in
            let text = part.trimmed
            let label = text.prefix { $0.isLetter }
            return peakWords.union(averageWords).contains(label.lowercased())
                ? text[label.endIndex...].drop { ": ".contains($0) }.trimmed : text
        }
        return kinds[0] == false || kinds[1] == true ? [bare[1], bare[0]] : bare
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

extension ServiceLevel {
    /// Nil where a row promises nothing.
    fileprivate init?(p99: Double?, share: Double?) {
        guard p99 != nil || share != nil else { return nil }
        self.init(milliseconds: p99, availability: share)
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
