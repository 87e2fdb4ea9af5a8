internal import ContractEngine
internal import ContractModel

/// Which end of the sort keys a pattern's words ask for, and how many items of it: "Top 20 players", "last score of a game".
struct QueryOrder {
    /// Whether the newest or the greatest come first.
    private(set) var isDescending = false
    /// How many items are asked for; nil for all that there are.
    private(set) var limit: Int?
    /// What the order is of: "the newest", where it is descending.
    private(set) var first = "newest"
    /// And what comes last then.
    private(set) var last = "oldest"

    /// - Parameters:
    ///   - sorted: the field whose values the sort key goes on with; nil where there is none.
    ///   - key: the sort key.
    init(
        _ operation: PatternOperation, of pattern: AccessPattern, sorted: String?, key: KeyAttribute, _ plan: EntityPlan
    ) {
        let words = SwiftName.words(of: pattern.summary)
        let nouns = Self.nouns(sorted, plan)
        let measure = Measure(sorted, key, plan)
        // What the documents say of the call itself goes over its description's words.
        defer { if let told = operation.isDescending { isDescending = told } }
        if measure == .number { (first, last) = ("greatest", "least") }
        for (place, word) in words.enumerated() {
            guard let end = Self.ends[word] else { continue }
            // "Last known position": what is said of it stands between.
            let next = words[(place + 1)...].first { nouns.contains(Self.singular($0)) || !Self.describes($0) } ?? ""
            let number = Self.number(around: place, in: words)
            let isNamed = nouns.contains(Self.singular(next))
            // "Last name" and "last month" are no end of anything.
            guard !Self.isWeak(word) || number != nil || isNamed || operation.limit != nil else { continue }
            switch end {
            case .newest: isDescending = true
            case .greatest: isDescending = measure == .number || measure == .time
            case .least: isDescending = false
            }
            if let number, number.isPeriod { return }
            let isOne = isNamed || operation.itemsPerCall == 1 && !next.isEmpty
            let asksForOne = isOne && next == Self.singular(next) && !Self.isOrder(around: place, in: words)
            limit = number?.value ?? operation.limit ?? (asksForOne ? 1 : nil)
            return
        }
        // "Query, Limit 1, ScanIndexForward=false"
        if operation.isDescending == true { limit = operation.limit }
    }

    /// What items are called, and what they are sorted by: of `updated_at` that is nothing, since "recently updated" names no item.
    private static func nouns(_ sorted: String?, _ plan: EntityPlan) -> Set<String> {
        let names = [plan.entity.name, plan.entity.sourceTable, plan.table.name].compactMap(\.self)
        let measures = SwiftName.words(of: sorted ?? "").filter { $0.count > 2 && !describes($0) }
        return Set((names.flatMap { SwiftName.words(of: $0) } + measures).map(singular))
    }

    /// Whether a word says something of the noun behind it: "updated", "known".
    private static func describes(_ word: String) -> Bool {
        word.count > 3 && word.hasSuffix("ed") || ["known", "seen", "sent", "read", "made", "written"].contains(word)
    }

    private enum End {
        case newest
        case greatest
        case least
    }

    private static let ends: [String: End] = [
        "recent": .newest, "recently": .newest, "latest": .newest, "newest": .newest, "last": .newest, "top": .greatest,
        "highest": .greatest, "largest": .greatest, "biggest": .greatest, "greatest": .greatest, "best": .greatest,
        "oldest": .least,
        "earliest": .least, "lowest": .least, "smallest": .least, "first": .least, "bottom": .least,
    ]

    /// Words that mean other things too, unless a number or the kind of item stands behind them.
    private static func isWeak(_ word: String) -> Bool { ["last", "first", "top", "bottom", "best"].contains(word) }

    private enum Measure {
        case number
        case time
        /// Of which the first is the least: a rank.
        case other

        init(_ sorted: String?, _ key: KeyAttribute, _ plan: EntityPlan) {
            let attribute = sorted.flatMap { plan.entity.attribute(named: $0) }
            let field = sorted.flatMap { plan.layout.field(named: $0) }
            let words = SwiftName.words(of: sorted ?? key.name)
            if !Set(words).isDisjoint(with: ["rank", "ranking", "position", "place"]) {
                self = .other
            } else if attribute?.isTime ?? false || field?.dates != nil {
                self = .time
            } else if case .numberFormat? = attribute?.transformation {
                self = .number
            } else {
                self = key.type == .N || field?.type == .N ? .number : .other
            }
        }
    }

    /// The number behind a word, or in front of it: "last 20", "the 5 latest", "20 most recent".
    private static func number(around place: Int, in words: [String]) -> (value: Int, isPeriod: Bool)? {
        func at(_ place: Int) -> Int? {
            words.indices.contains(place) ? Int(words[place]).flatMap { $0 > 0 ? $0 : nil } : nil
        }
        if let value = at(place + 1) {
            return (value, words.indices.contains(place + 2) && periods.contains(singular(words[place + 2])))
        }
        let before = words.indices.contains(place - 1) && words[place - 1] == "most" ? place - 2 : place - 1
        return at(before).map { ($0, false) }
    }

    private static let periods: Set = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"]

    private static func singular(_ word: String) -> String {
        word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : word
    }

    /// "Latest promised date first", "sorted by newest order": in which order all are read, and not that one is.
    private static func isOrder(around place: Int, in words: [String]) -> Bool {
        let before = words[..<place].reversed().drop { $0 == "most" || $0 == "the" }
        return before.first == "by" || words[(place + 1)...].contains { ["first", "top"].contains($0) }
            || before.contains { ["sorted", "sort", "ordered", "starting", "beginning"].contains($0) }
    }
}
