import ContractEngine
import Testing

/// Keys that leave room for one item where the documents speak of several, and keys that a moment alone tells apart.
struct KeyRoomTests {
    private func findings(
        entities: String, patterns: String = "", rule: String = "key-holds-one"
    ) throws -> [Finding] {
        let contract = """
            {"tables": [{"table": "Shop", "type": "multi-entity", "pk": "PK", "sk": "SK", "entities": [\(entities)]}],
             "access_patterns": [\(patterns)]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))).filter {
            $0.rule == rule
        }
    }

    private func kind(
        _ name: String, source: String, pk: String = "USER#{user_id}", sk: String, count: Int? = nil, more: String = "",
        attributes: [(name: String, column: String)]
    ) -> String {
        let count = count.map { ", \"estimated_item_count\": \($0)" } ?? ""
        let list = attributes.map {
            "{\"name\": \"\($0.name)\", \"type\": \"S\", \"source_table\": \"\(source)\", \"source_column\": \"\($0.column)\"}"
        }.joined(separator: ", ")
        return """
            {"entity_type": "\(name)", "source_table": "\(source)", "pk_template": "\(pk)", "sk_template": "\(sk)"\(count)\(more),
             "attributes": [\(list)]}
            """
    }

    private func user(count: Int? = nil) -> String {
        kind("USER", source: "users", sk: "META", count: count, attributes: [("user_id", "id"), ("email", "email")])
    }

    private func order(sk: String, count: Int? = nil, more: String = "") -> String {
        kind(
            "ORDER", source: "orders", sk: sk, count: count, more: more,
            attributes: [("user_id", "user_id"), ("order_id", "id"), ("placed_at", "placed_at"), ("day", "day")])
    }

    private func pattern(_ words: String, _ operation: String, items: Int? = nil, keys: String = "\"user_id\"")
        -> String
    {
        let items = items.map { ", \"items_per_call\": \($0)" } ?? ""
        return """
            {"id": "AP1", "description": "\(words)", "peak_rps": 1, "operation": "\(operation)", "table": "Shop", "entity": "ORDER",
             "key_attributes": [\(keys)]\(items)}
            """
    }

    @Test func aQueryOfMoreItemsThanThePartitionHoldsIsAnError() throws {
        let found = try findings(
            entities: "\(user()), \(order(sk: "ORDER"))", patterns: pattern("Orders of a user", "Query", items: 12))
        #expect(found.map(\.subject) == ["Shop ORDER.SK"] && found.first?.severity == .error)
        #expect(
            found.first?.message
                == "The key of Shop ORDER leaves room for one item of each user_id, and order_id is no part of it, while AP1 (Orders of a "
                + "user) reads 12 in one Query: each that is written takes the place of the one before.")
    }

    @Test func moreItemsThanItsOwnersHaveAreAnError() throws {
        let found = try findings(entities: "\(user(count: 1_000)), \(order(sk: "ORDER", count: 5_000))")
        #expect(found.map(\.severity) == [.error])
        #expect(found.first?.message.contains("5,000 are estimated of 1,000 items of Shop USER") == true)
    }

    @Test func moreItemsThanItsKeyHasValuesAreAnError() throws {
        let contract = """
            {"tables": [{"table": "Readings", "pk": "device", "estimated_item_count": 90000, "estimated_distinct_keys": 300,
              "attributes": [{"name": "device", "type": "S"}, {"name": "value", "type": "N"}]}]}
            """
        let found = lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
        #expect(
            found.first { $0.rule == "key-holds-one" }?.message.contains("90,000 items are estimated of 300 keys")
                == true)
    }

    @Test(arguments: [
        ("Append an order", "\"user_id\", \"order_id\""),
        ("Store an order", "\"user_id\", \"placed_at\", \"order_id\""),
    ])
    func aPutOfOneOfSeveralIsAWarning(_ words: String, _ keys: String) throws {
        let found = try findings(
            entities: "\(user()), \(order(sk: "ORDER"))", patterns: pattern(words, "PutItem", keys: keys))
        #expect(found.map(\.severity) == [.warning])
    }

    @Test func anOrderOfOneItemIsAWarning() throws {
        let found = try findings(
            entities: order(sk: "ORDER"), patterns: pattern("Orders of a user, newest first", "Query"))
        #expect(found.map(\.severity) == [.warning])
    }

    /// Another kind has many items in the same partition: the words tell which of them a Query is for.
    @Test(
        arguments: [
            ("Orders of a user", 12, [Finding.Severity.error]), ("Orders of a user, newest first", nil, [.warning]),
            ("A user with their orders and carts", 12, []), ("Everything of a user", 12, []),
        ] as [(String, Int?, [Finding.Severity])])
    func besideManyOfAnotherKindTheWordsTell(_ words: String, _ items: Int?, _ told: [Finding.Severity]) throws {
        let cart = kind(
            "CART", source: "carts", sk: "CART#{product}", attributes: [("user_id", "user_id"), ("product", "product")])
        let found = try findings(
            entities: "\(user()), \(order(sk: "ORDER")), \(cart)", patterns: pattern(words, "Query", items: items))
        #expect(found.map(\.severity) == told)
        // All of them may be in one item that is called after them.
        let whole = order(sk: "ORDER").replacing("\"ORDER\"", with: "\"USER_ORDERS\"", maxReplacements: 1)
        let query = pattern(words, "Query", items: items).replacing("\"ORDER\"", with: "\"USER_ORDERS\"")
        #expect(try findings(entities: "\(user()), \(whole), \(cart)", patterns: query) == [])
    }

    /// Where the patterns' table does not say what callers know, the mapping's words name the key that is meant.
    @Test(arguments: [("begins_with(SK, ORDER)", 1), ("", 0), ("by GSI1SK", 0)])
    func theMappingNamesTheTablesOwnKey(_ notes: String, _ count: Int) throws {
        let contract = """
            {"tables": [{"table": "Shop", "type": "multi-entity", "pk": "PK", "sk": "SK",
              "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}],
              "entities": [\(user()), \(order(sk: "ORDER"))]}]}
            """
        let model =
            "# Shop\n\n| Pattern | Table | Operation | Entity | Items per call | Notes |\n|---|---|---|---|---|---|\n"
            + "| A1 | Shop | Query | ORDER | 3 | \(notes) |\n"
        let patterns = "| ID | Description | Peak RPS |\n|---|---|---|\n| A1 | Orders of a user | 3 |\n"
        let found = try GivenDocuments.findings(contract, patterns: patterns, model: model)
        #expect(found.count { $0.rule == "key-holds-one" } == count)
    }

    @Test func oneItemOfEachIsRight() throws {
        // A profile of each user, that has an id of its own and is created with it.
        let profile = pattern("Create the order book of a user", "PutItem", keys: "\"user_id\", \"order_id\"")
        #expect(
            try findings(entities: "\(user(count: 1_000)), \(order(sk: "ORDER", count: 900))", patterns: profile) == [])
        // A user and all that belongs to them: two kinds of one item each.
        let both = pattern("A user with their order", "Query", items: 2)
        #expect(try findings(entities: "\(user()), \(order(sk: "ORDER"))", patterns: both) == [])
        // The last of each is one item too, and what is created with its user has a time of its own.
        let last = pattern("Latest order of a user", "Query", items: 1)
        #expect(try findings(entities: order(sk: "ORDER"), patterns: last) == [])
        let byMail = kind(
            "ORDER", source: "orders", pk: "{email}", sk: "ORDER",
            attributes: [("email", "email"), ("order_id", "id"), ("placed_at", "placed_at")])
        let put = pattern("Store an order", "PutItem", keys: "\"email\", \"placed_at\", \"order_id\"")
        #expect(try findings(entities: byMail, patterns: put) == [])
        // Beside it another kind has many items in the partition.
        let cart = kind(
            "CART", source: "carts", sk: "CART#{product}", attributes: [("user_id", "user_id"), ("product", "product")])
        let all = pattern("A user with their cart", "Query", items: 20)
        #expect(try findings(entities: "\(order(sk: "ORDER")), \(cart)", patterns: all) == [])
        // The key has what tells them apart.
        let several = pattern("Orders of a user", "Query", items: 12)
        #expect(try findings(entities: order(sk: "ORDER#{order_id}"), patterns: several) == [])
        // A constant key is told by another rule.
        let constant = kind("COUNTER", source: "counters", pk: "COUNTER", sk: "ALL", attributes: [("name", "name")])
        #expect(try findings(entities: constant) == [])
    }

    @Test func whereACallerMayMeanAnIndexNothingIsTold() throws {
        func found(_ keys: String) throws -> Int {
            let contract = """
                {"tables": [{"table": "Devices", "pk": "device_id", "gsis": [{"index_name": "BySite", "pk": "site", "projection": "ALL"}],
                  "attributes": [{"name": "device_id", "type": "S"}, {"name": "site", "type": "S"}]}],
                 "access_patterns": [{"id": "AP1", "description": "Devices on a site", "peak_rps": 1, "operation": "Query",
                  "table": "Devices", "items_per_call": 25, "key_attributes": [\(keys)]}]}
                """
            return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
                .count { $0.rule == "key-holds-one" }
        }
        #expect(try found("") == 0)
        #expect(try found("\"device_id\"") == 1)
    }

    @Test func aMomentAloneIsAWarning() throws {
        let found = try findings(entities: order(sk: "ORDER#{placed_at}"), rule: "key-time-alone")
        #expect(found.map(\.subject) == ["Shop ORDER.SK"] && found.first?.severity == .warning)
        #expect(found.first?.advice.contains("{placed_at}#{order_id}") == true)
    }

    @Test(arguments: ["ORDER#{placed_at}#{order_id}", "ORDER#{order_id}", "ORDER#{day}", "ORDER"])
    func aMomentWithAnIDADayAndNoTimeAreNone(_ sort: String) throws {
        #expect(try findings(entities: order(sk: sort), rule: "key-time-alone") == [])
    }

    @Test func whatIsUniqueNeedsNoID() throws {
        let unique =
            #", "unique_constraints": [{"attributes": ["placed_at"], "lookup_table": "Shop", "pk_template": "AT#{placed_at}"}]"#
        #expect(try findings(entities: order(sk: "ORDER#{placed_at}", more: unique), rule: "key-time-alone") == [])
    }
}
