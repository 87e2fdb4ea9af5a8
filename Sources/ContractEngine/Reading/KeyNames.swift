internal import ContractModel

/// The attributes that a pattern's key attributes name, as its documents write them: `user_id`, "user_id from token", "order date",
/// "customer-id". What the contract calls an attribute is one name, whatever stands between its words.
struct KeyNames {
    /// Names by their words, in the contract's order: looked up, so that the work does not grow with how many there are.
    private let names: [String: [String]]
    /// Names of one plain word, that count where they stand as a placeholder does: "{arrival}".
    private let plain: Set<String>
    /// What a key is made of, by a name that the key itself has and no attribute: "order_date#order_id".
    private let parts: [String: [String]]
    /// The most words that a name of them has.
    private let longest: Int
    /// Names of more words are read as they are written.
    private static let mostWords = 8

    init(_ tables: [ContractTable]) {
        var names: [String: [String]] = [:]
        var longest = 0
        var plain: Set<String> = []
        var parts: [String: [String]] = [:]
        var seen: Set<String> = []
        func add(_ text: String) {
            guard seen.insert(text).inserted else { return }
            let words = NameStem.wordsOfName(text)
            // One plain word is what it is without a contract too.
            if words.count == 1, Self.isPlain(text) { plain.insert(text) }
            guard let first = words.first, words.count > 1 || !Self.isPlain(first), words.count <= Self.mostWords else {
                return
            }
            names[words.joined(separator: " "), default: []].append(text)
            longest = max(longest, words.count)
        }
        for table in tables {
            for key in [table.partitionKey, table.sortKey].compactMap(\.self) { add(key.name) }
            let ofIndexes = table.indexes.flatMap { [$0.partitionKey, $0.sortKey].compactMap(\.self) }
            for key in [table.partitionKey, table.sortKey].compactMap(\.self) + ofIndexes {
                guard let composite = key.composite else { continue }
                add(key.name)
                parts[key.name] = composite.placeholders
            }
            for entity in table.entities {
                for attribute in entity.attributes { add(attribute.name) }
                let templates =
                    [entity.partitionKeyTemplate, entity.sortKeyTemplate]
                    + entity.indexKeys.flatMap { [$0.partitionKey, $0.sortKey] }
                for template in templates.compactMap(\.self) {
                    for hole in template.placeholders { add(hole) }
                }
            }
        }
        self.names = names
        self.longest = longest
        self.plain = plain
        self.parts = parts
    }

    private static func isPlain(_ word: some StringProtocol) -> Bool {
        word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    /// The names that the pattern's key attributes have: those of the contract first of all, the longest that is there; else what
    /// is written as a name: "user_id from token" is `user_id`, and "all categories" nothing.
    func known(to pattern: AccessPattern) -> [String] { pattern.keyAttributes.flatMap(known) }

    /// The same in words.
    func words(knownTo pattern: AccessPattern) -> Set<Set<String>> {
        Set(known(to: pattern).map { KeyWords.of($0) }).filter { !$0.isEmpty }
    }

    /// Every word of the key attributes, and every name: what a key's placeholder may be called by.
    func all(of pattern: AccessPattern) -> Set<String> {
        Set(pattern.keyAttributes.flatMap { $0.split(separator: " ").map(String.init) } + known(to: pattern))
    }

    private func known(in text: String) -> [String] {
        let words = NameStem.wordsOfName(text)
        let placeholders = placeholders(in: text)
        var found: [String] = []
        var place = 0
        var isFirstFound = false
        while place < words.count {
            guard let name = name(at: place, of: words, in: text) else {
                if let name = placeholders[words[place]] { found.append(name) }
                place += 1
                continue
            }
            if place == 0 { isFirstFound = true }
            found += parts[name.text] ?? [name.text]
            place += name.count
        }
        if !isFirstFound, let first = text.split(separator: " ").first, Self.isPlain(first),
            first.contains("_") || text.split(separator: " ").count == 1
        {
            found.insert(String(first), at: 0)
        }
        return found
    }

    /// Names of one word that the text has in a placeholder's marks, by the word: "{arrival}", "<arrival>", "${arrival}", ":arrival",
    /// "#arrival#".
    private func placeholders(in text: String) -> [String: String] {
        guard text.contains(where: { "{<:#|".contains($0) }) else { return [:] }
        var found: [String: String] = [:]
        for part in text.split(omittingEmptySubsequences: false, whereSeparator: { "{<:#|}> ,;'\"`=()".contains($0) }) {
            guard part.startIndex > text.startIndex, plain.contains(String(part)),
                "{<:#|".contains(text[text.index(before: part.startIndex)])
            else { continue }
            found[part.lowercased()] = String(part)
        }
        return found
    }

    /// The longest name whose words stand there, and how many they are; of several the one that stands there to the letter.
    private func name(at place: Int, of words: [String], in text: String) -> (text: String, count: Int)? {
        for count in stride(from: min(longest, words.count - place), to: 0, by: -1) {
            guard let fitting = names[words[place..<place + count].joined(separator: " ")] else { continue }
            return (fitting.first { text.contains($0) } ?? fitting[0], count)
        }
        return nil
    }
}
