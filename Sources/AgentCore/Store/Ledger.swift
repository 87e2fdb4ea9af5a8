public import AWSCore
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
        public var droppedInAll: UInt64 { dropped.values.reduce(0) { $0.plus($1) } }
        /// Whether every recorded unit is in exactly one state.
        public var isBalanced: Bool { recorded == accounted }
        /// All that is in one of the states.
        public var accounted: UInt64 { acknowledged.plus(ambiguous).plus(pending).plus(droppedInAll) }
        /// Where CloudWatch's own sum lies.
        public var cloudWatchRange: ClosedRange<UInt64> { acknowledged...acknowledged.plus(mayHaveCounted) }

        /// Both together.
        public static func + (left: Amounts, right: Amounts) -> Amounts {
            var sum = left
            sum.recorded = sum.recorded.plus(right.recorded)
            sum.acknowledged = sum.acknowledged.plus(right.acknowledged)
            sum.ambiguous = sum.ambiguous.plus(right.ambiguous)
            sum.pending = sum.pending.plus(right.pending)
            sum.dropped.merge(right.dropped) { $0.plus($1) }
            sum.mayHaveCounted = sum.mayHaveCounted.plus(right.mayHaveCounted)
            return sum
        }

        mutating func add(_ amount: UInt64, _ state: LedgerState, reason: String) {
            switch state {
            case .acknowledged: acknowledged = acknowledged.plus(amount)
            case .ambiguous: ambiguous = ambiguous.plus(amount)
            case .dropped: dropped[reason] = dropped[reason, default: 0].plus(amount)
            case .mayHaveCounted: mayHaveCounted = mayHaveCounted.plus(amount)
            case .recorded: recorded = recorded.plus(amount)
            }
        }
    }

    /// One window's calls, of all services and patterns together.
    public struct Period: Sendable, Equatable {
        /// When the window began.
        public var start: Timestamp
        /// When it ended.
        public var end: Timestamp
        /// Whether the agent was away for some of it.
        public var isGap: Bool
        /// The amounts, in calls; what was dropped stands under one reason.
        public var calls: Amounts
    }

    /// Under this name a period's dropped calls stand, whatever the reason was.
    public static let anyReason = "any reason"

    /// By service, environment and pattern.
    public var entries: [Entry] = []
    /// The windows, oldest first, where they were asked for.
    public var periods: [Period] = []
    /// Datums of all metrics.
    public var datums = Amounts()
    /// How many telemetry files are there and are not counted: what is in them is in no amount.
    public var uncountedFiles = 0

    /// All entries' calls together.
    public var calls: Amounts { entries.reduce(Amounts()) { $0 + $1.calls } }
    /// Whether every entry is balanced.
    public var isBalanced: Bool {
        entries.allSatisfy(\.calls.isBalanced) && datums.isBalanced && periods.allSatisfy(\.calls.isBalanced)
    }
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
            // What another store has sent is no loss.
            if reason == BatchFreezer.DropReason.countedElsewhere { continue }
            if reason.hasPrefix("refused: ") { refused = refused.plus(amount) } else { dropped = dropped.plus(amount) }
        }
        ambiguous = datums.mayHaveCounted
        pending = datums.pending.plus(datums.ambiguous)
    }

    /// What the agent's metrics have told so far, as it is kept.
    var text: String { "\(dropped) \(refused) \(ambiguous)" }

    init?(text: String) {
        let parts = text.split(separator: " ").compactMap { UInt64($0) }
        guard parts.count == 3 else { return nil }
        (dropped, refused, ambiguous) = (parts[0], parts[1], parts[2])
    }

    func since(_ earlier: LedgerFigures) -> AgentFigures {
        AgentFigures(
            droppedDatums: dropped - min(dropped, earlier.dropped),
            refusedDatums: refused - min(refused, earlier.refused),
            pendingDatums: pending, ambiguousDatums: ambiguous - min(ambiguous, earlier.ambiguous))
    }
}

extension UInt64 {
    /// The sum, or the most there is: a damaged store may hold anything, and its accounts must be readable.
    func plus(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
