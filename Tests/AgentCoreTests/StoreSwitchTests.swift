import AWSCore
import AgentCore
import Foundation
import Glibc
import Monitoring
import TestSupport
import Testing

/// A store that is not the last one that counted: another was at work meanwhile, or it is an old copy.
@Suite struct StoreSwitchTests {
    private let start = Timestamp(secondsSince1970: 0)
    private let elsewhere = "counted by another store"

    private func use(_ name: String, _ fixture: AgentFixture) {
        fixture.configuration.dataDirectory = fixture.directory.path(name)
    }

    private func copy(_ from: String, to target: String, _ fixture: AgentFixture) throws {
        try? FileManager.default.removeItem(atPath: fixture.directory.path(target))
        try FileManager.default.copyItem(
            atPath: fixture.directory.path(from), toPath: fixture.directory.path(target))
        chmod(fixture.directory.path(target), 0o700)
    }

    private func notices(_ fixture: AgentFixture) throws -> [String] {
        try fixture.store().notices(since: start).filter { ["storeBehind", "storeForgot"].contains($0.kind) }
            .map(\.message)
    }

    /// CloudWatch takes data again, and all that waits is sent.
    private func recover(_ fixture: AgentFixture, _ agent: Agent) async {
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
    }

    @Test func aStoreThatIsTakenUpAgainAfterAnotherCountsNothingTwice() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        use("data2", fixture)
        try await fixture.agentWorksOnce { service.call(times: 4) }
        use("data", fixture)
        do {
            let agent = try fixture.agent()
            service.call(times: 3)
            try await agent.reconfigure(fixture.configuration, sink: nil)
            await fixture.pass(1, agent)
        }
        #expect(await fixture.cloudWatch.sum("Calls") == 12)
        var ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.recorded == 12 && ledger.calls.acknowledged == 8)
        #expect(ledger.calls.dropped == [elsewhere: 4])
        #expect(try notices(fixture).count == 1)
        #expect(try notices(fixture).first?.contains("4 calls are counted already") == true)
        // And the other one once more, with nothing new to say on a restart.
        use("data2", fixture)
        try await fixture.agentWorksOnce { service.call(times: 2) }
        try await fixture.agentWorksOnce {}
        #expect(await fixture.cloudWatch.sum("Calls") == 14)
        ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.dropped == [elsewhere: 3] && ledger.calls.acknowledged == 6)
        #expect(try notices(fixture).filter { $0.contains("are counted already") }.count == 1)
    }

    @Test func aCopyOfTheStoreThatIsBroughtBackCountsNothingTwice() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        try copy("data", to: "backup", fixture)
        try await fixture.agentWorksOnce { service.call(times: 4) }
        // A process that the copy has never seen.
        let late = fixture.service("search", id: 2)
        try await fixture.agentWorksOnce { late.call(times: 6) }
        try copy("backup", to: "data", fixture)
        try await fixture.agentWorksOnce { service.call(times: 3) }
        try await fixture.agentWorksOnce { late.call(times: 1) }
        #expect(await fixture.cloudWatch.sum("Calls") == 19)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.dropped == [elsewhere: 4] && ledger.calls.acknowledged == 9)
        #expect(try notices(fixture).contains { $0.contains("the store is older than its last commit") })
        #expect(ledger.datums.droppedInAll == 0)
    }

    @Test func whatWaitedInTheCopyAndWasSentSinceIsNotSentAgain() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        try await fixture.agentWorksOnce { service.call(times: 5) }
        try await fixture.agentWorksOnce { service.call(times: 2) }
        try copy("data", to: "backup", fixture)
        do {
            let agent = try fixture.agent()
            await recover(fixture, agent)
            service.call(times: 4)
            await fixture.pass(1, agent)
            #expect(await fixture.cloudWatch.sum("Calls") == 11)
        }
        try copy("backup", to: "data", fixture)
        let agent = try fixture.agent()
        service.call(times: 3)
        await recover(fixture, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == 14)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.dropped == [elsewhere: 11] && ledger.calls.acknowledged == 3)
    }

    /// Whether it was sent cannot be told then: nothing is lost, and what may be double is known.
    @Test func whatWaitsInTheCopyIsSentWhereItMayStillHaveWaitedInTheEnd() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        try await fixture.agentWorksOnce { service.call(times: 5) }
        try await fixture.agentWorksOnce { service.call(times: 2) }
        try copy("data", to: "backup", fixture)
        try await fixture.agentWorksOnce { service.call(times: 4) }
        try copy("backup", to: "data", fixture)
        _ = try fixture.agent()
        let agent = try fixture.agent()
        service.call(times: 3)
        await recover(fixture, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == 10)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.dropped == ["lost with the store": 4])
        #expect(ledger.calls.acknowledged == 10 && ledger.calls.mayHaveCounted == 7)
        #expect(try notices(fixture).count == 1)
    }

    @Test func whatWaitsInAnotherDirectorysStoreIsNotCalledLost() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        try await fixture.agentWorksOnce { service.call(times: 5) }
        use("data2", fixture)
        await fixture.cloudWatch.always(.take)
        do {
            let agent = try fixture.agent()
            service.call(times: 4)
            await recover(fixture, agent)
        }
        var ledger = try fixture.store().ledger()
        #expect(ledger.calls.dropped.isEmpty && ledger.calls.recorded == 4)
        #expect(try notices(fixture).contains { $0.contains("5 calls wait for CloudWatch in") })
        use("data", fixture)
        let agent = try fixture.agent()
        await recover(fixture, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == 9)
        ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.acknowledged == 5 && ledger.calls.dropped == [elsewhere: 4])
    }

    @Test func whatWaitedInTheOtherStoreIsLostWithItOnce() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        use("data2", fixture)
        await fixture.cloudWatch.always(.throttle)
        try await fixture.agentWorksOnce { service.call(times: 4) }
        try FileManager.default.removeItem(atPath: fixture.directory.path("data2"))
        use("data", fixture)
        for _ in 0..<3 { _ = try fixture.agent() }
        let agent = try fixture.agent()
        service.call(times: 1)
        await recover(fixture, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == 6)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.dropped == ["lost with the store": 4])
    }

    @Test(arguments: AgentStep.allCases)
    func aDeathAtAnyStepAfterTheSwitchLosesAndDoublesNothing(step: AgentStep) async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let second = fixture.service("billing", id: 2)
        try await fixture.agentWorksOnce { service.call(times: 5) }
        use("data2", fixture)
        try await fixture.agentWorksOnce {
            service.call(times: 4)
            second.call(pattern: "AP2", times: 6)
        }
        use("data", fixture)
        second.end()
        try await fixture.agentWorksOnce(failing: step) { service.call(times: 3) }
        service.call(times: 2)
        let agent = try fixture.agent()
        await fixture.pass(2, agent)
        await agent.shutdown()
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced && ledger.calls.acknowledged == 10)
        #expect(ledger.calls.dropped == [elsewhere: 10])
        let sum = await fixture.cloudWatch.sum("Calls")
        #expect(ledger.calls.cloudWatchRange.contains(sum - 10), "\(sum) in \(ledger.calls)")
    }

    @Test func twoCopiesThatTakeTurnsCountNothingTwice() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        try copy("data", to: "data2", fixture)
        for turn in 0..<6 {
            use(turn % 2 == 0 ? "data2" : "data", fixture)
            for _ in 0...turn % 3 { try await fixture.agentWorksOnce { service.call(times: 2) } }
            #expect(await fixture.cloudWatch.sum("Calls") == service.made, "turn \(turn)")
            #expect(try fixture.store().ledger(periodsSince: start).isBalanced)
        }
    }

    @Test func aMarkOfTheVersionBeforeIsUnderstood() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        try copy("data", to: "backup", fixture)
        try await fixture.agentWorksOnce { service.call(times: 4) }
        let mark = try fixture.directory.read("telemetry/agent.mark")
        let old = try #require(Self.withoutStores(mark, path: fixture.directory.path("data/tidemark.sqlite")))
        try fixture.directory.write(old, to: "telemetry/agent.mark")
        chmod(fixture.directory.path("telemetry/agent.mark"), 0o600)
        try copy("backup", to: "data", fixture)
        try await fixture.agentWorksOnce { service.call(times: 3) }
        #expect(await fixture.cloudWatch.sum("Calls") == 12)
        #expect(try fixture.store().ledger().calls.dropped == [elsewhere: 4])
        #expect(try fixture.store().notices(since: start).map(\.kind) == ["storeBehind"])
    }

    /// The mark as it was written before it named stores: cut off behind the processes, with a checksum of its own.
    private static func withoutStores(_ mark: [UInt8], path: String) -> [UInt8]? {
        var body = Array(mark.dropLast(4))
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let path = Array(String(cString: resolved).utf8)
        guard body.suffix(path.count).elementsEqual(path) else { return nil }
        // Its length and the sequence before it take a byte each, and so do the name's length and the number of stores.
        body.removeLast(path.count + (path.count < 128 ? 2 : 3))
        while let last = body.last, (0x30...0x39).contains(last) { body.removeLast() }
        body.removeLast(2)
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in body {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return body + (0..<4).map { UInt8(truncatingIfNeeded: ~sum >> UInt32(8 * $0)) }
    }
}
