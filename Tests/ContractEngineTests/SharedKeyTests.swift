import ContractEngine
import Testing

/// Kinds of items with few values of a key, beside others with many: each is held against what its own partitions serve.
struct SharedKeyTests {
    private func findings(
        counter: String = "COUNTERS", other: String = "{order_id}", rate: Int = 2_000, index: Bool = false
    ) throws -> [String] {
        let contract = """
            {"tables": [{"table": "Shop", "type": "multi-entity", "pk": "PK", "sk": "SK", "attributes": [],
              "gsis": [{"index_name": "GSI1", "pk": "G", "projection": "ALL"}],
              "entities": [
                {"entity_type": "COUNTER", "pk_template": "\(counter)", "sk_template": "{counter_id}",
                 "estimated_item_size_bytes": 400, "gsi_keys": [\(index ? #"{"index_name": "GSI1", "pk_template": "ALL"}"# : "")],
                 "attributes": [{"name": "counter_id", "type": "S"}]},
                {"entity_type": "ORDER", "pk_template": "\(other)", "sk_template": "ORDER", "estimated_item_size_bytes": 400,
                 "gsi_keys": [{"index_name": "GSI1", "pk_template": "{order_id}"}],
                 "attributes": [{"name": "order_id", "type": "S"}]}]}],
             "access_patterns": [
               {"id": "AP1", "rps": \(rate), "operations": [{"operation": "UpdateItem", "table": "Shop", "entity": "COUNTER"}]},
               {"id": "AP2", "rps": 900, "operations": [{"operation": "PutItem", "table": "Shop", "entity": "ORDER"}]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
            .filter { $0.rule == "one-partition-overloaded" }.map(\.message)
    }

    @Test func aConstantKeyOfOneKindAmongOthersIsFound() throws {
        #expect(
            try findings() == [
                "COUNTER of Shop is asked for 0 read and 2,000 write units a second, which takes 2 partitions, while the key PK has "
                    + "one value there (\"COUNTERS\" is constant)."
            ])
        #expect(try findings(rate: 900) == [])
        #expect(try findings(counter: "{counter_id}") == [])
    }

    @Test func theSameIsAskedOfAnIndex() throws {
        // An update leaves the index's key alone and writes all attributes: 2,000 write units there as well.
        let told = try findings(counter: "{counter_id}", index: true)
        #expect(told.count == 1 && told[0].hasPrefix("COUNTER of Shop.GSI1 is asked for 0 read and 2,000 write units"))
    }

    @Test func kindsWithTheSameConstantShareItsPartition() throws {
        // Each alone fits: 600 + 900 do not.
        let told = try findings(other: "COUNTERS", rate: 600)
        #expect(told.count == 1 && told[0].contains("0 read and 1,500 write units"))
    }
}
