package import ContractModel

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
    /// Tables that are not read here, and why; and rows that do not fit theirs.
    var remarks: [(text: String, line: Int)] = []
    /// Tables that map patterns, which the data model's reader reads where it is given the document.
    var mappings: [(text: String, line: Int)] = []

    /// More patterns than this are refused: no application has them, and all that is said of each takes its time.
    private static let mostPatterns = 50_000
    /// Rows of patterns that were read.
    private var count = 0

    /// The table that lists no patterns for want of one column.
    private var nearest: (text: String, line: Int, hasIDs: Bool)?

    /// What is wrong in it, besides what its rows say together.
    private var problems: [ContractError.Problem] = []

    package struct StatedTotal: Sendable {
        package var number: StatedNumber
        /// Whether it is of reads or of writes alone; nil where it is of all.
        package var type: PatternType?
        package var line: Int
    }

    /// Reads patterns from Markdown, CSV, JSON or YAML; the name's ending says which, else the first character does.
    static func read(_ source: SourceText) throws(ContractError) -> PatternListing {
        try source.requireUTF8()
        var listing = PatternListing(file: source.name)
        switch DocumentFormat.of(source) {
        case .json: try listing.readTree(source, as: .json)
        case .yaml: try listing.readTree(source, as: .yaml)
        case .csv: try listing.readCSV(source)
        case .markdown: listing.readMarkdown(source)
        }
        guard !listing.rows.isEmpty || !listing.problems.isEmpty else {
            throw listing.lack
        }
        let problems = listing.problems + listing.duplicates + listing.openNumbers
        guard problems.isEmpty else { throw ContractError(problems: problems.inOrder) }
        return listing
    }

    /// Reads the patterns of a data model that lists them with their rates, where no document of patterns is given; nil where it lists none.
    ///
    /// - Parameter known: the ids that the contract names.
    static func read(model source: SourceText, _ known: PatternNames) throws(ContractError) -> PatternListing? {
        try source.requireUTF8()
        let table = Markdown(source).tables.first { table in
            PatternColumns(table, file: source.name)?.isListing(table, known) == true
        }
        guard let table else { return nil }
        var listing = PatternListing(file: source.name)
        listing.readMarkdown(source)
        let problems = listing.problems + listing.duplicates + listing.openNumbers
        guard problems.isEmpty else { throw ContractError(problems: problems.inOrder) }
        listing.remarks.append(
            (
                "the patterns and their rates are read from the model, since no document of patterns (--patterns) is given",
                table.headerLine
            ))
        return listing
    }

    /// What the document lacks in which no pattern is: a column of the table that has the other one, or both.
    private var lack: ContractError {
        let needs =
            "a table needs a column for the pattern's id (Pattern, ID, AP#), with another one in each row, and one for its rate "
            + "(RPS, TPS, QPS, Requests/sec)"
        guard let nearest = nearest else {
            return ContractError(file: file, line: 1, column: 1, text: "no access patterns are here; \(needs)")
        }
        return ContractError(
            file: file, line: nearest.line, text: "no access patterns are here: \(nearest.text); \(needs)")
    }

    /// Takes note of a table that would list patterns, had it one more column.
    private mutating func notice(_ table: Markdown.Table, hasIDs: Bool) {
        let rates = RateColumns(table)
        func name(_ place: Int) -> String { "\"\(table.header[place].shown)\"" }
        guard nearest == nil || !hasIDs && nearest?.hasIDs == true else { return }
        if !hasIDs, let rate = rates.peak {
            nearest = ("this table has a rate in \(name(rate)), and no column of ids", table.headerLine, false)
        } else if hasIDs, let header = PatternHeader(table) {
            nearest = ("this table has ids in \(name(header.id)), and no column of rates", table.headerLine, true)
        }
    }

    private mutating func readTree(_ source: SourceText, as format: DocumentTree.Format) throws(ContractError) {
        let root = try DocumentTree.root(of: source, as: format)
        var reader = PatternTreeReader(file: source.name)
        rows = reader.readPatterns(root["access_patterns"] ?? root["patterns"] ?? root, table: nil)
        problems = reader.problems
        unknownFields = reader.unknown
    }

    private mutating func readCSV(_ source: SourceText) throws(ContractError) {
        let records = try CSV.records(source)
        guard let header = records.first else { return }
        let table = Markdown.Table(
            header: header.cells.map(Markdown.plain), headerLine: header.line, rows: Array(records.dropFirst()),
            headings: [])
        let known = PatternColumns(table, file: file)
        guard let columns = known, columns.hasRates else { return notice(table, hasIDs: known != nil) }
        let problems = table.rows.filter { $0.cells.dropFirst(table.header.count).contains { !$0.isEmpty } }.map {
            row in
            ContractError.Problem(
                file: file, line: row.line,
                text:
                    "the record has \(row.cells.count) cells and the first line \(table.header.count); a cell that holds a "
                    + "comma, such as \"0,5\", stands in quotes")
        }
        guard problems.isEmpty else { throw ContractError(problems: problems) }
        remarks += columns.remarks
        rows = read(table, columns)
    }

    /// Tables that give rates list the patterns, or sum up what others list; those without go on or say more of them.
    private mutating func readMarkdown(_ source: SourceText) {
        let document = Markdown(source)
        var others: [(table: Markdown.Table, columns: PatternColumns)] = []
        var listing: [(table: Markdown.Table, columns: PatternColumns)] = []
        for table in document.tables {
            guard let columns = PatternColumns(table, file: file) else {
                notice(table, hasIDs: false)
                continue
            }
            if columns.hasRates {
                listing.append((table, columns))
            } else {
                others.append((table, columns))
                notice(table, hasIDs: true)
            }
        }
        // Codes below any heading are ids where no table has a heading for them.
        if listing.contains(where: \.columns.hasHeadedIDs) { listing.removeAll { !$0.columns.hasHeadedIDs } }
        var listed: [(columns: PatternColumns, rows: [PatternRow])] = []
        for (table, columns) in listing {
            remarks += columns.remarks
            listed.append((columns, read(table, columns)))
        }
        let sums = take(listed)
        if !rows.isEmpty {
            for (table, columns) in others { goOn(table, columns) }
        }
        let names = PatternNames(rows.map(\.pattern.id))
        figures = StatedFigures(document, names)
        figures.lines += sums
        statedTotals = document.lines.flatMap { PatternListing.totals(of: $0, names) }
    }

    static func totals(of line: Markdown.Line, _ names: PatternNames) -> [StatedTotal] {
        StatedNumber.totals(in: line.text, names).map {
            StatedTotal(number: $0.number, type: $0.type, line: line.number)
        }
    }

    /// Takes the rows that list patterns; gives what rows of other tables sum up or say again of them, to be held against these.
    private mutating func take(_ listed: [(columns: PatternColumns, rows: [PatternRow])]) -> [StatedLine] {
        let all = listed.flatMap(\.rows)
        let names = PatternNames(all.map(\.pattern.id))
        var sums: [StatedLine] = []
        var places: [String: (place: Int, table: Int)] = [:]
        // Where each stands as a row of its own comes before where it is said again.
        let order =
            listed.indices.filter { listed[$0].columns.listsPatterns }
            + listed.indices.filter { !listed[$0].columns.listsPatterns }
        for table in order {
            for row in listed[table].rows {
                let ids = names.several(row.pattern.id)
                if !ids.isEmpty {
                    if sums.count < StatedLine.mostSums { sums += StatedLine.sums(of: row, ids) }
                } else if let known = places[row.pattern.id], known.table != table,
                    !listed[table].columns.listsPatterns || row.repeats(rows[known.place])
                {
                    sums += StatedLine.sums(of: row, [row.pattern.id])
                    rows[known.place].complete(from: row)
                } else {
                    places[row.pattern.id] = places[row.pattern.id] ?? (rows.count, table)
                    rows.append(row)
                }
            }
        }
        return sums
    }

    private mutating func read(_ table: Markdown.Table, _ columns: PatternColumns) -> [PatternRow] {
        problems += [columns.problem].compactMap(\.self)
        var found: [PatternRow] = []
        for row in table.rows where problems.count < ContractReader.mostProblems && !row.cells.allSatisfy(\.isEmpty) {
            if row.cells.count > table.header.count {
                remarks.append(
                    ("the row has more cells than its table; a | inside a cell is written \\|", row.line))
            }
            do {
                guard let read = try columns.read(row) else { continue }
                found.append(read)
            } catch {
                problems += error.problems
                continue
            }
            count += 1
            guard count <= PatternListing.mostPatterns else {
                let text = "more than 50,000 patterns stand here; list those that an application has"
                problems.append(ContractError.Problem(file: file, line: row.line, text: text))
                break
            }
            if let id = found.last?.pattern.id, PatternID.isTooWide(id) {
                let most = Figures.whole(Double(PatternID.largestRange + 1))
                remarks.append(
                    ("\"\(id.shown)\" is taken for the id of one pattern: a range names \(most) at most", row.line))
            }
        }
        return found
    }

    /// A table without rates: its rows complete those of the same patterns, or are patterns without a rate.
    private mutating func goOn(_ table: Markdown.Table, _ columns: PatternColumns) {
        if columns.mapsPatterns {
            mappings.append(
                (
                    "this table maps patterns to tables: give the document as the data model too, to have it read",
                    table.headerLine
                ))
        }
        guard columns.continuesPatterns else { return }
        var places = Dictionary(
            rows.enumerated().map { ($1.pattern.id, $0) }, uniquingKeysWith: { first, _ in first })
        for row in read(table, columns) {
            if let place = places[row.pattern.id] {
                rows[place].complete(from: row)
            } else if columns.listsPatterns {
                places[row.pattern.id] = rows.count
                rows.append(row)
            }
        }
    }

    private var duplicates: [ContractError.Problem] {
        var seen: [String: Int] = [:]
        return rows.compactMap { row in
            guard let first = seen[row.pattern.id] else {
                seen[row.pattern.id] = row.position.line
                return nil
            }
            return ContractError.Problem(
                file: row.file, at: row.position,
                text: "\(row.pattern.id) stands here again, after line \(first); keep one row for each pattern")
        }
    }

    /// Numbers that mean something else in a document which writes decimals with a comma: "1,500" beside "0,5".
    private var openNumbers: [ContractError.Problem] {
        func holds(_ row: PatternRow, _ test: (Numeral.Reading) -> Bool) -> ReadAmount? {
            row.amounts.first { $0.amount.readings.contains(where: test) }
        }
        guard let comma = rows.first(where: { holds($0) { $0 == .decimalComma } != nil }) else { return [] }
        return rows.compactMap { row in
            guard let amount = holds(row, \.isOpenBesideDecimalCommas) else { return nil }
            return ContractError.Problem(
                file: row.file, at: row.position,
                text:
                    "\(amount.what) is \"\(amount.text)\", which is a thousand times more or less where decimals have a comma, "
                    + "as on line \(comma.position.line); write it without separators")
        }
    }
}

extension PatternRow {
    /// Whether it says of the pattern's rates what another row says.
    fileprivate func repeats(_ row: PatternRow) -> Bool {
        func fits(_ rate: Double?, _ other: Double?) -> Bool { rate == nil || rate == other }
        let isSame = fits(pattern.peakRPS, row.pattern.peakRPS) && fits(pattern.averageRPS, row.pattern.averageRPS)
        return pattern.peakRPS != nil && isSame
    }
}

extension StatedLine {
    /// More rows than this that sum others up are not held against them: a hostile document could name all patterns in each.
    fileprivate static let mostSums = 200

    /// What a row gives for several patterns, or says again of one.
    fileprivate static func sums(of row: PatternRow, _ ids: [String]) -> [StatedLine] {
        [row.pattern.peakRPS, row.pattern.averageRPS].compactMap(\.self).map {
            StatedLine(number: StatedNumber(reckoned: $0), ids: ids, line: row.position.line)
        }
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
