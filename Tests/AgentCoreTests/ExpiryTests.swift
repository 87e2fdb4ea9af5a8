import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import TestSupport
import Testing

/// What CloudWatch would refuse for its age is given up, counted, and not a day early.
@Suite struct ExpiryTests {
    private let start = Timestamp(secondsSince1970: 0)
    private let reason = "older than 14 days"

    /// The newest window is frozen as the probe, those before it wait.
    private func threeWindowsThatWait(_ fixture: AgentFixture, _ agent: Agent) async {
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        for calls in [5, 7, 11] {
            service.call(times: calls)
            await fixture.pass(1, agent)
        }
    }

    @Test func windowsThatWaitTooLongAreDroppedInAllAndForEachWindow() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        await threeWindowsThatWait(fixture, agent)
        fixture.clock.advance(by: .seconds(15 * 86_400))
        await fixture.pass(2, agent)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.dropped == [reason: 23])
        #expect(ledger.periods.reduce(0) { $0 + $1.calls.droppedInAll } == 23)
        #expect(ledger.datums.dropped[reason, default: 0] > 0)
        #expect(await fixture.cloudWatch.taken.isEmpty)
    }

    @Test func windowsAreSentForAsLongAsCloudWatchTakesThem() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        await threeWindowsThatWait(fixture, agent)
        fixture.clock.advance(by: .seconds(14 * 86_400 - 7_200))
        await fixture.cloudWatch.always(.take)
        await fixture.pass(40, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == 23)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.acknowledged == 23 && ledger.calls.dropped.isEmpty)
    }

    /// An agent that was away for longer than CloudWatch looks back: the calls of that time are one window, of which the part
    /// that is too old is dropped, and the rest is sent.
    @Test func theTooOldPartOfAGapIsDroppedAndTheRestIsSent() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        do {
            let agent = try fixture.agent()
            await fixture.pass(1, agent)
        }
        service.call(times: 400)
        fixture.clock.advance(by: .seconds(20 * 86_400))
        let agent = try fixture.agent()
        await fixture.pass(40, agent)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.recorded == 400)
        let (sent, dropped) = (ledger.calls.acknowledged, ledger.calls.dropped[reason, default: 0])
        #expect(sent + dropped == 400 && dropped > 0 && sent > 0, "\(ledger.calls)")
        #expect(await fixture.cloudWatch.sum("Calls") == sent)
    }
}
