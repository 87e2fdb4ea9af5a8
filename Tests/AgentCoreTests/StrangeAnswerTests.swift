import AWSCore
import AgentCore
import LoopbackAWS
import TestSupport
import Testing

/// What one strange answer means for the batch: who is trusted to say that it was taken.
@Suite struct StrangeAnswerTests {
    private func afterOne(_ fault: CloudWatchFault) async throws -> FaultFixture {
        let fixture = try FaultFixture()
        fixture.configuration.resendAmbiguous = false
        try fixture.start()
        fixture.call(fixture.service(), times: 5)
        fixture.server.fail(next: [fault])
        if CloudWatchFault.slowOnes.contains(where: { $0.name == fault.name }) {
            fixture.wire.detour.withLock { $0.limit = .milliseconds(60) }
        }
        await fixture.pass()
        fixture.wire.detour.withLock { $0.limit = .seconds(60) }
        return fixture
    }

    @Test(arguments: CloudWatchFault.quickOnes + CloudWatchFault.slowOnes)
    func noFaultIsTakenForAnAcknowledgement(fault: CloudWatchFault) async throws {
        let fixture = try await afterOne(fault)
        let calls = try fixture.ledger().calls
        #expect(calls.acknowledged == 0 && calls.droppedInAll == 0)
        #expect(calls.mayHaveCounted == (fault.mayHaveCounted ? 5 : 0))
    }

    /// With `resendAmbiguous` off, what is given up as ambiguous is what CloudWatch itself may have answered. A page is
    /// somebody else's: a portal that stands before CloudWatch for a day must not use up the day.
    @Test(arguments: [
        CloudWatchFault.portalPage, .redirect, .forbiddenPage, .badGatewayPage, .friendlyGateway, .anotherService,
        .throttling, .expiredToken,
    ])
    func whatSomebodyElseAnsweredIsSentAgain(fault: CloudWatchFault) async throws {
        let fixture = try await afterOne(fault)
        #expect(try fixture.ledger().calls.pending == 5)
        try await fixture.settle()
        #expect(try fixture.ledger().calls.acknowledged == 5)
        try fixture.expectDelivery("\(fault.name)")
    }

    @Test func aProxyThatTakesNoLargeBodiesGetsSmallerOnes() async throws {
        let fixture = try FaultFixture()
        try fixture.start()
        let service = fixture.service()
        for pattern in 0..<60 { fixture.call(service, pattern: "AP\(pattern)") }
        // Takes an eighth of a period.
        fixture.server.fail(next: Array(repeating: .tooLargePage, count: 3))
        try await fixture.settle()
        try fixture.expectDelivery("413")
        fixture.expectOwnTimeStamps(once: true, "413")
    }

    @Test(arguments: [CloudWatchFault.tooLargePage, .anotherService])
    func anEndpointThatTakesNothingCostsNothing(fault: CloudWatchFault) async throws {
        let fixture = try FaultFixture()
        try fixture.start()
        let service = fixture.service()
        fixture.server.failAll(with: fault)
        for _ in 0..<30 {
            fixture.call(service)
            await fixture.pass()
        }
        #expect(try fixture.ledger().calls.droppedInAll == 0)
        try await fixture.settle()
        try fixture.expectDelivery("\(fault.name)")
    }
}
