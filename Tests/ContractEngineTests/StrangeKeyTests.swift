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

    @Test func soItIsOfAnIndex() throws {
        #expect(try findings("Query", knows: "\"seller_id\"", index: ", \"index\": \"ByPlan\"").count == 1)
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
