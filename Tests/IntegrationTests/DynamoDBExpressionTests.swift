import ContractModel
import Testing
import Tidemark

/// Expressions built from paths, and values of types, against a local DynamoDB: it has to read them as we mean them.
@Suite(.enabled(if: dynamoDBEndpoint != nil, dynamoDBSkipReason))
struct DynamoDBExpressionTests {
    private typealias Fixture = DynamoDBFixture

    private static let item: Item = [
        "customer": "c1", "number": 1, "status": "open", "amount": 10, "a.b": "dotted", "size": 3,
        "address": ["city": "Bergen", "zone": 5], "lines": ["x", ["sku": "y"]], "tags": .stringSet(["red", "blue"]),
    ]

    /// Whether the condition holds of the item, as the server says.
    private func holds(_ condition: Expression, _ client: DynamoDBClient) async throws -> Bool {
        let check = TransactWrite.check(table: "Orders", key: Fixture.key("c1", 1), condition: condition)
        let code = await failureCode { try await client.transactWriteItems([check]) }
        #expect(code == nil || code == .conditionFailed, "\(condition.text)")
        return code == nil
    }

    @Test func conditionsHoldWhereTheySay() async throws {
        try await Fixture.withOrders { client in
            try await client.putItem(table: "Orders", item: Self.item)
            let truths: [Expression] = [
                "status" == "open", "amount" != 11, "amount" < 11, "amount" <= 10, "amount" > 9, "amount" >= 10,
                "amount" > Path("size"), "a.b" == "dotted", Path("address")["city"] == "Bergen",
                Path("lines")[1]["sku"] == "y", .between("amount", 10, and: 11), .in("status", ["done", "open"]),
                .exists("size"), .notExists("note"), .type(of: "tags", is: .SS), .beginsWith("status", "op"),
                .contains("tags", "red"), .contains("status", "pe"), Path("tags").size == 2, !("status" == "done"),
                "status" == "done" || "amount" == 10 && .exists("size"), !("status" == "done" || "amount" == 11),
                ("status" == "done" || "amount" == 10) && "size" == 3, .all([.exists("size"), "amount" == 10]),
                Expression("amount = :0", values: [":0": 10]) && "status" == "open",
            ]
            for condition in truths {
                #expect(try await holds(condition, client), "\(condition.text)")
                #expect(try await !holds(!condition, client), "NOT \(condition.text)")
            }
        }
    }

    @Test func reservedWordsAreNamesLikeAnyOther() async throws {
        try await Fixture.withOrders { client in
            let key = Fixture.key("c1", 1)
            for word in ["status", "size", "SET", "and", "between", "name", "year", "REMOVE", "in", "not"] {
                try await client.updateItem(
                    table: "Orders", key: key, update: [.set(Path(word), to: "x")], condition: .notExists(Path(word)))
                let read = try await client.getItem(
                    table: "Orders", key: key, projection: .attributes([Path(word)]), options: .consistent)
                #expect(read.item == [word: "x"])
                try await client.updateItem(
                    table: "Orders", key: key, update: [.remove(Path(word))], condition: Path(word) == "x")
            }
        }
    }

    @Test func updatesDoWhatTheySay() async throws {
        try await Fixture.withOrders { client in
            try await client.putItem(table: "Orders", item: Self.item)
            let update: Expression = [
                .set("amount", to: Path("amount") + 5), .set("left", to: Path("size") - 1),
                .set("visits", to: Path("visits").ifNotExists(0) + 1), .set(Path("address")["city"], to: "Oslo"),
                .set("lines", to: Path("lines").appending(["z"])), .remove("a.b"), .remove(Path("address")["zone"]),
                .add(2, to: "size"), .add(Set(["green"]), to: "tags"), .set("status", to: Path("address")["city"]),
            ]
            let output = try await client.updateItem(
                table: "Orders", key: Fixture.key("c1", 1), update: update, condition: "status" == "open",
                returning: .allNew)
            var item = try #require(output.attributes)
            #expect(Set(item.removeValue(forKey: "tags")?.setValue ?? []) == ["red", "blue", "green"])
            #expect(
                item == [
                    "customer": "c1", "number": 1, "amount": 15, "left": 2, "visits": 1, "address": ["city": "Oslo"],
                    "lines": ["x", ["sku": "y"], "z"], "size": 5, "status": "Bergen",
                ])
            let fewer = try await client.updateItem(
                table: "Orders", key: Fixture.key("c1", 1), update: [.delete(Set(["red", "blue"]), from: "tags")],
                returning: .allNew)
            #expect(fewer.attributes?["tags"] == .stringSet(["green"]))
        }
    }

    @Test func keyConditionsFiltersAndProjectionsGoTogether() async throws {
        try await Fixture.withOrders { client in
            let orders = (1...9).map { Fixture.order("c1", $0, status: $0 % 2 == 0 ? "even" : "odd") }
            try await client.batchWriteAll(orders.map { .put(table: "Orders", item: $0) })
            let page = try await client.query(
                table: "Orders", keyCondition: "customer" == "c1" && .between("number", 2, and: 7),
                filter: "status" == "even" && "amount" == 10, projection: .attributes(["number", "status"]))
            #expect(page.items == [2, 4, 6].map { ["number": .number($0), "status": "even"] })
            for (condition, numbers): (Expression, [Int]) in [
                ("number" == 3, [3]), ("number" < 3, [1, 2]), ("number" <= 2, [1, 2]), ("number" > 8, [9]),
                ("number" >= 8, [8, 9]),
            ] {
                let some = try await client.query(table: "Orders", keyCondition: condition && "customer" == "c1")
                #expect(some.items.compactMap { $0["number"]?.intValue } == numbers)
            }
        }
    }

    private struct Order: Codable, Equatable {
        var customer: String
        var number: Int
        var status: String
        var lines: [String: Double]
        var tags: Set<String>
        var note: String?
    }

    @Test func valuesOfATypeArePutGotAndQueried() async throws {
        try await Fixture.withOrders { client in
            let orders = (1...3).map {
                Order(
                    customer: "c1", number: $0, status: "open", lines: ["a": 0.1, "b": 1e20], tags: $0 == 1 ? [] : ["x"]
                )
            }
            for order in orders { try await client.put(order, into: "Orders", condition: .notExists("customer")) }
            #expect(
                try await client.get(Order.self, from: "Orders", key: Fixture.key("c1", 1), options: .consistent)
                    == orders[0])
            #expect(try await client.get(Order.self, from: "Orders", key: Fixture.key("c1", 9)) == nil)
            let page = try await client.query(Order.self, from: "Orders", keyCondition: "customer" == "c1", limit: 2)
            #expect(page.items == Array(orders[..<2]))
            let rest = try await client.query(
                Order.self, from: "Orders", keyCondition: "customer" == "c1", startAfter: page.lastKey)
            #expect(rest.items == [orders[2]])
        }
    }
}

extension AttributeValue {
    fileprivate var setValue: [String]? {
        if case .stringSet(let texts) = self { texts } else { nil }
    }
}
