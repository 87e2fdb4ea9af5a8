import ContractEngine
import ContractModel
import Testing

/// Which kind of item a pattern is taken to touch: what names it outright, then its keys, then its words.
struct EntityChoiceTests {
    /// - Parameter root: the source of the table, that is of one of its kinds.
    private func document(
        root: String, patterns: String, name: String = "patterns.md", model: String? = nil
    ) throws -> ContractDocument {
        func kind(_ name: String, _ source: String, _ sort: String, _ attributes: [String]) -> String {
            let list = (["customer_id"] + attributes).map { #"{"name": "\#($0)", "type": "S"}"# }.joined(separator: ",")
            return """
                {"entity_type": "\(name)", "source_table": "\(source)", "pk_template": "CUST#{customer_id}",
                 "sk_template": "\(sort)", "attributes": [\(list)]}
                """
        }
        let kinds = [
            kind("CUSTOMER", "customers", "PROFILE", ["full_name"]),
            kind("ORDER", "orders", "ORDER#{order_id}", ["order_id", "order_status"]),
            kind("ORDER_LINE", "order_lines", "ORDER#{order_id}#LINE#{line_no}", ["order_id", "line_no"]),
            kind("CART", "carts", "CART#{sku}", ["sku"]),
        ]
        let contract = """
            {"tables": [{"table": "Shop", "type": "multi-entity", "source_table": "\(root)", "pk": "PK", "sk": "SK",
              "satisfies": ["AP1", "AP2", "AP3", "AP4", "AP5", "AP6", "AP7", "AP8"],
              "gsis": [{"index_name": "Inverted", "pk": "SK", "sk": "PK"}], "entities": [\(kinds.joined(separator: ","))]}]}
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: name, text: patterns),
            model: model.map { SourceText(name: "model.md", text: $0) })
    }

    private func kinds(_ document: ContractDocument) -> [String] {
        document.patterns.map { $0.operations.map { $0.entity ?? "-" }.joined(separator: "+") }
    }

    @Test(arguments: ["customers", "orders", "order_lines", "carts"])
    func whatASentenceIsAboutIsItsKind(root: String) throws {
        let patterns = """
            | Pattern # | Description | Peak RPS | Type | Operation | Table | Key Attributes |
            |---|---|---|---|---|---|---|
            | AP1 | List orders of a customer | 1 | Read | Query | Shop | customer_id |
            | AP2 | Get lines of an order | 1 | Read | Query | Shop | customer_id, order_id |
            | AP3 | Place an order with its lines | 1 | Write | PutItem | Shop | customer_id, order_id |
            | AP4 | Get customer with everything | 1 | Read | Query | Shop | customer_id |
            | AP5 | View a customer's cart | 1 | Read | Query | Shop | customer_id |
            | AP6 | Show order lines | 1 | Read | Query | Shop | customer_id |
            | AP7 | Note a wish of the customer | 1 | Write | UpdateItem | Shop | customer_id, order_id |
            | AP8 | Which customers want it | 1 | Read | Query | Shop.Inverted | sku |
            """
        #expect(
            kinds(try document(root: root, patterns: patterns)) == [
                "ORDER", "ORDER_LINE", "ORDER", "CUSTOMER", "CART", "ORDER_LINE", "ORDER", "CART",
            ])
    }

    private static let told = """
        id,description,peak rps,operation,table,index,entity,key attributes
        AP1,Everything of a customer,1,Query,Shop,,order line,customer_id
        AP2,Lines of an order,1,Query,Shop,,ORDER,"customer_id, order_id"
        AP3,Place an order,1,TransactWriteItems,Shop,,"ORDER, ORDER_LINE","customer_id, order_id"
        AP4,Orders by id,1,Query,Shop,Inverted,CUSTOMER,order_id
        AP5,Tickets,1,Query,Shop,,TICKET,customer_id
        """

    @Test func anEntityColumnDecides() throws {
        let document = try document(root: "customers", patterns: Self.told, name: "patterns.csv")
        #expect(kinds(document) == ["ORDER_LINE", "ORDER", "ORDER+ORDER_LINE", "CUSTOMER", "CUSTOMER"])
        #expect(
            document.patterns[4].operations[0].guess
                == "its row names the entity TICKET, which Shop has not; in Shop it touches CUSTOMER: nothing names another entity"
        )
        #expect(document.patterns[0].operations[0].guess == nil)
    }

    @Test func anEntityColumnIsReadInMarkdownToo() throws {
        let lines = Self.told.split(separator: "\n").map { line -> String in
            var isQuoted = false
            let cells = line.map { character -> String in
                if character == "\"" { isQuoted.toggle() }
                return character == "\"" ? "" : character == "," && !isQuoted ? " | " : String(character)
            }
            return "| \(cells.joined()) |"
        }
        let table = ([lines[0], "|---|---|---|---|---|---|---|---|"] + lines.dropFirst()).joined(separator: "\n")
        #expect(
            kinds(try document(root: "customers", patterns: table))
                == ["ORDER_LINE", "ORDER", "ORDER+ORDER_LINE", "CUSTOMER", "CUSTOMER"])
    }

    @Test func whatNamesTheBeginningOfASortKeyCounts() throws {
        let patterns = """
            | Pattern # | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | Show a customer | 1 | Read | customer_id |
            | AP2 | Show a customer | 1 | Read | customer_id |
            | AP3 | Show a customer | 1 | Read | PK = CUST#<id>, SK = CART#<sku> |
            """
        let model = """
            ## Access Pattern Mapping

            | Pattern | Description | Tables/Indexes | DynamoDB Operations | Implementation Notes |
            |---|---|---|---|---|
            | AP1 | Show | Shop | Query (SK begins_with ORDER#) | |
            | AP2 | Show | Shop | Query | SK begins_with ORDER#<order_id>#LINE# |
            | AP3 | Show | Shop | Query | |
            """
        #expect(
            kinds(try document(root: "customers", patterns: patterns, model: model)) == ["ORDER", "ORDER_LINE", "CART"])
    }
}
