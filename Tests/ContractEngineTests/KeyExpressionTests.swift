import ContractEngine
import Testing

/// Keys as the documents write them beside an operation, against those that the contract makes.
struct KeyExpressionTests {
    private func findings(
        _ operation: String, notes: String = "", sort: String = "SUBM#{assignment_id}#{course_id}#{submission_id}",
        entity: String = "SUBMISSION"
    ) throws -> [Finding] {
        func attributes(_ names: [String]) -> String {
            names.map {
                "{\"name\": \"\($0)\", \"type\": \"S\", \"source_table\": \"submissions\", \"source_column\": \"\($0)\"}"
            }
            .joined(separator: ", ")
        }
        let contract = """
            {"tables": [{"table": "Campus", "type": "multi-entity", "source_table": "submissions", "pk": "PK", "sk": "SK", "attributes": [],
              "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}],
              "entities": [
               {"entity_type": "SUBMISSION", "source_table": "submissions", "pk_template": "STUDENT#{student_id}",
                "sk_template": "\(sort)",
                "attributes": [\(attributes(["student_id", "assignment_id", "course_id", "submission_id"]))]},
               {"entity_type": "COURSE", "source_table": "courses", "pk_template": "COURSE#{course_id}", "sk_template": "COURSE",
                "gsi_keys": [{"index_name": "GSI1", "pk_template": "COURSE", "sk_template": "{course_id}"}],
                "attributes": [\(attributes(["course_id"]))]}]}]}
            """
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Entity | Key Attributes |
            |---|---|---|---|---|---|
            | AP1 | Submissions of a student in a course | 1 | Read | \(entity) | student_id, course_id |
            """
        let model = """
            ## Mapping

            | Pattern | Table | Operation | Notes |
            |---|---|---|---|
            | AP1 | Campus | \(operation) | \(notes) |
            """
        return lint(
            try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.md", text: patterns),
                model: SourceText(name: "m.md", text: model))
        ).filter { $0.rule == "operation-key-differs" }
    }

    @Test(arguments: [
        "Query begins_with SUBM#{course_id}#", "Query (PK = STUDENT#{student_id}, begins_with(SK, SUBM#{course_id}#))",
        "Query PK = `STUDENT#<student_id>` AND SK begins_with `SUBM#<courseId>#`",
    ])
    func aPartThatComesLaterInTheKeyIsNoBeginning(_ operation: String) throws {
        let found = try findings(operation)
        #expect(found.map(\.severity) == [.error])
        #expect(found.first?.message.contains("course_id comes behind assignment_id in it") == true)
    }

    @Test(arguments: ["Query (PK = STUD#{student_id})", "Query, begins_with(SK, SUB#)"])
    func anotherBeginningFindsNothing(_ operation: String) throws {
        #expect(try findings(operation).map(\.severity) == [.error])
        #expect(try findings("Query", notes: operation).map(\.severity) == [.error])
    }

    @Test(arguments: [
        "Query", "Query begins_with SUBM#{assignment_id}#", "Query (PK = STUDENT#{student_id}, SK begins_with SUBM#)",
        "Query PK=STUDENT#<id> and begins_with(SK, 'SUBM#')", "Query PK = student_id",
        "Query (PK = :pk AND begins_with(SK, :prefix))",
        "Query, SK BETWEEN SUBM#a AND SUBM#b", "Query begins_with(", "Query PK =",
        "Query begins_with(SK, SUBM#{course_id",
    ])
    func whatIsABeginningOrMayBeOneIsRight(_ operation: String) throws { #expect(try findings(operation) == []) }

}
