public import AWSCore

/// A clock that moves only when a test moves it, with a calendar time beside it.
public final class ManualClock: Clock {
    /// A point on the clock: the time since it was made.
    public struct Instant: InstantProtocol {
        /// Since the clock's start.
        public var offset: Duration

        /// The instant moved by the duration.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// From this instant to the other.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Earlier is less.
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        var id: Int
        var deadline: Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var offset: Duration = .zero
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelledBeforeSleeping: Set<Int> = []
        var asked: [Duration] = []
    }

    private let start: Timestamp
    private let state = Lock(State())

    /// A clock that shows this time; by default 2026-11-23T12:00:00Z.
    public init(at start: Timestamp = Timestamp(secondsSince1970: 1_795_435_200)) {
        self.start = start
    }

    /// The current instant.
    public var now: Instant { Instant(offset: state.withLock { $0.offset }) }
    /// The smallest step, one nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }
    /// The calendar time of the current instant.
    public var timestamp: Timestamp { start.advanced(by: now.offset) }
    /// Nanoseconds since the clock's start, as a monotonic clock counts.
    public var nanoseconds: UInt64 { UInt64(clamping: timestamp.nanosecondsSince1970 - start.nanosecondsSince1970) }
    /// How many tasks are asleep.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }
    /// How long each sleep was asked to be, in the order in which they were asked for.
    public var sleeps: [Duration] { state.withLock { $0.asked } }

    /// Moves the clock on and wakes, in order of their deadlines, the tasks whose time has come.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.offset += duration
            let now = Instant(offset: state.offset)
            let due = state.sleepers.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= now }
            return due
        }
        for sleeper in woken { sleeper.continuation.resume(returning: true) }
    }

    /// Waits until at least so many tasks are asleep.
    public func waitForSleepers(_ count: Int = 1) async throws {
        try await waitUntil("\(count) sleeping tasks") { self.sleeperCount >= count }
    }

    /// Sleeps until the clock is moved to the deadline; throws `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = state.withLock { state in
            state.asked.append(deadline.offset - state.offset)
            state.nextID += 1
            return state.nextID
        }
        let finished = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if state.cancelledBeforeSleeping.remove(id) != nil { return false }
                    if deadline.offset <= state.offset { return true }
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            cancel(id)
        }
        if !finished { throw CancellationError() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelledBeforeSleeping.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(returning: false)
    }
}
