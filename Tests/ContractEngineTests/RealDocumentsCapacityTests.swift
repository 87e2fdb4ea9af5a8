import ContractEngine
import ContractModel
import Testing

private func isClose(_ left: Double?, _ right: Double) -> Bool { left.map { abs($0 - right) < 1e-6 } ?? false }

/// The capacity of the real contract, reckoned by hand. Every item has 4,096 bytes, one read block and four write blocks;
/// those of Categories 1,024.
@Suite(.enabled(if: SharedDocuments.exist, "../shared is not here"))
struct RealDocumentsCapacityTests {
    let plan: CapacityPlan

    init() throws { plan = capacity(of: try SharedDocuments.document()) }

    @Test func usersReads() {
        // AP30 50, AP33 10, AP35 20, AP37 200, AP38 100, AP43 50, AP44 100, AP46 0.1 and AP47 0.1 are 530.2 a second, one item each,
        // eventual: × ⌈4096/4096⌉ × 0.5 = 265.1. AP42 25 finds what it deletes, consistently: × 1 = 25. Together 290.1. AP2, AP3, AP7 and
        // AP31 know no key of the table: indexes serve them. AP36 is left to a search engine.
        let users = plan.resource(table: "Users")
        #expect(isClose(users?.readCallsPerSecond, 555.2))
        #expect(isClose(users?.readUnitsPerSecond, 290.1))
    }

    @Test func usersWrites() {
        // Simple: 0.3 + 0.1 + 5 + 10 + 175 + 100 + 50 + 25 + 0.1 + 0.05 = 365.55 × ⌈4096/1024⌉ = 1,462.2.
        // Transactional: AP1 10 and AP29 200: 210 × 4 × 2 = 1,680. Together 3,142.2.
        let users = plan.resource(table: "Users")
        #expect(isClose(users?.writeCallsPerSecond, 575.55))
        #expect(isClose(users?.writeUnitsPerSecond, 3142.2))
        // 3,142.2 × 2,628,000 s × $0.625/M = $5,161.06; 290.1 × 2,628,000 × $0.125/M = $95.30.
        #expect(users.map { ($0.writeDollarsPerMonth * 100).rounded() / 100 } == 5161.06)
        #expect(users.map { ($0.readDollarsPerMonth * 100).rounded() / 100 } == 95.30)
    }

    @Test func usersIndexesAreSparse() {
        // GSI1 and GSI2 hold users only: AP1 10 + AP4 0.3 + AP5 0.1 + AP45 0.1 + AP48 0.05 = 10.55 × 4 = 42.2; a
        // transaction does not double them. GSI3 holds orders only: AP29 200 + AP32 5 + AP34 10 = 215 × 4 = 860. Carts are
        // in none.
        #expect(isClose(plan.resource(table: "Users", index: "GSI1")?.writeUnitsPerSecond, 42.2))
        #expect(isClose(plan.resource(table: "Users", index: "GSI2")?.writeUnitsPerSecond, 42.2))
        #expect(isClose(plan.resource(table: "Users", index: "GSI3")?.writeUnitsPerSecond, 860))
        #expect(plan.pattern("AP39")?.charges.count == 1)
    }

    @Test func usersIndexesAreReadByWhoeverKnowsNoOtherKey() {
        // GSI1: AP3 5 + AP4 0.3 + AP5 0.1 + AP7 250 + AP45 0.1 = 255.5 × 0.5 = 127.75; GSI2: AP2 250 × 0.5; GSI3: AP31 30 + AP32 5 + AP34
        // 10 = 45 × 0.5.
        #expect(isClose(plan.resource(table: "Users", index: "GSI1")?.readUnitsPerSecond, 127.75))
        #expect(isClose(plan.resource(table: "Users", index: "GSI2")?.readUnitsPerSecond, 125))
        #expect(isClose(plan.resource(table: "Users", index: "GSI3")?.readUnitsPerSecond, 22.5))
        // What an index finds is not read once more, and what finds before a write is charged.
        #expect(plan.pattern("AP7")?.charges.map(\.operation) == ["Query"])
        #expect(
            plan.pattern("AP32")?.charges.map { "\($0.operation) \($0.index ?? "")" } == [
                "Query GSI3", "UpdateItem ", "UpdateItem GSI3",
            ])
    }

    @Test func checkoutWritesProducts() {
        // AP29: 200 × 4 × 2 = 1,600; AP12 0.01 + AP13 0.01 + AP14 0.005 + AP16 0.02 = 0.045 × 4 = 0.18.
        let products = plan.resource(table: "Products")
        #expect(isClose(products?.writeUnitsPerSecond, 1600.18))
        #expect(products?.contributions.first?.pattern == "AP29")
        // Its two indexes hold all attributes: 200 × 4 + 0.18 each.
        #expect(isClose(plan.resource(table: "Products", index: "GSI1")?.writeUnitsPerSecond, 800.18))
        #expect(isClose(plan.resource(table: "Products", index: "GSI2")?.writeUnitsPerSecond, 800.18))
    }

    @Test func productsReads() {
        // The table: AP11 200 + AP37 200 + AP44 100 = 500 × 0.5. GSI1: AP8 420 + AP10 100 = 520 × 0.5. GSI2: 0.15 × 0.5.
        #expect(isClose(plan.resource(table: "Products")?.readUnitsPerSecond, 250))
        #expect(isClose(plan.resource(table: "Products", index: "GSI1")?.readUnitsPerSecond, 260))
        #expect(isClose(plan.resource(table: "Products", index: "GSI2")?.readUnitsPerSecond, 0.075))
    }

    @Test func categories() {
        // A Scan of 100 items of 1,024 bytes: ⌈102400/4096⌉ = 25 × 0.5 = 12.5. AP19 10 + AP20 50, and by an id of which no key is made
        // AP23 20 + AP24 20 + AP27 0.001 + AP28 0.0005: 100.0015 × 12.5 = 1,250.01875. GSI1: AP21 50 + AP22 30 + AP25 30 = 110 × 0.5 = 55;
        // AP24 knows no key of it.
        #expect(isClose(plan.resource(table: "Categories")?.readUnitsPerSecond, 1250.01875))
        #expect(isClose(plan.resource(table: "Categories", index: "GSI1")?.readUnitsPerSecond, 55))
        #expect(isClose(plan.resource(table: "Categories")?.writeUnitsPerSecond, 0.0025))
    }

    @Test func whatDynamoDBDoesNotServeCostsNothing() {
        for id in ["AP6", "AP9", "AP18"] { #expect(plan.pattern(id)?.charges.isEmpty == true) }
    }

    @Test func assumptionsStandBesideTheirNumbers() {
        let users = plan.resource(table: "Users")?.assumptions.map(\.text) ?? []
        #expect(users.contains("every kind of item of Users has 4,096 bytes"))
        #expect(users.contains("no document gives the consistency: eventual"))
        let scan = plan.pattern("AP20")?.assumptions ?? []
        #expect(
            scan.contains(
                Assumption(
                    text: "no document gives the items that a Scan reads: 100", moved: "AP20: read units of Categories")
            ))
    }

    @Test func whatTheModelSaysStandsBesideItWithTheReason() throws {
        func figure(_ quantity: StatedFigure.Quantity, _ table: String, _ index: String? = nil) throws -> StatedFigure {
            try #require(plan.stated.first { $0.table == table && $0.index == index && $0.quantity == quantity })
        }
        // What is listed adds up to 1,070; AP2 250, AP3 5, AP7 250 and AP31 30 read indexes of it instead.
        let reads = try figure(.readCalls, "Users")
        #expect(reads.stated == "770" && isClose(reads.computed, 555.2) && !reads.agrees && reads.line == 65)
        #expect(reads.reason.hasPrefix("the patterns that it lists add up to 1,070, those that touch it here to 555.2"))
        // The largest hole: checkout writes Products 200 times a second.
        let writes = try figure(.writeCalls, "Products")
        #expect(writes.stated == "0.05" && isClose(writes.computed, 200.045))
        #expect(writes.reason == "it leaves out AP29, 200 a second: the document does not list it here")
        // $194.40 / ($0.625 a million × 2,592,000 s) = 120 units a second.
        let dollars = try figure(.writeDollars, "Users")
        #expect(dollars.value == 194.4 && dollars.reason.hasPrefix("it buys 120 write units a second"))
        #expect(try figure(.readDollars, "Users").reason.contains("one for each of the 770 reads planned"))
        // 720.15 = AP8 420 + AP10 100 + AP11 200 + AP15 0.1 + AP17 0.05; those of the table itself 500.
        #expect(try figure(.readCalls, "Products").reason.hasPrefix("the patterns that it lists add up to 720.2"))
        #expect(try figure(.readCalls, "Users", "GSI2").agrees)
        // 255.5 is planned as 260: the document is right.
        let legacy = try figure(.readCalls, "Users", "GSI1")
        #expect(legacy.stated == "260" && legacy.agrees && isClose(legacy.computed, 255.5))
        #expect(try figure(.storageDollars, "Users").computed == nil)
    }

    @Test func provisionedIsCheaperWhereTheAverageIsThePeak() throws {
        // Users: ⌈290.1 / 0.7⌉ = 415 reads, ⌈3,142.2 / 0.7⌉ = 4,489 writes: 730 × (415 × 0.00013 + 4,489 × 0.00065) = $2,169.41,
        // against $5,256.36 on demand. Its peak is 290.1/3000 + 3,142.2/1000 = 3.24 partitions: a key may take 30.9%.
        let cost = try #require(plan.cost(table: "Users"))
        #expect(cost.provisionedReadUnits == 415 && cost.provisionedWriteUnits == 4489)
        #expect((cost.provisioned * 100).rounded() / 100 == 2169.41 && cost.isProvisionedCheaper)
        #expect(cost.partitions == 4 && abs((cost.hotKeyShare ?? 0) - 0.3087) < 0.0001)
        // 42.2 + 42.2 + 860 index units for 3,142.2 of the table; Products' two indexes take 800.18 each for 1,600.18.
        #expect(isClose(plan.indexWritesPerWrite(table: "Users"), 944.4 / 3142.2))
        #expect(isClose(plan.indexWritesPerWrite(table: "Products"), 1600.36 / 1600.18))
    }

    @Test func operationsAreChosenByVerbAndType() throws {
        let document = try SharedDocuments.document()
        func told(_ id: String) -> [String] {
            document.pattern(id)?.operations.map { "\($0.operation) \($0.table) \($0.entity ?? "")" } ?? []
        }
        #expect(told("AP39") == ["PutItem Users CART"])
        #expect(told("AP40") == ["UpdateItem Users CART"])
        #expect(told("AP41") == ["DeleteItem Users CART"])
        #expect(told("AP42") == ["DeleteItem Users CART"])
        #expect(told("AP46") == ["GetItem Users USER"])
        #expect(told("AP48") == ["UpdateItem Users USER"])
        #expect(told("AP29") == ["TransactWriteItems Users ORDER", "TransactWriteItems Products "])
        #expect(told("AP44") == ["Query Users CART", "BatchGetItem Products "])
        #expect(document.pattern("AP11")?.operations.contains(where: \.isGuess) == false)
        #expect(document.pattern("AP8")?.operations.allSatisfy(\.isGuess) == true)
    }

    @Test func theRequirementsTableIsReadToo() throws {
        let document = try ContractDocument.read(
            contract: SourceText(name: "c.json", text: try SharedDocuments.text(SharedDocuments.contract)),
            patterns: SourceText(name: "r.md", text: try SharedDocuments.text("dynamodb_requirement.md")))
        #expect(document.patterns.count == 48)
        #expect(document.pattern("AP11")?.peakRPS == 200)
        #expect(lint(document).contains { $0.rule == "rps-total-differs" && $0.line == 7 })
    }
}
