internal import AWSCore
internal import ContractModel

extension TypedRepository {
    // MARK: Batches

    /// Reads any number of values by the values of their keys, in no order; what is not there is left out.
    public func batchGet(
        _ keys: [KeyValues], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> [Value] {
        var named = options
        named.pattern = pattern
        let site = CallSite(operation: .batchGetItem, table: untyped.table.name, options: named)
        var values: [Value] = []
        for item in try await untyped.batchGet(keys, pattern: pattern, options: options) {
            values.append(try decoded(item, at: site))
        }
        return values
    }

    /// Stores any number of values; each write stands alone. Those with unique values are refused: `put` them one by one.
    public func batchPut(
        _ values: [Value], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        var options = options
        let items = fields(of: values, &options)
        try await untyped.batchPut(items, pattern: pattern, options: options)
    }

    /// Deletes any number of items by the values of their keys; each deletion stands alone. Those with unique values are
    /// refused: `delete` them one by one.
    public func batchDelete(
        _ keys: [KeyValues], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await untyped.batchDelete(keys, pattern: pattern, options: options)
    }

    // MARK: Transactions

    /// Stores a new value, and with it the items that hold the places of its unique values: all or none.
    ///
    /// - Parameters:
    ///   - others: writes that belong to the same transaction.
    ///   - token: makes repeating the same transaction within 10 minutes harmless; one is made where none is given.
    /// - Throws: `conditionFailed` where there is an item with this key, or one of the unique values is taken: which, the
    ///   error's `takenAttributes` say.
    public func create(
        _ value: Value, with others: [TransactWrite] = [], token: String? = nil, pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        var options = options
        let item = fields(of: [value], &options).first ?? [:]
        try await untyped.create(
            item, with: others, token: token, pattern: pattern, options: options)
    }

    /// Deletes a value together with the items that hold the places of its unique values.
    ///
    /// - Throws: `conditionFailed` where there is no such item any more, or its unique values have changed since it was read.
    public func remove(
        _ value: Value, with others: [TransactWrite] = [], token: String? = nil, pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        var options = options
        let item = fields(of: [value], &options).first ?? [:]
        try await untyped.remove(item, with: others, token: token, pattern: pattern, options: options)
    }

    /// Writes of a transaction that this and other repositories have made, all or none.
    public func transact(
        _ writes: [TransactWrite], token: String? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        var options = options
        options.pattern = pattern
        try await client.transactWriteItems(writes, token: token, options: options)
    }

    /// The writes of a transaction that store a new value and take the places of its unique values.
    public func transactCreate(_ value: Value) throws(TidemarkError) -> [TransactWrite] {
        try untyped.transactCreate(try fields(of: value))
    }

    /// The writes of a transaction that store a value in place of one that was read, whose unique values may not have changed
    /// since, and that exchange the places of those that differ.
    public func transactReplace(_ old: Value, with value: Value) throws(TidemarkError) -> [TransactWrite] {
        try untyped.transactReplace(try fields(of: old), with: try fields(of: value))
    }

    /// The writes of a transaction that delete a value that was read, whose unique values may not have changed since, and give
    /// up the places of these.
    public func transactRemove(_ value: Value) throws(TidemarkError) -> [TransactWrite] {
        try untyped.transactRemove(try fields(of: value))
    }

    /// Stores a value as a part of a transaction.
    ///
    /// - Throws: `contract` for a kind of item with unique values, which need more than one write: `transactCreate` and
    ///   `transactReplace` make them.
    public func transactPut(_ value: Value, condition: Expression? = nil) throws(TidemarkError) -> TransactWrite {
        try untyped.transactPut(try fields(of: value), condition: condition)
    }

    /// Makes changes of an item as a part of a transaction; as `update`, of an item that is there.
    public func transactUpdate(
        _ values: KeyValues, _ changes: ItemChanges, condition: Expression? = nil, createIfMissing: Bool = false
    ) throws(TidemarkError) -> TransactWrite {
        try transactUpdate(
            values, ItemChange(set: changes.set, removed: changes.removed).actions, condition: condition,
            createIfMissing: createIfMissing)
    }

    /// Makes changes that DynamoDB computes, as a part of a transaction: `[.add(-1, to: "bikes_available")]`.
    public func transactUpdate(
        _ values: KeyValues, _ actions: [UpdateAction], condition: Expression? = nil, createIfMissing: Bool = false
    ) throws(TidemarkError) -> TransactWrite {
        try untyped.transactUpdate(values, actions, condition: condition, createIfMissing: createIfMissing)
    }

    /// Deletes an item as a part of a transaction.
    public func transactDelete(_ values: KeyValues, condition: Expression? = nil) throws(TidemarkError) -> TransactWrite
    {
        try untyped.transactDelete(values, condition: condition)
    }

    /// Checks an item as a part of a transaction.
    public func transactCheck(_ values: KeyValues, condition: Expression) throws(TidemarkError) -> TransactWrite {
        try untyped.transactCheck(values, condition: condition)
    }

    /// Reads a value as a part of a transaction; `value(of:)` makes it of what the transaction found.
    public func transactGet(_ values: KeyValues) throws(TidemarkError) -> TransactGet {
        try untyped.transactGet(values)
    }

    /// The value of an item that a transaction or another call of the client has read.
    public func value(of item: Item) throws(TidemarkError) -> Value {
        try decoded(item, at: CallSite(operation: .transactGetItems, table: untyped.table.name, options: CallOptions()))
    }
}
