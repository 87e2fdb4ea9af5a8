import ContractEngine
import ContractModel
import Testing

/// What is taken for the operation of a pattern of which no document names one.
struct OperationGuessTests {
    private static let contract = """
        {"tables": [{"table": "Orders", "type": "single-entity", "source_table": "orders", "pk": "customer_id", "sk": "order_no",
          "gsis": [{"index_name": "ByStatus", "pk": "status", "sk": "placed_at", "projection": "ALL"}],
          "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_no", "type": "S"}, {"name": "status", "type": "S"},
            {"name": "placed_at", "type": "S"}, {"name": "note", "type": "S"}],
          "satisfies": ["AP1"]}]}
        """

    private func operation(_ description: String, _ type: String, _ keys: String) throws -> PatternOperation? {
        let patterns = "id,description,type,peak rps,key attributes\nAP1,\(description),\(type),1,\"\(keys)\"\n"
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.csv", text: patterns)
        ).patterns[0].operations.first
    }

    @Test(arguments: [
        ("Get all orders of a customer", "customer_id", "Query"), ("Get all orders with a status", "status", "Query"),
        ("Get all orders with a note", "note", "Scan"), ("Get all orders", "", "Scan"),
        ("Orders of a customer", "customer_id", "Query"),
        ("Show order", "customer_id, order_no", "GetItem"), ("Get one order", "customer_id, order_no", "GetItem"),
        ("List orders of a customer", "customer_id, order_no", "Query"),
        ("Get orders", "customer_id, order_no", "Query"),
    ])
    func readsAreGuessedByWhatTheirCallersKnow(description: String, keys: String, expected: String) throws {
        let found = try #require(try operation(description, "Read", keys))
        #expect(found.operation == expected && found.isOperationGuess)
        #expect(found.guess?.contains("no document names its operation: \(expected)") == true)
    }

    @Test(arguments: [
        ("Approve order", "UpdateItem"), ("Record payment of order", "UpdateItem"), ("Acknowledge alert", "UpdateItem"),
        ("Return a copy", "UpdateItem"), ("Flag a comment of an order", "UpdateItem"),
        ("Approve new order", "UpdateItem"),
        ("Create order", "PutItem"), ("Store order", "PutItem"), ("Submit order", "PutItem"),
        ("Record order", "PutItem"),
        ("Record orders", "PutItem"), ("Borrow a copy", "PutItem"), ("Cancel order", "UpdateItem"),
        ("Remove order", "DeleteItem"),
    ])
    func aWriteThatSpeaksOfNothingNewChangesWhatIsThere(description: String, expected: String) throws {
        let found = try #require(try operation(description, "Write", "customer_id, order_no"))
        #expect(found.operation == expected)
        let report = LintReport(
            try ContractDocument.read(
                contract: SourceText(name: "c.json", text: Self.contract),
                patterns: SourceText(
                    name: "p.csv",
                    text:
                        "id,description,type,peak rps,key attributes\nAP1,\(description),Write,1,\"customer_id, order_no\"\n"
                )))
        #expect(
            report.guesses.contains {
                $0.text.hasPrefix("no document names its operation: \(expected)") && $0.patterns == ["AP1"]
            })
    }

    /// Without the key nobody can change an item.
    @Test func aWriteOfWhichTheKeyIsNotKnownStores() throws {
        #expect(try operation("Trigger something", "Write", "customer_id")?.operation == "PutItem")
        #expect(try operation("Trigger something", "Write", "customer_id, order_no")?.operation == "UpdateItem")
    }
}
