import ContractEngine
import ContractGenerator
import ContractModel
import Testing

/// A DeleteItem of several items that an index finds: no method that takes one of them for all.
struct DeletionOfSeveralTests {
    private func document(_ description: String, _ keys: String, items: String) throws -> ContractDocument {
        let contract = """
            {"tables": [{"table": "Jobs", "source_table": "jobs", "pk": "job_id", "estimated_item_size_bytes": 2000,
              "gsis": [{"index_name": "ByOwner", "pk": "owner_id", "sk": "created_at", "projection": "KEYS_ONLY"}],
              "attributes": [{"name": "job_id", "type": "S"}, {"name": "owner_id", "type": "S"},
               {"name": "created_at", "type": "S"}, {"name": "label", "type": "S"}]}]}
            """
        let patterns = """
            id,description,type,operation,table,peak rps,key attributes,items per call
            AP1,\(description),Write,DeleteItem,Jobs,1,\(keys),\(items)
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.csv", text: patterns))
    }

    @Test(arguments: [
        ("Cancel all pending jobs of an owner", "10"), ("Delete all jobs of an owner", "10"),
        ("Delete all jobs of an owner", ""), ("Purge an owner's jobs", ""), ("Remove the jobs of an owner", "1"),
        ("Log out everywhere", "3"), ("Forget an owner", "40"), ("Cancel an owner's pending job", "1"),
    ])
    func oneOfSeveralIsNotDeleted(_ description: String, _ items: String) throws {
        let document = try document(description, "owner_id", items: items)
        let code = try GeneratedCode.make(document)
        #expect(
            code.patterns.count == 1 && code.patterns[0].hasPrefix("AP1\tnot generated\tthe documents speak of several")
        )
        #expect(!code.files.contains { $0.text.contains("items.delete(") })
        let found = try #require(lint(document).first { $0.rule == "operation-lacks-key" })
        #expect(found.message.contains("needs job_id") && found.message.contains("no method is generated"))
        #expect(found.advice.contains("BatchWriteItem"))
        let charges = capacity(of: document).pattern("AP1")?.charges ?? []
        #expect(
            charges.map { "\($0.operation) \($0.index ?? "")" } == [
                "Query ByOwner", "BatchWriteItem ", "BatchWriteItem ByOwner",
            ])
        if let count = Double(items) { #expect(charges.first { $0.index == nil }?.writeUnitsPerCall == count * 2) }
    }

    @Test(arguments: [
        ("Delete an owner's job", "1"), ("Delete a job by owner", ""), ("Delete the job of an owner", ""),
    ])
    func theOneThatIsFoundIsDeleted(_ description: String, _ items: String) throws {
        let code = try GeneratedCode.make(document(description, "owner_id", items: items))
        #expect(code.patterns[0].hasPrefix("AP1\tJobRepository."))
        #expect(code.files.contains { $0.text.contains("items.findKey(") && $0.text.contains("items.delete(") })
    }

    @Test func whatAScanFindsIsNotDeletedForAll() throws {
        let document = try document("Delete all jobs with a label", "label", items: "")
        #expect(
            try GeneratedCode.make(document).patterns[0].hasPrefix("AP1\tnot generated\tthe documents speak of several")
        )
        let found = try #require(lint(document).first { $0.rule == "pattern-needs-scan" })
        #expect(found.message.contains("no method is generated"))
    }

    @Test func aKeyThatIsKnownIsOneItem() throws {
        let code = try GeneratedCode.make(document("Delete jobs", "job_id", items: "1"))
        #expect(code.patterns[0].hasPrefix("AP1\tJobRepository."))
    }
}
