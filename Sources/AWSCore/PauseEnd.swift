/// Ends the pauses of a client's calls when the client is shut down: a call that waits for its next attempt must not keep a
/// service from stopping.
final class PauseEnd: Sendable {
    private struct State {
        var hasCome = false
        var sleepers: [UInt64: Task<Void, any Error>] = [:]
        var next: UInt64 = 0
    }

    private let state = Lock(State())

    var hasCome: Bool { state.withLock { $0.hasCome } }

    /// Ends every pause that is under way, and each later one at once.
    func come() {
        let sleepers = state.withLock { state in
            state.hasCome = true
            return state.sleepers.values.map { $0 }
        }
        for sleeper in sleepers { sleeper.cancel() }
    }

    /// The hooks with pauses that end with this; they throw then what a cancelled one throws.
    func ending(_ hooks: CallHooks) -> CallHooks {
        var ending = hooks
        ending.sleep = { [self] duration in try await pause(duration, sleep: hooks.sleep) }
        return ending
    }

    /// What the task that is asked belongs to, where it waits for credentials.
    @TaskLocal static var current: PauseEnd?

    /// Until it comes, or the task is cancelled.
    func wait() async { try? await pause(.seconds(Int64.max), sleep: CallHooks.sleep) }

    private func pause(
        _ duration: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) async throws {
        let sleeper = Task { try await sleep(duration) }
        let (id, hasCome) = state.withLock { state in
            state.next += 1
            state.sleepers[state.next] = sleeper
            return (state.next, state.hasCome)
        }
        defer { state.withLock { $0.sleepers[id] = nil } }
        if hasCome { sleeper.cancel() }
        try await withTaskCancellationHandler {
            try await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
    }
}
