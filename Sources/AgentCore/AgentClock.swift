public import AWSCore
import Glibc

/// Time and randomness as the agent sees them, so that a test decides both.
public struct AgentClock: Sendable {
    /// The wall clock, which anybody may set at any moment.
    public var now: @Sendable () -> Timestamp
    /// Nanoseconds since the host began: nobody sets them, and a suspended host's count.
    public var uptimeNanoseconds: @Sendable () -> Int64
    /// Which boot of the host these count from; empty where that is not known.
    public var bootID: String
    /// Waits; throws `CancellationError` when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number in [0, 1) for the jitter of back-off.
    public var random: @Sendable () -> Double

    /// A clock of the caller's own.
    ///
    /// - Parameter uptimeNanoseconds: by default those of `now`, a wall clock that is never set.
    public init(
        now: @escaping @Sendable () -> Timestamp, uptimeNanoseconds: (@Sendable () -> Int64)? = nil,
        bootID: String = "", sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.now = now
        self.uptimeNanoseconds = uptimeNanoseconds ?? { now().nanosecondsSince1970 }
        self.bootID = bootID
        self.sleep = sleep
        self.random = random
    }

    /// The machine's clocks and random numbers.
    public static let system = AgentClock(
        now: { Timestamp.now() }, uptimeNanoseconds: { bootTime() }, bootID: machineBootID(),
        sleep: { try await Task.sleep(for: $0, tolerance: .milliseconds(5)) })

    private static func bootTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func machineBootID() -> String {
        let bytes = FileSystem.read("/proc/sys/kernel/random/boot_id", maximumBytes: 64) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.filter { $0.isHexDigit || $0 == "-" })
    }
}
