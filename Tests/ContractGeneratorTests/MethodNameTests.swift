import ContractEngine
import ContractGenerator
import Testing

/// What methods are called after their patterns' descriptions, and what is said of what they were concluded from.
struct MethodNameTests {
    private func code(_ description: String, operation: String = "Query") throws -> String {
        let contract = """
            {"tables": [{"table": "Members", "type": "single-entity", "source_table": "members", "pk": "tenant_id", "sk": "email",
             "attributes": [{"name": "tenant_id", "type": "S"}, {"name": "email", "type": "S"}]}]}
            """
        let patterns = """
            id,description,operation,table,peak rps,items per call,key attributes
            AP1,"\(description)",\(operation),Members,1,1.6666666666666667,tenant_id
            """
        let code = try GeneratedCode.make(
            ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.csv", text: patterns)))
        return try #require(code.files.first { $0.name == "MemberRepository.swift" }).text
    }

    @Test(arguments: [
        ("Find members by e-mail at sign-in", "findMembersByEMailAtSignIn("),
        ("Members to check-in", "membersToCheckIn("),
        ("Members whom a tenant opted in", "membersWhomTenantOpted("), ("Members – by tenant", "membersByTenant("),
        ("Members -by-", "members("),
    ])
    func aWordBoundToAnotherIsKept(description: String, name: String) throws {
        #expect(try code(description).contains("func \(name)"))
    }

    @Test func itemsOfACallAreRounded() throws {
        #expect(try code("Members of a tenant").contains(", about 1.67 items a call, 1 call a second at peak."))
    }

    @Test func whatATransactionPutsIsSaidToBeConcluded() throws {
        let text = try code("Book a stay", operation: "TransactWriteItems")
        #expect(text.contains("Concluded from its description, not written down"))
        #expect(!(try code("Move a stay", operation: "TransactWriteItems")).contains("Concluded from its description"))
    }
}
