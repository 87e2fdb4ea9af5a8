import ContractModel
import Testing
import Tidemark

/// Transactions, capacity, types and refusals against a local DynamoDB.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason))
struct DynamoDBTransactionsTests {
    private typealias Fixture = DynamoDBFixture

    @Test func aTransactionWritesAllAndReadsInOrder() async throws {
        try await Fixture.withOrders { client in
            try await client.putItem(table: "Orders", item: Fixture.order("c", 2))
            try await client.putItem(table: "Orders", item: Fixture.order("c", 3))
            try await client.transactWriteItems([
                .put(table: "Orders", item: Fixture.order("c", 1), condition: "attribute_not_exists(customer)"),
                .update(
                    table: "Orders", key: Fixture.key("c", 2),
                    update: Expression("SET note = :n", values: [":n": "changed"])),
                .delete(table: "Orders", key: Fixture.key("c", 3)),
                .check(table: "Orders", key: Fixture.key("c", 9), condition: "attribute_not_exists(customer)"),
            ])
            let output = try await client.transactGetItems(
                [3, 2, 1].map { TransactGet(table: "Orders", key: Fixture.key("c", $0)) })
            #expect(output.items.count == 3 && output.items[0] == nil)
            #expect(output.items[1]?["note"] == "changed" && output.items[2] == Fixture.order("c", 1))
        }
    }

    @Test func aCancelledTransactionSaysWhichItemWasAtFaultAndWritesNothing() async throws {
        try await Fixture.withOrders { client in
            let inTheWay = Fixture.order("c", 2, note: "in the way")
            try await client.putItem(table: "Orders", item: inTheWay)
            var condition = TransactWrite.put(
                table: "Orders", item: Fixture.order("c", 2), condition: "attribute_not_exists(customer)")
            condition.returnItemOnConditionFailure = true
            let second = condition
            let writes = [TransactWrite.put(table: "Orders", item: Fixture.order("c", 1)), second]
            let error = try #require(await failure { try await client.transactWriteItems(writes) })
            #expect(error.code == .conditionFailed && error.attempts == 1)
            #expect(error.cancellationReasons.map(\.code) == ["None", "ConditionalCheckFailed"])
            #expect(error.cancellationReasons.map(\.isAtFault) == [false, true])
            #expect(error.cancellationReasons.last?.item == inTheWay)
            #expect(!"\(error)".contains("in the way"))
            #expect(try await client.getItem(table: "Orders", key: Fixture.key("c", 1)).item == nil)
        }
    }

    // MARK: Capacity

    @Test func writesReportTheTablesAndTheIndexesShare() async throws {
        try await Fixture.withOrders { client in
            let large = Fixture.order("c", 1, note: String(repeating: "x", count: 2_500))
            let consumed = try #require(try await client.putItem(table: "Orders", item: large).consumed.first)
            #expect(consumed.table == "Orders")
            #expect(consumed.tableUnits == CapacityUnits(writeMilliUnits: 3_000))
            #expect(consumed.indexUnits == ["ByStatus": CapacityUnits(writeMilliUnits: 3_000)])
            #expect(consumed.total.writeMilliUnits == 6_000)
        }
    }

    @Test func readsReportTheirUnitsWhereTheyWereSpent() async throws {
        try await Fixture.withOrders { client in
            try await client.putItem(table: "Orders", item: Fixture.order("c", 1))
            let strong = try await client.getItem(table: "Orders", key: Fixture.key("c", 1), options: .consistent)
            #expect(strong.consumed.first?.tableUnits == CapacityUnits(readMilliUnits: 1_000))
            let weak = try await client.getItem(table: "Orders", key: Fixture.key("c", 1))
            #expect(weak.consumed.first?.tableUnits == CapacityUnits(readMilliUnits: 500))
            let condition = Expression("#s = :s", names: ["#s": "status"], values: [":s": "open"])
            let page = try await client.query(table: "Orders", index: "ByStatus", keyCondition: condition)
            #expect((page.consumed.first?.indexUnits["ByStatus"]?.readMilliUnits ?? 0) > 0)
            #expect(page.consumed.first?.tableUnits.readMilliUnits == 0)
        }
    }

    // MARK: Types and refusals

    @Test func allTenTypesAreReadBackAsTheyWereWritten() async throws {
        try await Fixture.withOrders { client in
            let bytes: [UInt8] = (0...255).map { $0 }
            let values: Item = [
                "S": "text with \"quotes\", \u{1}, é, 😀 and \\", "N": .number("-12345678901234567890.123456789"),
                "B": .binary(bytes), "SS": .stringSet(["a", "b"]), "NS": .numberSet(["1", "2.5"]),
                "BS": .binarySet([[1], [2, 3]]), "L": ["x", 1, nil, [true]],
                "M": ["inner": ["deep": .binary([9])], "empty": .string("")], "BOOL": false, "NULL": nil,
            ]
            #expect(Set(values.map { $0.value.type }) == Set(AttributeType.allCases))
            let item = values.merging(Fixture.order("c", 1)) { $1 }
            try await client.putItem(table: "Orders", item: item)
            let found = try await client.getItem(table: "Orders", key: Fixture.key("c", 1)).item
            #expect(found.map(sorted) == sorted(item))
        }
    }

    /// The item with its sets in one order, since DynamoDB's have none.
    private func sorted(_ item: Item) -> Item {
        item.mapValues { value in
            switch value {
            case .stringSet(let texts): .stringSet(texts.sorted())
            case .numberSet(let numbers): .numberSet(numbers.sorted())
            case .binarySet(let blobs): .binarySet(blobs.sorted { $0.lexicographicallyPrecedes($1) })
            default: value
            }
        }
    }

    @Test func aKeyOfTheWrongTypeIsAValidationErrorThatIsNotRepeated() async throws {
        try await Fixture.withOrders { client in
            let wrong: Item = ["customer": 7, "number": 1]
            let refused = try #require(await failure { try await client.putItem(table: "Orders", item: wrong) })
            #expect(refused.code == .validation && refused.attempts <= 1)
            #expect(await failureCode { _ = try await client.getItem(table: "Orders", key: wrong) } == .validation)
            let keyless = await failureCode { try await client.putItem(table: "Orders", item: ["customer": "c"]) }
            #expect(keyless == .validation)
        }
    }

    @Test func aTableThatIsNotThereIsNotFound() async throws {
        try await Fixture.with { client in
            let key: Item = ["id": "1"]
            #expect(await failureCode { _ = try await client.getItem(table: "Nowhere", key: key) } == .notFound)
            #expect(await failureCode { try await client.putItem(table: "Nowhere", item: key) } == .notFound)
            #expect(await failureCode { _ = try await client.scan(table: "Nowhere") } == .notFound)
            let writes: [BatchWrite] = [.put(table: "Nowhere", item: key)]
            #expect(await failureCode { try await client.batchWriteItem(writes) } == .notFound)
        }
    }
}
