import ContractEngine
import ContractModel
import Testing

/// Headings as teams write them, and what a model's words say of a call, all of one contract.
struct ModelHeadingTests {
    private func document(
        _ model: String, summary: String = "Latest 50 visits of a guest", operation: String = "Query"
    ) throws -> ContractDocument {
        let contract = """
            {"tables": [
              {"table": "Visits", "pk": "guest_id", "sk": "place_id", "source_table": "visits",
               "gsis": [{"index_name": "Recent", "pk": "guest_id", "sk": "last_seen_at", "projection": "ALL"}],
               "attributes": [{"name": "guest_id", "type": "S"}, {"name": "place_id", "type": "S"}, {"name": "last_seen_at", "type": "S"},
                {"name": "mood", "type": "S"}],
               "satisfies": ["AP1", "AP2"], "estimated_item_size_bytes": 1300}]}
            """
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | \(summary) | 100 | Read | guest_id, mood |
            | AP2 | Save a visit | 10 | Write | guest_id, place_id |
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract),
            patterns: SourceText(name: "p.md", text: patterns),
            model: SourceText(name: "m.md", text: model + "\n\n" + mapping(operation)))
    }

    private func mapping(_ operation: String) -> String {
        """
        ## Mapping

        | Pattern | Table | Operation |
        |---|---|---|
        | AP1 | Visits.Recent | \(operation) |
        | AP2 | Visits | PutItem |
        """
    }

    private func demand(_ document: ContractDocument, index: String?) -> ResourceDemand? {
        capacity(of: document, assuming: CapacityAssumptions()).resources.first { $0.index == index }
    }

    @Test(arguments: [
        "### Visits", "### Visits Table", "### Table: Visits", "### Table 1: Visits", "### 2. Visits",
        "### 2. Visits Table",
        "### Table `Visits`", "### `Visits` table", "### The Visits table",
    ])
    func aTablesSectionIsRead(_ heading: String) throws {
        let model = try #require(try document("\(heading)\n- **Capacity Planning**: 7 RPS reads").sources.model)
        #expect(model.tables.map(\.table) == ["Visits"])
        #expect(model.tables.first?.planning?.reads?.value == 7)
    }

    @Test(arguments: [
        "#### Recent", "#### Recent GSI", "#### GSI: Recent", "#### GSI Recent", "#### GSI `Recent`",
        "#### GSI1: Recent",
        "#### GSI2 - Recent", "#### Index: Recent", "#### Index Recent (sparse)", "#### Global Secondary Index: Recent",
        "#### Visits.Recent", "**GSI: Recent**", "**Recent (GSI)**:",
    ])
    func anIndexSectionIsRead(_ heading: String) throws {
        let model = try #require(
            try document("### Visits\n\n\(heading)\n- **Capacity Planning**: 7 RPS reads").sources.model)
        #expect(model.tables.flatMap(\.indexes).map(\.index) == ["Recent"])
        #expect(model.tables.first?.indexes.first?.planning?.reads?.value == 7)
        #expect(model.tables.first?.planning == nil)
    }

    @Test(arguments: ["### Visits by mood", "### Index usage", "### Recently seen", "### Tables and indexes"])
    func anotherHeadingOpensNoSection(_ heading: String) throws {
        let model = try document("\(heading)\n- **Capacity Planning**: 7 RPS reads").sources.model
        #expect(model?.tables.isEmpty == true)
    }

    @Test(arguments: ["- **Sparse**: Yes - 30% of the visits", "- Sparse: Yes, only 30% of the visits"])
    func aSparseIndexTakesItsShare(_ line: String) throws {
        let model = "### 1. Visits Table\n\n**GSI: Recent**\n- Partition Key: `guest_id`\n\(line)"
        let share = try #require(demand(try document(model), index: "Recent")?.writeUnitsPerSecond)
        // The entry that is put, and of three in ten the one that was there: 10 × 2 × 1.3.
        #expect(abs(share - 26) < 1e-6)
    }

    // MARK: What a call asks for

    @Test(arguments: ["Latest 50 visits of a guest", "50 most recent visits of a guest", "Last 50 visits of a guest"])
    func whatAQueryAsksForAtMostIsItsItems(_ summary: String) throws {
        // ⌈50 × 1,300 / 4,096⌉ × 0.5 = 8 for each of 100 calls.
        #expect(demand(try document("", summary: summary), index: "Recent")?.readUnitsPerSecond == 800)
    }

    @Test(arguments: ["Visits of a guest in the last 30 days", "Visits of a guest", "Latest visits of a guest"])
    func aStretchOfTimeIsNoNumberOfItems(_ summary: String) throws {
        #expect(demand(try document("", summary: summary), index: "Recent")?.readUnitsPerSecond == 50)
    }

    @Test func aPutInPlaceOfAnItemMovesItsEntryByTheTime() throws {
        // 2 × ⌈1,300 / 1,024⌉ for each of 10 calls; in the table once.
        let plan = capacity(of: try document(""), assuming: CapacityAssumptions())
        #expect(plan.resources.first { $0.index == "Recent" }?.writeUnitsPerSecond == 40)
        #expect(plan.resources.first { $0.index == nil }?.writeUnitsPerSecond == 20)
        #expect(CapacityReport(try document("")).text().contains("last_seen_at was another"))
    }

    // MARK: Restrictions

    @Test(arguments: [
        ("Visits of a guest in a mood", "Query", 1), ("Latest visits by mood", "Query, descending", 1),
        // Listed among what is given back, taken by a filter, or by the key.
        ("Visits of a guest", "Query", 0), ("Visits of a guest in a mood", "Query, filter on mood", 0),
        ("Moods of a guest", "Query", 0),
    ])
    func aValueThatNothingTakesIsTold(_ summary: String, _ operation: String, _ count: Int) throws {
        let found = lint(try document("", summary: summary, operation: operation)).filter {
            $0.rule == "parameter-unused"
        }
        #expect(found.count == count)
        if count > 0 {
            #expect(found.first?.message.contains("names mood, and no part of the key of Visits.Recent") == true)
        }
    }
}
