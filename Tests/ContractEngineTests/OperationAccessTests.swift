import ContractEngine
import ContractModel
import Testing

/// How items are found where a caller does not know the key that the documents' operation needs.
struct OperationAccessTests {
    /// Orders by customer with an index by place and one by state; and their customers, whose email the orders' key takes from them.
    private static let contract = """
        {"tables": [
          {"table": "Orders", "pk": "customer", "sk": "order_id", "estimated_item_size_bytes": 1000,
           "gsis": [{"index_name": "ByPlace", "pk": "place", "projection": "ALL"},
                    {"index_name": "ByState", "pk": "state", "projection": "ALL"}],
           "attributes": [{"name": "customer", "type": "S"}, {"name": "order_id", "type": "S"},
             {"name": "place", "type": "S"}, {"name": "state", "type": "S"}, {"name": "note", "type": "S"}]},
          {"table": "Members", "type": "multi-entity", "source_table": "members", "pk": "PK", "sk": "SK",
           "estimated_item_size_bytes": 1000, "attributes": [],
           "gsis": [{"index_name": "ById", "pk": "ById", "projection": "ALL"}],
           "entities": [
             {"entity_type": "MEMBER", "source_table": "members", "pk_template": "{email}", "sk_template": "#",
              "attributes": [
                {"name": "email", "type": "S", "source_table": "members", "source_column": "email"},
                {"name": "ById", "type": "S", "source_table": "members", "source_column": "id"}]},
             {"entity_type": "LOAN", "source_table": "loans", "pk_template": "{member_email}", "sk_template": "LOAN#{book}",
              "attributes": [
                {"name": "PK", "type": "S", "source_table": "loans", "source_column": "member_id", "join": {
                  "type": "foreign-key", "target_table": "members", "join_condition": "members.id = loans.member_id",
                  "select_column": "members.email"}},
                {"name": "member_id", "type": "S", "source_table": "loans", "source_column": "member_id"},
                {"name": "book", "type": "S", "source_table": "loans", "source_column": "book"}]}]}]}
        """

    private func document(
        knows: [String], summary: String = "Do it", _ operation: PatternOperation
    ) throws -> ContractDocument {
        var document = try ContractDocument.read(contract: SourceText(name: "c.json", text: Self.contract))
        document.patterns = [
            AccessPattern(
                id: "AP1", summary: summary, peakRPS: 10, type: operation.isWrite ? .write : .read,
                keyAttributes: knows,
                operations: [operation])
        ]
        return document
    }

    private func charged(_ document: ContractDocument) -> [String] {
        (capacity(of: document).pattern("AP1")?.charges ?? []).filter { $0.index == nil || $0.writeUnitsPerCall == 0 }
            .map {
                "\($0.operation) \($0.table)\($0.index.map { "." + $0 } ?? "")"
            }
    }

    private func assumed(_ document: ContractDocument) -> [String] {
        capacity(of: document).pattern("AP1")?.assumptions.map(\.text) ?? []
    }

    private func loan(_ operation: String) -> PatternOperation {
        PatternOperation(operation: operation, table: "Members", entity: "LOAN")
    }

    // MARK: An index whose key the caller does not know

    @Test func whoKnowsTheTablesKeyReadsTheTableAndNotTheNamedIndex() throws {
        let query = PatternOperation(operation: "Query", table: "Orders", index: "ByPlace")
        let document = try document(knows: ["customer"], query)
        #expect(charged(document) == ["Query Orders"])
        #expect(
            assumed(document).contains(
                "Query on Orders.ByPlace needs place, which its caller does not know: Orders is read instead"))
    }

    @Test func whoKnowsAnotherIndexesKeyReadsThatOne() throws {
        let query = PatternOperation(operation: "Query", table: "Orders", index: "ByPlace")
        let document = try document(knows: ["state"], query)
        #expect(charged(document) == ["Query Orders.ByState"])
        #expect(
            assumed(document).contains(
                "Query on Orders.ByPlace needs place, which its caller does not know: Orders.ByState is read instead"))
    }

    @Test func whoKnowsNoKeyAtAllScans() throws {
        let query = PatternOperation(operation: "Query", table: "Orders", index: "ByPlace")
        #expect(charged(try document(knows: ["note"], query)) == ["Scan Orders"])
        // And who knows the named one reads it.
        #expect(charged(try document(knows: ["place"], query)) == ["Query Orders.ByPlace"])
    }

    @Test func lintSaysThatTheNamedIndexIsNotTheOneThatIsUsed() throws {
        func told(_ known: String) throws -> [String] {
            let contract = Self.contract.replacing(
                #"{"tables": ["#,
                with: """
                    {"access_patterns": [{"id": "AP1", "type": "Read", "rps": 10, "key_attributes": ["\(known)"],
                      "operations": [{"operation": "Query", "table": "Orders", "index": "ByPlace"}]}], "tables": [
                    """)
            return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
                .filter { $0.rule == "operation-lacks-key" }.map(\.message)
        }
        #expect(
            try told("customer") == [
                "AP1 is Query on Orders.ByPlace, which needs place; its caller knows customer: Orders itself is read instead, "
                    + "since its partition key comes from customer."
            ])
        #expect(
            try told("state") == [
                "AP1 is Query on Orders.ByPlace, which needs place; its caller knows state: Orders.ByState is read instead, "
                    + "since its partition key comes from state."
            ])
        #expect(try told("place") == [])
    }

    // MARK: Values that a join brought

    @Test func whoKnowsTheColumnOfAJoinDoesNotKnowWhatItBrings() throws {
        let document = try document(knows: ["member_id"], loan("Query"))
        // The value is in Members.ById, by what the caller knows: a Scan by member_id would be worse.
        #expect(charged(document) == ["Query Members"])
        #expect(
            assumed(document).contains(
                "Query on Members needs member_email, which its caller does not know and has to hand in: a read of Members.ById "
                    + "for that is not charged"))
        #expect(!assumed(try self.document(knows: ["member_email"], loan("Query"))).contains { $0.contains("hand in") })
        #expect(!assumed(try self.document(knows: ["email"], loan("Query"))).contains { $0.contains("hand in") })
    }

    @Test func aPatternThatReadsTheValueFirstHasIt() throws {
        var document = try document(knows: ["member_id"], loan("Query"))
        document.patterns[0].operations.insert(
            PatternOperation(operation: "Query", table: "Members", index: "ById", entity: "MEMBER"), at: 0)
        #expect(charged(document) == ["Query Members.ById", "Query Members"])
        #expect(!assumed(document).contains { $0.contains("hand in") })
    }

    @Test func whatIsHandedInLeavesTheRestToBeFound() throws {
        let document = try document(knows: ["member_id"], summary: "Clear all loans", loan("DeleteItem"))
        #expect(charged(document) == ["Query Members", "BatchWriteItem Members"])
        let words = assumed(document)
        #expect(words.contains { $0.hasPrefix("DeleteItem on Members needs member_email") })
        #expect(
            words.contains(
                "DeleteItem on Members needs book, which its caller does not know, and its words speak of all that there is: a Query "
                    + "finds what is deleted"))
    }

    @Test func aJoinThatBringsBackItsOwnColumnTellsNothingNew() throws {
        let text = """
            {"tables": [{"table": "Categories", "source_table": "categories", "pk": "category_id", "estimated_item_size_bytes": 500,
              "gsis": [{"index_name": "ByParent", "pk": "parent_key", "projection": "ALL"}],
              "attributes": [{"name": "category_id", "type": "S", "source_table": "categories", "source_column": "id"},
                {"name": "parent_key", "type": "S", "source_table": "categories", "source_column": "parent_id", "join": {
                  "type": "conditional", "condition": "parent_id IS NULL", "target_table": "categories",
                  "join_condition": "above.id = categories.parent_id", "join_alias": "above", "select_column": "'ROOT'",
                  "else_value": "above.id"}}]}],
             "access_patterns": [{"id": "AP1", "type": "Read", "rps": 10, "key_attributes": ["parent_id"],
               "operations": [{"operation": "Query", "table": "Categories", "index": "ByParent"}]}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        #expect(charged(document) == ["Query Categories.ByParent"])
        #expect(!lint(document).contains { $0.rule == "operation-lacks-key" })
    }

    // MARK: What finds an item

    @Test func theReadThatFindsAnItemIsOfOneItemWhateverQueriesRead() throws {
        var assumptions = CapacityAssumptions()
        try assumptions.set("items-per-query", to: "50")
        let update = PatternOperation(operation: "UpdateItem", table: "Orders")
        let document = try document(knows: ["place"], update)
        let charges = capacity(of: document, assuming: assumptions).pattern("AP1")?.charges ?? []
        // ⌈1 × 1,000 / 4,096⌉ × 0.5 × 10, not ⌈50,000 / 4,096⌉.
        #expect(charges.first?.operation == "Query" && charges.first?.readUnitsPerSecond == 5)
        #expect(charged(document) == ["Query Orders.ByPlace", "UpdateItem Orders"])
    }

    @Test func anIndexThatDoesNotHoldAllIsReadAndThenTheItem() throws {
        var document = try document(knows: ["place"], PatternOperation(operation: "GetItem", table: "Orders"))
        document.contract.tables[0].indexes[0].projection = .keysOnly
        #expect(charged(document) == ["Query Orders.ByPlace", "GetItem Orders"])
    }

    @Test func aWholePartitionIsReadConsistentlyAndDeleted() throws {
        var assumptions = CapacityAssumptions()
        try assumptions.set("items-per-call.AP1", to: "9")
        let document = try document(
            knows: ["customer"], summary: "Clear all orders", PatternOperation(operation: "DeleteItem", table: "Orders")
        )
        let charges =
            capacity(of: document, assuming: assumptions).pattern("AP1")?.charges.filter { $0.index == nil } ?? []
        // ⌈9 × 1,000 / 4,096⌉ = 3 × 1 × 10 reads; 9 × 1 × 10 writes.
        #expect(charges.map(\.operation) == ["Query", "BatchWriteItem"])
        #expect(charges.map(\.readUnitsPerSecond) == [30, 0] && charges.map(\.writeUnitsPerSecond) == [0, 90])
    }
}
