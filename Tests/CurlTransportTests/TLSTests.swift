import AWSCore
import CurlTransport
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: TLSServer.isPossible, "the openssl command is not here")) struct TLSTests {
    @Test func aServerThatNobodyVouchesForIsRefused() async throws {
        let server = try TLSServer()
        let error = await failure(try makeTransport(), server.request(host: "127.0.0.1"))
        #expect(error.code == .tls, "\(error)")
        #expect(!error.requestMayHaveReachedServer)
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
        #expect(error.code == .tls, "\(error)")
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

/// `openssl s_server` with a self-signed certificate for 127.0.0.1, on a port that the system picks.
private final class TLSServer: Sendable {
    private static let command = "/usr/bin/openssl"
    static let isPossible = FileManager.default.isExecutableFile(atPath: command)

    let certificate: String
    private let port: Int
    private let directory: TemporaryDirectory
    private let process: Process

    init(arguments: [String] = []) throws {
        directory = try TemporaryDirectory()
        certificate = directory.path("certificate.pem")
        let key = directory.path("key.pem")
        let making = Process()
        making.executableURL = URL(fileURLWithPath: TLSServer.command)
        making.arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
            "-subj", "/CN=tidemark test", "-addext", "subjectAltName=IP:127.0.0.1",
        ]
        making.standardError = FileHandle.nullDevice
        try making.run()
        making.waitUntilExit()
        process = Process()
        process.executableURL = URL(fileURLWithPath: TLSServer.command)
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var said = ""
        var found: Int?
        while found == nil {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { throw WaitingFailed(description: "openssl s_server ended: \(said)") }
            said += String(decoding: data, as: UTF8.self)
            // "ACCEPT 127.0.0.1:41234", once it listens.
            for line in said.split(separator: "\n").dropLast(said.hasSuffix("\n") ? 0 : 1)
            where line.hasPrefix("ACCEPT") { found = line.split(separator: ":").last.flatMap { Int($0) } }
        }
        port = found ?? 0
    }

    deinit {
        // Not terminate(): a child started from a test's thread inherits its mask, which blocks SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func request(host: String) -> HTTPRequest {
        HTTPRequest(method: "GET", url: "https://\(host):\(port)/", timeouts: patient)
    }
}
