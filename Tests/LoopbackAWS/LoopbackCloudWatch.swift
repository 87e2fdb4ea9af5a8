public import AWSCore
internal import JSONBytes
internal import TestSupport

/// A CloudWatch on 127.0.0.1 that takes PutMetricData over JSON 1.0 and gzip, checks what AWS checks, refuses the whole
/// request for one bad datum, knows exactly what it counted, and fails as it is told.
///
/// A witness: it shares no code with the client but SHA-256 and the JSON reader.
public final class LoopbackCloudWatch: Sendable {
    /// A request and what became of it.
    public struct Observation: Sendable {
        /// The server's time.
        public var at: Timestamp
        /// Such as `PutMetricData`.
        public var action: String
        /// The namespace that it put into, where it was read.
        public var namespace: String?
        /// The time stamps of its datums, seconds since 1970, in order; empty where it was not read.
        public var seconds: [Int64] = []
        /// How many datums were counted.
        public var counted = 0
        /// Why it was refused.
        public var refusal: CloudWatchError?
        /// What went wrong by order.
        public var fault: String?
    }

    /// Refuses a request that holds a datum of which this is true: something that only the service knows to be bad.
    public typealias Poison = @Sendable (ReceivedDatum) -> Bool

    private struct State {
        var metrics = CountedMetrics()
        var observations: [Observation] = []
        var next: [CloudWatchFault] = []
        var standing: @Sendable (Int) -> CloudWatchFault? = { _ in nil }
        var known: [String: KnownCredentials]
        var dialect = RefusalDialect.query
        var poison: Poison = { _ in false }
        var namesRequests = true
        var tellsTime = true
    }

    private let server: LoopbackServer
    private let core: Core

    /// Starts it.
    ///
    /// - Parameters:
    ///   - region: that signatures have to name.
    ///   - credentials: by access key id.
    ///   - now: the server's own clock.
    public init(
        region: String = "us-east-1",
        credentials: [String: KnownCredentials] = ["AKIDEXAMPLE": KnownCredentials(secretAccessKey: "a-secret")],
        now: @escaping @Sendable () -> Timestamp
    ) throws {
        let core = Core(region: region, now: now, state: Lock(State(known: credentials)))
        self.core = core
        server = try LoopbackServer { core.answer($0) }
    }

    /// Where it listens.
    public var url: String { server.url }
    /// How many connections were accepted.
    public var connectionCount: Int { server.connectionCount }
    /// What was counted so far.
    public var metrics: CountedMetrics { core.state.withLock { $0.metrics } }
    /// Every request so far, in order.
    public var observations: [Observation] { core.state.withLock { $0.observations } }
    /// How many requests came so far.
    public var requestCount: Int { core.state.withLock { $0.observations.count } }

    /// Fails the next requests, one fault each, before anything that stands.
    public func fail(next faults: [CloudWatchFault]) { core.state.withLock { $0.next += faults } }
    /// Fails each request from now on with what this says for its number; nil takes it.
    public func failAll(_ choose: @escaping @Sendable (Int) -> CloudWatchFault?) {
        core.state.withLock { $0.standing = choose }
    }
    /// Fails every request from now on so; nil takes them all.
    public func failAll(with fault: CloudWatchFault?) { failAll { _ in fault } }
    /// Refuses requests with such a datum from now on.
    public func refuse(_ poison: @escaping Poison) { core.state.withLock { $0.poison = poison } }
    /// Replaces the credentials that are known.
    public func know(_ credentials: [String: KnownCredentials]) { core.state.withLock { $0.known = credentials } }
    /// In which words credentials are refused from now on.
    public func speak(_ dialect: RefusalDialect) { core.state.withLock { $0.dialect = dialect } }
    /// Whether answers name their request and tell the time from now on, as AWS's do and not every local server's.
    public func answer(withIDs hasIDs: Bool, withDates hasDates: Bool) {
        core.state.withLock { ($0.namesRequests, $0.tellsTime) = (hasIDs, hasDates) }
    }
    /// Closes the port and all connections.
    public func stop() { server.stop() }
}

// MARK: Answering

extension LoopbackCloudWatch {
    /// What the connections' threads work with.
    private struct Core: Sendable {
        let region: String
        let now: @Sendable () -> Timestamp
        let state: Lock<State>

        func answer(_ request: RecordedRequest) -> LoopbackAnswer {
            let fault = state.withLock { state in
                let number = state.observations.count
                // Its place is taken at once, so that numbers do not depend on how long the answer takes.
                state.observations.append(Observation(at: now(), action: Self.action(of: request)))
                let fault = state.next.isEmpty ? state.standing(number) : state.next.removeFirst()
                state.observations[number].fault = fault?.name
                return (number: number, fault: fault)
            }
            var refusal: CloudWatchError?
            if fault.fault?.counts != false { refusal = count(request, number: fault.number) }
            return answer(fault.fault, refusal: refusal)
        }

        private func answer(_ fault: CloudWatchFault?, refusal: CloudWatchError?) -> LoopbackAnswer {
            var answer = refusal.map(error) ?? LoopbackAnswer(headers: headers)
            switch fault?.answer {
            case nil: break
            case .error(let other): answer = error(other)
            case .page(let status):
                answer = LoopbackAnswer(
                    status: status,
                    // A box in between whose clock nobody has set.
                    headers: [
                        ("Content-Type", "text/html"), ("Location", "http://127.0.0.1/login"),
                        ("Date", "Thu, 01 Jan 2009 00:00:00 GMT"),
                    ],
                    body: Array("<!DOCTYPE html><html><body><h1>Please sign in</h1></body></html>\n".utf8))
            case .gateway(let json): answer = .ok(json)
            case .course(let course): answer.course = course
            }
            return answer
        }

        /// Checks and counts; why it was refused.
        private func count(_ request: RecordedRequest, number: Int) -> CloudWatchError? {
            let (known, dialect, poison) = state.withLock { ($0.known, $0.dialect, $0.poison) }
            do throws(CloudWatchError) {
                try SignatureCheck(known: known, dialect: dialect, region: region, now: now()).verify(request)
                let (namespace, datums) = try PutMetricDataRules(now: now()).read(try Self.json(of: request))
                state.withLock { state in
                    state.observations[number].namespace = namespace
                    state.observations[number].seconds = datums.map(\.second)
                }
                guard !datums.contains(where: poison) else {
                    throw .invalidValue("The value of one of the metrics is invalid.")
                }
                state.withLock { state in
                    for datum in datums { state.metrics.add(datum) }
                    state.observations[number].counted = datums.count
                }
                return nil
            } catch {
                state.withLock { $0.observations[number].refusal = error }
                return error
            }
        }

        private static let targetPrefix = "GraniteServiceVersion20100801."

        private static func action(of request: RecordedRequest) -> String {
            let target = request.header("X-Amz-Target") ?? ""
            return target.hasPrefix(targetPrefix) ? String(target.dropFirst(targetPrefix.count)) : target
        }

        private static func json(of request: RecordedRequest) throws(CloudWatchError) -> JSONValue {
            guard request.method == "POST", request.target == "/", action(of: request) == "PutMetricData" else {
                throw CloudWatchError(404, "UnknownOperationException", "")
            }
            guard request.header("Content-Type") == "application/x-amz-json-1.0" else {
                throw CloudWatchError(404, "UnknownOperationException", "")
            }
            guard request.body.count <= PutMetricDataRules.maximumBytes else { throw tooLarge }
            var body = request.body
            if let encoding = request.header("Content-Encoding") {
                guard encoding == "gzip" else { throw .serialization("the content encoding \(encoding) is unknown") }
                guard let plain = gunzip(body, limit: PutMetricDataRules.maximumBytes) else {
                    throw .serialization("the body is not gzip, or unpacks to more than a request may have")
                }
                body = plain
            }
            do {
                return try JSONValue.parse(body)
            } catch {
                throw .serialization("the body is not JSON: \(error.reason)")
            }
        }

        private static var tooLarge: CloudWatchError {
            CloudWatchError(413, "RequestEntityTooLargeException", "Request size exceeded 1000000 bytes")
        }

        private func error(_ error: CloudWatchError) -> LoopbackAnswer {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("__type", "com.amazonaws.cloudwatch#\(error.type)")
            writer.member("message", error.message)
            writer.endObject()
            return LoopbackAnswer(status: error.status, headers: headers, body: writer.bytes)
        }

        private var headers: [(String, String)] {
            let (hasID, hasDate) = state.withLock { ($0.namesRequests, $0.tellsTime) }
            var headers = [("Content-Type", "application/x-amz-json-1.0")]
            if hasID { headers.append(("x-amzn-RequestId", "6a1f2b3c-0000-4000-8000-000000000000")) }
            if hasDate { headers.append(("Date", now().httpDate)) }
            return headers
        }
    }
}
