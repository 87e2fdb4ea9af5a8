import ContractEngine
import ContractModel
import Testing

/// The types of keys that templates make and no attribute declares.
struct SettledKeyTests {
    private func table(
        first: String = "META", second: String = "{points}", declared: String = "", id: String = "N",
        index: String = "{points}",
        lookup: String = ""
    ) throws -> ContractDocument {
        let text = """
            {"table": "Players", "type": "multi-entity", "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK"}],
             "entities": [
              {"entity_type": "PLAYER", "source_table": "players", "pk_template": "{player_id}", "sk_template": "\(first)",\(lookup)
               "attributes": [\(declared){"name": "player_id", "type": "\(id)", "source_column": "id"},
                {"name": "nick", "type": "S", "source_column": "nick"}]},
              {"entity_type": "SCORE", "source_table": "scores", "pk_template": "{player_id}", "sk_template": "\(second)",
               "gsi_keys": [{"index_name": "GSI1", "pk_template": "ALL", "sk_template": "\(index)"}],
               "attributes": [{"name": "player_id", "type": "N", "source_column": "player_id"},
                {"name": "points", "type": "N", "source_column": "points"}]}]}
            """
        return try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
    }

    private func types(_ document: ContractDocument) -> [String] {
        let table = document.contract.tables[0]
        let keys = [table.partitionKey, table.sortKey, table.indexes[0].partitionKey, table.indexes[0].sortKey]
        return keys.compactMap { $0.map { "\($0.name) \($0.type.rawValue)" } }
    }

    @Test func aKeyThatIsNothingButANumberIsThatNumber() throws {
        #expect(types(try table()) == ["PK N", "SK S", "GSI1PK S", "GSI1SK N"])
        #expect(types(try table(first: "{nick}", second: "{points}")) == ["PK N", "SK S", "GSI1PK S", "GSI1SK N"])
        #expect(types(try table(index: "P#{points}")) == ["PK N", "SK S", "GSI1PK S", "GSI1SK S"])
    }

    @Test func aNumberAmongTextsIsAText() throws {
        #expect(types(try table(id: "S")) == ["PK S", "SK S", "GSI1PK S", "GSI1SK N"])
        // A lookup item's key is a text.
        let lookup = """
            "unique_constraints": [{"attributes": ["nick"], "lookup": {"table": "Players", "pk_template": "NICK#{nick}",
              "sk_template": "NICK"}}],
            """
        let document = try table(lookup: lookup)
        #expect(types(document).first == "PK S")
        let layout = EntityLayout(table: document.contract.tables[0], entity: document.contract.tables[0].entities[1])
        #expect(layout.key(named: "PK")?.type == .S && layout.field(named: "player_id")?.type == .N)
    }

    @Test func aDeclaredTypeStandsAndAContradictionIsFound() throws {
        let text = "{\"name\": \"PK\", \"type\": \"S\"},"
        #expect(types(try table(declared: text)).first == "PK S")
        #expect(lint(try table(declared: text)).filter { $0.rule == "key-type" } == [])
        let number = "{\"name\": \"PK\", \"type\": \"N\"},"
        let found = lint(try table(declared: number, id: "S")).filter { $0.rule == "key-type" }
        #expect(
            found.map(\.message) == [
                "PK, a key of Players, is N, and PLAYER's template \"{player_id}\" puts player_id into it, which is S."
            ])
    }

    @Test func indexesWithAnEntryOfTheirOwnAreSettledToo() throws {
        let text = """
            [{"type": "Table", "table": "Games", "source_table": "games", "pk": "id", "attributes": {"id": {"type": "S"},
              "price": {"type": "N"}}, "gsi_keys": {"ByPrice": {"pk_template": "{price}"}}},
             {"type": "GSI", "name": "ByPrice", "table": "Games", "pk": "P", "pk_template": "{price}"}]
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        #expect(document.contract.tables[0].indexes[0].partitionKey.type == .N)
    }
}
