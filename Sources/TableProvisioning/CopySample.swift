internal import ContractModel
internal import Tidemark

/// Copies of other items' values, and the originals, as sampled items hold them. It keeps fingerprints, which say whether two
/// values are equal and nothing else; each run's are its own.
struct CopySample: Sendable, Equatable {
    /// A copy as the contract describes it: who holds it, and whose it is.
    private struct Rule: Sendable, Hashable {
        var table: String
        var entity: String
        var attribute: String
        /// The holder's attributes that lead to the original; empty where they cannot be followed.
        var locals: [String]
        /// The original's attributes that they equal.
        var keys: [String]
        var originalTable: String
        var originalEntity: String
        var originalAttribute: String
        /// Whether an item that has the locals has the copy too.
        var isExpected: Bool

        var original: String {
            originalTable == originalEntity
                ? "\(originalTable)' \(originalAttribute)" : "\(originalEntity)'s \(originalAttribute)"
        }
    }

    /// One item's copy: the fingerprints of what leads to its original, and of itself.
    private struct Copy: Sendable, Equatable {
        var key: Int
        var value: Int
    }

    /// What came of comparing one copy.
    struct Comparison: Sendable, Equatable {
        var entity: String
        var attribute: String
        /// "Products' name".
        var original: String
        var compared: Int
        var others: Int
    }

    private let table: String
    private let rules: [Rule]
    private var held: [Rule: [Copy]] = [:]
    private var originals: [Rule: [Int: Int]] = [:]

    init(of table: ContractTable, in contract: MigrationContract) {
        self.table = table.name
        rules = contract.tables.flatMap { holder in
            holder.entities.flatMap { entity in
                entity.attributes.compactMap { CopySample.rule($0, of: entity, in: holder, contract) }
            }
        }.filter { $0.table == table.name || $0.originalTable == table.name }
    }

    /// Takes an item in; the copies that it should have and has not.
    mutating func take(_ item: Item, of entity: ContractEntity) -> [String] {
        var missing: [String] = []
        for rule in rules {
            if rule.table == table, rule.entity == entity.name {
                if let key = CopySample.fingerprint(rule.locals, of: item) {
                    if let value = CopySample.fingerprint([rule.attribute], of: item) {
                        held[rule, default: []].append(Copy(key: key, value: value))
                    } else if rule.isExpected {
                        missing.append(rule.attribute)
                    }
                }
            }
            if rule.originalTable == table, rule.originalEntity == entity.name,
                let key = CopySample.fingerprint(rule.keys, of: item),
                let value = CopySample.fingerprint([rule.originalAttribute], of: item)
            {
                originals[rule, default: [:]][key] = value
            }
        }
        return missing
    }

    /// The copies that differ from their originals in any of the samples.
    func comparison(with samples: [CopySample]) -> [Comparison] {
        rules.filter { $0.table == table }.compactMap { rule in
            let values = samples.compactMap { $0.originals[rule] }
            let pairs = (held[rule] ?? []).compactMap { copy in
                values.lazy.compactMap { $0[copy.key] }.first.map { $0 == copy.value }
            }
            let others = pairs.count { !$0 }
            guard others > 0 else { return nil }
            return Comparison(
                entity: rule.entity, attribute: rule.attribute, original: rule.original, compared: pairs.count,
                others: others)
        }
    }

    /// Nil where one of the attributes is missing.
    private static func fingerprint(_ names: [String], of item: Item) -> Int? {
        guard !names.isEmpty else { return nil }
        var hasher = Hasher()
        for name in names {
            guard let value = item[name], let text = value.stringValue ?? value.numberText else { return nil }
            hasher.combine(text)
        }
        return hasher.finalize()
    }

    // MARK: Rules

    /// Nil for what is no copy, and for one whose way to its original is not stored.
    private static func rule(
        _ attribute: ContractAttribute, of entity: ContractEntity, in table: ContractTable,
        _ contract: MigrationContract
    ) -> Rule? {
        let isKey = [table.partitionKey.name, table.sortKey?.name].contains(attribute.name)
        guard !isKey, attribute.transformation == nil, attribute.calculation == nil, let join = attribute.join,
            let step = step(of: join), let pairs = step.columnPairs, !pairs.isEmpty, let selected = step.select.column
        else { return nil }
        let locals = pairs.compactMap { stored($0.local.name, in: entity) }
        guard locals.count == pairs.count else { return nil }
        for owner in contract.tables {
            for original in owner.entities where original.sourceTable == step.table {
                let keys = pairs.compactMap { stored($0.joined.name, in: original) }
                guard keys.count == pairs.count, let value = stored(selected.name, in: original) else { continue }
                return Rule(
                    table: table.name, entity: entity.name, attribute: attribute.name, locals: locals, keys: keys,
                    originalTable: owner.name, originalEntity: original.name, originalAttribute: value,
                    isExpected: attribute.denormalized && attribute.isNullable != true)
            }
        }
        guard attribute.denormalized else { return nil }
        return Rule(
            table: table.name, entity: entity.name, attribute: attribute.name, locals: locals, keys: [],
            originalTable: "", originalEntity: "", originalAttribute: "", isExpected: attribute.isNullable != true)
    }

    /// The one row that a join visits; a row at the top has no other, so that a self-join's copy may be missing.
    private static func step(of join: ContractJoin) -> JoinStep? {
        switch join.kind {
        case .foreignKey(let step), .multiColumn(let step), .lookupTable(let step): step
        case .selfJoin, .conditional, .chain, .jsonConstruction, .unknown: nil
        }
    }

    /// The attribute that is the column of the item's own row, as it is.
    private static func stored(_ column: String, in entity: ContractEntity) -> String? {
        let found = entity.attributes.filter { attribute in
            attribute.join == nil && attribute.calculation == nil && attribute.transformation == nil
                && attribute.sourceColumns == [column]
        }.map(\.name)
        return found.first { !KeyName.isSynthetic($0) } ?? found.first
    }
}
