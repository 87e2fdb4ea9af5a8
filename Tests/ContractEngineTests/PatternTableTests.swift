import ContractEngine
import ContractModel
import Testing

/// Columns of pattern tables that say what a pattern does, and rates as people write them.
struct PatternTableTests {
    private static let contract = """
        [{"table": "Products", "type": "Table", "pk": "product_id", "satisfies": ["AP9"],
          "gsis": [{"index_name": "ByCategory", "pk": "category_id"}],
          "attributes": {"product_id": {"type": "S"}, "category_id": {"type": "S"}}},
         {"table": "Orders", "type": "Table", "source_table": "orders", "pk": "order_id", "attributes": {"order_id": {"type": "S"}}}]
        """

    private func document(_ patterns: String, _ name: String = "p.md") throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract), patterns: SourceText(name: name, text: patterns))
    }

    private func told(_ document: ContractDocument, _ id: String = "AP1") -> [String] {
        document.patterns.first { $0.id == id }?.operations.map {
            "\($0.operation) \($0.table)\($0.index.map { ".\($0)" } ?? "")"
        } ?? []
    }

    @Test(arguments: [
        ("DynamoDB Operations | Tables/Indexes", "Query | Products.ByCategory", ["Query Products.ByCategory"]),
        ("Operation | Table | Index", "Query | Products | ByCategory", ["Query Products.ByCategory"]),
        ("Operation | Table | Index", "GetItem | `Products` | -", ["GetItem Products"]),
        (
            "Operations | Tables | Note", "Query + BatchGetItem | ByCategory, Orders |",
            ["Query Products.ByCategory", "BatchGetItem Orders"]
        ),
        ("Operation | Table | GSI", "Scan | Products Table | Base table", ["Scan Products"]),
        ("Operation | Index | Note", "Query | ByCategory GSI | x", ["Query Products.ByCategory"]),
        ("Operation | Tables/Indexes | Note", "Query | Products (ByCategory GSI) | x", ["Query Products.ByCategory"]),
        ("Operation | Note | R/W", "Query ByCategory | x | R", ["Query Products.ByCategory"]),
        ("Operation | Note | R/W", "GetItem on Orders | x | R", ["GetItem Orders"]),
        // Beside two operations it may be either's.
        ("Operation | Note | R/W", "Query + GetItem ByCategory | x | R", []),
        ("DynamoDB Operation | Table | R/W", "PutItem/UpdateItem | Orders | W", ["PutItem Orders"]),
        (
            "DynamoDB Operations | Table | R/W", "TransactWriteItems | Orders, Products | R/W",
            ["TransactWriteItems Orders", "TransactWriteItems Products"]
        ),
    ])
    func operationColumnsAreRead(header: String, cells: String, expected: [String]) throws {
        let text =
            "| Pattern | Description | Peak RPS | \(header) |\n|---|---|---|---|---|---|\n| AP1 | Add it | 5 | \(cells) |\n"
        #expect(told(try document(text)) == expected)
        let csv = (["Pattern,Description,Peak RPS", "AP1,Add it,5"], [header, cells])
        let lines = zip(csv.0, csv.1).map { head, rest in
            head + ","
                + rest.split(separator: "|", omittingEmptySubsequences: false).map { "\"\($0)\"" }.joined(
                    separator: ",")
        }
        #expect(told(try document(lines.joined(separator: "\n"), "p.csv")) == expected)
    }

    @Test func namesMayHaveDots() throws {
        let contract = """
            [{"table": "prod.orders", "type": "Table", "pk": "order_id", "gsis": [{"index_name": "by.customer", "pk": "customer_id"}],
              "attributes": {"order_id": {"type": "S"}, "customer_id": {"type": "S"}}},
             {"table": "prod", "type": "Table", "pk": "id", "gsis": [{"index_name": "orders.by.customer", "pk": "other"}],
              "attributes": {"id": {"type": "S"}, "other": {"type": "S"}}}]
            """
        let text = """
            | Pattern | RPS | Operation | Table | Index |
            |---|---|---|---|---|
            | AP1 | 5 | GetItem | prod.orders | |
            | AP2 | 5 | Query | prod.orders | by.customer |
            | AP3 | 5 | Query | prod.orders.by.customer | - |
            | AP4 | 5 | GetItem | prod | |
            """
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: text))
        #expect(
            ["AP1", "AP2", "AP3", "AP4"].map { told(document, $0) } == [
                ["GetItem prod.orders"], ["Query prod.orders.by.customer"], ["Query prod.orders.by.customer"],
                ["GetItem prod"],
            ])
        // Both tables have an index that the rest of the name could be.
        #expect(document.patterns.first { $0.id == "AP3" }?.operations.map(\.table) == ["prod.orders"])
    }

    @Test(arguments: [("Key", "`product_id`", ["product_id"]), ("Keys", "product_id + day", ["product_id", "day"])])
    func keysMayHaveAShorterHeading(_ heading: String, _ cell: String, _ names: [String]) throws {
        func keys(_ cell: String) throws -> [[String]] {
            let text =
                "| Pattern | RPS | Operation | \(heading) |\n|---|---|---|---|\n| AP1 | 5 | GetItem | \(cell) |\n"
            return try document(text).patterns.map(\.keyAttributes)
        }
        #expect(try keys(cell) == [names])
        // What a key looks like names none of its attributes.
        #expect(try keys("PK=PRODUCT#{id}") == [[]])
    }

    @Test func keyAttributesMayStandInOneText() throws {
        let text = """
            access_patterns:
              - {id: AP1, rps: 5, operation: GetItem, table: Products, key_attributes: "product_id, `category_id`"}
              - {id: AP2, rps: 5, operation: GetItem, table: Products, key_attributes: [product_id]}
            """
        #expect(
            try document(text, "p.yaml").patterns.map(\.keyAttributes) == [
                ["product_id", "category_id"], ["product_id"],
            ])
        #expect(throws: ContractError.self) { try document(text.replacing("[product_id]", with: "{a: b}"), "p.yaml") }
    }

    @Test func theOperationTellsTheTypeAndAClaimTheTable() throws {
        let text =
            "| Pattern | RPS | Operation |\n|---|---|---|\n| AP9 | 5 | PutItem |\n| AP2 | 1 | Write |\n| AP3 | 1 | None |\n"
        let patterns = try document(text).patterns
        #expect(patterns.map(\.type) == [.write, .write, .none])
        #expect(told(try document(text), "AP9") == ["PutItem Products"])
    }

    @Test(arguments: [
        (
            "Operation | Table", "Frobnicate | Orders",
            "p.md:3: the operation of AP1 is \"Frobnicate\"; name one as DynamoDB does: GetItem"
        ),
        (
            "Operation | Table", "GetItem | Nowhere",
            "p.md:3: AP1 names Nowhere, which is no table and no index of the contract; name one of Products, Orders"
        ),
    ])
    func whatNothingKnowsIsNamed(header: String, cells: String, message: String) {
        let error = #expect(throws: ContractError.self) {
            try document("| Pattern | RPS | \(header) |\n|---|---|---|---|\n| AP1 | 5 | \(cells) |\n")
        }
        #expect(error?.message == message)
    }

    @Test func unknownMembersOfATreeAreNamed() throws {
        let document = try document(
            #"[{"id": "AP1", "rsp": 5, "rps": {"peek": 3}, "operations": [{"operation": "GetItem", "table": "Orders", "indx": "A"}], "note": "x"}]"#,
            "p.json")
        let findings = LintReport(document).findings.filter { $0.rule == "unknown-field" }
        #expect(findings.map(\.subject) == ["rsp", "peek", "indx"])
        #expect(Set(findings.map(\.file)) == ["p.json"])
        #expect(findings.first?.message == "Nothing here knows the field `rsp` of the pattern AP1; it says nothing.")
    }
}

/// A suppression names a finding by its subject, which edits elsewhere in the file leave alone.
struct TotalSubjectTests {
    @Test(arguments: ["", "\n\nMore words.\n\n"])
    func aTotalIsNamedByItsNumber(above: String) throws {
        let document = try ContractDocument.read(
            contract: SourceText(
                name: "c.json",
                text: #"[{"table": "T", "type": "Table", "pk": "id", "attributes": {"id": {"type": "S"}}}]"#),
            patterns: SourceText(
                name: "p.md", text: above + "Total load: 1,400 QPS\n\n| Pattern | RPS |\n|---|---|\n| AP1 | 5 |\n"))
        #expect(
            LintReport(document).findings.filter { $0.rule == "rps-total-differs" }.map(\.subject) == ["total 1,400"])
    }
}
