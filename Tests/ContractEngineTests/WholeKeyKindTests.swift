import ContractEngine
import ContractModel
import Testing

/// One item is of the kind whose whole key its caller knows, whatever other kind's key a further attribute belongs to.
struct WholeKeyKindTests {
    private static func kind(_ name: String, _ source: String, _ partition: String, _ sort: String, _ names: [String])
        -> String
    {
        let list = names.map { #"{"name": "\#($0)", "type": "S"}"# }.joined(separator: ",")
        return """
            {"entity_type": "\(name)", "source_table": "\(source)", "pk_template": "\(partition)",
             "sk_template": "\(sort)", "attributes": [\(list)]}
            """
    }

    private static let contract: String = {
        let kinds = [
            kind("TICKET", "tickets", "TICKET#{ticket_id}", "#TICKET", ["ticket_id", "org_id", "agent_id", "status"]),
            kind(
                "REPLY", "replies", "TICKET#{ticket_id}", "REPLY#{created_at}#{reply_id}",
                ["ticket_id", "created_at", "reply_id"]),
            kind("AGENT", "agents", "ORG#{org_id}", "AGENT#{agent_id}", ["org_id", "agent_id", "name"]),
            kind(
                "ENROLLMENT", "enrollments", "STUDENT#{student_id}", "COURSE#{course_id}", ["student_id", "course_id"]),
            kind("COURSE", "courses", "COURSE#{course_id}", "#META#{course_id}", ["course_id"]),
            kind("STUDENT", "students", "STUDENT#{student_id}", "#META#{student_id}", ["student_id"]),
        ]
        return """
            {"tables": [{"table": "Desk", "type": "multi-entity", "source_table": "tickets", "pk": "PK", "sk": "SK",
              "satisfies": ["AP1"], "gsis": [{"index_name": "Inverted", "pk": "SK", "sk": "PK"}],
              "entities": [\(kinds.joined(separator: ","))]}]}
            """
    }()

    private func document(
        _ description: String, _ type: String, _ operation: String, _ keys: String, index: String = ""
    )
        throws -> ContractDocument
    {
        let patterns = """
            id,description,peak rps,type,operation,table,index,key attributes
            AP1,\(description),1,\(type),\(operation),Desk,\(index),"\(keys)"
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            patterns: SourceText(name: "p.csv", text: patterns))
    }

    @Test(arguments: [
        ("Assign ticket to an agent", "UpdateItem", "ticket_id, agent_id"),
        ("Set the agent of a ticket", "UpdateItem", "ticket_id, agent_id"),
        ("Reassign a ticket", "UpdateItem", "ticket_id, new agent_id"),
        ("Assign ticket to an agent", "", "ticket_id, agent_id"),
        ("Create ticket", "PutItem", "ticket_id, agent_id"),
    ])
    func theKindWhoseWholeKeyIsKnownIsChanged(_ description: String, _ operation: String, _ keys: String) throws {
        let found = try document(description, "Write", operation, keys)
        #expect(found.patterns[0].operations.map(\.entity) == ["TICKET"])
        let rules = Set(lint(found).map(\.rule))
        #expect(
            rules.isDisjoint(with: ["pattern-needs-scan", "update-changes-key", "operation-lacks-key", "kind-guessed"]))
    }

    @Test(arguments: [
        ("Rename an agent", "UpdateItem", "org_id, agent_id", "AGENT"),
        ("Edit reply", "UpdateItem", "ticket_id, created_at, reply_id", "REPLY"),
        // A ticket has no reply_id.
        ("Edit reply", "UpdateItem", "ticket_id, reply_id", "REPLY"),
    ])
    func anotherKindIsChangedByItsOwnKey(_ description: String, _ operation: String, _ keys: String, _ kind: String)
        throws
    {
        #expect(try document(description, "Write", operation, keys).patterns[0].operations.map(\.entity) == [kind])
    }

    /// What only belongs to a ticket is no reason to delete it.
    @Test func aDeletionOfSomethingElseIsNotTheTickets() throws {
        let found = try document("Remove agent from ticket", "Write", "DeleteItem", "ticket_id, agent_id")
        #expect(found.patterns[0].operations.map(\.entity) == ["AGENT"])
    }

    @Test(arguments: [
        ("Courses of a student", "student_id", "", "ENROLLMENT"),
        ("List courses of a student", "student_id", "", "ENROLLMENT"),
        ("Students of a course", "course_id", "Inverted", "ENROLLMENT"),
        ("Profile of a student", "student_id", "", "STUDENT"),
    ])
    func aListIsOfTheKindWhoseSortKeySpeaksOfWhatIsListed(
        _ description: String, _ keys: String, _ index: String, _ kind: String
    ) throws {
        #expect(
            try document(description, "Read", "Query", keys, index: index).patterns[0].operations.map(\.entity) == [
                kind
            ])
    }
}
