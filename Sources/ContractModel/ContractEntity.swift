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
    /// How the keys of indexes are made, for those that the contract gives templates of.
    public var indexKeys: [IndexKeyTemplates]
    /// The attributes, keys included, in the contract's order.
    public var attributes: [ContractAttribute]
    /// What no two items of this kind may share.
    public var uniqueConstraints: [UniqueConstraint]
    /// Estimated size of an item of this kind in bytes, where the contract gives one for it alone.
    public var estimatedItemSizeInBytes: Int?
    /// Estimated number of items of this kind, where the contract gives one.
    public var estimatedItemCount: Int?
    /// What the contract says of it and this software does not know.
    public var unknownFields: [ContractField]

    /// Makes a kind of item.
    public init(
        name: String, sourceTable: String? = nil, partitionKeyTemplate: KeyTemplate? = nil,
        sortKeyTemplate: KeyTemplate? = nil, indexKeys: [IndexKeyTemplates] = [], attributes: [ContractAttribute] = [],
        uniqueConstraints: [UniqueConstraint] = [], estimatedItemSizeInBytes: Int? = nil,
        estimatedItemCount: Int? = nil, unknownFields: [ContractField] = []
    ) {
        self.name = name
        self.sourceTable = sourceTable
        self.partitionKeyTemplate = partitionKeyTemplate
        self.sortKeyTemplate = sortKeyTemplate
        self.indexKeys = indexKeys
        self.attributes = attributes
        self.uniqueConstraints = uniqueConstraints
        self.estimatedItemSizeInBytes = estimatedItemSizeInBytes
        self.estimatedItemCount = estimatedItemCount
        self.unknownFields = unknownFields
    }

    /// The attribute of exactly that name.
    public func attribute(named name: String) -> ContractAttribute? { attributes.first { $0.name == name } }

    /// The templates of that index's keys, where the contract gives any.
    public func keys(of index: ContractIndex) -> IndexKeyTemplates? { indexKeys.first { $0.index == index.name } }

    /// How a key attribute of the table is made: by the entity's template, else by the attribute's own format.
    public func template(of key: KeyAttribute, in table: ContractTable) -> KeyTemplate? {
        if key.name == table.partitionKey.name, let template = making(key, partitionKeyTemplate) { return template }
        if key.name == table.sortKey?.name, let template = making(key, sortKeyTemplate) { return template }
        return attribute(named: key.name)?.format
    }

    /// The template, unless it only says that the key is its own attribute: "{customer_id}" of `customer_id`.
    private func making(_ key: KeyAttribute, _ template: KeyTemplate?) -> KeyTemplate? {
        template?.bareHole == key.name && attribute(named: key.name) != nil ? nil : template
    }

    /// How a key attribute of an index is made: by the index's template, by the attribute's own format, or, where it is a key
    /// of the table too, as that is.
    public func template(of key: KeyAttribute, of index: ContractIndex, in table: ContractTable) -> KeyTemplate? {
        let own = keys(of: index)
        if key.name == index.partitionKey.name, let template = making(key, own?.partitionKey) { return template }
        if key.name == index.sortKey?.name, let template = making(key, own?.sortKey) { return template }
        return template(of: key, in: table)
    }

    /// Whether items of this kind appear in an index of the table: only an item that has the index's key attributes does. What
    /// is a key of the table every item has, whether or not the contract lists it as an attribute.
    public func appears(in index: ContractIndex, of table: ContractTable) -> Bool {
        let own = keys(of: index)
        func has(_ key: KeyAttribute, _ template: KeyTemplate?) -> Bool {
            template != nil || key.name == table.partitionKey.name || key.name == table.sortKey?.name
                || attribute(named: key.name) != nil
        }
        return has(index.partitionKey, own?.partitionKey) && (index.sortKey.map { has($0, own?.sortKey) } ?? true)
    }
}

/// How one kind of item makes the keys of an index.
public struct IndexKeyTemplates: Sendable, Hashable {
    /// The index's name.
    public var index: String
    /// The partition key's template; nil where an attribute of its name holds it.
    public var partitionKey: KeyTemplate?
    /// The sort key's template; nil where an attribute of its name holds it, or the index has no sort key.
    public var sortKey: KeyTemplate?

    /// Names an index's templates.
    public init(index: String, partitionKey: KeyTemplate? = nil, sortKey: KeyTemplate? = nil) {
        self.index = index
        self.partitionKey = partitionKey
        self.sortKey = sortKey
    }
}
