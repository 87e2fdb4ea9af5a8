import AWSCore
import AgentCore
import LoopbackAWS
import TestSupport
import Testing

/// A day of 1,440 minutes in which CloudWatch, and what lies before it, fails in every way there is.
@Suite struct FaultyDayTests {
    @Test func allOfAFaultyDayIsDeliveredOrKnownToBeAmbiguous() async throws {
        let seed: UInt64 = 1
        let fixture = try FaultFixture()
        try await liveThroughADay(fixture, seed: seed, periods: 1_440)
        try await fixture.settle()
        try fixture.expectDelivery("seed \(seed)")
        fixture.expectOwnTimeStamps(once: false, "seed \(seed)")
        fixture.expectPolicy("seed \(seed)")
        let ledger = try fixture.ledger()
        #expect(ledger.calls.acknowledged == fixture.recorded.total, "seed \(seed)")
        #expect(ledger.calls.mayHaveCounted > 0, "seed \(seed): the day had no fault that leaves doubt")
        // Every kind of fault was met.
        let met = Set(fixture.server.observations.compactMap(\.fault))
        #expect(met == Set((CloudWatchFault.quickOnes + CloudWatchFault.slowOnes).map(\.name)), "seed \(seed)")
        // An active series' minute may weigh 270 to 920 bytes; there are six.
        #expect(try fixture.storeSize() < 1_440 * 6 * 920 + (4 << 20), "seed \(seed)")
    }

    @Test func whereNothingIsSentAgainNothingCountsTwiceThatHadNoAnswer() async throws {
        let fixture = try FaultFixture()
        fixture.configuration.resendAmbiguous = false
        try await liveThroughADay(fixture, seed: 3, periods: 240)
        fixture.server.failAll(with: nil)
        await fixture.pass(10)
        try fixture.expectDelivery("seed 3")
        let ledger = try fixture.ledger()
        #expect(ledger.calls.ambiguous > 0)
        #expect(ledger.calls.acknowledged + ledger.calls.ambiguous == fixture.recorded.total)
    }

    @Test func fortyMinutesInHighResolutionAreDeliveredToo() async throws {
        let fixture = try FaultFixture(period: .tenSeconds)
        try await liveThroughADay(fixture, seed: 4, periods: 240)
        try await fixture.settle()
        try fixture.expectDelivery("seed 4")
        fixture.expectOwnTimeStamps(once: false, "seed 4")
        fixture.expectPolicy("seed 4")
    }

    /// One period after the other, calm or in one of the faults; now and then the agent dies and is started again.
    private func liveThroughADay(_ fixture: FaultFixture, seed: UInt64, periods: Int) async throws {
        var random = SeededGenerator(seed: seed)
        let jitter = Lock(SeededGenerator(seed: ~seed))
        fixture.random = { jitter.withLock { $0.nextUnit() } }
        try fixture.start()
        let services = ["checkout", "billing"].enumerated().map { index, name in
            (name, fixture.service(name, id: UInt64(index + 1)))
        }
        var weather = Weather()
        for _ in 0..<periods {
            weather.change(using: &random)
            let fault = weather.fault
            let isSlow = CloudWatchFault.slowOnes.contains { $0.name == fault?.name }
            fixture.wire.detour.withLock { $0.limit = isSlow ? .milliseconds(60) : .seconds(60) }
            fixture.server.failAll { number in
                var luck = SeededGenerator(seed: seed &+ UInt64(number))
                return luck.nextUnit() < 0.8 ? fault : nil
            }
            for (name, service) in services {
                for pattern in ["AP1", "AP2", "AP3"] {
                    fixture.call(service, name, pattern: pattern, times: Int(random.next() % 4))
                }
            }
            await fixture.pass()
            if random.next() % 200 == 0 { try fixture.start() }
        }
        fixture.wire.detour.withLock { $0.limit = .seconds(60) }
    }
}

/// Calm for a while, then one kind of fault for a while.
private struct Weather {
    private(set) var fault: CloudWatchFault?
    private var minutesLeft = 0
    private var unmet = CloudWatchFault.quickOnes + CloudWatchFault.slowOnes

    mutating func change(using random: inout SeededGenerator) {
        minutesLeft -= 1
        guard minutesLeft <= 0 else { return }
        if fault != nil {
            fault = nil
            minutesLeft = 1 + Int(random.next() % 20)
            return
        }
        // Each kind once before any comes again.
        if unmet.isEmpty { unmet = CloudWatchFault.quickOnes + CloudWatchFault.slowOnes }
        fault = unmet.remove(at: Int(random.next() % UInt64(unmet.count)))
        minutesLeft = 2 + Int(random.next() % 20)
    }
}
