import ContractEngine
import ContractModel
import Testing

/// Items of other kinds that a Query reads with its own are charged where their number is known, and told where it is not.
struct NestedItemTests {
    private static func contract(_ orders: String = "", _ lines: String = "", _ notes: String = "") -> String {
        """
        {"tables": [{"table": "Shop", "type": "multi-entity", "source_table": "orders", "pk": "PK", "sk": "SK", "entities": [
          {"entity_type": "ORDER", "pk_template": "C#{customer_id}", "sk_template": "ORDER#{order_id}", \(orders)
           "estimated_item_size_bytes": 1000,
           "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_id", "type": "S"}]},
          {"entity_type": "LINE", "pk_template": "C#{customer_id}", "sk_template": "ORDER#{order_id}#LINE#{line_no}", \(lines)
           "estimated_item_size_bytes": 400,
           "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_id", "type": "S"},
             {"name": "line_no", "type": "S"}]},
          {"entity_type": "NOTE", "pk_template": "C#{customer_id}", "sk_template": "ORDER#{order_id}#NOTE#{note_no}", \(notes)
           "estimated_item_size_bytes": 100,
           "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_id", "type": "S"},
             {"name": "note_no", "type": "S"}]}]}]}
        """
    }

    private static let patterns = """
        id,description,operation,table,entity,peak rps,key attributes,items
        O1,List orders of a customer,Query,Shop,ORDER,10,customer_id,20
        O2,List lines of an order,Query,Shop,LINE,1,"customer_id, order_id",
        """

    private func demand(
        _ contract: String, items: String = "", _ words: [(String, String)] = []
    ) throws -> PatternDemand? {
        var assumptions = CapacityAssumptions()
        for (name, value) in words { try assumptions.set(name, to: value) }
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract),
            patterns: SourceText(name: "p.csv", text: Self.patterns + items))
        return capacity(of: document, assuming: assumptions).pattern("O1")
    }

    private func told(_ demand: PatternDemand?) -> [String] {
        (demand?.assumptions ?? []).map(\.text).filter { $0.hasPrefix("the keys of ") }
    }

    private static func count(_ number: Int) -> String { "\"estimated_item_count\": \(number)," }

    @Test func countedKindsAreChargedForEachOfTheItemsThatHoldThem() throws {
        let demand = try demand(Self.contract(Self.count(1_000), Self.count(5_000), Self.count(500)))
        // 20 orders of 1,000 bytes, 100 lines of 400 and 10 notes of 100: 61,000 bytes, 15 blocks.
        #expect(demand?.charges.map(\.readUnitsPerCall) == [7.5])
        #expect(
            demand?.charges.first?.formula == "⌈(20 × 1,000 B + 100 × 400 B + 10 × 100 B) / 4 KB⌉ × 0.5")
        #expect(
            told(demand) == [
                "the keys of LINE begin as those of ORDER do: a Query reads and is charged for it too, 5 for each ORDER "
                    + "(5,000 of 1,000, as they are counted)",
                "the keys of NOTE begin as those of ORDER do: a Query reads and is charged for it too, 0.5 for each ORDER "
                    + "(500 of 1,000, as they are counted)",
            ])
    }

    @Test func whoeverCountsBetterIsBelieved() throws {
        let contract = Self.contract(Self.count(1_000), Self.count(5_000), Self.count(500))
        let demand = try demand(contract, [("items.Shop.LINE", "10000")])
        // 20,000 + 200 × 400 + 1,000: 101,000 bytes, 25 blocks.
        #expect(demand?.charges.map(\.readUnitsPerCall) == [12.5])
    }

    @Test func whatNobodyCountsIsSaidAndNotCharged() throws {
        let demand = try demand(Self.contract())
        #expect(demand?.charges.map(\.readUnitsPerCall) == [2.5])
        #expect(demand?.charges.first?.formula == "⌈20 × 1,000 B / 4 KB⌉ × 0.5")
        #expect(
            told(demand) == [
                "the keys of LINE and NOTE begin as those of ORDER do: a Query reads and is charged for them too, and no document "
                    + "says how many there are for each: none are counted (items.Shop.ORDER, items.Shop.LINE and items.Shop.NOTE tell)"
            ])
    }

    @Test func aPatternThatListsThemSaysHowMany() throws {
        // Three lines an order by O2's own row; of notes nobody speaks.
        let demand = try demand(Self.contract(), items: "3")
        #expect(demand?.charges.first?.formula == "⌈(20 × 1,000 B + 60 × 400 B) / 4 KB⌉ × 0.5")
        #expect(told(demand).first?.hasSuffix("3 for each ORDER (as many as O2 reads)") == true)
        #expect(told(demand).last?.hasPrefix("the keys of NOTE begin") == true)
        // Somebody who knows better goes over the row, and counted items over both.
        let better = try self.demand(Self.contract(), items: "3", [("items-per-call.O2", "8")])
        #expect(better?.charges.first?.formula == "⌈(20 × 1,000 B + 160 × 400 B) / 4 KB⌉ × 0.5")
        let counted = try self.demand(Self.contract(Self.count(10), Self.count(20)), items: "3")
        #expect(counted?.charges.first?.formula == "⌈(20 × 1,000 B + 40 × 400 B) / 4 KB⌉ × 0.5")
    }

    @Test func whatTheOthersSharesOfATableAreIsSaidToo() throws {
        let contract = Self.contract(Self.count(1_000)).replacing(
            "\"pk\": \"PK\",", with: "\"pk\": \"PK\", \"estimated_item_count\": 5000,")
        let demand = try demand(contract)
        // What the orders leave of 5,000 items is split equally: 2,000 lines and 2,000 notes, two of each for an order.
        #expect(demand?.charges.first?.formula == "⌈(20 × 1,000 B + 40 × 400 B + 40 × 100 B) / 4 KB⌉ × 0.5")
        #expect(told(demand).allSatisfy { $0.contains("is split equally among") })
    }

    @Test func aQueryOfTheLinesAloneReadsNothingElse() throws {
        let document = try ContractDocument.read(
            contract: SourceText(
                name: "c.json", text: Self.contract(Self.count(1_000), Self.count(5_000), Self.count(500))),
            patterns: SourceText(name: "p.csv", text: Self.patterns + "3"))
        let lines = capacity(of: document).pattern("O2")
        #expect(lines?.charges.first?.formula == "⌈3 × 400 B / 4 KB⌉ × 0.5")
        #expect(told(lines).isEmpty)
    }
}
