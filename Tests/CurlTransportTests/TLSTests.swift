import AWSCore
import CurlTransport
import TestSupport
import Testing

@Suite(.enabled(if: TLSServer.isPossible, "the openssl command is not here")) struct TLSTests {
    @Test func aServerThatNobodyVouchesForIsRefused() async throws {
        let server = try TLSServer()
        let error = await failure(try makeTransport(), server.request(host: "127.0.0.1"))
        #expect(error.code == .certificate, "\(error)")
        #expect(error.sent == .nothing)
    }

    @Test func aServerThatItsAuthorityVouchesForIsAccepted() async throws {
        let server = try TLSServer()
        let transport = try makeTransport(authority: server.certificate)
        let response = try await transport.send(server.request(host: "127.0.0.1"))
        #expect(response.status == 200)
        #expect(response.phases.tls > .zero && response.phases.connect > .zero)
    }

    @Test func aCertificateOfAnotherNameIsRefused() async throws {
        let server = try TLSServer()
        let error = await failure(try makeTransport(authority: server.certificate), server.request(host: "localhost"))
        #expect(error.code == .certificate, "\(error)")
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        let server = try TLSServer(daysValid: -1)
        let error = await failure(try makeTransport(authority: server.certificate), server.request(host: "127.0.0.1"))
        #expect(error.code == .certificate, "\(error)")
        #expect(error.sent == .nothing)
    }

    @Test func aServerThatSpeaksNoTLSIsRefused() async throws {
        let server = try GreetingPort(greeting: "220 mail.example ESMTP\r\n")
        let request = HTTPRequest(url: "https://127.0.0.1:\(server.port)/", body: [1], timeouts: patient)
        let error = await failure(try makeTransport(), request)
        #expect(error.code == .tls, "\(error)")
        #expect(error.sent == .nothing)
    }

    @Test func anAuthorityThatDidNotSignItVouchesForNothing() async throws {
        let (server, other) = (try TLSServer(), try TLSServer())
        let error = await failure(try makeTransport(authority: other.certificate), server.request(host: "127.0.0.1"))
        #expect(error.code == .certificate, "\(error)")
    }

    /// Unlike a certificate, this may be one connection's fault.
    @Test func aConnectionThatBreaksInTheHandshakeSaysNothingOfTheCertificate() async throws {
        let server = try ResettingPort()
        let request = HTTPRequest(url: "https://127.0.0.1:\(server.port)/", body: [1], timeouts: patient)
        let error = await failure(try makeTransport(), request)
        #expect(error.code == .tls && error.sent == .nothing, "\(error)")
    }

    @Test func aSecondConnectionResumesTheSession() async throws {
        let server = try TLSServer()
        let transport = try makeTransport(authority: server.certificate)
        // The server's page says how the session began; it closes the connection after each answer.
        let pages = [
            try await transport.send(server.request(host: "127.0.0.1")),
            try await transport.send(server.request(host: "127.0.0.1")),
        ].map { String(decoding: $0.body, as: UTF8.self) }
        #expect(pages[0].contains("New, TLS") && pages[1].contains("Reused, TLS"), "\(pages)")
    }

    @Test func versionsBeforeTLS12AreRefused() async throws {
        let server = try TLSServer(arguments: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        let error = await failure(try makeTransport(authority: server.certificate), server.request(host: "127.0.0.1"))
        #expect(error.code == .tls, "\(error)")
    }
}

extension TLSServer {
    func request(host: String) -> HTTPRequest {
        HTTPRequest(method: "GET", url: url(host: host), timeouts: patient)
    }
}
