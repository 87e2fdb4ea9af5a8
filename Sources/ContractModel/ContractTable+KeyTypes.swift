extension MigrationContract {
    /// Gives keys that only templates make, and no attribute declares, the type of what the templates make.
    ///
    /// Such a key is a text, unless all that makes it is the bare placeholder of a number ("{player_id}"): then it is that number,
    /// and sorts as one; the same of a binary. A number among texts is written as its digits.
    package mutating func settleKeyTypes() {
        var lookups: [String: [HeldLookup]] = [:]
        for table in tables {
            for entity in table.entities {
                for constraint in entity.uniqueConstraints {
                    guard let lookup = constraint.lookup else { continue }
                    lookups[lookup.table, default: []].append(HeldLookup(lookup: lookup, owner: entity))
                }
            }
        }
        for place in tables.indices { tables[place].settleKeyTypes(with: lookups[tables[place].name] ?? []) }
    }
}

/// A lookup item with the kind of item whose values it holds.
private struct HeldLookup {
    var lookup: UniqueConstraint.LookupItem
    var owner: ContractEntity

    /// The template of one of its table's keys; where it has none for the sort key, that is the partition key's text.
    func template(isPartition: Bool) -> KeyTemplate? {
        isPartition ? lookup.partitionKeyTemplate : lookup.sortKeyTemplate ?? lookup.partitionKeyTemplate
    }
}

extension ContractTable {
    fileprivate mutating func settleKeyTypes(with lookups: [HeldLookup]) {
        let types = keyTypes(lookups)
        guard !types.isEmpty else { return }
        func settled(_ key: KeyAttribute) -> KeyAttribute {
            var key = key
            if let type = types[key.name] { key.type = type }
            return key
        }
        partitionKey = settled(partitionKey)
        sortKey = sortKey.map(settled)
        for place in indexes.indices {
            indexes[place].partitionKey = settled(indexes[place].partitionKey)
            indexes[place].sortKey = indexes[place].sortKey.map(settled)
        }
    }

    /// The types that differ from S, by key.
    private func keyTypes(_ lookups: [HeldLookup]) -> [String: AttributeType] {
        let all: [KeyAttribute?] =
            [partitionKey, sortKey] + indexes.flatMap { [$0.partitionKey, $0.sortKey] as [KeyAttribute?] }
        var types: [String: AttributeType] = [:]
        var seen: Set<String> = []
        for key in all.compactMap(\.self) where seen.insert(key.name).inserted && key.composite == nil {
            guard !entities.contains(where: { $0.attribute(named: key.name) != nil }) else { continue }
            if let type = type(of: key, lookups), type != .S { types[key.name] = type }
        }
        return types
    }

    /// The one type of everything that makes the key; nil where it is none, or not one.
    private func type(of key: KeyAttribute, _ lookups: [HeldLookup]) -> AttributeType? {
        var found: Set<AttributeType> = []
        for entity in entities {
            let templates = templates(of: key, entity)
            guard templates.allSatisfy({ $0.bareHole != nil }) else { return nil }
            if !templates.isEmpty { found.insert(type(of: key, entity)) }
        }
        let isTables = [partitionKey.name, sortKey?.name].contains(key.name)
        for held in lookups where isTables {
            guard let template = held.template(isPartition: key.name == partitionKey.name) else { continue }
            guard let hole = template.bareHole else { return nil }
            found.insert(held.owner.attribute(named: hole)?.type ?? .S)
        }
        return found.count == 1 ? found.first : nil
    }

    private func templates(of key: KeyAttribute, _ entity: ContractEntity) -> [KeyTemplate] {
        [entity.template(of: key, in: self)].compactMap(\.self)
            + indexes.filter { [$0.partitionKey.name, $0.sortKey?.name].contains(key.name) }.compactMap {
                entity.template(of: key, of: $0, in: self)
            }
    }

    /// The type of the field that the key is a copy of; a value that is stored nowhere else is a text.
    private func type(of key: KeyAttribute, _ entity: ContractEntity) -> AttributeType {
        let layout = EntityLayout(table: self, entity: entity)
        guard let name = layout.key(named: key.name)?.rule.copiedField, let field = layout.field(named: name),
            field.isStored, field.type.isAllowedInKey
        else { return .S }
        return field.type
    }
}

extension KeyTemplate {
    /// The one hole that the template is, with nothing around it; nil where it is anything else.
    package var bareHole: String? {
        guard pieces.count == 1, case .placeholder(let name) = pieces[0] else { return nil }
        return name
    }
}
