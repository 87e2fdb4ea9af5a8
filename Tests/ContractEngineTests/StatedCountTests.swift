import ContractEngine
import ContractModel
import Testing

/// Sentences that count all patterns or give the rate of all, in either document.
struct StatedCountTests {
    private static let rows =
        "id,description,peak rps,key attributes\nAP1,Get an order,10,\"customer_id, order_no\"\n"
        + "AP2,List orders,5,customer_id\n"
    private static let table =
        "| Pattern | Description | Peak RPS |\n|---|---|---|\n| AP1 | Get an order | 10 |\n"
        + "| AP2 | List orders | 5 |\n"

    private func findings(patterns: String, _ name: String = "p.md", model: String? = nil, rule: String) throws
        -> [Finding]
    {
        lint(
            try GivenDocuments.read(GivenDocuments.orders("AP1", "AP2"), patterns: patterns, as: name, model: model)
        ).filter { $0.rule == rule }
    }

    @Test(arguments: [
        "This model serves 14 access patterns.", "- Access patterns: 14", "**Access patterns**: 14",
        "Fourteen access patterns are covered.", "14 access patterns are served.", "Number of patterns: fourteen",
        "There are fourteen access patterns.", "The design covers 14 patterns.",
        "We have fourteen access patterns: all.",
    ])
    func aWrongCountIsFound(sentence: String) throws {
        let found = try findings(patterns: "\(Self.table)\n## Scope\n\n\(sentence)\n", rule: "count-differs")
        #expect(found.map(\.message) == ["The text counts 14 patterns, while 2 are listed."])
    }

    @Test(arguments: [
        "This model serves 2 access patterns.", "- Access patterns: 2", "Two access patterns are covered.",
        "Access patterns: 14, 15", "This table serves 14 access patterns.", "14 access patterns are served by Orders.",
        "14 access patterns of the cart", "Access patterns: AP1, AP2",
        "The model serves 14 access patterns of the shop.",
        "Access patterns 14 and 15 are covered.",
    ])
    func whatCountsNoneOrAPartIsNot(sentence: String) throws {
        #expect(try findings(patterns: "\(Self.table)\n## Scope\n\n\(sentence)\n", rule: "count-differs").isEmpty)
    }

    @Test func theModelCountsWhatItServes() throws {
        let model = "## Scope\n\nThis model serves 14 access patterns.\n"
        let found = try findings(patterns: Self.rows, "p.csv", model: model, rule: "count-differs")
        #expect(found.map(\.file) == ["m.md"])
        for sentence in ["- Access patterns: 14", "Fourteen access patterns are covered."] {
            let model = "# Shop\n\n## Scope\n\n\(sentence)\n"
            #expect(try findings(patterns: Self.rows, "p.csv", model: model, rule: "count-differs").count == 1)
            let other = "# Shop\n\n## Orders\n\n\(sentence)\n"
            #expect(try findings(patterns: Self.rows, "p.csv", model: other, rule: "count-differs").isEmpty)
        }
        let part = "## Scope\n\n### Orders\n\n- Access patterns: 14\n"
        #expect(try findings(patterns: Self.rows, "p.csv", model: part, rule: "count-differs").isEmpty)
    }

    /// The rates stand in one document and their total in the other.
    @Test func aTotalOfTheModelIsHeldAgainstTheRows() throws {
        let found = try findings(
            patterns: Self.rows, "p.csv", model: "## Load\n\n- **Total target load**: 9,000 RPS\n",
            rule: "rps-total-differs")
        #expect(found.map(\.file) == ["m.md"])
        #expect(found.first?.message.contains("9,000 RPS in all, while the table's rows sum to 15") == true)
        for model in [
            "## Load\n\nTotal: 15 RPS\n", "## Orders table\n\nTotal: 9,000 RPS\n", "### One\n\nTotal: 9,000 RPS\n",
        ] {
            #expect(try findings(patterns: Self.rows, "p.csv", model: model, rule: "rps-total-differs").isEmpty)
        }
    }
}
