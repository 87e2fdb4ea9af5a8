import AWSCore
import CloudWatch
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// A request that is never taken must not hold up those that would be.
@Suite struct SuspectBatchTests {
    /// Six patterns in a window, until nothing but what is at fault waits.
    private func run(
        _ behaviour: FakeCloudWatch.Behaviour, windows: Int = 60, resend: Bool = true
    ) async throws -> (fixture: AgentFixture, made: UInt64) {
        let fixture = try AgentFixture()
        fixture.configuration.resendAmbiguous = resend
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(behaviour)
        for window in 0..<windows {
            // The one at fault is in the first window alone.
            for pattern in 0..<6 where window == 0 || pattern != 3 { service.call(pattern: "AP\(pattern)") }
            await fixture.pass(1, agent)
        }
        fixture.clock.advance(by: .seconds(3_600))
        for _ in 0..<40 {
            await agent.tick()
            fixture.clock.advance(by: .seconds(300))
        }
        return (fixture, service.made)
    }

    @Test func oneDatumThatTheServiceAlwaysFailsOnIsFoundAndPutAside() async throws {
        let (fixture, made) = try await run(.fail(metric: "Calls", pattern: "AP3"))
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced)
        #expect(ledger.calls.recorded == made)
        #expect(ledger.calls.acknowledged == made - 1)
        #expect(ledger.calls.dropped == ["refused: InternalFailure": 1])
        #expect(ledger.datums.dropped == ["refused: InternalFailure": 1])
        #expect(await fixture.cloudWatch.sum("Calls") == made - 1)
    }

    @Test func oneDatumWhoseRequestsAreAlwaysCutOffIsFoundToo() async throws {
        let (fixture, made) = try await run(.cutOff(metric: "Calls", pattern: "AP3"))
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced)
        #expect(ledger.calls.acknowledged == made - 1)
        #expect(ledger.datums.dropped.values.reduce(0, +) == 1)
    }

    @Test func othersAreNotHeldUpMeanwhile() async throws {
        let (fixture, made) = try await run(.fail(metric: "Calls", pattern: "AP3"), windows: 20)
        #expect(try fixture.store().ledger().calls.acknowledged >= made - 6)
    }

    /// Pages, proxies and filters answer in many ways; none may hold up what is not at fault.
    @Test(arguments: [
        FakeCloudWatch.Behaviour.fail(metric: "Calls", pattern: "AP3"), .cutOff(metric: "Calls", pattern: "AP3"),
        .forbid(metric: "Calls", pattern: "AP3"),
    ])
    func whatIsAtFaultInEveryWindowHoldsUpNothingElse(behaviour: FakeCloudWatch.Behaviour) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(behaviour)
        func look(every seconds: Int, times: Int) async {
            for _ in 0..<times {
                fixture.clock.advance(by: .seconds(seconds))
                await agent.tick()
            }
        }
        for window in 1...6 {
            for pattern in 0..<6 { service.call(pattern: "AP\(pattern)") }
            await look(every: 1, times: 60)
            #expect(try fixture.store().ledger().calls.acknowledged == UInt64(5 * window))
        }
        await look(every: 60, times: 400)
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.recorded == service.made)
        #expect(ledger.calls.dropped.values.reduce(0, +) == 6 && ledger.datums.dropped.values.reduce(0, +) == 6)
        #expect(await fixture.cloudWatch.sum("Calls") == 5 * 6)
    }

    /// All that is said of a pattern, in the shortest windows.
    @Test func aPatternThatIsAtFaultInEachWindowOfTenSecondsHoldsUpNothingElse() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.failPattern("AP3"))
        var held: [UInt64] = []
        for window in 1...60 {
            for pattern in 0..<6 { service.call(pattern: "AP\(pattern)") }
            for _ in 0..<10 {
                fixture.clock.advance(by: .seconds(1))
                await agent.tick()
            }
            held.append(5 * UInt64(window) - min(try fixture.store().ledger().calls.acknowledged, 5 * UInt64(window)))
        }
        // A minute to find out what is at fault; after that each window is there when the next one ends.
        #expect(held.dropFirst(6).allSatisfy { $0 <= 5 }, "\(held)")
        let apart = try fixture.store().ledger().datums.pending
        #expect(await fixture.cloudWatch.requests.suffix(100).contains { $0.count == 1 })
        #expect(apart > 60)
        // Better at last: nothing was given up.
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(120))
        await agent.tick()
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == service.made && ledger.datums.dropped.isEmpty)
    }

    /// Each has its turn, whatever comes of the others.
    @Test func whatIsSetApartIsTriedInTurn() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.failPattern("AP3"))
        for _ in 0..<12 {
            for pattern in 0..<6 { service.call(pattern: "AP\(pattern)") }
            for _ in 0..<10 {
                fixture.clock.advance(by: .seconds(1))
                await agent.tick()
            }
        }
        let store = await agent.store
        let first = try #require(try store.takeNextApart(after: 0, upTo: .max))
        let later = try #require(try store.takeNextApart(after: first.id + 10, upTo: .max))
        let around = try #require(try store.takeNextApart(after: .max - 1, upTo: .max))
        #expect(first.isApart && later.id > first.id + 10 && around.id < later.id)
    }

    /// A new agent knows nothing of them, but finds them where they were.
    @Test func whatIsSetApartStaysSoAfterARestart() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        await fixture.cloudWatch.always(.failPattern("AP3"))
        do {
            let agent = try fixture.agent()
            for _ in 0..<30 {
                for pattern in 0..<6 { service.call(pattern: "AP\(pattern)") }
                for _ in 0..<10 {
                    fixture.clock.advance(by: .seconds(1))
                    await agent.tick()
                }
            }
        }
        let before = await fixture.cloudWatch.requests.count
        let agent = try fixture.agent()
        for _ in 0..<10 {
            fixture.clock.advance(by: .seconds(1))
            await agent.tick()
        }
        #expect(try fixture.store().ledger().calls.acknowledged >= 5 * 29)
        #expect(await fixture.cloudWatch.requests.count - before < 30)
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(300))
        await agent.tick()
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == service.made)
    }

    /// It is no datum of a window: the ledger does not know it.
    @Test func aWitnessTellsHowMuchWaitsAndIsInNoLedger() async throws {
        let (fixture, _) = try await run(.fail(metric: "Calls", pattern: "AP3"), windows: 1)
        let witnesses = await fixture.cloudWatch.requests.filter { $0.count == 1 && $0[0].name == "AgentPendingDatums" }
        #expect(witnesses.count >= SuspectSeries.convictionsToPutAside)
        #expect(witnesses.allSatisfy { $0[0].sum > 0 && $0[0].dimensions.contains { $0.name == "Service" } })
        let ledger = try fixture.store().ledger()
        #expect(ledger.datums.isBalanced)
    }

    /// Nobody says then whose the witness is to be, but the store.
    @Test func aWitnessIsFoundHoursAfterTheLastService() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        await fixture.cloudWatch.always(.failAll)
        do {
            let first = try fixture.agent()
            for pattern in 0..<6 { service.call(pattern: "AP\(pattern)") }
            service.end()
            await fixture.pass(2, first)
        }
        #expect(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).isEmpty)
        await fixture.cloudWatch.always(.fail(metric: "Calls", pattern: "AP3"))
        fixture.clock.advance(by: .seconds(7_200))
        let second = try fixture.agent()
        for _ in 0..<120 {
            fixture.clock.advance(by: .seconds(1))
            await second.tick()
        }
        #expect(try fixture.store().ledger().calls.acknowledged == 5)
    }

    @Test func whereAllIsWellNoWitnessIsAsked() async throws {
        let (fixture, _) = try await run(.take, windows: 10)
        #expect(await fixture.cloudWatch.requests.allSatisfy { $0.count > 1 })
    }

    @Test func aServiceThatFailsOnEveryThirdRequestConvictsNobody() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        var random = SeededGenerator(seed: 11)
        for _ in 0..<400 {
            for pattern in 0..<6 { service.call(pattern: "AP\(pattern)") }
            await fixture.cloudWatch.always(Int.random(in: 0..<3, using: &random) == 0 ? .failAll : .take)
            await fixture.pass(1, agent)
        }
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(3_600))
        for _ in 0..<10 {
            await agent.tick()
            fixture.clock.advance(by: .seconds(300))
        }
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.dropped.isEmpty && ledger.datums.dropped.isEmpty)
        #expect(ledger.calls.acknowledged == service.made)
    }

    @Test func aServiceThatFailsOnEverythingConvictsNobody() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.failAll)
        for _ in 0..<200 {
            service.call(times: 2)
            await fixture.pass(1, agent)
        }
        // Windows keep their resolution: no more of them are made into batches than tell one batch's fault from all.
        #expect(try fixture.store().ledger().datums.recorded < 100)
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(3_600))
        for _ in 0..<10 {
            await agent.tick()
            fixture.clock.advance(by: .seconds(300))
        }
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.dropped.isEmpty)
        #expect(ledger.calls.acknowledged == 400)
    }

    @Test(arguments: [1, 7, 40])
    func whatLiesBeforeCloudWatchMayTakeSmallRequestsOnly(most: Int) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.tooLarge(beyond: most))
        for _ in 0..<10 {
            for pattern in 0..<20 { service.call(pattern: "AP\(pattern)") }
            await fixture.pass(1, agent)
        }
        fixture.clock.advance(by: .seconds(120))
        await agent.tick()
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.acknowledged == 200 && ledger.isBalanced)
        // Not each window finds the size anew.
        let tooLarge = await fixture.cloudWatch.requests.filter { $0.count > most }.count
        #expect(tooLarge <= 10, "\(tooLarge)")
    }

    @Test func oneDatumThatIsAlwaysTooLargeIsPutAside() async throws {
        let (fixture, made) = try await run(.tooLargeWith(metric: "Calls", pattern: "AP3"), windows: 60)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.acknowledged == made - 1)
        #expect(ledger.datums.dropped.values.reduce(0, +) == 1 && ledger.calls.mayHaveCounted == 0)
    }
}
