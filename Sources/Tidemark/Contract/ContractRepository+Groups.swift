internal import AWSCore
internal import ContractModel

extension ContractRepository {
    // MARK: Batches

    /// Reads any number of items by the values of their keys, as they are stored and in no order; what is not there is
    /// left out.
    public func batchGet(
        _ keys: [KeyValues], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> [Item] {
        let (made, options) = checked(pattern, options, else: []) { () throws(ContractBreach) -> [Item] in
            var made: [Item] = []
            for values in keys { made.append(try layout.primaryKey(values)) }
            return made
        }
        // What is refused is measured as one call.
        guard options.refusal == nil else {
            return try await client.batchGetItem([BatchGet(table: table.name, keys: [])], options: options).items[
                table.name, default: []]
        }
        return try await client.batchGetAll(BatchGet(table: table.name, keys: made), options: options)
    }

    /// Stores any number of items; each write stands alone.
    ///
    /// - Throws: `contract` for a kind of item with unique values: only a transaction keeps them, so `put` one by one.
    public func batchPut(
        _ items: [Item], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await batchWrite(pattern, options) { () throws(ContractBreach) -> [BatchWrite] in
            try refuseUnique("a batch write", "put")
            var writes: [BatchWrite] = []
            for fields in items { writes.append(.put(table: table.name, item: try stored(fields))) }
            return writes
        }
    }

    /// Deletes any number of items by the values of their keys; each deletion stands alone.
    ///
    /// - Throws: `contract` for a kind of item with unique values: only a transaction gives them up, so `delete` one by one.
    public func batchDelete(
        _ keys: [KeyValues], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await batchWrite(pattern, options) { () throws(ContractBreach) -> [BatchWrite] in
            try refuseUnique("a batch write", "delete")
            var writes: [BatchWrite] = []
            for values in keys { writes.append(.delete(table: table.name, key: try layout.primaryKey(values))) }
            return writes
        }
    }

    private func batchWrite(
        _ pattern: String, _ options: CallOptions, _ body: () throws(ContractBreach) -> [BatchWrite]
    ) async throws(TidemarkError) {
        let (writes, options) = checked(pattern, options, else: [], body)
        guard options.refusal == nil else {
            try await client.batchWriteItem([.delete(table: table.name, key: [:])], options: options)
            return
        }
        try await client.batchWriteAll(writes, options: options)
    }

    // MARK: Transactions

    /// Stores a new item, and with it the items that hold the places of its unique values: all or none.
    ///
    /// - Parameter others: writes that belong to the same transaction.
    /// - Throws: `conditionFailed` where there is an item with this key, or one of the unique values is taken: which, the
    ///   error's `takenAttributes` say. Its `cancellationReasons` are in the order of the item itself, its places in the contract's
    ///   order, the others.
    public func create(
        _ fields: Item, with others: [TransactWrite] = [], token: String? = nil, pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let nothing = (item: Item(), exchange: UniqueLookups.Exchange(taken: [], given: []))
        let (made, options) = checked(pattern, options, else: nothing) { () throws(ContractBreach) in
            let item = try stored(fields)
            return (item: item, exchange: try lookups.exchange(from: nil, to: item))
        }
        try await takePlaces(creation(of: made.item), made.exchange, with: others, token: token, options)
    }

    /// Deletes an item together with the items that hold the places of its unique values.
    ///
    /// - Parameter fields: the item as it was read: its unique values must be known.
    /// - Throws: `conditionFailed` where there is no such item any more, or its unique values have changed since it was read.
    public func remove(
        _ fields: Item, with others: [TransactWrite] = [], token: String? = nil, pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (writes, options) = checked(pattern, options, else: []) { () throws(ContractBreach) in
            try removal(of: fields)
        }
        // What is refused is measured at this table.
        let own = options.refusal == nil ? writes : [.delete(table: table.name, key: [:])]
        try await client.transactWriteItems(own + others, token: token, options: options)
    }

    private func creation(of item: Item) -> TransactWrite {
        .put(table: table.name, item: item, condition: .notExists(Path(table.partitionKey.name)))
    }

    private func removal(of fields: Item) throws(ContractBreach) -> [TransactWrite] {
        let item = try layout.stored(layout.fields(of: fields))
        let own = TransactWrite.delete(
            table: table.name, key: primaryKey(of: item),
            condition: lookups.isEmpty ? nil : lookups.unchanged(item))
        return [own] + (try lookups.exchange(from: item, to: nil).writes)
    }

    /// The writes of a transaction that store a new item and take the places of its unique values.
    public func transactCreate(_ fields: Item) throws(TidemarkError) -> [TransactWrite] {
        try refusing { () throws(ContractBreach) in
            let item = try stored(fields)
            return [creation(of: item)] + (try lookups.exchange(from: nil, to: item).writes)
        }
    }

    /// The writes of a transaction that store an item in place of one that was read, whose unique values may not have changed
    /// since, and that exchange the places of those that differ.
    public func transactReplace(_ old: Item, with fields: Item) throws(TidemarkError) -> [TransactWrite] {
        try refusing { () throws(ContractBreach) in
            let (before, after) = (try layout.stored(layout.fields(of: old)), try stored(fields))
            guard primaryKey(of: before) == primaryKey(of: after) else {
                throw ContractBreach(
                    reason: "\(layout.place)'s item would replace one with another key: remove that and create this one"
                )
            }
            let own = TransactWrite.put(
                table: table.name, item: after, condition: lookups.isEmpty ? nil : lookups.unchanged(before))
            return [own] + (try lookups.exchange(from: before, to: after).writes)
        }
    }

    /// The writes of a transaction that delete an item that was read, whose unique values may not have changed since, and give
    /// up the places of these.
    public func transactRemove(_ fields: Item) throws(TidemarkError) -> [TransactWrite] {
        try refusing { () throws(ContractBreach) in try removal(of: fields) }
    }

    /// Stores an item as a part of a transaction.
    ///
    /// - Throws: `contract` for a kind of item with unique values, which need more than one write: `transactCreate` and
    ///   `transactReplace` make them.
    public func transactPut(_ fields: Item, condition: Expression? = nil) throws(TidemarkError) -> TransactWrite {
        try refusing { () throws(ContractBreach) in
            try refuseUnique("a single write", "transactCreate' or 'transactReplace")
        }
        return .put(table: table.name, item: try item(fields), condition: condition)
    }

    /// Changes an item as a part of a transaction; as `update`. A unique value is changed by `transactReplace`.
    public func transactUpdate(
        _ values: KeyValues, _ actions: [UpdateAction], condition: Expression? = nil, createIfMissing: Bool = false
    ) throws(TidemarkError) -> TransactWrite {
        try refusing { () throws(ContractBreach) in
            try check(actions)
            var made = try layout.change(actions, of: values)
            if lookups.areTouched(by: made) { try refuseUnique("a single write", "transactReplace") }
            let key = try layout.primaryKey(values)
            if createIfMissing { made = try layout.creating(made, of: values, key: key) }
            return .update(
                table: table.name, key: key, update: .update(made), condition: ifThere(condition, createIfMissing))
        }
    }

    /// Deletes an item as a part of a transaction.
    ///
    /// - Throws: `contract` for a kind of item with unique values, which need more than one write: `transactRemove` makes them.
    public func transactDelete(
        _ values: KeyValues, condition: Expression? = nil
    ) throws(TidemarkError) -> TransactWrite {
        try refusing { () throws(ContractBreach) in try refuseUnique("a single write", "transactRemove") }
        return .delete(table: table.name, key: try key(values), condition: condition)
    }

    /// Checks an item as a part of a transaction.
    public func transactCheck(_ values: KeyValues, condition: Expression) throws(TidemarkError) -> TransactWrite {
        .check(table: table.name, key: try key(values), condition: condition)
    }

    /// Reads an item as a part of a transaction.
    public func transactGet(_ values: KeyValues) throws(TidemarkError) -> TransactGet {
        TransactGet(table: table.name, key: try key(values))
    }

    // MARK: Pieces

    private func refuseUnique(_ what: String, _ instead: String) throws(ContractBreach) {
        guard !lookups.isEmpty else { return }
        throw ContractBreach(
            reason:
                "\(layout.place)'s \(lookups.spoken) is unique by the contract, and \(what) cannot keep the item that "
                + "holds its place: use '\(instead)'")
    }
}
