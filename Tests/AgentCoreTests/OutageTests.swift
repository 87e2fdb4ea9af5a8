import AWSCore
import AgentCore
import LoopbackAWS
import TestSupport
import Testing

/// Long outages of one kind, from the agent's store to the bytes on the wire.
@Suite struct OutageTests {
    @Test func aDayUnreachableArrivesUnderItsOwnTimeStampsNewestFirst() async throws {
        let fixture = try FaultFixture()
        let nobody = try RefusingPort()
        try fixture.start()
        fixture.wire.detour.withLock { $0.url = "http://127.0.0.1:\(nobody.port)/" }
        try await recordADay(fixture)
        #expect(try fixture.ledger().calls.pending == fixture.recorded.total)
        #expect(fixture.server.requestCount == 0)
        // One window is frozen into datums, the probe; all others take no room but that of history.
        #expect(try fixture.ledger().datums.pending < 100)
        // What an active series' minutes may weigh, 270 to 920 bytes, for three of them; and SQLite's own.
        #expect(try fixture.storeSize() < 1_440 * 3 * 920 + (4 << 20))
        fixture.wire.detour.withLock { $0.url = nil }
        try await fixture.settle(within: 10)
        try fixture.expectDelivery("unreachable")
        fixture.expectOwnTimeStamps(once: true, "unreachable")
        fixture.expectPolicy("unreachable")
        #expect(try fixture.ledger().calls.mayHaveCounted == 0)
    }

    @Test func aDayOfThrottlingLosesAndDoublesNothing() async throws {
        let fixture = try FaultFixture()
        try fixture.start()
        fixture.server.failAll { $0 % 2 == 0 ? .throttling : .throttlingException }
        try await recordADay(fixture)
        #expect(try fixture.ledger().calls.pending == fixture.recorded.total)
        // Half of the pause's ceiling of five minutes after the first few: a request every third minute.
        #expect(fixture.server.requestCount <= 1_440 / 3 + 10)
        try await fixture.settle(within: 10)
        try fixture.expectDelivery("throttled")
        fixture.expectOwnTimeStamps(once: true, "throttled")
        fixture.expectPolicy("throttled")
        #expect(try fixture.ledger().calls.mayHaveCounted == 0)
    }

    @Test func pausesGrowToFiveMinutesWithTicksEverySecond() async throws {
        let fixture = try FaultFixture()
        try fixture.start()
        fixture.call(fixture.service())
        fixture.server.failAll(with: .unavailable)
        for _ in 0..<3_600 { await fixture.tick(after: .seconds(1)) }
        let seconds = fixture.server.observations.map(\.at.seconds)
        let pauses = zip(seconds, seconds.dropFirst()).map { $1 - $0 }
        // Half of 1, 2, 4, … 256 and 300 s, up to the next whole second.
        #expect(pauses.prefix(9) == [1, 1, 2, 4, 8, 16, 32, 64, 128])
        #expect(pauses.dropFirst(9).allSatisfy { $0 == 150 } && pauses.count > 25)
    }

    @Test func aBacklogDoesNotHoldUpTheNewestPeriod() async throws {
        let fixture = try FaultFixture()
        try fixture.start()
        let service = fixture.service()
        fixture.server.failAll(with: .throttling)
        for _ in 0..<60 {
            fixture.call(service)
            await fixture.pass()
        }
        // CloudWatch takes two requests of each tick and throttles the third: the backlog cannot drain at once.
        for _ in 0..<20 {
            fixture.call(service)
            let taken = fixture.server.requestCount
            fixture.server.failAll { $0 < taken + 2 ? nil : .throttling }
            let period = fixture.clock.timestamp.seconds
            await fixture.tick(after: .seconds(300))
            let requests = fixture.server.observations[taken...]
            let newest = requests.filter { $0.counted > 0 }.compactMap(\.seconds.last)
            #expect(newest.contains { $0 >= period }, "\(newest) without \(period)")
        }
        try await fixture.settle(within: 10)
        try fixture.expectDelivery("backlog")
    }

    @Test(arguments: RefusalDialect.allCases)
    func credentialsExpiredForAnHourAreWaitedFor(dialect: RefusalDialect) async throws {
        let fixture = try FaultFixture()
        fixture.server.speak(dialect)
        let start = fixture.clock.timestamp
        func temporary(_ token: String) -> Credentials {
            Credentials(accessKeyID: "ASIA\(token)", secretAccessKey: "s-\(token)", sessionToken: token)
        }
        fixture.server.know([
            "ASIAone": KnownCredentials(
                secretAccessKey: "s-one", sessionToken: "one", expiration: start.advanced(by: .seconds(600))),
            "ASIAtwo": KnownCredentials(secretAccessKey: "s-two", sessionToken: "two"),
        ])
        fixture.keys.current.withLock { $0 = temporary("one") }
        try fixture.start()
        let service = fixture.service()
        for _ in 0..<70 {
            fixture.call(service, times: 3)
            await fixture.pass()
        }
        let ledger = try fixture.ledger()
        #expect(ledger.calls.acknowledged == 27 && ledger.calls.pending == 183)
        fixture.keys.current.withLock { $0 = temporary("two") }
        try await fixture.settle(within: 10)
        try fixture.expectDelivery("expired")
        fixture.expectOwnTimeStamps(once: true, "expired")
        #expect(try fixture.ledger().calls.mayHaveCounted == 0)
    }

    @Test(
        arguments: [Duration.seconds(-1_500), .seconds(-420), .seconds(420), .seconds(1_500)], RefusalDialect.allCases)
    func aClockThatIsMinutesOffIsRefusedOnceAndCorrected(serverLead: Duration, dialect: RefusalDialect) async throws {
        let fixture = try FaultFixture(serverLead: serverLead)
        fixture.server.speak(dialect)
        try fixture.start()
        let service = fixture.service()
        for _ in 0..<5 {
            fixture.call(service, times: 2)
            await fixture.pass()
        }
        #expect(fixture.server.observations.map { $0.counted > 0 } == [false, true, true, true, true, true])
        try fixture.expectDelivery("clock")
        // What was sent before the first answer has this host's time, all that follows CloudWatch's.
        let (first, lead) = (fixture.clock.timestamp.seconds - 300, serverLead.components.seconds)
        fixture.expectOwnTimeStamps(once: true, at: { $0 == first ? $0 : $0 + lead }, "clock")
    }

    @Test func aDatumThatOnlyTheServiceRefusesIsIsolatedAndTheOthersArrive() async throws {
        let fixture = try FaultFixture()
        try fixture.start()
        let service = fixture.service()
        for pattern in 0..<120 { fixture.call(service, pattern: "AP\(pattern)") }
        fixture.server.refuse { $0.name == "Calls" && $0.dimensions["Pattern"] == "AP77" }
        await fixture.pass()
        let requests = fixture.server.observations
        let datums = requests[0].seconds.count
        #expect(datums > 700 && datums <= 1_000)
        #expect(requests.filter { $0.refusal != nil }.count <= 11)
        #expect(requests.reduce(0) { $0 + $1.counted } == datums - 1)
        let ledger = try fixture.ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == 119 && ledger.calls.droppedInAll == 1)
        #expect(ledger.datums.droppedInAll == 1)
    }

    private func recordADay(_ fixture: FaultFixture) async throws {
        let service = fixture.service()
        for minute in 0..<1_440 {
            for pattern in ["AP1", "AP2", "AP3"] { fixture.call(service, pattern: pattern, times: 1 + minute % 3) }
            await fixture.pass()
        }
    }
}
