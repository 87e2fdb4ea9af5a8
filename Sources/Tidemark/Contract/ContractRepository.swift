internal import AWSCore
public import ContractModel

/// Reads and writes one kind of item as the migration contract describes it.
///
/// Keys are made by the contract's templates and joins, those of indexes are filled in, writes that break the contract are
/// refused before anything is sent, and every call is filed under the access pattern that it names.
///
///     let carts = try ContractRepository(client: client, contract: contract, table: "Users", entity: "CART")
///     try await carts.put(["user_email": "a@b.c", "product_id": "17", "quantity": 2], pattern: "AP39")
///     let line = try await carts.get(["user_email": "a@b.c", "product_id": "17"], pattern: "AP38")
///
/// What a program gives are fields: the attributes of the contract, and what only keys hold, by the name of its hole. Every
/// method throws `contract` for a key or an item that breaks the contract: such a call is measured, not sent.
public struct ContractRepository: Sendable {
    /// The table.
    public let table: ContractTable
    /// The fields of the kind of item, and the keys that are made of them.
    public let layout: EntityLayout
    /// What no two items of the kind may share.
    public let uniqueConstraints: [UniqueConstraint]
    /// The client that carries the calls.
    public let client: DynamoDBClient
    /// Whether attributes may be written that the contract does not have.
    public var attributesOutsideContract = AttributesOutsideContract.refused
    let lookups: UniqueLookups
    /// Tells other kinds of items that a Query comes upon; nil where it comes upon none.
    let kind: KindCheck?

    /// A repository for one kind of item of a table.
    public init(client: DynamoDBClient, table: ContractTable, entity: ContractEntity) {
        var layout = EntityLayout(table: table, entity: entity)
        layout.others = TableKinds(table).others(of: entity.name)
        self.init(client: client, table: table, layout: layout, uniqueConstraints: entity.uniqueConstraints)
    }

    /// A repository for a kind of item whose layout is known.
    public init(
        client: DynamoDBClient, table: ContractTable, layout: EntityLayout, uniqueConstraints: [UniqueConstraint] = []
    ) {
        self.client = client
        self.table = table
        self.layout = layout
        self.uniqueConstraints = uniqueConstraints
        kind = KindCheck(layout)
        lookups = UniqueLookups(table: table, layout: layout, constraints: uniqueConstraints)
        client.directory.learn(KeySchema(table), of: table.name)
    }

    /// A repository for a kind of item by name.
    ///
    /// - Parameter entity: may be left out for a table with one kind of item.
    /// - Throws: `configuration` where the contract has no such table or entity.
    public init(
        client: DynamoDBClient, contract: MigrationContract, table: String, entity: String? = nil
    ) throws(TidemarkError) {
        guard let found = contract.table(named: table) else {
            throw TidemarkError(
                code: .configuration,
                message:
                    "the contract has no table '\(table)': it has \(contract.tables.map(\.name).joined(separator: ", "))"
            )
        }
        let kinds = found.entities
        guard let kind = entity.map({ found.entity(named: $0) }) ?? (kinds.count == 1 ? kinds.first : nil) else {
            throw TidemarkError(
                code: .configuration,
                message: "name one of the kinds of items of '\(table)': \(kinds.map(\.name).joined(separator: ", "))")
        }
        self.init(client: client, table: found, entity: kind)
    }

    /// The kind of item, where the contract describes it.
    public var entity: ContractEntity? { table.entity(named: layout.entity) }

    /// The key that the contract makes of the values.
    ///
    /// - Parameter values: a text for each hole of the templates; for a key without a template, under the key's name.
    public func key(_ values: KeyValues) throws(TidemarkError) -> Item {
        try refusing { () throws(ContractBreach) in try layout.primaryKey(values) }
    }

    /// The fields of an item as it is stored: without the keys that are made of them, what only keys hold read out of
    /// these, and without the texts that stand for no value.
    public func fields(of item: Item) -> Item { layout.fields(of: item) }

    /// The item that is stored for these fields.
    public func item(_ fields: Item) throws(TidemarkError) -> Item {
        try refusing { () throws(ContractBreach) in try stored(fields) }
    }

    // MARK: One item

    /// Reads an item by the values of its key, as it is stored; nil when there is none.
    public func get(
        _ values: KeyValues, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item? {
        let (key, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) in
            try layout.primaryKey(values)
        }
        return try await client.getItem(table: table.name, key: key, options: options).item
    }

    /// Reads an item by the values of its key, which has to be there.
    ///
    /// - Throws: `itemNotFound` where there is none.
    public func require(
        _ values: KeyValues, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item {
        let (key, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) in
            try layout.primaryKey(values)
        }
        return try await client.requireItem(table: table.name, key: key, options: options)
    }

    /// Stores an item in place of one with the same key.
    ///
    /// Of a kind with unique values the item in place is read first, and the items that hold the places of values which change
    /// are written in the same transaction.
    ///
    /// - Parameter fields: attributes, and what only keys hold. Keys may be left out where the fields make them.
    /// - Throws: `conditionFailed` where the condition does not hold, or another item has a unique value: its
    ///   `takenAttributes` say which.
    public func put(
        _ fields: Item, condition: Expression? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (item, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) in try ready(fields) }
        try await store(item, condition, options)
    }

    /// Sets and removes fields of an item that is there; gives the item as it is then.
    ///
    /// Keys of indexes that are made of these fields are changed too. Where such a key needs another field, which is not
    /// given, the update is refused. A change of a unique value is a transaction as in `put`, and the item is what a consistent
    /// read finds right after it.
    ///
    /// - Parameter createIfMissing: whether an item that is not there is made, of the key and the changes: they have to hold what the
    ///   contract requires. What a put fills in is filled in.
    /// - Throws: `conditionFailed` where there is no such item.
    @discardableResult
    public func update(
        _ values: KeyValues, set fields: Item, remove: [String] = [], condition: Expression? = nil,
        createIfMissing: Bool = false, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item? {
        try await update(values, [], set: fields, remove: remove, condition, createIfMissing, pattern, options)
    }

    /// Makes changes of an item that DynamoDB may compute: `[.add(-1, to: "bikes_available")]`. The rest is `update`'s.
    @discardableResult
    public func update(
        _ values: KeyValues, _ actions: [UpdateAction], condition: Expression? = nil, createIfMissing: Bool = false,
        pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item? {
        try await update(values, actions, set: [:], remove: [], condition, createIfMissing, pattern, options)
    }

    private func update(
        _ values: KeyValues, _ actions: [UpdateAction], set fields: Item, remove: [String], _ condition: Expression?,
        _ createIfMissing: Bool, _ pattern: String, _ options: CallOptions
    ) async throws(TidemarkError) -> Item? {
        let nothing = (key: Item(), actions: [UpdateAction]())
        let (update, options) = checked(pattern, options, else: nothing) { () throws(ContractBreach) in
            let made =
                actions.isEmpty
                ? try layout.change(set: fields, removing: remove, of: values).actions
                : try layout.change(actions, of: values)
            try check(actions.isEmpty ? ItemChange(set: fields, removed: remove).actions : actions)
            _ = try lookups.changed([:], by: made)
            let key = try layout.primaryKey(values)
            return (
                key: key, actions: createIfMissing ? try layout.creating(made, of: values, key: key) : made
            )
        }
        return try await change(update.key, update.actions, ifThere(condition, createIfMissing), options)
    }

    /// The condition of an update: DynamoDB would make an item that is not there of nothing but its key and the changes, and
    /// such a stub is no value to whoever reads it next.
    func ifThere(_ condition: Expression?, _ createIfMissing: Bool) -> Expression? {
        guard !createIfMissing else { return condition }
        let exists = Expression.exists(Path(table.partitionKey.name))
        return condition.map { exists && $0 } ?? exists
    }

    /// Deletes an item by the values of its key; one that is not there is no failure.
    ///
    /// Of a kind with unique values the item is read first, and the items that hold their places are deleted with it in one
    /// transaction.
    public func delete(
        _ values: KeyValues, condition: Expression? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (key, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) in
            try layout.primaryKey(values)
        }
        try await erase(key, condition, options)
    }

    // MARK: Pieces

    /// The item that is stored for these fields, once its unique values have places too.
    func ready(_ fields: Item) throws(ContractBreach) -> Item {
        let item = try stored(fields)
        _ = try lookups.places(of: item)
        return item
    }

    /// What the check gives, and options that name the pattern and carry what it refuses.
    func checked<Value>(
        _ pattern: String, _ options: CallOptions, else nothing: Value, _ body: () throws(ContractBreach) -> Value
    ) -> (Value, CallOptions) {
        var options = options
        options.pattern = pattern
        // What is refused already is only to be measured.
        guard options.refusal == nil else { return (nothing, options) }
        do {
            return (try body(), options)
        } catch {
            options.refusal = TidemarkError(code: .contract, message: error.reason)
            return (nothing, options)
        }
    }

    /// What the check gives, its refusal as an error of this table.
    func refusing<Value>(_ body: () throws(ContractBreach) -> Value) throws(TidemarkError) -> Value {
        do {
            return try body()
        } catch {
            throw TidemarkError(code: .contract, message: error.reason, table: table.name)
        }
    }
}
