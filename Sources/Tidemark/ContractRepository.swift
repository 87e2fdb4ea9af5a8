internal import AWSCore
public import ContractModel

/// Reads and writes one kind of item as the migration contract describes it.
///
/// Keys are made by the contract's templates, writes that break the contract are refused before anything is sent, and
/// every call is filed under the access pattern that it names.
///
///     let carts = try ContractRepository(client: client, contract: contract, table: "Users", entity: "CART")
///     let line = try await carts.get(["user_email": "a@b.c", "product_id": "17"], pattern: "AP21")
///
/// Every method throws `contract` for a key or an item that breaks the contract: such a call is measured, not sent.
public struct ContractRepository: Sendable {
    /// The table.
    public var table: ContractTable { check.table }
    /// The kind of item.
    public var entity: ContractEntity { check.entity }
    /// The client that carries the calls.
    public let client: DynamoDBClient
    private let check: ContractCheck

    /// A repository for one kind of item of a table.
    public init(client: DynamoDBClient, table: ContractTable, entity: ContractEntity) {
        self.client = client
        self.check = ContractCheck(table: table, entity: entity)
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

    /// The key that the contract's templates make of the values.
    ///
    /// - Parameter values: a text for each hole of the templates; for a key without a template, under the key's name.
    public func key(_ values: [String: String]) throws(TidemarkError) -> Item {
        do {
            return try check.key(values)
        } catch {
            throw TidemarkError(code: .contract, message: error.reason, table: table.name)
        }
    }

    /// Reads an item by the values of its key; nil when there is none.
    public func get(
        _ values: [String: String], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item? {
        let (key, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) in try check.key(values) }
        return try await client.getItem(table: table.name, key: key, options: options).item
    }

    /// Reads an item by the values of its key, which has to be there.
    ///
    /// - Throws: `itemNotFound` where there is none.
    public func require(
        _ values: [String: String], pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item {
        let (key, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) in try check.key(values) }
        return try await client.requireItem(table: table.name, key: key, options: options)
    }

    /// Stores an item that holds its keys, in place of one with the same key.
    public func put(
        _ item: Item, condition: Expression? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (_, options) = checked(pattern, options, else: ()) { () throws(ContractBreach) in try check.check(item) }
        try await client.putItem(table: table.name, item: item, condition: condition, options: options)
    }

    /// Sets and removes attributes of an item, which is made where there is none; gives the item as it is then.
    @discardableResult
    public func update(
        _ values: [String: String], set attributes: Item, remove: [String] = [], condition: Expression? = nil,
        pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Item? {
        let (key, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) -> Item in
            try check.checkChange(attributes, removing: remove)
            return try check.key(values)
        }
        return try await client.updateItem(
            table: table.name, key: key, update: Self.update(set: attributes, remove: remove), condition: condition,
            returning: .allNew, options: options
        ).attributes
    }

    /// Deletes an item by the values of its key; one that is not there is no failure.
    public func delete(
        _ values: [String: String], condition: Expression? = nil, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (key, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) in try check.key(values) }
        try await client.deleteItem(table: table.name, key: key, condition: condition, options: options)
    }

    /// Reads a page of this kind of item of one partition.
    ///
    /// - Parameters:
    ///   - values: of the table: what the partition key's template needs, and as much of the sort key's as is known. Of an
    ///     index: the values of its key attributes under their names, the partition key's at least.
    ///   - index: the index to read; the table itself where none is given.
    public func query(
        _ values: [String: String], index: String? = nil, filter: Expression? = nil, limit: Int? = nil,
        startAfter: Item? = nil, ascending: Bool = true, pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Page {
        let nothing = KeyQuery(condition: "", partitionKey: .null)
        let (query, options) = checked(pattern, options, else: nothing) { () throws(ContractBreach) in
            try check.query(values, index: index)
        }
        return try await client.query(
            table: table.name, index: index, keyCondition: query.condition, partitionKey: query.partitionKey,
            filter: filter, limit: limit, startAfter: startAfter, ascending: ascending, options: options)
    }

    // MARK: Pieces

    /// What the check gives, and options that name the pattern and carry what it refuses.
    private func checked<Value>(
        _ pattern: String, _ options: CallOptions, else nothing: Value, _ body: () throws(ContractBreach) -> Value
    ) -> (Value, CallOptions) {
        var options = options
        options.pattern = pattern
        do {
            return (try body(), options)
        } catch {
            options.refusal = TidemarkError(code: .contract, message: error.reason)
            return (nothing, options)
        }
    }

    private static func update(set attributes: Item, remove: [String]) -> Expression {
        var expression = Expression("")
        var settings: [String] = []
        for (place, attribute) in attributes.sorted(by: { $0.key < $1.key }).enumerated() {
            expression.names["#s\(place)"] = attribute.key
            expression.values[":s\(place)"] = attribute.value
            settings.append("#s\(place) = :s\(place)")
        }
        for (place, name) in remove.enumerated() { expression.names["#r\(place)"] = name }
        if !settings.isEmpty { expression.text = "SET " + settings.joined(separator: ", ") }
        if !remove.isEmpty {
            let removals = remove.indices.map { "#r\($0)" }.joined(separator: ", ")
            expression.text += (expression.text.isEmpty ? "" : " ") + "REMOVE " + removals
        }
        return expression
    }
}

/// A key condition with the partition key that it names.
struct KeyQuery {
    var condition: Expression
    var partitionKey: AttributeValue
}

extension ContractCheck {
    /// The condition that finds this kind of item in the table or an index.
    func query(_ values: [String: String], index name: String?) throws(ContractBreach) -> KeyQuery {
        guard let name else { return try tableQuery(values) }
        guard let index = table.index(named: name) else {
            throw ContractBreach(reason: "the contract's table '\(table.name)' has no index '\(name)'")
        }
        let partition = try keyValue(
            index.partitionKey, entity.attribute(named: index.partitionKey.name)?.keyTemplate(given: values), values)
        var query = KeyQuery(
            condition: Expression("#p = :p", names: ["#p": index.partitionKey.name], values: [":p": partition]),
            partitionKey: partition)
        if let sort = index.sortKey, values[sort.name] != nil {
            query.condition.text += " AND #s = :s"
            query.condition.names["#s"] = sort.name
            query.condition.values[":s"] = try keyValue(sort, nil, values)
        }
        return query
    }

    private func tableQuery(_ values: [String: String]) throws(ContractBreach) -> KeyQuery {
        let partition = try partitionKey(values)
        var query = KeyQuery(
            condition: Expression("#p = :p", names: ["#p": table.partitionKey.name], values: [":p": partition]),
            partitionKey: partition)
        let prefix = sortKeyPrefix(values)
        if let sort = table.sortKey, sort.type == .S, !prefix.isEmpty {
            query.condition.text += " AND begins_with(#s, :s)"
            query.condition.names["#s"] = sort.name
            query.condition.values[":s"] = .string(prefix)
        }
        return query
    }
}

extension ContractAttribute {
    /// The template of an index's key, unless its value is given under the attribute's own name.
    fileprivate func keyTemplate(given values: [String: String]) -> KeyTemplate? {
        values[name] == nil ? format : nil
    }
}
