import ContractEngine
import ContractModel
import Testing

/// What indexes claim, and how many keys a table is said to have.
struct IndexClaimTests {
    private static let patterns = SourceText(
        name: "p.md",
        text: "| Pattern | Description | RPS | Type |\n|---|---|---|---|\n| AP1 | List by category | 9000 | Read |\n")
    private static let attributes = #""attributes": [{"name": "id", "type": "S"}, {"name": "category", "type": "S"}]"#

    private func operations(_ contract: String) throws -> [String] {
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: Self.patterns)
        let rules = LintReport(document).findings.map(\.rule)
        #expect(!rules.contains("unknown-field") && !rules.contains { $0.hasPrefix("satisfie") })
        #expect(document.contract.tables[0].satisfies == ["AP1"])
        #expect(document.contract.tables[0].indexes[0].satisfies == ["AP1"])
        return document.patterns[0].operations.map { "\($0.operation) \($0.table).\($0.index ?? "") \($0.guess ?? "")" }
    }

    private static let expected = ["Query T.ByCategory T.ByCategory claims it in `satisfies`"]

    @Test(arguments: ["", #""satisfies": ["AP1"], "#, #""satisfies": [], "#])
    func whatAnIndexClaimsItsTableClaims(own: String) throws {
        let index = #"{"index_name": "ByCategory", "pk": "category", "satisfies": ["AP1"]}"#
        #expect(
            try operations(
                #"{"tables": [{"table": "T", "pk": "id", \#(own)"gsis": [\#(index)], \#(Self.attributes)}]}"#)
                == Self.expected)
    }

    @Test(arguments: ["AP1", "List by category"])
    func anIndexWithAnEntryOfItsOwnClaimsToo(claim: String) throws {
        let text = """
            [{"type": "Table", "table": "T", "source_table": "t", "pk": "id",
              "attributes": {"id": {"type": "S"}, "category": {"type": "S"}}},
             {"type": "GSI", "table": "ByCategory", "source_table": "t", "pk": "category", "satisfies": ["\(claim)"]}]
            """
        #expect(try operations(text) == Self.expected)
    }

    @Test(arguments: [(4, true), (400, false)])
    func aTablesDistinctKeysAreReckonedWith(count: Int, isOverloaded: Bool) throws {
        let text = #"""
            {"tables": [{"table": "T", "pk": "id", "sk": "category", "satisfies": ["AP1"], "estimated_item_size_bytes": 4000,
              "estimated_distinct_keys": \#(count), \#(Self.attributes)}]}
            """#
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: text),
            patterns: SourceText(
                name: "p.md",
                text: "| Pattern | Description | RPS | Type |\n|---|---|---|---|\n| AP1 | Get it | 60k | Read |\n"))
        let findings = LintReport(document).findings
        #expect(document.contract.tables[0].partitionKey.estimatedDistinctValues == count)
        #expect(!findings.contains { $0.rule == "unknown-field" })
        #expect(findings.contains { $0.rule == "one-partition-overloaded" && $0.subject == "T" } == isOverloaded)
    }
}
