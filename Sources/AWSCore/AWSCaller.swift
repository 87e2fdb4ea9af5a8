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
    /// Whether their source may let a call wait.
    let waitsForCredentials: Bool
    package let hooks: CallHooks
    let quota: RetryQuota
    private let pauses = PauseEnd()
    let clockOffset = ClockOffset()
    /// How far the service's clock is ahead of the machine's, as far as signatures have had to follow it.
    package var clockCorrection: Duration { clockOffset.current }
    let sendRate = SharedSendRate()
    package let circuits: CircuitBoard?
    package let identifiers = IDSource()
    let url: String
    /// The endpoint's own, here so that a call without one copies nothing.
    let account: AccountEndpoint?
    /// Whether calls may go to another host than the endpoint's, by their credentials.
    package var hasAccountEndpoints: Bool { account != nil }

    /// Makes a caller.
    ///
    /// - Parameters:
    ///   - transport: carries the requests.
    ///   - signer: made for the service and the region of the endpoint.
    ///   - credentials: asked before each attempt.
    ///   - hooks: clock, sleep and random numbers; tests give their own.
    ///   - quota: the budget of retries, one a client.
    ///   - circuit: when calls that name a circuit are held back; nil for never.
    public init(
        transport: any Transport, signer: SigV4Signer, credentials: any CredentialProvider, endpoint: AWSEndpoint,
        retry: RetryPolicy = .standard, userAgent: String = AWSCaller.defaultUserAgent,
        maximumResponseBytes: Int = HTTPRequest.defaultMaximumResponseBytes, hooks: CallHooks = .live,
        quota: RetryQuota = RetryQuota(), circuit: CircuitPolicy? = nil
    ) {
        self.transport = transport
        self.signer = signer
        self.credentials = credentials
        waitsForCredentials = !(credentials is StaticCredentials)
        self.endpoint = endpoint
        self.retry = retry
        self.userAgent = userAgent
        self.maximumResponseBytes = maximumResponseBytes
        self.hooks = pauses.ending(hooks)
        self.quota = quota
        self.circuits = circuit.map { CircuitBoard(policy: $0) }
        self.account = endpoint.account
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
        let policy = call.retry ?? retry
        var progress = CallProgress(
            started: hooks.uptimeNanoseconds(), loop: AttemptLoop(policy: policy, callTimeout: call.callTimeout))
        let invocation = identifiers.nextUUID()
        do throws(AWSFailure) {
            while true {
                var remaining = call.callTimeout - hooks.elapsed(since: progress.started)
                try checkTime(remaining, of: call)
                try checkCircuit(call, progress)
                if policy.mode == .adaptive { remaining = try await waitForTurn(call, &progress) }
                var request = makeRequest(
                    call, invocation: invocation, attempt: progress.loop.attempt,
                    maximumAttempts: policy.maximumAttempts, remaining: remaining)
                let signature: Signature
                let offset = clockOffset.current
                do throws(AWSFailure) {
                    signature = try await sign(&request, offset: offset, within: remaining, of: call.callTimeout)
                } catch {
                    signature = try await signByOtherClock(&request, than: offset, after: error, call, progress)
                }
                if progress.loop.mayHaveBeenApplied { try checkRepetition(call, progress) }
                let admission = try admit(call, progress)
                progress.goes()
                let failure = await attempt(
                    request, of: call, admission, progress: &progress, onAttempt: onAttempt, accept: accept)
                regulate(call, after: failure)
                guard let failure else { return quota.giveBack(progress.costOfLastRetry) }
                progress.askedURL = request.url
                progress.lastFailure = Boxed(failure)
                let action = progress.loop.next(
                    after: failure, elapsed: hooks.elapsed(since: progress.started), random: hooks.random(),
                    signedAt: signature.time, isRepeatable: { call.isRepeatable(after: $0) })
                try await carryOut(action, after: signature, &progress)
            }
        } catch {
            // A retry that was paid for and never went: the call was cancelled, its time ended, or the circuit opened meanwhile.
            if let cost = progress.unsentRetry { quota.giveBack(cost) }
            if let turn = progress.turn { sendRate.giveBack(turn) }
            throw end(of: call, error, progress)
        }
    }

    /// A call's failure with what its attempts came to.
    private func end(of call: CallRequest, _ error: AWSFailure, _ progress: CallProgress) -> AWSFailure {
        var failure = error.after(attempts: progress.tried)
        failure.url = progress.askedURL
        failure.mayHaveBeenApplied = call.isWrite && progress.loop.mayHaveBeenApplied
        if failure.mayHaveBeenApplied {
            let elapsed = hooks.elapsed(since: progress.started)
            failure.isRepeatable =
                !call.isSafeInItselfOnly && call.isRepeatable(after: progress.loop.openFor(at: elapsed))
        }
        return failure
    }

    /// Ends the pauses of calls that are under way, and of all later ones: they fail as if the transport were shut down.
    package func endPauses() { pauses.come() }

    /// Whether pauses have been ended.
    var hasEnded: Bool { pauses.hasCome }

    /// Runs with this caller as the one whose end ends the wait.
    func withPauses<Value>(_ body: () async -> Value) async -> Value {
        await PauseEnd.$current.withValue(pauses) { await body() }
    }

    /// Why a call's pause ended before its time.
    package var pauseEnded: AWSFailure {
        guard pauses.hasCome else { return .cancellation }
        return AWSFailure(
            TransportError(code: .shutDown, message: "\(url): the transport was shut down", wasTried: false))
    }

    // MARK: Pieces of the loop

    /// Prepares for the next attempt, or throws when there shall be none.
    private func carryOut(
        _ action: AttemptLoop.Action, after signature: Signature, _ progress: inout CallProgress
    ) async throws(AWSFailure) {
        switch action {
        case .giveUp(let failure):
            giveUp(failure, progress)
            throw failure
        case .correctClock(let correction): clockOffset.set(signature.offset + correction)
        case .renewCredentials(let failure):
            guard credentials.discard(signature.credentials, now: signature.time) else {
                giveUp(failure, progress)
                throw failure.ended(by: .pointless)
            }
        case .retry(let pause, let cost, let failure):
            guard quota.take(cost) else {
                giveUp(failure, progress)
                throw failure.ended(by: .quotaUsedUp)
            }
            progress.unsentRetry = cost
            do {
                if pause > .zero { try await hooks.sleep(pause) }
            } catch {
                var ended = pauseEnded
                ended.requestID = failure.requestID
                throw ended
            }
        }
    }

    /// An answer of success whose bytes were damaged on the way shows a service that works: the quota is given back, as
    /// the SDKs do.
    private func giveUp(_ failure: AWSFailure, _ progress: CallProgress) {
        if failure.code == AWSFailure.checksumMismatch, failure.status.map({ (200..<300).contains($0) }) == true {
            quota.giveBack(progress.costOfLastRetry)
        }
    }

    /// Tells the client's own rate, where it has one, what an attempt met; one that was given up met nothing.
    private func regulate(_ call: CallRequest, after failure: AWSFailure?) {
        guard isAdaptive(call), failure?.class != .cancelled, failure?.underlying?.wasTried != false else { return }
        sendRate.received(throttled: failure?.retryKind == .throttling, hooks: hooks)
    }

    private func isAdaptive(_ call: CallRequest) -> Bool { (call.retry ?? retry).mode == .adaptive }

    /// Waits until the client's own rate lets the call go; what is left of its time then.
    private func waitForTurn(
        _ call: CallRequest, _ progress: inout CallProgress
    ) async throws(AWSFailure) -> Duration {
        let limit = call.callTimeout - hooks.elapsed(since: progress.started)
        let turn: SharedSendRate.Turn
        do { turn = try await sendRate.wait(hooks: hooks, limit: limit) } catch { throw pauseEnded }
        guard case .now(let ticket) = turn else { throw .sendRateTooLow }
        progress.turn = ticket
        let remaining = call.callTimeout - hooks.elapsed(since: progress.started)
        try checkTime(remaining, of: call)
        return remaining
    }

    /// Refuses to begin an attempt of a call that is cancelled or has no time left.
    func checkTime(_ remaining: Duration, of call: CallRequest) throws(AWSFailure) {
        if Task.isCancelled { throw AWSFailure.cancellation }
        if remaining <= .zero { throw AWSFailure.callTimeout(call.callTimeout) }
    }

    /// Refuses an attempt whose repetition the service may not know for one any more: the call waited too long for its turn, for
    /// credentials or in a pause.
    private func checkRepetition(_ call: CallRequest, _ progress: CallProgress) throws(AWSFailure) {
        let age = progress.loop.openFor(at: hooks.elapsed(since: progress.started))
        guard !call.isRepeatable(after: age), let failure = progress.lastFailure else { return }
        throw failure.value.ended(by: .notRepeatable)
    }

    /// Refuses, before anything is waited for, what the call's circuit would refuse now.
    private func checkCircuit(_ call: CallRequest, _ progress: CallProgress) throws(AWSFailure) {
        guard let circuits, let key = call.circuit, let until = circuits.refusal(of: key, now: hooks.uptimeNanoseconds)
        else { return }
        throw refusal(of: key, until: until, circuits, progress)
    }

    /// Asks the call's circuit for an attempt that goes at once: a probe's place is taken by it.
    private func admit(_ call: CallRequest, _ progress: CallProgress) throws(AWSFailure) -> CircuitBreaker.Admission {
        guard let circuits, let key = call.circuit else { return .pass }
        let admission = circuits.admit(key, now: hooks.uptimeNanoseconds)
        guard case .refused(let until) = admission else { return admission }
        throw refusal(of: key, until: until, circuits, progress)
    }

    /// A circuit that opened meanwhile ends a call with what its last attempt met.
    private func refusal(
        of key: CircuitKey, until: UInt64, _ circuits: CircuitBoard, _ progress: CallProgress
    ) -> AWSFailure {
        if let failure = progress.lastFailure { return failure.value.ended(by: .circuitOpened) }
        let now = hooks.uptimeNanoseconds()
        return .circuitOpen(
            key, for: .nanoseconds(Int64(clamping: until > now ? until - now : 0)), cause: circuits.cause(of: key))
    }

    /// Makes one attempt and tells of it; its failure, or nil for success.
    private func attempt(
        _ request: HTTPRequest, of call: CallRequest, _ admission: CircuitBreaker.Admission,
        progress: inout CallProgress, onAttempt: (AttemptOutcome) -> Void,
        accept: (HTTPResponse) throws(AWSFailure) -> Void
    ) async -> AWSFailure? {
        if let hedge = call.hedge, let delay = hedge.begin(isFirst: progress.loop.attempt == 1), admission == .pass {
            let exchanges = await hedged(
                request, after: delay, budget: hedge, rate: isAdaptive(call) ? sendRate : nil, accept: accept)
            for loser in exchanges.losers {
                let failure = AWSCaller.judge(loser.failure, of: call, request)
                regulate(call, after: failure)
                tell(loser.exchange, failure, of: call, at: request.url, admission: nil, &progress, onAttempt)
            }
            let failure = AWSCaller.judge(exchanges.winner.failure, of: call, request)
            if failure == nil { hedge.observed(exchanges.duration) }
            tell(
                exchanges.winner.exchange, failure, of: call, at: request.url, admission: admission, &progress,
                onAttempt)
            return failure
        }
        // Not by way of `exchange`: a frame of its own costs a call a few hundred instructions.
        let began = hooks.uptimeNanoseconds()
        let result: Result<HTTPResponse, TransportError>
        do throws(TransportError) {
            result = .success(try await transport.send(request))
        } catch {
            result = .failure(error)
        }
        let exchange = Exchange(result: result, duration: hooks.elapsed(since: began))
        let failure = AWSCaller.judge(
            AWSCaller.read(exchange.result, accept: accept), of: call, request)
        if let hedge = call.hedge, failure == nil { hedge.observed(exchange.duration) }
        tell(exchange, failure, of: call, at: request.url, admission: admission, &progress, onAttempt)
        return failure
    }

    /// An attempt that had only what was left of the call's time, and ran out of it, met the call's limit: a longer one of its own
    /// would not have helped.
    private static func judge(_ failure: AWSFailure?, of call: CallRequest, _ request: HTTPRequest) -> AWSFailure? {
        guard let failure else { return nil }
        guard let error = failure.underlying, case .timeout(let kind) = error.code else {
            return failure.withoutSecrets(of: request)
        }
        let given = request.timeouts
        let isCut =
            switch kind {
            case .queue, .attempt: given.attempt < call.timeouts.attempt
            case .connect: given.connect < call.timeouts.connect
            case .firstByte: given.firstByte < call.timeouts.firstByte
            }
        guard isCut else { return failure }
        var ended = AWSFailure.callTimeout(call.callTimeout, "while an attempt was under way: \(error.message)")
        ended.underlying = error
        ended.isAmbiguous = failure.isAmbiguous
        return ended
    }

    /// Tells the call's circuit and whoever measures of an attempt's end.
    ///
    /// - Parameter admission: nil where the attempt says nothing to the circuit.
    private func tell(
        _ exchange: Exchange, _ failure: AWSFailure?, of call: CallRequest, at url: String,
        admission: CircuitBreaker.Admission?, _ progress: inout CallProgress, _ onAttempt: (AttemptOutcome) -> Void
    ) {
        var changes: [CircuitBreaker.Transition] = []
        if case .firstProbe = admission { changes.append(.halfOpened) }
        if let circuits, let key = call.circuit, let admission,
            let change = circuits.settle(key, admission, failure, hooks: hooks)
        {
            changes.append(change)
        }
        guard failure?.underlying?.wasTried != false else { return }
        progress.tried += 1
        onAttempt(
            AttemptOutcome(
                number: progress.loop.attempt, duration: exchange.duration, failure: failure?.class,
                status: exchange.status, hedge: exchange.hedge, throttleReasons: failure?.throttleReasons ?? [],
                phases: exchange.phases, circuit: changes, url: url))
    }

    /// Sends one request.
    func exchange(_ request: HTTPRequest) async -> Exchange {
        let began = hooks.uptimeNanoseconds()
        let result: Result<HTTPResponse, TransportError>
        do throws(TransportError) {
            result = .success(try await transport.send(request))
        } catch {
            result = .failure(error)
        }
        return Exchange(result: result, duration: hooks.elapsed(since: began))
    }

    static func read(
        _ result: Result<HTTPResponse, TransportError>, accept: (HTTPResponse) throws(AWSFailure) -> Void
    ) -> AWSFailure? {
        switch result {
        case .success(let response): read(response, accept: accept)
        case .failure(let error): AWSFailure(error)
        }
    }

    /// Checks the bytes as they came over the wire, then classifies or reads them.
    static func read(
        _ response: HTTPResponse, accept: (HTTPResponse) throws(AWSFailure) -> Void
    ) -> AWSFailure? {
        if let stated = response.header("x-amz-crc32"), UInt32(stated) != CRC32.checksum(response.body) {
            return .checksumMismatch(response)
        }
        guard response.status == 200 else {
            return (201..<300).contains(response.status) ? .wrongSuccess(response) : AWSFailure(refusal: response)
        }
        do {
            try accept(response)
            return nil
        } catch {
            return error
        }
    }
}

/// How far one call has come.
struct CallProgress {
    let started: UInt64
    var loop: AttemptLoop
    var tried = 0
    /// What a success gives back to the quota.
    var costOfLastRetry = RetryQuota.successRefund
    /// What the next attempt has cost, as long as it has not gone.
    var unsentRetry: Int?
    /// Its turn at the client's own rate, as long as it has not gone.
    var turn: SendRate.Ticket?
    var lastFailure: Boxed<AWSFailure>?
    /// Where its last attempt went that failed.
    var askedURL = ""

    /// The attempt goes: what was paid for it is used.
    mutating func goes() {
        turn = nil
        guard let cost = unsentRetry else { return }
        (costOfLastRetry, unsentRetry) = (cost, nil)
    }
}

/// One request and what came of it.
struct Exchange: Sendable {
    var result: Result<HTTPResponse, TransportError>
    var duration: Duration
    /// Its part beside another attempt; nil for one that was alone.
    var hedge: HedgeRole?

    /// The HTTP status; nil where there was no answer.
    var status: Int? {
        if case .success(let response) = result { response.status } else { nil }
    }

    var phases: AttemptPhases {
        switch result {
        case .success(let response): response.phases
        case .failure(let error): error.phases
        }
    }
}
