/// What one attempt of a call came to, for whoever measures.
public struct AttemptOutcome: Sendable {
    /// Number of the attempt, from 1.
    public var number: Int
    /// From handing the request to the transport until its answer or error.
    public var duration: Duration
    /// What it met; nil for success.
    public var failure: FailureClass?
    /// The HTTP status; nil where there was no answer.
    public var status: Int?
    /// Which of two attempts beside each other it was; nil for one that was alone.
    public var hedge: HedgeRole?
    /// Why the service throttled it; empty when it did not.
    public var throttleReasons: [ThrottleDetail]
    /// The transport's own timings and bytes.
    public var phases: AttemptPhases
    /// What it changed of its table's circuit, in this order; nearly always nothing.
    public var circuit: [CircuitBreaker.Transition]
    /// What it was sent to: the account's own endpoint where that was asked.
    public var url: String

    /// Puts the parts together.
    public init(
        number: Int, duration: Duration, failure: FailureClass?, status: Int? = nil, hedge: HedgeRole? = nil,
        throttleReasons: [ThrottleDetail], phases: AttemptPhases, circuit: [CircuitBreaker.Transition] = [],
        url: String = ""
    ) {
        self.number = number
        self.duration = duration
        self.failure = failure
        self.status = status
        self.hedge = hedge
        self.throttleReasons = throttleReasons
        self.phases = phases
        self.circuit = circuit
        self.url = url
    }
}

/// Decides, for one call, what follows each failed attempt. No clock, no sleep, no random source: all are parameters.
public struct AttemptLoop: Sendable {
    /// What the shell has to do next.
    public enum Action: Sendable {
        /// Take `cost` tokens from the quota, sleep, attempt again; give up with the failure when the quota is short.
        case retry(after: Duration, cost: Int, else: AWSFailure)
        /// Sign with a clock that is off by this much from the one that was signed with, and attempt again at once: the
        /// refused request did nothing, so that it does not count against the policy's attempts.
        case correctClock(by: Duration)
        /// Sign with other credentials, if their source has any, and attempt again at once: likewise. Else give up with
        /// the failure.
        case renewCredentials(else: AWSFailure)
        /// The call ends with this failure.
        case giveUp(AWSFailure)
    }

    /// Skew below which a refused signature has another cause: the service accepts 5 minutes either way; the SDKs
    /// correct from 4 on.
    public static let skewTolerance: Duration = .seconds(240)

    /// Number of the attempt under way, from 1.
    public private(set) var attempt = 1
    /// Whether an attempt so far failed in a way that leaves open whether the service did its work.
    public var mayHaveBeenApplied: Bool { openSince != nil }
    /// When the first of those began, since the call's beginning.
    private var openSince: Duration?
    /// When the attempt under way began, at the earliest.
    private var begunAt = Duration.zero
    private let policy: RetryPolicy
    private let callTimeout: Duration
    private var clockIsCorrected = false
    private var credentialsAreRenewed = false
    /// Attempts that the policy is about: those that were refused for the clock or for old credentials do not count.
    private var attemptsByPolicy: Int { attempt - (clockIsCorrected ? 1 : 0) - (credentialsAreRenewed ? 1 : 0) }

    /// Starts with the first attempt under way.
    public init(policy: RetryPolicy, callTimeout: Duration) {
        self.policy = policy
        self.callTimeout = callTimeout
    }

    /// What follows the failure of the attempt under way; unless it is to give up, the next attempt is then under way.
    ///
    /// - Parameters:
    ///   - elapsed: time since the call began. A pause that would outlast the call's time-out is not begun.
    ///   - random: a number in 0..<1, for the jitter.
    ///   - signedAt: the time that was signed, with the correction known then.
    ///   - isRepeatable: whether the request may be sent again so long after the beginning of the first attempt of it that may have
    ///     done its work; asked only where there is one.
    public mutating func next(
        after failure: AWSFailure, elapsed: Duration, random: Double, signedAt: Timestamp,
        isRepeatable: (Duration) -> Bool = { _ in true }
    ) -> Action {
        if failure.isAmbiguous, openSince == nil { openSince = begunAt }
        var failure = failure
        failure.attempts = attempt
        if let offset = clockOffset(failure, signedAt: signedAt) {
            clockIsCorrected = true
            begin(at: elapsed)
            return .correctClock(by: offset)
        }
        if !credentialsAreRenewed, failure.class == .credentials, ErrorTable.mayBeStale(code: failure.code) {
            credentialsAreRenewed = true
            begin(at: elapsed)
            return .renewCredentials(else: failure)
        }
        guard let delay = policy.delay(afterAttempt: attemptsByPolicy, failure: failure, random: random) else {
            return .giveUp(end(of: failure) { isRepeatable(openFor(at: elapsed)) })
        }
        let next = elapsed + delay
        guard next < callTimeout else { return .giveUp(failure.ended(by: .noTimeLeft)) }
        guard !mayHaveBeenApplied || isRepeatable(openFor(at: next)) else {
            return .giveUp(failure.ended(by: .notRepeatable))
        }
        begin(at: next)
        return .retry(after: delay, cost: policy.cost(after: failure), else: failure)
    }

    /// How long ago the first attempt began that may have done its work; zero where there is none.
    func openFor(at elapsed: Duration) -> Duration { elapsed - (openSince ?? elapsed) }

    private mutating func begin(at elapsed: Duration) {
        attempt += 1
        begunAt = elapsed
    }

    /// A failure that is followed by no other attempt, with the reason.
    private func end(of failure: AWSFailure, _ isRepeatable: () -> Bool) -> AWSFailure {
        if failure.isRetryable { return failure.ended(by: .attemptsUsedUp) }
        // The caller gave up, or shut the client down, or the transport refused: there was nothing to be tried again.
        if failure.class == .cancelled || failure.underlying?.wasTried == false { return failure }
        // Such as the call's time, which the attempt used up.
        if failure.retryEnd != nil { return failure }
        guard failure.mayPass else { return failure.ended(by: .pointless) }
        return failure.ended(by: failure.isAmbiguous && !isRepeatable() ? .notRepeatable : .leftToCaller)
    }

    private func clockOffset(_ failure: AWSFailure, signedAt: Timestamp) -> Duration? {
        guard !clockIsCorrected, failure.class == .credentials, ErrorTable.mayBeClockSkew(code: failure.code),
            let serverTime = failure.serverTime
        else { return nil }
        let offset = Duration.nanoseconds(serverTime.nanosecondsSince1970 - signedAt.nanosecondsSince1970)
        let size = offset < .zero ? .zero - offset : offset
        return size >= AttemptLoop.skewTolerance ? offset : nil
    }
}
