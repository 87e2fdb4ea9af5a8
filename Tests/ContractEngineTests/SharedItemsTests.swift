import ContractEngine
import ContractModel
import Testing

/// How many items a call has, where a row says it of several tables; and which items come along through an index.
struct SharedItemsTests {
    private static let tickets = """
        {"tables": [
         {"table": "Events", "type": "single-entity", "source_table": "events", "pk": "event_id",
          "estimated_item_size_bytes": 2000, "attributes": [
           {"name": "event_id", "type": "S", "source_table": "events", "source_column": "id"}], "satisfies": ["B1"]},
         {"table": "Bookings", "type": "single-entity", "source_table": "bookings", "pk": "user_id", "sk": "booking_id",
          "estimated_item_size_bytes": 1500, "attributes": [
           {"name": "user_id", "type": "S", "source_table": "bookings", "source_column": "user_id"},
           {"name": "booking_id", "type": "S", "source_table": "bookings", "source_column": "id"}], "satisfies": ["B1"]}]}
        """

    private func document(_ operation: String, items: String, tables: String = "Bookings, Events") throws
        -> ContractDocument
    {
        try GivenDocuments.read(
            Self.tickets,
            patterns: """
                | ID | Summary | Peak RPS | Type | DynamoDB Operations | Tables/Indexes | Key Attributes | Items per call |
                |---|---|---|---|---|---|---|---|
                | B1 | Book seats | 50 | Write | \(operation) | \(tables) | user_id, booking_id, event_id | \(items) |
                """)
    }

    @Test func theItemsOfARowAreSharedAmongTheTablesOfOneTransaction() throws {
        let document = try document("TransactWriteItems", items: "60")
        #expect(document.patterns[0].operations.map(\.itemsPerCall) == [30, 30])
        #expect(lint(document).filter { $0.severity == .error }.map(\.message) == [])
        #expect(
            GivenDocuments.guesses(document).contains(
                "of the 60 items of its call each of Bookings and Events is taken to have 30"))
        #expect(
            try self.document("TransactWriteItems", items: "2").patterns[0].operations.map(\.itemsPerCall) == [1, 1])
        #expect(
            try self.document("TransactWriteItems", items: "1").patterns[0].operations.map(\.itemsPerCall) == [1, 1])
        #expect(
            try self.document("BatchWriteItem", items: "20").patterns[0].operations.map(\.itemsPerCall) == [10, 10])
    }

    @Test func tooManyForTheWholeTransactionIsStillFound() throws {
        let found = lint(try document("TransactWriteItems", items: "160"))
        #expect(found.filter { $0.rule == "request-too-large" }.map(\.severity) == [.error])
    }

    @Test func itemsOfSeveralOperationsAreEachTheirOwn() throws {
        let document = try document("Query + UpdateItem", items: "20")
        #expect(document.patterns[0].operations.map(\.itemsPerCall) == [20, 20])
    }

    private func feed(_ sort: String) -> String {
        """
        {"tables": [{"table": "Feed", "type": "multi-entity", "source_table": "posts", "pk": "PK", "sk": "SK",
         "gsis": [{"index_name": "GSI1", "pk": "GSI1PK", "sk": "GSI1SK", "projection": "ALL"}], "entities": [
          {"entity_type": "POST", "source_table": "posts", "pk_template": "POST#{post_id}", "sk_template": "POST",
           "estimated_item_size_bytes": 800,
           "gsi_keys": [{"index_name": "GSI1", "pk_template": "U#{user_id}", "sk_template": "X#{created}"}], "attributes": [
            {"name": "post_id", "type": "S", "source_table": "posts", "source_column": "id"},
            {"name": "user_id", "type": "S", "source_table": "posts", "source_column": "user_id"},
            {"name": "created", "type": "S", "source_table": "posts", "source_column": "created_at"}]},
          {"entity_type": "LIKE", "source_table": "likes", "pk_template": "LIKE#{like_id}", "sk_template": "LIKE",
           "estimated_item_size_bytes": 600,
           "gsi_keys": [{"index_name": "GSI1", "pk_template": "U#{user_id}", "sk_template": "\(sort)"}], "attributes": [
            {"name": "like_id", "type": "S", "source_table": "likes", "source_column": "id"},
            {"name": "user_id", "type": "S", "source_table": "likes", "source_column": "user_id"},
            {"name": "created", "type": "S", "source_table": "likes", "source_column": "created_at"}]}],
         "satisfies": ["F1", "F2", "F3", "F4"]}]}
        """
    }

    private static let reads = """
        | # | Name | Ops/sec | R/W | Operation | Item Type | Key Attributes |
        |---|---|---|---|---|---|---|
        | F1 | List posts of a user | 100 | R | Query GSI1 | POST | user_id |
        | F2 | List likes of a user | 100 | R | Query GSI1 | LIKE | user_id |
        | F3 | Get a post | 100 | R | GetItem | POST | post_id |
        | F4 | Get a like | 100 | R | GetItem | LIKE | like_id |
        """

    @Test func kindsReadTogetherThroughAnIndexAreFoundAndNoted() throws {
        let document = try GivenDocuments.read(feed("X#{created}#L#{like_id}"), patterns: Self.reads)
        let found = lint(document).filter { $0.rule == "kinds-read-together" }
        #expect(found.map { "\($0.subject) \($0.line)" } == ["Feed.GSI1 POST 3"])
        #expect(
            found.first?.message
                == "The sort keys of LIKE in Feed.GSI1 begin as those of POST do: the Query of F1 reads them too, pays for them, and "
                + "drops them.")
        let plan = capacity(of: document)
        #expect(
            plan.patterns[0].assumptions.contains {
                $0.text.hasPrefix("the keys of LIKE begin as those of POST do") && $0.moved.hasSuffix("Feed.GSI1")
            })
        #expect(
            lint(try GivenDocuments.read(feed("L#{like_id}"), patterns: Self.reads)).allSatisfy {
                $0.rule != "kinds-read-together"
            })
    }

    @Test(arguments: [
        ("Update order status and total", "UpdateItem", nil, 2.0),
        ("Update order status and total", "TransactWriteItems", nil, 2),
        ("Update order status", "PutItem", nil, 2), ("Place order", "PutItem", nil, 1),
        ("Place order", "PutItem", "status", 2),
        ("Place order", "PutItem", "total", 1), ("Create order with status", "TransactWriteItems", nil, 1),
        ("Set total of order", "TransactWriteItems", nil, 1), ("Place order", "BatchWriteItem", "status", 2),
    ])
    func aChangedKeyOfAnIndexIsWrittenTwiceByWhateverWritesIt(
        summary: String, operation: String, changes: String?, writes: Double
    ) throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Description | Peak RPS | Type | Operation | Key Attributes | Items per call |
                |---|---|---|---|---|---|---|
                | AP1 | \(summary) | 10 | Write | \(operation) | customer_id, order_no | 1 |
                """)
        var assumptions = CapacityAssumptions()
        assumptions.changedAttributes = changes.map { ["AP1": [$0]] } ?? [:]
        let charges = capacity(of: document, assuming: assumptions).patterns[0].charges
        #expect(charges.first { $0.index == "ByStatus" }?.writeUnitsPerCall == writes)
    }
}
