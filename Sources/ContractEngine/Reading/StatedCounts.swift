/// Sentences that count all patterns, in figures or in words.
extension StatedFigures {
    /// 14 of "14" and of "fourteen", with how many words that is; nil for any other word.
    static func number(_ words: ArraySlice<String>) -> (value: Int, words: Int)? {
        guard let first = words.first else { return nil }
        if let value = Int(first) { return (value, 1) }
        if let place = small.firstIndex(of: first) { return (place + 1, 1) }
        guard let tens = tens.firstIndex(of: first) else { return nil }
        let unit = words.dropFirst().first.flatMap { word in small.prefix(9).firstIndex(of: word) }
        return ((tens + 2) * 10 + (unit.map { $0 + 1 } ?? 0), unit == nil ? 1 : 2)
    }

    /// The number that a single word is: "fourteen". Fewer than four are not counted so.
    static func spelt(_ word: String) -> Int? {
        guard let place = small.firstIndex(of: word), place > 2 else { return nil }
        return place + 1
    }

    private static let small = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

    /// What serves or lists patterns as a whole.
    private static let wholes: Set = ["model", "design", "schema", "contract", "document", "application", "system"]
    private static let serving: Set = [
        "serves", "covers", "supports", "has", "contains", "lists", "describes", "handles", "implements", "solves",
    ]
    private static let served: Set = [
        "served", "covered", "supported", "listed", "described", "included", "implemented", "identified", "defined",
        "handled",
        "solved", "documented",
    ]

    /// "This model serves 14 access patterns", "Access patterns: 14", "Fourteen access patterns are covered".
    static func countsOfAll(_ line: Markdown.Line) -> [(number: Int, what: Counted, line: Int)] {
        let all: Counted = isOfWhole(line) ? .patterns : .listed
        return sentences(of: line.text).compactMap { sentence in
            let words = NameStem.words(Markdown.plain(sentence))
            guard let place = words.indices.first(where: { number(words[$0...]) != nil }),
                let number = number(words[place...]), number.value > 1, number.value < 100_000
            else { return nil }
            let before = Array(words[..<place])
            let behind = Array(words[(place + number.words)...])
            if behind.isEmpty { return isLabel(before) ? (number.value, all, line.number) : nil }
            let isWhole =
                before.last.map(serving.contains) == true && before.dropLast().last.map(wholes.contains) == true
                && before.count < 6
            let end = behind.first == "access" ? 1 : 0
            guard behind.count > end, behind[end] == "patterns", before.isEmpty || isWhole else { return nil }
            let rest = behind[(end + 1)...]
            if isWhole { return rest.isEmpty ? (number.value, .patterns, line.number) : nil }
            let isServed = rest.count == 2 && rest.first == "are" && rest.last.map(served.contains) == true
            return isServed ? (number.value, all, line.number) : nil
        }
    }

    /// Headings of what is said of a document as a whole.
    private static let wholeHeadings: Set = [
        "scope", "overview", "summary", "introduction", "executive", "conclusion", "totals", "statistics", "key",
        "figures",
        "at", "a", "glance", "access", "patterns", "pattern", "and", "the", "of", "in", "numbers",
    ]

    /// Whether a line stands below no heading, or below one of the whole: what else counts may count a part.
    private static func isOfWhole(_ line: Markdown.Line) -> Bool {
        line.headings.filter { $0.level > 1 }.allSatisfy { NameStem.words($0.text).allSatisfy(wholeHeadings.contains) }
    }

    /// "Access patterns", "Total number of patterns".
    private static func isLabel(_ words: [String]) -> Bool {
        words.last == "patterns"
            && words.dropLast().allSatisfy { ["access", "total", "number", "of", "count", "all", "the"].contains($0) }
    }
}
