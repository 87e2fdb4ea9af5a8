import ContractEngine
import ContractModel
import Testing

/// Reads of indexes that documents call by names that DynamoDB has not, and Scans of them.
struct IndexReadTests {
    private static let contract = """
        {"tables": [{"table": "Shop", "type": "multi-entity", "pk": "PK", "sk": "SK", "attributes": [],
          "gsis": [{"index_name": "ByCity", "pk": "city", "projection": "ALL"}],
          "entities": [
           {"entity_type": "BUYER", "pk_template": "B#{buyer_id}", "sk_template": "META", "estimated_item_size_bytes": 4096,
            "attributes": [{"name": "buyer_id", "type": "S"}, {"name": "city", "type": "S"}]},
           {"entity_type": "ORDER", "pk_template": "O#{order_id}", "sk_template": "META", "estimated_item_size_bytes": 4096,
            "attributes": [{"name": "order_id", "type": "S"}]}],
          "satisfies": ["AP1", "AP2", "AP3"]}]}
        """

    private func document(_ mapping: String) throws -> ContractDocument {
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | Buyers of a city | 1 | Read | city |
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.md", text: patterns),
            mapping: SourceText(name: "m.yaml", text: mapping))
    }

    @Test(arguments: ["GetItem", "BatchGetItem", "TransactGetItems"])
    func aGetOfAnIndexIsAQueryOfItEverywhere(_ name: String) throws {
        let document = try document("AP1: [{table: Shop, index: ByCity, entity: BUYER, operation: \(name)}]")
        let told = "DynamoDB has no \(name) of an index: it is taken as a Query of Shop.ByCity"
        #expect(document.patterns[0].operations.map(\.operation) == ["Query"])
        #expect(Guess.all(in: document).map(\.text).contains(told))
        let demand = capacity(of: document).pattern("AP1")
        #expect(demand?.charges.map { "\($0.operation) \($0.index ?? "")" } == ["Query ByCity"])
        #expect(demand?.charges.map(\.readUnitsPerCall) == [0.5])
        #expect(demand?.assumptions.map(\.text).contains { $0.contains(told) } == true)
    }

    /// A GetItem is of one item, also where Queries read many.
    @Test func aGetOfAnIndexIsOfOneItem() throws {
        var assumptions = CapacityAssumptions()
        try assumptions.set("items-per-query", to: "20")
        func units(_ name: String) throws -> Double? {
            let document = try document("AP1: [{table: Shop, index: ByCity, entity: BUYER, operation: \(name)}]")
            return capacity(of: document, assuming: assumptions).pattern("AP1")?.charges.first?.readUnitsPerCall
        }
        #expect(try units("GetItem") == 0.5)
        #expect(try units("Query") == 10)
    }

    @Test func aScanOfAnIndexReadsTheItemsThatAreInIt() throws {
        let document = try document("AP1: [{table: Shop, index: ByCity, operation: Scan}]")
        func units(_ words: [String: String]) throws -> Double? {
            var assumptions = CapacityAssumptions()
            for (name, value) in words { try assumptions.set(name, to: value) }
            return capacity(of: document, assuming: assumptions).pattern("AP1")?.charges.first?.readUnitsPerCall
        }
        #expect(try units(["items.Shop.BUYER": "1000"]) == 500)
        #expect(try units(["items.Shop.BUYER": "1000", "items.Shop.ORDER": "5000"]) == 500)
        // Half of the table's, since one of its two kinds is in the index.
        #expect(try units(["items.Shop": "1000"]) == 250)
        #expect(try units([:]) == 50)
    }

    @Test func anEqualSplitOfKindsIsSaid() throws {
        var assumptions = CapacityAssumptions()
        try assumptions.set("items.Shop", to: "1000")
        let report = CapacityReport(
            try document("AP1: [{table: Shop, index: ByCity, operation: Query}]"), assuming: assumptions)
        let told = "the items of Shop are split equally among its 2 kinds (items.Shop.KIND tells)"
        #expect(
            report.plan.storageAssumptions == [
                Assumption(text: told, moved: "storage of Shop"),
                Assumption(text: told, moved: "storage of Shop.ByCity"),
            ])
        #expect(report.text().contains("the items of Shop are split equally among its 2 kinds"))
        #expect(report.json().contains(told))
        try assumptions.set("items.Shop.BUYER", to: "10")
        try assumptions.set("items.Shop.ORDER", to: "10")
        let known = capacity(of: try document("AP1: [{table: Shop, operation: Scan}]"), assuming: assumptions)
        #expect(known.storageAssumptions == [])
    }
}
