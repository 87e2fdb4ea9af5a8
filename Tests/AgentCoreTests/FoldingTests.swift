import AWSCore
import AgentCore
import CloudWatch
import ContractEngine
import ContractModel
import Monitoring
import Telemetry
import TestSupport
import Testing

/// Which series the budget leaves by themselves.
@Suite struct FoldingTests {
    private static let scope = MonitoringScope(service: "shop", environment: "test")
    private static let perPattern = PublishedSets([.pattern]).metrics(of: .pattern).count
    private static let perService = PublishedSets([.pattern]).metrics(of: .service).count

    private func series(_ calls: [String: UInt64]) -> [SeriesIdentity: SeriesTotals] {
        var series: [SeriesIdentity: SeriesTotals] = [:]
        for (pattern, count) in calls {
            var totals = SeriesTotals()
            totals.counters.calls = count
            series[
                SeriesIdentity(
                    service: "shop", environment: "test", table: "T", operation: "GetItem", pattern: pattern)] = totals
        }
        return series
    }

    private func state(roomFor patterns: Int, contract: ContractDocument? = nil) -> FoldingState {
        FoldingState(
            sets: PublishedSets([.pattern]), expected: ExpectedSeries(contract),
            budget: MetricBudget(metrics: Self.perService + patterns * Self.perPattern))
    }

    private func kept(_ state: FoldingState) -> [String]? {
        state.folding.kept.map { $0.map(\.name.name).sorted() }
    }

    private func contract(_ ids: [String]) -> ContractDocument {
        ContractDocument(
            contract: MigrationContract(tables: []),
            patterns: ids.map { id in
                AccessPattern(
                    id: id, summary: "", peakRPS: 1, averageRPS: 1, type: .read,
                    operations: [PatternOperation(operation: "GetItem", table: "T")])
            })
    }

    @Test func whatFitsIsNotFolded() {
        var state = state(roomFor: 3)
        #expect(state.advance(series(["a": 1, "b": 1, "c": 1]), scopes: [Self.scope]) == [])
        #expect(kept(state) == nil)
    }

    @Test func theSmallestAreFolded() {
        // Three places, of which `other` takes one.
        var state = state(roomFor: 3)
        _ = state.advance(series(["a": 10, "b": 500, "c": 20, "d": 300]), scopes: [Self.scope])
        #expect(kept(state) == ["b", "d"])
    }

    @Test func theContractsSeriesStayHoweverSmall() {
        var state = state(roomFor: 3, contract: contract(["tiny"]))
        _ = state.advance(series(["tiny": 1, "b": 500, "c": 400, "d": 300]), scopes: [Self.scope])
        #expect(kept(state) == ["b", "tiny"])
    }

    @Test func seriesOfNearlyEqualWeightDoNotChangePlaces() {
        var state = state(roomFor: 3)
        var numbers = SeededGenerator(seed: 9)
        var changes = 0
        var before: [String]?
        for _ in 0..<200 {
            let calls = ["a", "b", "c", "d"].map { ($0, UInt64.random(in: 90...110, using: &numbers)) }
            _ = state.advance(series(Dictionary(uniqueKeysWithValues: calls)), scopes: [Self.scope])
            if let before, before != kept(state) { changes += 1 }
            before = kept(state)
        }
        #expect(changes == 0)
    }

    @Test func aSeriesThatGrewTakesAPlaceAndTheOneThatLostItIsNamed() {
        var state = state(roomFor: 3)
        for _ in 0..<10 { _ = state.advance(series(["a": 100, "b": 90, "c": 10]), scopes: [Self.scope]) }
        #expect(kept(state) == nil)
        for _ in 0..<10 { _ = state.advance(series(["a": 100, "b": 90, "c": 10, "d": 20]), scopes: [Self.scope]) }
        #expect(kept(state) == ["a", "b"])
        var left: [String] = []
        for _ in 0..<200 {
            left += state.advance(series(["a": 100, "b": 1, "c": 10, "d": 200]), scopes: [Self.scope]).map(\.name.name)
        }
        #expect(kept(state) == ["a", "d"])
        #expect(left == ["b"])
    }

    @Test func aSeriesThatIsFoldedAtFirstSightIsNamedOnce() {
        var state = state(roomFor: 3)
        _ = state.advance(series(["a": 100, "b": 90, "c": 80]), scopes: [Self.scope])
        #expect(kept(state) == nil)
        var left: [[String]] = []
        for _ in 0..<3 {
            left.append(
                state.advance(series(["a": 100, "b": 90, "c": 80, "new": 1]), scopes: [Self.scope]).map(\.name.name))
        }
        // The place that `other` takes is the third one's.
        #expect(kept(state) == ["a", "b"])
        #expect(left == [["c", "new"], [], []])
    }

    @Test func theSameTotalsGiveTheSameSet() {
        func run() -> [[String]?] {
            var state = state(roomFor: 4)
            var numbers = SeededGenerator(seed: 4)
            return (0..<100).map { _ in
                let calls = (0..<12).map { ("p\($0)", UInt64.random(in: 0...100, using: &numbers)) }
                _ = state.advance(series(Dictionary(uniqueKeysWithValues: calls)), scopes: [Self.scope])
                return kept(state)
            }
        }
        #expect(run() == run())
    }

    @Test func moreServicesThanTheBudgetPaysForAreAnExcessThatIsSaid() {
        var state = state(roomFor: 3, contract: contract(["AP1", "AP2"]))
        let scopes = (1...3).map { MonitoringScope(service: "shop\($0)", environment: "test") }
        _ = state.advance([:], scopes: Set(scopes.prefix(1)))
        #expect(state.excess == 0)
        _ = state.advance([:], scopes: Set(scopes))
        #expect(state.excess == 2 * Self.perService + 3 * Self.perPattern)
    }

    @Test func neverMoreMetricsThanTheBudgetPaysFor() {
        for cap in stride(from: 40, through: 400, by: 45) {
            let all = PublishedSets(Set(MetricCatalog.DimensionSet.allCases))
            var state = FoldingState(sets: all, expected: ExpectedSeries(nil), budget: MetricBudget(metrics: cap))
            var numbers = SeededGenerator(seed: UInt64(cap))
            for _ in 0..<40 {
                var window: [SeriesIdentity: SeriesTotals] = [:]
                for _ in 0..<30 {
                    var totals = SeriesTotals()
                    totals.counters.calls = UInt64.random(in: 1...100, using: &numbers)
                    totals.counters.attempts = totals.counters.calls
                    totals.counters.readMilliUnits = UInt64.random(in: 1...9_999, using: &numbers)
                    let number = Int.random(in: 0..<40, using: &numbers)
                    window[
                        SeriesIdentity(
                            service: "shop", environment: "test", table: "T\(number % 7)",
                            index: number % 3 == 0 ? "I\(number % 5)" : "", operation: "O\(number % 4)",
                            pattern: "P\(number)")] = totals
                }
                _ = state.advance(window, scopes: [Self.scope])
                let builder = DatumBuilder(
                    period: .sixtySeconds, expected: ExpectedSeries(nil), sets: all, folding: state.folding)
                let datums = builder.datums(
                    of: PublishablePeriod(
                        from: 0, to: 60_000_000_000, isGap: false, series: window, scopes: [Self.scope],
                        hasFigures: true))
                let metrics = Set(datums.map { "\($0.datum.name) \($0.datum.dimensions)" })
                #expect(metrics.count <= max(cap, 40 + 5 * 7), "cap \(cap)")
            }
        }
    }

    // MARK: The budget

    @Test func dollarsPayForMetricsAndTheirRequests() {
        // 43,800 requests a month are $0.438.
        #expect(MetricBudget(dollarsPerMonth: 3.44, period: .sixtySeconds).metrics == 10)
        #expect(MetricBudget(dollarsPerMonth: 3.43, period: .sixtySeconds).metrics == 9)
        #expect(MetricBudget(dollarsPerMonth: 0.5, period: .sixtySeconds).metrics == 0)
        #expect(MetricBudget(dollarsPerMonth: .nan, period: .sixtySeconds).metrics == 0)
    }

    @Test func aBudgetThatTheContractAloneExceedsIsRefusedWithFigures() throws {
        let fixture = try AgentFixture()
        fixture.configuration.contract = contract((0..<20).map { "AP\($0)" })
        fixture.configuration.budgetInDollarsAMonth = 5
        let problem = try #require(fixture.configuration.budgetProblem)
        #expect(problem.contains("pays for") && problem.contains("$"))
        #expect(throws: AgentError.self) { try fixture.agent() }
        fixture.configuration.budgetInDollarsAMonth = 500
        #expect(fixture.configuration.budgetProblem == nil)
        #expect(throws: Never.self) { try fixture.agent() }
    }

    /// Log, summary and `--dry-run` count the same series, and no service among them.
    @Test func everyReportCountsTheSameFoldedSeries() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.metrics = MetricGrouping.allCases
        fixture.configuration.budgetInDollarsAMonth = 30
        let agent = try fixture.agent()
        let services = (0..<3).map { fixture.service("svc\($0)", id: UInt64($0)) }
        for service in services {
            for pattern in 0..<20 { service.call("T\(pattern % 3)", pattern: "AP\(pattern)", times: pattern + 1) }
        }
        await fixture.pass(1, agent)
        let now = fixture.clock.timestamp
        let cost = try PublishingCost.estimate(fixture.configuration, now: now)
        #expect(cost.folded.count > 20 && !cost.folded.contains { $0.contains("service ") })
        let summary = try Summary.make(from: fixture.store(), since: now.advanced(by: .seconds(-60)), now: now)
        #expect(summary.agent.details.foldedSeries == cost.folded.count)
        #expect(
            try fixture.notices("folded-series").first?.hasPrefix("\(cost.folded.count) series are published") == true)
    }

    @Test func whatIsFoldedIsPublishedNotedAndLosesNothing() async throws {
        let fixture = try AgentFixture()
        // Metrics and the requests of ten-second periods, for some 30 metrics.
        fixture.configuration.budgetInDollarsAMonth = 2.63 + 30 * 0.3
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(pattern: "AP1", times: 50)
        await fixture.pass(1, agent)
        for pattern in 1...9 { service.call(pattern: "AP\(pattern)", times: 60 - pattern) }
        await fixture.pass(1, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
        #expect(await fixture.cloudWatch.sum("Calls", pattern: "other") > 0)
        let folded = await fixture.cloudWatch.datums("AgentFoldedSeries").map(\.sum)
        #expect((folded.last ?? 0) > 0)
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == service.made)
        #expect(!ledger.entries.contains { $0.pattern == "other" })
        let notices = try fixture.store().notices(since: Timestamp(secondsSince1970: 0))
            .filter { $0.kind == "folded-series" }
        let notice = try #require(notices.first)
        #expect(notice.message.contains("series are published as part of `other` from now on"))
        // Folded the first time that they were seen, and said then.
        #expect(notice.message.contains("pattern AP2 of"), "\(notice.message)")
        await fixture.pass(1, agent)
        for pattern in 1...9 { service.call(pattern: "AP\(pattern)", times: 60 - pattern) }
        await fixture.pass(1, agent)
        #expect(
            try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).count { $0.kind == "folded-series" }
                == notices.count)
    }
}
