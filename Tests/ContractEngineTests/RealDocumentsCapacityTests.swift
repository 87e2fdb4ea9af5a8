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
        // By `satisfies`, AP36 and AP37 included: 250 + 5 + 250 + 50 + 30 + 10 + 20 + 5 + 200 + 100 + 50 + 100 + 0.1 + 0.1
        // = 1,070.2 a second, one item each, eventual: × ⌈4096/4096⌉ × 0.5 = 535.1.
        let users = plan.resource(table: "Users")
        #expect(isClose(users?.readCallsPerSecond, 1070.2))
        #expect(isClose(users?.readUnitsPerSecond, 535.1))
    }

    @Test func usersWrites() {
        // Simple: 0.3 + 0.1 + 5 + 10 + 175 + 100 + 50 + 25 + 0.1 + 0.05 = 365.55 × ⌈4096/1024⌉ = 1,462.2.
        // Transactional: AP1 10 and AP29 200: 210 × 4 × 2 = 1,680. Together 3,142.2.
        let users = plan.resource(table: "Users")
        #expect(isClose(users?.writeCallsPerSecond, 575.55))
        #expect(isClose(users?.writeUnitsPerSecond, 3142.2))
        // 3,142.2 × 2,628,000 s × $0.625/M = $5,161.06; 535.1 × 2,628,000 × $0.125/M = $175.78.
        #expect(users.map { ($0.writeDollarsPerMonth * 100).rounded() / 100 } == 5161.06)
        #expect(users.map { ($0.readDollarsPerMonth * 100).rounded() / 100 } == 175.78)
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

    @Test func usersIndexesAreReadByWhatTheirSectionsList() {
        // GSI1: AP3 5 + AP4 0.3 + AP5 0.1 = 5.4 × 0.5; GSI2: AP2 250 × 0.5; GSI3: AP31 30 + AP34 10 = 40 × 0.5.
        #expect(isClose(plan.resource(table: "Users", index: "GSI1")?.readUnitsPerSecond, 2.7))
        #expect(isClose(plan.resource(table: "Users", index: "GSI2")?.readUnitsPerSecond, 125))
        #expect(isClose(plan.resource(table: "Users", index: "GSI3")?.readUnitsPerSecond, 20))
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
        // AP19 10 + AP20 50 scan 100 items of 1,024 bytes: ⌈102400/4096⌉ = 25 × 0.5 = 12.5 × 60 = 750; AP23 20 + AP24 20 get
        // one: 40 × 0.5 = 20. GSI1: AP21 50 + AP22 30 + AP25 30, and AP24 20 by its section = 130 × 0.5 = 65.
        #expect(isClose(plan.resource(table: "Categories")?.readUnitsPerSecond, 770))
        #expect(isClose(plan.resource(table: "Categories", index: "GSI1")?.readUnitsPerSecond, 65))
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
        // 770 is right by the model's own mapping: `satisfies` has AP37 (200) on Users too, and AP44 (100) reads Products as well.
        let reads = try figure(.readCalls, "Users")
        #expect(reads.stated == "770" && isClose(reads.computed, 1070.2) && !reads.agrees && reads.line == 65)
        #expect(reads.reason.hasPrefix("it leaves out AP37 and AP44, 300 a second"))
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
        #expect(try figure(.storageDollars, "Users").computed == nil)
    }

    @Test func provisionedIsCheaperWhereTheAverageIsThePeak() throws {
        // Users: ⌈535.1 / 0.7⌉ = 765 reads, ⌈3,142.2 / 0.7⌉ = 4,489 writes: 730 × (765 × 0.00013 + 4,489 × 0.00065) = $2,202.63,
        // against $5,336.84 on demand. Its peak is 535.1/3000 + 3,142.2/1000 = 3.32 partitions: a key may take 30.1%.
        let cost = try #require(plan.cost(table: "Users"))
        #expect(cost.provisionedReadUnits == 765 && cost.provisionedWriteUnits == 4489)
        #expect((cost.provisioned * 100).rounded() / 100 == 2202.63 && cost.isProvisionedCheaper)
        #expect(cost.partitions == 4 && abs((cost.hotKeyShare ?? 0) - 0.3012) < 0.0001)
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
