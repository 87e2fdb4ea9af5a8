import ContractEngine
import ContractModel
import TableProvisioning
import Testing
import Tidemark

/// Items that the contract would not have made so: a sample tells each, and nothing of a good one.
struct BrokenItemTests {
    private static let contract = """
        {"tables": [{"table": "Tasks", "source_table": "tasks", "pk": "PK",
          "gsis": [{"index_name": "ByState", "pk": "GSI1PK"}, {"index_name": "Waiting", "pk": "depot"}],
          "attributes": [
           {"name": "PK", "type": "S", "source_column": "id", "transformation": {"type": "string-format", "format": "T#{id}"}},
           {"name": "id", "type": "S", "source_column": "id"},
           {"name": "state", "type": "S", "source_column": "state", "nullable": true},
           {"name": "GSI1PK", "type": "S", "source_column": "state", "nullable": true,
            "transformation": {"type": "string-format", "format": "ST#{state}"}},
           {"name": "done_at", "type": "S", "source_column": "done_at", "nullable": true,
            "transformation": {"type": "date-format", "format": "ISO8601"}},
           {"name": "depot", "type": "S", "source_column": "depot_id", "nullable": true, "join": {"type": "conditional",
            "condition": "tasks.done_at IS NULL", "target_table": "depots", "join_condition": "depots.id = tasks.depot_id",
            "select_column": "depots.code", "else_value": ""}},
           {"name": "boss", "type": "S", "source_column": "boss", "null_value": "NOBODY"},
           {"name": "title", "type": "S", "source_column": "title", "nullable": false},
           {"name": "tier", "type": "S", "source_column": "points", "calculation": {"type": "case", "cases": [
            {"when": "points >= 100", "then": "gold"}], "else": "plain"}}]}]}
        """
    private static let good: Item = [
        "PK": "T#1", "id": "1", "state": "open", "GSI1PK": "ST#open", "depot": "BER", "boss": "NOBODY", "title": "x",
        "tier": "plain",
    ]

    private func told(_ change: [String: AttributeValue?]) throws -> [String] {
        let contract = try ContractDocument.read(contract: SourceText(name: "c.json", text: Self.contract)).contract
        var sample = ItemSample(of: contract.tables[0], in: contract)
        var item = Self.good
        for (name, value) in change { item[name] = value }
        sample.add(item)
        return sample.findings.map { "\($0.kind.isDrift ? "drift" : "said") \($0.kind) \($0.attribute)" }
    }

    @Test func aGoodItemHasNoFindings() throws {
        #expect(try told([:]) == [])
        #expect(try told(["state": nil, "GSI1PK": nil, "depot": nil, "done_at": "2026-01-01T00:00:00Z"]) == [])
    }

    @Test(arguments: [
        (["id": nil] as [String: AttributeValue?], "drift missing id"), (["title": nil], "drift missing title"),
        (["boss": nil], "drift missing boss"), (["state": nil], "drift keyTemplate GSI1PK"),
        (["GSI1PK": nil], "drift keyTemplate GSI1PK"),
        (["done_at": "2026-01-01T00:00:00Z"], "drift keyTemplate depot"),
        (["depot": nil, "done_at": "2026-01-01T00:00:00+02:00"], "drift format done_at"),
        (["tier": "platinum"], "drift format tier"),
    ])
    func whatIsBrokenIsTold(change: [String: AttributeValue?], finding: String) throws {
        #expect(try told(change) == [finding])
    }
}
