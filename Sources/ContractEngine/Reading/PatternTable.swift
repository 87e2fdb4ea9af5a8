internal import ContractModel

/// The access patterns of one document, with the totals that its prose states.
package struct PatternListing: Sendable {
    package var file: String
    package var rows: [PatternRow] = []
    /// Totals stated in prose, such as "Sum of all RPS estimates: 1,400 QPS".
    package var statedTotals: [StatedTotal] = []
    /// Members of a tree that nothing knows.
    package var unknownFields: [UnknownFieldMark] = []
    /// What else its prose says in numbers.
    package var figures = StatedFigures()

    package struct StatedTotal: Sendable {
        package var number: StatedNumber
        package var line: Int
    }

    /// Reads patterns from Markdown, CSV, JSON or YAML; the name's ending says which, else the first character does.
    static func read(_ source: SourceText) throws(ContractError) -> PatternListing {
        var listing = PatternListing(file: source.name)
        switch DocumentFormat.of(source) {
        case .json: try listing.readTree(source, as: .json)
        case .yaml: try listing.readTree(source, as: .yaml)
        case .csv: try listing.readCSV(source)
        case .markdown: try listing.readMarkdown(source)
        }
        guard !listing.rows.isEmpty else {
            throw ContractError(
                file: source.name, line: 1, column: 1,
                text: "no access patterns are here; a table needs columns for the pattern's id and its RPS")
        }
        try listing.refuseDuplicates()
        return listing
    }

    private mutating func readTree(_ source: SourceText, as format: DocumentTree.Format) throws(ContractError) {
        let root = try DocumentTree.root(of: source, as: format)
        var reader = PatternTreeReader(file: source.name)
        rows = reader.readPatterns(root["access_patterns"] ?? root["patterns"] ?? root, table: nil)
        guard reader.problems.isEmpty else { throw ContractError(problems: reader.problems) }
        unknownFields = reader.unknown
    }

    private mutating func readCSV(_ source: SourceText) throws(ContractError) {
        let records = CSV.records(Markdown.split(source.bytes))
        guard let header = records.first else { return }
        let table = Markdown.Table(
            header: header.cells.map(Markdown.plain), headerLine: header.line, rows: Array(records.dropFirst()),
            headings: [])
        try read(table)
    }

    private mutating func readMarkdown(_ source: SourceText) throws(ContractError) {
        let document = Markdown(source)
        figures = StatedFigures(document)
        for table in document.tables where PatternColumns(table) != nil { try read(table) }
        for line in document.lines {
            let lower = line.text.lowercased()
            guard lower.contains("total") || lower.contains("sum of"),
                let number = StatedNumber.first(in: line.text, unit: StatedNumber.isRate)
            else { continue }
            statedTotals.append(StatedTotal(number: number, line: line.number))
        }
    }

    private mutating func read(_ table: Markdown.Table) throws(ContractError) {
        guard let columns = PatternColumns(table) else { return }
        var problems: [ContractError.Problem] = []
        for row in table.rows where !row.cells.allSatisfy(\.isEmpty) {
            do {
                if let read = try columns.read(row, file: file) { rows.append(read) }
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw ContractError(problems: problems) }
    }

    private func refuseDuplicates() throws(ContractError) {
        var seen: [String: Int] = [:]
        var problems: [ContractError.Problem] = []
        for row in rows {
            if let first = seen[row.pattern.id] {
                problems.append(
                    ContractError.Problem(
                        file: row.file, at: row.position,
                        text: "\(row.pattern.id) stands here again, after line \(first); keep one row for each pattern")
                )
            } else {
                seen[row.pattern.id] = row.position.line
            }
        }
        guard problems.isEmpty else { throw ContractError(problems: problems) }
    }
}

/// What kind of document a source is.
enum DocumentFormat {
    case json, yaml, csv, markdown

    static func of(_ source: SourceText) -> DocumentFormat {
        let name = source.name.lowercased()
        if name.hasSuffix(".json") { return .json }
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return .yaml }
        if name.hasSuffix(".csv") { return .csv }
        if name.hasSuffix(".md") || name.hasSuffix(".markdown") { return .markdown }
        let first = source.bytes.first { $0 != 32 && $0 != 10 && $0 != 13 && $0 != 9 }
        return first == UInt8(ascii: "[") || first == UInt8(ascii: "{") ? .json : .markdown
    }
}

/// Comma-separated values as RFC 4180 has them, except that a quoted cell ends with its line.
enum CSV {
    static func records(_ lines: [Substring]) -> [Markdown.Row] {
        lines.enumerated().compactMap { index, line in
            line.isEmpty ? nil : Markdown.Row(cells: cells(line), line: index + 1)
        }
    }

    private static func cells(_ line: Substring) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var previousWasQuote = false
        for character in line {
            if character == "\"" {
                if !isQuoted && previousWasQuote { cell.append(character) }
                isQuoted.toggle()
                previousWasQuote = !isQuoted
                continue
            }
            previousWasQuote = false
            if character == "," && !isQuoted {
                cells.append(cell.trimmed)
                cell = ""
            } else {
                cell.append(character)
            }
        }
        cells.append(cell.trimmed)
        return cells
    }
}
