import ContractEngine
import ContractModel
import Testing

/// Each rule broken in a contract that is right otherwise: exactly that rule speaks, at that place.
struct LintRuleTests {
    private func told(_ document: ContractDocument) -> [String] {
        lint(document).map { "\($0.rule) \($0.file):\($0.line)" }
    }

    @Test func rightContractGivesNone() throws { #expect(told(try Bookshop.document()) == []) }

    @Test func totalThatIsNotTheSum() throws {
        let document = try Bookshop.document(patterns: [("166 RPS", "200 RPS")])
        #expect(told(document) == ["rate-without-work patterns.md:11", "rps-total-differs patterns.md:14"])
        #expect(lint(document)[0].message.contains("AP7 (50) and AP8 (5)"))
    }

    @Test func totalOfAllRowsCountsWhatDoesNoWork() throws {
        // 166 + 50 + 5 = 221: a sum of the application, not of the database.
        let document = try Bookshop.document(patterns: [("166 RPS", "221 RPS")])
        #expect(told(document) == ["rate-without-work patterns.md:11"])
    }

    @Test func patternWithoutARate() throws {
        let document = try Bookshop.document(patterns: [
            ("| 2 | 1 | Read | loan_id", "| | | Read | loan_id"), ("166", "164"),
        ])
        #expect(
            told(document) == [
                "rate-missing patterns.md:8", "planning-differs model.md:5", "index-planning-differs model.md:9",
            ])
    }

    @Test func planningThatIsNotThePatterns() throws {
        let reads = try Bookshop.document(model: [("32 RPS reads", "40 RPS reads")])
        #expect(told(reads) == ["planning-differs model.md:5"])
        let writes = try Bookshop.document(model: [("14 RPS writes", "20 RPS writes")])
        #expect(told(writes) == ["planning-differs model.md:5"])
        let index = try Bookshop.document(model: [
            ("- **Capacity Planning**: 20 RPS reads", "- **Capacity Planning**: 9 RPS reads")
        ])
        #expect(told(index) == ["index-planning-differs model.md:18"])
    }

    @Test func tablePlannedWithoutAPatternThatWritesIt() throws {
        let document = try Bookshop.document(
            contract: [("[\"AP3\", \"AP5\", \"AP6\"]", "[\"AP5\", \"AP6\"]")],
            model: [("120 RPS reads, 10 RPS writes", "120 RPS reads, 0 RPS writes")])
        #expect(
            told(document) == ["planning-omits-pattern model.md:13", "satisfies-mapping-disagree contract.json:21"])
        // ⌈5000/1024⌉ = 5 × 10 a second, doubled by the transaction.
        #expect(lint(document)[0].message.contains("10 × ⌈5,000 B / 1 KB⌉ × 2 = 100 write units/s"))
    }

    @Test func costBelowDemand() throws {
        // Books: 10 × 5 × 2 = 100 at peak, 3 × 10 = 30 on average; $16.20 buys 10 at $1.62.
        let document = try Bookshop.document(model: [("$60.00", "$16.20")])
        #expect(told(document) == ["cost-below-demand model.md:39"])
        #expect(lint(document)[0].message.contains("buys 10 write units a second; its patterns ask for 15, or 30"))
    }

    @Test func claimsThatTheMappingDoesNotShare() throws {
        let document = try Bookshop.document(
            contract: [("\"AP3\", \"AP4\"]", "\"AP3\"]")], model: [("32 RPS reads", "30 RPS reads")])
        #expect(told(document) == ["planning-omits-pattern model.md:5", "satisfies-mapping-disagree model.md:27"])
    }

    @Test func claimsThatNobodyServes() throws {
        let document = try Bookshop.document(contract: [("\"AP4\"]", "\"AP4\", \"AP7\", \"AP8\", \"AP99\"]")])
        #expect(
            Set(told(document)).isSuperset(of: [
                "satisfies-unserved contract.json:21", "satisfies-unknown contract.json:21",
            ]))
        #expect(lint(document).filter { $0.rule == "satisfies-unserved" }.count == 2)
    }

    @Test func namesThatTheContractHasNot() throws {
        let document = try Bookshop.document(model: [("| AP5 | Book | Books |", "| AP5 | Book | Volumes |")])
        #expect(told(document).contains("mapping-unknown-name model.md:28"))
        #expect(lint(document).first { $0.rule == "mapping-unknown-name" }?.severity == .error)
        let guessed = try Bookshop.document(model: [("| Readers.ByLoan |", "| LoansByLoan |")])
        #expect(told(guessed) == ["mapping-unknown-name model.md:27"])
        #expect(lint(guessed)[0].message.contains("LoansByLoan is Readers.ByLoan"))
    }

    @Test func anOverlaySettlesUnknownNames() throws {
        let document = try Bookshop.document(
            model: [("| AP5 | Book | Books |", "| AP5 | Book | Volumes |")],
            mapping: "AP5:\n  - {table: Books, operation: GetItem}\n")
        #expect(told(document) == [])
    }

    @Test func sortKeyWithoutPartitionKey() throws {
        let document = try Bookshop.document(model: [("`author_id = id` and `printed = y`", "`printed = y`")])
        #expect(told(document) == ["query-without-partition-key model.md:17"])
        // What its caller knows says the same: it is told once.
        let knowing = try Bookshop.document(
            patterns: [("| 20 | 8 | Read | author_id |", "| 20 | 8 | Read | printed |")],
            model: [("`author_id = id` and `printed = y`", "`printed = y`")])
        #expect(
            told(knowing).filter { $0.hasPrefix("query-without") } == ["query-without-partition-key model.md:17"])
    }

    @Test func templateAndFormatThatDiffer() throws {
        let document = try Bookshop.document(contract: [
            ("\"format\": \"LOAN#{loan_id}\"", "\"format\": \"LOAN-{loan_id}\"")
        ]
        )
        #expect(told(document) == ["template-format-differs contract.json:12"])
    }

    @Test func oneSizeForAll() throws {
        let document = try Bookshop.document(contract: [
            ("\"estimated_item_size_bytes\": 500, ", ""), ("\"estimated_item_size_bytes\": 2000, ", ""),
        ])
        #expect(told(document) == ["one-size-for-all-entities contract.json:21"])
    }

    @Test func keysThatItemsLack() throws {
        let document = try Bookshop.document(contract: [("\"name\": \"author_id\"", "\"name\": \"author\"")])
        #expect(told(document) == ["key-attribute-missing contract.json:23"])
        let table = try Bookshop.document(contract: [("\"name\": \"isbn\"", "\"name\": \"shelf_code\"")])
        #expect(told(table) == ["key-attribute-missing contract.json:22"])
    }

    @Test func keysOfATypeThatKeysMayNotHave() throws {
        let document = try Bookshop.document(contract: [
            ("{\"name\": \"printed\", \"type\": \"N\"", "{\"name\": \"printed\", \"type\": \"M\"")
        ])
        #expect(told(document) == ["key-type contract.json:27"])
    }

    @Test func schemaIsANote() throws {
        let document = try Bookshop.document(contract: [("\"attributes\": [],", "")])
        #expect(told(document) == ["schema-violation contract.json:2"])
        #expect(lint(document).map(\.severity) == [.note])
        #expect(!LintReport(document).gates)
    }

    @Test func contractAloneIsLinted() throws {
        let document = try ContractDocument.read(contract: SourceText(name: "contract.json", text: Bookshop.contract))
        #expect(told(document) == [])
        #expect(document.patterns.map(\.id) == ["AP1", "AP2", "AP3", "AP4", "AP5", "AP6"])
    }
}
