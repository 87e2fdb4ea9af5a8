import ContractEngine
import ContractModel
import Testing

struct CapacityTests {
    private let attributes = ["pk", "sk", "key", "a", "b"].map { ContractAttribute(name: $0, type: .S) }

    private func table(
        size: Int?, projection: Projection = .all, entities: [ContractEntity]? = nil
    ) -> ContractTable {
        ContractTable(
            name: "T", isMultiEntity: entities != nil, partitionKey: KeyAttribute(name: "pk"),
            sortKey: KeyAttribute(name: "sk"),
            indexes: [ContractIndex(name: "I", partitionKey: KeyAttribute(name: "key"), projection: projection)],
            entities: entities ?? [ContractEntity(name: "T", attributes: attributes)], estimatedItemSizeInBytes: size)
    }

    private func plan(_ table: ContractTable, _ operation: PatternOperation, rate: Double = 10) -> CapacityPlan {
        let pattern = AccessPattern(
            id: "AP1", peakRPS: rate, averageRPS: rate, type: operation.isWrite ? .write : .read,
            operations: [operation])
        return capacity(of: ContractDocument(contract: MigrationContract(tables: [table]), patterns: [pattern]))
    }

    @Test(arguments: [
        // operation, size, items, consistency, units a call
        ("GetItem", 4096, 1, ReadConsistency.eventual, 0.5), ("GetItem", 4097, 1, .eventual, 1),
        ("GetItem", 4097, 1, .strong, 2), ("BatchGetItem", 100, 7, .strong, 7), ("BatchGetItem", 5000, 3, .eventual, 3),
        ("TransactGetItems", 100, 2, .eventual, 4), ("Query", 100, 50, .eventual, 1), ("Query", 100, 50, .strong, 2),
        ("Scan", 1024, 100, .eventual, 12.5), ("Query", 1024, 100_000, .strong, 25_000),
    ])
    func readsCost(_ name: String, _ size: Int, _ items: Double, _ consistency: ReadConsistency, _ units: Double) {
        let operation = PatternOperation(operation: name, table: "T", consistency: consistency, itemsPerCall: items)
        #expect(plan(table(size: size), operation).resource(table: "T")?.readUnitsPerSecond == units * 10)
    }

    @Test(arguments: [
        ("PutItem", 1024, 1.0, 1.0, 1.0), ("UpdateItem", 1025, 1, 2, 2), ("DeleteItem", 3000, 1, 3, 3),
        ("BatchWriteItem", 1500, 25, 50, 50), ("TransactWriteItems", 4096, 1, 8, 4),
    ])
    func writesCost(_ name: String, _ size: Int, _ items: Double, _ units: Double, _ indexUnits: Double) {
        let operation = PatternOperation(operation: name, table: "T", itemsPerCall: items)
        let plan = plan(table(size: size), operation)
        #expect(plan.resource(table: "T")?.writeUnitsPerSecond == units * 10)
        #expect(plan.resource(table: "T", index: "I")?.writeUnitsPerSecond == indexUnits * 10)
    }

    @Test func projectionBoundsAnIndexsShare() {
        // The keys alone: pk and sk of 2 + 32 bytes, key of 3 + 32, whatever else a large item holds.
        let put = PatternOperation(operation: "PutItem", table: "T")
        #expect(
            plan(table(size: 5000, projection: .keysOnly), put).resource(table: "T", index: "I")?.writeUnitsPerSecond
                == 10)
        // With `a`, a fifth of 5,000 bytes more: 1,103 bytes, two blocks.
        #expect(
            plan(table(size: 5000, projection: .include(["a"])), put).resource(table: "T", index: "I")?
                .writeUnitsPerSecond
                == 20)
        // An update that leaves the key alone does not write an index of keys only.
        let update = PatternOperation(operation: "UpdateItem", table: "T")
        #expect(
            plan(table(size: 5000, projection: .keysOnly), update).resource(table: "T", index: "I")?.writeUnitsPerSecond
                == 0)
    }

    @Test func indexIsSparsePerEntity() {
        let inside = ContractEntity(name: "IN", attributes: attributes, estimatedItemSizeInBytes: 2048)
        let outside = ContractEntity(name: "OUT", attributes: attributes.filter { $0.name != "key" })
        let both = table(size: 1024, entities: [inside, outside])
        let toInside = plan(both, PatternOperation(operation: "PutItem", table: "T", entity: "IN"))
        #expect(toInside.resource(table: "T")?.writeUnitsPerSecond == 20)
        #expect(toInside.resource(table: "T", index: "I")?.writeUnitsPerSecond == 20)
        let toOutside = plan(both, PatternOperation(operation: "PutItem", table: "T", entity: "OUT"))
        #expect(toOutside.resource(table: "T")?.writeUnitsPerSecond == 10)
        #expect(toOutside.resource(table: "T", index: "I")?.writeUnitsPerSecond == 0)
    }

    @Test func indexIsReadEventuallyAndWhatDynamoDBRefusesIsChargedAsItIsAskedFor() {
        func units(_ consistency: ReadConsistency?) -> Double? {
            let operation = PatternOperation(
                operation: "Query", table: "T", index: "I", consistency: consistency, itemsPerCall: 4)
            return plan(table(size: 4096), operation).resource(table: "T", index: "I")?.readUnitsPerSecond
        }
        #expect(units(nil) == 20 && units(.eventual) == 20 && units(.strong) == 40)
    }

    @Test func missingSizeAndRateAreAssumptions() {
        let operation = PatternOperation(operation: "GetItem", table: "T", consistency: .strong)
        let demand = plan(table(size: nil), operation).pattern("AP1")
        #expect(
            demand?.assumptions == [
                Assumption(text: "the contract gives no item size: 1024 bytes", moved: "AP1: read units of T")
            ])
        var pattern = AccessPattern(id: "AP1", operations: [operation])
        let tables = MigrationContract(tables: [table(size: 10)])
        let none = capacity(of: ContractDocument(contract: tables, patterns: [pattern]))
        #expect(none.pattern("AP1")?.assumptions.map(\.text) == ["no document gives a rate: 0 calls a second"])
        pattern.peakRPS = 5
        let peak = capacity(of: ContractDocument(contract: tables, patterns: [pattern]))
        #expect(peak.pattern("AP1")?.averageCallsPerSecond == 5)
        #expect(peak.pattern("AP1")?.assumptions.first?.moved == "AP1: dollars a month")
    }

    @Test func dollarsFollowTheAverage() {
        // 1,000,000 / (730 × 3600) writes a second are a million a month.
        let rate = 1_000_000.0 / (730 * 3600)
        let plan = plan(table(size: 100), PatternOperation(operation: "PutItem", table: "T"), rate: rate)
        #expect(abs((plan.resource(table: "T")?.dollarsPerMonth ?? 0) - 0.625) < 1e-9)
        // The pattern pays for the index's share too.
        #expect(abs((plan.pattern("AP1")?.dollarsPerMonth ?? 0) - 1.25) < 1e-9)
    }

    @Test func everyTableAndIndexHasARow() throws {
        let plan = capacity(of: try Bookshop.document())
        #expect(
            plan.resources.map { "\($0.table).\($0.index ?? "")" } == [
                "Readers.", "Readers.ByLoan", "Books.", "Books.ByAuthor",
            ])
        // AP1 4 × 1; AP3 10 × ⌈2000/1024⌉ × 2.
        #expect(plan.resource(table: "Readers")?.writeUnitsPerSecond == 44)
        // AP3's item has the key: of its 2,000 bytes the index holds the keys, one block. A reader has not.
        #expect(plan.resource(table: "Readers", index: "ByLoan")?.writeUnitsPerSecond == 10)
    }
}
