import ContractEngine
import ContractModel
import Testing

/// All errors of a file in one run, members of a wrong type, and tables as people write them.
struct WholeFileTests {
    @Test(arguments: [
        ("unique", "\"true\"", "`unique` of the attribute status is a text; it must be true or false"),
        ("nullable", "\"yes\"", "`nullable` of the attribute status is a text; it must be true or false"),
        ("optional", "1", "`optional` of the attribute status is a number; it must be true or false"),
        ("required", "\"no\"", "`required` of the attribute status is a text; it must be true or false"),
        ("null_value", "[1]", "`null_value` is an array; it must be a text, a number or a truth value"),
    ])
    func aKnownMemberOfAWrongTypeIsRefusedWithItsPlace(name: String, value: String, message: String) {
        let contract = GivenDocuments.orders("AP1").replacing(
            "\"name\": \"status\",", with: "\"name\": \"status\", \"\(name)\": \(value),")
        let refusal = GivenDocuments.refusal(contract)
        #expect(refusal.hasPrefix("c.json:5:") && refusal.contains(": \(message) (at /tables/0/attributes/2/\(name))"))
    }

    @Test(arguments: [
        ("\"description\": 7", "`description` of AP1 is a number; it must be a text (at /0/description)"),
        ("\"table\": 7", "`table` is a number; it must be a text (at /0/table)"),
        ("\"index\": true", "`index` is a truth value; it must be a text (at /0/index)"),
        ("\"entity\": []", "`entity` is an array; it must be a text (at /0/entity)"),
        ("\"operation\": 7", "`operation` is a number; it must be a text (at /0/operation)"),
        ("\"slo\": 5", "`slo` of AP1 is a number; it must be an object with `p99_ms` and `availability` (at /0/slo)"),
        ("\"notes\": 5", "`notes` of AP1 is a number; it must be a text, or a list of texts (at /0/notes)"),
    ])
    func aKnownMemberOfAPatternOfAWrongTypeIsRefused(member: String, message: String) {
        let refusal = GivenDocuments.refusal(
            GivenDocuments.orders("AP1"), patterns: "[{\"id\": \"AP1\", \"peak_rps\": 5, \(member)}]", as: "p.json")
        #expect(refusal.contains(message))
    }

    @Test func aRepeatedIDAndABadTypeAreToldInOneRun() {
        let refusal = GivenDocuments.refusal(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Description | Peak RPS | Type |
                |---|---|---|---|
                | 1 | a | 5 | Read |
                | 1 | b | 6 | Read |
                | 2 | c | 5 | Rd |
                | 3 | c | five | Rd |
                """)
        #expect(
            refusal.split(separator: "\n").map { String($0.prefix(40)) } == [
                "p.md:4: AP1 stands here again, after lin", "p.md:5: the type of AP2 is \"Rd\"; it must",
                "p.md:6: the rate of AP3 is \"five\", which", "p.md:6: the type of AP3 is \"Rd\"; it must",
            ])
    }

    @Test func aRepeatedIDAndABadTypeOfATreeAreToldInOneRun() {
        let refusal = GivenDocuments.refusal(
            GivenDocuments.orders("AP1"),
            patterns: """
                [{"id": "AP1", "peak_rps": 5}, {"id": "AP1", "peak_rps": 5},
                 {"id": "AP2", "type": "Rd"}]
                """, as: "p.json")
        #expect(refusal.contains("p.json:1:") && refusal.contains("AP1 stands here again"))
        #expect(refusal.contains("p.json:2:") && refusal.contains("the type of AP2"))
    }

    @Test(arguments: [
        "ID | Description | Peak RPS | Type\n---|---|---:|---\nAP1 | Get order | 5 | Read\nAP2 | Put \\| order | 6 | Write\n",
        "Text in front | of it\n\nID | Description | Peak RPS | Type |\n:-- | --- | --- | ---\n AP1 | Get order | 5 | Read |\n"
            + "AP2 | Put \\| order | 6 | Write\n\nAP3 | no row\n",
        "| ID | Description | Peak RPS | Type |\n|---|---|---|---|\nAP1 | Get order | 5 | Read\n| AP2 | Put \\| order | 6 | Write |\n",
    ])
    func tablesWithoutOuterPipesAreRead(table: String) throws {
        let document = try GivenDocuments.read(GivenDocuments.orders("AP1", "AP2"), patterns: table)
        #expect(document.patterns.map(\.id) == ["AP1", "AP2"])
        #expect(document.patterns.map(\.summary) == ["Get order", "Put | order"])
        #expect(document.patterns.map(\.peakRPS) == [5, 6] && document.patterns.map(\.type) == [.read, .write])
    }

    @Test(arguments: [
        "a | b\nc | d\n", "AP7 | 5\n\n---|---\n", "```\nID | RPS\n---|---\nAP9 | 5\n```\n", "word\n---|---\n",
    ])
    func whatIsNoTableIsNone(text: String) throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"), patterns: "\(text)\n| ID | Peak RPS |\n|---|---|\n| AP1 | 5 |\n")
        #expect(document.patterns.map(\.id) == ["AP1"])
    }
}
