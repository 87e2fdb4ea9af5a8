internal import AWSCore

/// One page of a query, its items as values of a type.
public struct TypedPage<Value: Sendable>: OperationResult {
    /// What is known of the call.
    public internal(set) var report = CallReport()
    /// The values of the items that passed the filter.
    public internal(set) var items: [Value]
    /// How many items were read, and paid for, before the filter.
    public internal(set) var scannedCount: Int
    /// Where the next page starts; nil on the last page.
    public internal(set) var lastKey: Item?
}

extension DynamoDBClient {
    /// Reads the value under a key; nil where there is none.
    ///
    ///     let order = try await client.get(Order.self, from: "Orders", key: ["id": "o-1"])
    ///
    /// - Throws: `decoding` where the item is no such value: the error names the attribute. Any failure of the call.
    public func get<Value: Decodable & Sendable>(
        _ type: Value.Type, from table: String, key: Item, coder: ItemCoder = ItemCoder(),
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value? {
        let found = try await getItem(table: table, key: key, options: options)
        guard let item = found.item else { return nil }
        let site = CallSite(operation: .getItem, table: table, options: options)
        return try decoded(type, item, coder, of: found.report, at: site)
    }

    /// Reads the value under a key, which has to be there.
    ///
    /// - Throws: `itemNotFound` where there is none: the call itself succeeded, and is measured so. Whatever `get` throws.
    public func require<Value: Decodable & Sendable>(
        _ type: Value.Type, from table: String, key: Item, coder: ItemCoder = ItemCoder(),
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value {
        let found = try await getItem(table: table, key: key, options: options)
        let site = CallSite(operation: .getItem, table: table, options: options)
        return try decoded(type, try required(found, at: site), coder, of: found.report, at: site)
    }

    /// Stores a value as an item, in place of one with the same key. Its properties hold the key's attributes.
    ///
    /// - Parameter condition: what must hold of the item in place: `.notExists("id")`.
    /// - Throws: `validation` before anything is sent where the value has no form that DynamoDB can hold. Any failure of
    ///   the call.
    public func put(
        _ value: some Encodable & Sendable, into table: String, condition: Expression? = nil,
        coder: ItemCoder = ItemCoder(), options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        var options = options
        var item: Item = [:]
        do {
            item = try coder.encode(value)
        } catch {
            // The call goes on without its item, to be measured as one that was refused before it was sent.
            options.refusal = TidemarkError(
                code: .validation, message: "\(type(of: value)) cannot be stored: \(error.description)")
        }
        try await putItem(table: table, item: item, condition: condition, options: options)
    }

    /// Reads a page of the values of one partition. The parameters are those of the query that gives items.
    ///
    /// - Throws: `decoding` where one of the items is no such value: the error names its place and the attribute. Any
    ///   failure of the call.
    public func query<Value: Decodable & Sendable>(
        _ type: Value.Type, from table: String, index: String? = nil, keyCondition: Expression,
        filter: Expression? = nil, limit: Int? = nil, startAfter: Item? = nil, ascending: Bool = true,
        coder: ItemCoder = ItemCoder(), options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TypedPage<Value> {
        let page = try await query(
            table: table, index: index, keyCondition: keyCondition, filter: filter, limit: limit,
            startAfter: startAfter, ascending: ascending, options: options)
        var site = CallSite(operation: .query, table: table, options: options)
        site.index = index ?? ""
        var values: [Value] = []
        values.reserveCapacity(page.items.count)
        for item in page.items {
            values.append(try decoded(type, item, coder, of: page.report, at: site, number: values.count + 1))
        }
        return TypedPage(
            report: page.report, items: values, scannedCount: page.scannedCount, lastKey: page.lastKey)
    }

    /// The call is over and counted as what it was, a success: what fails here is the caller's type.
    private func decoded<Value: Decodable>(
        _ type: Value.Type, _ item: Item, _ coder: ItemCoder, of report: CallReport, at site: CallSite,
        number: Int? = nil
    ) throws(TidemarkError) -> Value {
        do {
            return try coder.decode(type, from: item)
        } catch {
            let place = number.map { "item \($0)" } ?? "the item"
            throw refusal(.decoding, "\(place) is no \(type): \(error.description)", after: report, at: site)
        }
    }
}
