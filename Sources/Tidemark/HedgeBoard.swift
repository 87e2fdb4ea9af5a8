internal import AWSCore

/// What is known of the times of each kind of read that is hedged.
final class HedgeBoard: Sendable {
    /// Reads that one request makes alone and that change nothing.
    static let operations: Set<String> = ["GetItem", "BatchGetItem", "Query", "Scan"]

    private struct Key: Hashable {
        var table: String
        var index: String
        var operation: String
    }

    /// Kinds that are kept at most; a caller that invents tables without end is not hedged beyond them.
    private static let maximumKinds = 1_000

    private let policy: Hedging
    private let hedges = Lock<[Key: SharedHedge]>([:])

    init(policy: Hedging) { self.policy = policy }

    func hedge(for site: CallSite) -> SharedHedge? {
        let key = Key(table: site.table, index: site.index, operation: site.operation.name)
        return hedges.withLock { hedges in
            if let known = hedges[key] { return known }
            guard hedges.count < HedgeBoard.maximumKinds else { return nil }
            let made = SharedHedge(policy: policy)
            hedges[key] = made
            return made
        }
    }
}
