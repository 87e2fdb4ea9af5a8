import AWSCore
import AgentCore
import CloudWatch
import LoopbackAWS
import Monitoring
import TestSupport
import Testing

/// Somebody sets the host's clock, before a CloudWatch that knows the time and refuses what lies two weeks back or two hours
/// ahead: every call arrives once, nothing is dropped, nothing waits for a time that is to come, no history is merged early.
@Suite struct ClockStepTests {
    /// Whether CloudWatch is there while the clock is wrong.
    enum Reach: CaseIterable { case reached, notReached }

    private static let day = Duration.seconds(86_400)

    /// The clock shows each of these leads for a while; it is right in the end.
    /// - Returns: the agent's fixture when all is delivered.
    private func run(
        _ leads: [(lead: Duration, periods: Int)], reach: Reach, restarting: Bool = false, ids: Bool = true,
        _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> FaultFixture {
        let fixture = try FaultFixture(period: .tenSeconds, wallLead: leads[0].lead)
        fixture.server.answer(withIDs: ids, withDates: true)
        if reach == .notReached { fixture.wire.detour.withLock { $0.url = "http://127.0.0.1:9" } }
        try fixture.start()
        let service = fixture.service()
        for (lead, periods) in leads + [(.zero, 3)] {
            // Within a period, as it happens.
            await fixture.tick(after: .seconds(4))
            fixture.wallLead.withLock { $0 = lead }
            await fixture.tick(after: .seconds(6))
            if restarting { try fixture.start() }
            for _ in 0..<periods {
                fixture.call(service, times: 3)
                await fixture.tick(after: .seconds(4))
                fixture.call(service, times: 2)
                await fixture.tick(after: .seconds(6))
            }
        }
        fixture.wire.detour.withLock { $0.url = nil }
        try await fixture.settle()
        try fixture.expectDelivery(comment, sourceLocation: sourceLocation)
        let store = try AgentStore.openReadOnly(dataDirectory: fixture.configuration.dataDirectory)
        let windows = try store.windows(since: Timestamp(secondsSince1970: 0))
        #expect(windows.allSatisfy { $0.level == 0 }, comment, sourceLocation: sourceLocation)
        #expect(windows.allSatisfy { $0.end <= fixture.wall }, comment, sourceLocation: sourceLocation)
        #expect(try fixture.ledger().calls.mayHaveCounted == 0, comment, sourceLocation: sourceLocation)
        // At most the signature's refusal and the time stamps' for each lead, and one a window.
        let refusals = fixture.server.observations.filter { $0.refusal != nil }.count
        #expect(refusals <= 2 * (leads.count + 1), "\(refusals), \(comment)", sourceLocation: sourceLocation)
        return fixture
    }

    @Test(arguments: Reach.allCases, [false, true])
    func aClockThatIsAYearAheadForSecondsChangesNothing(reach: Reach, restarting: Bool) async throws {
        let fixture = try await run(
            [(.zero, 6), (Self.day * 400, 2)], reach: reach, restarting: restarting, "a year ahead")
        fixture.expectOwnTimeStamps(once: true, "a year ahead")
    }

    /// Longer than the agent holds on to its own time when nobody tells it.
    @Test(arguments: Reach.allCases)
    func aClockThatIsAYearAheadForHalfAnHourLosesNothing(reach: Reach) async throws {
        let fixture = try await run([(.zero, 6), (Self.day * 400, 180)], reach: reach, "a year ahead for long")
        fixture.expectOwnTimeStamps(once: true, "a year ahead for long")
    }

    @Test(arguments: Reach.allCases, [false, true])
    func aHostThatBeginsIn1970IsSetRight(reach: Reach, restarting: Bool) async throws {
        let fixture = try await run(
            [(.seconds(8_760 - 1_795_435_200), 2)], reach: reach, restarting: restarting, "1970")
        fixture.expectOwnTimeStamps(once: true, "1970")
    }

    @Test(arguments: Reach.allCases, [false, true])
    func anHourForwardAndTwoBackLosesNothing(reach: Reach, restarting: Bool) async throws {
        let fixture = try await run(
            [(.zero, 3), (.seconds(3_600), 2), (.seconds(-3_600), 2)], reach: reach, restarting: restarting,
            "forward and back")
        fixture.expectOwnTimeStamps(once: true, "forward and back")
    }

    /// Long enough for the wall clock to show the same minutes twice, were it followed.
    @Test(arguments: Reach.allCases, [false, true])
    func anHourBackAndForthAgainLosesNothing(reach: Reach, restarting: Bool) async throws {
        let fixture = try await run(
            [(.zero, 3), (.seconds(-3_600), 40), (.zero, 3), (.seconds(-3_600), 2)], reach: reach,
            restarting: restarting,
            "back and forth")
        fixture.expectOwnTimeStamps(once: true, "back and forth")
    }

    @Test(arguments: Reach.allCases, [false, true])
    func aHostThatBeginsHoursAheadIsSetRight(reach: Reach, restarting: Bool) async throws {
        let fixture = try await run(
            [(.seconds(10_800), 4)], reach: reach, restarting: restarting, "three hours ahead")
        fixture.expectOwnTimeStamps(once: true, "three hours ahead")
    }

    /// Nobody sets it right: CloudWatch's answers do, and need no request id for it.
    @Test(
        arguments: [Duration.seconds(-10_800), .seconds(10_800), day * 400, day * -400], [false, true])
    func aClockThatStaysWrongIsCorrectedByCloudWatchs(lead: Duration, ids: Bool) async throws {
        let fixture = try FaultFixture(period: .tenSeconds, wallLead: lead)
        fixture.server.answer(withIDs: ids, withDates: true)
        try fixture.start()
        let service = fixture.service()
        for _ in 0..<20 {
            fixture.call(service, times: 3)
            await fixture.pass()
        }
        try await fixture.settle()
        try fixture.expectDelivery("\(lead)")
        // What is sent before the first answer has this host's time, where CloudWatch takes that.
        let first = fixture.server.observations.first { $0.counted > 0 }?.seconds.first ?? 0
        let taken = lead == .seconds(-10_800) ? Int64(10_800) : 0
        fixture.expectOwnTimeStamps(once: true, at: { $0 == first + taken ? first : $0 }, "\(lead)")
        #expect(fixture.server.requestCount <= 26, "\(lead): \(fixture.server.requestCount)")
    }

    /// Windows of an earlier boot lie ahead of now: when they were is lost, but not what they counted.
    @Test func windowsOfAnEarlierBootAheadOfNowAreSent() async throws {
        let fixture = try FaultFixture(period: .tenSeconds, wallLead: Self.day * 3)
        fixture.wire.detour.withLock { $0.url = "http://127.0.0.1:9" }
        try fixture.start()
        let service = fixture.service()
        for _ in 0..<5 {
            fixture.call(service, times: 3)
            await fixture.pass()
        }
        fixture.wallLead.withLock { $0 = .zero }
        fixture.wire.detour.withLock { $0.url = nil }
        fixture.bootID = "boot-2"
        try fixture.start()
        try await fixture.settle()
        try fixture.expectDelivery("another boot")
    }

    /// A server that refuses every time stamp, and tells no time or one by which they are in order: nothing is dropped, and few
    /// requests are made for it.
    @Test(arguments: [false, true])
    func refusedTimeStampsAreWaitedOutAndNotBisected(tellsTime: Bool) async throws {
        let log = LineLog()
        let fixture = try FaultFixture(period: .tenSeconds)
        fixture.logger = log.logger
        fixture.server.answer(withIDs: tellsTime, withDates: tellsTime)
        let refusal = CloudWatchError(
            400, "InvalidParameterValue", "The parameter MetricData.member.1.Timestamp must be within two weeks.")
        fixture.server.failAll(with: CloudWatchFault("time stamps", counts: false, .error(refusal)))
        try fixture.start()
        let service = fixture.service()
        for _ in 0..<60 {
            fixture.call(service, times: 2)
            await fixture.pass()
        }
        let ledger = try fixture.ledger()
        #expect(ledger.calls.droppedInAll == 0 && ledger.calls.pending == 120)
        #expect(fixture.server.requestCount <= 20, "\(fixture.server.requestCount)")
        #expect(log.lines.filter { $0.contains("refuses the time stamps") }.count == 1, "\(log.lines)")
        #expect(!log.lines.contains { $0.contains("put aside") })
        try await fixture.settle()
        try fixture.expectDelivery("refused time stamps")
    }

    @Test func aStepIsSaidOnce() async throws {
        let log = LineLog()
        let fixture = try FaultFixture(period: .tenSeconds)
        fixture.logger = log.logger
        try fixture.start()
        await fixture.pass(2)
        fixture.wallLead.withLock { $0 = .seconds(7_200) }
        await fixture.pass(10)
        let said = log.lines.filter { $0.contains("the clock was set") }
        #expect(said.count == 1 && said[0].contains("the clock was set 7200 s forward"), "\(log.lines)")
    }
}
