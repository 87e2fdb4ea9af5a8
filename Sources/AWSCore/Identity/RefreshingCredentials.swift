/// Credentials that are fetched, kept, and fetched anew before they expire, however many callers there are: one fetch at
/// a time.
///
/// A caller whose credentials are good takes a lock for some nanoseconds and waits for nothing. `RenewalSchedule` says when
/// a renewal begins and who waits for it; a caller that is cancelled stops waiting, and the renewal goes on for the others.
public final class RefreshingCredentials: CredentialProvider {
    /// Asks the source; gets the time at which it was decided to.
    public typealias Fetch = @Sendable (Timestamp) async throws(AWSConfigurationError) -> FetchedCredentials

    private typealias Outcome = Result<Credentials, AWSConfigurationError>

    private struct State {
        var schedule = RenewalSchedule()
        var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var nextWaiter: UInt64 = 0
        /// Renewals that have ended, so that nobody waits for one that ended while it came here.
        var generation: UInt64 = 0
        var lastOutcome: Outcome?
    }

    private let state = Lock(State())
    private let fetch: Fetch

    /// Credentials from this source, which is asked at the first call.
    public init(fetch: @escaping Fetch) {
        self.fetch = fetch
    }

    /// The credentials to sign with; throws where there are none that are good and none can be had.
    public func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        try await credentials(now: now, limit: nil)
    }

    /// The same, waiting no longer than this; a renewal that has begun goes on for others.
    public func credentials(
        now: Timestamp, within limit: Duration
    ) async throws(AWSConfigurationError) -> Credentials { try await credentials(now: now, limit: limit) }

    /// Has the next caller renew them, once for all callers; true where that is done already. Not again within half a minute
    /// of a renewal that brought the same.
    public func discard(_ refused: Credentials, now: Timestamp) -> Bool {
        state.withLock { $0.schedule.discard(refused, at: now) }
    }

    private func credentials(
        now: Timestamp, limit: Duration?
    ) async throws(AWSConfigurationError) -> Credentials {
        let (action, generation) = state.withLock { ($0.schedule.action(at: now), $0.generation) }
        switch action {
        case .use(let credentials): return credentials
        case .useAndRenew(let credentials):
            renew(at: now)
            return credentials
        case .renewAndWait:
            renew(at: now)
            return try await wait(for: generation, limit)
        case .wait: return try await wait(for: generation, limit)
        case .fail(let error): throw error
        }
    }

    /// Fetches beside the callers, and not on the executor of the one that happens to be first: it may be the event loop.
    private func renew(at now: Timestamp) {
        Task.detached { [self] in
            let result: Result<FetchedCredentials, AWSConfigurationError>
            do throws(AWSConfigurationError) {
                result = .success(try await fetch(now))
            } catch {
                result = .failure(error)
            }
            let (outcome, waiters) = state.withLock { state in
                let outcome = state.schedule.finish(result, begunAt: now)
                state.generation += 1
                state.lastOutcome = outcome
                let waiters = state.waiters
                state.waiters = [:]
                return (outcome, waiters)
            }
            for waiter in waiters.values { waiter.resume(returning: outcome) }
        }
    }

    private func wait(
        for generation: UInt64, _ limit: Duration?
    ) async throws(AWSConfigurationError) -> Credentials {
        guard let limit else { return try await wait(for: generation) }
        return try await inTime(limit) { () throws(AWSConfigurationError) in try await self.wait(for: generation) }
    }

    private func wait(for generation: UInt64) async throws(AWSConfigurationError) -> Credentials {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Outcome? in
                    // A cancellation from before this has woken nobody; one from now on finds the waiter.
                    if Task.isCancelled { return Self.cancelled }
                    if state.generation != generation { return state.lastOutcome }
                    state.waiters[id] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            cancel(id)
        }
        return try outcome.get()
    }

    private func cancel(_ id: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.resume(returning: Self.cancelled)
    }

    private static let cancelled = Outcome.failure(
        AWSConfigurationError(message: "the caller's task was cancelled while it waited for AWS credentials"))
}

extension RefreshingCredentials: CustomStringConvertible, CustomReflectable {
    /// Shows no credentials.
    public var description: String { "RefreshingCredentials" }
    /// Nor do `dump` and mirrors.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
