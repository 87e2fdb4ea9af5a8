import AWSCore
import CloudWatch
import JSONBytes
import Synchronization

/// Answers each request from a script and remembers what was asked.
final class StubTransport: Transport {
    struct Request {
        var target: String
        var contentEncoding: String?
        var body: [UInt8]

        var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
    }

    private let log = Mutex<[Request]>([])
    private let answer: @Sendable (Request) -> (status: Int, body: String)

    init(_ answer: @escaping @Sendable (Request) -> (status: Int, body: String) = { _ in (200, "{}") }) {
        self.answer = answer
    }

    var requests: [Request] { log.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let seen = Request(
            target: request.header("X-Amz-Target") ?? "", contentEncoding: request.header("Content-Encoding"),
            body: request.body)
        log.withLock { $0.append(seen) }
        let (status, body) = answer(seen)
        return HTTPResponse(
            status: status, headers: [HTTPHeader(name: "x-amzn-requestid", value: "r-1")], body: Array(body.utf8),
            phases: AttemptPhases())
    }
}

extension CloudWatchClient {
    init(
        stub: StubTransport, url: String = "http://127.0.0.1:4566", pacing: RequestPacing? = nil,
        hooks: CallHooks = CallHooks(sleep: { _ in })
    ) {
        self.init(
            caller: AWSCaller(
                transport: stub, signer: SigV4Signer(service: "monitoring", region: "eu-west-1"),
                credentials: StaticCredentials(Credentials(accessKeyID: "AKID", secretAccessKey: "secret")),
                endpoint: AWSEndpoint(url: url, region: "eu-west-1"), hooks: CallHooks(sleep: { _ in })),
            pacing: pacing, hooks: hooks)
    }
}

let noon = Timestamp(secondsSince1970: 1_795_435_200)

func counter(
    _ name: String = "Calls", value: Double = 3, dimensions: [Dimension] = [Dimension(name: "Service", value: "shop")],
    at time: Timestamp = noon
) -> MetricDatum {
    MetricDatum(name: name, dimensions: dimensions, timestamp: time, unit: .count, value: .single(value))
}

func distribution(_ values: [Double], _ counts: [Double]) -> MetricDatum {
    MetricDatum(
        name: "CallTime", dimensions: [], timestamp: noon, unit: .milliseconds,
        value: .distribution(values: values, counts: counts))
}
