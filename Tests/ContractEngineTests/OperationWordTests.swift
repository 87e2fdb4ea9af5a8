import ContractEngine
import ContractModel
import Testing

/// Operations that documents name in whatever way, and what stands beside them.
struct OperationWordTests {
    private func operations(_ cell: String, notes: String = "") throws -> [String] {
        let model = """
            ## Mapping
            | Pattern | Tables/Indexes | Operations | Notes |
            |---|---|---|---|
            | AP1 | Orders | \(cell) | \(notes) |
            """
        let patterns = "id,description,peak rps,key attributes\nAP1,Orders of a customer,1,customer_id\n"
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"), patterns: patterns, as: "p.csv", model: model)
        return document.patterns[0].operations.map { operation in
            let order = operation.isDescending.map { $0 ? " descending" : " ascending" } ?? ""
            return operation.operation + order + (operation.isOperationGuess ? " (guess)" : "")
        }
    }

    /// The order of a Query begins with "Scan" and is none.
    @Test(arguments: [
        "Query PK=USER#{username}, ScanIndexForward=false", "Query (ScanIndexForward=false)",
        "Query ScanIndexForward: false, Limit 10", "Query scan_index_forward=False", "query --no-scan-index-forward",
        "Query with Scan Index Forward = false", "`Query` + `ScanIndexForward` is set to `false`", "Query, descending",
        "Query desc", "Query (DESC)", "Query, sorted by placed_at desc", "Query in reverse chronological order",
    ])
    func theOrderOfAQueryIsNoScan(cell: String) throws {
        #expect(try operations(cell) == ["Query descending"])
        #expect(try operations("Query", notes: cell) == ["Query descending"])
    }

    @Test(arguments: [
        ("Query ScanIndexForward=true", ["Query ascending"]), ("Query with ScanIndexForward", ["Query"]),
        ("Query ScanFilter", ["Query"]), ("Scan", ["Scan"]), ("ParallelScan", ["Scan"]), ("QueryGSI1", ["Query"]),
        ("Query + Scan", ["Query", "Scan"]), ("Queries", ["Query"]), ("Scanner", ["Query (guess)"]),
    ])
    func operationsAreWordsOfTheirOwn(cell: String, expected: [String]) throws {
        #expect(try operations(cell) == expected)
    }

    @Test(arguments: [
        ("get_item", "GetItem"), ("batch_get_item", "BatchGetItem"), ("put-item", "PutItem"),
        ("ConditionalPut", "PutItem"), ("Conditional update", "UpdateItem"), ("ConditionalPutItem", "PutItem"),
        ("Update with ConditionExpression", "UpdateItem"), ("Delete with a condition", "DeleteItem"),
        ("GETITEM", "GetItem"), ("dynamodb:PutItem", "PutItem"), ("TransactWriteItem", "TransactWriteItems"),
        ("transact_write_items: Put order, Update stock", "TransactWriteItems"), ("2x UpdateItem", "UpdateItem"),
    ])
    func operationsAreNamedInManyWays(cell: String, expected: String) throws {
        #expect(try operations(cell) == [expected])
    }

    /// In a pattern table's own cell, and as a member of a tree.
    @Test func patternDocumentsGiveTheOrderToo() throws {
        let table =
            "id,operation,table,peak rps,key attributes\nAP1,\"Query, ScanIndexForward=false\",Orders,1,customer_id\n"
        let read = try GivenDocuments.read(GivenDocuments.orders("AP1"), patterns: table, as: "p.csv")
        #expect(read.patterns[0].operations.map(\.operation) == ["Query"])
        #expect(read.patterns[0].operations[0].isDescending == true)
        let tree = """
            [{"id": "AP1", "operation": "Query", "table": "Orders", "scan_index_forward": false, "rps": 1}]
            """
        let given = try GivenDocuments.read(GivenDocuments.orders("AP1"), patterns: tree, as: "p.json")
        #expect(given.patterns[0].operations.map(\.isDescending) == [true])
        #expect(!GivenDocuments.guesses(given).contains { $0.contains("scan_index_forward") })
    }

    /// A date that sorts by its digits is a mistake where its order is asked for, in whatever words.
    @Test func anOrderOfNumbersAsTextsIsFoundByTheCallsOwnWord() throws {
        let contract = GivenDocuments.orders("AP1").replacing("\"sk\": \"order_no\"", with: "\"sk\": \"total\"")
            .replacing(
                "{\"name\": \"total\", \"type\": \"N\",",
                with:
                    "{\"name\": \"total\", \"type\": \"S\", \"source_type\": \"INT\",")
        func rules(_ cell: String) throws -> [String] {
            let table = "| ID | Operation | Table | Peak RPS | Key Attributes |\n|---|---|---|---|---|\n"
            return try GivenDocuments.findings(
                contract, patterns: table + "| AP1 | \(cell) | Orders | 1 | customer_id |\n"
            ).map(\.rule)
        }
        #expect(try !rules("Query").contains("number-sorts-as-text"))
        #expect(try rules("Query ScanIndexForward=false").contains("number-sorts-as-text"))
    }
}
