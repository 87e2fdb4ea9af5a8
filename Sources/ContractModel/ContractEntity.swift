/// One kind of item in a table.
public struct ContractEntity: Sendable, Equatable {
    /// The kind's name ("ORDER"); the table's name in a single-entity table.
    public var name: String
    /// The relational table that it comes from.
    public var sourceTable: String?
    /// How the partition key is made; nil where the contract gives no template.
    public var partitionKeyTemplate: KeyTemplate?
    /// How the sort key is made; nil where the contract gives no template.
    public var sortKeyTemplate: KeyTemplate?
    /// The attributes, keys included, in the contract's order.
    public var attributes: [ContractAttribute]
    /// Estimated size of an item of this kind in bytes, where the contract gives one for it alone.
    public var estimatedItemSizeInBytes: Int?

    /// Makes a kind of item.
    public init(
        name: String, sourceTable: String? = nil, partitionKeyTemplate: KeyTemplate? = nil,
        sortKeyTemplate: KeyTemplate? = nil, attributes: [ContractAttribute] = [], estimatedItemSizeInBytes: Int? = nil
    ) {
        self.name = name
        self.sourceTable = sourceTable
        self.partitionKeyTemplate = partitionKeyTemplate
        self.sortKeyTemplate = sortKeyTemplate
        self.attributes = attributes
        self.estimatedItemSizeInBytes = estimatedItemSizeInBytes
    }

    /// The attribute of exactly that name.
    public func attribute(named name: String) -> ContractAttribute? { attributes.first { $0.name == name } }

    /// Whether items of this kind appear in the index: only an item that has the index's key attributes does.
    public func appears(in index: ContractIndex) -> Bool {
        guard attribute(named: index.partitionKey.name) != nil else { return false }
        return index.sortKey.map { attribute(named: $0.name) != nil } ?? true
    }
}

/// One attribute of an item and where its value comes from.
public struct ContractAttribute: Sendable, Equatable {
    /// The attribute's name in DynamoDB.
    public var name: String
    /// The attribute's type.
    public var type: AttributeType
    /// The relational table that the value is read from.
    public var sourceTable: String?
    /// The columns that the value is made of.
    public var sourceColumns: [String]
    /// The text that a string-format transformation makes the value from: "ORDER#{created_at}#{id}".
    public var format: KeyTemplate?
    /// The table that a join takes the value from, where it takes it from another.
    public var joinedTable: String?
    /// The column that a join selects, as the contract writes it: "users.email".
    public var joinedColumn: String?
    /// Whether the value is a copy of data that lives elsewhere.
    public var denormalized: Bool
    /// Why it is copied, where the contract says so.
    public var justification: String?

    /// Makes an attribute.
    public init(
        name: String, type: AttributeType, sourceTable: String? = nil, sourceColumns: [String] = [],
        format: KeyTemplate? = nil, joinedTable: String? = nil, joinedColumn: String? = nil,
        denormalized: Bool = false, justification: String? = nil
    ) {
        self.name = name
        self.type = type
        self.sourceTable = sourceTable
        self.sourceColumns = sourceColumns
        self.format = format
        self.joinedTable = joinedTable
        self.joinedColumn = joinedColumn
        self.denormalized = denormalized
        self.justification = justification
    }
}
