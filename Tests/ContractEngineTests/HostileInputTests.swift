import ContractEngine
import Testing

/// Whatever stands in the files: a located sentence or a document, never a crash.
struct HostileInputTests {
    private func read(_ contract: String, patterns: SourceText? = nil, mapping: String? = nil) throws {
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: contract), patterns: patterns,
            mapping: mapping.map { SourceText(name: "m.yaml", text: $0) })
        _ = LintReport(document).text() + CapacityReport(document).text() + ContractReport(document).text()
    }

    @Test func contractCutAnywhereIsToldWithItsPlace() throws {
        let bytes = Array(Bookshop.contract.utf8)
        for end in stride(from: 0, to: bytes.count - 1, by: 7) {
            do {
                _ = try ContractDocument.read(contract: SourceText(name: "c.json", bytes: Array(bytes[..<end])))
                Issue.record("cut at \(end) and yet read")
            } catch {
                #expect(error.problems.count == 1)
                #expect(error.problems.first?.line != nil && error.problems.first?.column != nil)
                #expect(error.message.contains("the file ends too early") || error.message.contains("correct it here"))
            }
        }
    }

    @Test(.enabled(if: SharedDocuments.exist, "../shared is not here"))
    func realContractCutAnywhereIsToldWithItsPlace() throws {
        let bytes = Array(try SharedDocuments.text(SharedDocuments.contract).utf8)
        for end in stride(from: 0, to: bytes.count - 1, by: 97) {
            #expect(throws: ContractError.self) {
                try ContractDocument.read(contract: SourceText(name: "c.json", bytes: Array(bytes[..<end])))
            }
        }
    }

    @Test func markdownCutAnywhereIsReadOrRefused() throws {
        for end in stride(from: 0, to: Bookshop.patterns.utf8.count, by: 13) {
            let cut = SourceText(name: "p.md", bytes: Array(Array(Bookshop.patterns.utf8)[..<end]))
            do {
                try read(Bookshop.contract, patterns: cut)
            } catch let error as ContractError {
                #expect(error.message.hasPrefix("p.md:"))
            }
        }
        for end in stride(from: 0, to: Bookshop.model.utf8.count, by: 13) {
            let document = try ContractDocument.read(
                contract: SourceText(name: "c.json", text: Bookshop.contract),
                patterns: SourceText(name: "p.md", text: Bookshop.patterns),
                model: SourceText(name: "m.md", bytes: Array(Array(Bookshop.model.utf8)[..<end])))
            _ = lint(document)
        }
    }

    @Test func deepJSONIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: ContractError.self) { try read(deep) }
        #expect(throws: ContractError.self) { try read("{\"tables\": \(deep)") }
    }

    @Test func deepYAMLIsRefused() {
        let deep = "AP1: " + String(repeating: "[", count: 50_000)
        #expect(throws: ContractError.self) { try read(Bookshop.contract, mapping: deep) }
        let lines = (0..<200).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(throws: ContractError.self) { try read(Bookshop.contract, mapping: lines) }
    }

    @Test func yamlThatGrowsByAliasesIsRefused() {
        var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1...9 {
            let alias = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(alias)]\n"
        }
        #expect(throws: ContractError.self) { try read(Bookshop.contract, mapping: text) }
    }

    @Test(arguments: [
        "", "just words", "AP1: 7", "AP1:\n  - GetItem", "[1, 2]", ": : :", "\t- x", "AP1: [{table: Nowhere}]",
    ])
    func brokenMappingIsOneSentence(_ text: String) {
        #expect(throws: ContractError.self) { try read(Bookshop.contract, mapping: text) }
    }

    @Test func hugeNumbersAndNonsenseAreRefused() {
        let rows = "| Pattern | Peak RPS | Type |\n|---|---|---|\n"
        for row in ["| AP1 | many | Read |", "| AP1 | 5 | Sometimes |", "| AP1 | 5 | Read |\n| AP1 | 6 | Read |"] {
            #expect(throws: ContractError.self) {
                try read(Bookshop.contract, patterns: SourceText(name: "p.md", text: rows + row))
            }
        }
        #expect(throws: ContractError.self) {
            try read(
                Bookshop.contract, patterns: SourceText(name: "p.json", text: "[{\"id\": \"AP1\", \"rps\": 1e300}]"))
        }
        #expect(throws: ContractError.self) {
            try read(Bookshop.contract, patterns: SourceText(name: "p.md", text: "no table here"))
        }
    }

    @Test func bytesThatAreNoTextDoNotCrash() throws {
        let noise = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        for name in ["p.md", "p.csv", "p.json", "p.yaml", "p"] {
            #expect(throws: ContractError.self) {
                try read(Bookshop.contract, patterns: SourceText(name: name, bytes: noise))
            }
        }
        #expect(throws: ContractError.self) {
            try ContractDocument.read(contract: SourceText(name: "c.json", bytes: noise))
        }
    }

    @Test(arguments: [3, 5, 7, 11] as [UInt64])
    func documentsWithBytesChangedAreReadOrRefused(_ seed: UInt64) throws {
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        func changed(_ text: String) -> [UInt8] {
            var bytes = Array(text.utf8)
            for _ in 0..<(1 + next(6)) {
                let start = next(bytes.count)
                switch next(3) {
                case 0: bytes[start] = UInt8(next(256))
                case 1: bytes.removeSubrange(start..<min(start + next(40), bytes.count))
                default:
                    bytes.insert(contentsOf: bytes[start..<min(start + next(60), bytes.count)], at: next(bytes.count))
                }
            }
            return bytes
        }
        for round in 0..<60 {
            let texts = [Bookshop.contract, Bookshop.patterns, Bookshop.model].enumerated().map { index, text in
                index == round % 3 ? changed(text) : Array(text.utf8)
            }
            do {
                let document = try ContractDocument.read(
                    contract: SourceText(name: "c.json", bytes: texts[0]),
                    patterns: SourceText(name: "p.md", bytes: texts[1]),
                    model: SourceText(name: "m.md", bytes: texts[2]))
                _ = LintReport(document).text() + CapacityReport(document).text()
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed), round \(round)")
            }
        }
    }

    @Test func nothingInADocumentSteersTheTerminal() throws {
        let escape = "\u{1B}[31m"
        let contract = Bookshop.contract.split(separator: "\"Books\"").joined(separator: "\"Bo\\u001b[31moks\"")
        #expect(throws: ContractError.self) { try read(contract) }
        let document = try Bookshop.document(
            patterns: [("Show a book", "Show \(escape)a book"), ("Log out", "\(escape)Log out")],
            model: [
                ("a search engine", "a \(escape) engine"),
                ("| AP5 | Book | Books |", "| AP5 | Book | Bo\(escape)oks |"),
            ])
        let text = LintReport(document).text() + CapacityReport(document).text() + ContractReport(document).text()
        #expect(!text.contains("\u{1B}"))
    }
}
