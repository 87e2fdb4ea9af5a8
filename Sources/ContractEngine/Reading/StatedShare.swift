internal import ContractModel

/// The share of items that words on a sparse index give: "Yes - about 5% of the orders", "1 in 20", "0.05".
///
/// Only a share of items is meant: "reduces costs by 60%" and "60% of the reads" say nothing of how many there are, nor do words
/// that say which items are not in it.
struct StatedShare: Equatable {
    /// In 0...1.
    let share: Double
    /// The words, without what is around them: "5% of the orders".
    let text: String

    /// Characters of the words that are looked at: longer ones tell stories.
    private static let longest = 500
    /// Words that are quoted: what follows is no part of the share.
    private static let mostWords = 12
    private static let negations: Set = [
        "no", "not", "never", "without", "lack", "lacks", "lacking", "absent", "missing", "except", "excluding", "but",
    ]
    private static let fillers: Set = [
        "yes", "true", "about", "approximately", "approx", "circa", "ca", "around", "roughly", "some", "only", "just",
        "sparse", "share", "ratio", "at", "most", "up", "to", "an", "estimated", "estimate", "expected",
    ]
    private static let articles: Set = ["the", "all", "its", "our", "every", "these", "those"]
    private static let verbs: Set = [
        "are", "is", "have", "has", "carry", "carries", "hold", "holds", "carrying", "with",
    ]
    private static let items: Set = ["item", "row", "record", "entry"]

    /// Nil where the words give no share of items.
    init?(_ words: String, of kinds: [ContractEntity], in table: ContractTable) {
        if let bare = Double(words.trimmed), bare > 0, bare < 1 {
            self.init(share: bare, text: words.trimmed)
            return
        }
        let tokens = words.prefix(Self.longest).split { $0.isWhitespace || "()[]".contains($0) }.map(String.init)
        guard Set(tokens.map(Self.bare)).isDisjoint(with: Self.negations) else { return nil }
        let names = [table.name, table.sourceTable].compactMap(\.self) + kinds.map(\.name)
        let sources = kinds.compactMap(\.sourceTable)
        let nouns = Set((names + sources).compactMap { NameStem.words($0).last.map { NameStem.of($0) } })
        for place in tokens.indices {
            guard let (share, next) = Self.share(at: place, in: tokens),
                Self.isOfItems(tokens, from: place, upTo: next, nouns.union(Self.items))
            else { continue }
            let end = tokens[(next - 1)...].firstIndex { $0.hasSuffix(";") || $0.hasSuffix(".") } ?? tokens.endIndex - 1
            let told = tokens[place...min(end, place + Self.mostWords)].joined(separator: " ")
            self.init(share: share, text: told.trimmed(where: { ",;.".contains($0) }))
            return
        }
        return nil
    }

    private init(share: Double, text: String) {
        self.share = share
        self.text = text
    }

    private static func bare(_ token: String) -> String {
        token.lowercased().trimmed(where: { !$0.isLetter && !$0.isNumber })
    }

    /// "5%", "5 percent", "1 in 20", "3,000 of 60,000", and where the words behind it begin.
    private static func share(at place: Int, in tokens: [String]) -> (share: Double, next: Int)? {
        guard let number = number(tokens[place]) else { return nil }
        func word(_ offset: Int) -> String? {
            tokens.indices.contains(place + offset) ? bare(tokens[place + offset]) : nil
        }
        if tokens[place].trimmed(where: { ",;:.".contains($0) }).hasSuffix("%") {
            return isShare(number / 100) ? (number / 100, place + 1) : nil
        }
        if word(1) == "percent" || tokens.dropFirst(place + 1).first?.hasPrefix("%") == true {
            return isShare(number / 100) ? (number / 100, place + 2) : nil
        }
        let isOutOf = word(1) == "out" && word(2) == "of"
        guard isOutOf || ["in", "of"].contains(word(1)) else { return nil }
        let whole = place + (isOutOf ? 3 : 2)
        guard tokens.indices.contains(whole), let of = Self.number(tokens[whole]), of > 0, isShare(number / of) else {
            return nil
        }
        return (number / of, whole + 1)
    }

    private static func isShare(_ value: Double) -> Bool { value > 0 && value <= 1 }

    /// The number of a word; of a range, "2-5%", its upper end.
    private static func number(_ token: String) -> Double? {
        let bare = token.trimmed(where: { !$0.isNumber && $0 != "." }).drop { $0 == "." }
        guard let last = bare.split(whereSeparator: { "-–—".contains($0) }).last else { return nil }
        let digits = last.filter { $0 != "," && $0 != "%" }
        return digits.allSatisfy { $0.isNumber || $0 == "." } ? Double(digits) : nil
    }

    /// Whether it is items that the share is of: by the noun or the verb behind it, or since nothing else is said.
    private static func isOfItems(_ tokens: [String], from place: Int, upTo next: Int, _ nouns: Set<String>) -> Bool {
        var rest = tokens[next...].map(bare).filter { !$0.isEmpty }[...]
        let isCut = next > 0 && ";.".contains(tokens[next - 1].last ?? " ")
        guard let first = rest.first, !isCut else {
            return tokens[..<place].map(bare).allSatisfy { $0.isEmpty || fillers.contains($0) }
        }
        if verbs.contains(first) { return true }
        if first == "of" { rest = rest.dropFirst() }
        rest = rest.drop { articles.contains($0) }
        // "5% of all open rides are in it": the noun may have a word in front.
        return rest.prefix(2).contains { nouns.contains(NameStem.of($0)) }
    }
}

extension StringProtocol {
    /// The text without such characters at either end.
    fileprivate func trimmed(where isOutside: (Character) -> Bool) -> String {
        guard let first = firstIndex(where: { !isOutside($0) }), let last = lastIndex(where: { !isOutside($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
