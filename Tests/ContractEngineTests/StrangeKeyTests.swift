import ContractEngine
import Testing

/// Callers whose key attributes are nothing like the key that an operation needs.
struct StrangeKeyTests {
    private func findings(_ operation: String, knows: String, more: String = "", index: String = "") throws -> [String]
    {
        let contract = """
            {"tables": [{"table": "Users", "type": "single-entity", "source_table": "users", "pk": "email",
              "gsis": [{"index_name": "ByPlan", "pk": "plan", "projection": "ALL"}],
              "attributes": [{"name": "email", "type": "S", "source_table": "users", "source_column": "email"},
               {"name": "plan", "type": "S", "source_table": "users", "source_column": "plan"}]},
              {"table": "Sellers", "pk": "seller_id", "attributes": [{"name": "seller_id", "type": "S"}]}],
             "access_patterns": [{"id": "AP1", "description": "Get seller", "rps": 8, "key_attributes": [\(knows)], "operations": [
               {"operation": "\(operation)", "table": "Users"\(index)}\(more)]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
            .filter { $0.rule == "operation-lacks-key" }.map(\.message)
    }

    @Test(arguments: ["GetItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem", "TransactGetItems"])
    func aKeyThatNothingKnowsIsTold(_ operation: String) throws {
        let told = try findings(operation, knows: "\"seller_id\"")
        #expect(
            told == [
                "AP1 (Get seller) is \(operation) on Users, which needs email; its caller knows seller_id: no table and no index of "
                    + "the contract has email by what the caller knows."
            ])
    }

    @Test(arguments: ["slug", "phone_number", "shop_slug"])
    func anyNameOfOneThingIsTold(_ name: String) throws {
        #expect(try findings("GetItem", knows: "\"\(name)\"").count == 1)
    }

    @Test(arguments: ["page_token", "limit", "lang", "date", "filters", "next_id"])
    func namesOfPagesAndChoicesAreNot(_ name: String) throws {
        #expect(try findings("GetItem", knows: "\"\(name)\"") == [])
    }

    /// What the mapping says of an operation besides, how current it is and of how many items, makes no other operation of it.
    @Test func whatAMappingSaysBesidesChangesNothing() throws {
        let contract =
            #"{"tables": [{"table": "Shows", "pk": "show_id", "attributes": [{"name": "show_id", "type": "S"}]}]}"#
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | Show a show | 1 | Read | slug |
            """
        let model = """
            | Pattern | Table | Operation | Items per call | Consistency |
            |---|---|---|---|---|
            | AP1 | Shows | GetItem | 1 | strong |
            """
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns),
            model: SourceText(name: "m.md", text: model))
        #expect(lint(document).contains { $0.rule == "operation-lacks-key" && $0.subject == "AP1" })
    }

    @Test func soItIsOfAnIndex() throws {
        #expect(try findings("Query", knows: "\"seller_id\"", index: ", \"index\": \"ByPlan\"").count == 1)
    }

    /// Carts under their owner's email, which is a column of their own or a join's.
    private func carts(_ knows: String, column: String = "email", join: String = "") throws -> [String] {
        let contract = """
            {"tables": [{"table": "Carts", "type": "single-entity", "source_table": "carts", "pk": "user_email",
              "attributes": [{"name": "user_email", "type": "S", "source_table": "carts", "source_column": "\(column)"\(join)}]}],
             "access_patterns": [{"id": "AP1", "description": "Get carts", "rps": 8, "key_attributes": ["\(knows)"],
              "operations": [{"operation": "BatchGetItem", "table": "Carts"}]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
            .filter { $0.rule == "operation-lacks-key" }.map(\.message)
    }

    /// An email is no nearer to a user's id for being called the user's email; what a join finds it by is.
    @Test func aWordThatOnlyOneOfItsNamesHasIsNoLikeness() throws {
        #expect(try carts("user_id").count == 1)
        #expect(try carts("user_id").first?.contains("which needs user_email;") == true)
        #expect(try carts("login_email") == [])
        let join = """
            , "join": {"type": "foreign-key", "target_table": "users", "join_condition": "users.id = carts.user_id",
              "select_column": "users.email"}
            """
        #expect(try carts("user_id", column: "user_id", join: join) == [])
        #expect(try carts("seller_id", column: "user_id", join: join).count == 1)
    }

    @Test func anAttributeOfTheItemsIsNoKey() throws {
        #expect(try findings("BatchGetItem", knows: "\"plan\"").count == 1)
        #expect(try findings("BatchGetItem", knows: "\"colour\"") == [])
        #expect(try findings("BatchGetItem", knows: "\"id\", \"seller_id\"") == [])
        // Another part of the same transaction comes too late to bring the key.
        let more = ", {\"operation\": \"TransactGetItems\", \"table\": \"Sellers\"}"
        #expect(try findings("TransactGetItems", knows: "\"seller_id\"", more: more).count == 1)
    }

    @Test func whereItMayBeKnownNothingIsTold() throws {
        #expect(try findings("GetItem", knows: "") == [])
        #expect(try findings("GetItem", knows: "\"email\"") == [])
        #expect(try findings("GetItem", knows: "\"id\"") == [])
        #expect(try findings("GetItem", knows: "\"seller_email\"") == [])
        #expect(try findings("PutItem", knows: "\"seller_id\"") == [])
        // What is read before may bring it.
        let more = ", {\"operation\": \"GetItem\", \"table\": \"Sellers\"}"
        #expect(try findings("GetItem", knows: "\"seller_id\"", more: more) == [])
    }
}
