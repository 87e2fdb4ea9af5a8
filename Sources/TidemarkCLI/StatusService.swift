import AWSCore
import AgentCore
import ContractEngine
import FlyingFox
import FlyingSocks
import Foundation
import ServiceLifecycle

import struct Logging.Logger

/// The agent's status page: on the loopback interface only, reading the store like any other reader.
///
/// Where the page cannot go on, since the process has no descriptor left for one more connection, it says so once, and listens
/// again as soon as it can.
struct StatusService: Service, CustomStringConvertible {
    private let port: UInt16
    private let page: StatusPage
    private let agent: Agent
    private let logger: Logger

    var description: String { "status page" }

    /// Finds the port free, or says in one sentence that it is in use.
    init(
        port: UInt16, dataDirectory: String, contract: ContractDocument?, agent: Agent, logger: Logger
    ) async throws {
        try StatusService.checkFree(port)
        self.port = port
        self.agent = agent
        self.logger = logger
        page = StatusPage(dataDirectory: dataDirectory, contract: contract)
    }

    func run() async throws {
        let state = AWSCore.Lock((port: port, hasListened: false, isDown: false))
        // Ends when the service does.
        while !Task.isShuttingDownGracefully {
            let server = try await makeServer(port: state.withLock { $0.port })
            do {
                try await serve(server) { port in
                    let wasDown = state.withLock { state in
                        defer { state = (port, true, false) }
                        return state.isDown
                    }
                    logger.notice(
                        wasDown ? "status page answers again" : "status page",
                        metadata: ["address": "http://127.0.0.1:\(port)/"])
                }
                return
            } catch {
                guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
                // One that has never listened is an error of the configuration.
                guard state.withLock({ $0.hasListened }) else { throw error }
                let isNews = state.withLock { state in
                    defer { state.isDown = true }
                    return !state.isDown
                }
                if isNews {
                    logger.warning(
                        "the status page cannot answer and listens again as soon as it can: \(error.localizedDescription)"
                    )
                }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Serves until the service ends, or the server fails.
    private func serve(_ server: HTTPServer, listening: @escaping @Sendable (UInt16) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run()
                throw SocketError.disconnected
            }
            group.addTask {
                try await server.waitUntilListening(timeout: 5)
                if case .ip4(_, let port)? = await server.listeningAddress { listening(port) }
                try await gracefulShutdown()
                await server.stop(timeout: 1)
            }
            // The first that ends, ends the other.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func makeServer(port: UInt16) async throws -> HTTPServer {
        let (page, agent) = (page, agent)
        let server = HTTPServer(
            address: try sockaddr_in.inet(ip4: "127.0.0.1", port: port),
            pool: StatusConnections(HTTPServer.defaultPool()), logger: .disabled)
        await server.appendRoute("GET,HEAD /healthz") { request in
            // The store cannot say that it takes nothing.
            let trouble = await agent.vitalSigns().storeTrouble
            return page.answer(to: request) { StatusPage.health($0, storeTrouble: trouble) }
        }
        await server.appendRoute("GET,HEAD /summary.json") { request in
            page.answer(to: request) { (.ok, "application/json", String(decoding: $0.json(), as: UTF8.self)) }
        }
        await server.appendRoute("GET,HEAD /") { request in
            page.answer(to: request) { (.ok, "text/html; charset=utf-8", $0.html(refreshSeconds: 10)) }
        }
        return server
    }

    private static func checkFree(_ port: UInt16) throws {
        do {
            let socket = try Socket(domain: AF_INET)
            defer { try? socket.close() }
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: .inet(ip4: "127.0.0.1", port: port))
        } catch {
            throw CommandFailure(
                .unavailable,
                "port \(port) of 127.0.0.1 cannot be used (is it in use?): choose another with --status-port")
        }
    }
}
