import Foundation

/// `openssl s_server` with a self-signed certificate for 127.0.0.1, on a port that the system picks.
public final class TLSServer: Sendable {
    private static let command = "/usr/bin/openssl"
    /// Whether the command is here.
    public static let isPossible = FileManager.default.isExecutableFile(atPath: command)

    /// The path of the certificate, which is its own authority.
    public let certificate: String
    private let port: Int
    private let directory: TemporaryDirectory
    private let process: Process

    /// Makes a certificate and starts the server.
    ///
    /// - Parameters:
    ///   - arguments: more arguments for `openssl s_server`.
    ///   - daysValid: from now on; below zero, the certificate has expired.
    public init(arguments: [String] = [], daysValid: Int = 2) throws {
        directory = try TemporaryDirectory()
        certificate = directory.path("certificate.pem")
        let key = directory.path("key.pem")
        let (request, extensions) = (
            directory.path("request.pem"), try directory.write("subjectAltName=IP:127.0.0.1\n", to: "extensions")
        )
        try TLSServer.run([
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=tidemark test",
        ])
        try TLSServer.run([
            "x509", "-req", "-in", request, "-signkey", key, "-days", "\(daysValid)", "-extfile", extensions,
            "-out", certificate,
        ])
        process = Process()
        process.executableURL = URL(fileURLWithPath: TLSServer.command)
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        port = try TLSServer.port(saidIn: output)
    }

    deinit {
        // Not terminate(): a child started from a test's thread inherits its mask, which blocks SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Its address under a name for this host.
    public func url(host: String = "127.0.0.1") -> String { "https://\(host):\(port)/" }

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    private static func port(saidIn output: Pipe) throws -> Int {
        var said = ""
        while true {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { throw WaitingFailed(description: "openssl s_server ended: \(said)") }
            said += String(decoding: data, as: UTF8.self)
            // "ACCEPT 127.0.0.1:41234", once it listens.
            for line in said.split(separator: "\n").dropLast(said.hasSuffix("\n") ? 0 : 1)
            where line.hasPrefix("ACCEPT") {
                if let port = line.split(separator: ":").last.flatMap({ Int($0) }) { return port }
            }
        }
    }
}
