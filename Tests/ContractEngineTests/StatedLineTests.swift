import ContractEngine
import ContractModel
import Testing

/// Documents that are right: what they say in lines of several numbers, of tables and their indexes, and in rows without a mapping.
struct StatedLineTests {
    private static let contract = """
        {"tables": [
         {"table": "Posts", "type": "single-entity", "source_table": "posts", "pk": "author_id", "sk": "published_at#post_id",
          "estimated_item_size_bytes": 3000, "attributes": [
           {"name": "author_id", "type": "S", "source_table": "posts", "source_column": "author_id"},
           {"name": "post_id", "type": "S", "source_table": "posts", "source_column": "id"},
           {"name": "published_at", "type": "S", "source_table": "posts", "source_column": "published_at"},
           {"name": "title", "type": "S", "source_table": "posts", "source_column": "title"}],
          "gsis": [{"index_name": "ByPost", "pk": "post_id", "projection": "ALL"}],
          "satisfies": ["AP1", "AP2", "AP3", "AP4"]},
         {"table": "Notes", "type": "single-entity", "source_table": "notes", "pk": "note_id", "attributes": [
           {"name": "note_id", "type": "S", "source_table": "notes", "source_column": "id"}]}
        ]}
        """

    private func findings(
        _ prose: String = "", patterns: String? = nil, model: String? = nil, mapping: String? = nil
    ) throws -> [Finding] {
        let table = """
            | ID | Description | Peak RPS | Type | Key Attributes | Operation | Table |
            |---|---|---|---|---|---|---|
            | AP1 | Posts of an author | 300 | Read | author_id | Query | Posts |
            | AP2 | Get a post | 140 | Read | post_id | Query | Posts.ByPost |
            | AP3 | Publish | 20 | Write | author_id, published_at, post_id | PutItem | Posts |
            | AP4 | Edit | 3 | Write | author_id, published_at, post_id | UpdateItem | Posts |

            """
        return lint(
            try ContractDocument.read(
                contract: SourceText(name: "c.json", text: Self.contract),
                patterns: SourceText(name: "p.md", text: (patterns ?? table) + "\n" + prose + "\n"),
                model: model.map { SourceText(name: "m.md", text: $0) },
                mapping: mapping.map { SourceText(name: "o.yaml", text: $0) })
        ).filter { $0.rule != "schema-violation" }
    }

    @Test(arguments: [
        "Reads (440 RPS): AP1, AP2. Writes (23 RPS): AP3, AP4.", "AP1 300 RPS, AP2 140 RPS",
        "AP1 under 10 ms for 300 RPS, AP2 under 20 ms.", "AP2 had 90 RPS in 2024 and will have 200 RPS in 2027",
        "440 RPS (AP1 (a list), AP2)", "23 RPS for AP3 and AP4", "AP3-4 have 23 RPS",
        "Pattern #1 and pattern #2: 440 RPS",
    ])
    func linesThatAreRightGiveNothing(line: String) throws {
        #expect(try findings(line).map(\.message) == [])
    }

    @Test(arguments: [
        ("Reads (400 RPS): AP1, AP2. Writes (23 RPS): AP3, AP4.", "AP1 and AP2"),
        ("Reads (440 RPS): AP1, AP2; writes (50 RPS): AP3, AP4.", "AP3 and AP4"), ("AP3-4 have 90 RPS", "AP3 and AP4"),
        ("90 RPS (AP1 (a list), AP2)", "AP1 and AP2"),
    ])
    func aLineThatIsWrongIsToldOfItsOwnPatterns(line: String, subject: String) throws {
        let found = try findings(line)
        #expect(found.map(\.rule) == ["breakdown-differs"] && found.map(\.subject) == [subject])
    }

    @Test(arguments: ["300 RPS reads", "440 RPS reads"])
    func aTableIsPlannedWithOrWithoutWhatReadsItsIndexes(planning: String) throws {
        let model = "### Posts Table\n- **Capacity Planning**: \(planning), 23 RPS writes\n"
        #expect(try findings(model: model).map(\.message) == [])
        let wrong = try findings(model: model.replacing("\(planning),", with: "370 RPS reads,"))
        #expect(wrong.map(\.rule) == ["planning-differs"])
        #expect(
            wrong.first?.message
                == "Posts is planned for 370 reads a second, while the patterns that it `satisfies` read it 440 times a second; "
                + "its own calls, without those of its indexes, are 300.")
    }

    @Test func linesOfSeveralRatesAreNotAddedUp() throws {
        #expect(try findings("## Reads: 300 RPS\n\n- Peak 200 RPS\n- Others 50 RPS").map(\.rule) == ["sum-differs"])
        #expect(try findings("## Reads: 300 RPS\n\n- Peak 200 RPS, later 100 RPS\n- Others 50 RPS").map(\.rule) == [])
    }

    /// A plan of nothing is no plan of the table's own calls.
    @Test func aTableThatIsPlannedForNothingIsTold() throws {
        let contract = Self.contract.replacing(
            "\"pk\": \"note_id\",", with: "\"pk\": \"note_id\", \"satisfies\": [\"AP1\"],")
        let patterns = "id,description,peak rps,operation,table,key attributes\nAP1,Posts,300,Query,Posts,author_id\n"
        let found = lint(
            try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                patterns: SourceText(name: "p.csv", text: patterns),
                model: SourceText(
                    name: "m.md", text: "### Notes Table\n- **Capacity Planning**: 0 RPS reads, 0 RPS writes\n")))
        #expect(found.filter { $0.rule == "planning-differs" }.map(\.subject) == ["Notes reads"])
    }

    @Test func whatSaysWhereAPatternWorksIsNamedWithItsLine() throws {
        let row = """
            | ID | Peak RPS | Key Attributes | Operation | Table |
            |---|---|---|---|---|
            | AP1 | 3 | note_id | GetItem | Notes |
            | AP9 | 3 | note_id | GetItem | Notes |
            """
        let found = try findings(patterns: row).filter { $0.rule == "satisfies-mapping-disagree" }
        #expect(found.map { "\($0.subject) \($0.file):\($0.line)" } == ["AP1 c.json:9", "AP9 p.md:4"])
        #expect(
            found.last?.message == "No table claims AP9, while its row in p.md places it on Notes.")
        #expect(!found.contains { ($0.message + $0.advice).contains("mapping") })
        let overlaid = try findings(patterns: row, mapping: "\nAP9: {operation: GetItem, table: Notes}\n").filter {
            $0.subject == "AP9" && $0.rule == "satisfies-mapping-disagree"
        }
        #expect(overlaid.map { "\($0.file):\($0.line)" } == ["o.yaml:2"])
        #expect(overlaid.first?.message == "No table claims AP9, while the overlay places it on Notes.")
    }

    @Test func aQueryWithoutThePartitionKeyOfItsTableOrIndexIsAnError() throws {
        let rows = """
            | ID | Peak RPS | Key Attributes | Operation | Table |
            |---|---|---|---|---|
            | AP1 | 3 | published_at | Query | Posts |
            | AP2 | 3 | title | Query | Posts.ByPost |
            | AP3 | 3 | author_id | Query | Posts |
            | AP4 | 3 | title | Scan | Posts |
            """
        let found = try findings(patterns: rows)
        #expect(
            found.map { "\($0.rule) \($0.severity) \($0.file):\($0.line)" } == [
                "query-without-partition-key error p.md:3", "query-without-partition-key error p.md:4",
                "pattern-needs-scan warning p.md:6",
            ])
        #expect(
            found.first?.message
                == "AP1 is Query on Posts by published_at, without its partition key author_id: that is no Query, only a Scan "
                + "could do it.")
    }

    @Test func anEmptyListOfAnOverlayIsRefused() {
        let error = #expect(throws: ContractError.self) { try findings(mapping: "AP1: []\nAP2: []\n") }
        #expect(
            error?.message
                == "o.yaml:1:6: AP1 has no operations here, which says nothing; name them, or take it out (at /AP1)\n"
                + "o.yaml:2:6: AP2 has no operations here, which says nothing; name them, or take it out (at /AP2)")
    }

    @Test func aMethodsLabelTellsWhatItLooksUpBy() throws {
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract),
            interfaces: SourceText(
                name: "i.swift",
                text: "public protocol PostRepository {\n  func find(byTitle title: String) async throws -> [Post]\n"
                    + "  func find(byAuthor id: String) -> [Post]\n  func find(by id: String) -> Post?\n}\n"))
        let found = lint(document).filter { $0.rule == "method-needs-scan" }
        #expect(found.map { "\($0.subject) \($0.line)" } == ["find(byTitle:) 2"])
    }

    @Test(arguments: [
        ("", ["join-null-unsaid", "index-key-can-be-absent"]), (#", "nullable": false"#, []),
        (#", "null_value": "NOBODY""#, []), (#", "nullable": true"#, ["index-key-can-be-absent"]),
    ])
    func aJoinThatFillsAnIndexesKeySaysWhatIsThereWithoutARow(more: String, rules: [String]) throws {
        let text = """
            [{"type": "Table", "table": "Reviews", "source_table": "reviews", "pk": "product_id", "sk": "day",
              "attributes": {
               "product_id": {"type": "S", "source_table": "reviews", "source_column": "product_id"},
               "day": {"type": "S", "source_table": "reviews", "source_column": "day"},
               "writer": {"type": "S", "source_table": "users", "source_column": "username", "denormalized": true,
                "justification": "Shown beside each", "join": {"local_column": "user_id", "source_column": "id"}\(more)}
              }, "satisfies": ["AP1"]},
             {"type": "GSI", "table": "Reviews", "name": "ByWriter", "pk": "writer", "sk": "day", "projection": "ALL",
              "satisfies": ["AP2"]}]
            """
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: text),
            patterns: SourceText(
                name: "p.csv",
                text:
                    "id,description,peak rps,key attributes\nAP1,Reviews of a product,5,product_id\nAP2,By writer,2,writer\n"
            ))
        let joins = ["join-null-unsaid", "index-key-can-be-absent"]
        #expect(Set(lint(document).map(\.rule).filter(joins.contains)) == Set(rules))
    }
}
