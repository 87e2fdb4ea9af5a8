import ContractEngine
import Testing

/// Ordinary words for an order or a range of dates, held against a sort key that has the day first.
struct DateOrderWordTests {
    private func isTold(_ words: String, operation: String = "Query") throws -> Bool {
        let contract = """
            {"tables": [{"table": "Events", "pk": "venue_id", "sk": "starts",
              "attributes": [{"name": "venue_id", "type": "S"},
               {"name": "starts", "type": "S", "transformation": {"type": "date-format", "format": "DD/MM/YYYY"}}]}]}
            """
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | \(words) | 1 | Read | venue_id |
            """
        let model = "| Pattern | Table | Operation |\n|---|---|---|\n| AP1 | Events | \(operation) |\n"
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns),
            model: SourceText(name: "m.md", text: model))
        return lint(document).contains { $0.rule == "date-sorts-as-text" }
    }

    @Test(arguments: [
        "Upcoming events at a venue", "Events at a venue, soonest first", "Events at a venue, earliest first",
        "Events at a venue from a date on", "Next 10 events at a venue", "Events of this month", "Events after a day",
    ])
    func wordsOfAnOrderOrARangeAreKnown(_ words: String) throws { #expect(try isTold(words)) }

    @Test(arguments: ["Query (SK BETWEEN from AND to)", "Query, starts >= :from"])
    func whatTheMappingComparesIsARange(_ operation: String) throws {
        #expect(try isTold("Events at a venue", operation: operation))
    }

    @Test(arguments: ["Events at a venue", "Search events at a venue", "Events with a first aid post"])
    func otherWordsAreNone(_ words: String) throws {
        #expect(try !isTold(words))
        #expect(try !isTold(words, operation: "Query (begins_with starts)"))
    }
}
