import ContractEngine
import Testing

/// Ranges and orders that the key of what a pattern Queries cannot give.
struct OrderKeyTests {
    private func findings(
        _ words: String, keys: String = "hotel_id", operation: String = "Query", sort: String = "room_no",
        index: String? = nil,
        items: Int = 20, notes: String = ""
    ) throws -> [Finding] {
        let indexSort = index.map { $0.isEmpty ? "" : ", \"sk\": \"\($0)\"" } ?? ", \"sk\": \"night\""
        let contract = """
            {"tables": [{"table": "Rooms", "pk": "hotel_id", "sk": "\(sort)",
              "gsis": [{"index_name": "ByGuest", "pk": "guest_id"\(indexSort), "projection": "ALL"}],
              "attributes": [{"name": "hotel_id", "type": "S"}, {"name": "room_no", "type": "S"}, {"name": "night", "type": "S"},
               {"name": "guest_id", "type": "S"}, {"name": "price", "type": "N"}, {"name": "rating", "type": "N"},
               {"name": "state", "type": "S"}, {"name": "booked_at", "type": "S"}]}]}
            """
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | AP1 | \(words) | 1 | Read | \(keys) |
            """
        let model = """
            ## Mapping

            | Pattern | Table | Operation | Items per call | Notes |
            |---|---|---|---|---|
            | AP1 | \(index == nil ? "Rooms" : "Rooms.ByGuest") | \(operation) | \(items) | \(notes) |
            """
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns),
            model: SourceText(name: "m.md", text: model))
        return lint(document).filter { $0.rule == "order-not-in-key" }
    }

    @Test(arguments: ["Query (BETWEEN)", "Query, night >= :from"])
    func aComparedValueOutsideTheKeyIsAnError(_ operation: String) throws {
        let found = try findings("Rooms of a hotel by night", keys: "hotel_id, night", operation: operation)
        #expect(found.map(\.severity) == [.error] && found.first?.subject == "AP1")
        #expect(
            found.first?.message.contains(
                "asks for a range of night, and Rooms, which it Queries, is sorted by room_no") == true)
    }

    @Test(arguments: [
        "Rooms between two nights", "Rooms of a hotel in a window of time", "Upcoming nights of a hotel",
        "Nights of a hotel from a date on",
    ])
    func aRangeThatTheWordsAskForIsAWarning(_ words: String) throws {
        #expect(try findings(words, keys: "hotel_id, night").map(\.severity) == [.warning])
    }

    @Test func aRangeOfTheKeyOrOfAFilterIsRight() throws {
        #expect(try findings("Rooms between two nights", keys: "hotel_id, night", sort: "night#room_no") == [])
        #expect(
            try findings("Rooms between two nights", keys: "hotel_id, night", operation: "Query, filter night BETWEEN")
                == [])
        #expect(try findings("Rooms of a night", keys: "hotel_id, night") == [])
        #expect(
            try findings("Rooms whose number begins so", keys: "hotel_id, room_no", operation: "Query (begins_with)")
                == [])
    }

    @Test(arguments: [
        ("Rooms of a hotel, cheapest first", "price"), ("Rooms sorted by price", "price"),
        ("Rooms of a hotel, highest rating first", "rating"), ("Rooms ordered by the rating", "rating"),
    ])
    func anOrderByWhatTheKeyHasNotIsTold(_ words: String, _ attribute: String) throws {
        let found = try findings(words)
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.message.contains("asks for an order by \(attribute)") == true)
    }

    @Test(arguments: ["Stays of a guest, next arrival first", "Latest stays of a guest", "Next 10 stays of a guest"])
    func anIndexWithoutASortKeyHasNoOrder(_ words: String) throws {
        let found = try findings(words, keys: "guest_id", index: "")
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.message.contains("Rooms.ByGuest, which it Queries, has no sort key") == true)
        #expect(try findings(words, keys: "guest_id", index: "night") == [])
    }

    @Test func theLastOfOneNeedsNoOrder() throws {
        #expect(try findings("Latest stay of a guest", keys: "guest_id", index: "", items: 1) == [])
    }

    @Test func aSortKeyOfNoTimeHasNoOrderOfTime() throws {
        #expect(try findings("Newest bookings of a hotel", sort: "state").count == 1)
        // A number, an id or a version may follow the time.
        #expect(try findings("Newest bookings of a hotel") == [])
        #expect(try findings("Newest bookings of a hotel", sort: "booked_at") == [])
        #expect(try findings("Newest bookings of a hotel", sort: "state#booked_at") == [])
    }

    @Test(arguments: [
        "Rooms of a hotel", "Guest by first name", "Free rooms of the first floor", "Stays of the last 30 days",
    ])
    func whoAsksForNoOrderIsNotTold(_ words: String) throws {
        #expect(try findings(words, keys: "guest_id", index: "") == [])
        #expect(try findings(words) == [])
    }
}
