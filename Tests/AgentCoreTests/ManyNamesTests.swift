import AWSCore
import Monitoring
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// Programs that make names of tables or patterns at run time make more of them than are of use at any moment.
@Suite struct ManyNamesTests {
    private static func identity(_ number: Int) -> SeriesIdentity {
        SeriesIdentity(
            service: "s", environment: "test", table: "Orders", operation: "GetItem", pattern: "P\(number)")
    }

    @discardableResult
    private static func commit(
        _ numbers: Range<Int>, also others: [SeriesIdentity] = [], _ agent: Agent, at end: Int64
    ) async throws -> Set<MonitoringScope> {
        var one = SeriesTotals()
        one.counters.calls = 1
        var window = WindowDraft(startedAt: end - 1_000_000_000, endedAt: end, isGap: false)
        for series in numbers.map(identity) + others { window.series[series] = one }
        return try await agent.store.commit(CommitDraft(windows: [window]))
    }

    /// Each name takes its place in the store for ever.
    @Test func beyondALimitNewOnesAreCountedInOther() async throws {
        let fixture = try AgentFixture()
        let now = fixture.clock.timestamp.nanosecondsSince1970
        let limit = 100
        let quiet = SeriesIdentity(
            service: "quiet", environment: "test", table: "Orders", operation: "GetItem", pattern: "AP1")
        do {
            let agent = try fixture.agent()
            await agent.store.memory.withLock { $0.namesOfAService = limit }
            #expect(try await Self.commit(0..<limit - 10, agent, at: now).isEmpty)
        }
        // A new agent knows how many there were.
        let agent = try fixture.agent()
        await agent.store.memory.withLock { $0.namesOfAService = limit }
        let crowded = try await Self.commit(limit - 10..<limit + 90, agent, at: now + 1_000_000_000)
        #expect(crowded == [Self.identity(0).scope])
        // Known ones have their places still, and so have other services.
        let again = try await Self.commit(0..<5, also: [quiet], agent, at: now + 2_000_000_000)
        #expect(again.isEmpty)
        #expect(!(try await Self.commit(limit + 90..<limit + 91, agent, at: now + 3_000_000_000).isEmpty))
        let totals = try fixture.store().totals()
        #expect(totals.count == limit + 2)
        #expect(totals.filter { $0.series.operation == "other" }.map(\.counters.calls) == [91])
        #expect(totals.first { $0.series == Self.identity(3) }?.counters.calls == 2)
        #expect(totals.contains { $0.series == quiet })
        let sum = totals.reduce(UInt64(0)) { $0 + $1.counters.calls }
        #expect(sum == UInt64(limit + 97))
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.recorded == sum)
    }

    @Test func whoMakesThemIsSaidOnce() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let now = fixture.clock.timestamp.nanosecondsSince1970
        let service = fixture.service()
        let scope = MonitoringScope(service: "checkout", environment: "test")
        await agent.store.memory.withLock { $0.namesOfAService = 50 }
        let names = (0..<50).map {
            SeriesIdentity(scope: scope, key: SeriesKey(table: "T\($0)", operation: "GetItem"))
        }
        try await Self.commit(0..<0, also: names, agent, at: now)
        for number in 0..<3 {
            service.call(pattern: "New\(number)")
            await fixture.pass(1, agent)
        }
        let notices = try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).filter {
            $0.kind == "tooManyNames"
        }
        #expect(notices.count == 1)
        #expect(notices.first?.message.hasPrefix("checkout in test has had 50 names of series") == true)
        #expect(try fixture.store().ledger().isBalanced)
    }

    @Test func thoseThatCountNothingNowTakeNoMemory() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let now = fixture.clock.timestamp.nanosecondsSince1970
        for window in 0..<20 {
            try await Self.commit(window * 300..<window * 300 + 300, agent, at: now + Int64(window) * 1_000_000_000)
        }
        let memory = await agent.store.memory.withLock { ($0.series.count, $0.totals.count) }
        #expect(memory.0 <= 2 * 300 + AgentLimits.idleSeriesInMemory && memory.1 == memory.0)
        // What they have counted is in the store, and goes on where they count again.
        try await Self.commit(0..<10, agent, at: now + 30_000_000_000)
        let totals = try fixture.store().totals()
        #expect(totals.count == 6_000)
        for (series, counters) in totals {
            let isAgain = (0..<10).contains { series == Self.identity($0) }
            #expect(counters.calls == (isAgain ? 2 : 1), "\(series)")
        }
        // And they are sent under their names, which are looked up one by one or all at once.
        await fixture.pass(12, agent)
        #expect(await fixture.cloudWatch.sum("Calls", pattern: "P3") == 2)
        #expect(await fixture.cloudWatch.sum("Calls", pattern: "P5999") == 1)
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == 6_010 && ledger.calls.recorded == 6_010)
    }
}
