/// Calls one AWS service: signs, sends, checks, classifies and repeats. The only attempt loop there is.
///
/// A value to be kept as long as the client: copies share the retry quota and what is known of the clock's skew.
public struct AWSCaller: Sendable {
    /// The service's JSON protocol version that goes into `Content-Type`.
    public static let contentType = "application/x-amz-json-1.0"

    /// Where the calls go.
    public let endpoint: AWSEndpoint
    /// How failed attempts are repeated.
    public var retry: RetryPolicy
    let transport: any Transport
    let signer: SigV4Signer
    let credentials: any CredentialProvider
    let userAgent: String
    let maximumResponseBytes: Int
    package let hooks: CallHooks
    let quota: RetryQuota
    let clockOffset = ClockOffset()
    package let identifiers = IDSource()
    private let url: String

    /// Makes a caller.
    ///
    /// - Parameters:
    ///   - transport: carries the requests.
    ///   - signer: made for the service and the region of the endpoint.
    ///   - credentials: asked before each attempt.
    ///   - hooks: clock, sleep and random numbers; tests give their own.
    ///   - quota: the budget of retries, one a client.
    public init(
        transport: any Transport, signer: SigV4Signer, credentials: any CredentialProvider, endpoint: AWSEndpoint,
        retry: RetryPolicy = .standard, userAgent: String = AWSCaller.defaultUserAgent,
        maximumResponseBytes: Int = HTTPRequest.defaultMaximumResponseBytes, hooks: CallHooks = .live,
        quota: RetryQuota = RetryQuota()
    ) {
        self.transport = transport
        self.signer = signer
        self.credentials = credentials
        self.endpoint = endpoint
        self.retry = retry
        self.userAgent = userAgent
        self.maximumResponseBytes = maximumResponseBytes
        self.hooks = hooks
        self.quota = quota
        self.url = endpoint.url.hasSuffix("/") ? endpoint.url : endpoint.url + "/"
    }

    /// The `User-Agent` in the SDKs' form.
    public static let defaultUserAgent = "tidemark/0.1.0 ua/2.1 os/linux lang/swift"

    /// Makes one call and gives its answer, whose status is a success and whose checksum is right.
    ///
    /// - Parameters:
    ///   - target: `X-Amz-Target`, such as "DynamoDB_20120810.GetItem".
    ///   - body: the JSON, compressed if `contentEncoding` says so.
    ///   - timeouts: limits of each attempt.
    ///   - callTimeout: limit of all attempts and pauses together.
    ///   - retry: how failed attempts of this call are repeated; the caller's own policy where none is given.
    ///   - onAttempt: told of each attempt's end, in order, before the next begins.
    /// - Throws: what the last attempt met, classified.
    public func call(
        target: String, body: [UInt8], contentEncoding: String? = nil, timeouts: Timeouts = Timeouts(),
        callTimeout: Duration = .seconds(10), retry: RetryPolicy? = nil,
        onAttempt: (AttemptOutcome) -> Void = { _ in }
    ) async throws(AWSFailure) -> HTTPResponse {
        try await call(
            target: target, body: body, contentEncoding: contentEncoding, timeouts: timeouts,
            callTimeout: callTimeout, retry: retry, onAttempt: onAttempt
        ) { response throws(AWSFailure) in response }
    }

    /// Makes one call whose answer is read inside the loop, so that an unreadable answer is that attempt's failure.
    public func call<Output: Sendable>(
        target: String, body: [UInt8], contentEncoding: String? = nil, timeouts: Timeouts, callTimeout: Duration,
        retry: RetryPolicy? = nil, onAttempt: (AttemptOutcome) -> Void,
        decode: (HTTPResponse) throws(AWSFailure) -> Output
    ) async throws(AWSFailure) -> Output {
        let started = hooks.uptimeNanoseconds()
        let policy = retry ?? self.retry
        var loop = AttemptLoop(policy: policy, callTimeout: callTimeout)
        let invocation = identifiers.nextUUID()
        var costOfLastRetry = RetryQuota.successRefund
        while true {
            let remaining = callTimeout - hooks.elapsed(since: started)
            var request = try makeRequest(
                target: target, body: body, contentEncoding: contentEncoding,
                timeouts: timeouts.bounded(by: remaining), remaining: remaining, callTimeout: callTimeout,
                attempt: loop.attempt, maximumAttempts: policy.maximumAttempts)
            request.headers.append(HTTPHeader(name: "amz-sdk-invocation-id", value: invocation))
            let offset = clockOffset.current
            let signedAt = try await sign(&request, offset: offset, attempt: loop.attempt)
            let failure: AWSFailure
            switch await attempt(request, number: loop.attempt, onAttempt: onAttempt, decode: decode) {
            case .success(let output):
                quota.giveBack(costOfLastRetry)
                return output
            case .failure(let error): failure = error
            }
            let action = loop.next(
                after: failure, elapsed: hooks.elapsed(since: started), random: hooks.random(), signedAt: signedAt)
            if let cost = try await carryOut(action, signedWith: offset) { costOfLastRetry = cost }
        }
    }

    // MARK: Pieces of the loop

    /// Prepares for the next attempt, or throws when there shall be none. Gives what the retry cost.
    private func carryOut(
        _ action: AttemptLoop.Action, signedWith offset: Duration
    ) async throws(AWSFailure) -> Int? {
        switch action {
        case .giveUp(let failure): throw failure
        case .correctClock(let correction):
            clockOffset.set(offset + correction)
            return nil
        case .retry(let pause, let cost, let failure):
            guard quota.take(cost) else { throw failure }
            do {
                if pause > .zero { try await hooks.sleep(pause) }
                return cost
            } catch {
                var cancelled = AWSFailure.cancellation
                cancelled.attempts = failure.attempts
                cancelled.requestID = failure.requestID
                throw cancelled
            }
        }
    }

    private func makeRequest(
        target: String, body: [UInt8], contentEncoding: String?, timeouts: Timeouts, remaining: Duration,
        callTimeout: Duration, attempt: Int, maximumAttempts: Int
    ) throws(AWSFailure) -> HTTPRequest {
        var refusal: AWSFailure?
        if Task.isCancelled {
            refusal = .cancellation
        } else if remaining <= .zero {
            refusal = .callTimeout(callTimeout)
        }
        if var refusal {
            refusal.attempts = attempt - 1
            throw refusal
        }
        var headers = [
            HTTPHeader(name: "Content-Type", value: AWSCaller.contentType),
            HTTPHeader(name: "X-Amz-Target", value: target),
            HTTPHeader(name: "User-Agent", value: userAgent),
            HTTPHeader(
                name: "amz-sdk-request", value: "attempt=\(attempt); max=\(max(attempt, maximumAttempts))"),
        ]
        if let contentEncoding { headers.append(HTTPHeader(name: "Content-Encoding", value: contentEncoding)) }
        return HTTPRequest(
            method: "POST", url: url, headers: headers, body: body, timeouts: timeouts,
            maximumResponseBytes: maximumResponseBytes)
    }

    /// Signs for now, corrected by the skew; gives the time that was signed.
    private func sign(
        _ request: inout HTTPRequest, offset: Duration, attempt: Int
    ) async throws(AWSFailure) -> Timestamp {
        let correctedNow = hooks.now().advanced(by: offset)
        do {
            let current = try await credentials.credentials(now: correctedNow)
            signer.sign(&request, credentials: current, at: correctedNow)
            return correctedNow
        } catch {
            var failure = AWSFailure.noCredentials(error)
            failure.attempts = attempt - 1
            throw failure
        }
    }

    private func attempt<Output>(
        _ request: HTTPRequest, number: Int, onAttempt: (AttemptOutcome) -> Void,
        decode: (HTTPResponse) throws(AWSFailure) -> Output
    ) async -> Result<Output, AWSFailure> {
        let began = hooks.uptimeNanoseconds()
        let result: Result<Output, AWSFailure>
        let phases: AttemptPhases
        let duration: Duration
        do {
            let response = try await transport.send(request)
            duration = hooks.elapsed(since: began)
            phases = response.phases
            result = AWSCaller.read(response, decode: decode)
        } catch {
            duration = hooks.elapsed(since: began)
            phases = error.phases
            result = .failure(AWSFailure(error))
        }
        var failure: AWSFailure?
        if case .failure(let error) = result { failure = error }
        onAttempt(
            AttemptOutcome(
                number: number, duration: duration, failure: failure?.class,
                throttleReasons: failure?.throttleReasons ?? [], phases: phases))
        return result
    }

    /// Checks the bytes as they came over the wire, then classifies or decodes them.
    static func read<Output>(
        _ response: HTTPResponse, decode: (HTTPResponse) throws(AWSFailure) -> Output
    ) -> Result<Output, AWSFailure> {
        if let stated = response.header("x-amz-crc32"), UInt32(stated) != CRC32.checksum(response.body) {
            return .failure(
                .malformed(
                    "its bytes do not have the checksum of x-amz-crc32", response: response, retryKind: .transient))
        }
        guard (200..<300).contains(response.status) else { return .failure(AWSFailure(refusal: response)) }
        do {
            return .success(try decode(response))
        } catch {
            return .failure(error)
        }
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
