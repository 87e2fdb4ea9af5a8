import ContractEngine
import ContractModel
import Testing

/// Names of key attributes with a space or a dash, as the contract allows them.
struct KeyNameTests {
    private static let contract = """
        {"tables": [{"table": "Orders", "source_table": "orders", "pk": "customer id", "sk": "order-date",
          "estimated_item_size_bytes": 500,
          "gsis": [{"index_name": "ByPlace", "pk": "place of delivery", "projection": "ALL"},
                   {"index_name": "ByOrder", "pk": "order_id", "projection": "ALL"}],
          "attributes": [{"name": "customer id", "type": "S"}, {"name": "order-date", "type": "S"},
            {"name": "place of delivery", "type": "S"}, {"name": "place", "type": "S"}, {"name": "order_id", "type": "S"},
            {"name": "place of delivery note", "type": "S"}, {"name": "größe", "type": "S"}]}]}
        """

    private func document(_ cell: String, _ operation: String, in heading: String = "Key Attributes") throws
        -> ContractDocument
    {
        let patterns = """
            | Pattern | Peak RPS | Type | Operation | Table | \(heading) |
            |---|---|---|---|---|---|
            | AP1 | 1 | Read | \(operation) | Orders | \(cell) |
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.md", text: patterns))
    }

    private func done(_ cell: String, _ operation: String = "GetItem") throws -> [String] {
        capacity(of: try document(cell, operation)).pattern("AP1")?.charges.map { "\($0.operation) \($0.index ?? "")" }
            ?? []
    }

    private func knows(_ cell: String) throws -> String? {
        let message = lint(try document(cell, "GetItem")).first { $0.rule == "operation-lacks-key" }?.message
        return message?.split(separator: "its caller knows ").last?.split(separator: ":").first.map(String.init)
    }

    @Test(arguments: [
        "customer id, order-date", "`customer id`, `order-date`", "`customer id` and `order-date`",
        "customer id + order-date",
        "`customer id` `order-date`", "Customer ID from token, order date", "customer id and order-date",
    ])
    func whoNamesTheWholeKeyReadsTheItem(_ cell: String) throws {
        #expect(try done(cell) == ["GetItem "])
        #expect(try knows(cell) == nil)
    }

    @Test func whoNamesThePartitionReadsItAndWhoNamesAnIndexReadsThat() throws {
        #expect(try done("customer id") == ["Query "])
        #expect(try done("the `customer id` of the caller") == ["Query "])
        #expect(try done("place of delivery") == ["Query ByPlace"])
        #expect(try done("order id") == ["Query ByOrder"])
        #expect(try done("order_id from request") == ["Query ByOrder"])
    }

    @Test func theLongestNameIsMeant() throws {
        // "place" is an attribute too, of which no key is made.
        #expect(try knows("place of delivery") == "place of delivery")
        #expect(try done("place") == ["Scan "])
        #expect(try done("place of delivery note") == ["Scan "])
        #expect(try done("größe") == ["Scan "])
    }

    @Test func severalNamesOfOneTextAreAllKnown() throws {
        #expect(try knows("order_id of customer id") == "order_id and customer id")
        #expect(try knows("customer_ref of customer id") == "customer_ref and customer id")
    }

    @Test(arguments: ["all orders", "every order", "LOAN# prefix", "customers' ids"])
    func otherWordsAreNoNames(_ cell: String) throws {
        #expect(try done(cell) == ["GetItem "])
    }

    @Test func theTextsStayAsTheyAreWritten() throws {
        func texts(_ cell: String) throws -> [String] { try document(cell, "GetItem").patterns[0].keyAttributes }
        #expect(try texts("`customer id`, `ORDER#` prefix") == ["customer id", "ORDER# prefix"])
        #expect(try texts("`customer id` and `order-date`, place") == ["customer id", "order-date", "place"])
        #expect(try texts("`customer id") == ["customer id"])
    }

    @Test func aMemberOfATreeIsReadAlike() throws {
        let patterns = """
            access_patterns:
              - {id: AP1, rps: 1, operation: GetItem, table: Orders, key_attributes: "`customer id` and `order-date`"}
              - {id: AP2, rps: 1, operation: GetItem, table: Orders, key_attributes: [customer id, order date]}
            """
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.yaml", text: patterns))
        #expect(capacity(of: document).patterns.map { $0.charges.map(\.operation) } == [["GetItem"], ["GetItem"]])
    }

    @Test func theKindOfItemIsChosenBySuchNamesToo() throws {
        let contract = """
            {"tables": [{"table": "Shop", "type": "multi-entity", "pk": "PK", "sk": "SK", "entities": [
              {"entity_type": "A", "pk_template": "{customer id}", "sk_template": "X#{first-day}", "estimated_item_size_bytes": 500,
               "attributes": [{"name": "customer id", "type": "S"}, {"name": "first-day", "type": "S"}]},
              {"entity_type": "B", "pk_template": "{customer id}", "sk_template": "Y#{line no}", "estimated_item_size_bytes": 500,
               "attributes": [{"name": "customer id", "type": "S"}, {"name": "line no", "type": "S"}]}]}],
             "access_patterns": [{"id": "AP1", "rps": 1, "operation": "GetItem", "table": "Shop",
               "key_attributes": ["customer id", "the line no"]}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))
        #expect(document.patterns[0].operations.map(\.entity) == ["B"])
        #expect(capacity(of: document).pattern("AP1")?.charges.map(\.operation) == ["GetItem"])
    }
}
