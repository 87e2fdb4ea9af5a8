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
        to request: HTTPRequest, body: (Summary) throws -> (type: String, text: String)
    ) -> HTTPResponse {
        guard StatusPage.isLocal(request.headers[.host] ?? "") else {
            return HTTPResponse(statusCode: .forbidden, body: .init("Ask for 127.0.0.1 or localhost.\n".utf8))
        }
        do {
            let (type, text) = try body(try summary())
            return HTTPResponse(
                statusCode: .ok,
                headers: HTTPHeaders([.contentType: type, HTTPHeader("Cache-Control"): "no-store"]),
                body: .init(text.utf8))
        } catch {
            let message = CommandFailure(describing: error)?.message ?? "\(error)"
            return HTTPResponse(statusCode: .serviceUnavailable, body: .init((message + "\n").utf8))
        }
    }

    private func summary() throws -> Summary {
        let store = try AgentStore.openReadOnly(dataDirectory: dataDirectory)
        let now = Timestamp.now()
        return try Summary.make(
            from: store, since: Timestamp(secondsSince1970: now.seconds - 3_600), now: now, document: contract)
    }

    static func isLocal(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1]"].contains(name)
    }

    /// The summary's text in a page that reads well on a phone at night, and refreshes itself.
    static func html(_ summary: Summary) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Tidemark</title>
        <meta http-equiv="refresh" content="10"><meta name="viewport" content="width=device-width">
        <style>
        :root { color-scheme: light dark }
        body { font: 14px/1.45 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; margin: 2rem auto; \
        max-width: 72rem; padding: 0 1rem }
        pre { overflow-x: auto }
        footer { opacity: .6 }
        </style></head><body>
        <pre>\(escaped(summary.text()))</pre>
        <footer>Refreshes every 10 seconds · <a href="/summary.json">as JSON</a></footer>
        </body></html>

        """
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }
}
