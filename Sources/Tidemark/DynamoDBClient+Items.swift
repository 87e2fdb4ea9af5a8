internal import AWSCore
internal import JSONBytes

/// What GetItem found.
public struct GetItemOutput: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The item, or nil when there is none with this key.
    public internal(set) var item: Item?

    func carried(by request: PreparedRequest) -> (items: Int, bytes: Int) {
        item.map { (1, ItemSize.bytes(of: $0)) } ?? (0, 0)
    }
}

/// What a write left or found.
public struct WriteOutput: CallOutput, OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The attributes that `returning` asked for; nil when there are none.
    public internal(set) var attributes: Item?
}

/// Which attributes a write gives back.
public enum ReturnValues: String, Sendable {
    /// None; the default.
    case none = "NONE"
    /// The whole item as it was before.
    case allOld = "ALL_OLD"
    /// The attributes that an update changed, as they were before.
    case updatedOld = "UPDATED_OLD"
    /// The whole item as an update left it.
    case allNew = "ALL_NEW"
    /// The attributes that an update changed, as it left them.
    case updatedNew = "UPDATED_NEW"
}

extension DynamoDBClient {
    /// Reads one item by its key.
    ///
    /// - Parameter projection: the attributes to be read, all if none is given: `.attributes(["id", "amount"])`.
    /// - Throws: any failure, classified; an item that is not there is no failure.
    public func getItem(
        table: String, key: Item, projection: Expression? = nil, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> GetItemOutput {
        try await perform(CallSite(operation: .getItem, table: table, options: options)) { () throws(ItemProblem) in
            let schema = directory.schema(of: table)
            var writer = RequestWriter()
            try writer.table(table)
            try writer.key(key, as: "Key", schema: schema)
            if options.consistentRead { writer.json.member("ConsistentRead", true) }
            try writer.expressions([(projection, "ProjectionExpression")])
            return writer.finish(
                keys: KeySchema.touchedKeys(
                    ofKey: key, in: table, schema: schema,
                    weight: TouchedKey.readBlock(consistent: options.consistentRead)))
        } decode: { response throws(JSONError) in
            var output = GetItemOutput()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "Item": output.item = try ItemCodec.readItem(from: &scanner)
                case "ConsumedCapacity":
                    output.report.consumed = try CapacityReader(isWrite: false).read(from: &scanner)
                default: return false
                }
                return true
            }
            return output
        }
    }

    /// Reads one item by its key, which has to be there.
    ///
    /// - Throws: `itemNotFound` where there is none: the call itself succeeded, and is measured so. Whatever `getItem`
    ///   throws.
    public func requireItem(
        table: String, key: Item, projection: Expression? = nil, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item {
        let found = try await getItem(table: table, key: key, projection: projection, options: options)
        return try required(found, at: CallSite(operation: .getItem, table: table, options: options))
    }

    /// The item that has to be there.
    func required(_ found: GetItemOutput, at site: CallSite) throws(TidemarkError) -> Item {
        if let item = found.item { return item }
        throw refusal(.itemNotFound, "there is no item with this key", after: found.report, at: site)
    }

    /// Stores an item, in place of one with the same key.
    ///
    /// - Parameters:
    ///   - condition: what must hold of the item in place: `.notExists("id")`.
    ///   - returning: `allOld` or `none`.
    ///   - returnItemOnConditionFailure: brings the item in the way with the error (`conflictingItem`).
    /// - Throws: `conditionFailed` when the condition does not hold; `validation` before anything is sent when the item
    ///   is over 400 KB or holds what DynamoDB refuses.
    @discardableResult
    public func putItem(
        table: String, item: Item, condition: Expression? = nil, returning: ReturnValues = .none,
        returnItemOnConditionFailure: Bool = false, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> WriteOutput {
        try await write(.putItem, table: table, options: options) { () throws(ItemProblem) in
            let schema = directory.schema(of: table)
            var writer = RequestWriter()
            try writer.table(table)
            let size = try writer.item(item, as: "Item", schema: schema)
            try writer.expressions([(condition, "ConditionExpression")])
            writer.returning(returning, onConditionFailure: returnItemOnConditionFailure)
            return writer.finish(
                keys: KeySchema.touchedKeys(
                    ofItem: item, in: table, schema: schema, weight: TouchedKey.writeWeight(itemBytes: size)))
        }
    }

    /// Changes an item's attributes, or makes the item where there is none.
    ///
    /// - Parameters:
    ///   - update: `[.set("amount", to: Path("amount") + 1), .remove("note")]`.
    ///   - condition: what must hold of the item before: `"status" == "open"`.
    ///   - returning: which attributes come back.
    ///   - returnItemOnConditionFailure: brings the item in the way with the error (`conflictingItem`).
    @discardableResult
    public func updateItem(
        table: String, key: Item, update: Expression, condition: Expression? = nil, returning: ReturnValues = .none,
        returnItemOnConditionFailure: Bool = false, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> WriteOutput {
        try await write(.updateItem, table: table, options: options) { () throws(ItemProblem) in
            try keyedWrite(
                table: table, key: key,
                expressions: [(update, "UpdateExpression"), (condition, "ConditionExpression")],
                returning: returning, onConditionFailure: returnItemOnConditionFailure)
        }
    }

    /// Deletes the item with this key; one that is not there is no failure.
    ///
    /// - Parameters:
    ///   - condition: what must hold of the item.
    ///   - returning: `allOld` or `none`.
    ///   - returnItemOnConditionFailure: brings the item in the way with the error (`conflictingItem`).
    @discardableResult
    public func deleteItem(
        table: String, key: Item, condition: Expression? = nil, returning: ReturnValues = .none,
        returnItemOnConditionFailure: Bool = false, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> WriteOutput {
        try await write(.deleteItem, table: table, options: options) { () throws(ItemProblem) in
            try keyedWrite(
                table: table, key: key, expressions: [(condition, "ConditionExpression")], returning: returning,
                onConditionFailure: returnItemOnConditionFailure)
        }
    }

    private func keyedWrite(
        table: String, key: Item, expressions: [(Expression?, String)], returning: ReturnValues,
        onConditionFailure: Bool
    ) throws(ItemProblem) -> PreparedRequest {
        let schema = directory.schema(of: table)
        var writer = RequestWriter()
        try writer.table(table)
        try writer.key(key, as: "Key", schema: schema)
        try writer.expressions(expressions, schema: schema)
        writer.returning(returning, onConditionFailure: onConditionFailure)
        var request = writer.finish(keys: KeySchema.touchedKeys(ofKey: key, in: table, schema: schema))
        request.items = 1
        return request
    }

    private func write(
        _ operation: Operation, table: String, options: CallOptions,
        prepare: () throws(ItemProblem) -> PreparedRequest
    ) async throws(TidemarkError) -> WriteOutput {
        try await writeItem(CallSite(operation: operation, table: table, options: options), prepare: prepare)
    }

    /// Any write of one item.
    @discardableResult
    func writeItem(
        _ site: CallSite, prepare: () throws(ItemProblem) -> PreparedRequest
    ) async throws(TidemarkError) -> WriteOutput {
        try await perform(site, prepare: prepare) { response throws(JSONError) in
            var output = WriteOutput()
            try ResponseReader.read(response.body) { name, scanner throws(JSONError) in
                switch name {
                case "Attributes": output.attributes = try ItemCodec.readItem(from: &scanner)
                case "ConsumedCapacity": output.report.consumed = try CapacityReader(isWrite: true).read(from: &scanner)
                default: return false
                }
                return true
            }
            return output
        }
    }
}

extension RequestWriter {
    mutating func returning(_ values: ReturnValues, onConditionFailure: Bool) {
        if values != .none { json.member("ReturnValues", values.rawValue) }
        if onConditionFailure { json.member("ReturnValuesOnConditionCheckFailure", "ALL_OLD") }
    }
}
