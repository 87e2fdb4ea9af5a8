import Foundation
import TestSupport
import Testing

/// The status page under clients that take connections, and in a process without a descriptor left.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Binary.path), "the command is not built"))
struct StatusConnectionTests {
    private func agent(_ host: AgentHost) async throws -> (agent: ChildProcess, port: UInt16) {
        try host.configure("status-port: 0")
        let agent = try await host.startAgent()
        let port = try await agent.statusPort()
        try await eventually("a page") { try PlainHTTP.request("/healthz", port: port).status == 200 }
        return (agent, port)
    }

    private func descriptors(of agent: ChildProcess) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(agent.number)/fd"))?.count ?? 0
    }

    @Test func idleConnectionsTakeFewDescriptorsAndNobodysTurn() async throws {
        let host = try AgentHost()
        let (agent, port) = try await agent(host)
        let before = descriptors(of: agent)
        var idle: [Int32] = []
        defer { for connection in idle { close(connection) } }
        for _ in 0..<200 {
            let connection = try PlainHTTP.connected(address: 0x7F00_0001, port: port)
            _ = send(connection, "G", 1, Int32(MSG_NOSIGNAL))
            idle.append(connection)
        }
        #expect(try PlainHTTP.request("/healthz", port: port).status == 200)
        try await eventually("the eldest connections' end") { descriptors(of: agent) - before <= 40 }
        #expect(try PlainHTTP.request("/summary.json", port: port).status == 200)
        #expect(try await agent.stop().status == 0)
    }

    private static let prlimit = "/usr/bin/prlimit"

    private func limit(_ agent: ChildProcess, _ host: AgentHost, to descriptors: Int) async throws {
        let words = ["--pid", "\(agent.number)", "--nofile=\(descriptors):"]
        #expect(try await host.start(words, program: Self.prlimit).end().status == 0)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: Self.prlimit), "there is no prlimit"))
    func aPageThatRanOutOfDescriptorsAnswersAgain() async throws {
        let host = try AgentHost()
        let (agent, port) = try await agent(host)
        try await limit(agent, host, to: 4)
        try await eventually("the sentence") {
            if let connection = try? PlainHTTP.connected(address: 0x7F00_0001, port: port) { close(connection) }
            return agent.errors.contains("the status page cannot answer")
        }
        try await limit(agent, host, to: 1_024)
        try await eventually("the page") { (try? PlainHTTP.request("/healthz", port: port).status) == 200 }
        #expect(agent.errors.contains("status page answers again"))
        #expect(agent.isRunning)
        #expect(try await agent.stop().status == 0)
    }

    @Test func aProbeMayAskForTheHeadAlone() async throws {
        let host = try AgentHost()
        let (agent, port) = try await agent(host)
        let connection = try PlainHTTP.connected(address: 0x7F00_0001, port: port)
        defer { close(connection) }
        let request = "HEAD /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        #expect(send(connection, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while case let count = recv(connection, &chunk, chunk.count, 0), count > 0 { bytes += chunk[..<count] }
        let answer = String(decoding: bytes, as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\n"), "\(answer)")
        #expect(answer.lowercased().contains("content-length: 3\r\n"), "\(answer)")
        #expect(try await agent.stop().status == 0)
    }
}
