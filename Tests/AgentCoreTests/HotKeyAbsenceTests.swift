import AgentCore
import CloudWatch
import TestSupport
import Testing

/// A key's load is reckoned over the time that its events are from.
@Suite struct HotKeyAbsenceTests {
    private func upperPercents(away: Duration) async throws -> [Double] {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call() }
        // 1,800 units of one key: in 10 s 6% of a partition's 3,000 read units a second, in 600 s 0.1%.
        service.call(times: 900, units: 2_000, key: "hot")
        fixture.clock.advance(by: away)
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        return await fixture.cloudWatch.datums("HotKeyLoadUpperPercent").map(\.sum)
    }

    @Test func afterAnAbsenceItIsTheAbsencesAndNotTheFirstPeriods() async throws {
        let percents = try await upperPercents(away: .seconds(600))
        #expect((percents.max() ?? 100) < 0.2)
        #expect((percents.max() ?? 0) > 0.05)
    }

    @Test func aWindowShorterThanAPeriodCountsAsOne() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.pass(1, agent)
        service.call(times: 900, units: 2_000, key: "hot")
        fixture.clock.advance(by: .seconds(1))
        await agent.shutdown()
        let percents = await fixture.cloudWatch.datums("HotKeyLoadUpperPercent").map(\.sum)
        #expect((percents.max() ?? 100) <= 6.1)
    }
}
