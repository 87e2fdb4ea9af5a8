import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import TestSupport
import Testing

@Suite struct OutboxTests {
    @Test func aLostAnswerIsSentAgainAndTheRangeSaysSo() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(times: 8)
        await fixture.cloudWatch.next(.takeAndLoseTheAnswer)
        await fixture.pass(1, agent)
        var ledger = try fixture.store().ledger()
        #expect(ledger.calls.ambiguous == 8)
        #expect(ledger.isBalanced)
        await fixture.pass(1, agent)
        ledger = try fixture.store().ledger()
        #expect(ledger.calls.acknowledged == 8)
        #expect(ledger.calls.ambiguous == 0)
        #expect(ledger.calls.mayHaveCounted == 8)
        #expect(await fixture.cloudWatch.sum("Calls") == 16)
        #expect(ledger.calls.cloudWatchRange == 8...16)
        #expect(ledger.isBalanced)
    }

    @Test func aLostAnswerStaysAmbiguousWherePolicySaysNotToSendAgain() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.resendAmbiguous = false
        let agent = try fixture.agent()
        fixture.service().call(times: 8)
        await fixture.cloudWatch.next(.loseTheRequest)
        await fixture.pass(2, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.ambiguous == 8)
        #expect(ledger.calls.acknowledged == 0)
        #expect(await fixture.cloudWatch.sum("Calls") == 0)
        #expect(ledger.isBalanced)
    }

    @Test func aThrottledBatchWaitsAndArrivesOnce() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(times: 4)
        await fixture.cloudWatch.next(.throttle)
        await fixture.pass(1, agent)
        #expect(try fixture.store().ledger().calls.pending == 4)
        await agent.tick()
        #expect(await fixture.cloudWatch.requests.count == 1)
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.acknowledged == 4)
        #expect(ledger.calls.mayHaveCounted == 0)
        #expect(await fixture.cloudWatch.sum("Calls") == 4)
    }

    @Test func afterAnOutageTheNewestIsSentFirst() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        for _ in 0..<4 {
            service.call()
            await fixture.pass(1, agent)
        }
        await fixture.cloudWatch.always(.take)
        let before = await fixture.cloudWatch.requests.count
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
        let times = await fixture.cloudWatch.requests.dropFirst(before).compactMap { $0.first?.timestamp }
        #expect(times.count == 5)
        // The one that was frozen when CloudWatch went away is the probe; all that waited follows, newest first.
        #expect(times.first == times.min())
        #expect(Array(times.dropFirst()) == times.dropFirst().sorted(by: >))
        #expect(await fixture.cloudWatch.sum("Calls") == 4)
    }

    @Test func aRefusedDatumIsFoundByHalvingAndTheOthersArrive() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        // 8 datums a pattern, two an operation and two a resource, and the agent's own.
        for pattern in 0..<120 { service.call(pattern: "AP\(pattern)") }
        await fixture.cloudWatch.always(.refuse(metric: "Calls", pattern: "AP77"))
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.acknowledged == 119)
        #expect(ledger.calls.dropped == ["refused: InvalidParameterValue": 1])
        #expect(ledger.datums.dropped == ["refused: InvalidParameterValue": 1])
        #expect(ledger.isBalanced)
        #expect(await fixture.cloudWatch.sum("Calls") == 119)
        let requests = await fixture.cloudWatch.requests
        let all = requests[0].count
        #expect(all > 700 && all <= 1_000)
        // Until it is alone: each answer halves what is left. The halves that were not asked about follow.
        let refusals = requests.filter { datums in
            datums.contains { $0.name == "Calls" && $0.dimensions.contains { $0.value == "AP77" } }
        }
        #expect(refusals.count <= 11)
        #expect(requests.count <= 21)
    }

    @Test func twoRefusedDatumsAreBothFound() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        for pattern in 0..<10 { service.call(pattern: "AP\(pattern)") }
        // CallTime and Calls of one pattern: every request with either is refused.
        await fixture.cloudWatch.always(.refuse(metric: "Calls", pattern: "AP3"))
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.refuse(metric: "Attempts", pattern: "AP4"))
        for pattern in 0..<10 { service.call(pattern: "AP\(pattern)") }
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.datums.dropped == ["refused: InvalidParameterValue": 2])
        #expect(ledger.calls.recorded == 20)
        #expect(ledger.calls.acknowledged == 19)
        #expect(ledger.isBalanced)
    }

    @Test func noRequestIsOverCloudWatchsLimits() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        for pattern in 0..<400 { service.call(pattern: "AP\(pattern)", milliseconds: UInt64(1 + pattern % 50)) }
        await fixture.pass(1, agent)
        let requests = await fixture.cloudWatch.requests
        #expect(requests.count > 2)
        for datums in requests {
            #expect(datums.count <= PutMetricDataLimits.maximumDatums)
            var encoder = PutMetricDataEncoder(namespace: MetricCatalog.namespace)
            for datum in datums { #expect(try encoder.append(datum)) }
            #expect(encoder.sizeInBytes <= PutMetricDataLimits.maximumBytes)
        }
        #expect(await fixture.cloudWatch.sum("Calls") == 400)
    }

    @Test func whatIsOlderThanCloudWatchTakesIsDroppedAndCounted() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(times: 5)
        await fixture.cloudWatch.always(.throttle)
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(15 * 86_400))
        await agent.tick()
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.dropped == ["older than 14 days": 5])
        #expect(ledger.isBalanced)
        #expect(await fixture.cloudWatch.sum("Calls") == 0)
    }

    @Test func theAgentTellsOfItselfInEveryPeriod() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.cloudWatch.always(.refuse(metric: "Calls", pattern: "AP1"))
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.take)
        await fixture.pass(2, agent)
        #expect(await fixture.cloudWatch.sum("Heartbeat") == 3)
        #expect(await fixture.cloudWatch.sum("AgentRefusedDatums") == 1)
        #expect(await fixture.cloudWatch.sum("AgentDroppedDatums") == 0)
    }

    @Test func failuresOfTheServerMayHaveCountedAndRefusalsMayNot() {
        let server = AWSFailure(class: .server, code: "InternalFailure", message: "try again", status: 500, attempts: 1)
        #expect(SendOutcome(server) == .later(reason: "InternalFailure: try again", mayHaveCounted: true))
        let denied = AWSFailure(class: .accessDenied, code: "AccessDenied", message: "no", status: 403, attempts: 1)
        #expect(SendOutcome(denied) == .later(reason: "AccessDenied: no", mayHaveCounted: false))
        let invalid = AWSFailure(
            class: .validation, code: "InvalidParameterValue", message: "NaN", status: 400, attempts: 1)
        #expect(SendOutcome(invalid) == .refused(reason: "InvalidParameterValue: NaN"))
        let lost = AWSFailure(class: .timeout, code: "Timeout", message: "no answer", attempts: 1)
        #expect(SendOutcome(lost) == .lost(reason: "Timeout: no answer"))
        let unsent = AWSFailure(class: .network, code: "Network", message: "no route", attempts: 0)
        #expect(SendOutcome(unsent) == .later(reason: "Network: no route", mayHaveCounted: false))
    }
}
