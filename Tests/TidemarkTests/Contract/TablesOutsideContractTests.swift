import ContractModel
import Telemetry
import Testing
import Tidemark

/// A client that knows its contract carries no call on a table that the contract has not, unless it is told to.
struct TablesOutsideContractTests {
    private static let contract = MigrationContract(
        tables: [ContractTable(name: "Orders", partitionKey: KeyAttribute(name: "id"))])

    private func harness(_ tables: TablesOutsideContract = .refused, contract: Bool = true) throws -> Harness {
        try Harness(configure: {
            if contract { $0.contract = Self.contract }
            $0.tablesOutsideContract = tables
        }) { _, _ in answer("{}") }
    }

    @Test func itIsRefusedAndMeasuredBeforeTheWire() async throws {
        let harness = try harness()
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(table: "Secrets", item: ["id": "1"], options: .pattern("AP1"))
        }
        #expect(error.code == .contract && error.table == "Secrets")
        #expect(
            error.message
                == "the contract has no table 'Secrets': it has Orders; set tablesOutsideContract to .allowed to use "
                + "others")
        #expect(harness.transport.requests.isEmpty)
        let series = try harness.counters()[SeriesKey(table: "Secrets", operation: "PutItem", pattern: "AP1")]
        #expect(series?.calls(.client) == 1)
    }

    @Test func everyPartOfACallCounts() async throws {
        let harness = try harness()
        let client = harness.client
        let key: Item = ["id": "1"]
        let calls: [() async throws -> Void] = [
            { _ = try await client.getItem(table: "T", key: key) },
            { _ = try await client.query(table: "T", keyCondition: "id" == "1") },
            { _ = try await client.scan(table: "T") },
            {
                try await client.transactWriteItems([
                    .delete(table: "Orders", key: key), .delete(table: "T", key: key),
                ])
            },
            {
                _ = try await client.transactGetItems([
                    TransactGet(table: "Orders", key: key), TransactGet(table: "T", key: key),
                ])
            },
            {
                _ = try await client.batchGetItem([
                    BatchGet(table: "Orders", keys: [key]), BatchGet(table: "T", keys: [key]),
                ])
            },
            {
                try await client.batchWriteItem([.delete(table: "Orders", key: key), .delete(table: "T", key: key)])
            },
            { _ = try await client.executeStatement("SELECT * FROM \"Secrets\"") },
            {
                _ = try await client.batchExecuteStatement(["SELECT * FROM \"Secrets\" WHERE id = '1'"])
            },
        ]
        for call in calls {
            let error = await #expect(throws: TidemarkError.self) { try await call() }
            #expect(error?.code == .contract)
        }
        #expect(harness.transport.requests.isEmpty)
    }

    @Test func tablesOfTheContractAndAdministrationAreCarried() async throws {
        let harness = try harness()
        try await harness.client.putItem(table: "Orders", item: ["id": "1"])
        _ = try? await harness.client.describeTable("T")
        #expect(harness.transport.requests.count == 2)
    }

    @Test func whatIsAllowedAndAClientWithoutAContractCarryEverything() async throws {
        for harness in [try harness(.allowed), try harness(contract: false)] {
            try await harness.client.putItem(table: "Secrets", item: ["id": "1"])
            #expect(harness.transport.requests.count == 1)
        }
    }
}
