internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Time, sleep and chance as a caller uses them. Tests give their own.
public struct CallHooks: Sendable {
    /// The calendar's time, for signatures.
    public var now: @Sendable () -> Timestamp
    /// Nanoseconds of a clock that only goes forward, for durations.
    public var uptimeNanoseconds: @Sendable () -> UInt64
    /// Waits, and throws at once when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number in 0..<1.
    public var random: @Sendable () -> Double

    /// Puts the hooks together; each is the machine's own unless given.
    public init(
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now() },
        uptimeNanoseconds: @escaping @Sendable () -> UInt64 = { CallHooks.monotonicNanoseconds() },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await CallHooks.sleep($0) },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.now = now
        self.uptimeNanoseconds = uptimeNanoseconds
        self.sleep = sleep
        self.random = random
    }

    /// The machine's own.
    public static let live = CallHooks()

    /// `Task.sleep` for any duration: that one traps on those that end beyond what its clock can tell.
    public static func sleep(_ duration: Duration) async throws {
        try await Task.sleep(for: min(duration, longestSleep))
    }

    /// A hundred years.
    private static let longestSleep = Duration.seconds(3_155_760_000)

    /// CLOCK_MONOTONIC.
    public static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    func elapsed(since start: UInt64) -> Duration {
        let now = uptimeNanoseconds()
        return .nanoseconds(Int64(clamping: now > start ? now - start : 0))
    }
}

/// Ids that do not repeat, without a system call each: a random start and a counter, mixed (splitmix64).
package final class IDSource: Sendable {
    private let seed: UInt64
    private let prefix: UInt64
    private let counter = Atomic<UInt64>(0)

    /// Starts at a random place.
    package init() {
        var generator = SystemRandomNumberGenerator()
        seed = generator.next()
        prefix = generator.next()
    }

    /// The next number; no number comes twice from one source.
    package func next() -> UInt64 {
        let step = counter.add(1, ordering: .relaxed).newValue
        var mixed = seed &+ step &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next id as sixteen hexadecimal digits.
    package func nextHex() -> String { IDSource.hex(next()) }

    /// The next id in the form of a random UUID.
    package func nextUUID() -> String {
        let high = (prefix & ~0xF000) | 0x4000
        let low = (next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                text[place] = Hex.digit(IDSource.nibble(index & 15, of: index < 16 ? high : low))
                place += 1
            }
            return place
        }
    }

    /// Sixteen hexadecimal digits of a number.
    package static func hex(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { text in
            for place in 0..<16 { text[place] = Hex.digit(nibble(place, of: number)) }
            return 16
        }
    }

    private static func nibble(_ place: Int, of number: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: number >> UInt64(60 - place * 4)) & 15
    }
}
