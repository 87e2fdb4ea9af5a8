import AWSCore
import CurlTransport
import TestSupport

/// Time-outs that no test waits for: a test about something else must not fail because the machine is slow. All tests run beside
/// each other, so that on a busy one a task may not get its turn for more than a minute.
let patient = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))

func makeTransport(
    connections: Int = 64, queue: Int = 1_024, authority: String? = nil
) throws(TransportError) -> CurlTransport {
    var configuration = CurlTransport.Configuration()
    configuration.maximumConnections = connections
    configuration.maximumQueuedRequests = queue
    configuration.certificateAuthorityFile = authority
    configuration.usesProxyFromEnvironment = false
    // On a busy machine a test waits longer for its turn than a connection is kept.
    configuration.idleConnectionLifetime = .seconds(3_600)
    configuration.connectionLifetime = .seconds(3_600)
    return try CurlTransport(configuration: configuration)
}

func request(
    _ server: LoopbackServer, body: String = "{}", timeouts: Timeouts = patient, maximumResponseBytes: Int = 1 << 20
) -> HTTPRequest {
    HTTPRequest(
        url: server.url, headers: [HTTPHeader(name: "Content-Type", value: "application/x-amz-json-1.0")],
        body: Array(body.utf8), timeouts: timeouts, maximumResponseBytes: maximumResponseBytes)
}

/// The error of a send that must fail.
func failure(_ transport: CurlTransport, _ request: HTTPRequest) async -> TransportError {
    do {
        let response = try await transport.send(request)
        return TransportError(code: .other, message: "unexpected answer \(response.status)")
    } catch {
        return error
    }
}
