internal import Synchronization

/// Keeps the retries of all calls of one client to a budget, so that a failing service is not hammered.
///
/// Five hundred tokens; a retry takes some (``RetryCosts``), a success gives back what its last retry took, or one. The
/// numbers are the SDKs' standard mode (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
public final class RetryQuota: Sendable {
    /// Tokens of a full bucket.
    public static let capacity = 500
    /// What a call that needed no retry gives back.
    public static let successRefund = 1

    private let tokens: Atomic<Int>

    /// Starts full unless another level is given.
    public init(tokens: Int = RetryQuota.capacity) { self.tokens = Atomic(tokens) }

    /// Tokens that are left.
    public var available: Int { tokens.load(ordering: .relaxed) }

    /// Takes that many tokens, or none and answers false when there are too few.
    public func take(_ cost: Int) -> Bool {
        var current = tokens.load(ordering: .relaxed)
        while current >= cost {
            let exchange = tokens.weakCompareExchange(
                expected: current, desired: current - cost, successOrdering: .relaxed, failureOrdering: .relaxed)
            if exchange.exchanged { return true }
            current = exchange.original
        }
        return false
    }

    /// Gives tokens back after a success, up to a full bucket.
    public func giveBack(_ refund: Int) {
        var current = tokens.load(ordering: .relaxed)
        while current < RetryQuota.capacity {
            let exchange = tokens.weakCompareExchange(
                expected: current, desired: min(current + refund, RetryQuota.capacity), successOrdering: .relaxed,
                failureOrdering: .relaxed)
            if exchange.exchanged { return }
            current = exchange.original
        }
    }
}
