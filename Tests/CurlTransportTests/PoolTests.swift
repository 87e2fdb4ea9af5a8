import AWSCore
import CurlTransport
import TestSupport
import Testing

@Suite struct PoolTests {
    private func transport(_ change: (inout CurlTransport.Configuration) -> Void) throws -> CurlTransport {
        var configuration = CurlTransport.Configuration()
        configuration.usesProxyFromEnvironment = false
        change(&configuration)
        return try CurlTransport(configuration: configuration)
    }

    @Test func aConnectionPastItsLifetimeIsNotUsedAgain() async throws {
        for change in [
            { $0.idleConnectionLifetime = .zero }, { $0.connectionLifetime = .zero },
        ] as [(inout CurlTransport.Configuration) -> Void] {
            let server = try LoopbackServer(answers: [.ok()])
            let transport = try transport(change)
            for _ in 0..<3 { _ = try await transport.send(request(server)) }
            #expect(server.connectionCount == 3)
            try await waitUntil("the old connections closed") { server.openConnectionCount == 0 }
        }
    }

    @Test func anIdleConnectionIsClosedWhenItsTimeIsOver() async throws {
        let server = try LoopbackServer(answers: [.ok()])
        let transport = try transport { $0.idleConnectionLifetime = .milliseconds(50) }
        _ = try await transport.send(request(server))
        try await waitUntil("the idle connection closed") { server.openConnectionCount == 0 }
        _ = try await transport.send(request(server))
        #expect(server.connectionCount == 2)
    }

    @Test func noMoreConnectionsAreKeptThanAllowed() async throws {
        let server = try LoopbackServer(answers: [LoopbackAnswer(delay: .milliseconds(20))])
        let transport = try transport { $0.maximumIdleConnections = 2 }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { _ = try? await transport.send(request(server)) } }
        }
        try await waitUntil("all but two closed") { server.openConnectionCount <= 2 }
        _ = try await transport.send(request(server))
        #expect(server.openConnectionCount <= 2)
    }

    @Test func aHostsLimitLeavesRoomForOthers() async throws {
        let busy = try LoopbackServer(answers: [.failing(.never)])
        let free = try LoopbackServer(answers: [.ok()])
        let transport = try transport {
            $0.maximumConnections = 4
            $0.maximumConnectionsPerHost = 2
        }
        let blocked = (0..<5).map { _ in Task { await failure(transport, request(busy)) } }
        try await busy.waitForRequests(2)
        for _ in 0..<5 { #expect(try await transport.send(request(free)).status == 200) }
        #expect(busy.requests.count == 2)
        for task in blocked { task.cancel() }
        for task in blocked { #expect(await task.value.code == .cancelled) }
    }

    @Test func anotherHostTakesThePlaceOfAnIdleConnection() async throws {
        let servers = try (0..<4).map { _ in try LoopbackServer(answers: [.ok()]) }
        let transport = try transport { $0.maximumConnections = 2 }
        for server in servers + servers { #expect(try await transport.send(request(server)).status == 200) }
        try await waitUntil("at most two open") {
            servers.reduce(0) { $0 + $1.openConnectionCount } <= 2
        }
    }

    @Test func lifetimesBelowZeroAreRefused() {
        #expect(throws: TransportError.self) { try transport { $0.connectionLifetime = .seconds(-1) } }
        #expect(throws: TransportError.self) { try transport { $0.maximumConnectionsPerHost = 0 } }
        #expect(throws: TransportError.self) { try transport { $0.maximumIdleConnections = 0 } }
    }
}
