internal import ContractModel

/// The kinds of items that a Query of another one brings with it, because their sort keys begin as that kind's do. Made for a table
/// when it is first asked for.
final class NestedKinds {
    private var tables: [String: TableKinds] = [:]
    private var known: [ResourceName: [String]] = [:]
    private var names: [String: KeyNames] = [:]

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
