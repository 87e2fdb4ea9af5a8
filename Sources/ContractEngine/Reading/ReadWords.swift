internal import ContractModel

/// The order in which a Query reads, where a document gives it: `ScanIndexForward=false`, "descending", "created_at DESC", "in reverse
/// chronological order".
enum ReadOrder {
    /// Whether the greatest sort key comes first; nil where the text does not say.
    static func isDescending(_ text: String) -> Bool? {
        let words = NameStem.wordsOfName(text)
        for place in words.indices {
            guard let next = end(ofParameterAt: place, in: words) else { continue }
            if place > 0, words[place - 1] == "no" { return true }
            // "ScanIndexForward is set to false"
            let value = words[next...].prefix(4).first { !["is", "set", "to", "as"].contains($0) }
            if let value, let isForward = values[value] { return !isForward }
        }
        // Of names, "product_desc" is one word.
        let plain = text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        if words.contains("descending") || plain.contains("desc") { return true }
        if zip(words, words.dropFirst()).contains(where: { $0 == "reverse" && turned.contains($1) }) { return true }
        return words.contains("ascending") || plain.contains("asc") ? false : nil
    }

    /// What stands behind "reverse" where an order is meant.
    private static let turned: Set = ["chronological", "chronologically", "chrono", "order", "date", "time"]

    private static let values = ["false": false, "no": false, "0": false, "true": true, "yes": true, "1": true]

    private static func end(ofParameterAt place: Int, in words: [String]) -> Int? {
        if words[place] == "scanindexforward" { return place + 1 }
        return words[place...].prefix(3).elementsEqual(["scan", "index", "forward"]) ? place + 3 : nil
    }
}

/// How many items a call asks for at most, where a document gives it: "Limit 1", "Limit=20", "limited to 20".
enum ReadLimit {
    /// The same of a pattern's own words: "Latest 50 messages", "last 20 orders", "top 10 players", "20 most recent"; nil where they
    /// give none, or a stretch of time: "last 30 days".
    static func most(ofSummary summary: String) -> Int? {
        let words = NameStem.words(summary)
        for (place, word) in words.enumerated() where ends.contains(word) {
            if place + 1 < words.count, let number = count(words[place + 1]) {
                let next = words.dropFirst(place + 2).first
                return next.map { OrderWords.isPeriod($0) } ?? false ? nil : number
            }
            let before = place > 0 && words[place - 1] == "most" ? place - 2 : place - 1
            if before >= 0, let number = count(words[before]) { return number }
        }
        return nil
    }

    private static let ends: Set = [
        "latest", "last", "newest", "recent", "top", "first", "next", "oldest", "highest", "lowest", "nearest", "best",
    ]

    private static func count(_ word: String) -> Int? { Int(word).flatMap { (1...10_000).contains($0) ? $0 : nil } }

    /// Nil where the text gives none, or gives that of a page of what goes on.
    static func number(in text: String) -> Int? {
        let words = NameStem.wordsOfName(text)
        guard !words.contains(where: { $0.hasPrefix("pag") }) else { return nil }
        let parts = text.lowercased().split { " =:()[]<>≤\"'`;".contains($0) }
        guard let place = parts.firstIndex(where: { $0 == "limit" || $0 == "limited" }) else { return nil }
        guard let value = parts[(place + 1)...].first(where: { !["is", "set", "to", "of", "as"].contains($0) }),
            let first = value.first, Numeral.isDigit(first)
        else { return nil }
        let digits = value.prefix { Numeral.isDigit($0) || $0 == "," }
        let bare = digits.last == "," ? digits.dropLast() : digits
        return Amount(String(bare), as: .count).flatMap {
            (1...1e6).contains($0.value) && $0.value.rounded() == $0.value ? Int($0.value) : nil
        }
    }
}

extension ReadConsistency {
    /// A cell of a column on consistency: "strong", and "yes" or "true" below "Consistent read".
    init?(cell: String) {
        if let named = ReadConsistency(word: cell) {
            self = named
            return
        }
        switch cell.lowercased() {
        case "yes", "true", "y", "✓", "✔", "✅", "consistent": self = .strong
        case "no", "false", "n": self = .eventual
        default: return nil
        }
    }

    /// What words beside an operation say of it: `ConsistentRead=true`, "strongly consistent", "Consistent GetItem"; nil where they say
    /// nothing, or say what is not.
    static func told(in text: String) -> ReadConsistency? {
        // "Strongly consistent; not cached": each clause by itself.
        text.split { ";.|".contains($0) }.lazy.compactMap { told(inClause: String($0)) }.first
    }

    private static func told(inClause text: String) -> ReadConsistency? {
        let words = NameStem.wordsOfName(text)
        guard denials.isDisjoint(with: words) else { return nil }
        for (place, word) in words.enumerated() {
            let before = place > 0 ? words[place - 1] : ""
            let next = place + 1 < words.count ? words[place + 1] : ""
            let isOfReads = ["read", "reads"].contains(next)
            switch word {
            case "eventually" where next == "consistent", "eventual" where next == "consistency" || isOfReads:
                return .eventual
            case "strongly" where next == "consistent", "strong" where next == "consistency" || isOfReads:
                return .strong
            case "consistent" where isOfReads:
                let value = words[(place + 2)...].prefix(4).first { !["is", "set", "to", "as"].contains($0) }
                return value.map { ["false", "no", "0"].contains($0) } == true ? .eventual : .strong
            case "consistentread":
                let value = words[(place + 1)...].prefix(4).first { !["is", "set", "to", "as"].contains($0) }
                return value.map { ["false", "no", "0"].contains($0) } == true ? .eventual : .strong
            case "consistent" where before != "eventually" && isOfCall(words[(place + 1)...]): return .strong
            default: break
            }
        }
        return nil
    }

    private static let denials: Set = [
        "not", "without", "never", "unless", "optional", "optionally", "unnecessary", "or",
    ]

    /// "Consistent GetItem".
    private static func isOfCall(_ words: ArraySlice<String>) -> Bool {
        guard let first = words.first else { return false }
        return ["get", "getitem", "query", "scan", "batchgetitem", "batch"].contains(first)
    }
}
