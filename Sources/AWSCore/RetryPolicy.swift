/// When a failed attempt is repeated, after how long, and what the repetition costs. Pure: the random number is a parameter.
///
/// Full jitter as the AWS SDKs' standard mode does it: `random · min(base · 2^i, maximumDelay)`.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
public struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all, the first included; at least 1. The SDKs give DynamoDB 4, other services 3.
    public var maximumAttempts: Int
    /// Base of the back-off after a passing fault. The SDKs give DynamoDB 25 ms, other services 50 ms.
    public var transientBase: Duration
    /// Base of the back-off after a throttle. The SDKs' rules say 1 s.
    public var throttlingBase: Duration
    /// No pause is longer than this before the service's own hint is looked at. 20 s.
    public var maximumDelay: Duration
    /// What a retry takes from the quota.
    public var costs: RetryCosts
    /// Whether the service's `x-amz-retry-after` may lengthen a pause.
    public var heedsHint: Bool
    /// Whether the client also holds its own rate back after throttles.
    public var mode: RetryMode

    /// How far the service's own hint may lengthen a pause.
    public static let maximumHintExcess: Duration = .seconds(5)

    /// The SDKs' values of 2026 for DynamoDB unless others are given.
    public init(
        maximumAttempts: Int = 4, transientBase: Duration = .milliseconds(25), throttlingBase: Duration = .seconds(1),
        maximumDelay: Duration = .seconds(20), costs: RetryCosts = .rules2026, heedsHint: Bool = true,
        mode: RetryMode = .standard
    ) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.transientBase = transientBase
        self.throttlingBase = throttlingBase
        self.maximumDelay = maximumDelay
        self.costs = costs
        self.heedsHint = heedsHint
        self.mode = mode
    }

    /// What the SDKs do for a service by either set of rules.
    public init(_ rules: RetryRules, for service: AWSService, mode: RetryMode = .standard) {
        let isDynamoDB = service == .dynamoDB
        switch rules {
        case .of2026:
            self.init(
                maximumAttempts: isDynamoDB ? 4 : 3, transientBase: .milliseconds(isDynamoDB ? 25 : 50), mode: mode)
        case .before2026:
            self.init(
                maximumAttempts: 3, transientBase: .seconds(1), costs: .rulesBefore2026, heedsHint: false, mode: mode)
        }
    }

    /// What the SDKs do for DynamoDB: 4 attempts, 25 ms.
    public static let dynamoDB = RetryPolicy()
    /// What the SDKs do for other services: 3 attempts, 50 ms.
    public static let standard = RetryPolicy(maximumAttempts: 3, transientBase: .milliseconds(50))
    /// One attempt, no repetition.
    public static let never = RetryPolicy(maximumAttempts: 1)

    /// The pause before the next attempt, or nil when there shall be none.
    ///
    /// - Parameters:
    ///   - attempt: number of the attempt that failed, from 1.
    ///   - failure: what it met.
    ///   - random: a number in 0..<1.
    public func delay(afterAttempt attempt: Int, failure: AWSFailure, random: Double) -> Duration? {
        guard attempt < maximumAttempts else { return nil }
        let base: Duration
        switch failure.retryKind {
        case .never: return nil
        case .transient: base = transientBase
        case .throttling: base = throttlingBase
        }
        let exponent = min(max(attempt - 1, 0), 30)
        let jittered = min(base * (1 << exponent), maximumDelay) * min(max(random, 0), 1)
        guard heedsHint, let hint = failure.retryAfter else { return jittered }
        return max(jittered, min(hint, jittered + RetryPolicy.maximumHintExcess))
    }

    /// What a retry after such a failure takes from the quota, in tokens.
    public func cost(after failure: AWSFailure) -> Int {
        if failure.retryKind == .throttling { return costs.throttling }
        if case .timeout = failure.underlying?.code { return costs.timeout }
        return costs.transient
    }
}

/// Which of the SDKs' two sets of rules holds.
public enum RetryRules: Sendable, Hashable {
    /// The rules of 2026: short pauses after passing faults, DynamoDB 4 attempts, throttles cheap. The default.
    case of2026
    /// What the SDKs did before, and botocore 1.43 still does unless `AWS_NEW_RETRIES_2026` is true: 3 attempts, 1 s.
    case before2026
}

/// How a client retries.
public enum RetryMode: String, Sendable, Hashable, CaseIterable {
    /// Back-off with full jitter and a quota.
    case standard
    /// The same, and after a throttle the client holds its own rate back (``SendRate``).
    case adaptive
}

/// What a retry takes from a ``RetryQuota``, in tokens.
public struct RetryCosts: Sendable, Hashable {
    /// After a passing fault.
    public var transient: Int
    /// After a throttle.
    public var throttling: Int
    /// After an attempt that the transport gave up for its time.
    public var timeout: Int

    /// Costs by kind.
    public init(transient: Int, throttling: Int, timeout: Int) {
        self.transient = transient
        self.throttling = throttling
        self.timeout = timeout
    }

    /// 14, throttles 5.
    public static let rules2026 = RetryCosts(transient: 14, throttling: 5, timeout: 14)
    /// 5, time-outs 10.
    public static let rulesBefore2026 = RetryCosts(transient: 5, throttling: 5, timeout: 10)
}
