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

/// All circuits of one client. A table that gives no trouble has none: without trouble an attempt costs two loads of one
/// word, with trouble a lock and a look-up.
package final class CircuitBoard: Sendable {
    private struct State {
        var breakers: [CircuitKey: CircuitBreaker] = [:]
        var sweptAt: UInt64 = 0
    }

    /// Circuits that are worth nothing are looked for at most this often.
    private static let sweepNanoseconds: UInt64 = 1_000_000_000

    private let policy: CircuitPolicy
    private let troubled = Atomic<Int>(0)
    private let state = Lock(State())

    /// A board without circuits.
    package init(policy: CircuitPolicy) { self.policy = policy }

    /// How many circuits are kept, closed ones with failures in their window included.
    package var count: Int { troubled.load(ordering: .relaxed) }

    /// What a circuit is now.
    package func state(of key: CircuitKey) -> CircuitBreaker.State {
        state.withLock { $0.breakers[key]?.state ?? .closed }
    }

    /// Asks for an attempt.
    @inline(__always)
    func admit(_ key: CircuitKey, now: () -> UInt64) -> CircuitBreaker.Admission {
        guard troubled.load(ordering: .relaxed) > 0 else { return .pass }
        let now = now()
        return state.withLock { $0.breakers[key]?.admit(now: now) ?? .pass }
    }

    /// Takes an attempt's end into account; gives the change that it made.
    @inline(__always)
    func settle(
        _ key: CircuitKey, _ admission: CircuitBreaker.Admission, _ verdict: @autoclosure () -> CircuitBreaker.Verdict,
        isSuccess: Bool, hooks: CallHooks
    ) -> CircuitBreaker.Transition? {
        if isSuccess, troubled.load(ordering: .relaxed) == 0 { return nil }
        return settleInTrouble(key, admission, verdict(), hooks: hooks)
    }

    private func settleInTrouble(
        _ key: CircuitKey, _ admission: CircuitBreaker.Admission, _ verdict: CircuitBreaker.Verdict, hooks: CallHooks
    ) -> CircuitBreaker.Transition? {
        let (now, random) = (hooks.uptimeNanoseconds(), hooks.random())
        return state.withLock { state in
            defer { troubled.store(state.breakers.count, ordering: .relaxed) }
            if now >= state.sweptAt &+ CircuitBoard.sweepNanoseconds {
                state.sweptAt = now
                state.breakers = state.breakers.filter { !$0.value.isCalm(now: now) }
            }
            if state.breakers[key] == nil {
                guard verdict == .failed else { return nil }
                state.breakers[key] = CircuitBreaker(policy: policy, now: now)
            }
            return state.breakers[key]?.settle(admission, verdict, now: now, random: random)
        }
    }
}
