import ContractEngine
import ContractModel
import JSONBytes
import TestSupport
import Testing
import Tidemark

/// A number has one text in keys, that which DynamoDB gives back: whoever migrates, stores, reads and asks makes the same key.
struct NumberKeyTextTests {
    private static func contract(_ score: String = #""type": "N""#) throws -> MigrationContract {
        let text = """
            {"tables": [{"table": "Scores", "type": "multi-entity", "source_table": "scores", "pk": "PK", "sk": "SK",
              "entities": [{"entity_type": "SCORE", "source_table": "scores", "pk_template": "GAME#{game_id}",
               "sk_template": "SCORE#{score}#{rank}#{player_id}", "attributes": [
                {"name": "game_id", "type": "S", "source_table": "scores", "source_column": "game_id"},
                {"name": "player_id", "type": "S", "source_table": "scores", "source_column": "player_id"},
                {"name": "place", "type": "N", "source_table": "scores", "source_column": "rank",
                 "transformation": {"type": "number-format", "format": "integer"}},
                {"name": "score", "source_table": "scores", "source_column": "score", \(score)}]}]}]}
            """
        return try ContractDocument.read(contract: SourceText(name: "c.json", text: text)).contract
    }

    private func migrated(_ score: SourceValue, _ type: String = #""type": "N""#) throws -> AttributeValue? {
        let table = try Self.contract(type).tables[0]
        // The column `rank` stands in the key, and no attribute has it as it is.
        return try SourceMapping(table: table, entity: table.entities[0]).item(
            from: ["game_id": .text("g"), "player_id": .text("p"), "rank": .decimal("1.50"), "score": score])["SK"]
    }

    @Test(arguments: [
        (SourceValue.decimal("19.90"), "19.9"), (.decimal("20.00"), "20"), (.decimal("-0.50"), "-0.5"),
        (.decimal("0.00"), "0"),
        (.integer(1200), "1200"), (.double(1e-7), "0.0000001"), (.text("007.0"), "7"),
    ])
    func migratedNumbersStandInKeysAsDynamoDBGivesThemBack(score: SourceValue, text: String) throws {
        #expect(try migrated(score) == .string("SCORE#\(text)#1.5#p"))
    }

    @Test func aFormatOfATextIsKept() throws {
        let padded = #""type": "S", "transformation": {"type": "number-format", "format": "000.00"}"#
        #expect(try migrated(.decimal("19.90"), padded) == "SCORE#019.90#1.5#p")
        let layout = EntityLayout(
            table: try Self.contract(padded).tables[0], entity: try Self.contract(padded).tables[0].entities[0])
        let fields: Item = ["game_id": "g", "player_id": "p", "rank": "1.5", "score": "019.90"]
        #expect(try layout.stored(fields)["SK"] == "SCORE#019.90#1.5#p")
    }

    @Test func repositoriesMakeTheSameKeyOfEveryTextOfANumber() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        let scores = try ContractRepository(
            client: harness.client, contract: Self.contract(), table: "Scores", entity: "SCORE")
        for text in ["19.90", "19.9", "+19.900", "1990e-2"] {
            let values = ["game_id": "g", "player_id": "p", "rank": "1.5", "score": text] as KeyValues
            #expect(try scores.key(values)["SK"] == "SCORE#19.9#1.5#p")
            let fields: Item = ["game_id": "g", "player_id": "p", "rank": "1.5", "score": .number(text)]
            #expect(try scores.layout.stored(fields)["SK"] == "SCORE#19.9#1.5#p")
        }
        _ = try await scores.query(["game_id": "g", "score": "19.90"], pattern: "A")
        #expect(try harness.body(0)["ExpressionAttributeValues"]?[":1"]?["S"]?.stringValue == "SCORE#19.9#")
        // The least of a range is 19.9 itself; what begins as the last does is within it.
        _ = try await scores.query(
            ["game_id": "g"], from: ["score": "19.90"], through: ["score": "20.50"], pattern: "A")
        let values = try harness.body(1)["ExpressionAttributeValues"]
        #expect(values?[":1"]?["S"]?.stringValue == "SCORE#19.9")
        #expect(values?[":2"]?["S"]?.stringValue == "SCORE#20.50\u{10FFFF}")
        _ = try await scores.query(["game_id": "g"], beginning: ["score": "19.0"], pattern: "A")
        #expect(try harness.body(2)["ExpressionAttributeValues"]?[":1"]?["S"]?.stringValue == "SCORE#19.0")
    }
}
