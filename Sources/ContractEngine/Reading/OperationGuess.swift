internal import ContractModel

/// What a pattern probably does, where no document names its operation: by its type, the verb of its description, and what of the
/// key its caller knows.
struct OperationGuess {
    /// DynamoDB's name of the operation.
    var operation: String
    /// What tells it, as the end of a sentence: "by its description".
    var ground: String

    /// - Parameters:
    ///   - index: the one that the documents name; nil for the table itself.
    ///   - view: the kind of item; nil where that is not known.
    ///   - known: what the caller knows, in words.
    init(
        for pattern: AccessPattern, in table: ContractTable, index: ContractIndex?, _ view: EntityView?,
        knowing known: Set<Set<String>>
    ) {
        let isWhole = index == nil && view?.hasWholeKey(knowing: known) == true
        switch pattern.type {
        case .write:
            (operation, ground) = Self.write(pattern, in: table, view, knowsWholeKey: isWhole)
        case .read, .none:
            let isPartOfKey = view?.hasPartition(of: index, knowing: known) == true
            (operation, ground) = Self.read(
                pattern, in: table, isByKey: isWhole && view?.isOneMoment(in: pattern) == true, isPartOfKey)
        }
    }

    // MARK: Reads

    /// Words of patterns that are about several items.
    private static let several: Set = [
        "all", "every", "list", "lists", "listing", "search", "browse", "history", "recent", "latest", "newest",
        "oldest",
        "between", "since", "before", "after", "range", "top",
    ]

    /// Whether a description speaks of one thing: it says so, or it begins with a verb that reads and what stands behind it is not in the
    /// plural.
    static func isOfOne(_ pattern: AccessPattern) -> Bool {
        let words = NameStem.words(pattern.summary)
        guard several.isDisjoint(with: words) else { return false }
        if !ones.isDisjoint(with: words) { return true }
        guard let verb = words.first,
            ["get", "read", "show", "view", "fetch", "load", "look", "find", "check"].contains(verb)
        else {
            return false
        }
        let phrase = words.dropFirst().prefix { !["of", "for", "by", "in", "from", "with", "on", "and"].contains($0) }
        return phrase.allSatisfy { NameStem.of($0) == $0 || !$0.hasSuffix("s") || $0.count < 4 }
    }

    fileprivate static let ones: Set = ["one", "single", "specific", "exact"]

    private static func read(
        _ pattern: AccessPattern, in table: ContractTable, isByKey: Bool, _ knowsPartition: Bool
    ) -> (String, String) {
        let words = Set(NameStem.words(pattern.summary))
        let isOfSeveral = !words.isDisjoint(with: several)
        if isByKey, isOfOne(pattern) { return ("GetItem", "by its key attributes") }
        if words.contains("single") || pattern.summary.lowercased().contains("by id") {
            return ("GetItem", "by its description")
        }
        // Of several things, whoever knows a partition asks for it: a Scan would read all others too.
        if isOfSeveral, knowsPartition, table.sortKey != nil || !isByKey { return ("Query", "by its key attributes") }
        guard table.sortKey != nil else { return ("GetItem", "by its description") }
        return (words.contains("all") ? "Scan" : "Query", "by its description")
    }

    // MARK: Writes

    private static func write(
        _ pattern: AccessPattern, in table: ContractTable, _ view: EntityView?, knowsWholeKey: Bool
    ) -> (String, String) {
        let meant = OperationText.writeMeant(by: pattern.summary)
        if let meant, meant != "PutItem" { return (meant, "by its description") }
        // "Record payment of order": what is recorded is no order, but something of one that is there.
        let isOfAnother = meant == nil && isNoting(pattern.summary) && isAboutAnother(pattern.summary, table, view)
        let isNew = meant == "PutItem" || isNoting(pattern.summary) && !isOfAnother
        if isNew || !knowsWholeKey { return ("PutItem", "by its description") }
        return ("UpdateItem", "since its caller knows the key and its description does not speak of a new item")
    }

    /// Verbs that make an item of what they name, and otherwise change one.
    private static let noting: Set = ["record", "post", "log", "note", "write", "track", "submit"]

    private static func isNoting(_ summary: String) -> Bool {
        NameStem.words(summary).first.map { noting.contains(NameStem.of($0)) || noting.contains($0) } ?? false
    }

    /// Whether what the verb stands before is not the kind of item: neither its name nor its relational table's.
    private static func isAboutAnother(_ summary: String, _ table: ContractTable, _ view: EntityView?) -> Bool {
        let names = [view?.entity.name, view?.entity.sourceTable, table.name].compactMap(\.self)
        let own = Set(names.flatMap(NameStem.stems))
        let phrase = NameStem.words(summary).dropFirst().prefix {
            !["of", "for", "to", "in", "on", "from"].contains($0)
        }
        return Set(phrase.map { NameStem.of($0) }).isDisjoint(with: own)
    }
}

extension EntityView {
    /// Whether these are all that the table's key is made of.
    func hasWholeKey(knowing known: Set<Set<String>>) -> Bool {
        guard !known.isEmpty, let partition, partition.unmet(knowing: known).isEmpty else { return false }
        return table.sortKey == nil || sort.map { $0.unmet(knowing: known).isEmpty } ?? false
    }

    /// Whether they are all that a partition key is made of: of the index, or of the table or any of its indexes where none is named.
    fileprivate func hasPartition(of named: ContractIndex?, knowing known: Set<Set<String>>) -> Bool {
        guard !known.isEmpty else { return false }
        if let named { return partition(of: named).map { $0.unmet(knowing: known).isEmpty } ?? false }
        return partition.map { !$0.values.isEmpty && $0.unmet(knowing: known).isEmpty } ?? false
            || index(knowing: known) != nil
    }

    /// Whether the key ends in no time, of which a Query may read a stretch, or the pattern speaks of one.
    func isOneMoment(in pattern: AccessPattern) -> Bool {
        guard let last = sort?.values.last?.name else { return true }
        let isTime = attribute(last).map { EntityView.isTime($0) } ?? EntityView.isTime(last)
        return !isTime || !OperationGuess.ones.isDisjoint(with: NameStem.words(pattern.summary))
    }
}
