public import AWSCore

/// Time and randomness as the agent sees them, so that a test decides both.
public struct AgentClock: Sendable {
    /// The wall clock.
    public var now: @Sendable () -> Timestamp
    /// Waits; throws `CancellationError` when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number in [0, 1) for the jitter of back-off.
    public var random: @Sendable () -> Double

    /// A clock of the caller's own.
    public init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The machine's clock and random numbers.
    public static let system = AgentClock(
        now: { Timestamp.now() },
        sleep: { try await Task.sleep(for: $0, tolerance: .milliseconds(5)) })
}
