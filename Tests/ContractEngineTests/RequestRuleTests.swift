import ContractEngine
import Testing

/// Batches and transactions of more than one request holds.
struct RequestRuleTests {
    private func findings(_ operations: String, size: Int = 100) throws -> [Finding] {
        let table = { (name: String) in
            """
            {"table": "\(name)", "type": "single-entity", "source_table": "rows", "pk": "row_id",
             "estimated_item_size_bytes": \(size),
             "attributes": [{"name": "row_id", "type": "S", "source_table": "rows", "source_column": "id"}]}
            """
        }
        let contract = """
            {"tables": [\(table("Rows")), \(table("Others"))],
             "access_patterns": [{"id": "AP1", "description": "Many rows", "peak_rps": 1, "key_attributes": ["row_id"],
               "operations": [\(operations)]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))).filter {
            $0.rule == "request-too-large"
        }
    }

    private func operation(_ name: String, _ items: Int?, table: String = "Rows") -> String {
        let count = items.map { ", \"items_per_call\": \($0)" } ?? ""
        return "{\"operation\": \"\(name)\", \"table\": \"\(table)\"\(count)}"
    }

    @Test(arguments: [
        ("BatchGetItem", 100, 250, "3 requests"), ("BatchWriteItem", 25, 26, "2 requests"),
    ])
    func aBatchIsCutWhichIsWorthANote(_ name: String, _ most: Int, _ more: Int, _ told: String) throws {
        #expect(try findings(operation(name, most)) == [])
        let found = try findings(operation(name, more))
        #expect(found.map(\.severity) == [.note])
        #expect(found[0].message.contains("\(more) items of Rows; one request takes \(most): that is \(told)"))
    }

    @Test(arguments: ["TransactGetItems", "TransactWriteItems"])
    func aTransactionIsRefused(_ name: String) throws {
        #expect(try findings(operation(name, 100)) == [])
        #expect(try findings(operation(name, 101)).map(\.severity) == [.error])
    }

    @Test func allTablesOfATransactionCount() throws {
        let rows = operation("TransactWriteItems", 60)
        #expect(try findings("\(rows), \(operation("TransactWriteItems", 40, table: "Others"))") == [])
        let found = try findings("\(rows), \(operation("TransactWriteItems", 41, table: "Others"))")
        #expect(found.map(\.severity) == [.error])
        #expect(found[0].message.contains("60 of Rows and 41 of Others, 101 items; DynamoDB takes 100"))
        // One that says no number has an item at least.
        let full = operation("TransactWriteItems", 100)
        #expect(try findings("\(full), \(operation("TransactWriteItems", nil, table: "Others"))").count == 1)
    }

    @Test func bytesOfATransactionCountToo() throws {
        // 4 MB are 4,194,304 bytes: 64 items of 65,536.
        #expect(try findings(operation("TransactWriteItems", 64), size: 65_536) == [])
        let found = try findings(operation("TransactWriteItems", 65), size: 65_536)
        #expect(found.map(\.severity) == [.error] && found[0].message.contains("4,259,840 bytes; DynamoDB takes 4 MB"))
        // Batches are cut by their bytes as well.
        #expect(try findings(operation("BatchGetItem", 65), size: 65_536) == [])
    }

    @Test func whereNoDocumentSaysHowManyNothingIsSaid() throws {
        for name in ["BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems", "Query", "Scan"] {
            #expect(try findings(operation(name, nil)) == [])
        }
        #expect(try findings(operation("Query", 1_000)) == [])
    }
}
