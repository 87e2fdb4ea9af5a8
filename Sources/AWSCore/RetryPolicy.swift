/// When a failed attempt is repeated, and after how long. Pure: the random number is a parameter.
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

    /// How far the service's own hint may lengthen a pause.
    public static let maximumHintExcess: Duration = .seconds(5)

    /// The SDKs' values for DynamoDB unless others are given.
    public init(
        maximumAttempts: Int = 4, transientBase: Duration = .milliseconds(25), throttlingBase: Duration = .seconds(1),
        maximumDelay: Duration = .seconds(20)
    ) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.transientBase = transientBase
        self.throttlingBase = throttlingBase
        self.maximumDelay = maximumDelay
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
        guard let hint = failure.retryAfter else { return jittered }
        return max(jittered, min(hint, jittered + RetryPolicy.maximumHintExcess))
    }
}
