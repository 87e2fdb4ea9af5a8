import ContractEngine
import ContractModel
import Testing

struct ContractReadingTests {
    private func read(_ text: String) throws -> ContractDocument {
        try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch let error as ContractError {
            return error.problems.map(\.message)
        } catch {
            return ["another error"]
        }
    }

    private static let today = """
        {"tables": [{"table": "Books", "type": "single-entity", "source_table": "books", "pk": "isbn", "sk": "year",
          "gsis": [{"index_name": "ByAuthor", "pk": "author_id", "sk": null}],
          "attributes": [
            {"name": "isbn", "type": "S", "source_table": "books", "source_column": "isbn"},
            {"name": "year", "type": "N", "source_table": "books", "source_column": "year"},
            {"name": "author_id", "type": "S", "source_table": "books", "source_column": "author_id"},
            {"name": "author_name", "type": "S", "source_table": "books", "source_column": "author_id",
             "join": {"type": "foreign-key", "target_table": "authors",
              "join_condition": "authors.id = books.author_id", "select_column": "authors.name"},
             "denormalized": true, "justification": "shown in lists"}],
          "satisfies": ["AP1", "AP2"], "estimated_item_size_bytes": 400}]}
        """

    private static let older = """
        [{"table": "Books", "type": "Table", "source_table": "books", "pk": "isbn", "sk": "year",
          "gsis": [{"name": "ByAuthor", "pk": "author_id"}],
          "attributes": {
            "isbn": {"type": "S", "source_table": "books", "source_column": "isbn"},
            "year": {"type": "N", "source_table": "books", "source_column": "year"},
            "author_id": {"type": "S", "source_table": "books", "source_column": "author_id"},
            "author_name": {"type": "S", "source_table": "authors", "source_column": "name",
             "join": {"local_column": "author_id", "source_column": "id"},
             "denormalized": true, "justification": "shown in lists"}},
          "satisfies": ["AP1", "#2"], "estimated_item_size_bytes": 400}]
        """

    @Test func bothDialectsGiveTheSameModel() throws {
        let today = try read(ContractReadingTests.today).contract
        #expect(today == (try read(ContractReadingTests.older).contract))
        #expect(today.tables.first?.sortKey == KeyAttribute(name: "year", type: .N))
        #expect(today.tables.first?.entities.map(\.name) == ["Books"])
    }

    @Test func olderDialectMayKeepAnIndexBesideItsTable() throws {
        let loose = ContractReadingTests.older
            .split(separator: "\"gsis\": [{\"name\": \"ByAuthor\", \"pk\": \"author_id\"}],").joined(separator: "")
            .dropLast()
        let text =
            String(loose)
            + ", {\"table\": \"ByAuthor\", \"type\": \"GSI\", \"source_table\": \"books\", \"pk\": \"author_id\"}]"
        #expect(try read(text).contract == (try read(ContractReadingTests.older).contract))
    }

    /// As teams write them: by its table and its own name, by the table that the source names, or with the source alone.
    @Test(arguments: [
        "\"table\": \"Books\", \"name\": \"ByAuthor\"", "\"table\": \"books\", \"index_name\": \"ByAuthor\"",
        "\"name\": \"ByAuthor\", \"source_table\": \"books\"", "\"name\": \"ByAuthor\", \"source_table\": \"Books\"",
        "\"table\": \"Books\", \"name\": \"ByAuthor\", \"source_table\": \"authors\"",
    ])
    func looseIndexNamesItsTableInMoreThanOneWay(_ names: String) throws {
        let loose = ContractReadingTests.older
            .split(separator: "\"gsis\": [{\"name\": \"ByAuthor\", \"pk\": \"author_id\"}],").joined(separator: "")
            .dropLast()
        let text = String(loose) + ", {\"type\": \"GSI\", \(names), \"pk\": \"author_id\"}]"
        #expect(try read(text).contract == (try read(ContractReadingTests.older).contract))
    }

    @Test func looseIndexOfNoTableSaysWhatToDo() {
        let text =
            ContractReadingTests.older.dropLast()
            + ", {\"type\": \"GSI\", \"table\": \"Loans\", \"name\": \"ByDay\", \"pk\": \"day\"}]"
        #expect(
            problems(String(text)).map {
                $0.contains("the index ByDay names the table Loans, which the contract has not")
            }
                == [true])
    }

    /// The joined table may stand in the join: the attribute's own source is then its own row's, or left out.
    @Test(arguments: ["\"source_table\": \"books\", ", "\"source_table\": \"authors\", ", ""])
    func joinOfTheOlderDialectMayNameItsTable(_ own: String) throws {
        let text = ContractReadingTests.older
            .split(separator: "\"source_table\": \"authors\", ").joined(separator: own)
            .split(separator: "\"join\": {").joined(separator: "\"join\": {\"source_table\": \"authors\", ")
        #expect(try read(text).contract == (try read(ContractReadingTests.older).contract))
        let third = text.split(separator: "\"author_name\": {\"type\": \"S\", \(own)")
            .joined(separator: "\"author_name\": {\"type\": \"S\", \"source_table\": \"people\", ")
        let join = try read(third).contract.tables[0].entities[0].attribute(named: "author_name")?.join
        #expect(join?.steps.isEmpty == true, "nobody can tell how three tables are joined")
    }

    @Test func everyFileTellsAllOfItsProblemsInOneRun() {
        let mapping = """
            AP1: [{table: Nowhere, operation: GetItem}]
            AP2: [{table: B, operation: Fetch}]
            AP3:
              - {table: B, index: None, operation: Query}
              - {table: B, operation: Query, consistency: sometimes}
            """
        do {
            _ = try ContractDocument.read(
                contract: SourceText(
                    name: "c.json",
                    text:
                        "{\"tables\": [{\"table\": \"B\", \"pk\": \"id\", \"attributes\": [{\"name\": \"id\", \"type\": \"S\"}]}]}"
                ),
                patterns: SourceText(name: "p.csv", text: "id,description,rps\n1,A,many\n"),
                mapping: SourceText(name: "m.yaml", text: mapping))
            Issue.record("it was read")
        } catch {
            #expect(
                error.problems.map { "\($0.file):\($0.line ?? 0)" } == [
                    "p.csv:2", "m.yaml:1", "m.yaml:2", "m.yaml:4", "m.yaml:5",
                ])
        }
    }

    @Test func whatHasNoNameTellsWhatElseIsWrongInIt() {
        let text = """
            {"tables": [{"pk": "id", "satisfies": 3, "entities": [
              {"attributes": [{"type": "TEXT"}, {"name": "b"}]}]}]}
            """
        let told = problems(text)
        #expect(told.count == 6 && told[0].contains("a table has no `table`"))
        #expect(told.contains { $0.contains("entity 1 of the unnamed table 1 has no `entity_type`") })
        #expect(told.contains { $0.contains("attribute 1 of the unnamed table 1's entity 1 has no `name`") })
        #expect(told.contains { $0.contains("the attribute number 1 has the type TEXT") })
        #expect(told.contains { $0.contains("the attribute b has no `type`") })
    }

    @Test func olderDialectMayNamePatternsByDescription() throws {
        let text = ContractReadingTests.older.split(separator: "\"#2\"").joined(separator: "\"Books of an author\"")
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: text),
            patterns: SourceText(name: "p.csv", text: "id,description,rps\n1,A book,5\n2,Books of an author,7\n"))
        #expect(document.contract.tables.first?.satisfies == ["AP1", "AP2"])
    }

    @Test func allProblemsAreToldInOneRun() {
        let text = """
            {"tables": [
              {"type": "single-entity", "pk": "id", "attributes": []},
              {"table": "B", "attributes": [{"name": "x", "type": "TEXT"}], "satisfies": "AP1"},
              {"table": "C", "pk": "id", "attributes": {"id": {"type": "S"}}, "gsis": [{"pk": "y"}],
               "estimated_item_size_bytes": -4},
              7]}
            """
        #expect(
            problems(text) == [
                "c.json:2:3: a table has no `table`; add it (at /tables/0)",
                "c.json:3:3: B has no `pk`; add it (at /tables/1)",
                "c.json:3:55: the attribute x has the type TEXT; it must be one of S, N, B, SS, NS, BS, M, L, BOOL, NULL "
                    + "(at /tables/1/attributes/0/type)",
                "c.json:3:78: `satisfies` is a text; it must be an array (at /tables/1/satisfies)",
                "c.json:4:76: an index of C has no name; give it an `index_name` (at /tables/2/gsis/0)",
                "c.json:5:33: `estimated_item_size_bytes` must be a number, and 1 at least "
                    + "(at /tables/2/estimated_item_size_bytes)",
                "c.json:6:3: a table is a number; it must be an object (at /tables/3)",
            ])
    }

    @Test(arguments: [
        ("", "c.json:1:1: this is not valid JSON"), ("[]", "c.json:1:1: the contract has no tables"),
        ("{}", "c.json:1:1: the contract has no `tables`"), ("3", "c.json:1:1: the contract is a number"),
        ("{\"tables\": [", "c.json:1:13: this is not valid JSON"),
        ("{\"tables\": {}}", "c.json:1:12: `tables` is an object; it must be an array"),
    ])
    func oneProblemIsOneSentence(_ text: String, _ start: String) {
        let told = problems(text)
        #expect(told.count == 1 && told[0].hasPrefix(start))
    }

    @Test func namesThatStandTwice() {
        let text = """
            [{"table": "A", "pk": "id", "attributes": [{"name": "id", "type": "S"}, {"name": "id", "type": "S"}]},
             {"table": "A", "pk": "id", "attributes": [{"name": "id", "type": "S"}]}]
            """
        let told = problems(text)
        #expect(told.count == 2)
        #expect(told.allSatisfy { $0.contains("stands twice") })
    }

    @Test func missingFileIsOneSentence() {
        #expect(throws: ContractError.self) { try ContractDocument.load(contractPath: "/nonexistent/contract.json") }
        do {
            _ = try ContractDocument.load(contractPath: "/nonexistent/contract.json")
        } catch {
            #expect(
                error.message == "/nonexistent/contract.json: there is no such file; check the path and its permissions"
            )
        }
    }

    @Test func directoryIsNoContract() {
        do {
            _ = try ContractDocument.load(contractPath: "/")
            Issue.record("a directory was read")
        } catch {
            #expect(error.message.hasPrefix("/: this is not a plain file"))
        }
    }

    @Test func byteOrderMarkIsNoProblem() throws {
        let bytes: [UInt8] = [0xEF, 0xBB, 0xBF] + Array(ContractReadingTests.today.utf8)
        #expect(
            try ContractDocument.read(contract: SourceText(name: "c.json", bytes: bytes)).contract.tables.count == 1)
    }

    @Test func inlinePatternsSayWhatTheyDo() throws {
        let inline = """
            "access_patterns": [{"id": "AP1", "description": "A book", "operation": "GetItem", "rps": {"peak": 9, "average": 3},
              "consistency": "strong", "slo": {"p99_ms": 12.5, "availability": 99.9}},
              {"id": 2, "operations": [{"index": "ByAuthor", "operation": "query", "items_per_call": 20}], "rps": 4}],
            """
        let text = ContractReadingTests.today.split(separator: "\"satisfies\"").joined(
            separator: inline + "\"satisfies\"")
        let document = try read(text)
        #expect(
            document.pattern("AP1")?.operations
                == [PatternOperation(operation: "GetItem", table: "Books", consistency: .strong)])
        #expect(
            document.pattern("AP1")?.serviceLevel == ServiceLevel(p99: .microseconds(12_500), availability: 0.999))
        #expect(document.pattern("AP2")?.operations.first?.itemsPerCall == 20)
        // Strong: 9 × ⌈400/4096⌉ × 1; index: 4 × ⌈20 × 400 / 4096⌉ × 0.5 = 4.
        let plan = capacity(of: document)
        #expect(plan.resource(table: "Books")?.readUnitsPerSecond == 9)
        #expect(plan.resource(table: "Books", index: "ByAuthor")?.readUnitsPerSecond == 4)
        #expect(plan.resource(table: "Books")?.assumptions == [])
    }

    @Test func inlinePatternsMustNameWhatThereIs() {
        let inline =
            "\"access_patterns\": [{\"id\": \"AP1\", \"operation\": \"GetItem\", \"index\": \"ByTitle\"}], \"satisfies\""
        let text = ContractReadingTests.today.split(separator: "\"satisfies\"").joined(separator: inline)
        #expect(
            problems(text) == [
                "c.json:11:23: AP1 names the index ByTitle, which Books has not; name one of ByAuthor "
                    + "(at /tables/0/access_patterns/0)"
            ])
    }
}
