internal import ContractModel

extension Linter {
    /// Queries whose words restrict them by a value that neither the key nor a filter takes: they bring what nobody asked for.
    func restrictions() -> [Finding] {
        patterns.filter(\.isServed).compactMap { pattern in
            let queries = calls(of: pattern).filter { !$0.isWrite }
            guard queries.count == 1, let query = queries.first, query.operation == "Query",
                let view = access.view(of: query), let needs = needs(of: query, view)
            else { return nil }
            let texts = [operationsText(of: pattern)] + pattern.notes
            let named = access.names.known(to: pattern).first { name in
                guard let attribute = view.attribute(name), RestrictionWords.restrict(pattern.summary, by: name) else {
                    return false
                }
                let words = KeyWords.of(attribute, in: view.entity)
                let isTaken = needs.contains { !$0.words.isDisjoint(with: words) || !$0.inputs.isDisjoint(with: words) }
                return !isTaken && !texts.contains { RestrictionWords.name(name, in: $0) }
            }
            guard let named else { return nil }
            let place = place(of: pattern)
            let key =
                needs.isEmpty
                ? "its key is the same text for all items" : "its key takes \(Figures.list(needs.map(\.name)))"
            return finding(
                .parameterUnused, in: place.file, at: place.position, about: pattern.id,
                "\(pattern.id) (\(pattern.summary)) names \(named), and no part of the key of \(OperationCost.place(query)) takes it, nor does "
                    + "a filter: \(key), so that the Query brings items of every \(named).",
                advice:
                    "Put \(named) into the key that is read, name an index that has it, or say that the call filters by it."
            )
        }
    }

    /// What the key that a Query reads by is made of.
    private func needs(of query: PatternOperation, _ view: EntityView) -> [KeyNeeds.Value]? {
        guard let name = query.index else { return ([view.partition, view.sort].compactMap(\.self)).flatMap(\.values) }
        guard let index = view.table.index(named: name), view.appears(in: index) else { return nil }
        return [view.partition(of: index), view.sort(of: index)].compactMap(\.self).flatMap(\.values)
    }
}

/// Words by which a pattern's summary says what its items have in common: "of a garage", "in a state", "by customer".
private enum RestrictionWords {
    private static let turns: Set = ["of", "by", "for", "in", "per", "with", "at", "from"]
    private static let articles: Set = [
        "a", "an", "the", "one", "each", "given", "its", "their", "certain", "specific", "particular", "single", "this",
    ]

    /// Whether the text names an attribute behind such a word: `garage_id` and `state` in "Sessions of a garage in a state".
    static func restrict(_ text: String, by name: String) -> Bool {
        let parts = parts(of: name)
        guard !parts.isEmpty else { return false }
        let words = NameStem.words(text)
        return words.indices.contains { place in
            guard turns.contains(words[place]) else { return false }
            return words[(place + 1)...].drop { articles.contains($0) }.prefix(parts.count).map { NameStem.of($0) }
                == parts
        }
    }

    /// Whether a text speaks of it at all: whoever wrote it has thought of the value.
    static func name(_ name: String, in text: String) -> Bool {
        Set(parts(of: name)).isSubset(of: NameStem.words(text).map { NameStem.of($0) })
    }

    private static func parts(of name: String) -> [String] {
        NameStem.words(name).filter { $0 != "id" && $0 != "uuid" }.map { NameStem.of($0) }
    }
}
