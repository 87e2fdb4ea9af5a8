import AgentCore
import ContractEngine
import FlyingFox
import FlyingSocks
import Foundation
import ServiceLifecycle

import struct Logging.Logger

/// The agent's status page: on the loopback interface only, reading the store like any other reader.
struct StatusService: Service, CustomStringConvertible {
    private let server: HTTPServer
    private let logger: Logger

    var description: String { "status page" }

    /// Takes the port, or says in one sentence that it is in use.
    init(
        port: UInt16, dataDirectory: String, contract: ContractDocument?, agent: Agent, logger: Logger
    ) async throws {
        try StatusService.checkFree(port)
        self.logger = logger
        server = HTTPServer(address: try sockaddr_in.inet(ip4: "127.0.0.1", port: port), logger: .disabled)
        let page = StatusPage(dataDirectory: dataDirectory, contract: contract)
        await server.appendRoute("GET /healthz") { request in
            // The store cannot say that it takes nothing.
            let trouble = await agent.vitalSigns().storeTrouble
            return page.answer(to: request) { StatusPage.health($0, storeTrouble: trouble) }
        }
        await server.appendRoute("GET /summary.json") { request in
            page.answer(to: request) { (.ok, "application/json", String(decoding: $0.json(), as: UTF8.self)) }
        }
        await server.appendRoute("GET /") { request in
            page.answer(to: request) { (.ok, "text/html; charset=utf-8", $0.html(refreshSeconds: 10)) }
        }
    }

    func run() async throws {
        let serving = Task { try await server.run() }
        try await server.waitUntilListening(timeout: 5)
        if case .ip4(_, let port)? = await server.listeningAddress {
            logger.notice("status page", metadata: ["address": "http://127.0.0.1:\(port)/"])
        }
        try? await gracefulShutdown()
        await server.stop(timeout: 1)
        serving.cancel()
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
