import ContractEngine
import ContractModel
import Testing

/// Unique values: when `lint` speaks of them, and what `contract capacity` charges for keeping them.
struct UniqueConstraintTests {
    private static func document(
        constraints: String = #"[{"attributes": ["email"], "lookup_table": "Users", "pk_template": "EMAIL#{email}"}]"#,
        email: String = "", operation: String = "PutItem", summary: String = "Save a user",
        others: String = ""
    ) throws -> ContractDocument {
        let contract = """
            {"tables": [{"table": "Users", "type": "single-entity", "source_table": "users", "pk": "id", "sk": "kind",
              "estimated_item_size_bytes": 3000, "unique_constraints": \(constraints), "attributes": [
                {"name": "id", "type": "S", "source_table": "users", "source_column": "id"},
                {"name": "kind", "type": "S", "source_table": "users", "source_column": "kind"},
                {"name": "email", "type": "S", \(email) "source_table": "users", "source_column": "email"}]}\(others)],
             "access_patterns": [{"id": "AP1", "description": "\(summary)", "rps": {"peak": 10, "average": 5},
               "key_attributes": ["id", "kind"], "operations": [{"operation": "\(operation)", "table": "Users"}]}]}
            """
        return try ContractDocument.read(contract: SourceText(name: "contract.json", text: contract))
    }

    private static let places = """
        , {"table": "Places", "type": "single-entity", "source_table": "places", "pk": "place",
          "estimated_item_size_bytes": 100, "attributes": [
            {"name": "place", "type": "S", "source_table": "places", "source_column": "place"}]}
        """

    // MARK: lint

    private func told(_ document: ContractDocument) -> [String] {
        lint(document).filter { $0.rule == "unique-without-lookup" }.map(\.message)
    }

    @Test func whatIsDeclaredAndServedIsNoFinding() throws {
        #expect(told(try Self.document()) == [])
        #expect(told(try Self.document(email: #""unique": true,"#)) == [])
        let elsewhere = #"[{"attributes": ["email"], "lookup_table": "Places", "pk_template": "{email}"}]"#
        #expect(told(try Self.document(constraints: elsewhere, others: Self.places)) == [])
        // Where no table is named it is the owner's own.
        let beside = try Self.document(constraints: #"[{"attributes": ["email"], "pk_template": "EMAIL#{email}"}]"#)
        #expect(told(beside) == [])
        #expect(try beside.contract == Self.document().contract)
        // The primary key keeps itself.
        #expect(told(try Self.document(constraints: #"[["id", "kind"]]"#)) == [])
    }

    /// A read by a unique value is told that its lookup item is there, and that it is not what is looked for.
    @Test func aScanForAUniqueValueNamesItsLookupItem() throws {
        func findings(_ constraints: String) throws -> [Finding] {
            let contract = """
                {"tables": [{"table": "Users", "type": "single-entity", "source_table": "users", "pk": "id", "sk": "kind",
                  "unique_constraints": \(constraints), "attributes": [
                    {"name": "id", "type": "S"}, {"name": "kind", "type": "S"}, {"name": "email", "type": "S"}]}],
                 "access_patterns": [{"id": "AP1", "description": "User by email", "rps": 2, "key_attributes": ["email"],
                   "operations": [{"operation": "GetItem", "table": "Users"}]}]}
                """
            return lint(try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))).filter {
                $0.rule == "pattern-needs-scan"
            }
        }
        let kept = try findings(
            #"[{"attributes": ["email"], "lookup_table": "Users", "pk_template": "EMAIL#{email}"}]"#)
        #expect(kept.count == 1)
        #expect(
            kept.first?.message.contains("Its lookup item EMAIL#{email} in Users is found by it, and holds no Users")
                == true)
        #expect(kept.first?.advice.contains("read the lookup item and then") == true)
        #expect(try findings("[]").first?.message.contains("lookup item") == false)
    }

    @Test func fieldsThatNothingKnowsAreNamed() throws {
        let misspelt = #"[{"attributes": ["email"], "lookup_tabel": "Users", "pk_template": "EMAIL#{email}"}]"#
        let found = lint(try Self.document(constraints: misspelt)).filter { $0.rule == "unknown-field" }
        #expect(found.count == 1 && found[0].message.contains("lookup_tabel"), "\(found)")
    }

    @Test(arguments: [
        (#"["email"]"#, "no lookup item keeps it so"),
        (#"[{"attributes": ["email"], "lookup_table": "Users"}]"#, "has no key."),
        (#"[{"attributes": ["email"], "lookup_table": "Users", "pk_template": "EMAIL#{id}"}]"#, "leaves email out"),
        (
            #"[{"attributes": ["email"], "lookup_table": "Users", "pk_template": "{kind}#{email}"}]"#,
            "has kind in its key besides"
        ),
        (
            #"[{"attributes": ["email"], "lookup_table": "Nowhere", "pk_template": "{email}"}]"#,
            "which the contract has not"
        ),
    ])
    func whatNoLookupItemKeepsIsTold(constraints: String, words: String) throws {
        let messages = told(try Self.document(constraints: constraints))
        #expect(messages.count == 1 && messages[0].contains(words), "\(messages)")
    }

    @Test func anAttributeMarkedUniqueWithoutAConstraintIsTold() throws {
        #expect(told(try Self.document(constraints: "[]", email: #""unique": true,"#)).count == 1)
    }

    // MARK: contract capacity

    private func charges(_ document: ContractDocument, _ assumptions: CapacityAssumptions = CapacityAssumptions())
        -> [String]
    {
        capacity(of: document, assuming: assumptions).patterns[0].charges.map { charge in
            let units =
                charge.readUnitsPerCall > 0 ? "\(charge.readUnitsPerCall) read" : "\(charge.writeUnitsPerCall) write"
            return "\(charge.table) \(charge.operation) \(units): \(charge.formula)"
        }
    }

    @Test func creatingIsATransactionWithItsLookupItem() throws {
        #expect(
            charges(try Self.document(summary: "Register a user")) == [
                "Users TransactWriteItems 6.0 write: ⌈3,000 B / 1 KB⌉ × 2",
                "Users TransactWriteItems 2.0 write: 1 lookup item × 1 × 2",
            ])
    }

    @Test func storingInPlaceReadsFirst() throws {
        let document = try Self.document()
        #expect(
            charges(document) == [
                "Users TransactWriteItems 6.0 write: ⌈3,000 B / 1 KB⌉ × 2",
                "Users GetItem 1.0 read: ⌈3,000 B / 4 KB⌉ × 1",
                "Users TransactWriteItems 2.0 write: 1 lookup item × 1 × 2",
            ])
        let plan = capacity(of: document)
        #expect(plan.patterns[0].assumptions.contains { $0.text.contains("takes a place for email") })
        // One transaction is one call of the table.
        #expect(plan.resources[0].writeCallsPerSecond == 10 && plan.resources[0].writeUnitsPerSecond == 80)
        #expect(plan.resources[0].readUnitsPerSecond == 10)
    }

    @Test func deletingGivesThePlaceUp() throws {
        #expect(
            charges(try Self.document(operation: "DeleteItem", summary: "Delete a user")) == [
                "Users TransactWriteItems 6.0 write: ⌈3,000 B / 1 KB⌉ × 2",
                "Users GetItem 1.0 read: ⌈3,000 B / 4 KB⌉ × 1",
                "Users TransactWriteItems 2.0 write: 1 lookup item × 1 × 2",
            ])
    }

    @Test func onlyAnUpdateOfTheValueExchangesPlaces() throws {
        let other = try Self.document(operation: "UpdateItem", summary: "Block a user")
        #expect(charges(other) == ["Users UpdateItem 3.0 write: ⌈3,000 B / 1 KB⌉"])
        let exchanged = [
            "Users TransactWriteItems 6.0 write: ⌈3,000 B / 1 KB⌉ × 2",
            "Users GetItem 2.0 read: 2 × ⌈3,000 B / 4 KB⌉ × 1",
            "Users TransactWriteItems 4.0 write: 2 lookup items × 1 × 2",
        ]
        #expect(charges(try Self.document(operation: "UpdateItem", summary: "Change a user's email")) == exchanged)
        var assumptions = CapacityAssumptions()
        assumptions.changedAttributes["AP1"] = ["email"]
        #expect(charges(other, assumptions) == exchanged)
    }

    /// A transaction writes lookup items only where its item comes, goes or changes its unique value; and it is said.
    @Test(arguments: [
        ("Move money between two users", 0, ""), ("Refund a user", 0, ""),
        ("Change the email of a user", 2, "exchanges"),
        ("Register a user", 1, "puts a new Users"), ("Delete a user", 1, "deletes the Users"),
        ("Nightly run over users", 1, "no document says what its transaction does"),
    ])
    func aTransactionIsChargedForThePlacesThatItWrites(summary: String, places: Int, words: String) throws {
        let elsewhere = #"[{"attributes": ["email"], "lookup_table": "Places", "pk_template": "{email}"}]"#
        let plan = capacity(
            of: try Self.document(
                constraints: elsewhere, operation: "TransactWriteItems", summary: summary, others: Self.places))
        #expect(plan.resource(table: "Places")?.writeUnitsPerSecond ?? 0 == Double(places) * 20)
        let told = plan.patterns[0].assumptions.map(\.text).filter {
            $0.contains("transaction") && $0.contains("email")
        }
        #expect(told.count == (places == 0 ? 0 : 1) && told.allSatisfy { $0.contains(words) }, "\(told)")
    }

    @Test func aTableOfLookupItemsIsChargedForThem() throws {
        let elsewhere = #"[{"attributes": ["email"], "lookup_table": "Places", "pk_template": "{email}"}]"#
        let document = try Self.document(
            constraints: elsewhere, operation: "TransactWriteItems", summary: "Register", others: Self.places)
        let plan = capacity(of: document)
        #expect(plan.resource(table: "Places")?.writeUnitsPerSecond == 20)
        #expect(plan.resource(table: "Users")?.writeUnitsPerSecond == 60)
    }

    @Test func aNoteThatSetsTheUniqueValueChangesIt() throws {
        func operations(_ notes: String) throws -> [String] {
            let patterns = """
                | Pattern | Description | Peak RPS | Type | Operation | Table | Key Attributes | Notes |
                |---|---|---|---|---|---|---|---|
                | AP1 | Update the contact | 1 | Write | UpdateItem | Users | id, kind | \(notes) |
                """
            let contract = """
                {"tables": [{"table": "Users", "source_table": "users", "pk": "id", "sk": "kind",
                  "unique_constraints": [{"attributes": ["email"], "lookup_table": "Users", "pk_template": "EMAIL#{email}"}],
                  "attributes": [{"name": "id", "type": "S"}, {"name": "kind", "type": "S"}, {"name": "email", "type": "S"}]}]}
                """
            let document = try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns)
            )
            return capacity(of: document).pattern("AP1")?.charges.map(\.operation) ?? []
        }
        #expect(try operations("SET email").contains("TransactWriteItems"))
        #expect(try !operations("SET phone").contains("TransactWriteItems"))
    }

    /// What changes may be called by the column that the attribute is read from.
    @Test func aChangeOfTheColumnIsOneOfTheUniqueValue() throws {
        let text = """
            {"tables": [
             {"table": "Users", "type": "single-entity", "source_table": "users", "pk": "id",
              "unique_constraints": [{"attributes": ["email"], "lookup_table": "Places", "pk_template": "{email}"}],
              "attributes": [{"name": "id", "type": "S", "source_table": "users", "source_column": "id"},
               {"name": "email", "type": "S", "source_table": "users", "source_column": "mail"},
               {"name": "nick", "type": "S", "source_table": "users", "source_column": "nick"}]},
             {"table": "Places", "pk": "place", "attributes": [{"name": "place", "type": "S"}]}],
             "access_patterns": [{"id": "AP1", "description": "Change a user", "rps": 1, "operation": "UpdateItem",
              "table": "Users", "key_attributes": ["id"]}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: text))
        func places(_ changed: String) throws -> Int? {
            var assumptions = CapacityAssumptions()
            try assumptions.set("changes.AP1", to: changed)
            return capacity(of: document, assuming: assumptions).pattern("AP1")?.charges.count { $0.table == "Places" }
        }
        #expect(try places("mail") == 1 && places("email") == 1)
        #expect(try places("nick") == 0)
    }
}
