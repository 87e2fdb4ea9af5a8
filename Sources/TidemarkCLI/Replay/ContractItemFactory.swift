import ContractModel
import Tidemark

/// Makes items that follow the contract: keys from templates, each attribute of its type, the estimated size.
///
/// The same names give the same item, so that a replay finds what a seed has stored. Index keys are drawn from the
/// values that the trace asks its indexes for.
struct ContractItemFactory: Sendable {
    let contract: MigrationContract
    /// Values that queries of the trace ask an index's partition key for, by "table/attribute".
    private var indexValues: [String: [String]] = [:]

    init(contract: MigrationContract, trace: ReplayTrace) {
        self.contract = contract
        var values: [String: Set<String>] = [:]
        for call in trace.calls {
            guard let table = contract.table(named: call.table), let index = call.index, let key = call.key,
                let attribute = table.index(named: index)?.partitionKey.name
            else { continue }
            values["\(table.name)/\(attribute)", default: []].insert(key)
        }
        indexValues = values.mapValues { $0.sorted() }
    }

    /// The whole item of that entity whose key templates are filled with `key` and `sort`.
    func item(_ table: ContractTable, _ entity: ContractEntity, key: String, sort: String?) -> Item {
        var item: Item = [:]
        let columns = columnValues(entity, key: key, sort: sort)
        for attribute in entity.attributes {
            item[attribute.name] = value(of: attribute, in: table, columns: columns, seed: "\(key)/\(sort ?? "")")
        }
        item.merge(self.key(table, entity, key: key, sort: sort)) { _, keyValue in keyValue }
        for field in fieldsThatTakeKeysAway(table, entity) { item[field] = nil }
        agree(&item, with: conditionalKeys(table, entity))
        pad(&item, table: table, entity: entity)
        return item
    }

    /// The primary key of that item.
    func key(_ table: ContractTable, _ entity: ContractEntity, key: String, sort: String?) -> Item {
        let columns = columnValues(entity, key: key, sort: sort)
        var item: Item = [:]
        item[table.partitionKey.name] = keyValue(
            table.partitionKey, template: entity.partitionKeyTemplate, entity: entity, columns: columns, fallback: key)
        if let sortKey = table.sortKey {
            item[sortKey.name] = keyValue(
                sortKey, template: entity.sortKeyTemplate, entity: entity, columns: columns, fallback: sort ?? key)
        }
        return item
    }

    /// The value of the partition key that a query of the table or index asks for.
    func partitionValue(_ table: ContractTable, _ index: ContractIndex?, _ entity: ContractEntity, key: String)
        -> AttributeValue
    {
        if let index { return typed(key, index.partitionKey.type) }
        return keyValue(
            table.partitionKey, template: entity.partitionKeyTemplate, entity: entity,
            columns: columnValues(entity, key: key, sort: nil), fallback: key)
    }

    /// An attribute that an update may change without touching a key: a number where there is one.
    func updatableAttribute(_ table: ContractTable, _ entity: ContractEntity) -> ContractAttribute? {
        let bound = fieldsThatTakeKeysAway(table, entity)
        let free = entity.attributes.filter {
            !isKey($0.name, of: table) && !bound.contains($0.name) && ($0.type == .N || $0.type == .S)
        }
        return free.first { $0.type == .N } ?? free.first
    }

    /// The text attribute that a search looks in.
    func searchableAttribute(_ table: ContractTable) -> ContractAttribute? {
        table.entities.first?.attributes.first { $0.type == .S && !isKey($0.name, of: table) && $0.format == nil }
    }

    /// A changed value for an update: different for each number.
    func changedValue(_ attribute: ContractAttribute, number: Int) -> AttributeValue {
        attribute.type == .N ? .number(number) : .string("\(attribute.name) \(number)")
    }

    /// Fields that an item with all of its index keys cannot have: a ride that is found by its bike has not ended.
    private func fieldsThatTakeKeysAway(_ table: ContractTable, _ entity: ContractEntity) -> Set<String> {
        Set(conditionalKeys(table, entity).compactMap(\.rule.condition?.field))
    }

    /// Keys that an item has only while a field has no value.
    private func conditionalKeys(_ table: ContractTable, _ entity: ContractEntity) -> [EntityLayout.Key] {
        EntityLayout(table: table, entity: entity).keys.filter { key in
            key.rule.condition?.isAbsent == true && key.rule.otherwise == nil
        }
    }

    /// The fields that such keys are made of are as the keys say, which the trace asks for.
    private func agree(_ item: inout Item, with keys: [EntityLayout.Key]) {
        for key in keys {
            guard case .placeholder(let field)? = key.rule.value?.pieces.first, key.rule.value?.pieces.count == 1 else {
                continue
            }
            item[field] = item[key.attribute]
        }
    }

    // MARK: Values

    /// What the templates' placeholders and the columns of the same names hold.
    private func columnValues(_ entity: ContractEntity, key: String, sort: String?) -> [String: String] {
        var columns: [String: String] = [:]
        for placeholder in entity.sortKeyTemplate?.placeholders ?? [] {
            columns[placeholder] = synthetic(placeholder, seed: "\(key)/\(sort ?? "")")
        }
        if let sort, let last = entity.sortKeyTemplate?.placeholders.last { columns[last] = sort }
        for placeholder in entity.partitionKeyTemplate?.placeholders ?? [] { columns[placeholder] = key }
        return columns
    }

    private func keyValue(
        _ attribute: KeyAttribute, template: KeyTemplate?, entity: ContractEntity, columns: [String: String],
        fallback: String
    ) -> AttributeValue {
        if let text = (template ?? entity.attribute(named: attribute.name)?.format)?.render(columns) {
            return typed(text, attribute.type)
        }
        return typed(fallback, attribute.type)
    }

    private func value(
        of attribute: ContractAttribute, in table: ContractTable, columns: [String: String], seed: String
    ) -> AttributeValue {
        if let text = attribute.format?.render(columns) { return typed(text, attribute.type) }
        if attribute.joinedTable == nil, attribute.sourceColumns.count == 1, let column = attribute.sourceColumns.first,
            let text = columns[column]
        {
            return typed(text, attribute.type)
        }
        if let values = indexValues["\(table.name)/\(attribute.name)"], !values.isEmpty {
            return typed(values[Int(hash(seed + attribute.name) % UInt64(values.count))], attribute.type)
        }
        return typed(synthetic(attribute.sourceColumns.first ?? attribute.name, seed: seed), attribute.type)
    }

    private func typed(_ text: String, _ type: AttributeType) -> AttributeValue {
        switch type {
        case .S: .string(text)
        case .N: .number(Int(text) ?? Int(hash(text) % 10_000))
        case .B: .binary(Array(text.utf8))
        case .BOOL: .bool(hash(text) % 2 == 0)
        case .M: ["value": .string(text)]
        case .L: [.string(text)]
        case .SS: .stringSet([text])
        case .NS: .numberSet([String(hash(text) % 10_000)])
        case .BS: .binarySet([Array(text.utf8)])
        case .NULL: .null
        }
    }

    private func synthetic(_ name: String, seed: String) -> String {
        "\(name)-\(String(hash(seed + name) % 1_000_000_000, radix: 36))"
    }

    /// Brings the item to the contract's estimated size, by lengthening one text that is no key.
    private func pad(_ item: inout Item, table: ContractTable, entity: ContractEntity) {
        guard let size = table.estimatedItemSizeInBytes(of: entity.name) else { return }
        let missing = min(size, DynamoDBLimits.maximumItemBytes) - ItemSize.bytes(of: item)
        let bound = fieldsThatTakeKeysAway(table, entity)
        let text = entity.attributes.last {
            $0.type == .S && !isKey($0.name, of: table) && !bound.contains($0.name) && $0.format == nil
        }
        guard missing > 0, let name = text?.name, let value = item[name]?.stringValue else { return }
        item[name] = .string(value + String(repeating: ".", count: missing))
    }

    private func isKey(_ name: String, of table: ContractTable) -> Bool {
        table.partitionKey.name == name || table.sortKey?.name == name
            || table.indexes.contains { $0.partitionKey.name == name || $0.sortKey?.name == name }
    }

    /// FNV-1a: stable from run to run, which Swift's own hashing is not.
    private func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
