#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The client's own rate in adaptive mode: nothing until the first throttle, then a token bucket whose rate CUBIC sets.
///
/// A value without a clock; times are seconds of any clock that only goes forward. Formulas and numbers are the SDKs'
/// (botocore/retries/adaptive.py, throttling.py, bucket.py; CUBIC: RFC 9438). Unlike botocore's, callers that wait do so in
/// the order in which they came.
public struct SendRate: Sendable {
    /// Speed at which CUBIC comes back to the rate that was throttled.
    static let scale = 0.4
    /// What is left of the rate after a throttle.
    static let beta = 0.7
    /// The rate is at most this many times the measured one.
    static let maximumExcess = 2.0
    /// Requests a second that are always allowed.
    static let minimumRate = 0.5
    /// Weight of the newest half second in the measured rate.
    static let smoothing = 0.8
    /// Periods a second in which the rate is measured.
    static let periodsPerSecond = 2.0

    /// Whether a throttle was seen: from then on requests wait for a token.
    public private(set) var isEnabled = false
    /// Answers a second, smoothed.
    public private(set) var measuredRate = 0.0
    /// Requests a second that are let through.
    public private(set) var fillRate = SendRate.minimumRate
    /// Tokens there are; below zero while callers wait.
    public private(set) var capacity = 0.0

    private var maximumCapacity = 1.0
    private var filledAt: Double
    private var issued = 0
    /// Places in the line that were left and have somebody behind them who may still wait, in order.
    private var left: [Int] = []

    private var answers = 0
    private var period: Double

    private var rateBeforeThrottle = 0.0
    private var zeroPoint = 0.0
    private var throttledAt: Double

    /// A caller's place in the line.
    public struct Ticket: Sendable, Hashable {
        let number: Int
    }

    /// Starts measuring.
    public init(now: Double) {
        filledAt = now
        throttledAt = now
        period = now.rounded(.down)
        setRate(1, now: now)
    }

    /// Takes the next place in the line; nil where nobody has to wait.
    public mutating func ticket(now: Double) -> Ticket? {
        guard isEnabled else { return nil }
        fill(now: now)
        issued += 1
        capacity -= 1
        return Ticket(number: issued)
    }

    /// Seconds until it is this caller's turn, at the rate of now; nil when it is.
    public mutating func wait(for ticket: Ticket, now: Double) -> Double? {
        fill(now: now)
        let seen = tokens(upTo: ticket.number)
        return seen >= 0 ? nil : -seen / fillRate
    }

    /// A caller leaves the line, or does not go although it is its turn: those behind it move up, and nobody before it does.
    public mutating func giveBack(_ ticket: Ticket) {
        left.insert(ticket.number, at: left.count - leftBehind(ticket.number))
        capacity = min(capacity + 1, maximumCapacity)
        // At the line's end nobody is behind it.
        while let last = left.last, last == issued {
            left.removeLast()
            issued -= 1
        }
        // Who stands before a place whose turn has come does not wait any more.
        left.removeFirst(left.prefix { tokens(upTo: $0) >= 0 }.count)
    }

    /// Tokens there are for this place when all before it have taken theirs.
    private func tokens(upTo number: Int) -> Double {
        capacity + Double(issued - number - leftBehind(number))
    }

    /// How many have left places behind this one.
    private func leftBehind(_ number: Int) -> Int {
        var (low, high) = (0, left.count)
        while low < high {
            let middle = (low + high) / 2
            if left[middle] > number { high = middle } else { low = middle + 1 }
        }
        return left.count - low
    }

    /// An attempt has ended.
    public mutating func received(throttled: Bool, now: Double) {
        measure(now: now)
        var rate: Double
        if throttled {
            let sent = isEnabled ? min(measuredRate, fillRate) : measuredRate
            rateBeforeThrottle = sent
            zeroPoint = pow((sent * (1 - SendRate.beta)) / SendRate.scale, 1 / 3.0)
            throttledAt = now
            rate = sent * SendRate.beta
            isEnabled = true
        } else {
            rate = SendRate.scale * pow(now - throttledAt - zeroPoint, 3) + rateBeforeThrottle
        }
        rate = min(rate, SendRate.maximumExcess * measuredRate)
        setRate(rate, now: now)
    }

    private mutating func measure(now: Double) {
        let current = (now * SendRate.periodsPerSecond).rounded(.down) / SendRate.periodsPerSecond
        answers += 1
        guard current > period else { return }
        let rate = Double(answers) / (current - period)
        measuredRate = rate * SendRate.smoothing + measuredRate * (1 - SendRate.smoothing)
        answers = 0
        period = current
    }

    /// What has come in until now came at the old rate.
    private mutating func setRate(_ rate: Double, now: Double) {
        fill(now: now)
        fillRate = max(rate, SendRate.minimumRate)
        maximumCapacity = rate >= 1 ? rate : 1
        capacity = min(capacity, maximumCapacity)
    }

    private mutating func fill(now: Double) {
        capacity = min(maximumCapacity, capacity + (now - filledAt) * fillRate)
        filledAt = now
    }
}

/// The send rate that all calls of one client share.
final class SharedSendRate: Sendable {
    /// A caller that waits looks again after this long, so that a rate which rose lets it go sooner.
    static let longestLook: Duration = .milliseconds(250)

    /// When a call may go.
    enum Turn {
        /// Now; with its place in the line, where there is one.
        case now(SendRate.Ticket?)
        /// Not within its time: the place in the line is given up.
        case tooLate
    }

    private let rate = Lock<SendRate?>(nil)

    /// Waits for this call's turn, unless that would not come within `limit`.
    ///
    /// - Throws: what `sleep` throws for a cancelled task.
    func wait(hooks: CallHooks, limit: Duration) async throws -> Turn {
        let started = hooks.uptimeNanoseconds()
        let now = SharedSendRate.seconds(hooks)
        guard let ticket = rate.withLock({ $0?.ticket(now: now) }) else { return .now(nil) }
        while let seconds = wait(for: ticket, hooks: hooks) {
            let pause = Duration.seconds(seconds)
            guard hooks.elapsed(since: started) + pause < limit else {
                giveBack(ticket)
                return .tooLate
            }
            do {
                // At least a millisecond: a clock that is coarse must not be asked for ever.
                try await hooks.sleep(max(min(pause, SharedSendRate.longestLook), .milliseconds(1)))
            } catch {
                giveBack(ticket)
                throw error
            }
        }
        return .now(ticket)
    }

    /// A call whose turn it was does not go.
    func giveBack(_ ticket: SendRate.Ticket) { rate.withLock { $0?.giveBack(ticket) } }

    /// Takes this call's turn where it is now; no place in the line otherwise.
    func takeAtOnce(hooks: CallHooks) -> Bool {
        let now = SharedSendRate.seconds(hooks)
        return rate.withLock { rate in
            guard let ticket = rate?.ticket(now: now) else { return true }
            guard rate?.wait(for: ticket, now: now) != nil else { return true }
            rate?.giveBack(ticket)
            return false
        }
    }

    /// An attempt has ended.
    func received(throttled: Bool, hooks: CallHooks) {
        let now = SharedSendRate.seconds(hooks)
        rate.withLock { rate in
            if rate == nil { rate = SendRate(now: now) }
            rate?.received(throttled: throttled, now: now)
        }
    }

    private func wait(for ticket: SendRate.Ticket, hooks: CallHooks) -> Double? {
        let now = SharedSendRate.seconds(hooks)
        return rate.withLock { $0?.wait(for: ticket, now: now) }
    }

    private static func seconds(_ hooks: CallHooks) -> Double { Double(hooks.uptimeNanoseconds()) / 1e9 }
}
