import ContractEngine
import ContractGenerator
import Testing

/// Deletions take what their patterns' callers name and nothing else.
struct DeletionCodeTests {
    private static let contract = """
        {"tables": [{"table": "Projects", "type": "multi-entity", "source_table": "projects", "pk": "PK", "sk": "SK", "entities": [
          {"entity_type": "TASK", "pk_template": "P#{project_id}", "sk_template": "T#{task_id}",
           "attributes": [{"name": "project_id", "type": "S"}, {"name": "task_id", "type": "S"}]},
          {"entity_type": "COMMENT", "pk_template": "P#{project_id}", "sk_template": "T#{task_id}#C#{comment_id}",
           "attributes": [{"name": "project_id", "type": "S"}, {"name": "task_id", "type": "S"},
             {"name": "comment_id", "type": "S"}, {"name": "author_id", "type": "S"}, {"name": "stars", "type": "N"}]},
          {"entity_type": "VISIT", "pk_template": "P#{project_id}", "sk_template": "V#{visited_at}#{page}#{visitor}",
           "attributes": [{"name": "project_id", "type": "S"}, {"name": "visited_at", "type": "S"}, {"name": "page", "type": "S"}]}
        ]}]}
        """

    private func code(_ description: String, _ entity: String, _ keys: String, operation: String = "DeleteItem") throws
        -> GeneratedCode
    {
        try GeneratedCode.make(document(description, entity, keys, operation: operation))
    }

    private func document(
        _ description: String, _ entity: String, _ keys: String, operation: String
    ) throws -> ContractDocument {
        let patterns = """
            id,description,type,operation,table,entity,peak rps,key attributes
            AP1,\(description),Write,\(operation),Projects,\(entity),1,"\(keys)"
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.csv", text: patterns))
    }

    private func method(_ description: String, _ entity: String, _ keys: String, operation: String = "DeleteItem")
        throws -> String
    {
        let code = try code(description, entity, keys, operation: operation)
        let name = "\(entity.prefix(1))\(entity.dropFirst().lowercased())Repository.swift"
        let file = try #require(code.files.first { $0.name == name }).text
        let start = try #require(file.firstRange(of: "/// AP1"))
        return file[start.lowerBound...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .replacing("( ", with: "(")
    }

    private func refusal(_ description: String, _ entity: String, _ keys: String) throws -> String? {
        let code = try code(description, entity, keys)
        let line = code.patterns[0].split(separator: "\t")
        guard line[1] == "not generated" else { return nil }
        let patterns = code.files.first { $0.name == "AccessPatterns.swift" }?.text ?? ""
        #expect(patterns.contains("/// Not generated:"))
        #expect(!code.files.contains { $0.text.contains("deleteAll(") })
        return String(line[2])
    }

    @Test func commentsOfOtherTasksStay() throws {
        let method = try method("Delete all comments of a task", "COMMENT", "project_id, task_id")
        #expect(method.contains("(projectID: String, taskID: String, options: CallOptions"))
        #expect(method.contains(#"deleteAll(["project_id": projectID, "task_id": taskID], pattern: "AP1""#))
    }

    @Test func aTimeInFrontOfTheOthersIsNamedToo() throws {
        let method = try method("Delete every visit of a day", "VISIT", "project_id, visited_at")
        #expect(method.contains(#"deleteAll(["project_id": projectID, "visited_at": visitedAt], pattern: "AP1""#))
    }

    @Test func whatOnlyALaterPartOfTheKeyTellsIsFiltered() throws {
        let comment = try method("Delete all comments of an author", "COMMENT", "project_id, author_id, stars")
        #expect(
            comment.contains(
                #"["project_id": projectID], filter: Path("author_id") == AttributeValue.string(authorID) && Path("stars") == AttributeValue.number(stars), pattern: "AP1""#
            ))
        #expect(comment.contains("those of this `author_id` and `stars` are deleted"))
        let visit = try method("Purge visits of a page", "VISIT", "project_id, page")
        #expect(
            visit.contains(#"["project_id": projectID], filter: Path("page") == AttributeValue.string(page), pattern"#))
    }

    @Test func whatNothingTellsIsNotGenerated() throws {
        #expect(
            try refusal("Delete all visits of a visitor", "VISIT", "project_id, visitor")?.contains(
                "no attribute of Projects VISIT tells what belongs to visitor") == true)
        #expect(
            try refusal("Delete all comments of a tenant", "COMMENT", "project_id, tenant_id")?.contains("tenant_id")
                == true)
        #expect(
            try refusal("Delete all visits before a day", "VISIT", "project_id, visited_at")?.contains(
                "a range or a part") == true)
    }

    /// A word that only describes, and one that is about others, leave a deletion that of one item.
    @Test(arguments: [
        ("Delete a comment for all members", "COMMENT"), ("Delete comment after every retry failed", "COMMENT"),
        ("Delete all flagged comments", "COMMENT"), ("Clear unread visits", "VISIT"),
        ("Purge visits older than 90 days", "VISIT"),
    ])
    func aDeletionOfOneItemStaysOne(_ description: String, _ entity: String) throws {
        #expect(try method(description, entity, "project_id").contains("items.delete(["))
        #expect(try method(description, entity, "").contains("items.delete(["))
        #expect(try method(description, entity, "", operation: "").contains("items.delete(["))
    }

    @Test func aWrittenDeleteItemOfWhichNoKeysAreToldIsOfOneItem() throws {
        #expect(try method("Delete all comments", "COMMENT", "").contains("items.delete(["))
        // Where nobody wrote it, it is a guess, and said to be one.
        #expect(
            try method("Delete all comments", "COMMENT", "", operation: "").contains(
                #"deleteAll(["project_id": projectID], pattern"#))
        func guesses(_ keys: String, _ operation: String) throws -> [String] {
            LintReport(try document("Delete all comments", "COMMENT", keys, operation: operation)).guesses.map(\.text)
                .filter { $0.contains("speak of all that there is") }
        }
        #expect(try guesses("", "DeleteItem").isEmpty)
        #expect(
            try guesses("", "") == [
                "no document says what its caller knows, and its words speak of all that there is: a Query finds what is deleted"
            ])
        #expect(
            try guesses("project_id, task_id", "DeleteItem") == [
                "DeleteItem on Projects needs comment_id, which its caller does not know, and its words speak of all that there is: "
                    + "a Query finds what is deleted"
            ])
    }
}
