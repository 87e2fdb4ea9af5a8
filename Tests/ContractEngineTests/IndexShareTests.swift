import ContractEngine
import ContractModel
import Testing

/// What an index's share of a write is where its keys are made of columns, and what its entries weigh.
struct IndexShareTests {
    private static let all = #""projection": "ALL""#

    /// Orders whose index key is made of `status` by a template, whose second one copies a column, and whose third is of its keys
    /// alone.
    private static func contract(projection: String) -> String {
        """
        {"tables": [{"table": "Orders", "type": "multi-entity", "pk": "PK", "sk": "SK", "source_table": "orders", "attributes": [],
          "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", \(projection)},
                   {"index_name": "ByRank", "pk": "rank", "projection": "ALL"}],
          "entities": [{"entity_type": "ORDER", "source_table": "orders", "pk_template": "ORDER#{order_id}", "sk_template": "META",
            "gsi_keys": [{"index_name": "GSI1", "pk_template": "STATUS#{status}", "sk_template": "{created_at}"}],
            "attributes": [{"name": "order_id", "type": "S", "source_column": "id"},
             {"name": "status", "type": "S", "source_column": "order_status"},
             {"name": "created_at", "type": "S", "source_column": "created_at"},
             {"name": "rank", "type": "N", "source_column": "orders.place"},
             {"name": "body", "type": "S", "source_column": "body"}],
            "estimated_item_size_bytes": 9000}]}],
         "access_patterns": [
          {"id": "AP1", "description": "Change an order", "rps": 1, "operation": "UpdateItem", "table": "Orders",
           "key_attributes": ["order_id"]},
          {"id": "AP2", "description": "Update order status", "rps": 1, "operation": "UpdateItem", "table": "Orders",
           "key_attributes": ["order_id"]},
          {"id": "AP3", "description": "Create order", "rps": 1, "operation": "PutItem", "table": "Orders"},
          {"id": "AP4", "description": "Orders of a status", "rps": 1, "operation": "Query", "table": "Orders", "index": "GSI1",
           "key_attributes": ["status"], "items": 0}]}
        """
    }

    private func document(projection: String = #""projection": "ALL""#) throws -> ContractDocument {
        try ContractDocument.read(contract: SourceText(name: "c.json", text: Self.contract(projection: projection)))
    }

    private func units(
        _ pattern: String, _ index: String, changes: String? = nil, projection: String = #""projection": "ALL""#
    ) throws -> Double {
        var assumptions = CapacityAssumptions()
        if let changes { try assumptions.set("changes.\(pattern)", to: changes) }
        let plan = capacity(of: try document(projection: projection), assuming: assumptions)
        return plan.pattern(pattern)?.charges.first { $0.index == index }?.writeUnitsPerCall ?? 0
    }

    // MARK: Shares of writes

    /// What a call always sets it writes always, however few items have it at any time.
    @Test func aShareOfWritesGoesOverThatOfItems() throws {
        var assumptions = CapacityAssumptions()
        try assumptions.set("share-percent.Orders.GSI1", to: "5")
        let read = try document()
        func units(_ plan: CapacityPlan) -> Double? {
            plan.pattern("AP3")?.charges.first { $0.index == "GSI1" }?.writeUnitsPerCall
        }
        let plain = capacity(of: read, assuming: assumptions)
        #expect(units(plain) == 9 * 0.05)
        try assumptions.set("write-share-percent.ap3", to: "100")
        #expect(units(capacity(of: read, assuming: assumptions)) == 9)
        try assumptions.set("write-share-percent.AP3.GSI1", to: "50")
        #expect(units(capacity(of: read, assuming: assumptions)) == 4.5)
        #expect(assumptions.given.contains("write-share-percent.AP3.GSI1=50"))
        #expect(assumptions.strangers(in: read).isEmpty)
        try assumptions.set("write-share-percent.AP9", to: "50")
        #expect(assumptions.strangers(in: read) == ["write-share-percent.AP9"])
    }

    // MARK: Changed keys

    @Test(arguments: ["status", "order_status", "GSI1PK", "created_at"])
    func aChangeOfWhatTheKeyIsMadeOfCostsTwoWrites(_ name: String) throws {
        // 9,000 bytes are nine blocks.
        #expect(try units("AP1", "GSI1", changes: name) == 18)
        #expect(try units("AP1", "ByRank", changes: name) == 9)
    }

    @Test(arguments: ["rank", "place"])
    func soDoesAChangeOfTheColumnThatTheKeyIs(_ name: String) throws {
        #expect(try units("AP1", "ByRank", changes: name) == 18)
        #expect(try units("AP1", "GSI1", changes: name) == 9)
    }

    @Test(arguments: [#""projection": "KEYS_ONLY""#, #""projection": "INCLUDE", "projected_attributes": ["rank"]"#])
    func anIndexThatHoldsLittleIsNoException(_ projection: String) throws {
        #expect(try units("AP1", "GSI1", changes: "status", projection: projection) > 0)
        #expect(try units("AP1", "GSI1", changes: "body", projection: projection) == 0)
        let isHeld = projection.contains("rank")
        #expect((try units("AP1", "GSI1", changes: "place", projection: projection) > 0) == isHeld)
    }

    @Test func wordsThatNameAColumnOfTheTemplateSayTheSame() throws {
        #expect(try units("AP2", "GSI1") == 18)
        #expect(try units("AP2", "ByRank") == 9)
        let told = capacity(of: try document()).pattern("AP2")?.assumptions.map(\.text) ?? []
        #expect(
            told.contains(
                "the pattern's name says that it changes status, of which GSI1PK is made, a key of the index: its entry is "
                    + "deleted and put anew, 2 writes"))
    }

    @Test func whatNoItemHasCannotChange() throws {
        var assumptions = CapacityAssumptions()
        try assumptions.set("changes.AP1", to: "status,order_status,colour")
        #expect(assumptions.strangers(in: try document()) == ["changes.AP1=colour"])
    }

    // MARK: Sizes

    @Test func anEntryOfKeysAloneHasTheKeysThatTemplatesMake() throws {
        let plan = capacity(of: try document(projection: #""projection": "KEYS_ONLY""#))
        let share = plan.pattern("AP3")?.charges.first { $0.index == "GSI1" }
        // PK 2 + 6 + 36 (ORDER# and an id), SK 2 + 4, GSI1PK 6 + 7 + 32, GSI1SK 6 + 24: 125 bytes, whatever the body has.
        #expect(share?.formula == "⌈125 B / 1 KB⌉" && share?.writeUnitsPerCall == 1)
    }

    @Test func includedAttributesComeOnTopOfTheKeys() throws {
        let plan = capacity(
            of: try document(projection: #""projection": "INCLUDE", "projected_attributes": ["rank", "body"]"#))
        let share = plan.pattern("AP3")?.charges.first { $0.index == "GSI1" }
        // 125, a number of 4 + 21, and the body: with the status it shares what an id of 8 + 36, a date of 10 + 24 and the number
        // leave of 9,000.
        #expect(share?.formula == "⌈4,599 B / 1 KB⌉" && share?.writeUnitsPerCall == 5)
    }

    private func share(_ index: String, _ changes: (String, String)...) throws -> String? {
        var text = Self.contract(projection: Self.all)
        for (old, new) in changes { text = text.replacing(old, with: new) }
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        return capacity(of: document).pattern("AP3")?.charges.first { $0.index == index }?.formula
    }

    @Test func aKeyThatIsIncludedTooCountsOnce() throws {
        // PK 44, SK 6, rank 4 + 8; and the body, which shares 8,897 bytes with the status.
        let included = "\"pk\": \"rank\", \"projection\": \"INCLUDE\", \"projected_attributes\": [\"rank\", \"body\"]"
        #expect(
            try share("ByRank", ("\"pk\": \"rank\", \"projection\": \"ALL\"", included)) == "⌈4,511 B / 1 KB⌉")
    }

    @Test func anEntryIsNoLargerThanItsItemAndAKeyNoLongerThanItsColumn() throws {
        let keysOnly = ("\"GSI1SK\", \(Self.all)", "\"GSI1SK\", \"projection\": \"KEYS_ONLY\"")
        #expect(try share("GSI1", keysOnly, ("9000", "90")) == "⌈90 B / 1 KB⌉")
        let short = ("\"name\": \"status\",", "\"name\": \"status\", \"max_length\": 2,")
        // Two characters of UTF-8 have at most 8 bytes, 24 fewer than a text of which nothing is known.
        #expect(try share("GSI1", keysOnly, short) == "⌈101 B / 1 KB⌉")
    }

    @Test func whatTheTablesKeyIsMadeOfNoUpdateChanges() throws {
        let text = Self.contract(projection: Self.all).replacing("ORDER#{order_id}", with: "ORDER#{status}#{order_id}")
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        let charge = capacity(of: document).pattern("AP2")?.charges.first { $0.index == "GSI1" }
        #expect(charge?.writeUnitsPerCall == 9)
    }

    @Test func aTemplateTakesThePlaceOfAKeysOwnColumn() throws {
        let text = Self.contract(projection: Self.all).replacing(
            "{\"name\": \"body\",",
            with: "{\"name\": \"GSI1PK\", \"type\": \"S\", \"source_column\": \"colour\"}, {\"name\": \"body\",")
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        var assumptions = CapacityAssumptions()
        try assumptions.set("changes.AP1", to: "colour")
        let charge = capacity(of: document, assuming: assumptions).pattern("AP1")?.charges.first { $0.index == "GSI1" }
        #expect(charge?.writeUnitsPerCall == 9)
    }

    @Test func anEmptyPageSaysWhatItCosts() throws {
        let charge = capacity(of: try document()).pattern("AP4")?.charges.first
        #expect(charge?.readUnitsPerCall == 0.5 && charge?.formula == "1 × 0.5, the least that a page costs")
    }
}
