import ContractEngine
import Testing

/// What the notes say that an update sets, where that is part of the item's own key.
struct NotedKeyTests {
    private func changed(_ notes: String) throws -> [String] {
        let contract = """
            {"tables": [{"table": "Seats", "pk": "event_id", "sk": "section#seat_no",
              "attributes": [{"name": "event_id", "type": "S"}, {"name": "section", "type": "S"}, {"name": "seat_no", "type": "S"},
               {"name": "hold_until", "type": "S"}, {"name": "state", "type": "S"}]}]}
            """
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | Hold a seat | 1 | Write | event_id, section, seat_no |
            """
        let model = """
            ## Mapping

            | Pattern | Table | Operation | Notes |
            |---|---|---|---|
            | AP1 | Seats | UpdateItem | \(notes) |
            """
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns),
            model: SourceText(name: "m.md", text: model))
        return lint(document).filter { $0.rule == "update-changes-key" }.map(\.subject)
    }

    @Test(arguments: [
        "sets section", "Sets hold_until, state and section", "sets hold_until, section, state", "changes `section`",
        "Sets hold_until and section", "writes state, hold_until, and the section",
    ])
    func aNotedPartOfTheKeyIsAnError(_ notes: String) throws {
        #expect(try changed(notes) == ["AP1"])
    }

    @Test(arguments: [
        "sets hold_until, state", "sets state; found by section", "sets state, section unchanged",
        "needs section and seat_no",
        "sets state of the seat in its section", "",
    ])
    func whatIsNotSetIsNone(_ notes: String) throws {
        #expect(try changed(notes) == [])
    }
}
