import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import Telemetry
import TestSupport
import Testing

/// Counted once, whatever dies when.
@Suite struct ExactnessTests {
    @Test func aPeriodsCallsAreStoredAndPublished() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 7)
        service.call(outcome: .timeout, times: 2)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 9)
        #expect(await fixture.cloudWatch.sum("Calls") == 9)
        #expect(await fixture.cloudWatch.sum("FailedCalls") == 2)
        #expect(await fixture.cloudWatch.sum("OperationCalls") == 9)
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced)
        #expect(ledger.calls.acknowledged == 9)
    }

    @Test func callTimesComeOutWithExactCountAndSum() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        for milliseconds in UInt64(1)...200 { service.call(milliseconds: milliseconds) }
        await fixture.pass(1, agent)
        let datums = await fixture.cloudWatch.datums("CallTime")
        #expect(datums.reduce(0) { $0 + $1.sampleCount } == 200)
        #expect(abs(datums.reduce(0) { $0 + $1.sum } - 20_100) < 1e-6)
    }

    @Test func throttledShareIsPublishedAsValuesWithCounts() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 9)
        service.call(outcome: .throttled, times: 1, throttled: true)
        await fixture.pass(1, agent)
        let datum = try #require(await fixture.cloudWatch.datums("ThrottledAttemptPercent").first)
        #expect(datum.value == .distribution(values: [0, 100], counts: [9, 1]))
        #expect(datum.storageResolution == 1)
    }

    @Test(arguments: AgentStep.allCases)
    func aDeathAtAnyStepLosesAndDoublesNothing(step: AgentStep) async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let second = fixture.service("billing", id: 2)
        do {
            let doomed = try fixture.agent(failing: step)
            service.call(times: 5)
            second.call(pattern: "AP2", times: 3)
            second.end()
            await fixture.pass(1, doomed)
        }
        service.call(times: 4)
        let agent = try fixture.agent()
        await fixture.pass(2, agent)
        await agent.shutdown()
        let store = try fixture.store()
        #expect(try store.callCount() == service.made + second.made)
        let ledger = try store.ledger()
        #expect(ledger.isBalanced)
        #expect(ledger.calls.recorded == 12)
        let sum = await fixture.cloudWatch.sum("Calls")
        #expect(ledger.calls.cloudWatchRange.contains(sum), "\(sum) in \(ledger.calls)")
        #expect(ledger.calls.acknowledged == 12)
    }

    @Test func deathsInEveryPeriodLoseNothing() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        var random = SeededGenerator(seed: 42)
        for _ in 0..<30 {
            let doomed = try fixture.agent(failing: AgentStep.allCases.randomElement(using: &random))
            service.call(times: Int.random(in: 1...9, using: &random))
            await fixture.pass(1, doomed)
        }
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(try fixture.store().callCount() == service.made)
        #expect(ledger.calls.recorded == service.made)
        #expect(ledger.isBalanced)
        let sum = await fixture.cloudWatch.sum("Calls")
        #expect(ledger.calls.cloudWatchRange.contains(sum))
    }

    @Test func anEndedProcessIsCountedInFullAndItsFileDeleted() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 3)
        await fixture.pass(1, agent)
        service.call(times: 4)
        service.end()
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 7)
        #expect(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory) == [])
    }

    @Test func timeWithoutAnAgentIsAWindowMarkedAsAGap() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 2) }
        service.call(times: 100)
        fixture.clock.advance(by: .seconds(600))
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        let windows = try fixture.store().windows(since: Timestamp(secondsSince1970: 0))
        #expect(windows.map(\.isGap) == [false, true])
        #expect(await fixture.cloudWatch.sum("Calls") == 102)
        // Spread over the gap's periods, none of which looks like a peak.
        let calls = await fixture.cloudWatch.datums("Calls")
        #expect(calls.count > 50)
        #expect(calls.allSatisfy { $0.sum <= 2 })
        #expect(Set(calls.map(\.timestamp)).count == calls.count)
    }

    @Test func withoutCloudWatchEverythingIsCollectedAndNothingSent() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent(publishing: false)
        fixture.service().call(times: 6)
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.recorded == 6)
        #expect(ledger.calls.dropped == ["publishing is switched off": 6])
        #expect(ledger.isBalanced)
    }

    @Test func totalsAreToldBySeriesAndOutcome() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call("Orders", "PutItem", pattern: "AP2", outcome: .conditionFailed, times: 3)
        service.call("Orders", "PutItem", pattern: "AP2", times: 2)
        await agent.shutdown()
        let totals = try fixture.store().callTotals()
        let series = SeriesIdentity(
            service: "checkout", environment: "test", table: "Orders", operation: "PutItem", pattern: "AP2")
        #expect(totals.contains { $0.series == series && $0.outcome == .conditionFailed && $0.calls == 3 })
        #expect(totals.contains { $0.series == series && $0.outcome == .success && $0.calls == 2 })
        let attempts = try fixture.store().attemptTotals()
        #expect(attempts.map(\.operation) == ["PutItem"])
        #expect(attempts.map(\.attempts) == [5])
    }

    @Test func shutdownCommitsAndSendsWhatIsThere() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(times: 5)
        fixture.clock.advance(by: .seconds(3))
        await agent.shutdown()
        #expect(try fixture.store().callCount() == 5)
        #expect(await fixture.cloudWatch.sum("Calls") == 5)
    }

    @Test func runTicksUntilItIsCancelledAndThenShutsDown() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        let task = Task { try await agent.run() }
        for _ in 0..<12 {
            // As long as it takes: a deadline would only measure how busy the machine is.
            while fixture.clock.sleeperCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
            service.call()
            fixture.clock.advance(by: .seconds(1))
        }
        task.cancel()
        try await task.value
        #expect(try fixture.store().callCount() == 12)
        #expect(await fixture.cloudWatch.sum("Calls") == 12)
    }
    // MARK: The end

    /// Runs an agent until a request is on its way, ends it, and waits until its last commit is durable.
    private func end(
        _ fixture: AgentFixture, _ sink: HeldCloudWatch, _ log: LineLog
    ) async throws -> Task<Void, any Error> {
        fixture.configuration.resendAmbiguous = false
        let agent = try Agent(
            configuration: fixture.configuration, sink: sink, clock: fixture.agentClock, logger: log.logger)
        let service = fixture.service()
        service.call()
        let task = Task { try await agent.run() }
        while await sink.requests == 0 {
            if fixture.clock.sleeperCount == 2 { fixture.clock.advance(by: .seconds(1)) }
            try await Task.sleep(for: .milliseconds(1))
        }
        service.call(times: 3)
        task.cancel()
        while try fixture.store().callCount() < service.made { try await Task.sleep(for: .milliseconds(1)) }
        #expect(await sink.cancelled == 0)
        return task
    }

    @Test func aRequestOnItsWayMayEndWhenTheAgentEnds() async throws {
        let (fixture, sink, log) = (try AgentFixture(), HeldCloudWatch(), LineLog())
        let task = try await end(fixture, sink, log)
        await sink.release()
        try await task.value
        let calls = try fixture.store().ledger().calls
        #expect(calls.acknowledged == 4 && calls.recorded == 4 && calls.ambiguous == 0)
        #expect(!log.lines.contains { $0.contains("does not take data") })
    }

    @Test func aRequestWithoutAnAnswerEndsWithTheAgentAfterTwoSeconds() async throws {
        let (fixture, sink, log) = (try AgentFixture(), HeldCloudWatch(), LineLog())
        let task = try await end(fixture, sink, log)
        while fixture.clock.sleeperCount == 0 { try await Task.sleep(for: .milliseconds(1)) }
        fixture.clock.advance(by: .milliseconds(1_999))
        #expect(await sink.cancelled == 0)
        fixture.clock.advance(by: .milliseconds(1))
        try await task.value
        #expect(await sink.cancelled == 1)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.ambiguous == 1 && ledger.calls.pending == 3 && ledger.isBalanced)
        #expect(!log.lines.contains { $0.contains("does not take data") })
        #expect(log.lines.contains { $0.contains("this agent ends, and CloudWatch has not answered yet") })
    }
}

/// Answers when it is told to; who gives up before that has no answer.
private actor HeldCloudWatch: MetricSink {
    private(set) var requests = 0
    private(set) var cancelled = 0
    private var isReleased = false
    let clockOffset: Duration? = .zero

    func release() { isReleased = true }

    func send(_ datums: [MetricDatum]) async -> SendOutcome {
        requests += 1
        while !isReleased {
            do { try await Task.sleep(for: .milliseconds(1)) } catch {
                cancelled += 1
                return .lost(reason: "cancelled")
            }
        }
        return .acknowledged
    }
}
