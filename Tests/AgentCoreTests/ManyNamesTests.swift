import AWSCore
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

    private static func commit(_ numbers: Range<Int>, _ agent: Agent, at end: Int64) async throws {
        var one = SeriesTotals()
        one.counters.calls = 1
        var window = WindowDraft(startedAt: end - 1_000_000_000, endedAt: end, isGap: false)
        for number in numbers { window.series[identity(number)] = one }
        try await agent.store.commit(CommitDraft(windows: [window]))
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
