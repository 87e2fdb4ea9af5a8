import ContractEngine
import ContractModel
import Testing

/// Documents of patterns as teams write them: whose headings, tables and files vary, and of which nothing may be lost unseen.
struct PatternDocumentTests {
    private static let contract =
        #"[{"table": "T", "type": "Table", "pk": "id", "attributes": {"id": {"type": "S"}}}]"#

    private func document(_ patterns: SourceText, contract: String = Self.contract) throws -> ContractDocument {
        try ContractDocument.read(contract: SourceText(name: "c.json", text: contract), patterns: patterns)
    }

    private func markdown(_ text: String) throws -> ContractDocument {
        try document(SourceText(name: "p.md", text: text))
    }

    private func csv(_ text: String) throws -> ContractDocument {
        try document(SourceText(name: "p.csv", text: text))
    }

    private func told(_ document: ContractDocument) -> [String] {
        document.patterns.map {
            "\($0.id) \($0.summary) \($0.peakRPS.map { "\($0)" } ?? "-") \($0.averageRPS.map { "\($0)" } ?? "-")"
        }
    }

    // MARK: Headings

    @Test(arguments: [
        "RPS", "TPS", "QPS", "Peak TPS", "Requests/sec", "Requests/s", "req/s", "Requests per second", "Calls/sec",
        "Peak",
        "Peak Load", "Target TPS", "Rate", "Peak Rate (RPS)", "Estimated QPS", "Reads/sec", "Throughput",
    ])
    func headingsOfRatesAreKnown(heading: String) throws {
        let read = try markdown("| Pattern | Description | \(heading) |\n|---|---|---|\n| AP1 | Get it | 5 |\n")
        #expect(told(read) == ["AP1 Get it 5.0 -"])
    }

    @Test(arguments: [
        "AP", "AP#", "AP #", "AP ID", "No.", "#", "ID", "Pattern", "Pattern #", "Pattern ID", "Nr.", "Access Pattern #",
    ])
    func headingsOfIDsAreKnown(heading: String) throws {
        #expect(
            told(try markdown("| \(heading) | Description | RPS |\n|---|---|---|\n| AP1 | Get it | 5 |\n")) == [
                "AP1 Get it 5.0 -"
            ])
        #expect(told(try csv("\(heading),Description,RPS\n1,Get it,5\n")) == ["AP1 Get it 5.0 -"])
    }

    @Test(arguments: [
        ("Access Pattern | ID | RPS", "Get a user | AP7 | 5"), ("ID | Access Pattern | RPS", "AP7 | Get a user | 5"),
        ("# | Pattern ID | Access Pattern | RPS", "1 | AP7 | Get a user | 5"),
        ("Access Pattern | # | RPS", "Get a user | 7 | 5"),
        ("Pattern | Name | RPS", "AP7 | Get a user | 5"), ("No. | Pattern | RPS", "7 | Get a user | 5"),
        ("Access Pattern | Pattern ID | RPS", "Get a user | AP7 | 5"),
    ])
    func theColumnOfTheIDsIsTheOneThatHoldsThem(header: String, cells: String) throws {
        let rule = header.split(separator: "|").map { _ in "---" }.joined(separator: "|")
        #expect(told(try markdown("| \(header) |\n|\(rule)|\n| \(cells) |\n")) == ["AP7 Get a user 5.0 -"])
    }

    @Test func namesServeAsIDsWhereThereAreNoOthers() throws {
        let read = try markdown("| Access Pattern | ID | RPS |\n|---|---|---|\n| Get a user | GetUser | 5 |\n")
        #expect(told(read) == ["GetUser Get a user 5.0 -"])
        #expect(told(try markdown("| Pattern | RPS |\n|---|---|\n| GetUser | 5 |\n")) == ["GetUser  5.0 -"])
    }

    @Test func peakAndAverageAreToldApartByTheirHeadings() throws {
        let read = try markdown(
            "| AP | Name | Average Item Size | Avg TPS | Peak Hours | Peak TPS |\n|---|---|---|---|---|---|\n| 1 | A | 900 | 5 | 18 | 7 |\n"
        )
        #expect(told(read) == ["AP1 A 7.0 5.0"])
        let alone = try markdown("| AP | Average RPS |\n|---|---|\n| 1 | 5 |\n")
        #expect(told(alone) == ["AP1  5.0 5.0"])
    }

    @Test func twoRatesOfWhichNeitherIsThePeakAreRefused() {
        let error = #expect(throws: ContractError.self) {
            try markdown("\n| AP | Read RPS | Write RPS |\n|---|---|---|\n| 1 | 5 | 7 |\n")
        }
        #expect(
            error?.message
                == "p.md:2: each of \"Read RPS\" and \"Write RPS\" could be the rate at peak; call one of them Peak RPS"
        )
    }

    @Test func aTableWithoutRatesIsNoTableOfPatterns() {
        let error = #expect(throws: ContractError.self) {
            try markdown("| Pattern | Description | Cost per month |\n|---|---|---|\n| AP1 | A | 5 |\n")
        }
        #expect(error?.message.contains("no access patterns are here") == true)
    }

    // MARK: Several tables

    @Test func aSecondTableWithOtherHeadingsGoesOn() throws {
        let read = try markdown(
            """
            | Pattern # | Description | Peak RPS |
            |---|---|---|
            | AP1 | A | 5 |

            ## Later

            | Access Pattern | ID | TPS | Avg TPS |
            |---|---|---|---|
            | B | AP2 | 7 | 6 |
            """)
        #expect(told(read) == ["AP1 A 5.0 -", "AP2 B 7.0 6.0"])
    }

    @Test func aTableWithoutRatesCompletesPatternsAndListsMore() throws {
        let read = try markdown(
            """
            | ID | Peak RPS |
            |---|---|
            | AP1 | 5 |
            | AP2 | 7 |

            | Pattern | Description | Type | Key Attributes | P99 |
            |---|---|---|---|---|
            | AP1 | A | Write | user_id | 20 ms |
            | AP2 | B | Read | order_id | |
            | AP3 | C | Read | order_id | |
            """)
        #expect(told(read) == ["AP1 A 5.0 -", "AP2 B 7.0 -", "AP3 C - -"])
        #expect(read.patterns.map(\.type) == [.write, .read, .read])
        #expect(read.patterns.map(\.keyAttributes) == [["user_id"], ["order_id"], ["order_id"]])
        #expect(read.patterns[0].serviceLevel?.p99 == .milliseconds(20))
        #expect(LintReport(read).findings.contains { $0.rule == "rate-missing" && $0.message.contains("AP3") })
    }

    @Test func rowsBehindAnEmptyLineBelongToTheirTable() throws {
        let read = try markdown(
            "| ID | RPS |\n|---|---|\n| AP1 | 5 |\n\n| AP2 | 7 |\n| AP3 | 9 |\n\nWords.\n\n| AP4 | 9 |\n")
        #expect(read.patterns.map(\.id) == ["AP1", "AP2", "AP3"])
    }

    @Test func aMappingOfTheDataModelIsLeftToIt() throws {
        let text = """
            | ID | RPS |
            |---|---|
            | AP1 | 5 |

            | Pattern | Description | Tables/Indexes | DynamoDB Operations |
            |---|---|---|---|
            | AP1 | A | T | GetItem |
            """
        let alone = try markdown(text)
        #expect(
            Guess.readings(in: alone).map { "\($0.place ?? ""): \($0.text)" } == [
                "p.md:5: this table maps patterns to tables: give the document as the data model too, to have it read"
            ])
        let both = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: Self.contract), patterns: SourceText(name: "p.md", text: text),
            model: SourceText(name: "p.md", text: text))
        #expect(both.patterns[0].operations.map(\.operation) == ["GetItem"])
        #expect(Guess.readings(in: both) == [])
    }

    @Test func otherTablesOfTheDocumentAreNoPatterns() throws {
        let read = try markdown(
            """
            | ID | RPS |
            |---|---|
            | AP1 | 5 |

            | Pattern | Share |
            |---|---|
            | Reads | 20% |

            | Number | Name |
            |---|---|
            | one | two |
            """)
        #expect(told(read) == ["AP1  5.0 -"])
    }

    @Test func aRowWithMoreCellsThanItsTableIsSaid() throws {
        let read = try markdown("| ID | RPS | What |\n|---|---|---|\n| AP1 | 5 | a | b |\n")
        #expect(Guess.readings(in: read).map(\.place) == ["p.md:3"])
    }

    // MARK: Files

    @Test func aByteOrderMarkInFrontIsLeftOutOfEveryDocument() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        func marked(_ name: String, _ text: String) -> SourceText {
            SourceText(name: name, bytes: mark + Array(text.utf8))
        }
        let texts = [
            marked("p.md", "| ID | RPS |\n|---|---|\n| AP1 | 5 |\n"), marked("p.csv", "ID,RPS\nAP1,5\n"),
            marked("p.json", #"[{"id": "AP1", "rps": 5}]"#), marked("p.yaml", "- {id: AP1, rps: 5}\n"),
            marked("p", #"[{"id": "AP1", "rps": 5}]"#),
        ]
        for text in texts {
            let read = try ContractDocument.read(
                contract: marked("c.json", Self.contract), patterns: text,
                model: marked("m.md", "# T Table\n- **Capacity Planning**: 5 RPS reads\n"),
                mapping: marked("o.yaml", "AP1: {table: T, operation: GetItem}\n"))
            #expect(told(read) == ["AP1  5.0 -"])
            #expect(read.patterns[0].operations.count == 1)
            #expect(read.sources.model?.tables.count == 1)
        }
        let yaml = try ContractDocument.read(
            contract: marked("c.yaml", "tables:\n  - table: T\n    pk: id\n    attributes: [{name: id, type: S}]\n"))
        #expect(yaml.contract.tables.map(\.name) == ["T"])
    }

    @Test(arguments: ["p.md", "p.csv", "p.json"], [[0xFF, 0xFE, 0x7C, 0], [0xFE, 0xFF, 0, 0x7C]])
    func anotherEncodingIsRefused(name: String, bytes: [UInt8]) {
        let error = #expect(throws: ContractError.self) { try document(SourceText(name: name, bytes: bytes)) }
        #expect(error?.message == "\(name):1:1: the file is UTF-16 and not UTF-8; save it as UTF-8")
    }

    @Test func aQuoteThatIsNeverClosedIsToldWithItsLine() {
        let error = #expect(throws: ContractError.self) { try csv("ID,Name,RPS\nAP1,\"A,5\nAP2,B,7\n") }
        #expect(
            error?.message
                == "p.csv:2: a quote is opened here and never closed; close it, or write two where the cell holds one")
    }

    @Test func aQuoteThatTheNextOneClosesIsTold() {
        let error = #expect(throws: ContractError.self) { try csv("ID,Name,RPS\nAP1,\"A,5\nAP2,\"B\",7\n") }
        #expect(
            error?.message
                == "p.csv:3: \"B\" follows a closed quote, in the record from line 2 on; is a quote in front of it not closed?"
        )
    }

    @Test func quotedCellsHoldCommasQuotesAndLines() throws {
        let read = try csv("ID,Name,RPS\r\nAP1,\"A, \"\"b\"\"\r\nand c\",\"1,500\"\r\n\r\nAP2,5\" pipe,7\r\n")
        #expect(
            read.patterns.map(\.summary) == ["A, \"b\" and c", "5\" pipe"]
                || read.patterns[0].summary.hasPrefix("A, \"b\""))
        #expect(read.patterns.map(\.peakRPS) == [1_500, 7])
        #expect(read.sources.listing?.rows.map(\.position.line) == [2, 5])
    }

    @Test func aCommaOutsideQuotesIsNoDecimalComma() {
        let error = #expect(throws: ContractError.self) { try csv("ID,Name,RPS\nAP1,A,0,5\n") }
        #expect(error?.message.hasPrefix("p.csv:2: the record has 4 cells and the first line 3;") == true)
    }

    @Test(arguments: [";", "\t"])
    func otherSeparatorsAreReadWhereTheFirstLineHasThem(separator: String) throws {
        let lines = [["ID", "Name", "RPS"], ["AP1", "A, b", "0,5"]].map { $0.joined(separator: separator) }
        #expect(told(try csv(lines.joined(separator: "\n"))) == ["AP1 A, b 0.5 -"])
    }
}
