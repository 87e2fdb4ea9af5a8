import ContractEngine
import ContractModel
import Testing

/// What `satisfies` alone places is judged as what a mapping places.
struct ClaimedWorkTests {
    private static let items = """
        {"tables": [{"table": "Items", "type": "single-entity", "source_table": "items", "pk": "item_id", "attributes": [
          {"name": "item_id", "type": "S", "source_table": "items", "source_column": "id"},
          {"name": "colour", "type": "S", "source_table": "items", "source_column": "colour"}],
         "satisfies": ["S1", "S2"], "estimated_item_size_bytes": 300}]}
        """
    private static let cards = """
        {"tables": [{"table": "Cards", "type": "single-entity", "source_table": "cards", "pk": "card_id",
         "sk": "owner_id", "attributes": [
          {"name": "card_id", "type": "S", "source_table": "cards", "source_column": "id"},
          {"name": "owner_id", "type": "S", "source_table": "cards", "source_column": "owner_id"},
          {"name": "pin", "type": "S", "source_table": "cards", "source_column": "pin"}],
         "satisfies": ["AP1", "AP2"], "estimated_item_size_bytes": 300}]}
        """

    @Test func aPatternThatOnlyAScanServesIsFound() throws {
        let patterns = """
            | ID | Description | Peak RPS | Type | Key Attributes |
            |---|---|---|---|---|
            | S1 | Find items of a colour | 10 | Read | colour |
            | S2 | Get item | 10 | Read | item_id |
            """
        let found = try GivenDocuments.findings(Self.items, patterns: patterns)
        #expect(found.map { "\($0.rule) \($0.file):\($0.line)" } == ["pattern-needs-scan p.md:3"])
        #expect(
            found.first?.message
                == "S1 (Find items of a colour) looks for colour on Items, which is no partition key of Items or of any of its "
                + "indexes: only a Scan finds it.")
        let guesses = GivenDocuments.guesses(try GivenDocuments.read(Self.items, patterns: patterns))
        #expect(guesses.contains("no document names its operation: a Scan, since no key is colour"))
        #expect(guesses.contains("no document names its operation: GetItem, by its key attributes"))
        #expect(guesses.filter { $0.hasPrefix("no document names its operation") }.count == 2)
    }

    @Test func anUpdateByAnotherKeyIsFound() throws {
        let found = try GivenDocuments.findings(
            Self.cards,
            patterns: """
                | ID | Description | Peak RPS | Type | Key Attributes |
                |---|---|---|---|---|
                | AP1 | Update pin of the card of an owner | 10 | Write | owner_id |
                | AP2 | List cards of an owner | 10 | Read | owner_id |
                """)
        #expect(
            found.map { "\($0.rule) \($0.subject)" } == ["pattern-needs-scan AP1", "pattern-needs-scan AP2"])
    }

    @Test func anItemOfWhichOnlyThePartitionIsKnownIsFound() throws {
        let found = try GivenDocuments.findings(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Description | Peak RPS | Type | Key Attributes |
                |---|---|---|---|---|
                | AP1 | Update the order of a customer | 10 | Write | customer_id |
                """)
        #expect(found.map(\.rule).contains("operation-lacks-key"))
    }

    private static let pets = """
        {"tables": [
         {"table": "Cats", "type": "single-entity", "source_table": "cats", "pk": "id", "attributes": [
          {"name": "id", "type": "S", "source_table": "cats", "source_column": "id"}],
          "satisfies": ["AP1", "AP2"], "estimated_item_size_bytes": 500},
         {"table": "Dogs", "type": "single-entity", "source_table": "dogs", "pk": "id", "attributes": [
          {"name": "id", "type": "S", "source_table": "dogs", "source_column": "id"}],
          "satisfies": ["AP1", "AP3"], "estimated_item_size_bytes": 500}]}
        """

    @Test func twoClaimsOnOnePatternAreFoundWithoutADataModel() throws {
        func found(_ first: String, _ more: String = "", operation: String = "") throws -> [String] {
            let patterns = """
                | ID | Description | Peak RPS | Type | Key Attributes | \(more)
                |---|---|---|---|---|\(more.isEmpty ? "" : "---|---|")
                | AP1 | \(first) | 10 | Read | id | \(operation)
                | AP2 | Save cat | 10 | Write | id | \(more.isEmpty ? "" : "PutItem | Cats |")
                | AP3 | Get dog | 10 | Read | id | \(more.isEmpty ? "" : "GetItem | Dogs |")
                """
            return try GivenDocuments.findings(Self.pets, patterns: patterns).map { "\($0.rule) \($0.subject)" }
        }
        #expect(try found("Get cat") == ["satisfied-twice AP1"])
        #expect(try found("Get cat", "Operation | Table |", operation: "GetItem | Cats, Dogs |") == [])
    }

    @Test func whatIsChargedWhereClaimsAndRowsDisagreeIsTold() throws {
        let patterns = """
            | ID | Description | Peak RPS | Type | Operation | Table | Key Attributes |
            |---|---|---|---|---|---|---|
            | AP1 | Get cat | 10 | Read | GetItem | Cats | id |
            | AP2 | Save cat | 10 | Write | PutItem | Cats | id |
            | AP3 | Get dog | 10 | Read | GetItem | Dogs | id |
            """
        let document = try GivenDocuments.read(Self.pets, patterns: patterns)
        let found = lint(document).filter { $0.rule == "satisfies-mapping-disagree" }
        #expect(
            found.map(\.advice) == [
                "Take it out there, or correct its row in p.md; until then capacity and alarms follow its row in p.md."
            ])
        #expect(capacity(of: document).patterns[0].charges.map(\.table) == ["Cats"])
        let mapped = try GivenDocuments.findings(
            Self.pets,
            patterns: "| ID | Description | Peak RPS | Type |\n|---|---|---|---|\n| AP1 | Get cat | 10 | Read |\n",
            model: "| Pattern | Table | Operations |\n|---|---|---|\n| AP1 | Cats | GetItem |\n")
        #expect(
            mapped.first { $0.rule == "satisfies-mapping-disagree" }?.advice
                == "Take it out there, or correct the mapping; until then capacity and alarms charge both.")
    }

    @Test func theAccountsQuotaIsHeldAgainstAllTables() throws {
        func contract(_ tables: Int, rate: Int) -> String {
            let all = (1...tables).map { number in
                """
                {"table": "Tab\(number)", "type": "single-entity", "source_table": "tab", "pk": "id", "attributes": [
                 {"name": "id", "type": "S", "source_table": "tab", "source_column": "id"}], "satisfies": ["Q\(number)"],
                 "estimated_item_size_bytes": 500}
                """
            }
            let patterns = (1...tables).map { number in
                """
                {"id": "Q\(number)", "description": "Store thing", "type": "write", "operation": "PutItem",
                 "table": "Tab\(number)", "peak_rps": \(rate), "average_rps": 100, "key_attributes": ["id"]}
                """
            }
            return
                "{\"tables\": [\(all.joined(separator: ","))], \"access_patterns\": [\(patterns.joined(separator: ","))]}"
        }
        func found(_ tables: Int, rate: Int) throws -> [String] {
            try GivenDocuments.findings(contract(tables, rate: rate)).filter { $0.rule == "above-quota" }.map(\.message)
        }
        #expect(
            try found(3, rate: 35_000) == [
                "All tables and indexes together are asked for 105,000 write units a second at peak; 80,000 of each are an account's "
                    + "default quota in a region where tables are provisioned."
            ])
        #expect(try found(2, rate: 35_000) == [])
    }
}
