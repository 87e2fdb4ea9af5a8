/// What a migration contract says about the tables to be made: the part of it that run time needs.
public struct MigrationContract: Sendable, Equatable {
    /// The tables, in the contract's order.
    public var tables: [ContractTable]
    /// What the contract says beside its tables and this software does not know.
    public var unknownFields: [ContractField]

    /// Gathers tables into a contract.
    public init(tables: [ContractTable], unknownFields: [ContractField] = []) {
        self.tables = tables
        self.unknownFields = unknownFields
        placeLookups()
    }

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
    /// Items in this table that hold the places of unique values, of kinds in this or in other tables of the contract.
    public internal(set) var lookupItems: [UniqueConstraint.LookupItem] = []
    /// Ids of the access patterns that the contract places on this table: "AP11".
    public var satisfies: [String]
    /// Estimated size of an item, names and values, in bytes; nil where the contract does not say.
    public var estimatedItemSizeInBytes: Int?
    /// Estimated number of items; nil where the contract does not say.
    public var estimatedItemCount: Int?
    /// Billing, time to live, recovery and tags, where the contract says anything of them.
    public var settings: TableSettings
    /// Why the table is as it is, by the contract and the data model beside it.
    public var reasons: [DesignReason]
    /// What the contract says of it and this software does not know.
    public var unknownFields: [ContractField]

    /// Makes a table.
    public init(
        name: String, isMultiEntity: Bool = false, sourceTable: String? = nil, partitionKey: KeyAttribute,
        sortKey: KeyAttribute? = nil, indexes: [ContractIndex] = [], entities: [ContractEntity] = [],
        satisfies: [String] = [], estimatedItemSizeInBytes: Int? = nil, estimatedItemCount: Int? = nil,
        settings: TableSettings = TableSettings(), reasons: [DesignReason] = [], unknownFields: [ContractField] = []
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
        self.estimatedItemCount = estimatedItemCount
        self.settings = settings
        self.reasons = reasons
        self.unknownFields = unknownFields
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
