import ContractModel
import JSONBytes
import Telemetry
import TestSupport
import Testing
import Tidemark

/// What becomes of expressions in requests.
struct ExpressionRequestTests {
    private func validation(
        _ mention: String, schema: ContractTable? = nil,
        _ call: (DynamoDBClient) async throws(TidemarkError) -> Void
    ) async throws {
        let harness = try Harness(configure: { configuration in
            if let schema { configuration.contract = MigrationContract(tables: [schema]) }
        }) { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in try await call(harness.client) }
        #expect(error.code == .validation && error.attempts == 0, "\(error)")
        #expect(error.message.contains(mention), "\(error.message)")
        #expect(harness.transport.requests.isEmpty)
        let counters = try harness.counters()
        #expect(counters.values.first?.calls(.validation) == 1)
    }

    private func refusesUpdate(_ update: Expression, _ mention: String) async throws {
        try await validation(mention) { client throws(TidemarkError) in
            try await client.updateItem(table: "T", key: ["id": "1"], update: update)
        }
    }

    private func refusesCondition(_ condition: Expression, _ mention: String) async throws {
        try await validation(mention) { client throws(TidemarkError) in
            try await client.putItem(table: "T", item: ["id": "1"], condition: condition)
        }
    }

    // MARK: Contradictions

    @Test func twoUpdatesOfOnePathAreRefused() async throws {
        try await refusesUpdate([.set("a", to: 1), .set("b", to: 1), .remove("a")], "'a' twice")
        try await refusesUpdate([.set("a", to: 1), .add(1, to: Path("a")["b"])], "'a.b' and also 'a'")
        try await refusesUpdate([.remove(Path("a")[0]["x"]), .set(Path("a")[0], to: 1)], "'a[0].x' and also 'a[0]'")
        #expect(
            Expression.update([.set(Path("a")["b"], to: 1), .set("a.b", to: 1), .set(Path("a")["c"], to: 1)]).text != ""
        )
    }

    @Test func whatNoUpdateCanBeIsRefused() async throws {
        try await refusesUpdate([], "changes nothing")
        try await refusesUpdate(.update([]), "changes nothing")
        try await refusesUpdate([.add("x", to: "a")], "neither")
        try await refusesUpdate([.delete(1, from: "a")], "give a set")
        try await refusesUpdate([.set("a", to: Path("a") + 1 + 2)], "one sum or difference")
        try await refusesUpdate([.set("a", to: Path("b").size)], "size(b)")
        try await refusesUpdate([.set(Path("a").size, to: 1)], "size(a)")
        try await refusesUpdate([.set("", to: 1)], "empty name")
        try await refusesUpdate([.set(Path("a")[-1], to: 1)], "below zero")
        try await refusesUpdate([.set("a", to: Double.nan)], "'a' is not a number")
        try await refusesUpdate([.set("a", to: Set<String>())], "empty set")
        try await refusesUpdate(.exists("a"), "a condition stands where an update")
        var long = Path("a").appending(["x"])
        for _ in 0..<100_000 { long = long.appending(["x"]) }
        try await refusesUpdate([.set("a", to: long)], "300 operators")
        let many = (0..<301).map { UpdateAction.set(Path("a\($0)"), to: Path("b") + 1) }
        try await refusesUpdate(.update(many), "300 operators")
    }

    @Test func whatNoConditionCanBeIsRefused() async throws {
        try await refusesCondition(.in("a", [Int]()), "0 values")
        try await refusesCondition(.in("a", Array(1...101)), "101 values")
        try await refusesCondition(.all([]), "no conditions")
        try await refusesCondition(.any([]) && .exists("a"), "no conditions")
        try await refusesCondition(.exists(Path("a").size), "size(a)")
        try await refusesCondition("a" == Path("b") + 1, "arithmetic")
        try await refusesCondition("a" == Path("b").ifNotExists(1), "only updates have")
        try await refusesCondition([.set("a", to: 1)], "an update stands where a condition")
        try await refusesCondition(.attributes(["a"]) && .exists("a"), "a projection stands where a condition")
        try await refusesCondition(.all((0...150).map { "a" == $0 }), "300 operators")
        // As deep as a hostile loop makes it: neither the stack nor the memory is at risk.
        var deep: Expression = .exists("a")
        for place in 0..<100_000 { deep = place % 2 == 0 ? deep && "b" == 1 : !deep }
        try await refusesCondition(deep, "300 operators")
        let long = Expression.in("a", (0..<100).map { "\($0)" })
        try await refusesCondition(.all((0..<10).map { _ in long }) && .in("b", Array(0..<90)), "4096")
    }

    @Test func aProjectionThatReadsAPathTwiceIsRefused() async throws {
        for (projection, mention) in [
            (Expression.attributes([]), "no attributes"), (.attributes(["a", "b", "a"]), "'a' twice"),
            (.attributes([Path("a")["b"], "a"]), "'a.b' and also 'a'"), (.exists("a"), "a condition stands"),
            (.attributes([Path("a").size]), "size(a)"),
        ] {
            try await validation(mention) { client throws(TidemarkError) in
                _ = try await client.getItem(table: "T", key: ["id": "1"], projection: projection)
            }
        }
    }

    @Test func aKeyIsNotUpdatedWhereTheTablesKeysAreKnown() async throws {
        let table = ContractTable(
            name: "T", partitionKey: KeyAttribute(name: "pk"), sortKey: KeyAttribute(name: "sk"))
        for name in ["pk", "sk"] {
            try await validation("'\(name)' is a key attribute", schema: table) { client throws(TidemarkError) in
                try await client.updateItem(
                    table: "T", key: ["pk": "1", "sk": "2"], update: [.set("a", to: 1), .set(Path(name), to: 1)])
            }
            try await validation("'\(name)' is a key attribute", schema: table) { client throws(TidemarkError) in
                try await client.transactWriteItems([
                    .update(table: "T", key: ["pk": "1", "sk": "2"], update: [.remove(Path(name))])
                ])
            }
        }
    }

    @Test(
        arguments: [
            "a" != 1, "a" == 1 || "b" == 2, !("a" == 1), "a" > 1, "a" == Path("b"), "a" == 1 && "b" != 2,
            "a" == 1 && .contains("b", 1), "a" == 1 && "b" > 1 && "c" < 2, Path("a")["b"] == 1, "a" == 1 && "a" > 2,
            .exists("a"), "a" == 1 && .in("b", [1]), .all([]), Path("a").size == 1,
        ] as [Expression])
    func whatIsNoKeyConditionIsRefused(condition: Expression) async throws {
        try await validation("") { client throws(TidemarkError) in
            _ = try await client.query(table: "T", keyCondition: condition)
        }
    }

    // MARK: What is sent

    @Test func expressionsOfOneRequestShareTheirPlaceholders() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let given = Expression(
            "#0 = :7 AND contains(#p, :x)", names: ["#0": "r", "#p": "q"], values: [":7": 1, ":x": 2])
        _ = try await harness.client.query(
            table: "T", keyCondition: "customer" == "c1" && .beginsWith("placed", "2026"), filter: given,
            projection: .attributes(["customer", "r"]))
        let body = try harness.body()
        #expect(body["KeyConditionExpression"]?.stringValue == "#1 = :8 AND begins_with(#2, :9)")
        #expect(body["FilterExpression"]?.stringValue == given.text)
        #expect(body["ProjectionExpression"]?.stringValue == "#1, #3")
        let names = body["ExpressionAttributeNames"]?.objectValue?.map { [$0.name, $0.value.stringValue ?? ""] }
        #expect(Set(names ?? []) == [["#0", "r"], ["#p", "q"], ["#1", "customer"], ["#2", "placed"], ["#3", "r"]])
        #expect(body["ExpressionAttributeValues"]?[":8"]?["S"]?.stringValue == "c1")
        #expect(body["ExpressionAttributeValues"]?[":9"]?["S"]?.stringValue == "2026")
        #expect(body["ExpressionAttributeValues"]?.objectValue?.count == 4)
    }

    @Test func anUpdateAndItsConditionShareNamesAndValues() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        try await harness.client.updateItem(
            table: "T", key: ["id": "1"], update: [.set("status", to: "paid"), .add(1, to: "version")],
            condition: "status" == "open" && "version" == 1)
        let body = try harness.body()
        #expect(body["UpdateExpression"]?.stringValue == "SET #0 = :0 ADD #1 :1")
        #expect(body["ConditionExpression"]?.stringValue == "#0 = :2 AND #1 = :1")
        #expect(body["ExpressionAttributeNames"]?.objectValue?.count == 2)
    }

    @Test(
        arguments: [
            ("pk" == "a" && "sk" == "b", "pk", "a"), ("pk" == "a" && "sk" == "b", "sk", "b"),
            ("sk" > "b" && "pk" == "a", nil, "a"), ("pk" == "a", nil, "a"), ("pk" == "a" && "sk" == "b", nil, "a"),
            ("pk" == "a", "other", nil), (.exists("pk"), nil, nil), ([.set("pk", to: "a")], nil, nil),
            ("x" && "pk" == "a", nil, "a"),
        ] as [(Expression, String?, String?)])
    func thePartitionKeyIsKnownWithoutReadingText(condition: Expression, name: String?, expected: String?) {
        #expect(KeyCondition.partitionKey(of: condition, named: name)?.stringValue == expected)
    }

    @Test func aQueryRecordsThePartitionKeyOfItsBuiltCondition() async throws {
        func weighed(_ condition: Expression) async throws -> [KeyEvent] {
            let harness = try Harness { _, _ in
                answer(#"{"Count":0,"ConsumedCapacity":{"TableName":"T","CapacityUnits":1.5}}"#)
            }
            _ = try await harness.client.query(table: "T", keyCondition: condition)
            return try harness.keyEvents()
        }
        let built = try await weighed("customer" == "c1" && "n" > 4)
        let given = try await weighed(Expression("customer = :c AND n > :n", values: [":c": "c1", ":n": 4]))
        #expect(!built.isEmpty && built.map(\.key) == given.map(\.key))
    }
}
