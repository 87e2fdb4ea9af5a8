import ContractEngine
import Testing

/// What one partition and one item take, where the contract says how much will come.
struct LimitOfOnePlaceTests {
    private func findings(key: String, format: String = "", peak: Int) throws -> [Finding] {
        let transformation =
            format.isEmpty ? "" : ", \"transformation\": {\"type\": \"date-format\", \"format\": \"\(format)\"}"
        let contract = """
            {"tables": [{"table": "Metrics", "type": "single-entity", "source_table": "m", "pk": "\(key)", "sk": "metric_id",
              "estimated_item_size_bytes": 200,
              "attributes": [{"name": "\(key)", "type": "S", "source_table": "m", "source_column": "created_at"\(transformation)},
               {"name": "metric_id", "type": "S", "source_table": "m", "source_column": "id"}]}],
             "access_patterns": [{"id": "AP1", "description": "Write a metric", "peak_rps": \(peak), "operation": "PutItem",
               "table": "Metrics", "key_attributes": ["\(key)", "metric_id"]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
            .filter { ["one-partition-overloaded", "time-ordered-partition-key"].contains($0.rule) }
    }

    @Test(arguments: [("day", "YYYY-MM-DD"), ("hour", "YYYY-MM-DDTHH"), ("event_month", ""), ("bucket", "%Y-%m")])
    func whatIsWrittenTodayGoesToOnePartition(_ key: String, _ format: String) throws {
        let found = try findings(key: key, format: format, peak: 3_900)
        #expect(found.map(\.rule) == ["one-partition-overloaded", "time-ordered-partition-key"])
        #expect(found.first?.severity == .error)
        #expect(
            found.first?.message
                == "Metrics is asked for 3,900 write units a second, which takes 4 partitions, while all that is written at one "
                + "time has the same \(key).")
        #expect(try findings(key: key, format: format, peak: 900).map(\.rule) == ["time-ordered-partition-key"])
    }

    @Test(arguments: [("created_at", ""), ("bucket", "%Y-%m-%dT%H:%M:%S"), ("bucket", "ISO8601")])
    func timesThatDifferFromSecondToSecondAreWarnedOfOnly(_ key: String, _ format: String) throws {
        #expect(try findings(key: key, format: format, peak: 3_900).map(\.rule) == ["time-ordered-partition-key"])
    }

    private func sizes(_ length: Int) throws -> [Finding] {
        let contract = """
            {"tables": [{"table": "Pages", "type": "single-entity", "source_table": "pages", "pk": "site_id",
              "estimated_item_size_bytes": 5000,
              "attributes": [{"name": "site_id", "type": "S", "source_table": "pages", "source_column": "site_id"},
               {"name": "body", "type": "S", "source_table": "pages", "source_column": "body", "max_length_bytes": \(length)}]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
            .filter { $0.rule == "item-too-large" }
    }

    @Test func anItemThatMayOutgrowTheLimitIsWarnedOf() throws {
        let found = try sizes(600_000)
        #expect(found.map(\.severity) == [.warning])
        #expect(
            found.first?.message
                == "An item of Pages is estimated at 5,000 bytes and can have 600,000 by its attributes' greatest lengths, body "
                + "alone 600,000; DynamoDB takes 409,600, names included.")
        #expect(try sizes(400_000) == [])
    }
}
