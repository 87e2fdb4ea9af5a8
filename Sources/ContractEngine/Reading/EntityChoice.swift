internal import ContractModel

/// Which kind of item a pattern touches in a table that holds several. Made once for a table, asked for each of its patterns.
struct EntityChoice {
    fileprivate struct Kind {
        var name: String
        /// The words of its name, and of the relational table that it comes from.
        var names: [[String]]
        /// The fixed texts of its sort keys in their order; none where they have no letter.
        var literals: [String]
        var partitionHoles: Set<String>
        var sortHoles: [String]
    }

    private let kinds: [Kind]
    private let root: String?
    private let names: KeyNames

    /// Nil for a table that holds one kind.
    init?(_ table: ContractTable) {
        guard table.isMultiEntity else { return nil }
        names = KeyNames([table])
        kinds = table.entities.map { entity in
            let literals = entity.sortKeyTemplate?.literals ?? []
            return Kind(
                name: entity.name,
                names: ([entity.name] + [entity.sourceTable].compactMap(\.self)).map(NameStem.stems),
                literals: literals.first.map(EntityChoice.isTelling) ?? false ? literals : [],
                partitionHoles: Set(entity.partitionKeyTemplate?.placeholders ?? []),
                sortHoles: entity.sortKeyTemplate?.placeholders ?? [])
        }
        root = (table.entities.first { $0.sourceTable == table.sourceTable } ?? table.entities.first)?.name
    }

    /// Whether a fixed text can be meant where it stands in prose: "ORDER#", "PROFILE", and no "A".
    private static func isTelling(_ literal: String) -> Bool {
        guard literal.contains(where: \.isLetter) else { return false }
        return literal.count > 2 || literal.contains { !$0.isLetter && !$0.isNumber }
    }

    /// The kind of item, and why.
    ///
    /// - Parameters:
    ///   - names: the kinds that come into question; all where none are given.
    ///   - text: what else is written of the operation: "Query (SK begins_with ORDER#)".
    func choose(
        for pattern: AccessPattern, among names: [String]? = nil, text: String = ""
    ) -> (name: String, reason: String)? {
        let inQuestion = kinds.filter { names?.contains($0.name) ?? true }
        let keys = pattern.keyAttributes.joined(separator: " ")
        if let found = named(byKey: keys, of: inQuestion) {
            return (found.kind, "its key attributes name \(found.literal)")
        }
        if let found = named(byKey: "\(text) \(pattern.summary)", of: inQuestion) {
            return (found.kind, "its documents name \(found.literal)")
        }
        let keyWords = self.names.all(of: pattern)
        let (left, told) = EntityChoice.having(keyWords, inQuestion)
        if let told, left.count == 1 { return (left[0].name, "its key attributes name \(told)") }
        if let kind = EntityChoice.head(of: pattern.summary, left) { return (kind.name, "its description names it") }
        if let told, let best = left.min(by: { $0.unknown(keyWords) < $1.unknown(keyWords) }) {
            return (best.name, "its key attributes name \(told)")
        }
        if let kind = EntityChoice.head(of: keys, left.filter { $0.name != root }) {
            return (kind.name, "its key attributes name it")
        }
        guard let last = left.first(where: { $0.name == root }) ?? left.first else { return nil }
        return (last.name, "nothing names another entity")
    }

    /// The kind whose sort key the text names by its fixed parts: of "ORDER#" and "ORDER#…#LINE#" the one of which more stands there.
    /// What is named last is the sort key: "PK = USER#<id> and SK begins_with CART#".
    private func named(byKey text: String, of kinds: [Kind]) -> (kind: String, literal: String)? {
        var best: (kind: Kind, order: (String.Index, Int))?
        for kind in kinds {
            guard let first = kind.literals.first, var place = text.place(of: first) else { continue }
            let start = place.lowerBound
            let isThere = kind.literals.dropFirst().allSatisfy { literal in
                guard let range = text[place.upperBound...].firstRange(of: literal) else { return false }
                place = range
                return true
            }
            let order = (start, kind.literals.reduce(0) { $0 + $1.count })
            if !isThere || best.map({ order <= $0.order }) ?? false { continue }
            best = (kind, order)
        }
        return best.map { ($0.kind.name, $0.kind.literals.joined(separator: "…")) }
    }

    /// The kinds of whose keys the words name what the others have not, and one of these words; all where they name no such thing.
    private static func having(_ words: Set<String>, _ kinds: [Kind]) -> (kinds: [Kind], told: String?) {
        let partitions = kinds.reduce(into: Set<String>()) { $0.formUnion($1.partitionHoles) }
        // What a partition key is made of tells the partition, also where a sort key repeats it.
        func sort(_ kind: Kind) -> String? { kind.sortHoles.first { words.contains($0) && !partitions.contains($0) } }
        let bySort = kinds.filter { sort($0) != nil }
        if !bySort.isEmpty, bySort.count < kinds.count { return (bySort, bySort.compactMap(sort).first) }
        func hasPartition(_ kind: Kind) -> Bool {
            !kind.partitionHoles.isEmpty && kind.partitionHoles.isSubset(of: words)
        }
        let byPartition = kinds.filter(hasPartition)
        guard !byPartition.isEmpty, byPartition.count < kinds.count else { return (kinds, nil) }
        return (byPartition, byPartition[0].partitionHoles.min())
    }

    /// Words in front of which what a sentence is about has been named: "posts of an author", "orders in a status".
    private static let turns: Set = [
        "of", "for", "by", "with", "in", "from", "to", "on", "at", "per", "within", "under", "using", "via", "through",
        "into",
        "after", "before", "since", "between", "about", "and", "or", "that", "which", "who", "whom", "whose", "where",
        "when",
    ]

    /// The kind that a sentence is about: the last that its first phrase names ("a user's cart", "order lines"), else that of the next.
    private static func head(of sentence: String, _ kinds: [Kind]) -> Kind? {
        let phrases = phrases(of: sentence)
        let said = Set(phrases.joined())
        for phrase in phrases {
            var best: (kind: Kind, order: (Int, Int, Int))?
            for kind in kinds {
                for (rank, name) in kind.names.enumerated() where !name.isEmpty {
                    guard let end = phrase.end(of: name, said: said) else { continue }
                    // Where two end at one place, the longer name is the one that is meant, and a kind's own before its source's.
                    let order = (end, name.count, -rank)
                    if let best, order <= best.order { continue }
                    best = (kind, order)
                }
            }
            if let best { return best.kind }
        }
        return nil
    }

    private static func phrases(of sentence: String) -> [[String]] {
        var phrases: [[String]] = [[]]
        for part in sentence.split(whereSeparator: { ",;:()".contains($0) }) {
            for word in NameStem.words(String(part)) {
                if turns.contains(word) {
                    phrases.append([])
                } else {
                    phrases[phrases.count - 1].append(NameStem.of(word))
                }
            }
            phrases.append([])
        }
        return phrases.filter { !$0.isEmpty }
    }
}

extension EntityChoice.Kind {
    /// How much of its sort key the words do not name.
    fileprivate func unknown(_ words: Set<String>) -> Int { sortHoles.count { !words.contains($0) } }
}

extension String {
    /// Where the text stands as a word of its own, or at the beginning of one where it does not end as a word does: "ORDER#".
    fileprivate func place(of text: String) -> Range<Index>? {
        func isWord(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
        var rest = self[...]
        while let found = rest.firstRange(of: text) {
            let before = found.lowerBound > startIndex ? self[index(before: found.lowerBound)] : nil
            let after = found.upperBound < endIndex ? self[found.upperBound] : nil
            let isApart = !isWord(text.first) || !isWord(before)
            if isApart, !isWord(text.last) || !isWord(after) { return found }
            rest = self[index(after: found.lowerBound)...]
        }
        return nil
    }
}

extension KeyTemplate {
    /// The fixed texts, in their order.
    var literals: [String] { pieces.compactMap { if case .literal(let text) = $0 { text } else { nil } } }
}

extension [String] {
    /// Where the last occurrence of a name ends; nil where there is none. Of a name of several words, "order line", the last one
    /// stands for it where the sentence says the others elsewhere: "lines of an order".
    fileprivate func end(of name: [String], said: Set<String>) -> Int? {
        if name.count <= count,
            let start = (0...count - name.count).last(where: { self[$0..<$0 + name.count].elementsEqual(name) })
        {
            return start + name.count
        }
        guard name.count > 1, let last = name.last, name.allSatisfy(said.contains) else { return nil }
        return lastIndex(of: last).map { $0 + 1 }
    }
}

extension NameStem {
    /// The words of a name, each as its stem: "ORDER_LINES" and "orderLines" are "order" and "line".
    static func stems(_ name: String) -> [String] { wordsOfName(name).map { of($0) } }

    /// The words of a name or a text in lower case: of "orderDate", "order_date" and "Order date" the same two.
    static func wordsOfName(_ name: String) -> [String] {
        var spaced = ""
        var before: Character?
        for letter in name {
            if letter.isUppercase, before?.isLowercase ?? false { spaced.append(" ") }
            spaced.append(letter)
            before = letter
        }
        return words(spaced)
    }
}

/// What is asked of a table for each pattern that touches it: made when it is first asked for.
final class TableChoices {
    private var choices: [String: EntityChoice?] = [:]
    private var inside: [ResourceName: [String]] = [:]
    private var views: [ResourceName: EntityView?] = [:]

    /// The kind of item of that name, or the only one.
    func view(of entity: String?, in table: ContractTable) -> EntityView? {
        let place = ResourceName(table.name, entity)
        if let known = views[place] { return known }
        let found = entity.flatMap { table.entity(named: $0) } ?? (table.isMultiEntity ? nil : table.entities.first)
        let view = found.map { EntityView(table: table, entity: $0) }
        views[place] = .some(view)
        return view
    }

    func choice(in table: ContractTable) -> EntityChoice? {
        if let known = choices[table.name] { return known }
        let made = EntityChoice(table)
        choices[table.name] = .some(made)
        return made
    }

    /// The kinds of items that appear in the index, in the contract's order.
    func entities(in index: ContractIndex, of table: ContractTable) -> [String] {
        let place = ResourceName(table.name, index.name)
        if let known = inside[place] { return known }
        let names = table.entities.filter { $0.appears(in: index, of: table) }.map(\.name)
        inside[place] = names
        return names
    }
}
