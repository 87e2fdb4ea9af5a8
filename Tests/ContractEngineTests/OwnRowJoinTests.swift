import ContractEngine
import Testing

/// A join on the row itself brings the row's own columns: who knows one of them knows the key that is made of it.
struct OwnRowJoinTests {
    private func rules(_ condition: String) throws -> Set<String> {
        let contract = """
            {"tables": [
              {"table": "Sessions", "pk": "session_id", "source_table": "sessions", "satisfies": ["AP1"], "estimated_item_size_bytes": 300,
               "gsis": [{"index_name": "Unpaid", "pk": "unpaid_customer_id", "projection": "ALL"}],
               "attributes": [
                {"name": "session_id", "type": "S", "source_table": "sessions", "source_column": "id"},
                {"name": "customer_id", "type": "S", "source_table": "sessions", "source_column": "customer_id"},
                {"name": "parent_id", "type": "S", "source_table": "sessions", "source_column": "parent_id"},
                {"name": "unpaid_customer_id", "type": "S", "source_table": "sessions", "source_column": "customer_id",
                 "join": {"type": "conditional", "condition": "paid = 0", "target_table": "sessions", "join_condition": "\(condition)",
                  "select_column": "customer_id", "else_value": "NULL"}}]}]}
            """
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | Unpaid sessions of a customer | 10 | Read | customer_id |
            """
        let model = "## Mapping\n\n| Pattern | Table | Operation |\n|---|---|---|\n| AP1 | Sessions.Unpaid | Query |\n"
        return Set(
            lint(
                try ContractDocument.read(
                    contract: SourceText(name: "c.json", text: contract),
                    patterns: SourceText(name: "p.md", text: patterns),
                    model: SourceText(name: "m.md", text: model))
            ).map(\.rule))
    }

    @Test func theRowsOwnColumnIsKnown() throws {
        #expect(
            try rules("sessions.id = sessions.id").isDisjoint(with: [
                "query-without-partition-key", "pattern-needs-scan",
            ]))
    }

    @Test func anotherRowsColumnIsNot() throws {
        #expect(
            try !rules("sessions.id = sessions.parent_id").isDisjoint(with: [
                "query-without-partition-key", "pattern-needs-scan",
            ]))
    }
}
