import AWSCore
import AgentCore
import TestSupport
import Testing

/// What cannot make a TLS connection sends nothing: no doubt arises, and nothing is given up.
@Suite(.enabled(if: TLSServer.isPossible, "the openssl command is not here")) struct TLSFaultTests {
    @Test func anAuthorityThatNobodyKnowsLeavesEverythingPending() async throws {
        try await expectPending(at: try TLSServer().url())
    }

    @Test func aCertificateOfAnotherNameLeavesEverythingPending() async throws {
        let server = try TLSServer()
        try await expectPending(at: server.url(host: "localhost"), authority: server.certificate)
    }

    @Test func anExpiredCertificateLeavesEverythingPending() async throws {
        let server = try TLSServer(daysValid: -1)
        try await expectPending(at: server.url(), authority: server.certificate)
    }

    @Test func aPortThatSpeaksNoTLSLeavesEverythingPending() async throws {
        let server = try GreetingPort(greeting: "220 mail.example ESMTP\r\n")
        try await expectPending(at: "https://127.0.0.1:\(server.port)/")
    }

    @Test func aPortThatNeverSpeaksLeavesEverythingPending() async throws {
        let silent = try SilentListener()
        try await expectPending(at: "https://127.0.0.1:\(silent.port)/", limit: .milliseconds(100))
    }

    private func expectPending(
        at url: String, authority: String? = nil, limit: Duration = .seconds(60)
    ) async throws {
        let fixture = try FaultFixture(authority: authority)
        try fixture.start()
        fixture.wire.detour.withLock { $0 = DetourTransport.Detour(url: url, limit: limit) }
        let service = fixture.service()
        for _ in 0..<3 {
            fixture.call(service, times: 4)
            await fixture.pass()
        }
        var calls = try fixture.ledger().calls
        #expect(calls.pending == 12 && calls.mayHaveCounted == 0)
        fixture.wire.detour.withLock { $0 = DetourTransport.Detour() }
        try await fixture.settle()
        calls = try fixture.ledger().calls
        #expect(calls.acknowledged == 12)
        try fixture.expectDelivery("TLS")
        fixture.expectOwnTimeStamps(once: true, "TLS")
    }
}
