import ContractEngine
import ContractModel
import Testing

/// An index whose keys are the table's, exchanged: every item is in it, whether or not its kind lists the keys as attributes.
struct InvertedIndexTests {
    private func document(listed: Bool) throws -> ContractDocument {
        func keys(_ pk: String, _ sk: String) -> String {
            guard listed else { return "" }
            return """
                {"name": "PK", "type": "S", "transformation": {"type": "string-format", "format": "\(pk)"}},
                {"name": "SK", "type": "S", "transformation": {"type": "string-format", "format": "\(sk)"}},
                """
        }
        let contract = """
            {"tables": [{"table": "Graph", "type": "multi-entity", "source_table": "people", "pk": "PK", "sk": "SK",
              "estimated_item_size_bytes": 300, "satisfies": ["G1", "G2", "G3", "G4"],
              "gsis": [{"index_name": "Inverted", "pk": "SK", "sk": "PK", "projection": "KEYS_ONLY"}],
              "entities": [
               {"entity_type": "PERSON", "source_table": "people", "pk_template": "P#{person_id}", "sk_template": "P#{person_id}",
                "estimated_item_size_bytes": 300,
                "attributes": [\(keys("P#{person_id}", "P#{person_id}")) {"name": "person_id", "type": "S"}]},
               {"entity_type": "FOLLOW", "source_table": "follows", "pk_template": "P#{follower_id}",
                "sk_template": "F#{followee_id}", "estimated_item_size_bytes": 200,
                "attributes": [\(keys("P#{follower_id}", "F#{followee_id}")) {"name": "follower_id", "type": "S"},
                  {"name": "followee_id", "type": "S"}]}]}]}
            """
        let patterns = """
            | ID | Name | RPS | Average RPS | R/W | DynamoDB Operations | Tables/Indexes | Key Attributes |
            |--|--|--|--|--|--|--|--|
            | G1 | Get person | 100 | 10 | R | GetItem | Graph | person_id |
            | G2 | Follow a person | 80 | 20 | W | PutItem | Graph | follower_id, followee_id |
            | G3 | List whom a person follows | 20 | 4 | R | Query | Graph | follower_id |
            | G4 | List followers of a person | 15 | 3 | R | Query | Graph.Inverted | followee_id |
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns))
    }

    @Test(arguments: [false, true]) func itemsOfTheTableAreInIt(listed: Bool) throws {
        let document = try document(listed: listed)
        #expect(lint(document).filter { $0.severity != .note }.map { "\($0.rule): \($0.message)" } == [])
        let inverted = try #require(capacity(of: document).resource(table: "Graph", index: "Inverted"))
        // G2 puts 80 entries of less than 1 KB a second.
        #expect(inverted.writeUnitsPerSecond == 80)
        #expect(inverted.readUnitsPerSecond == 7.5)
        #expect(document.patterns.flatMap(\.operations).map(\.entity) == ["PERSON", "FOLLOW", "FOLLOW", "FOLLOW"])
    }
}
