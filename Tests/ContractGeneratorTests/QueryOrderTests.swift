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

    /// An average of items is no limit: who has more of them would miss the rest without a word.
    @Test(arguments: [
        "All scores of a game, latest first", "Scores of a game, newest first", "Score history, latest on top",
        "List the scores of a game starting with the latest", "Scores (most recent first)", "Scores, recent first",
        "Scores by played date, latest first", "Scores, latest played date first", "Recent scores of a game",
        "Scores sorted by latest score", "Highest scores of a game, best score first",
    ])
    func aListIsNotCut(description: String) throws {
        for items in ["", "1", "12"] {
            #expect(try query(description, index: "Days", items: items) == "descending all")
        }
    }

    @Test(arguments: [
        ("Scores of a game, newest first", "Query Limit 25 ScanIndexForward=false", "descending 25"),
        ("Current score", "Query Limit=1 ScanIndexForward=false", "descending 1"),
        ("Latest scores", "Query (limit: 50)", "descending 50"),
        ("Latest scores", "Query Limit 25 a page", "descending all"),
        ("Scores of a game", "Query Limit 25", "ascending all"),
    ])
    func aWrittenLimitIsOne(description: String, operation: String, expected: String) throws {
        #expect(try query(description, index: "Days", items: "12", operation: operation) == expected)
    }

    @Test func oneThingIsAskedForWhereTheDocumentsCountOne() throws {
        #expect(try query("Last seen place of a player", index: "Days", items: "1") == "ascending all")
        #expect(try query("Most recent place of a player", index: "Days", items: "1") == "descending 1")
        #expect(try query("Most recent places of a player", index: "Days", items: "1") == "descending all")
    }

    @Test func theWordsNumberCounts() throws {
        #expect(try query("Highest scores of a game", index: "Top", items: "7") == "descending all")
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
