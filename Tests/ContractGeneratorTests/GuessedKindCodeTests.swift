import ContractEngine
import ContractGenerator
import Testing

/// Deletions of a kind of item that only words tell: no method that could delete another one.
struct GuessedKindCodeTests {
    private static let contract = """
        {"tables": [{"table": "Shop", "type": "multi-entity", "source_table": "customers", "pk": "PK", "sk": "SK", "entities": [
          {"entity_type": "CUSTOMER", "pk_template": "CUST#{customer_id}", "sk_template": "PROFILE",
           "attributes": [{"name": "customer_id", "type": "S"}]},
          {"entity_type": "SETTINGS", "pk_template": "CUST#{customer_id}", "sk_template": "SETTINGS",
           "attributes": [{"name": "customer_id", "type": "S"}]},
          {"entity_type": "PRODUCT", "pk_template": "PRODUCT#{product_id}", "sk_template": "META",
           "attributes": [{"name": "product_id", "type": "S"}]}]}]}
        """

    private func patterns(_ description: String, _ keys: String, overlay: String? = nil) throws -> [String] {
        let patterns =
            "id,description,operation,table,peak rps,key attributes\nAP1,\(description),DeleteItem,Shop,1,\"\(keys)\"\n"
        return try GeneratedCode.make(
            ContractDocument.read(
                contract: SourceText(name: "c.json", text: Self.contract),
                patterns: SourceText(name: "p.csv", text: patterns),
                mapping: overlay.map { SourceText(name: "map.yaml", text: $0) })
        ).patterns
    }

    @Test(arguments: [
        // Its caller knows more than a product has.
        ("Remove a product from the wishlist", "customer_id, product_id"),
        // Two kinds have just that key, and no word names one.
        ("Forget about it", "customer_id"),
        // Of a customer there may be other things to take back.
        ("Retract the customer's opinion", "customer_id"),
    ])
    func aGuessIsNotDeleted(_ description: String, _ keys: String) throws {
        let found = try patterns(description, keys)
        #expect(found.count == 1 && found[0].hasPrefix("AP1\tnot generated\tonly its words say that it deletes"))
        let told = try patterns(
            description, keys, overlay: "AP1: [{table: Shop, operation: DeleteItem, entity: CUSTOMER}]\n")
        #expect(told.count == 1 && told[0].hasPrefix("AP1\tCustomerRepository."))
    }

    @Test(arguments: [
        ("Delete a product", "product_id", "Product"), ("Delete the settings", "customer_id", "Settings"),
        ("Delete customer account", "customer_id", "Customer"),
    ])
    func whatIsNamedIsDeleted(_ description: String, _ keys: String, _ type: String) throws {
        #expect(try patterns(description, keys)[0].hasPrefix("AP1\t\(type)Repository."))
    }
}
