import ContractEngine
import Testing

/// Tables and lines of the model that sum patterns up.
struct GroupTableTests {
    private func findings(_ model: String, rule: String) throws -> [Finding] {
        let contract = #"{"tables": [{"table": "Books", "pk": "isbn", "attributes": [{"name": "isbn", "type": "S"}]}]}"#
        let patterns = """
            | Pattern | Description | Peak RPS | Average RPS | Type | Key Attributes |
            |---|---|---|---|---|---|
            | Q-07 | Show | 1500 | 400 | Read | isbn |
            | Q-08 | Lend | 700 | 200 | Write | isbn |
            | Q-09 | Return | 1000 | 100 | Write | isbn |
            """
        return lint(
            try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.md", text: patterns),
                model: SourceText(name: "m.md", text: model))
        ).filter { $0.rule == rule }
    }

    private func table(_ rate: String) -> String {
        "## Load\n\n| Group | Patterns | Peak RPS |\n|---|---|---|\n| Lending | Q-07, Q-08, Q-09 | \(rate) |\n"
    }

    @Test func aGroupsRowIsHeldAgainstItsPatterns() throws {
        let found = try findings(table("3,000"), rule: "breakdown-differs")
        #expect(
            found.map(\.message) == ["The line says 3,000 a second for Q-07, Q-08 and Q-09, whose rows sum to 3,200."])
        #expect(found.first?.line == 5)
        #expect(try findings(table("3,200"), rule: "breakdown-differs") == [])
        // The average counts as well.
        #expect(try findings(table("700"), rule: "breakdown-differs") == [])
    }

    @Test func aMappingsRowSumsNothingUp() throws {
        let mapping =
            "| Patterns | Table | Operation | Peak RPS |\n|---|---|---|---|\n| Q-08, Q-09 | Books | UpdateItem | 1,000 |\n"
        #expect(try findings(mapping, rule: "breakdown-differs") == [])
    }

    @Test(arguments: [
        "Traffic: 70 % reads, 40 % writes", "Traffic: 70% reads, 40% writes", "70\u{A0}% reads and 40\u{A0}% writes",
    ])
    func sharesOfReadsAndWritesAddUp(_ line: String) throws {
        #expect(try findings(line, rule: "percentages-differ").map(\.subject) == ["70% + 40%"])
        #expect(try findings(line.replacing("40", with: "30"), rule: "percentages-differ") == [])
    }
}
