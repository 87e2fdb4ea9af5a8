import AWSCore
import AgentCore
import Foundation
import Glibc
import Monitoring
import Synchronization
import TestSupport
import Testing

/// What the agent knows of its processes when its store does not.
@Suite struct CommitMarkTests {
    private func markPath(_ fixture: AgentFixture) -> String {
        fixture.configuration.telemetryDirectory + "/agent.mark"
    }

    private func removeStore(_ fixture: AgentFixture) {
        for suffix in ["", "-wal", "-shm"] { unlink(fixture.configuration.dataDirectory + "/tidemark.sqlite" + suffix) }
    }

    private func kinds(_ fixture: AgentFixture) throws -> [String] {
        try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).map(\.kind)
    }

    @Test func aLostStoreNeitherCountsAgainNorSkips() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        removeStore(fixture)
        service.call(times: 3)
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 3)
        #expect(await fixture.cloudWatch.sum("Calls") == 8)
        #expect(try fixture.store().ledger().isBalanced)
        #expect(try kinds(fixture) == ["storeForgot"])
        // The gap was none: what was counted belongs to the time since the mark.
        #expect(try fixture.store().windows(since: Timestamp(secondsSince1970: 0)).map(\.isGap) == [false])
    }

    @Test func whatWaitedInALostStoreStandsInTheLedgerOfTheNext() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let other = fixture.service("search", id: 2)
        do {
            let agent = try fixture.agent()
            service.call(times: 5)
            await fixture.pass(1, agent)
            await fixture.cloudWatch.always(.throttle)
            service.call(times: 4)
            other.call(pattern: "AP2", times: 3)
            await fixture.pass(1, agent)
            service.call(times: 2)
            await fixture.pass(1, agent)
        }
        removeStore(fixture)
        await fixture.cloudWatch.always(.take)
        service.call(times: 1)
        do {
            let agent = try fixture.agent()
            await fixture.pass(1, agent)
        }
        let ledger = try fixture.store().ledger(periodsSince: Timestamp(secondsSince1970: 0))
        #expect(ledger.isBalanced)
        let lost = ledger.entries.map {
            "\($0.scope.service) \($0.pattern) \($0.calls.dropped["lost with the store"] ?? 0)"
        }
        #expect(lost == ["checkout AP1 6", "search AP2 3"])
        #expect(ledger.calls.recorded == 10)
        #expect(ledger.calls.acknowledged == 1)
        let notices = try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).map(\.message)
        #expect(notices.contains { $0.contains("9 calls that waited for CloudWatch") }, "\(notices)")
        // Once: the next store has nothing to tell of the first one.
        removeStore(fixture)
        let third = try fixture.agent()
        await fixture.pass(1, third)
        #expect(try fixture.store().ledger().calls.recorded == 0)
    }

    @Test(arguments: [1, 2])
    func whatWasCommittedWhenTheAgentDiedBeforeItsAnswerIsNamedToo(period: Int) async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let passed = Atomic(0)
        do {
            let doomed = try Agent(
                configuration: fixture.configuration, sink: fixture.cloudWatch, clock: fixture.agentClock,
                failpoint: { step in
                    guard step == .afterBatchTaken else { return }
                    if passed.add(1, ordering: .relaxed).newValue == period { throw InjectedCrash() }
                })
            for _ in 0..<period {
                service.call(times: 4)
                await fixture.pass(1, doomed)
            }
        }
        removeStore(fixture)
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.dropped == ["lost with the store": 4])
        #expect(await fixture.cloudWatch.sum("Calls") == UInt64(4 * (period - 1)))
    }

    @Test func whatWasAcknowledgedBeforeTheStoreWasLostIsNotCalledLost() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        do {
            let agent = try fixture.agent()
            await fixture.cloudWatch.next(.throttle)
            service.call(pattern: "EARLY", times: 5)
            await fixture.pass(1, agent)
            await fixture.cloudWatch.next(.take, .throttle)
            service.call(pattern: "LATE", times: 3)
            await fixture.pass(1, agent)
            #expect(try fixture.store().ledger().calls.pending == 3)
        }
        removeStore(fixture)
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.entries.map(\.pattern) == ["LATE"] && ledger.calls.dropped == ["lost with the store": 3])
        #expect(await fixture.cloudWatch.sum("Calls") == 5)
    }

    @Test func theStoreIsBelievedBeforeTheMark() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        var old: [UInt8] = []
        do {
            let agent = try fixture.agent()
            service.call(times: 5)
            await fixture.pass(1, agent)
            old = try fixture.directory.read("telemetry/agent.mark")
            service.call(times: 2)
            await fixture.pass(1, agent)
        }
        try fixture.directory.write(old, to: "telemetry/agent.mark")
        chmod(markPath(fixture), 0o600)
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 7)
        #expect(await fixture.cloudWatch.sum("Calls") == 7)
    }

    @Test func aDeathBetweenCommitAndMarkCostsAtMostOnePeriodTwice() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        try await fixture.agentWorksOnce(failing: .afterCommit) { service.call(times: 4) }
        do {
            // The store is there: it alone counts.
            let agent = try fixture.agent()
            await fixture.pass(1, agent)
            #expect(try fixture.store().callCount() == 9)
        }
        try await fixture.agentWorksOnce(failing: .afterCommit) { service.call(times: 2) }
        removeStore(fixture)
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        // What that one commit held is counted with it gone, and nothing from before.
        #expect(try fixture.store().callCount() == 2)
    }

    @Test func aStoreThatIsDeletedUnderTheAgentIsMadeAgainWithAllThatItHeld() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let agent = try fixture.agent()
        await fixture.cloudWatch.always(.throttle)
        service.call(times: 5)
        await fixture.pass(2, agent)
        removeStore(fixture)
        service.call(times: 3)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 8)
        #expect(try kinds(fixture) == ["storeReplaced"])
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
        #expect(await fixture.cloudWatch.sum("Calls") == 8)
        let ledger = try fixture.store().ledger(periodsSince: Timestamp(secondsSince1970: 0))
        #expect(ledger.isBalanced)
        #expect(ledger.calls.acknowledged == 8)
    }

    @Test(arguments: [UInt64](1...12))
    func aTornOrHostileMarkIsIgnoredWithANotice(seed: UInt64) async throws {
        let fixture = try AgentFixture()
        var random = SeededGenerator(seed: seed)
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        removeStore(fixture)
        var bytes = try fixture.directory.read("telemetry/agent.mark")
        switch seed % 4 {
        case 0: bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
        case 1: bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes = bytes.map { _ in UInt8.random(in: .min ... .max, using: &random) }
        default: bytes += [UInt8.random(in: .min ... .max, using: &random)]
        }
        try fixture.directory.write(bytes, to: "telemetry/agent.mark")
        chmod(markPath(fixture), 0o600)
        let agent = try fixture.agent()
        service.call(times: 1)
        await fixture.pass(1, agent)
        // Nothing is known, so nothing may be left out.
        #expect(try fixture.store().callCount() == 6, "seed \(seed)")
        #expect(try kinds(fixture) == ["markRefused"], "seed \(seed)")
    }

    @Test func aMarkThatOthersCanWriteIsIgnored() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        var facts = stat()
        #expect(stat(markPath(fixture), &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        removeStore(fixture)
        chmod(markPath(fixture), 0o622)
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 5)
        #expect(try kinds(fixture) == ["markRefused"])
    }

    @Test func aLinkInTheMarksPlaceIsNotFollowed() async throws {
        let fixture = try AgentFixture()
        let victim = try fixture.directory.write("precious", to: "victim")
        let service = fixture.service()
        #expect(symlink(victim, markPath(fixture)) == 0)
        let agent = try fixture.agent()
        service.call(times: 5)
        await fixture.pass(1, agent)
        #expect(try kinds(fixture) == ["markRefused"])
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
        #expect(try fixture.store().callCount() == 5)
    }
}
