internal import ContractModel

/// Rates as prose gives them: "1,400 QPS", "1.2k RPS", "200 requests per second", "12,000 requests/min".
extension StatedNumber {
    /// A number that was read already, as a text would have it.
    init(reckoned value: Double) {
        self.value = value
        text = Figures.short(value)
        halfUnit = value == value.rounded() ? 0.5 : 0.05
    }

    private static let scales: [String: Double] = [
        "k": 1_000, "thousand": 1_000, "hundred": 100, "million": 1_000_000, "mn": 1_000_000, "mio": 1_000_000,
        "lakh": 100_000, "crore": 10_000_000, "bn": 1_000_000_000, "billion": 1_000_000_000,
    ]

    /// The rates of a text, in calls a second.
    static func rates(in text: String, atMost most: Int = .max) -> [StatedNumber] {
        let words = text.split { $0 == " " || $0 == "\t" }.map { Markdown.plain($0) }
        var found: [StatedNumber] = []
        for (index, word) in words.enumerated() where found.count < most {
            let bare = word.drop { $0 == "(" }
            let digits = bare.prefix { Numeral.isDigit($0) || ",.~≈<".contains($0) }
            let unit = bare[digits.endIndex...]
            guard !digits.isEmpty, var number = StatedNumber(digits) else { continue }
            if unit.isEmpty, index > 0, bare.count == 3, let whole = StatedNumber("\(words[index - 1]) \(bare)") {
                number = whole
            }
            let first = unit.isEmpty || unit.allSatisfy { ",;:)".contains($0) } ? [] : [String(unit)]
            guard let factor = factor(of: first + words[(index + 1)...].prefix(4)) else { continue }
            if factor != 1 {
                number.value *= factor
                number.halfUnit *= factor
                number.text = Figures.whole(number.value)
            }
            found.append(number)
        }
        return found
    }

    /// What the words behind a number make of it; nil where they are no unit of calls in some time.
    private static func factor(of words: [String]) -> Double? {
        guard let first = words.first else { return nil }
        let lower = bare(first)
        if isRate(lower) { return 1 }
        if let scale = scales[lower] { return unit(of: Array(words.dropFirst())).map { $0 * scale } }
        if first.first == "M", first.dropFirst().allSatisfy({ !$0.isLetter }) {
            return unit(of: Array(words.dropFirst())).map { $0 * 1_000_000 }
        }
        if let letter = first.first, "kKM".contains(letter),
            let factor = unit(of: [String(first.dropFirst())] + words.dropFirst())
        {
            return factor * (letter == "M" ? 1_000_000 : 1_000)
        }
        return unit(of: words)
    }

    private static func unit(of words: [String]) -> Double? {
        guard let first = words.first else { return nil }
        if isRate(bare(first)) { return 1 }
        for count in 1...3 where count <= words.count {
            let taken = words[..<count]
            if words[count - 1].contains(where: \.isNumber) { return nil }
            let period = RatePeriod(taken.joined(separator: " "))
            if let seconds = period.seconds, !period.isPerOther, saysCalls(taken),
                period.rest.allSatisfy(RatePeriod.kinds.contains)
            {
                return 1 / seconds
            }
            // What ends a sentence ends the unit.
            if words[count - 1].last.map({ ".,;:)".contains($0) }) ?? false { return nil }
        }
        return nil
    }

    /// "requests", "calls/min", "rpm": a word of time alone is none.
    private static func saysCalls(_ words: ArraySlice<String>) -> Bool {
        words.joined(separator: " ").lowercased().split { !$0.isLetter }.map(String.init).contains {
            RatePeriod.kinds.contains($0) || ["rpm", "qpm", "tpm", "rps", "qps", "tps"].contains($0)
        }
    }

    // MARK: Totals

    /// Words of a sentence that gives the total of all patterns, or of all reads or writes; with any other it speaks of something else.
    private static let wordsOfTotals: Set = [
        "total", "totals", "sum", "of", "all", "the", "in", "is", "are", "and", "rps", "qps", "tps", "estimate",
        "estimates",
        "estimated", "expected", "target", "load", "peak", "average", "avg", "rate", "rates", "request", "requests",
        "traffic",
        "throughput", "pattern", "patterns", "access", "system", "application", "overall", "combined", "grand", "at",
        "for",
        "per", "second", "read", "reads", "write", "writes", "query", "queries", "operations", "ops", "calls", "design",
        "about",
        "roughly", "approximately", "approx", "around", "a", "an", "we", "have", "it", "makes", "comes", "to", "up",
        "by",
        "these", "rows", "above", "below", "scale", "min", "minute", "hour", "day", "sec",
        "maximum", "max", "sustained",
        "database", "dynamodb", "k", "s", "planned",
        "must",
        "serve", "handle", "should", "can", "projected", "volume", "figures", "numbers", "table", "this", "together",
    ]

    static func speaksOfTotal(_ text: String) -> Bool {
        let lower = text.lowercased()
        return lower.contains("total") || lower.contains("sum of")
    }

    /// The totals of a line that names no patterns, each with what it is of: nil for all.
    static func totals(in text: String, _ names: PatternNames) -> [(number: StatedNumber, type: PatternType?)] {
        guard speaksOfTotal(text) else { return [] }
        return StatedFigures.sentences(of: text).compactMap { sentence in
            guard speaksOfTotal(sentence), let number = rates(in: sentence, atMost: 1).first,
                names.all(in: sentence).isEmpty
            else { return nil }
            let words = labels(of: sentence)
            guard words.isSubset(of: wordsOfTotals) else { return nil }
            let reads = !words.isDisjoint(with: ["read", "reads"])
            let writes = !words.isDisjoint(with: ["write", "writes"])
            return (number, reads == writes ? nil : reads ? .read : .write)
        }
    }

    /// The words in front of the first number, and behind it until something else begins.
    private static func labels(of sentence: String) -> Set<String> {
        let words = sentence.split { $0 == " " || $0 == "\t" }
        let place = words.firstIndex { $0.contains(where: \.isNumber) } ?? words.count
        var told = words[..<place].joined(separator: " ")
        for word in words[place...].dropFirst() {
            guard !word.contains(where: { $0.isNumber || $0 == "(" }) else { break }
            told += " \(word)"
            if word.contains(where: { ",:;-–—".contains($0) }) { break }
        }
        return Set(told.lowercased().split { !$0.isLetter }.map(String.init))
    }
}
