import ContractEngine
import Testing

/// Numbers that stand in sort keys as their digits, where a pattern asks for an order or a range of them.
struct TextualOrderTests {
    private func findings(
        _ words: String, sort: String = "{points}", other: String = "META", type: String = "N", source: String = "",
        operation: String = "\"operation\": \"Query\""
    ) throws -> [Finding] {
        let contract = """
            {"tables": [{"table": "Players", "type": "multi-entity",
              "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}],
              "entities": [
               {"entity_type": "PLAYER", "pk_template": "P#{player_id}", "sk_template": "\(other)",
                "attributes": [{"name": "player_id", "type": "S"}, {"name": "rank", "type": "N"}]},
               {"entity_type": "SCORE", "pk_template": "P#{player_id}", "sk_template": "\(sort)",
                "gsi_keys": [{"index_name": "GSI1", "pk_template": "G#{game}", "sk_template": "AT#{points}"}],
                "attributes": [{"name": "player_id", "type": "S"}, {"name": "points", "type": "\(type)"\(source)},
                 {"name": "game", "type": "S"}, {"name": "at", "type": "S"}]}]}],
             "access_patterns": [{"id": "AP1", "description": "\(words)", "peak_rps": 1, \(operation), "table": "Players",
               "entity": "SCORE", "key_attributes": ["player_id", "game"]}]}
            """
        return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))).filter {
            $0.rule == "number-sorts-as-text"
        }
    }

    @Test(arguments: [
        "Recent scores of a player", "Scores above a limit", "Scores between two", "Top ten of a player",
        "Sorted scores",
    ])
    func whoAsksForAnOrderIsWarned(_ words: String) throws {
        let found = try findings(words)
        #expect(found.map(\.subject) == ["AP1"] && found[0].severity == .warning)
        #expect(
            found[0].message.contains("points stand first in the sort key SK, which is a text since PLAYER has one"))
    }

    @Test func whoAsksForNoneIsNot() throws {
        #expect(try findings("Scores of a player") == [])
        let get = "\"operation\": \"BatchGetItem\""
        #expect(try findings("Recent scores", operation: get) == [])
    }

    @Test func aNumberBehindAFixedTextIsATextToo() throws {
        let found = try findings("Recent scores", sort: "SCORE#{points}")
        #expect(found.count == 1 && found[0].message.contains("points stand first in the sort key SK: as texts"))
        #expect(try findings("Recent scores", sort: "SCORE#{points}#{at}").count == 1)
        // What all items of the partition have in common orders none of them.
        #expect(try findings("Recent scores", sort: "SCORE#{player_id}#{points}").count == 1)
    }

    @Test func anIndexIsJudgedByItsOwnKey() throws {
        let index = "\"operation\": \"Query\", \"index\": \"GSI1\""
        #expect(try findings("Top scores of a game", sort: "S#{at}", operation: index).count == 1)
        #expect(try findings("Top scores of a player", sort: "S#{at}") == [])
    }

    @Test func whatSortsAsItShouldIsRight() throws {
        // A key of numbers alone is a number; behind a time a number only parts what is of the same moment.
        #expect(try findings("Recent scores", other: "{rank}") == [])
        #expect(try findings("Recent scores", sort: "{at}#{points}") == [])
        #expect(try findings("Recent scores", sort: "S#{points}", type: "S") == [])
    }

    /// An id of the source that is kept as a text is one as well, unless it is written in a form of its own.
    @Test func aNumberOfTheSourceIsANumber() throws {
        let number = ", \"source_type\": \"BIGINT\""
        #expect(try findings("Recent scores", sort: "S#{points}", type: "S", source: number).count == 1)
        let padded = number + ", \"transformation\": {\"type\": \"number-format\", \"format\": \"000000\"}"
        #expect(try findings("Recent scores", sort: "S#{points}", type: "S", source: padded) == [])
        #expect(
            try findings("Recent scores", sort: "S#{points}", type: "S", source: ", \"source_type\": \"INTERVAL\"")
                == [])
    }
}
