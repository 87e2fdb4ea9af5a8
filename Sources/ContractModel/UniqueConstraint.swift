/// Attributes of which no two items of a kind may share the values. DynamoDB keeps only a primary key unique, so any other
/// constraint needs a lookup item, written in the same transaction.
public struct UniqueConstraint: Sendable, Equatable {
    /// The attributes, together.
    public var attributes: [String]
    /// The item that holds the place of a value; nil where the contract names none.
    public var lookup: LookupItem?

    /// Makes a constraint.
    public init(attributes: [String], lookup: LookupItem? = nil) {
        self.attributes = attributes
        self.lookup = lookup
    }

    /// Why no lookup item can keep the values unique; nil where one can.
    public var flaw: Flaw? {
        guard let lookup else { return .noLookup }
        guard let template = lookup.partitionKeyTemplate else { return .noTemplate }
        let named = Set(template.placeholders + (lookup.sortKeyTemplate?.placeholders ?? []))
        if let missing = attributes.first(where: { !named.contains($0) }) { return .lacks(missing) }
        return named.subtracting(attributes).min().map(Flaw.hasBesides)
    }

    /// What is wrong with a constraint.
    public enum Flaw: Sendable, Hashable {
        /// No lookup item is named.
        case noLookup
        /// The lookup item's key is not said.
        case noTemplate
        /// The lookup item's key leaves an attribute out: different values would have one place.
        case lacks(String)
        /// The lookup item's key holds something else besides: one value would have several places.
        case hasBesides(String)
    }

    /// An item that exists while a value is taken.
    public struct LookupItem: Sendable, Equatable {
        /// The table that the item is in.
        public var table: String
        /// Its kind, where the contract describes it as an entity.
        public var entity: String?
        /// Its partition key: "EMAIL#{email}".
        public var partitionKeyTemplate: KeyTemplate?
        /// Its sort key; where the table has one and the contract does not say, it is the partition key's text.
        public var sortKeyTemplate: KeyTemplate?
        /// The table's keys; nil where the table is not known.
        public var keys: Keys?
        /// Attributes of the owner that it holds besides its key: such as cannot change without the lookup item changing.
        public var copies: [String]

        /// The keys of the table that a lookup item is in.
        public struct Keys: Sendable, Hashable {
            /// The partition key.
            public var partition: KeyAttribute
            /// The sort key; nil where the table has none.
            public var sort: KeyAttribute?

            /// Pairs the keys.
            public init(partition: KeyAttribute, sort: KeyAttribute? = nil) {
                self.partition = partition
                self.sort = sort
            }
        }

        /// Makes a lookup item.
        public init(
            table: String, entity: String? = nil, partitionKeyTemplate: KeyTemplate? = nil,
            sortKeyTemplate: KeyTemplate? = nil, keys: Keys? = nil, copies: [String] = []
        ) {
            self.table = table
            self.entity = entity
            self.partitionKeyTemplate = partitionKeyTemplate
            self.sortKeyTemplate = sortKeyTemplate
            self.keys = keys
            self.copies = copies
        }
    }
}

extension EntityLayout {
    /// The constraints that lookup items have to keep: all but such as the primary key keeps by itself.
    public func guarded(_ constraints: [UniqueConstraint]) -> [UniqueConstraint] {
        guard !constraints.isEmpty else { return [] }
        let identity = Set(keys.filter { $0.role != .index }.flatMap(\.rule.fields))
        return constraints.filter { Set($0.attributes) != identity }
    }
}

extension MigrationContract {
    /// Tells each lookup item what its table's keys are and what it holds, and each table which lookup items it holds.
    package mutating func placeLookups() {
        guard tables.contains(where: { $0.entities.contains { !$0.uniqueConstraints.isEmpty } }) else { return }
        let places = LookupPlaces(tables)
        var held: [String: [UniqueConstraint.LookupItem]] = [:]
        for (number, table) in tables.enumerated() {
            for (place, entity) in table.entities.enumerated() where !entity.uniqueConstraints.isEmpty {
                let layout = EntityLayout(table: table, entity: entity)
                let identity = Set(layout.keys.filter { $0.role != .index }.flatMap(\.rule.fields))
                for (index, constraint) in entity.uniqueConstraints.enumerated() {
                    guard let lookup = places.lookup(of: constraint, identity, of: entity.name, in: table.name) else {
                        continue
                    }
                    tables[number].entities[place].uniqueConstraints[index].lookup = lookup
                    held[lookup.table, default: []].append(lookup)
                }
            }
        }
        for number in tables.indices { tables[number].lookupItems = held[tables[number].name] ?? [] }
    }
}

/// Where lookup items can be: tables and kinds of items by their names, and kinds by the values that their keys are made of.
private struct LookupPlaces {
    private struct Kind {
        var table: String
        var entity: ContractEntity
    }

    private var tables: [String: ContractTable] = [:]
    private var kinds: [String: [String: ContractEntity]] = [:]
    /// Kinds of few attributes by what their keys are made of; of each two, since one may be the owner itself.
    private var byValues: [Set<String>: [Kind]] = [:]

    init(_ all: [ContractTable]) {
        for table in all where tables[table.name] == nil {
            tables[table.name] = table
            for entity in table.entities {
                if kinds[table.name, default: [:]][entity.name] == nil {
                    kinds[table.name, default: [:]][entity.name] = entity
                }
                guard entity.attributes.count <= ContractEntity.mostOfLookup else { continue }
                let templates = LookupPlaces.templates(of: entity, in: table)
                let values = Set(templates.partition.placeholders + (templates.sort?.placeholders ?? []))
                if byValues[values, default: []].count < 2 {
                    byValues[values, default: []].append(Kind(table: table.name, entity: entity))
                }
            }
        }
    }

    private static func templates(
        of entity: ContractEntity, in table: ContractTable
    ) -> (partition: KeyTemplate, sort: KeyTemplate?) {
        func template(_ key: KeyAttribute) -> KeyTemplate {
            entity.template(of: key, in: table) ?? KeyTemplate("{\(key.name)}")
        }
        return (template(table.partitionKey), table.sortKey.map(template))
    }

    /// The constraint's lookup item with all that is known of it; nil where it has none.
    ///
    /// - Parameter identity: what the owner's own key is made of.
    func lookup(
        of constraint: UniqueConstraint, _ identity: Set<String>, of owner: String, in home: String
    ) -> UniqueConstraint.LookupItem? {
        let wanted = Set(constraint.attributes)
        var found = constraint.lookup
        if found == nil, wanted != identity {
            let kind = byValues[wanted]?.first { !($0.table == home && $0.entity.name == owner) }
            found = kind.map { UniqueConstraint.LookupItem(table: $0.table, entity: $0.entity.name) }
        }
        guard var lookup = found, let target = tables[lookup.table] else { return nil }
        let kind = lookup.entity.flatMap { kinds[target.name]?[$0] }
        if lookup.partitionKeyTemplate == nil, let kind {
            let templates = LookupPlaces.templates(of: kind, in: target)
            (lookup.partitionKeyTemplate, lookup.sortKeyTemplate) = (templates.partition, templates.sort)
        }
        lookup.keys = UniqueConstraint.LookupItem.Keys(partition: target.partitionKey, sort: target.sortKey)
        let fixed = identity.union(wanted)
        let keys = [target.partitionKey.name, target.sortKey?.name]
        lookup.copies = (kind?.attributes ?? []).map(\.name).filter { fixed.contains($0) && !keys.contains($0) }
        return lookup
    }
}

extension ContractEntity {
    /// Attributes that a kind of item may have at most to be taken for one that only holds places.
    package static let mostOfLookup = 5
}
