import ContractEngine
import ContractModel
import Testing

/// Cells of key attributes that name them in placeholders and templates, or by the name of a key that is made of several.
struct PlaceholderNameTests {
    private func document(_ table: String, _ cell: String, _ operation: String, _ description: String) throws
        -> ContractDocument
    {
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Operation | Table | Key Attributes |
            |---|---|---|---|---|---|---|
            | AP1 | \(description) | 1 | Read | \(operation) | \(table) | \(cell) |
            """
        let names = ["hotel_id", "arrival", "booking_id", "guest"]
        let attributes = names.map { #"{"name": "\#($0)", "type": "S"}"# }.joined(separator: ",")
        let contract = """
            {"tables": [
             {"table": "Hotel", "type": "multi-entity", "source_table": "bookings", "pk": "PK", "sk": "SK", "entities": [
              {"entity_type": "Booking", "pk_template": "HOTEL#{hotel_id}", "sk_template": "BOOKING#{arrival}#{booking_id}",
               "attributes": [\(attributes)]}]},
             {"table": "Orders", "source_table": "orders", "pk": "customer_id", "sk": "order_date#order_id",
              "gsis": [{"index_name": "ByState", "pk": "state#region", "projection": "ALL"}],
              "attributes": [{"name": "customer_id", "type": "S"}, {"name": "order_date", "type": "S"},
               {"name": "order_id", "type": "S"}, {"name": "state", "type": "S"}, {"name": "region", "type": "S"}]}]}
            """
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns))
    }

    private func done(_ table: String, _ cell: String) throws -> [String] {
        let document = try document(table, cell, "GetItem", "Get it")
        #expect(lint(document).filter { $0.rule == "operation-lacks-key" } == [])
        return capacity(of: document).pattern("AP1")?.charges.map { "\($0.operation) \($0.index ?? "")" } ?? []
    }

    @Test(arguments: [
        "hotel_id, arrival, booking_id", "PK=HOTEL#{hotel_id}, SK=BOOKING#{arrival}#{booking_id}",
        "{hotel_id}, {arrival}, {booking_id}", "`PK=HOTEL#{hotel_id}`, `SK=BOOKING#{arrival}#{booking_id}`",
        "PK=HOTEL#<hotel_id>, SK=BOOKING#<arrival>#<booking_id>",
        "PK=HOTEL#${hotel_id}, SK=BOOKING#${arrival}#${booking_id}", ":hotel_id, :arrival, :booking_id",
        "PK=HOTEL#hotel_id, SK=BOOKING#arrival#booking_id",
    ])
    func whoNamesTheWholeKeyInPlaceholdersReadsTheItem(_ cell: String) throws {
        #expect(try done("Hotel", cell) == ["GetItem "])
    }

    /// A word of a template that is no placeholder names nothing.
    @Test(arguments: ["PK=HOTEL#{hotel_id}, SK=ARRIVAL#{booking_id}", "PK=HOTEL#{hotel_id}, arrival of {booking_id}"])
    func aWordOutsideOfThemNamesNothing(_ cell: String) throws {
        let found = lint(try document("Hotel", cell, "GetItem", "Get it")).first { $0.rule == "operation-lacks-key" }
        #expect(found?.message.contains("needs arrival; its caller knows hotel_id and booking_id") == true)
    }

    @Test(arguments: [
        "customer_id, order_date#order_id", "`customer_id` + `order_date#order_id`",
        "customer_id, order_date, order_id",
    ])
    func aCompositeNameStandsForItsParts(_ cell: String) throws {
        #expect(try done("Orders", cell) == ["GetItem "])
    }

    @Test func soDoesThatOfAnIndex() throws {
        let charges = capacity(of: try document("Orders", "state#region", "Query", "Get it")).pattern("AP1")?.charges
        #expect(charges?.map { "\($0.operation) \($0.index ?? "")" } == ["Query ByState"])
    }
}
