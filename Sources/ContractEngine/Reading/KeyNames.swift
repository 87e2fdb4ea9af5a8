internal import ContractModel

/// The attributes that a pattern's key attributes name, as its documents write them: `user_id`, "user_id from token", "order date",
/// "customer-id". What the contract calls an attribute is one name, whatever stands between its words.
struct KeyNames {
    private struct Name {
        var words: [String]
        var text: String
    }

    /// Names by their first words, the longest first.
    private let names: [String: [Name]]

    init(_ tables: [ContractTable]) {
        var names: [String: [Name]] = [:]
        var seen: Set<String> = []
        func add(_ text: String) {
            guard seen.insert(text).inserted else { return }
            let words = Self.words(text)
            // One plain word is what it is without a contract too.
            guard let first = words.first, words.count > 1 || !Self.isPlain(first) else { return }
            names[first, default: []].append(Name(words: words, text: text))
        }
        for table in tables {
            for key in [table.partitionKey, table.sortKey].compactMap(\.self) { add(key.name) }
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
        self.names = names.mapValues { names in
            names.enumerated().sorted { ($1.element.words.count, $0.offset) < ($0.element.words.count, $1.offset) }
                .map(\.element)
        }
    }

    /// The words of a name or a text in lower case: of "orderDate", "order_date" and "Order date" the same two.
    private static func words(_ text: String) -> [String] {
        var spaced = ""
        var before: Character?
        for letter in text {
            if letter.isUppercase, before?.isLowercase ?? false { spaced.append(" ") }
            spaced.append(letter)
            before = letter
        }
        return NameStem.words(spaced)
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
        let words = Self.words(text)
        var found: [String] = []
        var place = 0
        var isFirstFound = false
        while place < words.count {
            guard let name = name(at: place, of: words, in: text) else {
                place += 1
                continue
            }
            if place == 0 { isFirstFound = true }
            found.append(name.text)
            place += name.words.count
        }
        if !isFirstFound, let first = text.split(separator: " ").first, Self.isPlain(first),
            first.contains("_") || text.split(separator: " ").count == 1
        {
            found.insert(String(first), at: 0)
        }
        return found
    }

    /// The longest name whose words stand there; of several the one that stands there to the letter.
    private func name(at place: Int, of words: [String], in text: String) -> Name? {
        let fitting = (names[words[place]] ?? []).filter { name in
            place + name.words.count <= words.count
                && words[place..<place + name.words.count].elementsEqual(name.words)
        }
        guard let longest = fitting.first else { return nil }
        return fitting.first { $0.words.count == longest.words.count && text.contains($0.text) } ?? longest
    }
}
