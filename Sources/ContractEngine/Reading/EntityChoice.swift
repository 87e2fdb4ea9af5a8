internal import ContractModel

/// Which kind of item a pattern touches in a table that holds several. Made once for a table, asked for each of its patterns.
struct EntityChoice {
    private struct Kind {
        var name: String
        var stem: String
        /// What its sort keys begin with; "" where that has no letter.
        var literal: String
        /// Placeholders of its sort key that no other kind of item uses.
        var own: [String]
    }

    private let kinds: [Kind]
    private let root: String?

    /// Nil for a table that holds one kind.
    init?(_ table: ContractTable) {
        guard table.isMultiEntity else { return nil }
        var users: [String: Int] = [:]
        for entity in table.entities {
            let templates = [entity.partitionKeyTemplate, entity.sortKeyTemplate].compactMap(\.self)
            for name in Set(templates.flatMap(\.placeholders)) { users[name, default: 0] += 1 }
        }
        kinds = table.entities.map { entity in
            let literal = entity.sortKeyTemplate?.leadingLiteral ?? ""
            return Kind(
                name: entity.name, stem: NameStem.of(entity.name),
                literal: literal.contains(where: \.isLetter) ? literal : "",
                own: (entity.sortKeyTemplate?.placeholders ?? []).filter { users[$0] == 1 })
        }
        root = (table.entities.first { $0.sourceTable == table.sourceTable } ?? table.entities.first)?.name
    }

    /// The kind of item, and why.
    func choose(for pattern: AccessPattern) -> (name: String, reason: String)? {
        let keys = pattern.keyAttributes.joined(separator: " ")
        for kind in kinds where !kind.literal.isEmpty && keys.contains(kind.literal) {
            return (kind.name, "its key attributes name \(kind.literal)")
        }
        let keyWords = Set(pattern.keyAttributes.flatMap { $0.split(separator: " ").map(String.init) })
        for kind in kinds {
            if let own = kind.own.first(where: keyWords.contains) {
                return (kind.name, "its key attributes name \(own)")
            }
        }
        let words = Set(NameStem.words(pattern.summary + " " + keys).map { NameStem.of($0) })
        for kind in kinds where kind.name != root && words.contains(kind.stem) {
            return (kind.name, "its description names it")
        }
        return root.map { ($0, "nothing names another entity") }
    }
}

/// What is asked of a table for each pattern that touches it: made when it is first asked for.
final class TableChoices {
    private var choices: [String: EntityChoice?] = [:]
    private var inside: [ResourceName: [String]] = [:]

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
        let names = table.entities.filter { $0.appears(in: index) }.map(\.name)
        inside[place] = names
        return names
    }
}
