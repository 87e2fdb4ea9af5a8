import AgentCore
import ContractEngine
import FlyingFox

import struct AWSCore.Timestamp

/// What the status page answers: the summary as a page for people and as JSON for programs.
struct StatusPage: Sendable {
    let dataDirectory: String
    let contract: ContractDocument?

    /// Answers a request with what `body` makes of a fresh summary.
    ///
    /// A request whose Host is not this machine's is refused: another site's script may have been led here (DNS rebinding).
    func answer(
        to request: HTTPRequest, body: (Summary) -> (status: HTTPStatusCode, type: String, text: String)
    ) -> HTTPResponse {
        guard StatusPage.isLocal(request.headers[.host] ?? "") else {
            return HTTPResponse(statusCode: .forbidden, body: .init("Ask for 127.0.0.1 or localhost.\n".utf8))
        }
        do {
            let (status, type, text) = body(try summary())
            // A probe that asks for the head alone is told how long the rest would be.
            let length = "\(text.utf8.count)"
            let headers: [HTTPHeader: String] = [
                .contentType: type, HTTPHeader("Cache-Control"): "no-store", .contentLength: length,
            ]
            return HTTPResponse(
                statusCode: status, headers: HTTPHeaders(headers),
                body: .init((request.method == .HEAD ? "" : text).utf8))
        } catch {
            let message = CommandFailure(describing: error)?.message ?? "\(error)"
            return HTTPResponse(statusCode: .serviceUnavailable, body: .init((message + "\n").utf8))
        }
    }

    /// For a probe: whether the agent gets on. A store that can be read is not enough.
    static func health(
        _ summary: Summary, storeTrouble: String?
    ) -> (status: HTTPStatusCode, type: String, text: String) {
        if let storeTrouble { return (.serviceUnavailable, "text/plain", storeTrouble + "\n") }
        return summary.agent.isStale
            ? (.serviceUnavailable, "text/plain", stale(summary)) : (.ok, "text/plain", "ok\n")
    }

    private static func stale(_ summary: Summary) -> String {
        let last =
            summary.agent.committedAt.map { "the last commit was at \($0.iso8601)" } ?? "nothing was committed yet"
        return "stale: \(last), and one is due every \(summary.agent.periodInSeconds) s; see the agent's log\n"
    }

    private func summary() throws -> Summary {
        let store = try AgentStore.openReadOnly(dataDirectory: dataDirectory)
        let now = store.agentTime()
        return try Summary.make(
            from: store, since: Timestamp(secondsSince1970: now.seconds - 3_600), now: now, document: contract)
    }

    static func isLocal(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1]"].contains(name)
    }
}
