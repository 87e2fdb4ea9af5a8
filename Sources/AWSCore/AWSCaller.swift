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
    package let credentials: any CredentialProvider
    let userAgent: String
    let maximumResponseBytes: Int
    package let hooks: CallHooks
    let quota: RetryQuota
    let clockOffset = ClockOffset()
    package let identifiers = IDSource()
    let url: String

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
    public func call<Output>(
        target: String, body: [UInt8], contentEncoding: String? = nil, timeouts: Timeouts, callTimeout: Duration,
        retry: RetryPolicy? = nil, onAttempt: (AttemptOutcome) -> Void,
        decode: (HTTPResponse) throws(AWSFailure) -> Output
    ) async throws(AWSFailure) -> Output {
        var output: Output?
        try await perform(
            CallRequest(
                target: target, body: body, contentEncoding: contentEncoding, timeouts: timeouts,
                callTimeout: callTimeout, retry: retry),
            onAttempt: onAttempt
        ) { response throws(AWSFailure) in output = try decode(response) }
        guard let output else { preconditionFailure("a call that succeeded has read its answer") }
        return output
    }

    /// The loop itself. Not generic: over module borders that costs more than signing.
    ///
    /// - Parameter accept: reads an answer whose status is a success; what it throws is that attempt's failure.
    package func perform(
        _ call: CallRequest, onAttempt: (AttemptOutcome) -> Void, accept: (HTTPResponse) throws(AWSFailure) -> Void
    ) async throws(AWSFailure) {
        let started = hooks.uptimeNanoseconds()
        let policy = call.retry ?? retry
        var loop = AttemptLoop(policy: policy, callTimeout: call.callTimeout)
        let invocation = identifiers.nextUUID()
        var costOfLastRetry = RetryQuota.successRefund
        var tried = 0
        while true {
            let remaining = call.callTimeout - hooks.elapsed(since: started)
            try checkTime(remaining, of: call, tried: tried)
            var request = makeRequest(
                call, invocation: invocation, attempt: loop.attempt, maximumAttempts: policy.maximumAttempts,
                remaining: remaining)
            let offset = clockOffset.current
            let signedAt = try await sign(&request, offset: offset, tried: tried)
            guard let failure = await attempt(request, number: loop.attempt, onAttempt: onAttempt, accept: accept)
            else { return quota.giveBack(costOfLastRetry) }
            if failure.underlying?.wasTried != false { tried += 1 }
            let action = loop.next(
                after: failure, elapsed: hooks.elapsed(since: started), random: hooks.random(), signedAt: signedAt)
            if let cost = try await carryOut(action, signedWith: offset, tried: tried) { costOfLastRetry = cost }
        }
    }

    // MARK: Pieces of the loop

    /// Prepares for the next attempt, or throws when there shall be none. Gives what the retry cost.
    private func carryOut(
        _ action: AttemptLoop.Action, signedWith offset: Duration, tried: Int
    ) async throws(AWSFailure) -> Int? {
        switch action {
        case .giveUp(let failure): throw failure.after(attempts: tried)
        case .correctClock(let correction):
            clockOffset.set(offset + correction)
            return nil
        case .retry(let pause, let cost, let failure):
            guard quota.take(cost) else { throw failure.after(attempts: tried) }
            do {
                if pause > .zero { try await hooks.sleep(pause) }
                return cost
            } catch {
                quota.giveBack(cost)
                var cancelled = AWSFailure.cancellation.after(attempts: tried)
                cancelled.requestID = failure.requestID
                throw cancelled
            }
        }
    }

    /// Refuses to begin an attempt of a call that is cancelled or has no time left.
    private func checkTime(_ remaining: Duration, of call: CallRequest, tried: Int) throws(AWSFailure) {
        if Task.isCancelled { throw AWSFailure.cancellation.after(attempts: tried) }
        if remaining <= .zero { throw AWSFailure.callTimeout(call.callTimeout).after(attempts: tried) }
    }

    /// Signs for now, corrected by the skew; gives the time that was signed.
    private func sign(
        _ request: inout HTTPRequest, offset: Duration, tried: Int
    ) async throws(AWSFailure) -> Timestamp {
        let correctedNow = hooks.now().advanced(by: offset)
        do {
            let current = try await credentials.credentials(now: correctedNow)
            if let url = try endpoint.account?.url(for: current) { request.url = url }
            signer.sign(&request, credentials: current, at: correctedNow)
            return correctedNow
        } catch {
            if Task.isCancelled { throw AWSFailure.cancellation.after(attempts: tried) }
            throw AWSFailure.noCredentials(error).after(attempts: tried)
        }
    }

    /// Makes one attempt and tells of it; its failure, or nil for success.
    private func attempt(
        _ request: HTTPRequest, number: Int, onAttempt: (AttemptOutcome) -> Void,
        accept: (HTTPResponse) throws(AWSFailure) -> Void
    ) async -> AWSFailure? {
        let began = hooks.uptimeNanoseconds()
        var failure: AWSFailure?
        let phases: AttemptPhases
        let duration: Duration
        var status: Int?
        do throws(TransportError) {
            let response = try await transport.send(request)
            duration = hooks.elapsed(since: began)
            phases = response.phases
            status = response.status
            failure = AWSCaller.read(response, accept: accept)
        } catch {
            duration = hooks.elapsed(since: began)
            phases = error.phases
            failure = AWSFailure(error)
            guard error.wasTried else { return failure }
        }
        onAttempt(
            AttemptOutcome(
                number: number, duration: duration, failure: failure?.class, status: status,
                throttleReasons: failure?.throttleReasons ?? [], phases: phases))
        return failure
    }

    /// Checks the bytes as they came over the wire, then classifies or reads them.
    static func read(
        _ response: HTTPResponse, accept: (HTTPResponse) throws(AWSFailure) -> Void
    ) -> AWSFailure? {
        if let stated = response.header("x-amz-crc32"), UInt32(stated) != CRC32.checksum(response.body) {
            return .malformed(
                "its bytes do not have the checksum of x-amz-crc32", response: response, retryKind: .transient)
        }
        guard (200..<300).contains(response.status) else { return AWSFailure(refusal: response) }
        do {
            try accept(response)
            return nil
        } catch {
            return error
        }
    }
}
