internal import ContractModel

/// How a text divides reads and writes: "Read:write ratio 5:1".
package struct StatedSplit: Sendable {
    /// Of reads, and of writes.
    package var reads: StatedNumber
    package var writes: StatedNumber
    package var text: String
    package var line: Int
    /// The heading above; "" where there is none.
    package var heading: String

    private static let names = [
        "ratio", "split", "read:write", "reads:writes", "read/write", "write:read", "read-write",
    ]

    /// Nil for a line that gives none.
    init?(_ line: Markdown.Line) {
        let lower = line.text.lowercased()
        guard StatedSplit.names.contains(where: lower.contains), let read = lower.firstRange(of: "read"),
            let write = lower.firstRange(of: "write")
        else { return nil }
        for word in lower.split(whereSeparator: { " \t(),;".contains($0) }) {
            let parts = Markdown.plain(word).split(separator: ":")
            guard parts.count == 2, let first = StatedNumber(parts[0]),
                let second = StatedNumber(parts[1].hasSuffix(".") ? parts[1].dropLast() : parts[1])
            else { continue }
            let isReadFirst = read.lowerBound < write.lowerBound
            (reads, writes) = isReadFirst ? (first, second) : (second, first)
            text = "\(first.text):\(second.text)"
            self.line = line.number
            heading = line.headings.last?.text ?? ""
            return
        }
        return nil
    }

    /// Whether reads and writes are to each other as it says, within its own rounding.
    func agrees(reads number: Double, writes other: Double) -> Bool {
        guard other > 0, writes.value > 0 else { return true }
        // In "5:1" the 1 is what all is measured by.
        let second = writes.value == 1 ? 0 : min(writes.halfUnit, writes.value / 2)
        let low = (reads.value - reads.halfUnit) / (writes.value + second)
        let high = (reads.value + reads.halfUnit) / (writes.value - second)
        let ratio = number / other
        return ratio >= low * 0.95 && ratio <= high * 1.05
    }
}

extension StatedShares {
    private static let headings: Set = [
        "share", "shares", "%", "percent", "percentage", "share of load", "share of traffic", "traffic share",
        "load share",
    ]

    /// Columns of shares that should make up a whole: of a table that lists patterns, or that says that they do. Whatever table they
    /// stand in, they are not more than that.
    static func columns(of table: Markdown.Table) -> [StatedShares] {
        lazy var listsPatterns = PatternColumns(table, file: "").map { $0.hasRates && $0.listsPatterns } == true
        return table.header.indices.compactMap { place in
            let name = table.header[place].lowercased()
            guard headings.contains(name) || name.hasPrefix("% of") else { return nil }
            let rows = table.rows.filter { !$0[place].isEmpty }
            guard rows.count > 2, let last = rows.last else { return nil }
            let hasTotal = ["total", "sum"].contains { Markdown.plain(last[0]).lowercased().hasPrefix($0) }
            let parts = hasTotal ? rows.dropLast() : rows[...]
            let percents = parts.compactMap { row -> StatedNumber? in
                let cell = Markdown.plain(row[place])
                return StatedNumber(cell.hasSuffix("%") ? cell.dropLast() : cell[...])
            }
            guard percents.count == parts.count, parts.contains(where: { $0[place].contains("%") }) else { return nil }
            let isWhole = hasTotal || listsPatterns
            guard isWhole || percents.reduce(0, { $0 + $1.value }) > 100 else { return nil }
            return StatedShares(
                what: "The shares of the column \(table.header[place].shown)", percents: percents,
                line: table.headerLine)
        }
    }
}

extension StatedFigures {
    /// "3 reads and 1 write" of the sentence that counts patterns, and neither "3 reads per second" nor "70% reads".
    static func countsByType(_ line: Markdown.Line) -> [(number: Int, what: Counted, line: Int)] {
        sentences(of: line.text).filter { $0.lowercased().contains("patterns") }.flatMap { sentence in
            let words = sentence.split { $0 == " " || $0 == "\t" }.map { Markdown.plain($0) }
            return words.indices.dropLast().compactMap { place -> (number: Int, what: Counted, line: Int)? in
                guard let number = Int(words[place].drop { "(:".contains($0) }) else { return nil }
                let next = place + 2 < words.count ? StatedNumber.bare(words[place + 2]) : ""
                guard !["per", "a", "rps", "qps", "tps"].contains(next) else { return nil }
                switch StatedNumber.bare(words[place + 1]) {
                case "read", "reads": return (number, .reads, line.number)
                case "write", "writes": return (number, .writes, line.number)
                default: return nil
                }
            }
        }
    }
}

extension StatedFigures {
    /// "We have 6 access patterns", "a total of 6 patterns", and not "the 6 patterns of the cart".
    static func countsAll(_ words: [String], at index: Int) -> Bool {
        let before = words[..<index].suffix(2).joined(separator: " ")
        guard ["we have", "there are", "total of", "we list", "in all", "in total"].contains(before) else {
            return false
        }
        guard let end = words[(index + 1)...].prefix(3).firstIndex(of: "patterns") else { return false }
        let narrowing: Set = [
            "of", "for", "that", "which", "on", "from", "with", "by", "touching", "using", "where", "whose",
        ]
        return end + 1 == words.count || !narrowing.contains(words[end + 1])
    }

    /// "reads (70%), writes (20%)", "70% reads, 20% writes": two percentages, of which one is of reads and the other of writes.
    static func areReadsAndWrites(_ text: String) -> Bool {
        let words = closed(text).split { $0 == " " || $0 == "\t" }.map { Markdown.plain($0) }
        func label(_ word: String) -> String? {
            switch StatedNumber.bare(word) {
            case "read", "reads": "reads"
            case "write", "writes": "writes"
            default: nil
            }
        }
        var labels: [String] = []
        var last: String?
        for (place, word) in words.enumerated() {
            if word.contains("%") {
                let next = place + 1 < words.count ? label(words[place + 1]) : nil
                if let found = last ?? next { labels.append(found) }
                last = nil
            } else if let found = label(word) {
                // "70% reads" has been taken with its number.
                let isTaken = place > 0 && words[place - 1].contains("%") && labels.last == found
                last = isTaken ? nil : found
            } else if StatedNumber(word.drop { $0 == "(" }) == nil, !StatedNumber.isRate(StatedNumber.bare(word)),
                word.contains(where: \.isLetter)
            {
                last = nil
            }
        }
        return Set(labels) == ["reads", "writes"] && labels.count == 2
    }
}
