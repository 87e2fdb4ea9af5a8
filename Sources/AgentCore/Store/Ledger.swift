public import Monitoring

/// What became of everything that was counted, in calls: `recorded = acknowledged + ambiguous + pending + dropped`, exactly,
/// for every service, environment and pattern.
///
/// The unit is a call in the metric `Calls`: a batch that is acknowledged counts with the calls that its `Calls` datums
/// stand for. The same states are kept in datums for all metrics together.
public struct Ledger: Sendable, Equatable {
    /// One service's calls of one pattern.
    public struct Entry: Sendable, Equatable {
        /// The service and environment, as published.
        public var scope: MonitoringScope
        /// The pattern, `none` for calls outside the contract.
        public var pattern: String
        /// The amounts, in calls.
        public var calls: Amounts
    }

    /// How much is in each state.
    public struct Amounts: Sendable, Equatable {
        /// All that was counted; for datums, all that were made.
        public var recorded: UInt64 = 0
        /// CloudWatch said that it took it.
        public var acknowledged: UInt64 = 0
        /// The answer was lost: it may have counted. Includes what waits to be sent again.
        public var ambiguous: UInt64 = 0
        /// Waits for its turn, or is on the way.
        public var pending: UInt64 = 0
        /// Given up, by reason.
        public var dropped: [String: UInt64] = [:]
        /// In requests that may have counted without our knowing; each may add to CloudWatch's sum beyond `acknowledged`.
        public var mayHaveCounted: UInt64 = 0

        /// Nothing recorded.
        public init() {}

        /// All that was given up.
        public var droppedInAll: UInt64 { dropped.values.reduce(0, +) }
        /// Whether every recorded unit is in exactly one state.
        public var isBalanced: Bool { recorded == acknowledged + ambiguous + pending + droppedInAll }
        /// Where CloudWatch's own sum lies.
        public var cloudWatchRange: ClosedRange<UInt64> { acknowledged...(acknowledged + mayHaveCounted) }

        /// Both together.
        public static func + (left: Amounts, right: Amounts) -> Amounts {
            var sum = left
            sum.recorded += right.recorded
            sum.acknowledged += right.acknowledged
            sum.ambiguous += right.ambiguous
            sum.pending += right.pending
            sum.dropped.merge(right.dropped, uniquingKeysWith: +)
            sum.mayHaveCounted += right.mayHaveCounted
            return sum
        }

        mutating func add(_ amount: UInt64, _ state: LedgerState, reason: String) {
            switch state {
            case .acknowledged: acknowledged += amount
            case .ambiguous: ambiguous += amount
            case .dropped: dropped[reason, default: 0] += amount
            case .mayHaveCounted: mayHaveCounted += amount
            }
        }
    }

    /// By service, environment and pattern.
    public var entries: [Entry] = []
    /// Datums of all metrics.
    public var datums = Amounts()

    /// All entries' calls together.
    public var calls: Amounts { entries.reduce(Amounts()) { $0 + $1.calls } }
    /// Whether every entry is balanced.
    public var isBalanced: Bool { entries.allSatisfy(\.calls.isBalanced) && datums.isBalanced }
}

/// Sums of the datum ledger, from which the agent's own metrics are the differences.
struct LedgerFigures: Sendable, Equatable {
    var dropped: UInt64 = 0
    var refused: UInt64 = 0
    var ambiguous: UInt64 = 0
    var pending: UInt64 = 0

    init() {}

    init(_ datums: Ledger.Amounts) {
        for (reason, amount) in datums.dropped {
            if reason.hasPrefix("refused: ") { refused += amount } else { dropped += amount }
        }
        ambiguous = datums.mayHaveCounted
        pending = datums.pending + datums.ambiguous
    }

    func since(_ earlier: LedgerFigures) -> AgentFigures {
        AgentFigures(
            droppedDatums: dropped - min(dropped, earlier.dropped),
            refusedDatums: refused - min(refused, earlier.refused),
            pendingDatums: pending, ambiguousDatums: ambiguous - min(ambiguous, earlier.ambiguous))
    }
}
