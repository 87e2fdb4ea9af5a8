import ContractEngine
import ContractModel
import Testing

private func isClose(_ left: Double?, _ right: Double) -> Bool { left.map { abs($0 - right) < 1e-6 } ?? false }

/// A contract small enough to be reckoned on paper.
///
/// Letters: items of 3,000 bytes, an index ByBox of all attributes with the key `box`. Postmen: 500 bytes, no index.
///
/// | pattern | peak | average | does |
/// | AP1 | 100 | 40 | GetItem of a letter, strongly consistent |
/// | AP2 | 20 | 10 | Query of ByBox, 5 letters |
/// | AP3 | 10 | 4 | PutItem of a letter |
/// | AP4 | 6 | 2 | UpdateItem that changes the letter's `box` |
/// | AP5 | 5 | 1 | TransactWriteItems: 2 letters and 1 postman |
///
/// Letters, reads: AP1 100 × ⌈3000/4096⌉ × 1 = 100. Writes: AP3 10 × ⌈3000/1024⌉ = 30; AP4 6 × 3 = 18; AP5 5 × 2 × 3 × 2 = 60;
/// together 108, on average 4 × 3 + 2 × 3 + 1 × 12 = 30.
/// ByBox, reads: AP2 20 × ⌈15,000/4096⌉ × 0.5 = 20 × 4 × 0.5 = 40, on average 20. Writes: AP3 30; AP4 6 × 3 × 2 = 36; AP5
/// 5 × 2 × 3 = 30, not doubled; together 96, on average 4 × 3 + 2 × 6 + 1 × 6 = 30.
/// Postmen, writes: AP5 5 × ⌈500/1024⌉ × 2 = 10, on average 2.
struct SmallContractCapacityTests {
    private static let mapping = """
        AP1: [{table: Letters, operation: GetItem, consistency: strong}]
        AP2: [{table: Letters, index: ByBox, operation: Query, items: 5}]
        AP3: [{table: Letters, operation: PutItem}]
        AP4: [{table: Letters, operation: UpdateItem}]
        AP5: [{table: Letters, operation: TransactWriteItems, items: 2}, {table: Postmen, operation: TransactWriteItems, items: 1}]
        """

    private static let patterns = """
        | Pattern | Description | Peak RPS | Average RPS | Type |
        |---|---|---|---|---|
        | AP1 | Read a letter | 100 | 40 | Read |
        | AP2 | Empty a box | 20 | 10 | Read |
        | AP3 | Post a letter | 10 | 4 | Write |
        | AP4 | Forward a letter | 6 | 2 | Write |
        | AP5 | Deliver two letters | 5 | 1 | Write |
        """

    private static let contract = """
        {"tables": [
          {"table": "Letters", "pk": "letter_id", "gsis": [{"index_name": "ByBox", "pk": "box", "projection": "ALL"}],
           "attributes": [{"name": "letter_id", "type": "S"}, {"name": "box", "type": "S"}, {"name": "text", "type": "S"}],
           "satisfies": ["AP1", "AP2", "AP3", "AP4", "AP5"], "estimated_item_size_bytes": 3000},
          {"table": "Postmen", "pk": "name", "attributes": [{"name": "name", "type": "S"}], "satisfies": ["AP5"],
           "estimated_item_size_bytes": 500}]}
        """

    static func document() throws -> ContractDocument {
        try ContractDocument.read(
            contract: SourceText(name: "letters.json", text: contract),
            patterns: SourceText(name: "patterns.md", text: patterns),
            mapping: SourceText(name: "mapping.yaml", text: mapping))
    }

    private func plan(_ words: [(String, String)] = [("changes.AP4", "box")]) throws -> CapacityPlan {
        var assumptions = CapacityAssumptions()
        for (name, value) in words { try assumptions.set(name, to: value) }
        return capacity(of: try Self.document(), assuming: assumptions)
    }

    @Test func unitsAtPeakAndOnAverage() throws {
        let plan = try plan()
        let letters = plan.resource(table: "Letters")
        #expect(letters?.readUnitsPerSecond == 100 && letters?.averageReadUnitsPerSecond == 40)
        #expect(letters?.writeUnitsPerSecond == 108 && letters?.averageWriteUnitsPerSecond == 30)
        let box = plan.resource(table: "Letters", index: "ByBox")
        #expect(box?.readUnitsPerSecond == 40 && box?.averageReadUnitsPerSecond == 20)
        #expect(box?.writeUnitsPerSecond == 96 && box?.averageWriteUnitsPerSecond == 30)
        let postmen = plan.resource(table: "Postmen")
        #expect(postmen?.writeUnitsPerSecond == 10 && postmen?.averageWriteUnitsPerSecond == 2)
        // 96 / 108 of a unit more for each that the table writes.
        #expect(isClose(plan.indexWritesPerWrite(table: "Letters"), 96.0 / 108))
        #expect(plan.indexWritesPerWrite(table: "Postmen") == 0)
    }

    @Test func transactionChargesBothTables() throws {
        let charges = try plan().pattern("AP5")?.charges.map { "\($0.table).\($0.index ?? "") \($0.formula)" }
        #expect(
            charges == [
                "Letters. 2 × ⌈3,000 B / 1 KB⌉ × 2", "Letters.ByBox 2 × ⌈3,000 B / 1 KB⌉",
                "Postmen. ⌈500 B / 1 KB⌉ × 2",
            ])
    }

    @Test func dollarsOnDemandAndProvisioned() throws {
        let cost = try #require(try plan().cost(table: "Letters"))
        // 40 × 2,628,000 s × $0.125/M = $13.14; 30 × 2,628,000 × $0.625/M = $49.275.
        #expect(isClose(cost.onDemandReads, 13.14) && isClose(cost.onDemandWrites, 49.275))
        // The peak at 70%: ⌈100 / 0.7⌉ = 143 and ⌈108 / 0.7⌉ = 155; × 730 h × $0.00013 = $13.5707, × $0.00065 = $73.5475.
        #expect(cost.provisionedReadUnits == 143 && cost.provisionedWriteUnits == 155)
        #expect(isClose(cost.provisioned, 13.5707 + 73.5475))
        // Following the average: 40 / 0.7 × 730 × 0.00013 + 30 / 0.7 × 730 × 0.00065 = 5.422857 + 20.335714.
        #expect(isClose(cost.autoScaled, 5.422857142857 + 20.335714285714))
        // Used: (13.14 + 49.275) / (143 × 2.628 × 0.125 + 155 × 2.628 × 0.625) = 62.415 / 301.5638 = 20.7%, below 28.9%.
        #expect(abs(cost.utilization - 0.20697) < 0.00001 && !cost.isProvisionedCheaper)
        #expect(abs(cost.breakEvenUtilization - 0.288889) < 0.000001)
        // A target of 100% needs 100 and 108 units, of which 29.6% are used: now it is cheaper.
        let tight = try #require(
            try plan([("utilization-percent", "100"), ("changes.AP4", "box")]).cost(table: "Letters"))
        #expect(tight.provisionedWriteUnits == 108 && tight.isProvisionedCheaper)
    }

    @Test func priceFactorMovesEveryDollar() throws {
        let plain = try #require(try plan().cost(table: "Letters"))
        let dear = try #require(
            try plan([("price-factor", "1.5"), ("changes.AP4", "box"), ("items.Letters", "1000")]).cost(
                table: "Letters"))
        #expect(isClose(dear.onDemand, plain.onDemand * 1.5) && isClose(dear.provisioned, plain.provisioned * 1.5))
        let gigabytes: Double = 3_100_000 / 1_073_741_824
        #expect(isClose(dear.storage, gigabytes * 0.25 * 1.5))
    }

    @Test func storageCountsOverheadAndIndexes() throws {
        let plan = try plan([("items.Letters", "2000000")])
        // 2,000,000 × (3,000 + 100) bytes = 5.774 GB × $0.25 = $1.4435; the index holds all of it again.
        let cost = try #require(plan.cost(table: "Letters"))
        let gigabytes: Double = 6.2e9 / 1_073_741_824
        #expect(cost.storedBytes == 6_200_000_000 && isClose(cost.storage, gigabytes * 0.25))
        #expect(isClose(cost.recovery, gigabytes * 0.20))
        #expect(plan.cost(table: "Letters", index: "ByBox")?.storedBytes == 6_200_000_000)
        #expect(plan.cost(table: "Postmen")?.storedBytes == nil)
    }

    @Test func partitionsByLoadAndByBytes() throws {
        let small = try #require(try plan().cost(table: "Letters"))
        // 100/3000 + 108/1000 = 0.14 of a partition: even all of it on one key fits.
        #expect(small.partitions == 1 && small.hotKeyShare == nil && small.writeUnitsPerPartition == 108)
        // 10⁷ × 3,100 bytes = 28.9 GB on partitions of 10 GB: three, of 36 write units a second each.
        let large = try #require(
            try plan([("items.Letters", "10000000"), ("changes.AP4", "box")]).cost(table: "Letters"))
        #expect(large.partitions == 3 && large.writeUnitsPerPartition == 36)
        // Twenty letters a delivery: 5 × 20 × 3 × 2 = 600, with AP3 and AP4 648; 100/3000 + 648/1000 = 0.68. Fifty: 1,548,
        // load 1.5813: one key may take 63.2%.
        let fifty = try #require(try plan([("items-per-call.AP5.Letters", "50")]).cost(table: "Letters"))
        #expect(fifty.partitions == 2 && abs((fifty.hotKeyShare ?? 0) - 0.63238) < 0.00001)
    }

    // MARK: Keys that change

    @Test(arguments: [
        // what AP4 changes, write units of ByBox a second for AP4
        ("box", 36.0), ("text", 18), ("box,text", 36),
    ])
    func updateOfAnIndexKeyCostsDouble(_ changed: String, _ units: Double) throws {
        let demand = try plan([("changes.AP4", changed)]).pattern("AP4")
        #expect(demand?.charges.first { $0.index == "ByBox" }?.writeUnitsPerSecond == units)
        #expect(
            demand?.assumptions.contains { $0.moved.contains("ByBox") } == false, "nothing is guessed where it is said")
    }

    @Test func patternThatNamesTheKeyIsTakenToChangeIt() throws {
        var document = try Self.document()
        let place = try #require(document.patterns.firstIndex { $0.id == "AP4" })
        document.patterns[place].summary = "Change the box of a letter"
        let demand = capacity(of: document).pattern("AP4")
        #expect(demand?.charges.first { $0.index == "ByBox" }?.writeUnitsPerSecond == 36)
        #expect(demand?.assumptions.contains { $0.text.contains("changes box, a key of the index") } == true)
        // An id is what the item is found by.
        document.patterns[place].summary = "Change a letter by its letter id"
        #expect(capacity(of: document).pattern("AP4")?.charges.first { $0.index == "ByBox" }?.writeUnitsPerSecond == 18)
    }

    @Test func callOfMoreThanAPageReadsThemAll() throws {
        // 500 letters of 3,000 bytes are 1,500,000 bytes: two pages, ⌈1,500,000/4096⌉ × 0.5 = 183.5 units.
        let charge = try #require(try plan([("items-per-call.AP2", "500")]).pattern("AP2")?.charges.first)
        #expect(charge.pagesPerCall == 2 && charge.readUnitsPerCall == 183.5)
        #expect(charge.formula == "⌈500 × 3,000 B / 4 KB⌉ × 0.5 in 2 pages")
    }

    @Test func scanReadsAsManyItemsAsThereAre() throws {
        var document = try Self.document()
        document.patterns = [
            AccessPattern(
                id: "AP9", peakRPS: 1, operations: [PatternOperation(operation: "Scan", table: "Postmen")])
        ]
        var assumptions = CapacityAssumptions()
        try assumptions.set("items.Postmen", to: "1000")
        // ⌈1,000 × 500 / 4096⌉ × 0.5 = 123 × 0.5.
        #expect(
            capacity(of: document, assuming: assumptions).resource(table: "Postmen")?.readUnitsPerSecond == 61.5)
    }
}
