internal import ContractModel

/// The kinds of items that a Query of another one brings with it, because their sort keys begin as that kind's do. Made for a table
/// when it is first asked for.
final class NestedKinds {
    private var tables: [String: TableKinds] = [:]
    private var known: [ResourceName: [String]] = [:]

    /// What the operation reads besides the kind that it is for; none where it names the whole sort key.
    func kinds(besides operation: PatternOperation, of pattern: AccessPattern, in table: ContractTable) -> [String] {
        guard operation.operation == "Query", let name = operation.entity, table.isMultiEntity,
            let entity = table.entity(named: name)
        else { return [] }
        let words = Set(pattern.keyAttributes.flatMap { $0.split(separator: " ").map(String.init) })
        let index = operation.index.flatMap { table.index(named: $0) }
        guard !isNamed(sortKeyOf: entity, in: table, index, words) else { return [] }
        let place = ResourceName("\(table.name) \(name)", index?.name)
        if let found = known[place] { return found }
        let kinds = tables[table.name] ?? TableKinds(table)
        tables[table.name] = kinds
        let found = index.map { kinds.within(name, index: $0.name) } ?? kinds.within(name)
        known[place] = found
        return found
    }

    private func isNamed(
        sortKeyOf entity: ContractEntity, in table: ContractTable, _ index: ContractIndex?, _ words: Set<String>
    ) -> Bool {
        guard let index else { return entity.sortKeyTemplate?.placeholders.allSatisfy(words.contains) == true }
        guard let key = index.sortKey else { return false }
        let holes = entity.template(of: key, of: index, in: table)?.placeholders ?? [key.name]
        return holes.allSatisfy(words.contains)
    }
}
