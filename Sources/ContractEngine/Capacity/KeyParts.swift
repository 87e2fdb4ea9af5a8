internal import ContractModel

/// What the keys of a kind of item are made of, under every name by which a document may call it.
struct KeyParts {
    private let table: ContractTable
    private let entity: ContractEntity
    private let layout: EntityLayout

    init(table: ContractTable, entity: ContractEntity) {
        self.table = table
        self.entity = entity
        layout = EntityLayout(table: table, entity: entity)
    }

    /// A key of the index: the attribute itself, the fields and columns that it is made of, and the columns of those.
    func names(of key: KeyAttribute, in index: ContractIndex) -> Set<String> {
        names(of: key, entity.template(of: key, of: index, in: table))
    }

    /// The same of the table's keys, which no update changes.
    var fixed: Set<String> {
        [table.partitionKey, table.sortKey].compactMap(\.self).reduce(into: []) {
            $0.formUnion(names(of: $1, entity.template(of: $1, in: table)))
        }
    }

    private func names(of key: KeyAttribute, _ template: KeyTemplate?) -> Set<String> {
        var names: Set = [key.name]
        names.formUnion(layout.key(named: key.name)?.rule.fields ?? [])
        names.formUnion(template?.placeholders ?? [])
        for hole in template?.placeholders ?? [] {
            switch entity.source(ofPlaceholder: hole, inTemplateOf: key.name) {
            case .attribute(let name), .join(let name), .column(let name): names.insert(name)
            case nil: break
            }
        }
        // A template takes the place of what else is said of the key's attribute.
        let attributes = entity.attributes.filter {
            names.contains($0.name) && ($0.name != key.name || template == nil)
        }
        for attribute in attributes { names.formUnion(attribute.columnNames) }
        return names
    }

    func isAttribute(_ name: String) -> Bool { entity.attribute(named: name) != nil }

    /// The attributes that are called so, by their own names or by the columns that they are read from.
    func attributes(called words: Set<String>) -> Set<String> {
        words.union(entity.attributes.filter { !words.isDisjoint(with: $0.columnNames) }.map(\.name))
    }

    /// Every name that may be said to change.
    static func all(of entity: ContractEntity, in table: ContractTable) -> Set<String> {
        var names: Set = [table.partitionKey.name]
        names.formUnion([table.sortKey?.name].compactMap(\.self))
        for index in table.indexes where entity.appears(in: index, of: table) {
            names.formUnion([index.partitionKey.name, index.sortKey?.name].compactMap(\.self))
        }
        for attribute in entity.attributes { names.formUnion(attribute.columnNames.union([attribute.name])) }
        let templates =
            [entity.partitionKeyTemplate, entity.sortKeyTemplate]
            + entity.indexKeys.flatMap { [$0.partitionKey, $0.sortKey] }
        for template in templates.compactMap(\.self) { names.formUnion(template.placeholders) }
        return names
    }
}

extension ContractAttribute {
    /// The columns that it is read from, without their table's name.
    var columnNames: Set<String> {
        Set(sourceColumns.map { $0.split(separator: ".").last.map(String.init) ?? $0 })
    }
}
