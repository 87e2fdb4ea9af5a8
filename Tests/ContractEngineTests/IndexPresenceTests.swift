import ContractEngine
import ContractModel
import Testing

/// Of an index that not every item is in, the share that the documents give is charged; where they give none, all, and that is said.
struct IndexPresenceTests {
    /// Rides, of which an index has the open ones; each change of a ride writes its entry where there is one.
    private static func contract(
        index: String = "", attribute: String = "", counts: String = "", sparse: String? = nil
    ) -> String {
        """
        {"tables": [{"table": "Rides", "source_table": "rides", "pk": "ride_id", \(counts)
          "gsis": [{"index_name": "Open", "pk": "open_bike_id", "projection": "ALL"\(index)\(sparse.map { ", \"sparse\": \($0)" } ?? "")}],
          "estimated_item_size_bytes": 4000,
          "attributes": [{"name": "ride_id", "type": "S"}, {"name": "open_bike_id", "type": "S"\(attribute)},
            {"name": "note", "type": "S"}]}],
         "access_patterns": [
          {"id": "AP1", "rps": 10, "operation": "PutItem", "table": "Rides"},
          {"id": "AP2", "rps": 1, "operation": "UpdateItem", "table": "Rides", "key_attributes": ["ride_id"]},
          {"id": "AP3", "rps": 1, "operation": "Scan", "table": "Rides", "index": "Open"},
          {"id": "AP4", "rps": 1, "operation": "Query", "table": "Rides", "index": "Open", "key_attributes": ["open_bike_id"]}]}
        """
    }

    private func plan(_ contract: String, model: String? = nil, _ words: [(String, String)] = []) throws -> CapacityPlan
    {
        var assumptions = CapacityAssumptions()
        for (name, value) in words { try assumptions.set(name, to: value) }
        return capacity(
            of: try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                model: model.map { SourceText(name: "m.md", text: $0) }), assuming: assumptions)
    }

    private func charge(_ plan: CapacityPlan, _ pattern: String = "AP1") -> Charge? {
        plan.pattern(pattern)?.charges.first { $0.index == "Open" }
    }

    /// What was assumed of the index's writes, but for what the next one gives.
    private func guesses(_ plan: CapacityPlan, _ pattern: String = "AP1") -> [String] {
        all(plan, pattern).filter { !$0.contains("write-share-percent") }
    }

    /// That writes are taken to enter the index as items are in it.
    private func ofWrites(_ plan: CapacityPlan) -> [String] {
        all(plan, "AP1").filter { $0.contains("write-share-percent") }
    }

    private func all(_ plan: CapacityPlan, _ pattern: String) -> [String] {
        (plan.pattern(pattern)?.assumptions ?? []).filter { $0.moved.hasSuffix("write units of Rides.Open") }.map(
            \.text)
    }

    // MARK: Shares that are said

    @Test(arguments: [
        (#""Yes - about 5% of the rides""#, "5% of the rides"), (#""5%""#, "5%"), ("0.05", "0.05"),
        (#""Yes, 5 percent of all rides are open""#, "5 percent of all rides are open"), (#""1 in 20""#, "1 in 20"),
        (#""Yes: 2-5% of items""#, "2-5% of items"),
        (#""3,000 of 60,000 rides; the others have ended""#, "3,000 of 60,000 rides"),
        (#""Yes (5% carry the attribute)""#, "5% carry the attribute"),
    ])
    func theShareThatTheContractGivesIsCharged(_ sparse: String, _ told: String) throws {
        let plan = try plan(Self.contract(sparse: sparse))
        // ⌈4,000 B / 1 KB⌉ = 4 units, of one item in twenty.
        #expect(charge(plan)?.writeUnitsPerCall == 0.2)
        #expect(charge(plan)?.formula == "⌈4,000 B / 1 KB⌉ × 5.0%")
        #expect(
            guesses(plan) == ["5.0% of the items that can be in Rides.Open are, as its documents say (\"\(told)\")"])
        #expect(
            ofWrites(plan) == [
                "of the writes the same share enters Rides.Open as of the items, 5.0%: a call that always sets its keys enters it "
                    + "always (write-share-percent.AP1=100 tells)"
            ])
        // The table itself is written whole.
        #expect(plan.resource(table: "Rides")?.writeUnitsPerSecond == 44)
        #expect(plan.resource(table: "Rides", index: "Open")?.writeUnitsPerSecond == 2.2)
    }

    @Test func theShareThatTheModelGivesIsCharged() throws {
        let model = """
            ### Rides Table
            - **Purpose**: rides

            ### Rides Open Index
            - **Sparse**: Yes - 5% of rides are open
            """
        #expect(charge(try plan(Self.contract(), model: model))?.writeUnitsPerCall == 0.2)
    }

    @Test(arguments: [
        #""Yes - reduces costs by 60%""#, #""60% of the reads need it""#, #""95% of the rides are not in it""#,
        #""Yes - since 1 of 2 regions has it""#, "true", #""only rides that have not ended""#,
    ])
    func whatIsNoShareOfItemsIsNone(_ sparse: String) throws {
        let plan = try plan(Self.contract(sparse: sparse))
        #expect(charge(plan)?.writeUnitsPerCall == 4)
        let words = sparse.filter { $0 != "\"" }
        #expect(
            guesses(plan).contains(
                "every item is in the index Rides.Open, though it is sparse (\(words)): no document says how many are "
                    + "(share-percent.Rides.Open tells)"))
    }

    @Test func countsOfItemsGiveTheShare() throws {
        let counted = Self.contract(
            index: #", "estimated_item_count": 500"#, counts: #""estimated_item_count": 20000,"#, sparse: #""9%""#)
        let plan = try plan(counted)
        #expect(charge(plan)?.writeUnitsPerCall == 0.1)
        #expect(
            guesses(plan) == ["2.5% of the items that can be in Rides.Open are: 500 of 20,000, as they are counted"])
        // Stored are these 500, each with 100 bytes more; a Scan of the index reads them: ⌈500 × 4,000 / 4,096⌉ × 0.5.
        #expect(plan.cost(table: "Rides", index: "Open")?.storedBytes == 2_050_000.0)
        #expect(charge(plan, "AP3")?.readUnitsPerCall == 244.5)
        #expect(plan.storageAssumptions.map(\.moved) == ["storage of Rides.Open"])
    }

    @Test func whatIsCountedInTheIndexAloneIsStoredAndScanned() throws {
        let plan = try plan(Self.contract(index: #", "estimated_item_count": 500"#))
        #expect(plan.cost(table: "Rides")?.storedBytes == nil)
        #expect(plan.cost(table: "Rides", index: "Open")?.storedBytes == 2_050_000.0)
        #expect(charge(plan, "AP3")?.readUnitsPerCall == 244.5)
        #expect(charge(plan)?.writeUnitsPerCall == 4)
    }

    @Test func whoeverKnowsTheShareBetterIsBelieved() throws {
        let plan = try plan(Self.contract(sparse: #""5%""#), [("share-percent.Rides.Open", "50")])
        #expect(charge(plan)?.writeUnitsPerCall == 2 && guesses(plan).isEmpty && ofWrites(plan).isEmpty)
        #expect(plan.assumptions.given == ["share-percent.Rides.Open=50"])
        var assumptions = CapacityAssumptions()
        for name in ["Rides.Open", "Rides.Shut", "Open"] { try assumptions.set("share-percent.\(name)", to: "5") }
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: Self.contract()))
        #expect(assumptions.strangers(in: document) == ["share-percent.Open", "share-percent.Rides.Shut"])
    }

    // MARK: Keys that can be absent

    @Test(arguments: [
        (#", "nullable": true"#, "its source may be NULL"),
        (
            #", "calculation": {"type": "case", "cases": [{"when": "ended_at IS NULL", "then": "bike_id"}]}"#,
            "it has a value only where ended_at IS NULL"
        ),
        (
            #", "join": {"type": "foreign-key", "target_table": "bikes", "join_condition": "bikes.id = rides.bike_id", "#
                + #""select_column": "bikes.code"}"#, "its join may find nothing"
        ),
    ])
    func thatEveryItemIsTakenIsSaidWhereAKeyCanBeAbsent(_ attribute: String, _ why: String) throws {
        let plan = try plan(Self.contract(attribute: attribute))
        #expect(charge(plan)?.writeUnitsPerCall == 4)
        #expect(
            guesses(plan) == [
                "every item is in the index Rides.Open, though it is sparse (open_bike_id can be absent: \(why)): no document says "
                    + "how many are (share-percent.Rides.Open tells)"
            ])
        let report = CapacityReport(
            try ContractDocument.read(contract: SourceText(name: "c.json", text: Self.contract(attribute: attribute))))
        #expect(report.text().contains("every item is in the index Rides.Open"))
    }

    @Test(arguments: ["", #", "nullable": false"#, #", "nullable": true, "null_value": "NONE""#])
    func ofAKeyThatEveryItemHasNothingIsSaid(_ attribute: String) throws {
        #expect(guesses(try plan(Self.contract(attribute: attribute))) == [])
        // Nor where the documents say outright that it is not sparse.
        #expect(guesses(try plan(Self.contract(attribute: attribute, sparse: "false"))) == [])
    }

    @Test func ofSeveralKindsThoseThatAreInItAreNamed() throws {
        let contract = """
            {"tables": [{"table": "Fleet", "type": "multi-entity", "pk": "PK", "sk": "SK",
              "gsis": [{"index_name": "Open", "pk": "open_bike_id", "sparse": true}], "entities": [
              {"entity_type": "BIKE", "pk_template": "B#{bike_id}", "sk_template": "B", "attributes": [{"name": "bike_id", "type": "S"}]},
              {"entity_type": "RIDE", "pk_template": "R#{ride_id}", "sk_template": "R", "estimated_item_count": 40,
               "attributes": [{"name": "ride_id", "type": "S"}, {"name": "open_bike_id", "type": "S"}]}]}],
             "access_patterns": [
              {"id": "AP1", "rps": 10, "operation": "PutItem", "table": "Fleet", "entity": "RIDE"},
              {"id": "AP2", "rps": 10, "operation": "PutItem", "table": "Fleet", "entity": "BIKE"}]}
            """
        let said = try plan(contract)
        #expect(
            said.pattern("AP1")?.assumptions.last
                == Assumption(
                    text:
                        "every item RIDE is in the index Fleet.Open, though it is sparse (true): no document says how many are "
                        + "(share-percent.Fleet.Open tells)", moved: "AP1: write units of Fleet.Open"))
        #expect(said.pattern("AP2")?.charges.contains { $0.index == "Open" } == false)
        // The share is of the items of that kind: 10 of 40, whatever others there are.
        let counted = try plan(
            contract.replacing("\"sparse\": true", with: "\"sparse\": true, \"estimated_item_count\": 10"))
        #expect(counted.pattern("AP1")?.charges.first { $0.index == "Open" }?.writeUnitsPerCall == 0.25)
    }
}
