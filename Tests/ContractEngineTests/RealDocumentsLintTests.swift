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

    static let all = figures + claims + shape + figuresInProse + keysNobodyKnows + modelAgainstContract + values

    private static let figures: [Expected] = [
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
        // An index section whose number is not that of the patterns that it lists, nor of those that read it. That of Users.GSI1 is: 260
        // of 255.5, though it lists 5.4 of them.
        Expected("index-planning-differs", model, 174, "Categories.GSI1", "210", "100", "read 110 times"),
    ]

    private static let claims: [Expected] = [
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
    ]

    private static let shape: [Expected] = [
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

    // Lines, groups and shares that do not add up.
    private static let figuresInProse: [Expected] = [
        Expected("breakdown-differs", patterns, 64, "250", "AP2, AP6 and AP7", "750"),
        Expected("breakdown-differs", patterns, 66, "10 a second", "5.4"),
        Expected("breakdown-differs", patterns, 74, "180", "160"),
        Expected("breakdown-differs", patterns, 75, "30", "50"),
        Expected("breakdown-differs", patterns, 84, "120", "130"),
        Expected("breakdown-differs", patterns, 87, "0.05", "0.195"),
        Expected("breakdown-differs", patterns, 88, "0.25", "0.35"),
        Expected("sum-differs", patterns, 68, "840", "420 + 420 + 200", "1,040"),
        Expected("sum-differs", patterns, 77, "350", "350 + 250", "600"),
        Expected("sum-differs", patterns, 81, "220", "200 + 200 + 120", "520"),
        Expected("percentages-differ", patterns, 6, "19% + 60% + 25% + 16%", "120%"),
        Expected("percentages-differ", patterns, 63, "5 headings", "135%"),
        Expected("count-differs", model, 316, "46", "44"),
        Expected("count-differs", model, 316, "2 patterns are solved elsewhere", "4 are listed as unsolved"),
        // The two amounts of one thing, of which one is 63% of nothing; a growth from 1.44 to 1,400 is not a hundredfold one.
        Expected("amount-differs", model, 254, "$1,130/month here", "$1,058/month on line 249"),
        Expected("ratio-differs", model, 249, "63% of migration cost", "61% of the $1,734/month"),
        Expected("ratio-differs", patterns, 5, "100 times", "1,400 is 972 times 1.44"),
        // "Sparse: No", of indexes whose keys one kind of item of three has.
        Expected("sparse-differs", model, 72, "Users.GSI1", "CART and ORDER have no key", "only USER is"),
        Expected("sparse-differs", model, 81, "Users.GSI2", "only USER is"),
        Expected("sparse-differs", model, 90, "Users.GSI3", "USER and CART have no key", "only ORDER is"),
    ]

    // Operations by a key that the caller has not, and what only a Scan finds.
    private static let keysNobodyKnows: [Expected] = [
        Expected("operation-lacks-key", model, 216, "AP46", "GetItem on Users, which needs email", "knows seller_id"),
        Expected("operation-lacks-key", model, 216, "AP47", "GetItem on Users, which needs email", "knows seller_id"),
        Expected(
            "operation-lacks-key", model, 216, "AP48", "UpdateItem on Users, which needs email", "knows seller_id"),
        Expected("operation-lacks-key", model, 184, "AP2", "needs email", "username", "Users.GSI2"),
        Expected("operation-lacks-key", model, 185, "AP3", "needs email", "user_id", "Users.GSI1"),
        Expected("operation-lacks-key", model, 186, "AP4", "UpdateItem", "Users.GSI1"),
        Expected("operation-lacks-key", model, 187, "AP5", "UpdateItem", "Users.GSI1"),
        Expected("operation-lacks-key", model, 188, "AP7", "GetItem", "Users.GSI1"),
        // What is put needs its key as well.
        Expected(
            "operation-lacks-key", model, 204, "AP29", "TransactWriteItems on Users", "user_email", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 213, "AP39", "PutItem on Users", "needs user_email;", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 205, "AP30", "Query on Users, which needs user_email", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 206, "AP31", "needs user_email and created_at", "Users.GSI3"),
        Expected("operation-lacks-key", model, 207, "AP32", "needs user_email and created_at", "Users.GSI3"),
        Expected("operation-lacks-key", model, 208, "AP33", "needs user_email", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 209, "AP34", "user_email and created_at", "Users.GSI3"),
        Expected("operation-lacks-key", model, 210, "AP35", "needs user_email", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 212, "AP38", "needs user_email", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 213, "AP40", "UpdateItem", "needs user_email;"),
        Expected("operation-lacks-key", model, 213, "AP41", "DeleteItem", "needs user_email;"),
        Expected("operation-lacks-key", model, 213, "AP42", "needs user_email and product_id", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 214, "AP43", "needs user_email", "Users.GSI1 has"),
        Expected("operation-lacks-key", model, 216, "AP45", "needs email", "Users.GSI1"),
        Expected("pattern-needs-scan", model, 196, "AP19", "Scan of Categories, 10 times"),
        Expected("pattern-needs-scan", model, 197, "AP20", "Scan of Categories, 50 times"),
        Expected("pattern-needs-scan", model, 200, "AP23", "category_id"),
        Expected("pattern-needs-scan", model, 201, "AP24", "category_id"),
        Expected("pattern-needs-scan", model, 203, "AP27", "UpdateItem"),
        Expected("pattern-needs-scan", model, 203, "AP28", "DeleteItem"),
        Expected(
            "unique-without-lookup", patterns, 113, "username of Users USER",
            "Users.GSI2 finds it, and refuses no second"),
    ]

    // What the model says and the contract does not.
    private static let modelAgainstContract: [Expected] = [
        Expected("model-attribute-differs", model, 34, "Users USER", "seller_profile (M)"),
        Expected("model-attribute-differs", model, 37, "Users USER", "status (S)"),
        Expected("model-attribute-differs", model, 46, "Users CART", "seller_id"),
        Expected("model-attribute-differs", model, 56, "order_items of Users ORDER as L", "as S"),
        Expected("model-attribute-differs", model, 57, "shipping_address"),
        Expected("model-attribute-differs", model, 58, "payment_info"),
        Expected("model-attribute-differs", model, 59, "seller_orders"),
        Expected("model-attribute-differs", model, 109, "search_terms"),
        Expected("model-attribute-differs", model, 112, "Products", "status"),
        Expected("model-key-differs", model, 119, "GSI1SK of Products.GSI1 from category_id", "from name"),
        Expected("model-key-differs", model, 129, "GSI2SK of Products.GSI2 from seller_id", "from name"),
    ]

    // Where values come from.
    private static let values: [Expected] = [
        Expected("join-unknown-name", contract, 471, "PK of Categories", "parent.name"),
        Expected("join-unknown-name", contract, 581, "GSI1PK of Categories", "parent.id"),
        Expected("copy-not-declared", contract, 498, "parent_name"),
        Expected("join-null-unsaid", contract, 503, "parent_name", "parent_id may be NULL"),
        Expected("join-compares-row-with-itself", contract, 471, "PK of Categories"),
        Expected("join-compares-row-with-itself", contract, 503, "parent_name"),
        Expected("join-compares-row-with-itself", contract, 536, "level"),
        Expected("join-compares-row-with-itself", contract, 549, "children_count"),
        Expected("join-compares-row-with-itself", contract, 581, "GSI1PK"),
        Expected("self-join-of-another-table", contract, 371, "category_path of Products", "categories"),
        Expected("same-calculation", contract, 549, "children_count", "level"),
        Expected("unbounded-collection", contract, 265, "order_items"),
        Expected("reserved-name", contract, 531, "level of Categories"),
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

    @Test func methodsThatOnlyAScanServes() throws {
        let name = "../stage-03/03_7_stage04_handoff.md"
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: try SharedDocuments.text(SharedDocuments.contract)),
            interfaces: SourceText(name: name, text: try SharedDocuments.text(name)))
        let methods = lint(document).filter { $0.rule == "method-needs-scan" }
        #expect(methods.map(\.subject).sorted() == ["existsByName", "findById", "getOrdersByStatus"])
        #expect(
            methods.first { $0.subject == "getOrdersByStatus" }?.message.contains("Users ORDER by order_status") == true
        )
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
