/// A key attribute's name and type.
public struct KeyAttribute: Sendable, Hashable {
    /// The attribute's name.
    public var name: String
    /// The attribute's type; DynamoDB allows `S`, `N` and `B` in a key.
    public var type: AttributeType
    /// How the key is put together where its name names several attributes: "product_id#order_date" is
    /// `{product_id}#{order_date}`. Entities' templates already hold it. Nil for a key of one attribute.
    public var composite: KeyTemplate?
    /// About how many different values the key has, where the contract says; what one partition must bear follows from it.
    public var estimatedDistinctValues: Int?

    /// Pairs a name with a type.
    public init(
        name: String, type: AttributeType = .S, composite: KeyTemplate? = nil, estimatedDistinctValues: Int? = nil
    ) {
        self.name = name
        self.type = type
        self.composite = composite
        self.estimatedDistinctValues = estimatedDistinctValues
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
    /// Estimated number of items in the index, where the contract gives one: fewer than its table has, where some lack its key.
    public var estimatedItemCount: Int?
    /// The access patterns that the index itself says it is for; the table's `satisfies` has them too.
    public var satisfies: [String]
    /// Why the index is as it is, by the contract and the data model beside it.
    public var reasons: [DesignReason]
    /// What the contract says of it and this software does not know.
    public var unknownFields: [ContractField]

    /// Makes an index.
    public init(
        name: String, partitionKey: KeyAttribute, sortKey: KeyAttribute? = nil, projection: Projection = .all,
        estimatedItemCount: Int? = nil, satisfies: [String] = [], reasons: [DesignReason] = [],
        unknownFields: [ContractField] = []
    ) {
        self.name = name
        self.partitionKey = partitionKey
        self.sortKey = sortKey
        self.projection = projection
        self.estimatedItemCount = estimatedItemCount
        self.satisfies = satisfies
        self.reasons = reasons
        self.unknownFields = unknownFields
    }
}

/// Which attributes an index holds besides its own keys and the table's.
public enum Projection: Sendable, Equatable {
    case all
    case keysOnly
    case include([String])
}
