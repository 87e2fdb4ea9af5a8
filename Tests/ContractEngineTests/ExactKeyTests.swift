import ContractEngine
import ContractModel
import Testing

/// A key that is only computed of what a caller knows, beside one that is just that.
struct ExactKeyTests {
    private func document(_ operation: String, _ keys: String, format: String = "YYYY-MM-DD") throws -> ContractDocument
    {
        let contract = """
            {"tables": [{"table": "Ledger", "type": "single-entity", "source_table": "entries", "pk": "day", "sk": "entry_id",
              "gsis": [{"index_name": "ByAccount", "pk": "account_id", "sk": "posted_at", "projection": "ALL"}],
              "attributes": [
               {"name": "day", "type": "S", "source_column": "posted_at",
                "transformation": {"type": "date-format", "format": "\(format)"}},
               {"name": "entry_id", "type": "S", "source_column": "id"}, {"name": "account_id", "type": "S"},
               {"name": "posted_at", "type": "S"}, {"name": "amount", "type": "N"}],
              "satisfies": ["AP1", "AP2"]}]}
            """
        let patterns = """
            id,description,type,peak rps,key attributes,operation
            AP1,Post entry,Write,30,"day, entry_id",PutItem
            AP2,List entries of an account since a date,Read,50,"\(keys)",\(operation)
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.csv", text: patterns))
    }

    private func place(_ document: ContractDocument) -> String? {
        let charge = capacity(of: document).pattern("AP2")?.charges.first
        return charge.map { "\($0.operation) \($0.table).\($0.index ?? "")" }
    }

    @Test(arguments: ["", "Query"])
    func theIndexOfJustWhatIsKnownIsRead(operation: String) throws {
        let document = try document(operation, "account_id, posted_at")
        #expect(place(document) == "Query Ledger.ByAccount")
        let rules = Set(lint(document).map(\.rule))
        #expect(rules.isDisjoint(with: ["index-unread", "operation-lacks-key"]))
        #expect(
            capacity(of: document).pattern("AP2")?.assumptions.contains {
                $0.text == "Query on Ledger reads Ledger.ByAccount, whose key is just what its caller knows"
            } == true)
    }

    @Test func whoKnowsTheDayReadsTheTable() throws {
        #expect(place(try document("Query", "day, account_id")) == "Query Ledger.")
        #expect(place(try document("Query", "day")) == "Query Ledger.")
        // A moment alone is enough for its day.
        #expect(place(try document("Query", "posted_at")) == "Query Ledger.")
    }

    @Test func aMomentWrittenOtherwiseIsTheMoment() throws {
        #expect(place(try document("Query", "account_id, posted_at", format: "YYYY-MM-DD HH:mm:ss")) == "Query Ledger.")
    }
}
