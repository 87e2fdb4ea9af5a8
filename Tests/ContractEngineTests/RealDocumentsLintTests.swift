import ContractEngine
import Testing

/// What is wrong in the real documents: rule, file, line, and words that the message must hold, its numbers above all.
struct Expected: Sendable, CustomTestStringConvertible {
    var rule: String
    var file: String
    var line: Int
    var words: [String]

    init(_ rule: String, _ file: String, _ line: Int, _ words: String...) {
        self.rule = rule
        self.file = file
        self.line = line
        self.words = words
    }

    var testDescription: String { "\(rule) \(file):\(line)" }

    func matches(_ finding: Finding) -> Bool {
        finding.rule == rule && finding.file == file && finding.line == line
            && words.allSatisfy { finding.message.contains($0) }
    }

    private static let contract = SharedDocuments.contract
    private static let patterns = SharedDocuments.patterns
    private static let model = SharedDocuments.model

    static let all: [Expected] = [
        // The rows sum to 3,246 RPS, the text says 1,400: in its head and again at its end.
        Expected("rps-total-differs", patterns, 4, "1,400", "3,246"),
        Expected("rps-total-differs", patterns, 117, "1,400", "3,246"),
        // Users by `satisfies`: 1,070 reads and 576 writes; planned: 770 and 635. 770 is right without AP37 and AP44.
        Expected("planning-differs", model, 65, "Users", "770 reads", "1,070", "AP37 and AP44", "be the 770 planned"),
        Expected("planning-differs", model, 65, "Users", "635 writes", "576"),
        Expected("satisfies-mapping-disagree", contract, 314, "AP37", "BatchGetItem on Products"),
        Expected("satisfies-mapping-disagree", contract, 314, "AP44", "BatchGetItem on Products"),
        Expected("satisfies-mapping-disagree", contract, 314, "AP29", "TransactWriteItems on Products"),
        // The largest hole: 200 × 4 × 2 = 1,600 write units a second, and 800 in each of two indexes.
        Expected(
            "planning-omits-pattern", model, 114, "AP29", "0.05 writes", "1,600 write units/s", "800 on GSI1",
            "800 on GSI2"),
        Expected("planning-omits-pattern", model, 114, "AP37 and AP44", "620 reads", "300 times"),
        Expected("planning-differs", model, 114, "Products", "620 reads", "720"),
        // Two index sections whose numbers are not those of the patterns that they list.
        Expected("index-planning-differs", model, 74, "Users.GSI1", "260", "5.4"),
        Expected("index-planning-differs", model, 174, "Categories.GSI1", "210", "100"),
        // Names that the contract has not.
        Expected("mapping-unknown-name", model, 183, "UsersByEmail", "Users itself"),
        Expected("mapping-unknown-name", model, 183, "Usernames", "Users.GSI2"),
        Expected("mapping-unknown-name", model, 183, "Emails", "Users"),
        Expected("mapping-unknown-name", model, 189, "ProductsByCategory", "Products.GSI1"),
        Expected("mapping-unknown-name", model, 192, "ProductsBySeller", "Products.GSI2"),
        Expected("mapping-unknown-name", model, 198, "CategoriesByParent", "Categories.GSI1"),
        Expected("mapping-unknown-name", model, 204, "names Orders", "ORDER of Users"),
        Expected("mapping-unknown-name", model, 204, "OrderItems", "inside ORDER of Users"),
        Expected("mapping-unknown-name", model, 209, "OrdersByStatus", "no index of it has a key made from status"),
        Expected("mapping-unknown-name", model, 212, "ShoppingCarts", "CART of Users"),
        // The contract against its own schema, and against itself.
        Expected("schema-violation", contract, 3, "`attributes`", "Users"),
        Expected("template-format-differs", contract, 218, "{order_id}", "{id}", "line 239"),
        Expected("one-size-for-all-entities", contract, 315, "4,096 bytes", "USER, CART and ORDER"),
        // The cost section's write budget.
        Expected(
            "cost-below-demand", model, 234, "Users $194.40", "120 write units", "2,302", "3,142", "79% of the 4,000"),
        Expected("cost-below-demand", model, 237, "Users.GSI3", "30 write units", "860"),
        Expected("cost-below-demand", model, 238, "Products $0.97", "1,600"),
        Expected("cost-below-demand", model, 239, "Products.GSI1", "800"),
        Expected("cost-below-demand", model, 240, "Products.GSI2", "800"),
        // No work in DynamoDB, or none yet.
        Expected("satisfies-unserved", contract, 314, "AP36", "unsolved"),
        Expected("satisfies-unserved", contract, 448, "AP18", "no work in the database"),
        Expected("rate-without-work", patterns, 17, "AP6 (250) and AP9 (420)", "670 of the 3,246"),
        // "GSI1SK = category_id" alone.
        Expected("query-without-partition-key", model, 172, "AP24", "GSI1SK", "GSI1PK"),
    ]
}

@Suite(.enabled(if: SharedDocuments.exist, "../shared is not here"))
struct RealDocumentsLintTests {
    @Test(arguments: Expected.all)
    func isFound(_ expected: Expected) throws {
        let findings = lint(try SharedDocuments.document())
        #expect(findings.count(where: expected.matches) == 1)
    }

    @Test func nothingElseIsFound() throws {
        let findings = lint(try SharedDocuments.document())
        let others = findings.filter { finding in !Expected.all.contains { $0.matches(finding) } }
        #expect(others.map(\.message) == [])
    }

    @Test func theSchemaInformsAndDoesNotGate() throws {
        let findings = lint(try SharedDocuments.document())
        #expect(findings.filter { $0.rule == "schema-violation" }.map(\.severity) == [.note])
        #expect(LintReport(try SharedDocuments.document()).gates)
    }

    @Test func everyFindingSaysWhatToDo() throws {
        for finding in lint(try SharedDocuments.document()) {
            #expect(!finding.advice.isEmpty && finding.message.hasSuffix("."))
        }
    }

    @Test func theCorrectedCopyGivesNone() throws {
        let findings = lint(try SharedDocuments.document(Correction.apply))
        #expect(findings.map { "\($0.rule) \($0.file):\($0.line) \($0.message)" } == [])
    }
}
