/// A second attempt of a read whose first one is slow. Opt-in, for reads only.
public struct Hedging: Sendable, Hashable {
    /// The quantile of the times observed after which the second attempt goes, 0...1. Default 0.95.
    public var quantile: Double
    /// Second attempts for each hedged call, on average, at most, 0...1: 0.05 is five for a hundred calls. Default 0.05.
    public var maximumShare: Double
    /// Nothing is hedged before so many answers were timed. Default 100.
    public var minimumSamples: Int
    /// No second attempt goes sooner than this. Default 1 ms.
    public var minimumDelay: Duration

    /// Hedging; what is not said is the default.
    public init(
        quantile: Double = 0.95, maximumShare: Double = 0.05, minimumSamples: Int = 100,
        minimumDelay: Duration = .milliseconds(1)
    ) {
        // A comparison with what is no number is false: it counts as the default.
        self.quantile = quantile.isNaN ? 0.95 : min(max(quantile, 0), 1)
        self.maximumShare = maximumShare.isNaN ? 0.05 : min(max(maximumShare, 0), 1)
        self.minimumSamples = max(1, minimumSamples)
        self.minimumDelay = minimumDelay
    }
}

/// What is known of one kind of read: how long it takes, and how many second attempts it may still make. A value.
public struct HedgeState: Sendable {
    /// Tokens that can be saved for a bad moment.
    static let maximumTokens = 10.0
    /// Answers after which the older ones weigh half.
    static let memory = 2_048
    /// Buckets of an octave: a quantile is known to 1/16.
    private static let bucketsPerOctave = 16

    private let policy: Hedging
    /// Times by bucket; each octave of nanoseconds has sixteen.
    private var counts: [Int32]
    private var samples = 0
    private var tokens: Double

    /// Nothing observed, nothing saved.
    public init(policy: Hedging) {
        self.policy = policy
        counts = Array(repeating: 0, count: 64 * HedgeState.bucketsPerOctave)
        tokens = 0
    }

    /// An attempt of a hedgeable call begins. Gives the time after which a second one may go beside it; nil where too little is
    /// known.
    ///
    /// - Parameter isFirst: whether the call begins with it: a call pays its share in once, however often it is tried again.
    public mutating func begin(isFirst: Bool = true) -> Duration? {
        if isFirst { tokens = min(tokens + policy.maximumShare, HedgeState.maximumTokens) }
        guard samples >= policy.minimumSamples else { return nil }
        return max(quantile(), policy.minimumDelay)
    }

    /// A second attempt wants to go: whether the budget has it.
    public mutating func take() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// An answer came after this long.
    public mutating func observed(_ duration: Duration) {
        counts[HedgeState.bucket(of: duration)] += 1
        samples += 1
        guard samples >= HedgeState.memory else { return }
        samples = 0
        for index in counts.indices {
            counts[index] /= 2
            samples += Int(counts[index])
        }
    }

    private func quantile() -> Duration {
        let wanted = Int((Double(samples) * policy.quantile).rounded(.up))
        var seen = 0
        for (bucket, count) in counts.enumerated() {
            seen += Int(count)
            if seen >= wanted { return HedgeState.upperEnd(of: bucket) }
        }
        return policy.minimumDelay
    }

    private static func bucket(of duration: Duration) -> Int {
        let nanoseconds = UInt64(max(16, min(duration / .nanoseconds(1), 9e18)))
        let octave = 63 - nanoseconds.leadingZeroBitCount
        return octave * bucketsPerOctave + Int((nanoseconds >> UInt64(octave - 4)) & 15)
    }

    private static func upperEnd(of bucket: Int) -> Duration {
        let (octave, part) = (bucket / bucketsPerOctave, bucket % bucketsPerOctave)
        guard octave >= 4 else { return .nanoseconds(16) }
        return .nanoseconds(Int64(clamping: (UInt64(16 + part + 1)) << UInt64(octave - 4)))
    }
}

/// The hedge that calls of one kind share.
package final class SharedHedge: Sendable {
    private let state: Lock<HedgeState>

    /// Nothing observed yet.
    package init(policy: Hedging) { state = Lock(HedgeState(policy: policy)) }

    func begin(isFirst: Bool) -> Duration? { state.withLock { $0.begin(isFirst: isFirst) } }
    func take() -> Bool { state.withLock { $0.take() } }
    func observed(_ duration: Duration) { state.withLock { $0.observed(duration) } }
}
