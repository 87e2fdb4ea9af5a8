import AWSCore
import AgentCore
import CurlTransport

/// Whether the status page that the configuration promises answers, and what it says of the agent's health.
enum StatusPageProbe {
    private static let area = "status page"

    /// - Parameters:
    ///   - port: the configured port; nil without a page. 0 is whatever port was free when the agent started.
    ///   - isAgentRunning: without an agent nothing can answer, which is said elsewhere.
    static func examine(port: UInt16?, isAgentRunning: Bool) async -> [DoctorReport.Check] {
        guard let port, port > 0, isAgentRunning else { return [] }
        let url = "http://127.0.0.1:\(port)/healthz"
        let request = HTTPRequest(
            method: "GET", url: url,
            timeouts: Timeouts(connect: .seconds(2), firstByte: .seconds(5), attempt: .seconds(5)),
            maximumResponseBytes: 4_096)
        var configuration = CurlTransport.Configuration()
        configuration.usesProxyFromEnvironment = false
        do throws(TransportError) {
            return [check(try await CurlTransport(configuration: configuration).send(request), at: url)]
        } catch {
            return [
                .init(
                    area, .problem, "\(url) does not answer: \(error.message)",
                    fix:
                        "Restart the agent when `status-port` was set after its start; its log says when it cannot listen."
                )
            ]
        }
    }

    private static func check(_ response: HTTPResponse, at url: String) -> DoctorReport.Check {
        let said = String(String(decoding: response.body, as: UTF8.self).prefix { !$0.isNewline }.prefix(200)).visible
        switch (response.status, said) {
        case (200, "ok"): return .init(area, .ok, "\(url) answers that all is well")
        case (503, _):
            return .init(area, .problem, "\(url) says: \(said)", fix: "See the agent's log, and the checks above.")
        default:
            return .init(
                area, .problem, "\(url) answers with status \(response.status), which is not the agent's page",
                fix: "Another program has the port: name a free one with `status-port`, and restart the agent.")
        }
    }
}
