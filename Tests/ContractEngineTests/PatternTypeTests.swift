import ContractEngine
import ContractModel
import Testing

/// Whether a pattern reads or writes: what its table says under whatever heading, else what its description says.
struct PatternTypeTests {
    private func types(_ document: ContractDocument) -> [PatternType] { document.patterns.map(\.type) }

    @Test(arguments: [
        "Type", "Access Type", "Op Type", "Operation Type", "Request Type", "Mode", "Op", "Access", "Read or Write",
        "Read / Write", "I/O", "Direction", "What kind",
    ])
    func theColumnOfTypesIsRecognisedByItsHeadingOrItsCells(heading: String) throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1", "AP2"),
            patterns: """
                | ID | Description | Peak RPS | \(heading) | Key Attributes |
                |---|---|---|---|---|
                | AP1 | Order intake | 10 | Write | customer_id, order_no |
                | AP2 | Order page | 10 | Read | customer_id, order_no |
                """)
        #expect(types(document) == [.write, .read])
        #expect(document.patterns.map { $0.operations.map(\.operation) } == [["UpdateItem"], ["Query"]])
        #expect(!GivenDocuments.guesses(document).contains { $0.contains("type") || $0.contains("not read") })
    }

    @Test(arguments: [
        ("reads", PatternType.read), ("Writes", .write), ("Mutation", .write), ("Point read", .read),
        ("Batch write", .write), ("Write (conditional)", .write), ("GetItem", .read), ("PutItem", .write),
        ("Read + Write", .write), ("Lookup", .read), ("Upsert", .write), ("read-only", .read),
    ])
    func wordsForATypeAreRead(word: String, type: PatternType) throws {
        let table = "| ID | Peak RPS | Type |\n|---|---|---|\n| AP1 | 5 | \(word) |\n"
        #expect(types(try GivenDocuments.read(GivenDocuments.orders("AP1"), patterns: table)) == [type])
        let tree = #"[{"id": "AP1", "peak_rps": 5, "type": "\#(word)"}]"#
        #expect(types(try GivenDocuments.read(GivenDocuments.orders("AP1"), patterns: tree, as: "p.json")) == [type])
    }

    @Test(arguments: [
        ("\"Rd\"", "the type of AP1 is \"Rd\"; it must be Read, Write or None"),
        ("7", "the type of AP1 is a number; it must be Read, Write or None"),
        ("[\"read\"]", "the type of AP1 is an array; it must be Read, Write or None"),
    ])
    func aTypeInATreeThatIsNoneIsRefused(value: String, message: String) {
        let refusal = GivenDocuments.refusal(
            GivenDocuments.orders("AP1"), patterns: "[\n{\"id\": \"AP1\", \"peak_rps\": 5, \"type\": \(value)}]",
            as: "p.json")
        #expect(refusal == "p.json:2:38: \(message) (at /0/type)")
    }

    @Test(arguments: [
        ("Create order", PatternType.write), ("Store order", .write), ("Cancel order", .write),
        ("Record payment of order", .write), ("Approve order", .write), ("Submit order", .write),
        ("Acknowledge alert", .write), ("Order creation", .write), ("User registration", .write),
        ("Get all orders of a customer", .read), ("Show order", .read), ("Orders with a status", .read),
        ("Order by id", .read), ("Check whether an order was created", .read), ("Get last update", .read),
        ("Order an item", .write), ("Post details", .read), ("Post a comment", .write),
    ])
    func withoutATypeTheVerbOfTheDescriptionTells(summary: String, type: PatternType) throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Description | Peak RPS | Key Attributes |
                |---|---|---|---|
                | AP1 | \(summary) | 10 | customer_id, order_no |
                """)
        #expect(types(document) == [type])
        #expect(
            GivenDocuments.guesses(document).contains { $0.hasPrefix("no document says whether it reads or writes") })
        let isCharged = capacity(of: document).patterns[0].charges.contains { $0.writeUnitsPerCall > 0 }
        #expect(isCharged == (type == .write))
    }

    @Test func whatTheMappingDoesTellsTheTypeBeforeTheDescription() throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1", "AP2"),
            patterns:
                "| ID | Description | Peak RPS |\n|---|---|---|\n| AP1 | Order intake | 5 |\n| AP2 | Add up | 5 |\n",
            model: """
                | Pattern | Tables/Indexes | DynamoDB Operations |
                |---|---|---|
                | AP1 | Orders | PutItem |
                | AP2 | Orders | Query |
                """)
        #expect(types(document) == [.write, .read])
        #expect(!GivenDocuments.guesses(document).contains { $0.contains("reads or writes") })
    }

    @Test func aTableThatGivesNoTypeLeavesTheContractsOwn() throws {
        let contract =
            GivenDocuments.orders("AP1").dropLast()
            + #", "access_patterns": [{"id": "AP1", "description": "Order intake", "type": "write"}]}"#
        let document = try GivenDocuments.read(
            String(contract), patterns: "| ID | Peak RPS |\n|---|---|\n| AP1 | 5 |\n")
        #expect(types(document) == [.write])
    }

    @Test func columnsThatAreNotReadAreTold() throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Description | Peak RPS | Type | Owner | Access | Cache TTL |
                |---|---|---|---|---|---|---|
                | AP1 | Get order | 10 | Read | Ann | public | 5 |
                """)
        #expect(
            Guess.readings(in: document).map { "\($0.place ?? ""): \($0.text)" } == [
                "p.md:1: of this table the columns \"Owner\", \"Access\" and \"Cache TTL\" are not read"
            ])
    }

    @Test(arguments: [
        ("Partition Key", "customer_id"), ("Input", "customer_id, order_no"), ("Parameters", "customer_id"),
        ("Inputs", "customer_id"), ("Lookup Key", "customer_id"),
    ])
    func whatACallerKnowsIsReadUnderOtherHeadings(heading: String, cell: String) throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns: "| ID | Peak RPS | Type | \(heading) |\n|---|---|---|---|\n| AP1 | 5 | Read | \(cell) |\n")
        #expect(document.patterns[0].keyAttributes.joined(separator: ", ") == cell)
    }

    @Test func keysThatAreNoNamesAreToldAsNotRead() throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Peak RPS | Type | Partition Key | Sort Key |
                |---|---|---|---|---|
                | AP1 | 5 | Read | PK=USER#{id} | SK |
                """)
        #expect(document.patterns[0].keyAttributes == [])
        #expect(
            Guess.readings(in: document).map(\.text) == [
                "of this table the columns \"Partition Key\" and \"Sort Key\" are not read"
            ])
    }

    @Test func partitionAndSortKeyAreReadTogether() throws {
        let document = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Peak RPS | Type | Partition Key | Sort Key |
                |---|---|---|---|---|
                | AP1 | 5 | Read | customer_id | order_no |
                """)
        #expect(document.patterns[0].keyAttributes == ["customer_id", "order_no"])
    }

    @Test(arguments: [
        ("Read", "PutItem", "AP1 (Order) is called a read, and its operation PutItem writes."),
        ("Write", "GetItem", "AP1 (Order) is called a write, and its operation GetItem reads."),
        ("Read", "GetItem", nil), ("Write", "PutItem", nil), ("Write", "Query + UpdateItem", nil),
        ("Read/Write", "GetItem", nil), ("", "PutItem", nil),
    ])
    func theTypeIsHeldAgainstTheOperation(type: String, operation: String, message: String?) throws {
        let found = try GivenDocuments.findings(
            GivenDocuments.orders("AP1"),
            patterns: """
                | ID | Description | Peak RPS | Type | Operation | Key Attributes |
                |---|---|---|---|---|---|
                | AP1 | Order | 5 | \(type) | \(operation) | customer_id, order_no |
                """
        ).filter { $0.rule == "type-differs-from-operation" }
        #expect(found.map(\.message) == [message].compactMap(\.self))
    }
}
