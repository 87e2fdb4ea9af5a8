internal import ContractModel

/// The kinds of items that a Query of another one brings with it, because their sort keys begin as that kind's do. Made for a table
/// when it is first asked for.
final class NestedKinds {
    private var tables: [String: TableKinds] = [:]
    private var known: [ResourceName: [String]] = [:]
    private var names: [String: KeyNames] = [:]

    /// How many items of a kind a pattern reads by the first values of their sort key, and which pattern does.
    private var read: [String: (count: Double, pattern: String)] = [:]

    /// Of which nothing is known but the contract.
    init() {}

    /// - Parameter works: how each pattern is carried out: one that lists the lines of an order says how many there are of each.
    init(_ patterns: [AccessPattern], _ works: [String: PatternWork], _ defaults: CapacityAssumptions) {
        for pattern in patterns {
            for step in works[pattern.id]?.steps ?? [] where step.sortValues > 0 && step.operation.index == nil {
                let operation = step.operation
                let given = defaults.itemsPerCall(of: pattern.id, table: operation.table) ?? operation.itemsPerCall
                guard operation.operation == "Query", let count = given, let kind = operation.entity else { continue }
                let place = "\(operation.table).\(kind).\(step.sortValues)"
                if read[place] == nil { read[place] = (count, pattern.id) }
            }
        }
    }

    /// How many items of a kind there are for each one of another, inside whose keys theirs lie; nil where nobody says.
    func number(
        of kind: ContractEntity, for entity: ContractEntity, in table: ContractTable, _ defaults: CapacityAssumptions
    ) -> (count: Double, source: String)? {
        if let own = defaults.itemCount(of: entity, in: table), own > 0,
            let count = defaults.itemCount(of: kind, in: table)
        {
            let counts = "\(Figures.short(count)) of \(Figures.short(own))"
            let guess = defaults.assumption(ofKinds: [entity, kind], in: table)
            return (count / own, "\(counts), as they are counted" + (guess.map { "; \($0)" } ?? ""))
        }
        let values = entity.sortKeyTemplate?.placeholders.count ?? 0
        return read["\(table.name).\(kind.name).\(values)"].map { ($0.count, "as many as \($0.pattern) reads") }
    }

    /// What the operation reads besides the kind that it is for; none where it names the whole sort key.
    func kinds(besides operation: PatternOperation, of pattern: AccessPattern, in table: ContractTable) -> [String] {
        guard operation.operation == "Query", operation.index == nil, let name = operation.entity, table.isMultiEntity,
            let entity = table.entity(named: name)
        else { return [] }
        let words = names(in: table).all(of: pattern)
        guard entity.sortKeyTemplate?.placeholders.allSatisfy(words.contains) != true else { return [] }
        let place = ResourceName(table.name, name)
        if let found = known[place] { return found }
        let kinds = tables[table.name] ?? TableKinds(table)
        tables[table.name] = kinds
        let found = kinds.within(name)
        known[place] = found
        return found
    }

    private func names(in table: ContractTable) -> KeyNames {
        if let known = names[table.name] { return known }
        let made = KeyNames([table])
        names[table.name] = made
        return made
    }
}
