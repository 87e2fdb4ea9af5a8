import ContractModel
import Tidemark

/// Stores an item for every key that the trace reads or updates, so that a replay finds what it asks for.
struct ReplaySeeder: Sendable {
    let factory: ContractItemFactory

    /// Items of each scanned table, beside those whose keys the trace names.
    static let itemsPerScannedTable = 300
    /// Items of each kind that a query finds under one partition key.
    static let itemsPerQueriedKey = 3

    /// The items, each once, in a stable order.
    func writes(for trace: ReplayTrace) throws -> [BatchWrite] {
        var seen: Set<String> = []
        var writes: [BatchWrite] = []
        func add(_ table: ContractTable, _ entity: ContractEntity, _ key: String, _ sort: String?) {
            let primaryKey = factory.key(table, entity, key: key, sort: sort)
            let identity = primaryKey.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            guard seen.insert(table.name + "/" + identity.joined(separator: "/")).inserted else { return }
            writes.append(.put(table: table.name, item: factory.item(table, entity, key: key, sort: sort)))
        }
        for call in trace.calls {
            let (table, entity) = try factory.contract.resolve(table: call.table, entity: call.entity, line: call.line)
            switch call.operation {
            case "Scan":
                for number in 0..<Self.itemsPerScannedTable { add(table, entity, "seed-\(number)", "seed-\(number)") }
            case "Query" where call.index == nil:
                for number in 0..<Self.itemsPerQueriedKey { call.key.map { add(table, entity, $0, "seed-\(number)") } }
            case "GetItem", "UpdateItem", "DeleteItem":
                if let key = call.key { add(table, entity, key, call.sort) }
            default:
                for item in call.items where item.operation != "PutItem" {
                    let place = try factory.contract.resolve(table: item.table, entity: item.entity, line: call.line)
                    add(place.table, place.entity, item.key, item.sort)
                }
            }
        }
        return writes
    }

    /// Stores them, and says how many there were.
    func seed(_ trace: ReplayTrace, client: DynamoDBClient) async throws -> Int {
        let writes = try writes(for: trace)
        var done = 0
        for start in stride(from: 0, to: writes.count, by: DynamoDBLimits.maximumBatchWrites) {
            let chunk = writes[start..<min(start + DynamoDBLimits.maximumBatchWrites, writes.count)]
            try await client.batchWriteAll(Array(chunk), options: CallOptions(callTimeout: .seconds(30)))
            done += chunk.count
            Terminal.progress("seeding: \(done) of \(writes.count) items")
        }
        Terminal.endProgress()
        return writes.count
    }
}

extension MigrationContract {
    /// The table and the kind of item that a line of a trace means.
    func resolve(table name: String, entity: String?, line: Int) throws -> (
        table: ContractTable, entity: ContractEntity
    ) {
        guard let table = table(named: name) else {
            let known = tables.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                .usage,
                "line \(line) of the trace names the table \"\(name)\", which the contract has not; it has \(known)")
        }
        guard let found = entity.map({ table.entity(named: $0) }) ?? table.entities.first else {
            let known = table.entities.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                .usage,
                "line \(line) of the trace names the entity \"\(entity ?? "")\", which table \(name) has not; it has \(known)"
            )
        }
        return (table, found)
    }
}
