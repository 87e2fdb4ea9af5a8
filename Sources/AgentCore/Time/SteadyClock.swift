import AWSCore

/// The agent's clock: the machine's, steadied by `TimeReckoning`.
final class SteadyClock: Sendable {
    let machine: AgentClock
    private let reckoning: Lock<TimeReckoning>

    init(_ machine: AgentClock) {
        self.machine = machine
        reckoning = Lock(
            TimeReckoning(anchor: machine.now().nanosecondsSince1970 - machine.uptimeNanoseconds()))
    }

    var state: TimeReckoning { reckoning.withLock { $0 } }
    var now: Timestamp {
        Timestamp(nanosecondsSince1970: state.time(at: machine.uptimeNanoseconds()))
    }
    /// `TimeReckoning.age`.
    var age: Timestamp { Timestamp(nanosecondsSince1970: state.age(at: machine.uptimeNanoseconds())) }

    /// The same sleep and randomness with the steady time.
    var agentClock: AgentClock {
        AgentClock(
            now: { self.now }, uptimeNanoseconds: machine.uptimeNanoseconds, bootID: machine.bootID,
            sleep: machine.sleep, random: machine.random)
    }

    /// Goes on where an earlier agent of the same boot stopped.
    func resume(anchor: Int64) { reckoning.withLock { $0 = TimeReckoning(anchor: anchor) } }

    func doubt(since time: Int64) {
        let uptime = machine.uptimeNanoseconds()
        reckoning.withLock { $0.doubt(since: time, uptime: uptime) }
    }

    func observe() -> TimeReckoning.Verdict {
        let (wall, uptime) = (machine.now().nanosecondsSince1970, machine.uptimeNanoseconds())
        return reckoning.withLock { $0.observe(wall: wall, uptime: uptime) }
    }

    /// - Parameter ahead: how far CloudWatch's clock was ahead of the wall clock.
    /// - Returns: what followed, and how far CloudWatch's clock is ahead of this one now.
    func hear(ahead: Duration) -> (verdict: TimeReckoning.Verdict, remaining: Duration) {
        let (wall, uptime) = (machine.now().nanosecondsSince1970, machine.uptimeNanoseconds())
        return reckoning.withLock { reckoning in
            let verdict = reckoning.hear(ahead: ahead.nanosecondsCount, wall: wall, uptime: uptime)
            let theirs = wall &+ ahead.nanosecondsCount
            return (verdict, .nanoseconds(theirs &- reckoning.time(at: uptime)))
        }
    }
}

/// Since when an agent goes by one clock, as it stands in the store: a restart does not end it, a reboot does.
struct ClockEpoch: Sendable, Equatable {
    var bootID: String
    /// The time less the uptime.
    var anchor: Int64
    /// The last window before it.
    var lastSpan: Int64
    /// Nanoseconds since 1970, by the clock as it is believed to be now.
    var beganAt: Int64

    var text: String { "\(bootID) \(anchor) \(lastSpan) \(beganAt)" }

    init(bootID: String, anchor: Int64, lastSpan: Int64, beganAt: Int64) {
        self.bootID = bootID
        self.anchor = anchor
        self.lastSpan = lastSpan
        self.beganAt = beganAt
    }

    init?(text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 4, let anchor = Int64(parts[1]), let span = Int64(parts[2]), let began = Int64(parts[3])
        else { return nil }
        self.init(bootID: String(parts[0]), anchor: anchor, lastSpan: span, beganAt: began)
    }
}
