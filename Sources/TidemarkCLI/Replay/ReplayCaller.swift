import ContractModel
import Tidemark

/// Makes the call that a line of the trace describes, as the contract says.
struct ReplayCaller: Sendable {
    let client: DynamoDBClient
    let factory: ContractItemFactory

    /// Items that a query or scan asks for at most, as an application's page does.
    static let pageSize = 25

    /// Refuses, before the first call, a trace that the contract cannot serve.
    func check(_ trace: ReplayTrace) throws {
        for call in trace.calls {
            let (table, _) = try factory.contract.resolve(table: call.table, entity: call.entity, line: call.line)
            if let index = call.index, table.index(named: index) == nil {
                throw CommandFailure(
                    .usage,
                    "line \(call.line) of the trace names the index \"\(index)\", which table \(table.name) has not")
            }
            for item in call.items {
                _ = try factory.contract.resolve(table: item.table, entity: item.entity, line: call.line)
            }
            let needsKey = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"].contains(call.operation)
            let needsItems = ["BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"].contains(
                call.operation)
            guard needsKey || needsItems || call.operation == "Scan" else {
                throw CommandFailure(
                    .usage, "line \(call.line) of the trace: replay knows no operation \"\(call.operation)\"")
            }
            if needsKey && call.key == nil || needsItems && call.items.isEmpty {
                throw CommandFailure(
                    .usage,
                    "line \(call.line) of the trace: \(call.operation) needs \(needsKey ? "a \"key\"" : "its \"keys\"")"
                )
            }
        }
    }

    /// Makes the call; `number` makes each write different.
    func make(_ call: TraceCall, number: Int) async throws {
        let (table, entity) = try factory.contract.resolve(table: call.table, entity: call.entity, line: call.line)
        let options = CallOptions(pattern: call.pattern)
        let key = call.key ?? ""
        switch call.operation {
        case "GetItem":
            let key = factory.key(table, entity, key: key, sort: call.sort)
            _ = try await client.getItem(table: table.name, key: key, options: options)
        case "PutItem":
            let item = factory.item(table, entity, key: key, sort: call.sort)
            let absent = Expression("attribute_not_exists(#key)", names: ["#key": table.partitionKey.name])
            _ = try await client.putItem(
                table: table.name, item: item, condition: call.mustBeAbsent ? absent : nil, options: options)
        case "UpdateItem":
            let key = factory.key(table, entity, key: key, sort: call.sort)
            _ = try await client.updateItem(
                table: table.name, key: key, update: try update(table, entity, number: number), options: options)
        case "DeleteItem":
            let key = factory.key(table, entity, key: key, sort: call.sort)
            _ = try await client.deleteItem(table: table.name, key: key, options: options)
        case "Query": try await query(call, table, entity, options: options)
        case "Scan": try await scan(call, table, options: options)
        default: try await many(call, number: number, options: options)
        }
    }

    private func update(_ table: ContractTable, _ entity: ContractEntity, number: Int) throws -> Expression {
        guard let attribute = factory.updatableAttribute(table, entity) else {
            throw CommandFailure(.usage, "\(table.name) has no attribute beside its keys that an update could change")
        }
        return Expression(
            "SET #attribute = :value", names: ["#attribute": attribute.name],
            values: [":value": factory.changedValue(attribute, number: number)])
    }

    private func query(
        _ call: TraceCall, _ table: ContractTable, _ entity: ContractEntity, options: CallOptions
    ) async throws {
        let index = call.index.flatMap { table.index(named: $0) }
        let value = factory.partitionValue(table, index, entity, key: call.key ?? "")
        var condition = Expression(
            "#partition = :partition", names: ["#partition": (index?.partitionKey ?? table.partitionKey).name],
            values: [":partition": value])
        let prefix = (entity.sortKeyTemplate?.leadingLiteral ?? "") + (call.sort ?? "")
        if index == nil, let sortKey = table.sortKey, !prefix.isEmpty {
            condition.text += " AND begins_with(#sort, :prefix)"
            condition.names["#sort"] = sortKey.name
            condition.values[":prefix"] = .string(prefix)
        }
        _ = try await client.query(
            table: table.name, index: index?.name, keyCondition: condition, partitionKey: value, limit: Self.pageSize,
            options: options)
    }

    private func scan(_ call: TraceCall, _ table: ContractTable, options: CallOptions) async throws {
        var filter: Expression?
        if let text = call.filter, let attribute = factory.searchableAttribute(table) {
            filter = Expression(
                "contains(#text, :text)", names: ["#text": attribute.name], values: [":text": .string(text)])
        }
        _ = try await client.scan(
            table: table.name, index: call.index, filter: filter, limit: Self.pageSize, options: options)
    }

    private func many(_ call: TraceCall, number: Int, options: CallOptions) async throws {
        let places = try call.items.map { item in
            let place = try factory.contract.resolve(table: item.table, entity: item.entity, line: call.line)
            return (item: item, table: place.table, entity: place.entity)
        }
        switch call.operation {
        case "BatchGetItem":
            var keys: [String: [Item]] = [:]
            for place in places {
                let key = factory.key(place.table, place.entity, key: place.item.key, sort: place.item.sort)
                if keys[place.table.name]?.contains(key) != true { keys[place.table.name, default: []].append(key) }
            }
            let gets = keys.sorted { $0.key < $1.key }.map { BatchGet(table: $0.key, keys: $0.value) }
            _ = try await client.batchGetItem(gets, options: options)
        case "BatchWriteItem":
            let writes = places.map { place -> BatchWrite in
                let (item, table, entity) = place
                if item.operation == "DeleteItem" {
                    return .delete(
                        table: table.name, key: factory.key(table, entity, key: item.key, sort: item.sort))
                }
                return .put(table: table.name, item: factory.item(table, entity, key: item.key, sort: item.sort))
            }
            _ = try await client.batchWriteItem(writes, options: options)
        case "TransactGetItems":
            let gets = places.map { place in
                TransactGet(
                    table: place.table.name,
                    key: factory.key(place.table, place.entity, key: place.item.key, sort: place.item.sort))
            }
            _ = try await client.transactGetItems(gets, options: options)
        default:
            let writes = try places.map { place -> TransactWrite in
                let (item, table, entity) = place
                let key = factory.key(table, entity, key: item.key, sort: item.sort)
                switch item.operation {
                case "PutItem":
                    return .put(table: table.name, item: factory.item(table, entity, key: item.key, sort: item.sort))
                case "DeleteItem": return .delete(table: table.name, key: key)
                default:
                    return .update(table: table.name, key: key, update: try update(table, entity, number: number))
                }
            }
            _ = try await client.transactWriteItems(writes, options: options)
        }
    }
}
