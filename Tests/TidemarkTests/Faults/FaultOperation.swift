import AWSCore
import ContractModel
import TestSupport
import Tidemark

/// An operation that the fault suite calls: how, what a good answer to it is, and what may follow a lost answer.
struct FaultOperation: Sendable {
    var name: String
    /// What the server answers where no fault is told.
    var goodAnswer = "{}"
    /// Whether it changes anything.
    var isChange: Bool
    /// Whether it may be sent again after an answer that was lost.
    var isRepeatable = true
    var call: @Sendable (DynamoDBClient) async throws(TidemarkError) -> Void

    private static let key: Item = ["id": .string(FaultOperation.plantedKey)]
    /// What must not turn up in anything that is written.
    static let plantedKey = "planted-key-7d1f"

    static let all: [FaultOperation] = reads + writes + statements + tables

    private static let reads = [
        FaultOperation(name: "GetItem", isChange: false) { client throws(TidemarkError) in
            _ = try await client.getItem(table: "T", key: key)
        },
        FaultOperation(name: "Query", isChange: false) { client throws(TidemarkError) in
            _ = try await client.query(table: "T", index: "I", keyCondition: "id" == plantedKey)
        },
        FaultOperation(name: "Scan", isChange: false) { client throws(TidemarkError) in
            _ = try await client.scan(table: "T")
        },
        FaultOperation(name: "BatchGetItem", isChange: false) { client throws(TidemarkError) in
            _ = try await client.batchGetItem([BatchGet(table: "T", keys: [key])])
        },
        FaultOperation(name: "TransactGetItems", isChange: false) { client throws(TidemarkError) in
            _ = try await client.transactGetItems([TransactGet(table: "T", key: key)])
        },
    ]

    private static let writes = [
        FaultOperation(name: "PutItem", isChange: true) { client throws(TidemarkError) in
            try await client.putItem(table: "T", item: key)
        },
        FaultOperation(name: "PutItem returning", isChange: true, isRepeatable: false) { client throws(TidemarkError) in
            try await client.putItem(table: "T", item: key, returning: .allOld)
        },
        FaultOperation(name: "UpdateItem set", isChange: true) { client throws(TidemarkError) in
            try await client.updateItem(table: "T", key: key, update: [.set("a", to: 1)])
        },
        FaultOperation(name: "UpdateItem add", isChange: true, isRepeatable: false) { client throws(TidemarkError) in
            try await client.updateItem(table: "T", key: key, update: [.add(1, to: "n")])
        },
        FaultOperation(name: "UpdateItem guarded", isChange: true) { client throws(TidemarkError) in
            try await client.updateItem(
                table: "T", key: key, update: [.add(1, to: "n"), .set("v", to: 2)], condition: "v" == 1)
        },
        FaultOperation(name: "DeleteItem", isChange: true) { client throws(TidemarkError) in
            try await client.deleteItem(table: "T", key: key)
        },
        FaultOperation(name: "BatchWriteItem", isChange: true) { client throws(TidemarkError) in
            try await client.batchWriteItem([.put(table: "T", item: key)])
        },
        FaultOperation(name: "TransactWriteItems", isChange: true) { client throws(TidemarkError) in
            try await client.transactWriteItems([
                .update(table: "T", key: key, update: [.add(1, to: "n")])
            ])
        },
    ]

    private static let statements = [
        FaultOperation(name: "ExecuteStatement read", isChange: false) { client throws(TidemarkError) in
            _ = try await client.executeStatement("SELECT * FROM \"T\" WHERE id = '1'")
        },
        FaultOperation(name: "ExecuteStatement update", isChange: true, isRepeatable: false) {
            client throws(TidemarkError) in
            _ = try await client.executeStatement("UPDATE \"T\" SET n = n + 1 WHERE id = '1'")
        },
        FaultOperation(name: "BatchExecuteStatement", goodAnswer: #"{"Responses":[{}]}"#, isChange: false) {
            client throws(TidemarkError) in
            _ = try await client.batchExecuteStatement(["SELECT * FROM \"T\" WHERE id = '1'"])
        },
        FaultOperation(name: "ExecuteTransaction", isChange: true) { client throws(TidemarkError) in
            try await client.executeTransaction(["INSERT INTO \"T\" VALUE {'id': '1'}"])
        },
    ]

    private static let tableAnswer = #"{"Table":{"TableName":"T","TableStatus":"ACTIVE"}}"#
    private static let tables = [
        FaultOperation(name: "DescribeTable", goodAnswer: tableAnswer, isChange: false) {
            client throws(TidemarkError) in
            _ = try await client.describeTable("T")
        },
        FaultOperation(name: "CreateTable", goodAnswer: tableAnswer, isChange: true) { client throws(TidemarkError) in
            try await client.createTable(ContractTable(name: "T", partitionKey: KeyAttribute(name: "id")))
        },
        FaultOperation(name: "ListTables", goodAnswer: #"{"TableNames":[]}"#, isChange: false) {
            client throws(TidemarkError) in _ = try await client.listTables()
        },
        FaultOperation(name: "any other", isChange: true, isRepeatable: false) { client throws(TidemarkError) in
            try await client.call("CreateBackup", body: #"{"TableName":"T","BackupName":"b"}"#, table: "T")
        },
    ]

    // MARK: Requests of hundreds of kilobytes

    private static let big = String(repeating: "b", count: 380_000)
    /// As much as a key may have.
    private static func bigKey(_ number: Int) -> Item {
        ["id": .string("\(plantedKey) \(number) \(String(repeating: "k", count: 2_000))")]
    }

    /// What a DynamoDB item, condition or parameter makes large; the rest is small by its nature.
    static let large: [FaultOperation] = largeReads + largeWrites

    private static let largeReads: [FaultOperation] = [
        FaultOperation(name: "Query", isChange: false) { client throws(TidemarkError) in
            _ = try await client.query(table: "T", keyCondition: "id" == plantedKey, filter: "note" == big)
        },
        FaultOperation(name: "Scan", isChange: false) { client throws(TidemarkError) in
            _ = try await client.scan(table: "T", filter: "note" == big)
        },
        FaultOperation(name: "BatchGetItem", isChange: false) { client throws(TidemarkError) in
            _ = try await client.batchGetItem([BatchGet(table: "T", keys: (0..<100).map(bigKey))])
        },
        FaultOperation(name: "TransactGetItems", isChange: false) { client throws(TidemarkError) in
            _ = try await client.transactGetItems((0..<100).map { TransactGet(table: "T", key: bigKey($0)) })
        },
        FaultOperation(name: "ExecuteStatement read", isChange: false) { client throws(TidemarkError) in
            _ = try await client.executeStatement(
                PartiQLStatement("SELECT * FROM \"T\" WHERE note = ?", parameters: [.string(big)]))
        },
    ]

    private static let largeItem: Item = ["id": .string(plantedKey), "note": .string(big)]

    private static let largeWrites: [FaultOperation] = [
        FaultOperation(name: "PutItem", isChange: true) { client throws(TidemarkError) in
            try await client.putItem(table: "T", item: largeItem)
        },
        FaultOperation(name: "PutItem returning", isChange: true, isRepeatable: false) { client throws(TidemarkError) in
            try await client.putItem(table: "T", item: largeItem, returning: .allOld)
        },
        FaultOperation(name: "UpdateItem set", isChange: true) { client throws(TidemarkError) in
            try await client.updateItem(table: "T", key: key, update: [.set("note", to: big)])
        },
        FaultOperation(name: "UpdateItem add", isChange: true, isRepeatable: false) { client throws(TidemarkError) in
            try await client.updateItem(table: "T", key: key, update: [.add(1, to: "n"), .set("note", to: big)])
        },
        FaultOperation(name: "DeleteItem", isChange: true) { client throws(TidemarkError) in
            try await client.deleteItem(table: "T", key: key, condition: "note" == big)
        },
        FaultOperation(name: "BatchWriteItem", isChange: true) { client throws(TidemarkError) in
            try await client.batchWriteItem([.put(table: "T", item: largeItem)])
        },
        FaultOperation(name: "TransactWriteItems", isChange: true) { client throws(TidemarkError) in
            try await client.transactWriteItems([
                .update(table: "T", key: key, update: [.add(1, to: "n"), .set("note", to: big)])
            ])
        },
        FaultOperation(name: "ExecuteStatement update", isChange: true, isRepeatable: false) {
            client throws(TidemarkError) in
            _ = try await client.executeStatement(
                PartiQLStatement("UPDATE \"T\" SET note = ?, n = n + 1 WHERE id = '1'", parameters: [.string(big)]))
        },
        FaultOperation(name: "any other", isChange: true, isRepeatable: false) { client throws(TidemarkError) in
            try await client.call("CreateBackup", body: #"{"TableName":"T","BackupName":"\#(big)"}"#, table: "T")
        },
    ]
}
