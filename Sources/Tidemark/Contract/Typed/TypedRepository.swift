internal import AWSCore
internal import ContractModel
internal import JSONBytes

/// Reads and writes the values of one type as items of a migration contract.
///
/// Generated repositories are made of it, a method for each access pattern; what they lack is done with it directly:
///
///     extension RideRepository {
///         func isOpen(riderID: String, rideID: String) async throws(TidemarkError) -> Bool {
///             try await items.require(["rider_id": riderID, "ride_id": rideID], pattern: "AP8").endedAt == nil
///         }
///     }
///
/// Every method throws `contract` for a key or a value that breaks the contract: such a call is measured, not sent.
public struct TypedRepository<Value: ContractItem>: Sendable {
    /// The same items without their type.
    public let untyped: ContractRepository
    private let encoder = ItemEncoder<Value>()

    /// A repository over a client.
    public init(client: DynamoDBClient) {
        untyped = ContractRepository(
            client: client, table: Value.table, layout: Value.layout, uniqueConstraints: Value.uniqueConstraints)
    }

    /// The client that carries the calls.
    public var client: DynamoDBClient { untyped.client }

    private var tableName: String { untyped.table.name }

    // MARK: One value

    /// Reads the value under the values of a key; nil where there is none.
    ///
    /// - Throws: `decoding` where the item is no such value: the call itself succeeded, and is measured so.
    public func get(
        _ values: KeyValues, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value? {
        let (key, options) = untyped.checked(pattern, options, else: [:]) { () throws(ContractBreach) in
            try untyped.layout.primaryKey(values)
        }
        let site = CallSite(operation: .getItem, table: tableName, options: options)
        let output: TypedGetOutput<Value> = try await client.perform(site) { () throws(ItemProblem) in
            var writer = RequestWriter()
            try writer.table(tableName)
            try writer.key(key, as: "Key", schema: encoder.schema)
            if options.consistentRead { writer.json.member("ConsistentRead", true) }
            return writer.finish(
                keys: KeySchema.touchedKeys(
                    ofKey: key, in: tableName, schema: encoder.schema,
                    weight: TouchedKey.readBlock(consistent: options.consistentRead)))
        } decode: { response throws(JSONError) in
            try TypedGetOutput(response.body)
        }
        if let problem = output.problem { throw decoding(problem, at: site, of: key) }
        return output.value
    }

    /// Reads the value under the values of a key, which has to be there.
    ///
    /// - Throws: `itemNotFound` where there is none. Whatever `get` throws.
    public func require(
        _ values: KeyValues, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value {
        if let value = try await get(values, pattern: pattern, options: options) { return value }
        var options = options
        options.pattern = pattern
        throw TidemarkError(code: .itemNotFound, message: "there is no item with this key").at(
            CallSite(operation: .getItem, table: tableName, options: options))
    }

    /// Stores a value in place of one with the same key.
    ///
    /// Of a kind with unique values the item in place is read first, and the items that hold the places of values which change
    /// are written in the same transaction.
    ///
    /// - Parameter condition: what must hold of the item in place: `.notExists("PK")`.
    /// - Throws: `conditionFailed` where the condition does not hold, or another item has a unique value: its
    ///   `takenAttributes` say which.
    public func put(
        _ value: Value, condition: Expression? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        var options = options
        options.pattern = pattern
        var item = EncodedItem(json: [], sizeInBytes: 0, keys: [])
        do {
            item = try encoder.encode(value)
        } catch {
            options.refusal = error
        }
        if !untyped.lookups.isEmpty, options.refusal == nil {
            return try await untyped.put(
                try fields(of: value), condition: condition, pattern: pattern, options: options)
        }
        let (table, schema) = (tableName, encoder.schema)
        try await client.writeItem(CallSite(operation: .putItem, table: table, options: options)) {
            () throws(ItemProblem) in
            var writer = RequestWriter(reserving: item.json.count + 256)
            try writer.table(table)
            writer.encoded(item, as: "Item")
            try writer.expressions([(condition, "ConditionExpression")])
            return writer.finish(keys: item.touchedKeys(in: table, schema))
        }
    }

    /// Makes changes of the item under the values of a key; gives it as it is then. Keys of indexes are brought along,
    /// and where a unique value changes, so are the items that hold its places, in one transaction.
    ///
    /// - Parameters:
    ///   - condition: what must hold of the item besides.
    ///   - createIfMissing: whether an item that is not there is made, of the key and the changes: they have to hold whatever the
    ///     type requires. What a put fills in is filled in.
    /// - Throws: `conditionFailed` where there is no such item. `contract` where a key of an index cannot be told from the
    ///   changes alone.
    @discardableResult
    public func update(
        _ values: KeyValues, _ changes: ItemChanges, condition: Expression? = nil, createIfMissing: Bool = false,
        pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value? {
        let item = try await untyped.update(
            values, set: changes.set, remove: changes.removed, condition: condition, createIfMissing: createIfMissing,
            pattern: pattern, options: options)
        var options = options
        options.pattern = pattern
        return try item.map { item throws(TidemarkError) in
            try decoded(item, at: CallSite(operation: .updateItem, table: tableName, options: options))
        }
    }

    /// Deletes the item under the values of a key; one that is not there is no failure. The items that hold the places of its
    /// unique values are deleted with it.
    public func delete(
        _ values: KeyValues, condition: Expression? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await untyped.delete(values, condition: condition, pattern: pattern, options: options)
    }

    // MARK: Pieces

    /// The value's item as the same items without their type take it: a key that is nil is meant to be none.
    func fields(of value: Value) throws(TidemarkError) -> Item {
        var item: Item
        do {
            item = try value.item()
        } catch {
            var error = error
            error.table = tableName
            throw error
        }
        for field in Value.layout.fields {
            if let stored = item[field.name], Value.layout.standsForNone(stored, as: field) { item[field.name] = nil }
            if field.isAskedFor, item[field.name] == nil { item[field.name] = .null }
        }
        return item
    }

    /// The same of several values. What cannot be stored goes with the options, so that the call is measured as one that was
    /// refused.
    func fields(of values: [Value], _ options: inout CallOptions) -> [Item] {
        var items: [Item] = []
        do throws(TidemarkError) {
            for value in values { items.append(try fields(of: value)) }
        } catch {
            options.refusal = error
        }
        return items
    }

    func decoded(_ item: Item, at site: CallSite) throws(TidemarkError) -> Value {
        do {
            return try Value(item: item)
        } catch {
            throw decoding(error, at: site, of: untyped.primaryKey(of: item))
        }
    }

    /// The call is over and counted as what it was, a success: what fails is the reading of its answer.
    ///
    /// - Parameter key: the item's.
    func decoding(_ problem: ItemCodingError, at site: CallSite, of key: Item?) -> TidemarkError {
        var error = TidemarkError(code: .decoding, message: "").at(site)
        error.say("the item is no \(Value.self): \(problem.description)")
        error.unreadableKey = key
        error.correlationID = site.options.correlationID ?? ""
        return error
    }
}

extension RequestWriter {
    /// Writes an item that is encoded already, and has been checked.
    mutating func encoded(_ item: EncodedItem, as member: String) {
        json.key(member)
        json.raw(item.json)
        count(itemOf: item.sizeInBytes)
    }
}
