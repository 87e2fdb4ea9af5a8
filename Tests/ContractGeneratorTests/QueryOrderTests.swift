import ContractEngine
import ContractGenerator
import Testing

/// The end of the sort keys that a pattern's words ask for, and how many items of it.
struct QueryOrderTests {
    private func query(
        _ description: String, index: String, items: String = "", operation: String = "Query"
    ) throws -> String {
        let contract = """
            {"tables": [{"table": "Scores", "type": "single-entity", "source_table": "scores", "pk": "game_id", "sk": "player_id",
             "gsis": [{"index_name": "Top", "pk": "game_id", "sk": "score", "projection": "ALL"},
              {"index_name": "Ranks", "pk": "game_id", "sk": "rank", "projection": "ALL"},
              {"index_name": "Days", "pk": "game_id", "sk": "played_at", "projection": "ALL"}],
             "attributes": [{"name": "game_id", "type": "S"}, {"name": "player_id", "type": "S"}, {"name": "score", "type": "N"},
              {"name": "rank", "type": "N"}, {"name": "played_at", "type": "S"}]}]}
            """
        let patterns = """
            id,description,operation,table,index,peak rps,items per call,key attributes
            AP1,"\(description)",\(operation),Scores,\(index),1,\(items),game_id
            """
        let code = try GeneratedCode.make(
            ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.csv", text: patterns)))
        let text = try #require(code.files.first { $0.name == "ScoreRepository.swift" }).text
        let limit = text.firstMatch(of: #/limit: Int\? = (\d+)/#).map { String($0.output.1) } ?? "all"
        let order = text.contains("ascending: Bool = false") ? "descending" : "ascending"
        return "\(order) \(limit)"
    }

    @Test(arguments: [
        ("Top 20 players of a game", "Top", "descending 20"), ("Highest 3 scores of a game", "Top", "descending 3"),
        ("Get last score of a game", "Top", "descending 1"), ("Last score of a game", "Days", "descending 1"),
        ("Top 5 games played", "Days", "descending 5"), ("Top 20 players of a game", "Ranks", "ascending 20"),
        ("Top scores of a game", "Top", "descending all"), ("Lowest 5 scores of a game", "Top", "ascending 5"),
        ("20 most recent scores", "Days", "descending 20"), ("The 5 latest scores", "Days", "descending 5"),
        ("Oldest score of a game", "Days", "ascending 1"), ("First 10 scores", "Days", "ascending 10"),
        ("Scores of the last 30 days", "Days", "descending all"), ("Scores of last month", "Days", "ascending all"),
        ("Scores by last name", "Top", "ascending all"), ("Top 3 players", "", "ascending 3"),
        ("Scores of a game", "Top", "ascending all"), ("Last known score of a game", "Days", "descending 1"),
        ("Last recorded score of a game", "Days", "descending 1"), ("The latest score", "Days", "descending 1"),
        ("Scores of a game, latest at the top", "Days", "descending all"),
        ("Scores of a game, most recently played first", "Days", "descending all"),
        ("Recently played scores of a game", "Days", "descending all"),
        ("Scores in reverse chronological order", "Days", "descending all"),
        ("Scores sorted by played_at desc", "Days", "descending all"),
        ("Scores of a game (DESC)", "Days", "descending all"),
    ])
    func wordsTellTheEndAndTheNumber(description: String, index: String, expected: String) throws {
        #expect(try query(description, index: index) == expected)
    }

    @Test func theDocumentsNumberCountsWhereTheWordsHaveNone() throws {
        #expect(try query("Highest scores of a game", index: "Top", items: "7") == "descending 7")
        #expect(try query("Highest 3 scores of a game", index: "Top", items: "3") == "descending 3")
        #expect(try query("Scores of the last 30 days", index: "Days", items: "90") == "descending all")
        #expect(try query("Scores of a game", index: "Top", items: "7") == "ascending all")
    }

    @Test func theCallsOwnOrderGoesOverTheDescription() throws {
        #expect(
            try query("Scores of a game", index: "Days", operation: "Query ScanIndexForward=false") == "descending all")
        #expect(
            try query("Top scores of a game", index: "Top", operation: "Query ScanIndexForward: true")
                == "ascending all")
        #expect(try query("Top 3 scores of a game", index: "Top", operation: "Query descending") == "descending 3")
    }
}
