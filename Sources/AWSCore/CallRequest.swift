/// One call to a service, before it has a date and a signature.
package struct CallRequest: Sendable {
    /// `X-Amz-Target`, such as "DynamoDB_20120810.GetItem".
    package var target: String
    /// The JSON, compressed if `contentEncoding` says so.
    package var body: [UInt8]
    /// "gzip", or nil for plain JSON.
    package var contentEncoding: String?
    /// Limits of each attempt.
    package var timeouts: Timeouts
    /// Limit of all attempts and pauses together.
    package var callTimeout: Duration
    /// How failed attempts are repeated; nil for the caller's own policy.
    package var retry: RetryPolicy?
    /// What may follow an attempt that may have done its work.
    package var repetition: Repetition
    /// Whether what makes its repetition safe is of this call alone, so that making it again is another call to the service.
    package var isSafeInItselfOnly = false
    /// The circuit that the call belongs to; nil for none.
    package var circuit: CircuitKey?
    /// Where a slow first attempt gets a second beside it; nil for a call that is not hedged.
    package var hedge: SharedHedge?

    /// Puts the parts together.
    package init(
        target: String, body: [UInt8], contentEncoding: String? = nil, timeouts: Timeouts, callTimeout: Duration,
        retry: RetryPolicy? = nil, repetition: Repetition = .harmless, circuit: CircuitKey? = nil,
        hedge: SharedHedge? = nil
    ) {
        self.target = target
        self.body = body
        self.contentEncoding = contentEncoding
        self.timeouts = timeouts
        self.callTimeout = callTimeout
        self.retry = retry
        self.repetition = repetition
        self.circuit = circuit
        self.hedge = hedge
    }
}

/// What it does to make a call again whose attempt may have done its work.
package enum Repetition: Sendable {
    /// Nothing: a read.
    case harmless
    /// A write. The function says, of the target and the body, when sending it again can do no harm; it is asked only when
    /// that is the question.
    case write(limit: @Sendable (_ target: String, _ body: [UInt8]) -> RepetitionLimit)
}

/// When a write may be sent again although an attempt of it may have done its work.
package enum RepetitionLimit: Sendable, Hashable {
    case never
    case always
    /// So long after the first such attempt: the service forgets what it knows the repetition by.
    case within(Duration)
}

extension CallRequest {
    var isWrite: Bool {
        if case .write = repetition { true } else { false }
    }

    /// Whether an attempt may go so long after the beginning of the first one that may have done its work.
    func isRepeatable(after age: Duration) -> Bool {
        guard case .write(let limit) = repetition else { return true }
        return switch limit(target, body) {
        case .never: false
        case .always: true
        case .within(let time): age < time
        }
    }
}

extension AWSCaller {
    /// The HTTP request of one attempt. Headers stand in the order that the signature sorts them into.
    func makeRequest(
        _ call: CallRequest, invocation: String, attempt: Int, maximumAttempts: Int, remaining: Duration
    ) -> HTTPRequest {
        var headers: [HTTPHeader] = []
        // These, the encoding, and the three of the signature.
        headers.reserveCapacity(9)
        headers.append(HTTPHeader(name: "amz-sdk-invocation-id", value: invocation))
        headers.append(
            HTTPHeader(
                name: "amz-sdk-request", value: AWSCaller.attemptHeader(attempt, of: max(attempt, maximumAttempts))))
        if let encoding = call.contentEncoding {
            headers.append(HTTPHeader(name: "Content-Encoding", value: encoding))
        }
        headers.append(HTTPHeader(name: "Content-Type", value: AWSCaller.contentType))
        headers.append(HTTPHeader(name: "User-Agent", value: userAgent))
        headers.append(HTTPHeader(name: "X-Amz-Target", value: call.target))
        return HTTPRequest(
            method: "POST", url: url, headers: headers, body: call.body,
            timeouts: call.timeouts.bounded(by: remaining), maximumResponseBytes: maximumResponseBytes)
    }

    private static func attemptHeader(_ attempt: Int, of maximum: Int) -> String {
        // What nearly every request says, without making it each time.
        attempt == 1 && maximum == 4 ? "attempt=1; max=4" : "attempt=\(attempt); max=\(maximum)"
    }
}

extension Timeouts {
    /// The same limits, none longer than what is left of the call's time.
    func bounded(by remaining: Duration) -> Timeouts {
        var bounded = self
        bounded.connect = min(connect, remaining)
        bounded.firstByte = min(firstByte, remaining)
        bounded.attempt = min(attempt, remaining)
        return bounded
    }
}
