import ContractEngine
import ContractModel
import Testing

/// Work grows as the documents do. No clock: lint counts the tables, kinds of items, patterns and rows that its rules look at.
struct LinearWorkTests {
    /// So many tables, each with an index, two patterns, a section of the model that is wrong, and names that only rules place.
    private func document(tables: Int) throws -> ContractDocument {
        var contract: [String] = []
        var patterns = "| Pattern # | Description | Peak RPS | Type | Key Attributes |\n|---|---|---|---|---|\n"
        var model = ""
        var mapping = "## Mapping\n| Pattern | Tables/Indexes | DynamoDB Operations |\n|---|---|---|\n"
        var interfaces = ""
        for number in 0..<tables {
            let (first, second) = ("AP\(2 * number + 1)", "AP\(2 * number + 2)")
            contract.append(
                """
                {"table": "Shop\(number)", "source_table": "shops_\(number)", "pk": "id", "satisfies": ["\(second)"],
                 "estimated_item_size_bytes": 3, "ttl": "kind",
                 "gsis": [{"index_name": "ByKind", "pk": "kind", "projection": "ALL"}],
                 "attributes": [{"name": "id", "type": "S", "source_column": "id"},
                  {"name": "kind", "type": "S", "source_column": "kind_\(number)", "nullable": true, "unique": true},
                  {"name": "other", "type": "S", "source_column": "other_id", "join": {"type": "self-join",
                   "join_condition": "o.id = shops_\(number).other_id", "join_alias": "o", "select_column": "o.name"}},
                  {"name": "size", "type": "N", "calculation": {"type": "concat", "columns": ["id"]}}]}
                """)
            patterns +=
                "| \(first) | Shop of a kind | 9 | Read | kind_\(number) |\n| \(second) | Change a shop | 5,000 | Write | kind |\n"
            mapping +=
                "| \(first) | Shop\(number)ByKind\(number), Kiosk\(number) | Query |\n| \(second) | Shop\(number) | UpdateItem |\n"
            model +=
                "### Shop\(number) Table\n- **Capacity Planning**: 3 RPS reads, 4 RPS writes\n- `colour` (S): none\n"
            model +=
                "### Shop\(number) ByKind\n- **Access Patterns Served**: \(second)\n- **Capacity Planning**: 3 RPS reads\n"
            interfaces += "interface IShop\(number)Repository {\n  findByOther\(number)(o: string): S;\n}\n"
        }
        return try ContractDocument.read(
            contract: SourceText(name: "c.json", text: "{\"tables\": [\(contract.joined(separator: ","))]}"),
            patterns: SourceText(name: "p.md", text: patterns), model: SourceText(name: "m.md", text: model + mapping),
            interfaces: SourceText(name: "i.ts", text: interfaces))
    }

    @Test func rulesLookAtTwiceAsMuchInTwiceTheDocuments() throws {
        let (small, large) = (try document(tables: 30), try document(tables: 60))
        #expect(Set(lint(large).map(\.rule)).count > 10, "many rules have something to say")
        let (few, many) = (lintVisits(of: small), lintVisits(of: large))
        #expect(few > 1_000)
        #expect(many <= 2 * few, "\(few) visits of 30 tables, \(many) of 60")
    }

    @Test func aDepartureFromTheSchemaIsToldOnceHoweverManyTablesHaveIt() throws {
        func notes(_ tables: Int) throws -> [Finding] {
            let list = (0..<tables).map {
                "{\"table\": \"Tab\($0)\", \"pk\": \"id\", \"attributes\": [{\"name\": \"id\", \"type\": \"S\"}]}"
            }
            let document = try ContractDocument.read(
                contract: SourceText(name: "c.json", text: "{\"tables\": [\(list.joined(separator: ","))]}"))
            return lint(document).filter { $0.rule == "schema-violation" }
        }
        let (few, many) = (try notes(2), try notes(200))
        #expect(few.count > 3 && many.count == few.count)
        #expect(
            many.map(\.message).contains(
                "The contract's schema asks for `type` at every table; Tab0 has none. It is so in 200 places, here first."
            ))
    }

    @Test func placesAreTheSameHoweverManyTablesThereAre() throws {
        let findings = lint(try document(tables: 12)).filter {
            $0.rule == "planning-differs" && $0.subject.hasPrefix("Shop7 ")
        }
        #expect(Set(findings.map(\.line)) == [7 * 6 + 2])
    }
}

/// Documents that are small and would take much room or time.
struct AmplificationTests {
    private func refusal(
        _ contract: String =
            "{\"tables\": [{\"table\": \"T\", \"pk\": \"a\", \"attributes\": [{\"name\": \"a\", \"type\": \"S\"}]}]}",
        model: String? = nil, mapping: String? = nil
    ) -> String {
        do {
            _ = try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract),
                model: model.map { SourceText(name: "m.md", text: $0) },
                mapping: mapping.map { SourceText(name: "o.yaml", text: $0) })
            return ""
        } catch {
            return error.message
        }
    }

    private func list(_ count: Int, _ element: (Int) -> String) -> String {
        (0..<count).map(element).joined(separator: ",")
    }

    @Test func rangesThatNameMoreThanAnyApplicationHasAreRefused() {
        let claims = list(300) { "\"AP\($0 * 1_000 + 1)-\($0 * 1_000 + 999)\"" }
        let contract =
            "{\"tables\": [{\"table\": \"T\", \"pk\": \"a\", \"attributes\": [], \"satisfies\": [\(claims)]}]}"
        #expect(refusal(contract).contains("claims more than 200,000 patterns"))
        let rows = (0..<300).map { "| AP\($0 * 1_000 + 1)-\($0 * 1_000 + 999) | T | Query |" }.joined(separator: "\n")
        let table = "| Pattern | Table | Operation |\n|---|---|---|\n" + rows
        #expect(refusal(model: table).contains("names more than 200,000 patterns"))
        let served = (0..<300).map { "- **Access Patterns Served**: AP\($0 * 1_000 + 1)-\($0 * 1_000 + 999)" }
        #expect(refusal(model: "### T Table\n" + served.joined(separator: "\n")).contains("names more than 200,000"))
        let overlay = (0..<300).map { "AP\($0 * 1_000 + 1)-\($0 * 1_000 + 999): {table: T}" }.joined(separator: "\n")
        #expect(refusal(mapping: overlay).contains("has more than 200,000 patterns"))
    }

    @Test func moreThanATableCanHoldIsRefused() {
        let attributes = list(2_001) { "{\"name\": \"a\($0)\", \"type\": \"S\"}" }
        #expect(
            refusal("{\"tables\": [{\"table\": \"T\", \"pk\": \"a0\", \"attributes\": [\(attributes)]}]}")
                .contains("T has 2001 attributes"))
        let indexes = list(101) { "{\"index_name\": \"I\($0)\", \"pk\": \"a\"}" }
        #expect(
            refusal(
                "{\"tables\": [{\"table\": \"T\", \"pk\": \"a\", \"gsis\": [\(indexes)], \"attributes\": [{\"name\": \"a\", \"type\": \"S\"}]}]}"
            ).contains("T has 101 indexes"))
        let entities = list(251) { "{\"entity_type\": \"E\($0)\", \"attributes\": []}" }
        #expect(
            refusal("{\"tables\": [{\"table\": \"T\", \"pk\": \"a\", \"entities\": [\(entities)]}]}").contains(
                "T has 251 entities"))
        let some = list(250) { "{\"entity_type\": \"E\($0)\", \"attributes\": []}" }
        let shared = list(500) { "{\"name\": \"a\($0)\", \"type\": \"S\"}" }
        #expect(
            refusal(
                "{\"tables\": [{\"table\": \"T\", \"pk\": \"a\", \"attributes\": [\(shared)], \"entities\": [\(some)]}]}"
            )
            .contains("shares 500 attributes with 250 entities"))
    }

    @Test func manyKeyTemplatesOfOneEntityAreReadOnce() throws {
        let templates = list(2_000) { "\"gsi\($0)_pk_template\": \"X#{a}\", \"gsi\($0)_sk_template\": \"Y\"" }
        let text =
            "{\"tables\": [{\"table\": \"T\", \"pk\": \"a\", \"entities\": [{\"entity_type\": \"E\", \(templates), \"attributes\": [{\"name\": \"a\", \"type\": \"S\"}]}]}]}"
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        let keys = document.contract.tables[0].entities[0].indexKeys
        #expect(keys.count == 2_000 && keys.allSatisfy { $0.partitionKey != nil && $0.sortKey != nil })
    }
}
