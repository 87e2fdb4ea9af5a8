import ContractModel
import Testing
import Tidemark

/// Every operation of the client against a local DynamoDB: what it reads from our requests, and we from its answers.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason))
struct DynamoDBOperationsTests {
    private typealias Fixture = DynamoDBFixture

    // MARK: Tables

    @Test func tablesAreCreatedDescribedListedAndDeleted() async throws {
        try await Fixture.with { client in
            #expect(try await client.listTables().isEmpty)
            #expect(await failureCode { _ = try await client.describeTable("Orders") } == .notFound)
            #expect(try await client.createTable(Fixture.orders).name == "Orders")
            let described = try await client.waitUntilActive("Orders", interval: .milliseconds(50))
            #expect(described.isActive && described.billingMode == "PAY_PER_REQUEST")
            #expect(described.table.partitionKey == Fixture.orders.partitionKey)
            #expect(described.table.sortKey == Fixture.orders.sortKey)
            #expect(described.table.indexes == Fixture.orders.indexes)
            #expect(await failureCode { try await client.createTable(Fixture.orders) } == .client)
            #expect(try await client.listTables() == ["Orders"])
            try await client.deleteTable("Orders")
            #expect(await failureCode { try await client.deleteTable("Orders") } == .notFound)
            #expect(try await client.listTables().isEmpty)
        }
    }

    @Test func moreThanAHundredTablesAreListedOverPages() async throws {
        try await Fixture.with { client in
            let names = (0..<103).map { "T\(1_000 + $0)" }
            for name in names {
                try await client.createTable(ContractTable(name: name, partitionKey: KeyAttribute(name: "id")))
            }
            #expect(try await client.listTables() == names)
        }
    }

    // MARK: Single items

    @Test func aPutIsReadBackAndItsConditionHoldsTheSecondOff() async throws {
        try await Fixture.withOrders { client in
            let item = Fixture.order("c1", 1, note: "first")
            let absent: Expression = "attribute_not_exists(customer)"
            try await client.putItem(table: "Orders", item: item, condition: absent)
            #expect(
                try await client.getItem(table: "Orders", key: Fixture.key("c1", 1), options: .consistent).item == item)
            #expect(try await client.getItem(table: "Orders", key: Fixture.key("c1", 2)).item == nil)
            let failure = await failure {
                try await client.putItem(
                    table: "Orders", item: Fixture.order("c1", 1, note: "second"), condition: absent,
                    returnItemOnConditionFailure: true)
            }
            #expect(failure?.code == .conditionFailed && failure?.attempts == 1)
            #expect(failure?.conflictingItem == item)
            let old = try await client.putItem(table: "Orders", item: Fixture.order("c1", 1), returning: .allOld)
            #expect(old.attributes == item)
        }
    }

    @Test func aProjectionReadsOnlyWhatItNames() async throws {
        try await Fixture.withOrders { client in
            try await client.putItem(table: "Orders", item: Fixture.order("c1", 1, note: "n"))
            let projection = Expression("#n", names: ["#n": "note"])
            let found = try await client.getItem(table: "Orders", key: Fixture.key("c1", 1), projection: projection)
            #expect(found.item == ["note": "n"])
        }
    }

    @Test func anUpdateChangesOnlyWhereItsConditionHolds() async throws {
        try await Fixture.withOrders { client in
            let key = Fixture.key("c1", 1)
            try await client.putItem(table: "Orders", item: Fixture.order("c1", 1))
            let add = Expression("SET #t = #t + :n", names: ["#t": "amount"], values: [":n": 5])
            let open = Expression("#s = :open", names: ["#s": "status"], values: [":open": "open"])
            let output = try await client.updateItem(
                table: "Orders", key: key, update: add, condition: open, returning: .updatedNew)
            #expect(output.attributes == ["amount": 15])
            let closed = Expression("#s = :closed", names: ["#s": "status"], values: [":closed": "closed"])
            let code = await failureCode {
                try await client.updateItem(table: "Orders", key: key, update: add, condition: closed)
            }
            #expect(code == .conditionFailed)
            #expect(try await client.getItem(table: "Orders", key: key).item?["amount"] == 15)
        }
    }

    @Test func aDeleteGivesTheOldItemAndRespectsItsCondition() async throws {
        try await Fixture.withOrders { client in
            let (key, item) = (Fixture.key("c1", 1), Fixture.order("c1", 1))
            try await client.putItem(table: "Orders", item: item)
            let large = Expression("amount > :n", values: [":n": 100])
            let code = await failureCode { try await client.deleteItem(table: "Orders", key: key, condition: large) }
            #expect(code == .conditionFailed)
            #expect(try await client.deleteItem(table: "Orders", key: key, returning: .allOld).attributes == item)
            #expect(try await client.getItem(table: "Orders", key: key).item == nil)
            try await client.deleteItem(table: "Orders", key: key)
        }
    }

    // MARK: Query and Scan

    private func filled(_ client: DynamoDBClient) async throws {
        let orders = (1...30).map {
            Fixture.order($0 % 2 == 0 ? "even" : "odd", $0, status: $0 <= 10 ? "open" : "done")
        }
        try await client.batchWriteAll(orders.map { .put(table: "Orders", item: $0) })
    }

    @Test func aQueryGivesEveryItemOnceOverItsPagesInOrder() async throws {
        try await Fixture.withOrders { client in
            try await filled(client)
            let condition = Expression(
                "customer = :c AND #n > :n", names: ["#n": "number"], values: [":c": "even", ":n": 4])
            for ascending in [true, false] {
                var numbers: [Int?] = []
                var start: Item?
                repeat {
                    let page = try await client.query(
                        table: "Orders", keyCondition: condition, limit: 5, startAfter: start, ascending: ascending)
                    #expect(page.count == page.items.count && page.count <= 5)
                    numbers += page.items.map { $0["number"]?.intValue }
                    start = page.lastKey
                } while start != nil
                let expected = Array(stride(from: 6, through: 30, by: 2))
                #expect(numbers == (ascending ? expected : expected.reversed()))
            }
        }
    }

    @Test func aQueryOfAnIndexFiltersAndCounts() async throws {
        try await Fixture.withOrders { client in
            try await filled(client)
            let condition = Expression("#s = :s", names: ["#s": "status"], values: [":s": "open"])
            let filter = Expression("customer = :c", values: [":c": "odd"])
            let page = try await client.query(
                table: "Orders", index: "ByStatus", keyCondition: condition, filter: filter)
            #expect(page.items.compactMap { $0["number"]?.intValue } == [1, 3, 5, 7, 9])
            #expect(page.count == 5 && page.scannedCount == 10 && page.lastKey == nil)
            let count = try await client.query(
                table: "Orders", index: "ByStatus", keyCondition: condition, countOnly: true)
            #expect(count.count == 10 && count.items.isEmpty)
        }
    }

    @Test func aScanGivesEveryItemOnceOverPagesAndOverSegments() async throws {
        try await Fixture.withOrders { client in
            try await filled(client)
            func numbers(_ segment: (number: Int, of: Int)?) async throws -> [Int] {
                var numbers: [Int] = []
                var start: Item?
                repeat {
                    let page = try await client.scan(table: "Orders", limit: 7, startAfter: start, segment: segment)
                    numbers += page.items.compactMap { $0["number"]?.intValue }
                    start = page.lastKey
                } while start != nil
                return numbers
            }
            #expect(try await numbers(nil).sorted() == Array(1...30))
            let parts = [try await numbers((0, 2)), try await numbers((1, 2))]
            #expect(parts.joined().sorted() == Array(1...30))
            let filter = Expression("#n <= :n", names: ["#n": "number"], values: [":n": 3])
            let few = try await client.scan(table: "Orders", filter: filter)
            #expect(few.count == 3 && few.scannedCount == 30)
        }
    }

    // MARK: Batches

    @Test func batchesWriteReadAndDelete() async throws {
        try await Fixture.withOrders { client in
            let orders = (1...60).map { Fixture.order("c", $0) }
            try await client.batchWriteAll(orders.map { .put(table: "Orders", item: $0) })
            let keys = (1...120).map { Fixture.key("c", $0) }
            let found = try await client.batchGetAll(BatchGet(table: "Orders", keys: keys))
            #expect(found.compactMap { $0["number"]?.intValue }.sorted() == Array(1...60))
            let output = try await client.batchWriteItem(
                (1...25).map { .delete(table: "Orders", key: Fixture.key("c", $0)) })
            #expect(output.unprocessed.isEmpty)
            let projection = Expression("#n", names: ["#n": "number"])
            let left = try await client.batchGetItem(
                [BatchGet(table: "Orders", keys: Array(keys[0..<30]), projection: projection)])
            #expect(Set(left.items["Orders"] ?? []) == Set((26...30).map { ["number": .number($0)] }))
            #expect(left.unprocessed.isEmpty)
        }
    }
}
