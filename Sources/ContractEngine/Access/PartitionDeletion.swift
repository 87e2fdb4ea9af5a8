internal import ContractModel

/// A deletion of all items that belong to what its caller names: which of a partition they are. More than these must not go.
struct PartitionDeletion {
    /// How many of the values that the sort key is made of the caller names, from the left.
    var sortValues = 0
    /// Attributes by which those that are meant are told from the others that the key condition finds.
    var filters: [String] = []
    /// Why nothing tells them, as a sentence without its end; nil where something does.
    var refusal: String?

    /// - Parameters:
    ///   - known: the names of what the caller knows.
    ///   - isRange: whether the pattern's words speak of a part of the values: "older than 90 days".
    init(of view: EntityView, knowing known: [String], isRange: Bool) {
        let partition = view.partition?.values ?? []
        let sort = view.sort?.values ?? []
        var named: Set<Int> = []
        var untold: [String] = []
        for name in known {
            let words = KeyWords.of(name)
            if partition.contains(where: { $0.words.contains(words) || $0.inputs.contains(words) }) { continue }
            if let place = sort.firstIndex(where: { $0.words.contains(words) }) {
                named.insert(place)
            } else if let attribute = view.attributes(known: [words]).first(where: { view.canFilter(by: $0.name) }) {
                filters.append(attribute.name)
            } else {
                untold.append(name)
            }
        }
        sortValues = sort.indices.prefix { named.contains($0) || partition.map(\.name).contains(sort[$0].name) }.count
        for place in named.sorted() where place >= sortValues {
            let name = sort[place].name
            if view.canFilter(by: name) { filters.append(name) } else { untold.append(name) }
        }
        if isRange {
            refusal =
                "its words speak of a range or a part of the items, and a deletion of all would take the others too"
        } else if !untold.isEmpty {
            refusal =
                "no key condition and no attribute of \(view.name) tells what belongs to \(Figures.list(untold)): a deletion would take "
                + "other items too"
        }
    }
}

extension EntityView {
    /// Whether items store an attribute of that name whose values a condition can compare.
    fileprivate func canFilter(by name: String) -> Bool {
        guard let field = EntityLayout(table: table, entity: entity).field(named: name) else { return false }
        return field.isStored && [.S, .N, .B, .BOOL].contains(field.type)
    }

    /// Words by which documents may call items of this kind, as stems: its name, its tables' names, what its sort key begins with.
    var callNames: Set<String> {
        let names =
            [entity.name, entity.sourceTable, table.name].compactMap(\.self) + (entity.sortKeyTemplate?.literals ?? [])
        return Set(names.flatMap(NameStem.stems))
    }

    /// Whether the words speak of all items of this kind that there are: "Clear entire cart", "Delete all comments of a task", and
    /// neither "Delete a message for all members" nor "Delete all expired sessions".
    func isOfAll(_ summary: String, knowing known: [String]) -> Bool {
        let words = NameStem.words(summary)
        guard let verb = words.first else { return false }
        var rest = words.dropFirst().drop { Self.articles.contains($0) }
        let isSaid = rest.first.map { ["all", "entire", "every", "everything", "whole"].contains($0) } ?? false
        guard isSaid || ["clear", "purge", "empty", "wipe"].contains(verb) else { return false }
        if isSaid { rest = rest.dropFirst() }
        if rest.first == "of" { rest = rest.dropFirst() }
        let own = callNames.union(known.flatMap(NameStem.stems))
        return rest.prefix { !Self.turns.contains($0) }.allSatisfy { word in
            let stem = NameStem.of(word)
            return word.count == 1 || Self.articles.contains(word) || Self.things.contains(stem)
                || own.contains {
                    $0 == stem || min($0.count, stem.count) > 3 && ($0.hasPrefix(stem) || stem.hasPrefix($0))
                }
        }
    }

    private static let articles: Set = [
        "the", "a", "an", "its", "their", "his", "her", "my", "your", "this", "that", "one",
    ]
    private static let things: Set = ["item", "record", "entry", "row", "data", "document", "element"]
    static let turns: Set = [
        "of", "for", "from", "in", "by", "on", "at", "to", "with", "within", "under", "when", "after", "before",
    ]
}
