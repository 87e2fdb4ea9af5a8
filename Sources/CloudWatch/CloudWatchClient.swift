public import AWSCore
internal import JSONBytes

/// Calls CloudWatch over JSON 1.0.
///
/// A value to be kept as long as the process: copies share the caller's retry quota and the pacing.
public struct CloudWatchClient: Sendable {
    /// Carries the calls.
    public let caller: AWSCaller
    private let hooks: CallHooks
    private let paces: Lock<(writes: PaceKeeper, reads: PaceKeeper)>

    /// The limits of one attempt: CloudWatch answers slower than DynamoDB, and a request body may be a megabyte.
    static let timeouts = Timeouts(connect: .seconds(3), firstByte: .seconds(10), attempt: .seconds(15))
    /// The limit of a call with its attempts and pauses.
    static let callTimeout: Duration = .seconds(45)

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - caller: with a signer for the service `monitoring`.
    ///   - pacing: how fast to ask; by default an account's quotas for AWS itself, no limit for any other endpoint.
    ///   - hooks: clock and sleep of the pacing; tests give their own.
    public init(caller: AWSCaller, pacing: RequestPacing? = nil, hooks: CallHooks = .live) {
        let pacing = pacing ?? .suited(to: caller.endpoint)
        self.caller = caller
        self.hooks = hooks
        paces = Lock((PaceKeeper(rate: pacing.alarmWrites), PaceKeeper(rate: pacing.alarmReads)))
    }

    /// Whether the endpoint is AWS's own and not a local server or a proxy.
    public var isAWS: Bool { RequestPacing.isAWS(caller.endpoint.url) }

    /// Makes one call with a JSON body and gives the answer's JSON.
    func call(
        _ operation: CloudWatchOperation, _ write: (inout JSONWriter) -> Void
    ) async throws(AWSFailure) -> JSONValue {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        try await keepPace(for: operation)
        return try await caller.call(
            target: operation.target, body: writer.bytes, contentEncoding: nil, timeouts: Self.timeouts,
            callTimeout: Self.callTimeout, onAttempt: { _ in }, decode: Self.json(from:))
    }

    /// An answer's JSON; an empty body is an empty object, which is how operations without output may answer.
    static func json(from response: HTTPResponse) throws(AWSFailure) -> JSONValue {
        if response.body.isEmpty { return .object([]) }
        do {
            return try JSONValue.parse(response.body)
        } catch {
            throw .malformed("\(error.reason) at byte \(error.offset)", response: response)
        }
    }

    private func keepPace(for operation: CloudWatchOperation) async throws(AWSFailure) {
        let now = hooks.uptimeNanoseconds()
        let wait: Duration =
            switch operation {
            case .putMetricAlarm, .putCompositeAlarm, .deleteAlarms, .tagResource:
                paces.withLock { $0.writes.reserve(at: now) }
            case .describeAlarms, .describeAlarmHistory, .listTagsForResource:
                paces.withLock { $0.reads.reserve(at: now) }
            case .putMetricData, .getMetricStatistics, .listMetrics, .putDashboard, .getDashboard, .deleteDashboards:
                .zero
            }
        guard wait > .zero else { return }
        do {
            try await hooks.sleep(wait)
        } catch {
            throw AWSFailure(
                class: .cancelled, code: "Cancelled",
                message: "the task was cancelled while the call waited for its turn")
        }
    }
}
