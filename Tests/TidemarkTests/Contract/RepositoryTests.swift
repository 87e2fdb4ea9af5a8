import ContractModel
import JSONBytes
import Telemetry
import TestSupport
import Testing
import Tidemark

struct RepositoryTests {
    static let users = ContractTable(
        name: "Users", isMultiEntity: true, partitionKey: KeyAttribute(name: "PK"), sortKey: KeyAttribute(name: "SK"),
        indexes: [ContractIndex(name: "GSI1", partitionKey: KeyAttribute(name: "GSI1PK"))],
        entities: [
            ContractEntity(
                name: "CART", partitionKeyTemplate: KeyTemplate("{user_email}"),
                sortKeyTemplate: KeyTemplate("CART#{product_id}"),
                attributes: [
                    ContractAttribute(name: "PK", type: .S), ContractAttribute(name: "SK", type: .S),
                    ContractAttribute(name: "product_id", type: .S), ContractAttribute(name: "quantity", type: .N),
                    ContractAttribute(
                        name: "GSI1PK", type: .S, transformation: .stringFormat(KeyTemplate("P#{product_id}"))),
                ]),
            ContractEntity(
                name: "USER", partitionKeyTemplate: KeyTemplate("{email}"), sortKeyTemplate: KeyTemplate("#META")),
        ])
    static let products = ContractTable(
        name: "Products", partitionKey: KeyAttribute(name: "id", type: .N), entities: [ContractEntity(name: "Products")]
    )
    static let contract = MigrationContract(tables: [users, products])

    private static func carts(_ harness: Harness) throws -> ContractRepository {
        try ContractRepository(client: harness.client, contract: contract, table: "Users", entity: "CART")
    }

    @Test func keysAreMadeByTheTemplates() throws {
        let harness = try Harness { _, _ in answer("{}") }
        #expect(
            try Self.carts(harness).key(["user_email": "a@b.c", "product_id": "17"]) == [
                "PK": "a@b.c", "SK": "CART#17",
            ])
        let products = try ContractRepository(client: harness.client, contract: Self.contract, table: "Products")
        #expect(try products.key(["id": "7965"]) == ["id": 7965])
    }

    @Test func callsAreFiledUnderTheirPattern() async throws {
        let harness = try Harness { _, _ in answer(#"{"Item":{"PK":{"S":"a"}}}"#) }
        let item = try await Self.carts(harness).get(["user_email": "a", "product_id": "17"], pattern: "AP21")
        #expect(item == ["PK": "a"])
        #expect(try harness.counters()[SeriesKey(table: "Users", operation: "GetItem", pattern: "AP21")]?.calls == 1)
    }

    @Test func aGoodItemIsStored() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        try await Self.carts(harness).put(
            ["PK": "a@b.c", "SK": "CART#17", "product_id": "17", "quantity": 2], pattern: "AP20")
        #expect(harness.transport.requests.count == 1)
    }

    @Test(arguments: [
        (
            ["SK": "CART#17"] as Item,
            "Users CART's item has no 'PK', which is its key: give 'user_email', of which it is made"
        ),
        (["PK": 1, "SK": "CART#17"], "Users CART's attribute 'PK' is N, the contract says S"),
        (
            ["PK": "a", "SK": "ORDER#17"],
            "Users CART's key 'SK' does not have the form 'CART#{product_id}' with the item's own attributes in it"
        ),
        (
            ["PK": "a", "SK": "CART#17", "product_id": "18"],
            "Users CART's key 'SK' is not what its fields make of it: leave it out"
        ),
        (["PK": "a", "SK": "CART#17", "quantity": "2"], "Users CART's attribute 'quantity' is S, the contract says N"),
        (
            ["PK": "a", "SK": "CART#17", "quantity": nil],
            "Users CART's attribute 'quantity' is NULL, the contract says N"
        ),
    ])
    func aWriteThatBreaksTheContractIsRefusedWithItsReason(item: Item, reason: String) async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            guard let carts = try? Self.carts(harness) else { return }
            try await carts.put(item, pattern: "AP20")
        }
        #expect(error.code == .contract)
        #expect(error.message == reason)
        #expect(error.pattern == "AP20")
        #expect(harness.transport.requests.isEmpty)
        let series = try #require(
            try harness.counters()[SeriesKey(table: "Users", operation: "PutItem", pattern: "AP20")])
        #expect(series.calls(.client) == 1)
    }

    @Test func aMissingValueIsNamed() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let carts = try Self.carts(harness)
        let error = await failure { () throws(TidemarkError) in
            _ = try await carts.get(["user_email": "a"], pattern: "AP21")
        }
        #expect(error.message == "Users CART's key 'SK' is made by 'CART#{product_id}': give a value for 'product_id'")
    }

    @Test func updatesSetAndRemove() async throws {
        let harness = try Harness { _, _ in answer(#"{"Attributes":{"PK":{"S":"a"}}}"#) }
        let carts = try Self.carts(harness)
        let left = try await carts.update(
            ["user_email": "a", "product_id": "17"], set: ["quantity": 3], remove: ["note"], pattern: "AP22")
        #expect(left == ["PK": "a"])
        let body = try harness.body()
        #expect(body["UpdateExpression"]?.stringValue == "SET #0 = :0 REMOVE #1")
        #expect(body["ExpressionAttributeNames"]?["#1"]?.stringValue == "note")
        for change in [["quantity": "3"], ["SK": "CART#18"]] as [Item] {
            let error = await failure { () throws(TidemarkError) in
                try await carts.update(["user_email": "a", "product_id": "17"], set: change, pattern: "AP22")
            }
            #expect(error.code == .contract)
        }
    }

    @Test func aQueryFindsItsOwnKindOfItem() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        let carts = try Self.carts(harness)
        _ = try await carts.query(["user_email": "a"], pattern: "AP23")
        _ = try await carts.query(["product_id": "17"], index: "GSI1", pattern: "AP24")
        #expect(try harness.body(0)["KeyConditionExpression"]?.stringValue == "#0 = :0 AND begins_with(#1, :1)")
        #expect(try harness.body(0)["ExpressionAttributeValues"]?[":1"]?["S"]?.stringValue == "CART#")
        #expect(try harness.body(1)["ExpressionAttributeValues"]?[":0"]?["S"]?.stringValue == "P#17")
        let error = await failure { () throws(TidemarkError) in
            _ = try await carts.query(["product_id": "17"], index: "GSI9", pattern: "AP24")
        }
        #expect(error.message == "the contract's table 'Users' has no index 'GSI9'")
    }

    @Test func unknownTablesAndKindsAreConfigurationErrors() throws {
        let harness = try Harness { _, _ in answer("{}") }
        for (table, entity) in [("Orders", nil), ("Users", nil), ("Users", "X")] as [(String, String?)] {
            let error = #expect(throws: TidemarkError.self) {
                try ContractRepository(client: harness.client, contract: Self.contract, table: table, entity: entity)
            }
            #expect(error?.code == .configuration)
        }
    }

    @Test(arguments: [
        ("CART#{id}", "CART#1", true), ("CART#{id}", "CART#", false), ("{a}#{b}", "x#y", true),
        ("{a}#{b}", "#y", false),
        ("{a}#X", "1#X2#X", true), ("{a}#{b}#{c}", "1#2", false), ("{a}{b}", "x", false), ("{a}{b}", "xy", true),
        ("#META", "#META", true), ("#META", "#METAL", false), ("{known}#{b}", "k#2", true),
        ("{known}#{b}", "x#2", false),
        ("P{known}", "Pk", true), ("", "", true), ("", "x", false),
    ])
    func keysHaveTheFormOfTheirTemplate(template: String, key: String, matches: Bool) {
        #expect(KeyForm(KeyTemplate(template), known: ["known": "k"]).matches(key) == matches)
    }
}
