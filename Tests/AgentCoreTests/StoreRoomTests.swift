import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import TestSupport
import Testing

/// A disk that is full at any moment, and clocks that jump.
@Suite struct StoreRoomTests {
    private let start = Timestamp(secondsSince1970: 0)

    /// The file may grow by this many pages, so that sometimes the commit fails, sometimes the freezing, the settling or the
    /// roll-up.
    @Test(arguments: [UInt64](1...4))
    func aDiskThatIsFullAtAnyMomentLosesNothing(seed: UInt64) async throws {
        let fixture = try AgentFixture()
        fixture.configuration.history.fineHours = 0
        let agent = try fixture.agent()
        let service = fixture.service()
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            for pattern in 0..<40 { service.call(pattern: "AP\(pattern)", milliseconds: .random(in: 1...90, using: &random)) }
            let pages = try await agent.storePages().all
            await agent.limitStore(toPages: pages + Int.random(in: 0...12, using: &random))
            if Bool.random(using: &random) { await fixture.cloudWatch.next(.takeAndLoseTheAnswer) }
            await fixture.pass(1, agent)
        }
        await agent.limitStore(toPages: 1 << 30)
        await fixture.pass(40, agent)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.calls.recorded == service.made, "seed \(seed)")
        #expect(ledger.calls.acknowledged == service.made, "seed \(seed): \(ledger.calls)")
        #expect(ledger.isBalanced, "seed \(seed)")
        #expect(ledger.calls.cloudWatchRange.contains(await fixture.cloudWatch.sum("Calls")), "seed \(seed)")
    }

    @Test(arguments: [UInt64](1...6))
    func aWallClockThatJumpsLosesAndDoublesNothing(seed: UInt64) async throws {
        let fixture = try AgentFixture()
        fixture.configuration.history.fineHours = 1
        let agent = try fixture.agent()
        let service = fixture.service()
        var random = SeededGenerator(seed: seed)
        let jumps: [Int64] = [-86_400, -3_600, -90, -7, 5, 61, 3_600, 86_400]
        for _ in 0..<40 {
            service.call(times: 3)
            if Int.random(in: 0..<4, using: &random) == 0, let jump = jumps.randomElement(using: &random) {
                fixture.clock.advance(by: .seconds(jump))
            }
            await fixture.pass(1, agent)
        }
        // Windows of a time that has not come yet wait for it.
        fixture.clock.advance(by: .seconds(5 * 86_400))
        await fixture.pass(2, agent)
        #expect(try fixture.store().callCount() == service.made, "seed \(seed)")
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced, "seed \(seed)")
        #expect(ledger.calls.acknowledged == service.made, "seed \(seed): \(ledger.calls)")
        #expect(await fixture.cloudWatch.sum("Calls") == service.made, "seed \(seed)")
    }

    @Test func timeStampsAreByCloudWatchsClock() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.pass(1, agent)
        await fixture.cloudWatch.setClock(ahead: .seconds(61))
        service.call()
        await fixture.pass(1, agent)
        service.call()
        await fixture.pass(1, agent)
        let times = await fixture.cloudWatch.datums("Calls").map(\.timestamp.seconds)
        #expect(times.count == 3)
        // The second was frozen before its answer told of the difference; the third is moved by whole periods.
        #expect(times[1] - times[0] == 10)
        #expect(times[2] - times[1] == 70)
    }

    @Test func aFleetsAgentsSendAtTheirOwnMoments() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        let agent = try fixture.agent(spreadsSending: true)
        let phase = await agent.sendPhase
        #expect(phase > .zero && phase < .seconds(40))
        let service = fixture.service()
        service.call()
        await fixture.pass(1, agent)
        #expect(await fixture.cloudWatch.requests.isEmpty)
        #expect(try fixture.store().ledger().calls.pending == 1)
        fixture.clock.advance(by: phase)
        await agent.tick()
        #expect(await fixture.cloudWatch.sum("Calls") == 1)
        // The last words wait for nothing.
        service.call()
        await agent.shutdown()
        #expect(await fixture.cloudWatch.sum("Calls") == 2)
    }

    @Test func whileCloudWatchIsAwayOneWindowIsFrozenAndTheOthersWait() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        service.call()
        await fixture.pass(1, agent)
        let frozen = try fixture.store().ledger().datums.pending
        #expect(frozen > 0)
        for _ in 0..<20 {
            service.call()
            await fixture.pass(1, agent)
        }
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.datums.pending == frozen)
        #expect(ledger.calls.pending == 21)
        #expect(ledger.periods.count == 21)
        #expect(ledger.periods.allSatisfy { $0.calls.pending == 1 && $0.calls.recorded == 1 })
        #expect(ledger.isBalanced)
    }

    @Test func whatWasDroppedIsToldOnceThroughFailedCommitsAndRestarts() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        await fixture.cloudWatch.always(.refuse(metric: "Calls", pattern: "AP1"))
        do {
            let agent = try fixture.agent()
            service.call()
            await fixture.pass(1, agent)
            await fixture.cloudWatch.always(.take)
            await agent.limitStore(toPages: 1)
            for pattern in 0..<300 { service.call(pattern: "P\(pattern)") }
            await fixture.pass(2, agent)
        }
        do {
            let doomed = try fixture.agent(failing: .afterCommit)
            await fixture.pass(1, doomed)
        }
        let agent = try fixture.agent()
        await fixture.pass(3, agent)
        #expect(await fixture.cloudWatch.sum("AgentRefusedDatums") == 1)
    }

    @Test func theLedgerOfEachPeriodIsItsOwn() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 4)
        await fixture.pass(1, agent)
        await fixture.cloudWatch.next(.takeAndLoseTheAnswer)
        service.call(times: 5)
        await fixture.pass(1, agent)
        let periods = try fixture.store().ledger(periodsSince: start).periods
        #expect(periods.map(\.calls.recorded) == [4, 5])
        #expect(periods.map(\.calls.acknowledged) == [4, 0])
        #expect(periods.map(\.calls.ambiguous) == [0, 5])
        #expect(periods.map(\.calls.mayHaveCounted) == [0, 5])
        #expect(periods.allSatisfy { $0.calls.isBalanced })
    }
}
