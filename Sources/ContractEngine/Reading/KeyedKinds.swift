internal import ContractModel

/// The kinds of items of a table with the keys by which they are asked for: the table's own, or those of one of its indexes. Tells
/// which of them the documents mean where they write a key down, and which of them have the key that a pattern's caller knows.
struct KeyedKinds {
    fileprivate struct Kind {
        var name: String
        var partition: KeyNeeds?
        var sort: KeyNeeds?
        /// What its partition key begins with: "USER#"; nil where that tells nothing.
        var beginning: String?
        /// The fixed texts of its sort key in their order; none where the first has no letter.
        var texts: [String]
    }

    private let kinds: [Kind]
    /// What the documents may call the partition key: "PK", "GSI1PK".
    private let partitionNames: Set<String>

    /// - Parameter index: nil for the table's own keys.
    init(_ views: [EntityView], of table: ContractTable, index: ContractIndex? = nil) {
        let keys = (
            partition: index?.partitionKey ?? table.partitionKey, sort: index == nil ? table.sortKey : index?.sortKey
        )
        partitionNames = Set(
            [keys.partition.name.lowercased()] + (keys.sort?.name.lowercased() == "pk" ? [] : ["pk"]))
        kinds = views.filter { view in index.map(view.appears) ?? true }.map { view in
            let made = view.madeKeys(of: index)
            func texts(isSort: Bool) -> [String] {
                let texts = made.first { $0.isSort == isSort }?.template.literals ?? []
                return texts.first.map(KeyedKinds.isTelling) ?? false ? texts : []
            }
            return Kind(
                name: view.entity.name,
                partition: index.map { view.partition(of: $0) } ?? view.partition,
                sort: index.map { view.sort(of: $0) } ?? view.sort,
                beginning: texts(isSort: false).first, texts: texts(isSort: true))
        }
    }

    /// Whether a fixed text can be meant where it stands in prose: "ORDER#", "PROFILE", and no "A".
    private static func isTelling(_ literal: String) -> Bool {
        guard literal.contains(where: \.isLetter) else { return false }
        return literal.count > 2 || literal.contains { !$0.isLetter && !$0.isNumber }
    }

    /// The names of the kinds.
    var names: Set<String> { Set(kinds.map(\.name)) }

    // MARK: What the documents write down

    /// The kinds whose key the text names by its fixed parts, and these; nil where it names none.
    ///
    /// A partition key that is called so leaves those that have it: "GSI1PK = USER#<id>". Of them the sort key tells more, however
    /// much of it stands there: "SK begins_with POST#" is of `POST#{created_at}#{post_id}`, and "ORDER#" rather of `ORDER#{id}`
    /// than of `ORDER#{id}#LINE#{no}`. What is named last is the sort key: "USER#<id> and CART#".
    func named(by text: String, among names: Set<String>) -> (kinds: Set<String>, text: String)? {
        var left = kinds.filter { names.contains($0.name) }
        var told: String?
        let inPartition = left.filter { kind in
            kind.beginning.map { text.places(of: $0).contains { isPartition($0, text) } } ?? false
        }
        if !inPartition.isEmpty, inPartition.count < left.count {
            left = inPartition
            told = inPartition[0].beginning
        }
        let matches = left.compactMap { kind in match(of: kind, in: text).map { (kind: kind, match: $0) } }
        let whole = matches.filter { $0.match.isWhole }
        let best = whole.isEmpty ? matches : whole
        guard let order = best.map(\.match.order).max(by: { $0 < $1 }) else {
            return told.map { (Set(left.map(\.name)), $0) }
        }
        let found = best.filter { $0.match.order == order }
        let texts = found[0].kind.texts.prefix(found[0].match.count).joined(separator: "…")
        return (Set(found.map(\.kind.name)), texts)
    }

    private struct Match {
        /// Where it stands, and how much of it does.
        var order: (String.Index, Int)
        /// How many of its texts.
        var count: Int
        /// Whether no text that tells anything is missing.
        var isWhole: Bool
    }

    private func match(of kind: Kind, in text: String) -> Match? {
        guard let first = kind.texts.first,
            var place = text.places(of: first).first(where: { !isPartition($0, text) })
        else { return nil }
        let start = place.lowerBound
        var count = 1
        for literal in kind.texts.dropFirst() {
            guard let range = text[place.upperBound...].firstRange(of: literal) else { break }
            place = range
            count += 1
        }
        let isWhole = !kind.texts.dropFirst(count).contains { $0.contains(where: \.isLetter) }
        let length = kind.texts.prefix(count).reduce(0) { $0 + $1.count }
        return Match(order: (start, length), count: count, isWhole: isWhole)
    }

    /// Whether what stands there is said to be the partition key: "PK = USER#".
    private func isPartition(_ place: Range<String.Index>, _ text: String) -> Bool {
        let before = text[..<place.lowerBound].reversed().drop { " \t=:`\"'“".contains($0) }
        let name = before.prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed()
        return partitionNames.contains(String(name).lowercased())
    }

    // MARK: What a caller knows

    /// How what a caller knows fits the key of a kind.
    enum Fit {
        /// It is the whole key, of which the sort key adds to the partition's.
        case whole
        /// It is the whole key, which is that of the partition.
        case partition
        /// It is the partition key, and the sort key's beginning where more is known.
        case beginning
    }

    /// Those of the names that any kind's key has.
    func inKeys(_ known: Set<Set<String>>) -> Set<Set<String>> {
        known.filter { name in kinds.contains { kind in kind.values.contains { $0.isCalled(name) } } }
    }

    /// Whether a kind's sort key speaks of such a thing, and its partition key does not.
    func isSorted(_ name: String, by noun: String) -> Bool {
        guard let kind = kinds.first(where: { $0.name == name }) else { return false }
        func speaks(_ needs: KeyNeeds?) -> Bool {
            needs?.values.contains { NameStem.stems($0.name).contains(noun) } ?? false
        }
        return speaks(kind.sort) && !speaks(kind.partition)
    }

    /// The kinds whose keys are made of what is known, and of nothing else that is in any kind's key: without a look at what no key
    /// is made of.
    func fitting(_ known: Set<Set<String>>, among names: Set<String>) -> [(kind: String, fit: Fit)] {
        let inKeys = inKeys(known)
        guard !inKeys.isEmpty else { return [] }
        return kinds.filter { names.contains($0.name) }.compactMap { kind in
            guard let partition = kind.partition?.values, !partition.isEmpty,
                partition.allSatisfy({ value in inKeys.contains(where: value.isCalled) })
            else { return nil }
            let sort = kind.sort?.values ?? []
            let met = sort.prefix { value in inKeys.contains(where: value.isCalled) }
            guard inKeys.allSatisfy({ name in (partition + met).contains { $0.isCalled(name) } }) else { return nil }
            guard met.count == sort.count else { return (kind.name, .beginning) }
            let adds = sort.contains { value in !partition.contains { $0.name == value.name } }
            return (kind.name, adds ? .whole : .partition)
        }
    }
}

extension KeyedKinds.Kind {
    fileprivate var values: [KeyNeeds.Value] { (partition?.values ?? []) + (sort?.values ?? []) }
}

extension EntityView {
    /// Whether an attribute has that name, or its key is made of what has.
    func hasValue(called name: Set<String>) -> Bool {
        !attributes(known: [name]).isEmpty
            || ((partition?.values ?? []) + (sort?.values ?? [])).contains { $0.isCalled(name) }
    }

    /// Whether the first of these names that its key is made of is a partition key's.
    func begins(with names: [String]) -> Bool {
        let (partition, sort) = (partition?.values ?? [], sort?.values ?? [])
        let first = names.lazy.map { KeyWords.of($0) }.first { name in (partition + sort).contains { $0.isCalled(name) }
        }
        return first.map { name in partition.contains { $0.isCalled(name) } } ?? false
    }
}

extension KeyNeeds.Value {
    /// Whether a caller may know it by that name. By which column a join finds it is no such name.
    fileprivate func isCalled(_ name: Set<String>) -> Bool { words.contains(name) }
}

extension String {
    /// Where the text stands as a word of its own, or at the beginning of one where it does not end as a word does: "ORDER#".
    fileprivate func places(of text: String) -> [Range<Index>] {
        func isWord(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
        var places: [Range<Index>] = []
        var rest = self[...]
        while let found = rest.firstRange(of: text) {
            let before = found.lowerBound > startIndex ? self[index(before: found.lowerBound)] : nil
            let after = found.upperBound < endIndex ? self[found.upperBound] : nil
            let isApart = !isWord(text.first) || !isWord(before)
            if isApart, !isWord(text.last) || !isWord(after) { places.append(found) }
            rest = self[index(after: found.lowerBound)...]
        }
        return places
    }
}

extension KeyTemplate {
    /// The fixed texts, in their order.
    var literals: [String] { pieces.compactMap { if case .literal(let text) = $0 { text } else { nil } } }
}
