internal import Synchronization

/// How far the service's clock is ahead of the machine's, once a refused signature has shown it. Shared by all calls.
///
/// It may turn out wrong: somebody sets the machine's clock, or the time was not the service's. A signature that is off for it is refused, and
/// that corrects it. Credentials that only look expired by it are not signed with at all, so that nothing would correct it: then it is
/// forgotten, and where it was right the service's next refusal brings it back.
final class ClockOffset: Sendable {
    /// It is not forgotten twice within this time: where it is right and there are no good credentials, each call would
    /// otherwise send a request that the service must refuse.
    static let doubtPause: Duration = .seconds(30)

    private let nanoseconds = Atomic<Int64>(0)
    /// When it was forgotten last, by a clock that only goes forward; 0 for never.
    private let forgottenAt = Atomic<UInt64>(0)

    var current: Duration { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }

    func set(_ offset: Duration) { nanoseconds.store(offset.nanoseconds, ordering: .relaxed) }

    /// There are no credentials by a clock that is off by this much. Whether `current` is now another, to ask by again.
    func doubt(_ offset: Duration, at uptime: UInt64) -> Bool {
        guard current == offset else { return true }
        guard offset != .zero else { return false }
        let last = forgottenAt.load(ordering: .relaxed)
        guard last == 0 || uptime >= last &+ UInt64(ClockOffset.doubtPause.nanoseconds) else { return false }
        forgottenAt.store(max(uptime, 1), ordering: .relaxed)
        set(.zero)
        return true
    }
}
