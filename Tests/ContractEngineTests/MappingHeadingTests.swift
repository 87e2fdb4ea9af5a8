import ContractEngine
import ContractModel
import Testing

/// Columns of the model's mapping, whose cells tell what they are whatever they are called.
struct MappingHeadingTests {
    private static let header = "| Pattern | Description | Key Attributes | Peak RPS | Type |\n|---|---|---|---|---|\n"

    private func document(_ mapping: String, contract: String = GivenDocuments.orders()) throws -> ContractDocument {
        try GivenDocuments.read(
            contract,
            patterns: Self.header + "| AP1 | Get an order | customer_id, order_no | 10 | Read |\n"
                + "| AP2 | Orders of a status | status | 30 | Read |\n",
            model: "## Mapping\n\n\(mapping)\n")
    }

    private func places(_ document: ContractDocument) -> [String] {
        document.patterns.flatMap(\.operations).map { operation in
            "\(operation.operation) \(operation.table)\(operation.index.map { ".\($0)" } ?? "")"
        }
    }

    // MARK: Indexes beside tables

    @Test(arguments: [
        "Index", "GSI", "Index used", "Secondary index", "Index name", "GSI/Index", "Index (if any)", "Via",
    ])
    func anIndexBesideItsTableIsRead(heading: String) throws {
        let read = try document(
            "| Pattern | Table | \(heading) | Operation |\n|---|---|---|---|\n| AP1 | Orders | - | GetItem |\n"
                + "| AP2 | Orders | ByStatus | Query |")
        #expect(places(read) == ["GetItem Orders", "Query Orders.ByStatus"])
        #expect(lint(read).filter { ["operation-lacks-key", "index-unread"].contains($0.rule) }.isEmpty)
        let turned = try document(
            "| Pattern | \(heading) | Table | Operation |\n|---|---|---|---|\n| AP1 | - | Orders | GetItem |\n"
                + "| AP2 | ByStatus | Orders | Query |")
        #expect(places(turned) == places(read))
    }

    @Test(arguments: [
        "-", "–", "", "(table)", "base table", "Base table", "n/a", "N/A", "none", "main table", "primary key", "Table",
        "Primary key (customer_id)", "no index",
    ])
    func aCellThatNamesNoIndexMeansTheTable(cell: String) throws {
        let read = try document(
            "| Pattern | Table | Index | Operation |\n|---|---|---|---|\n| AP1 | Orders | \(cell) | GetItem |\n"
                + "| AP2 | Orders | ByStatus | Query |")
        #expect(places(read) == ["GetItem Orders", "Query Orders.ByStatus"])
        #expect(!lint(read).contains { $0.rule == "mapping-unknown-name" })
        let own = try GivenDocuments.read(
            GivenDocuments.orders(),
            patterns: "| AP | Description | Peak RPS | Table | Index | Operation |\n|---|---|---|---|---|---|\n"
                + "| AP1 | Get it | 1 | Orders | \(cell) | GetItem |\n")
        #expect(places(own) == ["GetItem Orders"])
    }

    @Test(arguments: ["Orders.ByStatus", "ByStatus GSI", "`ByStatus` (status)", "ByStatus on Orders"])
    func anIndexIsNamedAsPeopleDo(cell: String) throws {
        let read = try document(
            "| Pattern | Table | Index | Operation |\n|---|---|---|---|\n| AP2 | Orders | \(cell) | Query |")
        #expect(places(read).contains("Query Orders.ByStatus"))
    }

    @Test func anIndexThatTheTableHasNotIsToldAndNotLeftOut() throws {
        let read = try document(
            "| Pattern | Table | Index | Operation |\n|---|---|---|---|\n| AP2 | Orders | ByColour | Query |")
        #expect(lint(read).contains { $0.rule == "mapping-unknown-name" && $0.message.contains("Orders.ByColour") })
    }

    // MARK: Headings of all kinds

    @Test(arguments: ["Solved by", "Served by", "Target", "Resource", "Where", "Access path", "Store"])
    func aColumnOfTablesIsKnownByItsCells(heading: String) throws {
        let read = try document(
            "| Pattern | \(heading) | Operation |\n|---|---|---|\n| AP1 | Orders | GetItem |\n| AP2 | ByStatus | Query |"
        )
        #expect(places(read) == ["GetItem Orders", "Query Orders.ByStatus"])
    }

    @Test(arguments: [
        "API", "Action", "Method", "Call", "Request", "How", "DynamoDB API", "SDK call", "Operation", "API call",
    ])
    func aColumnOfOperationsIsKnownByItsCells(heading: String) throws {
        let read = try document(
            "| Pattern | Table | \(heading) |\n|---|---|---|\n| AP1 | Orders | GetItem |\n| AP2 | ByStatus | Query, 20 |"
        )
        #expect(places(read) == ["GetItem Orders", "Query Orders.ByStatus"])
    }

    /// Names that only rules place tell no column: a heading does.
    @Test(arguments: ["Table", "DynamoDBTable", "Tables/Indexes", "Index", "Access via index"])
    func namesThatRulesPlaceStandBelowAHeading(heading: String) throws {
        let read = try document("| Pattern | \(heading) | Operation |\n|---|---|---|\n| AP2 | OrdersByStatus | Query |")
        #expect(places(read).contains("Query Orders.ByStatus"))
    }

    /// Where one heading says operation and another column holds them, the cells are right; sentences are not taken for them.
    @Test func cellsComeBeforeHeadings() throws {
        let read = try document(
            "| Pattern | Description | Operation type | Table purpose | How | Where |\n|---|---|---|---|---|---|\n"
                + "| AP1 | Query one order | Read | orders | GetItem | Orders |\n"
                + "| AP2 | Scan a status | Read | orders | Query | Orders.ByStatus |")
        #expect(places(read) == ["GetItem Orders", "Query Orders.ByStatus"])
    }

    @Test(arguments: [
        (
            "| Pattern | Colour | Operation |", "| AP1 | red | GetItem |",
            "no column of it holds tables or indexes of the contract"
        ),
        ("| Pattern | Table | Colour |", "| AP1 | Orders | red |", "no column of it holds operations"),
        ("| Pattern | Colour |", "| AP1 | red |", "no column of it holds tables or indexes, and none operations"),
    ])
    func aTableOfPatternsThatIsNotReadIsTold(header: String, row: String, lack: String) throws {
        let rule = header.split(separator: "|").map { _ in "|---" }.joined() + "|"
        let guesses = Guess.readings(in: try document("\(header)\n\(rule)\n\(row)"))
        #expect(guesses.contains { $0.place == "m.md:3" && $0.text.contains("\"Pattern\"") && $0.text.contains(lack) })
    }

    /// A mapping may repeat the rates.
    @Test func aMappingWithRatesIsRead() throws {
        let read = try document(
            "| Pattern | Peak RPS | Table | Operation |\n|---|---|---|---|\n| AP1 | 99 | Orders | GetItem |\n"
                + "| AP2 | 99 | ByStatus | Query |")
        #expect(places(read) == ["GetItem Orders", "Query Orders.ByStatus"])
        #expect(read.patterns.map(\.peakRPS) == [10, 30])
        #expect(!Guess.readings(in: read).contains { $0.place?.hasPrefix("m.md") == true })
    }

    /// One document may be both, whatever its mapping's columns are called.
    @Test func aMappingBesideItsPatternsIsRead() throws {
        let both =
            Self.header + "| AP1 | Get an order | customer_id, order_no | 10 | Read |\n\nSo it is done:\n\n"
            + "| Pattern | Solved by | How | Items per call |\n|---|---|---|---|\n| AP1 | Orders | GetItem | 1 |\n"
        for patterns in [nil, both] {
            let read = try ContractDocument.read(
                contract: SourceText(name: "c.json", text: GivenDocuments.orders()),
                patterns: patterns.map { SourceText(name: "m.md", text: $0) },
                model: SourceText(name: "m.md", text: both))
            #expect(places(read) == ["GetItem Orders"])
            #expect(read.patterns.map(\.peakRPS) == [10])
        }
    }

    @Test(arguments: ["Notes", "Remarks", "Remark", "Comment", "Comment(s)", "Details", "Further details"])
    func remarksAreNotes(heading: String) throws {
        let read = try document(
            "| Pattern | Table | Operation | \(heading) |\n|---|---|---|---|\n"
                + "| AP1 | Orders | GetItem | ConsistentRead=true |")
        #expect(read.patterns[0].notes == ["ConsistentRead=true"])
        #expect(read.patterns[0].operations.map(\.consistency) == [.strong])
        let own = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns:
                "| AP | Description | Peak RPS | \(heading) |\n|---|---|---|---|\n| AP1 | Get it | 1 | by night |\n")
        #expect(own.patterns[0].notes == ["by night"])
    }

    @Test func detailsAloneAreTheDescription() throws {
        let own = try GivenDocuments.read(
            GivenDocuments.orders("AP1"),
            patterns: "| AP | Details | Peak RPS |\n|---|---|---|\n| AP1 | Cancel an order | 1 |\n")
        #expect(own.patterns[0].summary == "Cancel an order")
        #expect(own.patterns[0].type == .write)
    }

    // MARK: Kinds

    private static let shop = """
        {"tables":[{"table":"Shop","type":"multi-entity","pk":"PK","sk":"SK","entities":[
         {"entity_type":"CUSTOMER","source_table":"customers","pk_template":"C#{customer_id}","sk_template":"META",
          "attributes":[{"name":"customer_id","type":"S","source_table":"customers","source_column":"id"}]},
         {"entity_type":"ORDER","source_table":"orders","pk_template":"C#{customer_id}","sk_template":"O#{order_id}",
          "attributes":[{"name":"customer_id","type":"S","source_table":"orders","source_column":"customer_id"},
           {"name":"order_id","type":"S","source_table":"orders","source_column":"id"}]}]}]}
        """

    /// "Kind" of read and write is the type; the mapping's own column says of which kind the items are.
    @Test(arguments: ["Kind", "Entity", "Item type", "What it does to it"])
    func readAndWriteAreTypesWhateverTheHeading(heading: String) throws {
        let read = try GivenDocuments.read(
            Self.shop,
            patterns: "| Pattern | Description | \(heading) | Peak RPS |\n|---|---|---|---|\n"
                + "| AP1 | Profile | read | 10 |\n| AP2 | Purchases, newest first | write | 30 |\n",
            model: "| Pattern | Table | Operation | Kind |\n|---|---|---|---|\n| AP1 | Shop | GetItem | CUSTOMER |\n"
                + "| AP2 | Shop | PutItem | ORDER |\n")
        #expect(read.patterns.map(\.type) == [.read, .write])
        #expect(read.patterns.map { $0.operations.map(\.entity) } == [["CUSTOMER"], ["ORDER"]])
        #expect(read.patterns.flatMap(\.operations).compactMap(\.guess) == [])
        let alone = try GivenDocuments.read(
            Self.shop,
            patterns: "| Pattern | \(heading) | Peak RPS |\n|---|---|---|\n| AP1 | read | 10 |\n| AP2 | write | 30 |\n")
        #expect(alone.patterns.map(\.type) == [.read, .write])
        #expect(Guess.readings(in: alone).isEmpty)
    }

    @Test func aNameThatIsNoEntityDoesNotBeatOneThatIs() throws {
        for operation in ["", "Query"] {
            let read = try GivenDocuments.read(
                Self.shop,
                patterns: "| Pattern | Description | Kind | Peak RPS | Operation |\n|---|---|---|---|---|\n"
                    + "| AP2 | Purchases | list view | 30 | \(operation) |\n| AP1 | Profile | point | 30 | |\n",
                model: "| Pattern | Table | Operation | Entity |\n|---|---|---|---|\n| AP2 | Shop | Query | ORDER |\n"
                    + "| AP1 | Shop | GetItem | CUSTOMER |\n")
            #expect(read.patterns.map { $0.operations.map(\.entity) } == [["ORDER"], ["CUSTOMER"]])
        }
    }
}
