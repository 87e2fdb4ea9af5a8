import ContractEngine
import ContractModel
import Testing

/// What a plan says of what its numbers rest on.
struct CapacityGroundsTests {
    private static let contract = """
        {"tables": [{"table": "Letters", "pk": "letter_id", "gsis": [{"index_name": "ByBox", "pk": "box", "projection": "ALL"}],
          "attributes": [{"name": "letter_id", "type": "S"}, {"name": "box", "type": "S"}], "satisfies": ["AP1", "AP2", "AP3"]}]}
        """

    private static let patterns = """
        | Pattern | Description | Peak RPS | Type |
        |---|---|---|---|
        | AP1 | Create a letter | 100 | Write |
        | AP2 | Update a letter | 20 | Write |
        | AP3 | Read a letter | | Read |
        """

    private func document(mapping: String? = nil, patterns: String? = patterns) throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: patterns.map { SourceText(name: "p.md", text: $0) },
            mapping: mapping.map { SourceText(name: "m.yaml", text: $0) })
    }

    // MARK: Caveats

    @Test func withoutAModelItSaysThatItGuesses() throws {
        let plan = capacity(of: try document())
        #expect(
            plan.caveats == [
                "No data model is given (--model): what 3 of 3 patterns (AP1-3) do is concluded from `satisfies` and their "
                    + "descriptions; other tables and indexes that are touched besides are not charged. Sizes and dollars can be far "
                    + "too low",
                "No rate is given for 1 of 3 patterns (AP3) (--patterns): nothing is charged for it",
                "The contract gives no size for items of Letters: 1,024 bytes are taken (--assume item-size-bytes)",
            ])
        let text = CapacityReport(try document()).text()
        #expect(text.contains("\n! No data model is given (--model): what 3 of 3 patterns"))
        #expect(CapacityReport(try document()).json().contains(#""caveats":["No data model is given"#))
    }

    @Test func withoutAnyDocumentOfPatternsNothingIsCharged() throws {
        let plan = capacity(of: try document(patterns: nil))
        #expect(plan.caveats.contains { $0.hasPrefix("No rate is given for 3 of 3 patterns (AP1-3)") })
    }

    @Test func whatIsWrittenDownIsNoCaveat() throws {
        #expect(capacity(of: try SmallContractCapacityTests.document()).caveats == [])
        #expect(capacity(of: try Bookshop.document()).caveats == [])
    }

    // MARK: What an index's share rests on

    @Test func anInsertIsNoChange() throws {
        let mapping = """
            AP1: [{table: Letters, operation: TransactWriteItems}]
            AP2: [{table: Letters, operation: TransactWriteItems}]
            AP3: [{table: Letters, operation: GetItem}]
            """
        let plan = capacity(of: try document(mapping: mapping))
        func reasons(_ id: String) -> [String] {
            (plan.pattern(id)?.assumptions ?? []).filter { $0.moved.hasSuffix("Letters.ByBox") }.map(\.text)
        }
        #expect(reasons("AP1") == ["by its description it puts a new item: 1 write of the index"])
        #expect(
            reasons("AP2") == [
                "a transaction puts an item, or changes a projected attribute and leaves the index's key alone: 1 write, not 0 or 2"
            ])
        let update = mapping.replacing(
            "AP2: [{table: Letters, operation: TransactWriteItems}]",
            with: "AP2: [{table: Letters, operation: UpdateItem}]")
        #expect(
            capacity(of: try document(mapping: update)).pattern("AP2")?.assumptions.map(\.text).contains(
                "an update changes a projected attribute and leaves the index's key alone: 1 write, not 0 or 2") == true
        )
    }

    // MARK: Overlays

    @Test func anOverlaysUnknownPatternsAreOneMistake() throws {
        func message(_ mapping: String) -> [String] {
            do {
                _ = try document(mapping: mapping)
                return []
            } catch {
                return (error as? ContractError)?.problems.map(\.message) ?? ["\(error)"]
            }
        }
        #expect(message("AP1: [{table: Letters, operation: PutItem}]") == [])
        #expect(
            message("AP1: [{table: Letters, operation: PutItem}]\nAP9: [{table: Letters, operation: GetItem}]") == [
                "m.yaml:2:6: AP9 is no pattern of these documents: correct the name, or give the table that lists it (--patterns) (at /AP9)"
            ])
        #expect(
            message("AP9: [{table: Letters, operation: GetItem}]\nAP8: [{table: Letters, operation: GetItem}]") == [
                "m.yaml:1:6: AP9 and AP8 are no patterns of these documents: correct the name, or give the table that lists it "
                    + "(--patterns) (at /AP9)"
            ])
    }

    // MARK: Storage

    @Test func placesOfUniqueValuesAreStoredToo() throws {
        let contract = """
            {"tables": [{"table": "Users", "source_table": "users", "pk": "id", "estimated_item_size_bytes": 900,
              "estimated_item_count": 1000, "unique_constraints": [
                {"attributes": ["email"], "lookup_table": "Users", "pk_template": "EMAIL#{email}"},
                {"attributes": ["name"], "lookup_table": "Names", "pk_template": "{name}"}],
              "attributes": [{"name": "id", "type": "S"}, {"name": "email", "type": "S"}, {"name": "name", "type": "S"}]},
             {"table": "Names", "pk": "name", "attributes": [{"name": "name", "type": "S"}]}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))
        // 1,000 × (900 + 100) of users, and as many places of 100 + 100 bytes in each of the tables.
        #expect(capacity(of: document).cost(table: "Users")?.storedBytes == 1_200_000)
        #expect(capacity(of: document).cost(table: "Names")?.storedBytes == 200_000)
        // Who counts the items of a table that only holds places has counted them: 500 × (1,024 + 100).
        var assumptions = CapacityAssumptions()
        try assumptions.set("items.Names", to: "500")
        #expect(capacity(of: document, assuming: assumptions).cost(table: "Names")?.storedBytes == 562_000)
    }
}
