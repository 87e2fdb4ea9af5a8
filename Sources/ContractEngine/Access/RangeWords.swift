internal import ContractModel

/// Words that speak of a stretch of values and not of one: "between two dates", "newer than a day", `issued_on >= :from`.
enum RangeWords {
    /// What the words speak of.
    enum Stretch {
        /// Of values, whatever they are.
        case values
        /// Of time: "upcoming", "of this month".
        case time
    }

    /// Of texts by how they begin.
    private static let beginnings: Set = [
        "search", "prefix", "begin", "begins", "beginning", "start", "starts", "starting", "autocomplete", "like",
        "matching", "suggest",
    ]
    private static let values: Set = [
        "range", "between", "since", "before", "after", "until", "till", "newer", "older", "earlier", "later", "onward",
        "onwards",
    ]
    private static let times: Set = ["upcoming", "recent", "recently", "past", "future", "ago"]
    private static let operators = [">=", "<=", "≥", "≤", ">", "<"]
    /// What stands in front of a stretch of time: "this month", "the last 30 days".
    private static let turns: Set = ["this", "last", "next", "past", "previous", "prior", "current", "coming"]
    private static let periods: Set = ["minute", "hour", "day", "night", "week", "month", "quarter", "year"]
    /// What a time begins or ends with: "from a date", "up to now".
    private static let moments = periods.union(["date", "today", "now", "yesterday", "tomorrow", "time", "timestamp"])
    private static let articles: Set = [
        "a", "an", "the", "one", "given", "specific", "that", "this", "each", "certain", "particular", "single", "some",
        "start", "certain",
    ]

    /// Whether a text compares values: `issued_on >= :from`. A placeholder is no comparison, nor is an arrow: "ORDER#<id>".
    static func compares(_ text: String) -> Bool {
        let bare = text.replacing(/<[^<>=]*>|[-=]>/, with: "")
        return operators.contains(where: bare.contains)
    }

    /// The stretch that a text speaks of; nil for one that speaks of none.
    ///
    /// - Parameter countsBeginnings: whether texts that begin alike are such a stretch too.
    static func stretch(in text: String, countsBeginnings: Bool = true) -> Stretch? {
        let words = NameStem.words(text)
        if compares(text) || !values.isDisjoint(with: words) { return .values }
        if countsBeginnings, !beginnings.isDisjoint(with: words) { return .values }
        for (place, word) in words.enumerated() {
            let rest = words[(place + 1)...]
            if word == "from" || word == "to" && place > 0 && words[place - 1] == "up" {
                let found = rest.drop { articles.contains($0) }.first
                if let found, moments.contains(NameStem.of(found)) { return .values }
            }
            guard turns.contains(word) else { continue }
            let next = rest.drop { $0.allSatisfy(\.isNumber) || ["n", "x", "few", "several"].contains($0) }.first
            if let next, periods.contains(NameStem.of(next)) { return .time }
        }
        return times.isDisjoint(with: words) ? nil : .time
    }

    /// Whether a text speaks of one such time: "on a date" of a date, "of a day" of a day.
    static func areOfOne(_ name: String, _ attribute: ContractAttribute?, in text: String) -> Bool {
        let last = NameStem.words(name).last ?? name
        let source = attribute?.sourceType?.lowercased() ?? ""
        let isDay =
            ["date", "day", "night", "on"].contains(last) || source.hasPrefix("date") && !source.hasPrefix("datetime")
        let nouns: Set =
            isDay
            ? ["date", "day", "night", "today", "yesterday", "tomorrow"] : periods.contains(last) ? [last] : []
        let words = NameStem.words(text)
        return words.indices.contains { place in
            guard ["on", "of", "for", "at", "in"].contains(words[place]) else { return false }
            return words[(place + 1)...].drop { articles.contains($0) }.first.map(nouns.contains) ?? false
        }
    }
}
