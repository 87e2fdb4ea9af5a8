import ContractEngine
import ContractModel
import Testing

/// Kinds of items in one table whose sort keys are what others' partitions are made of: what a pattern's caller knows tells which one
/// is meant, whatever its words name.
struct AdjacencyListTests {
    private static func kind(
        _ name: String, _ source: String, _ partition: String, _ sort: String, _ attributes: [String],
        index: String = ""
    ) -> String {
        let list = attributes.map { #"{"name": "\#($0)", "type": "S"}"# }.joined(separator: ",")
        return """
            {"entity_type": "\(name)", "source_table": "\(source)", "pk_template": "\(partition)",
             "sk_template": "\(sort)", "attributes": [\(list)]\(index)}
            """
    }

    private static func keys(_ partition: String, _ sort: String) -> String {
        #", "gsi_keys": [{"index_name": "GSI1", "pk_template": "\#(partition)", "sk_template": "\#(sort)"}]"#
    }

    private static let contract: String = {
        let kinds = [
            kind(
                "CUSTOMER", "customers", "CUST#{customer_id}", "PROFILE", ["customer_id", "email"],
                index: keys("EMAIL#{email}", "CUST")),
            kind(
                "ORDER", "orders", "CUST#{customer_id}", "ORDER#{placed_at}#{order_id}",
                ["customer_id", "placed_at", "order_id"]),
            kind(
                "WISH", "wishes", "CUST#{customer_id}", "WISH#{product_id}",
                ["customer_id", "product_id", "wished_at"],
                index: keys("CUST#{customer_id}", "AT#{wished_at}#{product_id}")),
            kind("PRODUCT", "products", "PRODUCT#{product_id}", "META", ["product_id", "title"]),
            kind(
                "REVIEW", "reviews", "PRODUCT#{product_id}", "REVIEW#{customer_id}",
                ["product_id", "customer_id", "stars"]),
        ]
        return """
            {"tables": [{"table": "Shop", "type": "multi-entity", "source_table": "customers", "pk": "PK", "sk": "SK",
              "satisfies": ["AP1"], "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}],
              "entities": [\(kinds.joined(separator: ","))]}]}
            """
    }()

    private func document(
        _ description: String, _ type: String, _ operation: String, _ keys: String, index: String = "",
        entity: String = "", model: String? = nil
    ) throws -> ContractDocument {
        let patterns = """
            id,description,peak rps,type,operation,table,index,entity,key attributes
            AP1,\(description),1,\(type),\(operation),Shop,\(index),\(entity),"\(keys)"
            """
        let mapping = model.map {
            """
            ## Access Pattern Mapping

            | Pattern | Tables/Indexes | DynamoDB Operations |
            |---|---|---|
            | AP1 | Shop | \($0) |
            """
        }
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.csv", text: patterns),
            model: mapping.map { SourceText(name: "model.md", text: $0) })
    }

    /// A wish and a review are made of the same two ids: what is written first is the partition key, unless words say more.
    @Test(arguments: [
        ("Remove a product from the wishlist", "DeleteItem", "customer_id, product_id", "WISH", false),
        ("Add product to wishlist", "PutItem", "customer_id, product_id", "WISH", false),
        ("Customer reviews a product", "PutItem", "product_id, customer_id", "REVIEW", false),
        ("Customer reviews a product", "PutItem", "customer_id, product_id", "REVIEW", false),
        ("Get customer's rating of a product", "GetItem", "product_id, customer_id", "REVIEW", false),
        ("Retract the customer's opinion on a product", "DeleteItem", "product_id, customer_id", "REVIEW", true),
    ])
    func theOrderOfTheKeyTellsTwoKindsApart(
        _ description: String, _ operation: String, _ keys: String, _ kind: String, _ isGuess: Bool
    ) throws {
        let found = try document(description, operation == "GetItem" ? "Read" : "Write", operation, keys)
        #expect(found.patterns[0].operations.map(\.entity) == [kind])
        #expect(lint(found).contains { $0.rule == "kind-guessed" } == isGuess)
    }

    @Test(arguments: [
        ("Has the customer ordered it?", "Read", "", "customer_id, placed_at, order_id", "ORDER"),
        ("Cancel the customer's purchase", "Write", "DeleteItem", "customer_id, placed_at, order_id", "ORDER"),
        ("Delete a product", "Write", "DeleteItem", "product_id", "PRODUCT"),
        ("Change the customer", "Write", "UpdateItem", "customer_id", "CUSTOMER"),
        ("Reviews of a product", "Read", "Query", "product_id", "REVIEW"),
        ("Wishes of a customer", "Read", "Query", "customer_id", "WISH"),
        ("Clear wishlist", "Write", "DeleteItem", "customer_id", "WISH"),
    ])
    func keysComeBeforeWords(
        _ description: String, _ type: String, _ operation: String, _ keys: String, _ kind: String
    ) throws {
        let found = try document(description, type, operation, keys)
        #expect(found.patterns[0].operations.map(\.entity) == [kind])
        #expect(lint(found).filter { $0.rule == "kind-guessed" } == [])
    }

    // MARK: Of an index its own keys count

    @Test(arguments: [
        ("List products of a customer by time", "customer_id", "WISH"),
        ("Products of somebody", "email", "CUSTOMER"),
    ])
    func kindsOfAnIndexAreChosenByItsKeys(_ description: String, _ keys: String, _ kind: String) throws {
        let found = try document(description, "Read", "Query", keys, index: "GSI1")
        #expect(found.patterns[0].operations.map(\.entity) == [kind])
        #expect(found.patterns[0].operations.map(\.index) == ["GSI1"])
        #expect(lint(found).filter { $0.rule == "operation-lacks-key" } == [])
    }

    @Test func whatTheModelSaysOfAnIndexsKeyDecides() throws {
        let found = try document(
            "What somebody likes", "Read", "Query", "", index: "GSI1",
            model: "Query GSI1PK = CUST#{customer_id}, GSI1SK begins_with AT#")
        #expect(found.patterns[0].operations.map(\.entity) == ["WISH"])
    }

    // MARK: What the documents write of a key

    @Test(arguments: [
        ("Timeline", "Query (SK begins_with ORDER#)", "ORDER"),
        ("Timeline", "Query PK=CUST#x, SK begins_with ORDER#", "ORDER"),
        ("Things of a customer", "Query SK begins_with 'ORDER#', PK = CUST#x", "ORDER"),
        ("Things of a customer", "Query PK=CUST#x, SK=ORDER#<placed_at>#<order_id>", "ORDER"),
        ("Things of a customer", #"Query PK=PRODUCT#{product_id} and begins_with(SK, "REVIEW#")"#, "REVIEW"),
        ("What there is", "Query PK = PRODUCT#x, SK = META", "PRODUCT"),
    ])
    func theBeginningOfASortKeyIsEnough(_ description: String, _ operation: String, _ kind: String) throws {
        #expect(
            try document(description, "Read", "", "customer_id", model: operation).patterns[0].operations.map(\.entity)
                == [kind])
    }

    // MARK: What stays a guess

    @Test func aDeletionOfAGuessedKindIsWarnedOf() throws {
        let found = try document("Retract the customer's opinion on it", "Write", "DeleteItem", "customer_id, title")
        let told = lint(found).filter { $0.rule == "kind-guessed" }
        #expect(told.map(\.severity) == [.warning])
        #expect(told.first?.message.hasSuffix("and no method is generated that deletes one.") == true)
    }

    @Test func whatTheDocumentsNameIsNoGuess() throws {
        let found = try document(
            "Remove a product from the wishlist", "Write", "DeleteItem", "customer_id", entity: "WISH")
        #expect(found.patterns[0].operations.map(\.entity) == ["WISH"])
        #expect(lint(found).filter { $0.rule == "kind-guessed" } == [])
    }
}

/// Queries whose words ask for several kinds of items of one partition.
struct CollectionReadTests {
    private func told(
        _ description: String, _ operation: String = "Query", mapping: String? = nil, entity: String = ""
    ) throws -> [Finding] {
        func kind(_ name: String, _ sort: String, _ id: String) -> String {
            """
            {"entity_type": "\(name)", "source_table": "\(name.lowercased())s", "pk_template": "C#{customer_id}",
             "sk_template": "\(sort)", "attributes": [{"name": "customer_id", "type": "S"}, {"name": "\(id)", "type": "S"}]}
            """
        }
        let kinds = [
            kind("CUSTOMER", "PROFILE", "email"), kind("ORDER", "O#{order_id}", "order_id"),
            kind("CART", "CART#{sku}", "sku"),
        ]
        let contract = """
            {"tables": [{"table": "Shop", "type": "multi-entity", "source_table": "customers", "pk": "PK", "sk": "SK",
              "entities": [\(kinds.joined(separator: ","))]}]}
            """
        let patterns =
            "id,description,type,operation,table,entity,peak rps,key attributes\nAP1,\"\(description)\",Read,\(operation),Shop,\"\(entity)\",1,customer_id\n"
        return lint(
            try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.csv", text: patterns),
                mapping: mapping.map { SourceText(name: "map.yaml", text: $0) })
        ).filter { $0.rule == "collection-read" }
    }

    @Test(arguments: [
        "Everything about a customer", "Customer (profile, orders, carts)", "Customer with orders",
        "Orders and carts of a customer", "All data of a customer", "Get the customer with all orders and carts",
    ])
    func severalKindsAtOnceAreTold(_ description: String) throws {
        #expect(try told(description).map(\.severity) == [.warning])
    }

    /// Whatever the words are.
    @Test func severalKindsThatADocumentNamesAreTold() throws {
        let found = try told("Load what the page shows", entity: "CUSTOMER, ORDER")
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.message.contains("CUSTOMER and ORDER") == true)
        #expect(try told("Customer with orders", entity: "ORDER") == [])
    }

    @Test(arguments: [
        "Orders of a customer", "All orders of a customer", "List a customer's carts", "Customer orders",
        "Orders with a note", "Orders for a customer and period",
    ])
    func oneKindIsNot(_ description: String) throws {
        #expect(try told(description) == [])
    }

    @Test func anOverlayThatNamesTheKindsSettlesIt() throws {
        let one = "AP1: [{table: Shop, operation: Query, entity: ORDER}]\n"
        #expect(try told("Everything about a customer", mapping: one) == [])
        let both = """
            AP1:
              - {table: Shop, operation: Query, entity: CUSTOMER, items: 1}
              - {table: Shop, operation: Query, entity: ORDER, items: 20}
            """
        #expect(try told("Everything about a customer", mapping: both) == [])
    }
}
