internal import ContractModel

/// Which kind of item a pattern touches in a table that holds several. Made once for a table, asked for each of its patterns.
final class EntityChoice {
    /// A kind of item, and why it is that one.
    struct Choice {
        var name: String
        var reason: String
        /// Whether words alone tell it of a write, whose key is that of other kinds too or of none.
        var isGuess = false
    }

    fileprivate struct Kind {
        var name: String
        /// The words of its name, and of the relational table that it comes from.
        var names: [[String]]
        var partitionHoles: Set<String>
        var sortHoles: [String]
        var view: EntityView
    }

    private let table: ContractTable
    private let kinds: [Kind]
    private let root: String?
    private let names: KeyNames
    private let keys: KeyedKinds
    private var keysOfIndexes: [String: KeyedKinds] = [:]

    /// Nil for a table that holds one kind.
    init?(_ table: ContractTable) {
        guard table.isMultiEntity else { return nil }
        self.table = table
        names = KeyNames([table])
        let views = table.entities.map { EntityView(table: table, entity: $0) }
        keys = KeyedKinds(views, of: table)
        kinds = views.map { view in
            Kind(
                name: view.entity.name,
                names: ([view.entity.name] + [view.entity.sourceTable].compactMap(\.self)).map(NameStem.stems),
                partitionHoles: Set(view.entity.partitionKeyTemplate?.placeholders ?? []),
                sortHoles: view.entity.sortKeyTemplate?.placeholders ?? [], view: view)
        }
        root = (table.entities.first { $0.sourceTable == table.sourceTable } ?? table.entities.first)?.name
    }

    private func keys(of index: ContractIndex?) -> KeyedKinds {
        guard let index else { return keys }
        if let known = keysOfIndexes[index.name] { return known }
        let made = KeyedKinds(kinds.map(\.view), of: table, index: index)
        keysOfIndexes[index.name] = made
        return made
    }

    /// What a pattern's documents say, as far as it tells the kind of item.
    private struct Question {
        var pattern: AccessPattern
        var operation: String
        var keys: KeyedKinds
        var known: Set<Set<String>>
        /// Whether the keys are the table's own.
        var isOfTable: Bool
        /// The kinds that come into question.
        var left: Set<String>
        var fits: [(kind: String, fit: KeyedKinds.Fit)] = []

        /// The kinds whose whole key is known.
        var whole: [String] { fits.filter { $0.fit != .beginning }.map(\.kind) }
        /// The one of which what is known is the whole key, and more than a partition's.
        var exact: String? {
            let found = fits.filter { $0.fit == .whole }
            return found.count == 1 ? found[0].kind : nil
        }
    }

    /// The kind of item: what the documents write of its key comes first, then what of it the caller knows, then their words.
    ///
    /// - Parameters:
    ///   - operation: the one that the documents name.
    ///   - index: the one that is read; its keys count, and only what is in it comes into question.
    ///   - text: what else is written of the operation: "Query (SK begins_with ORDER#)".
    func choose(
        for pattern: AccessPattern, by operation: String? = nil, in index: ContractIndex? = nil, text: String = ""
    ) -> Choice? {
        if kinds.count == 1 { return Choice(name: kinds[0].name, reason: "nothing names another entity") }
        let asked = keys(of: index)
        var left = asked.names
        let texts = [
            (pattern.keyAttributes.joined(separator: " "), "its key attributes name"),
            ("\(text) \(pattern.summary)", "its documents name"),
        ]
        for (text, who) in texts {
            for keys in index == nil ? [asked] : [asked, self.keys] {
                guard let found = keys.named(by: text, among: left) else { continue }
                left = found.kinds
                if left.count == 1, let name = left.first { return Choice(name: name, reason: "\(who) \(found.text)") }
                break
            }
        }
        let isWrite = operation.map(PatternOperation.writes.contains) ?? (pattern.type == .write)
        let meant = operation ?? (isWrite ? OperationText.writeMeant(by: pattern.summary) ?? "UpdateItem" : "Query")
        var question = Question(
            pattern: pattern, operation: meant, keys: asked, known: names.words(knownTo: pattern),
            isOfTable: index == nil, left: left)
        question.fits = asked.fitting(question.known, among: left)
        if let choice = byKey(question) { return choice }
        if !question.fits.isEmpty { left = Set(question.fits.map(\.kind)) }
        return byWords(question, kinds.filter { left.contains($0.name) })
    }

    // MARK: By what the caller knows

    /// Operations on one item by its key, or that put one.
    private static let single: Set = OperationAccessReader.keyed.union(["PutItem"])

    /// The one whose key the caller knows: the only one that it fits, or the one of which it is the whole key.
    private func byKey(_ question: Question) -> Choice? {
        let fitting = kinds.filter { kind in question.fits.contains { $0.kind == kind.name } }
        let head = EntityChoice.head(of: question.pattern.summary, kinds)
        if let choice = byWholeKey(question, head: head) { return choice }
        if fitting.count == 1, question.exact == nil, question.operation == "PutItem", let head, head.isPlain,
            head.kind.name != fitting[0].name, isMade(head.kind, of: question)
        {
            // Of a new order its customer may be all that is known.
            return Choice(name: head.kind.name, reason: "its description names it", isGuess: true)
        }
        if fitting.count == 1 {
            let told = having(names.all(of: question.pattern), kinds)
            let isTold = told.kinds.count == 1 && told.kinds[0].name == fitting[0].name
            let isWhole = question.whole == [fitting[0].name]
            let reason =
                told.told.flatMap { isTold ? "its key attributes name \($0)" : nil }
                ?? (isWhole ? "its key attributes are its whole key" : "its key attributes fit no other key")
            return Choice(name: fitting[0].name, reason: reason)
        }
        guard EntityChoice.single.contains(question.operation) else { return nil }
        let known = names.known(to: question.pattern)
        let named = EntityChoice.head(of: question.pattern.summary, fitting)
        guard let exact = question.exact else {
            // Two that are made of the same: what is written first is the partition key.
            let whole = fitting.filter { kind in question.fits.contains { $0.kind == kind.name && $0.fit == .whole } }
            let ordered = whole.filter { $0.view.begins(with: known) }
            guard whole.count > 1, ordered.count == 1, named.map({ $0.kind.name == ordered[0].name }) ?? true else {
                return nil
            }
            let isGuess = named == nil && PatternOperation.writes.contains(question.operation)
            return Choice(
                name: ordered[0].name, reason: "its key attributes are its whole key, in that order", isGuess: isGuess)
        }
        let other = named.flatMap { $0.kind.name == exact ? nil : $0.kind }
        // "Delete all lines of an order", "Add a line to an order": more of the key is not known to who says so.
        if let other, question.operation == "PutItem" || other.view.isOfAll(question.pattern.summary, knowing: known) {
            return nil
        }
        return Choice(name: exact, reason: "its key attributes are its whole key")
    }

    /// Where no kind's key is all that is known: the kind whose whole key is, and which has the rest as attributes. "Assign ticket to an
    /// agent", `ticket_id, agent_id`, changes the ticket, and no agent that its organisation is needed for.
    private func byWholeKey(_ question: Question, head: (kind: Kind, isPlain: Bool)?) -> Choice? {
        guard question.isOfTable, question.whole.isEmpty, EntityChoice.single.contains(question.operation) else {
            return nil
        }
        let inKeys = question.keys.inKeys(question.known)
        let made = kinds.filter { kind in
            question.left.contains(kind.name) && kind.view.hasWholeKey(knowing: question.known)
                && inKeys.allSatisfy { kind.view.hasValue(called: $0) }
        }
        let isNamed = head.map { head in made.contains { $0.name == head.kind.name } } ?? false
        // What is put or deleted has to be named; and another kind that is named may be found by its partition.
        let isHarmless = ["GetItem", "UpdateItem"].contains(question.operation)
        let isOther = head.map { $0.kind.view.partition?.unmet(knowing: question.known).isEmpty ?? false } ?? false
        guard isNamed ? head?.isPlain == true || isHarmless : isHarmless && !isOther else { return nil }
        func length(_ kind: Kind) -> Int { kind.partitionHoles.union(kind.sortHoles).count }
        let most = made.map(length).max() ?? 0
        let longest = made.filter { length($0) == most }
        guard let kind = isNamed ? head?.kind : longest.count == 1 ? longest.first : nil else { return nil }
        let isGuess = made.count > 1 && !isNamed && question.operation == "UpdateItem"
        return Choice(name: kind.name, reason: "its key attributes hold its whole key", isGuess: isGuess)
    }

    /// Whether all that is known is an attribute of the kind, or in its key.
    private func isMade(_ kind: Kind, of question: Question) -> Bool {
        question.known.allSatisfy { kind.view.hasValue(called: $0) }
    }

    // MARK: By words

    private func byWords(_ question: Question, _ kinds: [Kind]) -> Choice? {
        if let kind = listed(by: question, kinds) {
            return Choice(name: kind.name, reason: "its sort key is of what its description lists")
        }
        let keyWords = names.all(of: question.pattern)
        let (left, told) = having(keyWords, kinds)
        if let told, left.count == 1 { return Choice(name: left[0].name, reason: "its key attributes name \(told)") }
        func choice(_ kind: Kind, _ reason: String, isPlain: Bool = false, isNamed: Bool = true) -> Choice {
            let isGuess = left.count > 1 && isGuess(kind, question, isPlain: isPlain, isNamed: isNamed)
            return Choice(name: kind.name, reason: reason, isGuess: isGuess)
        }
        if let head = EntityChoice.head(of: question.pattern.summary, left) {
            return choice(head.kind, "its description names it", isPlain: head.isPlain)
        }
        if let told, let best = left.min(by: { $0.unknown(keyWords) < $1.unknown(keyWords) }) {
            return choice(best, "its key attributes name \(told)")
        }
        let keys = question.pattern.keyAttributes.joined(separator: " ")
        if let kind = EntityChoice.head(of: keys, left.filter { $0.name != root })?.kind {
            return choice(kind, "its key attributes name it")
        }
        guard let last = left.first(where: { $0.name == root }) ?? left.first else { return nil }
        return choice(last, "nothing names another entity", isNamed: false)
    }

    /// The kind whose items a Query lists by the name of what their sort keys are made of: "Courses of a student" are enrollments, whose
    /// sort key is `COURSE#{course_id}`, where no kind in question is called so.
    private func listed(by question: Question, _ kinds: [Kind]) -> Kind? {
        let first = NameStem.words(question.pattern.summary).prefix { !EntityChoice.turns.contains($0) }
        guard question.operation == "Query", !question.fits.isEmpty, let noun = first.last, noun.hasSuffix("s"),
            NameStem.of(noun) != noun,
            !kinds.contains(where: { $0.names.joined().contains(NameStem.of(noun)) }),
            case let found = kinds.filter({ question.keys.isSorted($0.name, by: NameStem.of(noun)) }), found.count == 1
        else { return nil }
        return found.first
    }

    /// Whether a write of that kind is a guess.
    ///
    /// - Parameters:
    ///   - isPlain: whether the kind is what the description's verb stands before.
    ///   - isNamed: whether any words name it.
    private func isGuess(_ kind: Kind, _ question: Question, isPlain: Bool, isNamed: Bool) -> Bool {
        let isOnlyWhole = question.whole == [kind.name]
        // Where what the caller knows fits no key, or one, words are all that there is, and no key says otherwise.
        if question.fits.count < 2, question.operation != "DeleteItem" { return false }
        switch question.operation {
        case "DeleteItem":
            // "Remove a product from the wishlist" deletes no product.
            let isOfAnother = !Set(["from", "to"]).isDisjoint(with: NameStem.words(question.pattern.summary))
            return !isPlain || !isMade(kind, of: question) || isOfAnother && !isOnlyWhole
        case "UpdateItem": return !isPlain && !isOnlyWhole
        case "PutItem": return !isNamed && !isOnlyWhole || question.exact.map { $0 != kind.name } ?? false
        default: return false
        }
    }

    /// The kinds of whose keys the words name what the others have not, and one of these words; all where they name no such thing.
    private func having(_ words: Set<String>, _ kinds: [Kind]) -> (kinds: [Kind], told: String?) {
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
    /// It is plain where the first phrase ends with it, as that which the verb stands before.
    private static func head(of sentence: String, _ kinds: [Kind]) -> (kind: Kind, isPlain: Bool)? {
        let phrases = phrases(of: sentence)
        let said = Set(phrases.flatMap(\.words))
        for (place, phrase) in phrases.enumerated() {
            guard let found = head(in: phrase, kinds, said: said) else { continue }
            let rest = phrase.words[found.end...]
            return (found.kind, place == 0 && rest.allSatisfy(things.contains))
        }
        return nil
    }

    /// Words behind a kind's name that add nothing to it: "customer account", "order record".
    private static let things: Set = [
        "account", "profile", "record", "entry", "item", "row", "data", "detail", "document",
    ]

    /// The last kind that a phrase names, and where its name ends.
    private static func head(in phrase: Phrase, _ kinds: [Kind], said: Set<String>) -> (kind: Kind, end: Int)? {
        var best: (kind: Kind, order: (Int, Int, Int))?
        for kind in kinds {
            for (rank, name) in kind.names.enumerated() where !name.isEmpty {
                guard let end = phrase.words.end(of: name, said: said) else { continue }
                // Where two end at one place, the longer name is the one that is meant, and a kind's own before its source's.
                let order = (end, name.count, -rank)
                if let best, order <= best.order { continue }
                best = (kind, order)
            }
        }
        return best.map { ($0.kind, $0.order.0) }
    }

    private struct Phrase {
        /// The word that stands in front of it: "of"; nil at the beginning and behind a comma.
        var turn: String?
        var words: [String] = []
    }

    private static func phrases(of sentence: String) -> [Phrase] {
        var phrases: [Phrase] = []
        for part in sentence.split(whereSeparator: { ",;:()".contains($0) }) {
            phrases.append(Phrase())
            for word in NameStem.words(String(part)) {
                if turns.contains(word) {
                    phrases.append(Phrase(turn: word))
                } else {
                    phrases[phrases.count - 1].words.append(NameStem.of(word))
                }
            }
        }
        return phrases.filter { !$0.words.isEmpty }
    }

    // MARK: Several kinds at once

    /// The kinds that a sentence asks for together, of the given ones: "Get an order with its lines", "Customer (profile, orders, wishes)",
    /// "Everything about a customer"; none where it is about one.
    func together(in sentence: String, of names: [String]) -> [String] {
        let kinds = kinds.filter { names.contains($0.name) }
        guard kinds.count > 1 else { return [] }
        let words = NameStem.words(sentence)
        let isAll = words.indices.contains { place in
            guard words[place] != "everything" else { return true }
            guard ["all", "whole", "entire", "complete"].contains(words[place]), place + 1 < words.count else {
                return false
            }
            return ["data", "item", "record", "information", "collection", "partition"].contains(
                NameStem.of(words[place + 1]))
        }
        if isAll { return kinds.map(\.name) }
        var found: Set<String> = []
        var isAsked = true
        for phrase in EntityChoice.phrases(of: sentence) {
            if phrase.turn != "and" { isAsked = phrase.turn == nil || phrase.turn == "with" }
            guard isAsked, let head = EntityChoice.head(in: phrase, kinds, said: Set(phrase.words)) else { continue }
            found.insert(head.kind.name)
        }
        return found.count > 1 ? kinds.map(\.name).filter(found.contains) : []
    }
}

extension EntityChoice.Kind {
    /// How much of its sort key the words do not name.
    fileprivate func unknown(_ words: Set<String>) -> Int { sortHoles.count { !words.contains($0) } }
}

extension [String] {
    /// Where the last occurrence of a name ends; nil where there is none: of "wish" also "wishlist". Of a name of several words, "order line", the last one
    /// stands for it where the sentence says the others elsewhere: "lines of an order".
    fileprivate func end(of name: [String], said: Set<String>) -> Int? {
        if name.count <= count,
            let start = (0...count - name.count).last(where: { place in
                zip(self[place...], name).allSatisfy { $0 == $1 || $0 == $1 + "list" }
            })
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
