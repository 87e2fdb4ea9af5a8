/// A line of prose that gives a rate, perhaps for patterns: "- **Cart viewing**: 250 QPS (AP38, AP43, AP44)".
package struct StatedLine: Sendable {
    package var number: StatedNumber
    package var ids: [String]
    package var line: Int
    /// The line of the heading above; nil where there is none.
    package var heading: Int?
    /// Whether the sentence has other rates too, so that nobody can tell what to add up.
    package var hasOthers = false
}

/// A heading that gives a rate for what stands below it: "### Order Processing (220 QPS - 15.7%)".
package struct StatedGroup: Sendable {
    package var title: String
    package var number: StatedNumber?
    package var percent: StatedNumber?
    package var line: Int
    /// How deep the heading is, and the line of the heading above it: groups are a whole with their siblings.
    package var level: Int
    package var parent: Int?
}

/// Shares of a whole in one line: "Authentication (19%), Browsing (60%), Cart (21%)".
package struct StatedShares: Sendable {
    /// "The shares of this line".
    package var what = "The shares of this line"
    package var percents: [StatedNumber]
    package var line: Int
}

/// A table's row of totals: what it states and what stands above it, for each column of numbers. Or a row's own total, in a
/// column of totals: what it states and what stands in front of it.
package struct StatedTotalRow: Sendable {
    /// What a row with its own total is called; nil for the row of totals.
    package var label: String?
    package var column: String
    package var stated: StatedNumber
    package var parts: [StatedNumber]
    package var line: Int
}

/// What a document says in prose and in rows of totals that can be added up.
package struct StatedFigures: Sendable {
    package var lines: [StatedLine] = []
    package var groups: [StatedGroup] = []
    package var shares: [StatedShares] = []
    package var totalRows: [StatedTotalRow] = []
    /// "All 48 access patterns", "46 solved", "2 external solutions".
    package var counts: [(number: Int, what: Counted, line: Int)] = []
    package var amounts: [StatedAmount] = []
    package var ratios: [StatedRatio] = []
    /// "Read:write ratio 5:1".
    package var splits: [StatedSplit] = []
    /// Lines that ask for a value to be unique.
    package var uniqueness: [(text: String, line: Int)] = []

    /// What a text counts.
    package enum Counted: String, Sendable {
        case patterns
        /// "We have 6 access patterns": of the pattern document alone.
        case listed
        case reads
        case writes
        case solved
        case unsolved
    }

    package init() {}

    /// Each of them is held against every attribute.
    private static let mostUnique = 50
    /// More of a kind than this is no document that somebody adds up.
    private static let most = 2_000
    private static let mostLines = 20_000
    /// Ids of patterns in lines.
    private var ids = 0
    private var names = PatternNames([])

    init(_ document: Markdown, _ names: PatternNames) {
        self.names = names
        var open: [Markdown.Heading] = []
        for heading in document.headings {
            open.removeAll { $0.level >= heading.level }
            add(heading, below: open.last)
            open.append(heading)
        }
        for line in document.lines { add(line) }
        for table in document.tables { add(table) }
    }

    private mutating func add(_ heading: Markdown.Heading, below parent: Markdown.Heading?) {
        guard groups.count < StatedFigures.most, !heading.text.contains("<") else { return }
        let percent = StatedFigures.percents(in: heading.text).first
        let number = StatedNumber.rates(in: heading.text, atMost: 1).first
        guard number != nil || percent != nil else { return }
        groups.append(
            StatedGroup(
                title: heading.text, number: number, percent: percent, line: heading.line, level: heading.level,
                parent: parent?.line))
    }

    private mutating func add(_ line: Markdown.Line) {
        let lower = line.text.lowercased()
        if !line.text.contains("<"), lines.count < StatedFigures.mostLines, ids < PatternID.mostInDocument {
            addRates(line)
        }
        let percents = StatedFigures.percents(in: line.text)
        if percents.count >= 3, ["distribution", "split", "share", "breakdown"].contains(where: lower.contains) {
            shares.append(StatedShares(percents: percents, line: line.number))
        } else if percents.count == 2, StatedFigures.areReadsAndWrites(line.text) {
            shares.append(
                StatedShares(what: "The shares of reads and writes in this line", percents: percents, line: line.number)
            )
        }
        if splits.count < StatedFigures.most, let split = StatedSplit(line) { splits.append(split) }
        if counts.count < StatedFigures.most { addCounts(line, lower) }
        let isOfParts = !percents.isEmpty && lower.contains(" of ")
        if isOfParts || line.text.contains("$") || line.text.contains("→") || line.text.contains("->") {
            addRatios(line)
        }
        if lower.contains("unique"), uniqueness.count < StatedFigures.mostUnique, !lower.contains("unique user") {
            uniqueness.append((lower, line.number))
        }
    }

    /// The rates of a line, sentence by sentence: "Reads (437 RPS): AP1, AP2. Writes (23 RPS): AP3, AP4."
    private mutating func addRates(_ line: Markdown.Line) {
        let heading = line.headings.last?.line
        for sentence in StatedFigures.sentences(of: line.text) {
            let told = names.all(in: sentence)
            let isTotal = StatedNumber.speaksOfTotal(sentence)
            if isTotal, told.isEmpty { continue }
            // A sentence that names no pattern may speak of whatever has a rate.
            let numbers =
                told.isEmpty
                ? StatedNumber.all(in: sentence, unit: StatedNumber.isRate) : StatedNumber.rates(in: sentence)
            guard let number = numbers.first else { continue }
            let named = numbers.count == 1 && namesOneList(sentence) ? told : []
            if isTotal, named.isEmpty { continue }
            ids += named.count
            lines.append(
                StatedLine(
                    number: number, ids: named, line: line.number, heading: heading, hasOthers: numbers.count > 1))
        }
    }

    static func sentences(of text: String) -> [String] {
        var sentences = [""]
        for word in text.split(separator: " ") {
            sentences[sentences.count - 1] += "\(word) "
            if let last = word.last, ".;".contains(last) { sentences.append("") }
        }
        return sentences
    }

    /// Whether the ids of a text stand together: those of "AP1 under 10 ms for 300 RPS, AP2 under 20 ms" are two matters.
    private func namesOneList(_ text: String) -> Bool {
        var depth = 0
        var bare = ""
        var rest = text[...]
        while !rest.isEmpty {
            let part = rest.prefix { $0 != "(" && $0 != ")" }
            // "(product operations)" behind an id is a remark.
            if depth == 0 || StatedFigures.names(in: part).contains(where: namesPattern) { bare += "\(part) " }
            rest = rest[part.endIndex...]
            if let bracket = rest.popFirst() { depth = max(0, depth + (bracket == "(" ? 1 : -1)) }
        }
        let words = StatedFigures.names(in: bare[...])
        let ids = words.indices.filter { namesPattern(words[$0]) }
        guard let first = ids.first, let last = ids.last else { return true }
        let joining: Set = ["and", "to", "through", "or"]
        return words[first...last].allSatisfy {
            namesPattern($0) || joining.contains($0.lowercased()) || $0.allSatisfy(\.isNumber)
        }
    }

    private static func names(in text: Substring) -> [Substring] {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "#" }
    }

    /// "AP1", "#1", "pattern".
    private func namesPattern(_ word: Substring) -> Bool {
        let lower = word.lowercased()
        return names.holds(word: word) || lower.hasPrefix("#") || lower.hasPrefix("pattern")
            || lower.hasPrefix("ap") && lower.dropFirst(2).first?.isNumber ?? true
    }

    /// "All 48 API access patterns included", "46 solved, 2 external".
    private mutating func addCounts(_ line: Markdown.Line, _ lower: String) {
        let words = NameStem.words(lower)
        var isListed = false
        for (index, word) in words.enumerated() {
            guard let number = Int(word) ?? StatedFigures.spelt(word), number > 1, number < 100_000 else { continue }
            if index > 0, words[index - 1] == "all", words[(index + 1)...].prefix(3).contains("patterns") {
                counts.append((number, .patterns, line.number))
            } else if line.headings.last?.level ?? 1 <= 2, StatedFigures.countsAll(words, at: index) {
                counts.append((number, .listed, line.number))
                isListed = true
            }
            guard index + 1 < words.count else { continue }
            if words[index + 1] == "solved" { counts.append((number, .solved, line.number)) }
            if words.contains(where: { $0 == "pattern" || $0 == "patterns" }),
                StatedFigures.namesUnsolved(words[(index + 1)...].prefix(2))
            {
                counts.append((number, .unsolved, line.number))
            }
        }
        if isListed { counts += StatedFigures.countsByType(line) }
        guard lower.contains("patterns"), !counts.contains(where: { $0.line == line.number }) else { return }
        let isOfPart = line.headings.last?.level ?? 1 > 2
        counts += StatedFigures.countsOfAll(line).filter { !isOfPart || $0.what == .patterns }
    }

    /// "unsolved", "external solutions".
    private static func namesUnsolved(_ words: ArraySlice<String>) -> Bool {
        guard let first = words.first else { return false }
        return first == "unsolved" || first == "external" && ["solution", "solutions"].contains(words.last ?? "")
    }

    private mutating func addRatios(_ line: Markdown.Line) {
        let reader = RatioReader(line.text)
        if amounts.count < StatedFigures.most,
            let amount = reader.amount(line: line.number, heading: line.headings.last?.line)
        {
            amounts.append(amount)
        }
        if ratios.count < StatedFigures.most { ratios += reader.ratios(line: line.number) }
    }

    private mutating func add(_ table: Markdown.Table) {
        addRowTotals(table)
        if shares.count < StatedFigures.most { shares += StatedShares.columns(of: table) }
        guard let last = table.rows.last, table.rows.count > 2,
            Markdown.plain(last[0]).lowercased().hasPrefix("total")
                || Markdown.plain(last[0]).lowercased().hasPrefix("sum")
        else { return }
        for column in table.header.indices.dropFirst() {
            guard let stated = StatedNumber(Markdown.plain(last[column])) else { continue }
            let parts = table.rows.dropLast().compactMap { StatedNumber(Markdown.plain($0[column])) }
            if parts.count == table.rows.count - 1 {
                totalRows.append(
                    StatedTotalRow(
                        label: nil, column: table.header[column], stated: stated, parts: parts, line: last.line))
            }
        }
    }

    /// A column of totals after at least two others, all of dollars in every row.
    private mutating func addRowTotals(_ table: Markdown.Table) {
        guard let total = table.header.indices.last(where: { table.header[$0].lowercased().contains("total") }),
            total > 2,
            totalRows.count < StatedFigures.most
        else { return }
        let columns = (1...total).filter { column in
            table.rows.allSatisfy {
                Markdown.plain($0[column]).hasPrefix("$") && StatedNumber(Markdown.plain($0[column])) != nil
            }
        }
        guard columns.count > 2, columns.last == total else { return }
        for row in table.rows {
            guard let stated = StatedNumber(Markdown.plain(row[total])) else { continue }
            totalRows.append(
                StatedTotalRow(
                    label: Markdown.plain(row[0]).shown, column: table.header[total], stated: stated,
                    parts: columns.dropLast().compactMap { StatedNumber(Markdown.plain(row[$0])) }, line: row.line))
        }
    }

    /// The text with "70 %" as "70%", whatever space parts them.
    static func closed(_ text: String) -> String {
        [" %", "\u{A0}%", "\u{202F}%"].reduce(text) { $0.replacing($1, with: "%") }
    }

    /// The numbers in front of a "%"; one behind "<" is a bound and counts as nothing.
    static func percents(in text: String) -> [StatedNumber] {
        let separators: Set<Character> = [" ", "(", ")", ",", ";", "/", "|"]
        return closed(text).split { separators.contains($0) }.compactMap { word in
            let plain = Markdown.plain(word)
            guard let sign = plain.firstIndex(of: "%"), !plain.hasPrefix("<") else { return nil }
            return StatedNumber(plain[..<sign])
        }
    }
}
