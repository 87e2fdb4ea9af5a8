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
    public func batchPut(
        _ items: [Item], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await batchWrite(pattern, options) { () throws(ContractBreach) -> [BatchWrite] in
            var writes: [BatchWrite] = []
            for fields in items { writes.append(.put(table: table.name, item: try layout.stored(fields))) }
            return writes
        }
    }

    /// Deletes any number of items by the values of their keys; each deletion stands alone.
    public func batchDelete(
        _ keys: [KeyValues], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await batchWrite(pattern, options) { () throws(ContractBreach) -> [BatchWrite] in
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
    /// - Throws: `conditionFailed` where there is an item with this key, or one of the unique values is taken: which, its
    ///   `cancellationReasons` say, the item's own first, then the constraints in the contract's order, then the others.
    public func create(
        _ fields: Item, with others: [TransactWrite] = [], token: String? = nil, pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (writes, options) = checked(pattern, options, else: []) { () throws(ContractBreach) -> [TransactWrite] in
            let item = try layout.stored(fields)
            return [.put(table: table.name, item: item, condition: .notExists(Path(table.partitionKey.name)))]
                + (try lookups(of: item))
        }
        try await client.transactWriteItems(writes + others, token: token, options: options)
    }

    /// Deletes an item together with the items that hold the places of its unique values.
    ///
    /// - Parameter fields: the item as it was read: its unique values must be known.
    public func remove(
        _ fields: Item, with others: [TransactWrite] = [], token: String? = nil, pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (writes, options) = checked(pattern, options, else: []) { () throws(ContractBreach) -> [TransactWrite] in
            let item = try layout.stored(layout.fields(of: fields))
            let taken = try lookups(of: item).compactMap { lookup -> TransactWrite? in
                guard case .put(let key) = lookup.action else { return nil }
                return .delete(table: lookup.table, key: key)
            }
            return [.delete(table: table.name, key: primaryKey(of: item))] + taken
        }
        try await client.transactWriteItems(writes + others, token: token, options: options)
    }

    /// Stores an item as a part of a transaction.
    public func transactPut(_ fields: Item, condition: Expression? = nil) throws(TidemarkError) -> TransactWrite {
        .put(table: table.name, item: try item(fields), condition: condition)
    }

    /// Changes an item as a part of a transaction; as `update`.
    public func transactUpdate(
        _ values: KeyValues, _ actions: [UpdateAction], condition: Expression? = nil
    ) throws(TidemarkError) -> TransactWrite {
        let actions = try refusing { () throws(ContractBreach) in try layout.change(actions, of: values) }
        return .update(table: table.name, key: try key(values), update: .update(actions), condition: condition)
    }

    /// Deletes an item as a part of a transaction.
    public func transactDelete(
        _ values: KeyValues, condition: Expression? = nil
    ) throws(TidemarkError) -> TransactWrite {
        .delete(table: table.name, key: try key(values), condition: condition)
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

    /// The items that hold the places of an item's unique values.
    private func lookups(of item: Item) throws(ContractBreach) -> [TransactWrite] {
        try UniqueLookup.writes(uniqueConstraints, of: item, layout: layout, tables: [table])
    }

    private func primaryKey(of item: Item) -> Item {
        var key: Item = [:]
        for name in [table.partitionKey.name, table.sortKey?.name].compactMap(\.self) { key[name] = item[name] }
        return key
    }
}

/// The items by which unique values are kept unique.
enum UniqueLookup {
    /// A write for each constraint: the lookup item, which must not be there yet.
    static func writes(
        _ constraints: [UniqueConstraint], of item: Item, layout: EntityLayout, tables: [ContractTable]
    ) throws(ContractBreach) -> [TransactWrite] {
        var writes: [TransactWrite] = []
        for constraint in constraints {
            let names = constraint.attributes.joined(separator: "', '")
            guard let lookup = constraint.lookup, let template = lookup.partitionKeyTemplate else {
                throw ContractBreach(
                    reason:
                        "\(layout.place)'s '\(names)' is unique by the contract, which names no lookup item: without "
                        + "one DynamoDB cannot keep it so")
            }
            let table = tables.first { $0.name == lookup.table }
            var texts: [String: String] = [:]
            for name in template.placeholders + (lookup.sortKeyTemplate?.placeholders ?? []) {
                texts[name] = item[name]?.keyText
            }
            var key: Item = [:]
            key[table?.partitionKey.name ?? "PK"] = .string(
                try rendered(template, texts, of: names, layout.place))
            if let sort = lookup.sortKeyTemplate {
                key[table?.sortKey?.name ?? "SK"] = .string(try rendered(sort, texts, of: names, layout.place))
            }
            let name = table?.partitionKey.name ?? "PK"
            writes.append(.put(table: lookup.table, item: key, condition: .notExists(Path(name))))
        }
        return writes
    }

    private static func rendered(
        _ template: KeyTemplate, _ texts: [String: String], of names: String, _ place: String
    ) throws(ContractBreach) -> String {
        guard let text = template.render(texts), !text.isEmpty else {
            throw ContractBreach(
                reason: "\(place)'s '\(names)' is unique by the contract: give a value for it")
        }
        return text
    }
}
