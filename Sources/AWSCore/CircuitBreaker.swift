/// When a client stops asking a table that only fails, and when it asks again.
public struct CircuitPolicy: Sendable, Hashable {
    /// Attempts are counted over this long, in tenths: the last nine, and what has passed of the tenth. Default 10 s.
    public var window: Duration
    /// Failed attempts within the window below which nothing opens. Default 10.
    public var minimumFailures: Int
    /// Share of the window's attempts that have to fail, 0 to 1: those that were answered before the first failure count
    /// too, so that a table asked evenly is held back once that share of the window is over. Default 0.5.
    public var failureShare: Double
    /// How long the first opening lasts, jittered by half either way; each that follows without success lasts twice as
    /// long. Default 1 s.
    public var openFor: Duration
    /// No opening is longer than this before the jitter: so long a service may be back unnoticed. Default 5 s.
    public var maximumOpen: Duration
    /// Probes under way at once while half-open. Default 1.
    public var probes: Int
    /// Probes that have to succeed one after the other before the circuit closes. Default 3.
    public var successesToClose: Int
    /// How long a circuit that would let a probe go is kept without anybody asking; then it is forgotten, and the next call finds it
    /// closed. Default 60 s.
    public var forgetAfter: Duration
    /// How long the service has to be silent towards an attempt that its call's own limit cuts short, for that to count as a failure.
    /// A client whose calls are given less than 500 ms counts four fifths of that, down to 100 ms. Default 400 ms: DynamoDB answers
    /// within milliseconds, and a slow page within some tenths of a second.
    public var stall: Duration

    /// A policy; what is not said is the default.
    public init(
        window: Duration = .seconds(10), minimumFailures: Int = 10, failureShare: Double = 0.5,
        openFor: Duration = .seconds(1), maximumOpen: Duration = .seconds(5), probes: Int = 1,
        successesToClose: Int = 3, forgetAfter: Duration = .seconds(60), stall: Duration = .milliseconds(400)
    ) {
        self.window = window
        self.minimumFailures = max(1, minimumFailures)
        self.failureShare = failureShare
        self.openFor = openFor
        self.maximumOpen = maximumOpen
        self.probes = max(1, probes)
        self.successesToClose = max(1, successesToClose)
        self.forgetAfter = forgetAfter
        self.stall = stall
    }

    /// The first value with which no circuit could open, close or count as it should; nil where all can.
    package var problem: AWSConfigurationError? {
        func refusal(_ name: String, _ value: Any, _ allowed: String) -> AWSConfigurationError {
            AWSConfigurationError(cause: "`circuit.\(name)` is \(value)", fix: "use \(allowed), or nil for no circuit")
        }
        for (name, value) in [
            ("window", window), ("openFor", openFor), ("maximumOpen", maximumOpen), ("forgetAfter", forgetAfter),
            ("stall", stall),
        ] where value <= .zero {
            return refusal(name, value, "a time above zero")
        }
        for (name, value) in [
            ("minimumFailures", minimumFailures), ("probes", probes), ("successesToClose", successesToClose),
        ] where value < 1 {
            return refusal(name, value, "1 or more")
        }
        return (0...1).contains(failureShare) ? nil : refusal("failureShare", failureShare, "a share from 0 to 1")
    }

    /// Below this, silence says more of the caller's hurry than of the service.
    private static let shortestStall: Duration = .milliseconds(100)

    /// The same for a client whose calls have this limit: to them a service that is silent nearly as long has failed. What remains is
    /// for signing and connecting.
    package func fitting(callTimeout: Duration) -> CircuitPolicy {
        var policy = self
        policy.stall = min(stall, max(CircuitPolicy.shortestStall, callTimeout * 4 / 5))
        return policy
    }
}

/// The circuit of one table and kind of operation. A value: time and the random number are parameters.
public struct CircuitBreaker: Sendable {
    /// What the circuit is.
    public enum State: Sendable, Hashable {
        /// Every attempt goes. Enough failures open it.
        case closed
        /// No attempt goes until then (nanoseconds of the caller's clock); the first one after it makes it half-open.
        case open(until: UInt64)
        /// A few attempts go as probes. Enough successes close it; a failure opens it for longer.
        case halfOpen(probing: Int, successes: Int)
    }

    /// What an attempt may do.
    public enum Admission: Sendable, Hashable {
        /// Go.
        case pass
        /// Go as the first probe of an open circuit, which is half-open by that, and decide by your end.
        case firstProbe(Round)
        /// Go, and decide by your end.
        case probe(Round)
        /// Do not go; ask again at that time, which is now where a probe is under way.
        case refused(until: UInt64)
    }

    /// One time of being half-open, of which a circuit may have many. A probe decides its own alone: one that takes long may end
    /// when others have opened the circuit again, or closed it.
    public struct Round: Sendable, Hashable {
        /// By which it is told from others, also from those of a circuit that was forgotten meanwhile.
        let begunAt: UInt64
    }

    /// What an attempt's end says of the service.
    public enum Verdict: Sendable, Hashable {
        /// It answered, whatever it said to the request.
        case alive
        /// It failed, did not answer in time, or could not be reached.
        case failed
        /// Nothing: the attempt was given up or never went.
        case silent
    }

    /// A change that is worth being counted.
    public enum Transition: Sendable, Hashable {
        /// It opened, having been closed.
        case opened
        /// Its first probe goes.
        case halfOpened
        /// A probe failed: it is open again, for longer.
        case reopened
        /// It closed.
        case closed
        /// Nobody asked for long, so that it was forgotten: the next call finds it closed.
        case forgotten

        /// What the circuit is now, in one word.
        package var name: String {
            switch self {
            case .opened: "open"
            case .halfOpened: "half-open"
            case .reopened: "open again"
            case .closed: "closed"
            case .forgotten: "forgotten"
            }
        }

        /// Whether a failed attempt brought it about.
        package var isFailure: Bool { self == .opened || self == .reopened }
    }

    /// What the circuit is now.
    public private(set) var state = State.closed
    private let policy: CircuitPolicy
    private var window: CircuitWindow
    private var openings = 0
    /// The one that is, or was last.
    private var round = Round(begunAt: 0)
    /// From when on nobody has asked although they might, while it is not closed.
    private var quietSince: UInt64 = 0

    /// A closed circuit that has seen nothing yet.
    public init(policy: CircuitPolicy) {
        self.policy = policy
        window = CircuitWindow(CircuitWindowClock(policy.window))
    }

    /// Whether it is closed and without a failure in its window: nothing of it is worth keeping but its answers.
    public func isCalm(now: UInt64) -> Bool { state == .closed && window.failures(now: now) == 0 }

    /// Whether it is not closed, would let a probe go, and nobody has asked for as long as the policy keeps it.
    public func isForsaken(now: UInt64) -> Bool {
        switch state {
        case .closed: return false
        case .halfOpen(let probing, _) where probing > 0: return false
        case .open, .halfOpen:
            return now > quietSince && now - quietSince >= CircuitBreaker.nanoseconds(policy.forgetAfter)
        }
    }

    /// Until when an attempt would be refused that asked now; nil where it would go. It takes no place among the probes.
    public func refusal(now: UInt64) -> UInt64? {
        switch state {
        case .closed: nil
        case .open(let until): now < until ? until : nil
        case .halfOpen(let probing, _): probing < policy.probes ? nil : now
        }
    }

    /// Asks for an attempt.
    public mutating func admit(now: UInt64) -> Admission {
        if let until = refusal(now: now) { return .refused(until: until) }
        switch state {
        case .closed: return .pass
        case .open:
            state = .halfOpen(probing: 1, successes: 0)
            round = Round(begunAt: now)
            return .firstProbe(round)
        case .halfOpen(let probing, let successes):
            state = .halfOpen(probing: probing + 1, successes: successes)
            return .probe(round)
        }
    }

    /// Takes an admitted attempt's end into account.
    ///
    /// - Parameter answersBeside: answers within the window that it was not told of.
    public mutating func settle(
        _ admission: Admission, _ verdict: Verdict, now: UInt64, random: Double, answersBeside: Int = 0
    ) -> Transition? {
        switch (state, admission) {
        case (.closed, .pass): count(verdict, now: now, random: random, answersBeside)
        case (.halfOpen(let probing, let successes), .firstProbe(round)),
            (.halfOpen(let probing, let successes), .probe(round)):
            settleProbe(verdict, probing: probing - 1, successes: successes, now: now, random: random)
        // An attempt from before the state changed, or from another round, says nothing of the service as it is.
        default: nil
        }
    }

    private mutating func count(
        _ verdict: Verdict, now: UInt64, random: Double, _ answersBeside: Int
    ) -> Transition? {
        switch verdict {
        case .alive: window.addAnswer(now: now)
        case .silent: break
        case .failed:
            window.addFailure(now: now)
            let failures = window.failures(now: now)
            let share = Double(failures) / Double(failures + window.answers(now: now) + answersBeside)
            guard failures >= policy.minimumFailures, share >= policy.failureShare else { return nil }
            open(now: now, random: random)
            return .opened
        }
        return nil
    }

    private mutating func settleProbe(
        _ verdict: Verdict, probing: Int, successes: Int, now: UInt64, random: Double
    ) -> Transition? {
        quietSince = now
        switch verdict {
        case .silent: state = .halfOpen(probing: probing, successes: successes)
        case .failed:
            open(now: now, random: random)
            return .reopened
        case .alive:
            guard successes + 1 >= policy.successesToClose else {
                state = .halfOpen(probing: probing, successes: successes + 1)
                return nil
            }
            state = .closed
            window.clear()
            openings = 0
            return .closed
        }
        return nil
    }

    private mutating func open(now: UInt64, random: Double) {
        let length = min(policy.openFor * (1 << min(openings, 20)), policy.maximumOpen) * (0.5 + random)
        openings += 1
        quietSince = now &+ CircuitBreaker.nanoseconds(length)
        state = .open(until: quietSince)
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        UInt64(max(0, min(duration / .nanoseconds(1), 9e18)))
    }
}

extension CircuitBreaker.Verdict {
    /// What an attempt's end says: only faults of the service, time-outs and failures of the network speak against it.
    ///
    /// - Parameter stall: how long a service has been silent that does not answer.
    init(_ failure: AWSFailure?, stall: Duration) {
        guard let failure else {
            self = .alive
            return
        }
        guard failure.underlying?.wasTried != false else {
            self = .silent
            return
        }
        guard failure.code != AWSFailure.callTimeoutCode else {
            self = failure.underlying?.showsSilence(ofAtLeast: stall) == true ? .failed : .silent
            return
        }
        switch failure.class {
        case .server, .timeout, .network: self = .failed
        case .cancelled, .malformedResponse, .circuitOpen: self = .silent
        // Without a status these two were found before anything was sent.
        case .client, .credentials: self = failure.status == nil ? .silent : .alive
        case .throttled, .conditionFailed, .transactionConflict, .validation, .accessDenied, .notFound: self = .alive
        }
    }
}

extension TransportError {
    /// Whether an attempt that was given up for its call's sake met a service that does not answer: the whole request was sent,
    /// or its connection was still being made, and nothing came for at least so long. A caller in a greater hurry says
    /// nothing of the service: its next caller may have more time.
    func showsSilence(ofAtLeast least: Duration) -> Bool {
        guard case .timeout(let kind) = code, phases.bytesReceived == 0 else { return false }
        switch kind {
        case .queue: return false
        case .connect: return phases.total - phases.queue >= least
        case .firstByte, .attempt: return sent == .all && phases.firstByte >= least
        }
    }
}
