import ContractEngine
import ContractGenerator
import ContractModel
import Testing

/// Updates whose words say that they change what the item's own key is made of: an error, since DynamoDB changes no key.
struct ChangedKeyTests {
    private static let contract = """
        {"tables": [{"table": "Desk", "type": "multi-entity", "source_table": "tickets", "pk": "PK", "sk": "SK", "entities": [
          {"entity_type": "TICKET", "source_table": "tickets", "pk_template": "TENANT#{tenant_id}",
           "sk_template": "STATUS#{status}#TICKET#{ticket_id}", "estimated_item_size_bytes": 500,
           "attributes": [{"name": "tenant_id", "type": "S"}, {"name": "ticket_id", "type": "S"},
             {"name": "status", "type": "S"}, {"name": "title", "type": "S"}]}]}]}
        """

    private func document(
        _ description: String, operation: String = "UpdateItem", keys: String = "tenant_id, status, ticket_id"
    ) throws -> ContractDocument {
        let patterns = """
            id,description,type,operation,table,peak rps,key attributes
            AP1,\(description),Write,\(operation),Desk,1,"\(keys)"
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.csv", text: patterns))
    }

    private func told(_ document: ContractDocument) -> [Finding] {
        lint(document).filter { $0.rule == "update-changes-key" }
    }

    @Test(arguments: [
        "Update ticket status", "Set the status of a ticket", "Move a ticket to another status", "Change status",
        "Update the tenant id", "Move a ticket to another tenant",
    ])
    func anUpdateOfItsOwnKeyIsAnError(_ description: String) throws {
        let found = told(try document(description))
        #expect(found.map(\.severity) == [.error])
        #expect(found.first?.advice.contains("TransactWriteItems") == true)
        // Whoever finds the item first changes its key all the same.
        #expect(told(try document(description, keys: "tenant_id, ticket_id")).count == 1)
    }

    @Test(arguments: [
        "Update ticket title", "Update ticket", "Update the title of a ticket in a status",
        "Retitle a ticket by status",
        "Change the title per status", "Edit ticket of a tenant", "Close a ticket",
    ])
    func whatOnlyFindsItsItemIsNone(_ description: String) throws {
        #expect(told(try document(description)) == [])
    }

    @Test func aKeyAttributeThatIsNewSaysTheSame() throws {
        #expect(told(try document("Close a ticket", keys: "tenant_id, ticket_id, new status")).count == 1)
    }

    @Test func aTransactionOfDeleteAndPutIsTheRemedy() throws {
        #expect(told(try document("Update ticket status", operation: "TransactWriteItems")) == [])
    }

    @Test func nothingIsGeneratedThatPretendsToDoIt() throws {
        let code = try GeneratedCode.make(document("Update ticket status"))
        #expect(code.patterns.count == 1)
        #expect(
            code.patterns[0].hasPrefix("AP1\tnot generated\tits words say that it changes status, a part of the key"))
        #expect(!code.files.contains { $0.text.contains("updateTicketStatus") })
    }

    @Test func itIsChargedAsADeleteAndAPutInOneTransaction() throws {
        let plan = capacity(of: try document("Update ticket status"))
        #expect(plan.resource(table: "Desk")?.writeUnitsPerSecond == 4)
        #expect(plan.pattern("AP1")?.assumptions.contains { $0.text.contains("UpdateItem changes no key") } == true)
    }
}
