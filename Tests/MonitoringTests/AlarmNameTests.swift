import CloudWatch
import ContractEngine
import ContractModel
import Monitoring
import Testing

@Suite struct AlarmNameTests {
    private func plan(tables: Int, patterns: Int, name: (Int) -> String) throws -> [DesiredAlarm] {
        let document = ContractDocument(
            contract: MigrationContract(
                tables: (0..<tables).map { place in
                    ContractTable(
                        name: name(place), partitionKey: KeyAttribute(name: "pk"),
                        entities: [ContractEntity(name: name(place))], estimatedItemSizeInBytes: 100)
                }),
            patterns: (0..<patterns).map { place in
                AccessPattern(
                    id: "AP\(place)", peakRPS: 1, operations: [PatternOperation(operation: "GetItem", table: name(0))])
            })
        return try AlarmPlan.desired(capacity: capacity(of: document), scope: scope)
    }

    @Test func namesOfFullLengthAreShortenedAndStayApart() throws {
        let long = String(repeating: "t", count: 250)
        let alarms = try plan(tables: 3, patterns: 0) { "\(long)\($0)" }
        #expect(Set(alarms.map(\.name)).count == alarms.count)
        #expect(alarms.allSatisfy { $0.name.count <= 255 })
    }

    @Test func scopesThatReadAlikeStayApart() {
        let one = AlarmPlan.namePrefix(of: MonitoringScope(service: "a/b", environment: "c"))
        let other = AlarmPlan.namePrefix(of: MonitoringScope(service: "a", environment: "b/c"))
        let third = AlarmPlan.namePrefix(of: MonitoringScope(service: "a_b", environment: "c"))
        #expect(Set([one, other, third]).count == 3)
        #expect(AlarmPlan.namePrefix(of: scope) == "tidemark/shop/production/")
    }

    @Test func aTableWithMoreAlarmsThanARuleHoldsPagesThroughParts() throws {
        let alarms = try plan(tables: 1, patterns: 120) { _ in "Orders" }
        let composites = alarms.compactMap { alarm -> CompositeAlarm? in
            if case .composite(let composite) = alarm.definition, alarm.number == "page" { composite } else { nil }
        }
        #expect(composites.count > 2)
        let page = try #require(composites.last)
        #expect(page.name == "tidemark/shop/production/Orders/page")
        let parts = try CompositeRule(page.rule).children
        #expect(parts == composites.dropLast().map(\.name))
        let children = try composites.dropLast().flatMap { try CompositeRule($0.rule).children }
        #expect(Set(children).count == 120 * 2 + 3, "two a pattern, and three of the table's own")
        #expect(children.count == Set(children).count)
    }

    @Test func patternsOfOneIdAreRefused() {
        let error = #expect(throws: AlarmPlanError.self) {
            var capacity = makeCapacity()
            capacity.patterns.append(capacity.patterns[0])
            return try AlarmPlan.desired(capacity: capacity, scope: scope)
        }
        #expect(error?.message.contains("two alarms would have this name") == true)
    }
}
