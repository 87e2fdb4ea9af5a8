internal import ContractModel

/// Words that ask for an order of what is read, or for a range of it.
enum OrderWords {
    private static let orders: Set = [
        "recent", "recently", "latest", "newest", "oldest", "newer", "older", "sorted", "sort", "ordered", "ranked",
        "ranking", "leaderboard", "top", "highest", "lowest", "largest", "smallest", "greatest", "ascending",
        "descending", "chronological", "chronologically", "soonest", "earliest", "cheapest", "dearest", "priciest",
    ]
    private static let ranges: Set = ["between", "range", "above", "below", "since", "until", "upcoming"]

    /// Whether a pattern's words, or what its mapping's row says of its operations, ask for an order or a range.
    static func ask(in pattern: AccessPattern, operations: String) -> Bool {
        let words = Set(([pattern.summary] + pattern.notes).flatMap(NameStem.words))
        return !words.isDisjoint(with: orders) || !words.isDisjoint(with: ranges) || askForOrder(pattern.summary)
            || askForRange(pattern.summary) || compare(in: operations)
    }

    /// Whether the words ask for an order: "newest first", "next arrival first", "next 10 events".
    static func askForOrder(_ text: String) -> Bool {
        if !orders.isDisjoint(with: NameStem.words(text)) { return true }
        return text.split { ",;:()".contains($0) || $0 == "–" || $0 == "—" }.contains { clause in
            let words = NameStem.words(String(clause))
            if words.count > 1, words.last == "first" { return true }
            return words.indices.contains { place in
                let rest = words[(place + 1)...]
                guard ["next", "last"].contains(words[place]), rest.first?.allSatisfy(\.isNumber) == true else {
                    return false
                }
                return !(rest.dropFirst().first.map(isPeriod) ?? false)
            }
        }
    }

    /// Whether the words speak of a list in an order, and not of the last of something: "newest first", "sorted by date".
    static func askForList(_ text: String) -> Bool {
        let lists: Set = ["sorted", "ordered", "ranked", "chronological", "chronologically"]
        return !lists.isDisjoint(with: NameStem.words(text))
            || text.split { ",;:()".contains($0) }.contains { NameStem.words(String($0)).dropFirst().last == "first" }
    }

    private static let times: Set = [
        "recent", "recently", "latest", "newest", "oldest", "soonest", "earliest", "chronological", "chronologically",
    ]

    /// Whether the words ask for an order of time.
    static func askForTime(_ text: String) -> Bool { !times.isDisjoint(with: NameStem.words(text)) }

    /// Whether the words ask for a range: "between two dates", "in a window of time", "upcoming", "above a limit".
    static func askForRange(_ text: String) -> Bool {
        !ranges.isDisjoint(with: NameStem.words(text)) || RangeWords.stretch(in: text, countsBeginnings: false) != nil
            || ["window of time", "time window", "in a period", "in a window"].contains(
                where: text.lowercased().contains)
    }

    /// "30 days" is a stretch of time and no number of items.
    static func isPeriod(_ word: String) -> Bool {
        ["minute", "hour", "day", "night", "week", "month", "quarter", "year"].contains(NameStem.of(word))
    }

    /// Whether an operation's cell compares a key: "Query (GSI1SK BETWEEN from AND to)", "Query, stars >= :min".
    static func compare(in operations: String) -> Bool {
        NameStem.words(operations).contains("between") || RangeWords.compares(operations)
    }

    /// Words for an order by a price.
    private static let byPrice: Set = ["cheapest", "dearest", "priciest"]
    private static let prices: Set = ["price", "cost", "fare", "fee", "amount"]
    /// Words in front of what is first: "highest rating first".
    private static let degrees: Set = [
        "highest", "lowest", "largest", "smallest", "greatest", "least", "best", "next", "earliest", "latest", "newest",
        "oldest",
    ]

    /// The attribute that the words name as what gives the order: "cheapest first", "sorted by rating", "highest rating first". Nil where
    /// they name none of these.
    static func ordering(_ text: String, among attributes: [ContractAttribute]) -> ContractAttribute? {
        func named(_ words: ArraySlice<String>) -> ContractAttribute? {
            let parts = words.map { NameStem.of($0) }
            guard !parts.isEmpty else { return nil }
            return attributes.first { NameStem.words($0.name).map { NameStem.of($0) } == parts }
        }
        for clause in text.split(whereSeparator: { ",;:()".contains($0) || $0 == "–" || $0 == "—" }) {
            let words = NameStem.words(String(clause))
            if !byPrice.isDisjoint(with: words) {
                return attributes.first { $0.type == .N && !prices.isDisjoint(with: NameStem.words($0.name)) }
            }
            if words.count > 1, words.last == "first", let found = named(words.dropLast().drop { degrees.contains($0) })
            {
                return found
            }
            guard
                let place = words.indices.dropFirst().first(where: {
                    words[$0] == "by" && ["sorted", "ordered", "ranked", "sort", "order"].contains(words[$0 - 1])
                })
            else { continue }
            let rest = words[(place + 1)...].drop { ["the", "their", "its"].contains($0) }
            for count in stride(from: min(rest.count, 4), to: 0, by: -1) {
                if let found = named(rest.prefix(count)) { return found }
            }
        }
        return nil
    }
}
