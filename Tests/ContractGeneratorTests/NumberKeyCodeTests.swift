import ContractEngine
import ContractGenerator
import Testing

/// Keys that templates make of numbers: what is sent has the type that the table is created with.
struct NumberKeyCodeTests {
    private func file(_ name: String, sort: String) throws -> String {
        let text = """
            {"table": "Players", "type": "multi-entity",
             "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}],
             "entities": [
              {"entity_type": "PLAYER", "pk_template": "{player_id}", "sk_template": "\(sort)",
               "attributes": [{"name": "player_id", "type": "N"}, {"name": "rank", "type": "N"}, {"name": "nick", "type": "S"}]},
              {"entity_type": "SCORE", "pk_template": "{player_id}", "sk_template": "{points}",
               "gsi_keys": [{"index_name": "GSI1", "pk_template": "S#{game}", "sk_template": "{bonus}"}],
               "attributes": [{"name": "player_id", "type": "N"}, {"name": "points", "type": "N"}, {"name": "game", "type": "S"},
                 {"name": "bonus", "type": "N"}]}],
             "access_patterns": [
              {"id": "Q1", "description": "Scores of player", "rps": 1, "operation": "Query", "table": "Players",
               "entity": "SCORE", "key_attributes": ["player_id"]},
              {"id": "Q2", "description": "Bonuses of game", "rps": 1, "operation": "Query", "table": "Players", "index": "GSI1",
               "entity": "SCORE", "key_attributes": ["game"]},
              {"id": "Q3", "description": "All bonuses", "rps": 1, "operation": "Scan", "table": "Players", "index": "GSI1",
               "entity": "SCORE"}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        let code = try GeneratedCode.make(document)
        return try #require(code.files.first { $0.name == name }).text
    }

    @Test func aScanOfAnIndexSaysThatOfTheIndexAllIsRead() throws {
        let repository = try file("ScoreRepository.swift", sort: "META")
        #expect(
            repository.contains(
                "No key or index serves it: all of the index `GSI1` is read, and paid for, on every call."))
    }

    @Test func aNumberAmongTextsIsWrittenAsItsDigits() throws {
        let score = try file("Score.swift", sort: "META")
        #expect(score.contains(#"item.numberKey("PK", playerID)"#))
        #expect(score.contains(#"item.key("SK", points.description)"#))
        let repository = try file("ScoreRepository.swift", sort: "META")
        #expect(repository.contains("beginning: String? = nil"))
        #expect(repository.contains("- from: the first `points`, as a text: 10 comes before 9."))
        let tables = try file("ContractTables.swift", sort: "META")
        #expect(tables.contains(#"partitionKey: KeyAttribute(name: "PK", type: .N)"#))
        #expect(tables.contains(#"sortKey: KeyAttribute(name: "SK")"#))
    }

    @Test func aKeyOfNumbersAloneIsANumber() throws {
        let score = try file("Score.swift", sort: "{rank}")
        #expect(score.contains(#"item.numberKey("SK", points)"#))
        #expect(score.contains(#"item.numberKey("GSI1SK", bonus)"#))
        // No number begins with another: of its two Queries neither asks for a beginning.
        let repository = try file("ScoreRepository.swift", sort: "{rank}")
        #expect(!repository.contains("beginning:") && !repository.contains(": String?"))
        #expect(repository.contains("from: DynamoDBNumber? = nil, through: DynamoDBNumber? = nil"))
        #expect(repository.contains(#"from: from.map { ["points": $0.description] }"#))
        #expect(repository.contains("- from: the least `points`."))
        #expect(
            try file("ContractTables.swift", sort: "{rank}").contains(#"sortKey: KeyAttribute(name: "SK", type: .N)"#))
    }
}
