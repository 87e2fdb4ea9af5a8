/// Why a failed attempt was the call's last one.
public enum RetryEnd: String, Sendable, Hashable, CaseIterable {
    /// Another attempt could not help: the request, the credentials or the permissions have to be mended.
    case pointless
    /// Another attempt may help, after a while; as AWS's own SDKs do, it is left to the caller, who sees the reasons: a cancelled
    /// transaction, an item that a transaction holds.
    case leftToCaller
    /// All attempts that the policy allows were made.
    case attemptsUsedUp
    /// The pause would have outlasted the call's time-out, or there was none of it left.
    case noTimeLeft
    /// The retries of all of the client's calls have used up the quota that they share.
    case quotaUsedUp
    /// An attempt may have done its work, and doing that twice is not safe, or no longer: the service forgets a transaction's token.
    case notRepeatable
    /// The table's circuit opened after the attempt.
    case circuitOpened

    /// In a few words, for a person; nil where the failure itself says it.
    package var words: String? {
        switch self {
        case .pointless: nil
        case .leftToCaller: "left to the caller to try again"
        case .attemptsUsedUp: "attempts used up"
        case .noTimeLeft: "no time left for another attempt"
        case .quotaUsedUp: "the client's retry quota is used up"
        case .notRepeatable: "not safe to repeat"
        case .circuitOpened: "the circuit opened"
        }
    }
}
