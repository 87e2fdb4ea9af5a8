/// What a migration contract says about the tables to be made: the part of it that run time needs.
public struct MigrationContract: Sendable, Equatable {
    /// The tables, in the contract's order.
    public var tables: [ContractTable]

    /// Gathers tables into a contract.
    public init(tables: [ContractTable]) { self.tables = tables }

    /// The table of exactly that name, if the contract has it.
    public func table(named name: String) -> ContractTable? { tables.first { $0.name == name } }
}

/// One DynamoDB table of the contract.
public struct ContractTable: Sendable, Equatable {
    /// The table's name in DynamoDB.
    public var name: String
    /// Whether several kinds of items share the table, told apart by their keys.
    public var isMultiEntity: Bool
    /// The relational table that the items mainly come from.
    public var sourceTable: String?
    /// The partition key.
    public var partitionKey: KeyAttribute
    /// The sort key; nil where the table has none.
    public var sortKey: KeyAttribute?
    /// The global secondary indexes, in the contract's order.
    public var indexes: [ContractIndex]
    /// The kinds of items. A single-entity table has exactly one, which bears the table's name.
    public var entities: [ContractEntity]
    /// Ids of the access patterns that the contract places on this table: "AP11".
    public var satisfies: [String]
    /// Estimated size of an item, names and values, in bytes; nil where the contract does not say.
    public var estimatedItemSizeInBytes: Int?

    /// Makes a table.
    public init(
        name: String, isMultiEntity: Bool = false, sourceTable: String? = nil, partitionKey: KeyAttribute,
        sortKey: KeyAttribute? = nil, indexes: [ContractIndex] = [], entities: [ContractEntity] = [],
        satisfies: [String] = [], estimatedItemSizeInBytes: Int? = nil
    ) {
        self.name = name
        self.isMultiEntity = isMultiEntity
        self.sourceTable = sourceTable
        self.partitionKey = partitionKey
        self.sortKey = sortKey
        self.indexes = indexes
        self.entities = entities
        self.satisfies = satisfies
        self.estimatedItemSizeInBytes = estimatedItemSizeInBytes
    }

    /// The index of exactly that name.
    public func index(named name: String) -> ContractIndex? { indexes.first { $0.name == name } }

    /// The kind of item of exactly that name.
    public func entity(named name: String) -> ContractEntity? { entities.first { $0.name == name } }

    /// The estimated size of an item of that kind in bytes: the entity's own, else the table's, else nil.
    public func estimatedItemSizeInBytes(of entity: String?) -> Int? {
        entity.flatMap { self.entity(named: $0)?.estimatedItemSizeInBytes } ?? estimatedItemSizeInBytes
    }
}

/// A key attribute's name and type.
public struct KeyAttribute: Sendable, Hashable {
    /// The attribute's name.
    public var name: String
    /// The attribute's type; DynamoDB allows `S`, `N` and `B` in a key.
    public var type: AttributeType

    /// Pairs a name with a type.
    public init(name: String, type: AttributeType = .S) {
        self.name = name
        self.type = type
    }
}

/// The types of DynamoDB attribute values, spelt as on the wire.
public enum AttributeType: String, Sendable, Hashable, CaseIterable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    // The wire's own spelling: "BOOL" and "boolean" would be one thing with two names.
    case S, N, B, SS, NS, BS, M, L, BOOL, NULL

    /// Whether a key attribute may have this type.
    public var isAllowedInKey: Bool { self == .S || self == .N || self == .B }
}

/// A global secondary index.
public struct ContractIndex: Sendable, Equatable {
    /// The index's name.
    public var name: String
    /// The index's partition key.
    public var partitionKey: KeyAttribute
    /// The index's sort key; nil where it has none.
    public var sortKey: KeyAttribute?
    /// Which attributes the index holds; all where the contract does not say.
    public var projection: Projection

    /// Makes an index.
    public init(
        name: String, partitionKey: KeyAttribute, sortKey: KeyAttribute? = nil, projection: Projection = .all
    ) {
        self.name = name
        self.partitionKey = partitionKey
        self.sortKey = sortKey
        self.projection = projection
    }
}

/// Which attributes an index holds besides its own keys and the table's.
public enum Projection: Sendable, Equatable {
    case all
    case keysOnly
    case include([String])
}
