internal import Synchronization

/// Which circuit an attempt belongs to.
package struct CircuitKey: Hashable, Sendable {
    /// The table; "" where a call is about several or none.
    package var table: String
    /// Whether it writes.
    package var isWrite: Bool

    /// Names a circuit.
    package init(table: String, isWrite: Bool) {
        self.table = table
        self.isWrite = isWrite
    }
}

/// All circuits of one client. A table that gives no trouble has none, only its answers are counted: without trouble an attempt
/// costs two loads of one word, a look-up without a lock and one addition, with trouble a lock and a look-up more.
package final class CircuitBoard: Sendable {
    private struct Circuit {
        var breaker: CircuitBreaker
        /// What the attempt met that opened it last.
        var cause = ""
        /// Who is told that it was forgotten.
        var onForgetting: (@Sendable () -> Void)?
    }

    private struct State {
        var circuits: [CircuitKey: Circuit] = [:]
        var sweptAt: UInt64 = 0
    }

    /// Circuits that are worth nothing are looked for at most this often.
    private static let sweepNanoseconds: UInt64 = 1_000_000_000

    private let policy: CircuitPolicy
    private let clock: CircuitWindowClock
    private let answers = AnswerDirectory()
    private let troubled = Atomic<Int>(0)
    private let state = Lock(State())

    /// A board without circuits.
    package init(policy: CircuitPolicy) {
        self.policy = policy
        clock = CircuitWindowClock(policy.window)
    }

    /// How many circuits are kept, closed ones with failures in their window included. One that nobody asks for goes with the next
    /// attempt that any other table's call makes.
    package var count: Int { troubled.load(ordering: .relaxed) }

    /// What a circuit is now.
    package func state(of key: CircuitKey) -> CircuitBreaker.State {
        state.withLock { $0.circuits[key]?.breaker.state ?? .closed }
    }

    /// What opened a circuit, by the service's or our own name for it: "InternalServerError, HTTP 500".
    func cause(of key: CircuitKey) -> String { state.withLock { $0.circuits[key]?.cause ?? "" } }

    /// Has it told once that a circuit which has opened was forgotten: by the attempt of another table's call, since its own has none.
    package func whenForgotten(_ key: CircuitKey, tell: @escaping @Sendable () -> Void) {
        state.withLock { $0.circuits[key]?.onForgetting = tell }
    }

    /// Until when an attempt would be refused that asked now; nil where it would go. Takes no place.
    @inline(__always)
    func refusal(of key: CircuitKey, now: () -> UInt64) -> UInt64? {
        guard troubled.load(ordering: .relaxed) > 0 else { return nil }
        let now = now()
        return state.withLock { $0.circuits[key]?.breaker.refusal(now: now) }
    }

    /// Asks for an attempt.
    @inline(__always)
    func admit(_ key: CircuitKey, now: () -> UInt64) -> CircuitBreaker.Admission {
        guard troubled.load(ordering: .relaxed) > 0 else { return .pass }
        let now = now()
        return state.withLock { $0.circuits[key]?.breaker.admit(now: now) ?? .pass }
    }

    /// Takes an attempt's end into account; gives the change that it made.
    @inline(__always)
    func settle(
        _ key: CircuitKey, _ admission: CircuitBreaker.Admission, _ failure: AWSFailure?, hooks: CallHooks
    ) -> CircuitBreaker.Transition? {
        let now = hooks.uptimeNanoseconds()
        guard failure == nil, admission == .pass, let counts = answers.counts(of: key) else {
            return settleInTrouble(key, admission, failure, now: now, random: hooks.random())
        }
        counts.add(part: clock.part(at: now))
        if troubled.load(ordering: .relaxed) > 0 { tell(state.withLock { sweep(&$0, now: now) }) }
        return nil
    }

    private func settleInTrouble(
        _ key: CircuitKey, _ admission: CircuitBreaker.Admission, _ failure: AWSFailure?, now: UInt64, random: Double
    ) -> CircuitBreaker.Transition? {
        let verdict = CircuitBreaker.Verdict(failure, stall: policy.stall)
        let counts = answers.counts(of: key)
        let isCounted = verdict == .alive && admission == .pass && counts != nil
        if isCounted { counts?.add(part: clock.part(at: now)) }
        if verdict != .failed, troubled.load(ordering: .relaxed) == 0 { return nil }
        let (change, forgotten) = state.withLock { state -> (CircuitBreaker.Transition?, [Circuit]) in
            let forgotten = sweep(&state, now: now)
            guard !isCounted else { return (nil, forgotten) }
            if state.circuits[key] == nil {
                guard verdict == .failed else { return (nil, forgotten) }
                state.circuits[key] = Circuit(breaker: CircuitBreaker(policy: policy))
                troubled.store(state.circuits.count, ordering: .relaxed)
            }
            let answersBeside = verdict == .failed ? counts?.sum(part: clock.part(at: now)) ?? 0 : 0
            let change = state.circuits[key]?.breaker.settle(
                admission, verdict, now: now, random: random, answersBeside: answersBeside)
            if let failure, change?.isFailure == true { state.circuits[key]?.cause = failure.name }
            if change == .closed { counts?.clear() }
            return (change, forgotten)
        }
        tell(forgotten)
        return change
    }

    /// Drops what is worth nothing any more; gives the circuits that somebody believes to be open.
    private func sweep(_ state: inout State, now: UInt64) -> [Circuit] {
        guard now >= state.sweptAt &+ CircuitBoard.sweepNanoseconds else { return [] }
        state.sweptAt = now
        let forsaken = state.circuits.filter { $0.value.breaker.isForsaken(now: now) }
        state.circuits = state.circuits.filter { !$0.value.breaker.isCalm(now: now) && forsaken[$0.key] == nil }
        troubled.store(state.circuits.count, ordering: .relaxed)
        for key in forsaken.keys { answers.counts(of: key)?.clear() }
        return Array(forsaken.values)
    }

    private func tell(_ forgotten: [Circuit]) {
        for circuit in forgotten { circuit.onForgetting?() }
    }
}
