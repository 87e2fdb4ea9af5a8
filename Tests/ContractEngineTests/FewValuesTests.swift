import ContractEngine
import Testing

/// Partition keys whose names or types say that they have few values.
struct FewValuesTests {
    private func findings(_ column: String, type: String = "", distinct: String = "", template: Bool = false) throws
        -> [Finding]
    {
        let key = template ? "GSI1PK" : column
        let keys = template ? "\"gsi_keys\": [{\"index_name\": \"ByIt\", \"pk_template\": \"{\(column)}\"}]," : ""
        let contract = """
            {"tables": [{"table": "Jobs", "type": "single-entity", "source_table": "jobs", "pk": "job_id", \(keys)
              "estimated_item_size_bytes": 1000,
              "gsis": [{"index_name": "ByIt", "pk": "\(key)"\(template ? ", \"pk_template\": \"{\(column)}\"" : ""),
                "projection": "ALL"\(distinct)}],
              "attributes": [{"name": "job_id", "type": "S", "source_table": "jobs", "source_column": "id"},
               {"name": "\(column)", "type": "S", "source_table": "jobs", "source_column": "\(column)"\(type)}]}],
             "access_patterns": [{"id": "AP1", "description": "Create job", "peak_rps": 30000, "operation": "PutItem",
               "table": "Jobs", "key_attributes": ["job_id"]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
            .filter { $0.rule == "one-partition-overloaded" && $0.subject == "Jobs.ByIt" }
    }

    @Test(arguments: [
        ("status", 5), ("order_status", 5), ("state", 5), ("job_type", 5), ("kind", 5), ("is_open", 2), ("gender", 3),
        ("country", 20), ("country_code", 20), ("category", 20),
    ])
    func aNameMaySayThatValuesAreFew(_ column: String, _ count: Int) throws {
        for template in [false, true] {
            let found = try findings(column, template: template)
            #expect(found.map(\.severity) == [.warning])
            #expect(
                found.first?.message.contains(
                    "\(count) values there (about \(count), since the name \(column) is that of") == true)
            #expect(found.first?.advice.contains("estimated_distinct_keys") == true)
        }
    }

    @Test func whatTheContractSaysIsNoGuess() throws {
        #expect(try findings("status", distinct: ", \"estimated_distinct_keys\": 100000") == [])
        #expect(try findings("status", distinct: ", \"estimated_distinct_keys\": 7").map(\.severity) == [.error])
        let listed = try findings("colour", type: ", \"source_type\": \"ENUM('red','green')\"")
        #expect(listed.map(\.severity) == [.error])
        #expect(listed.first?.message.contains("2 values there (its source's type lists them)") == true)
    }

    @Test(arguments: ["status_note", "customer", "state_id", "island", "tracking_code"])
    func otherNamesSayNothing(_ column: String) throws { #expect(try findings(column) == []) }
}
