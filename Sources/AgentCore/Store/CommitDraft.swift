import Monitoring
import Telemetry

/// What the series counted between two points in time.
struct WindowDraft: Sendable {
    /// Nanoseconds since 1970.
    var startedAt: Int64
    /// Nanoseconds since 1970.
    var endedAt: Int64
    /// Whether this is longer than a period: the agent or its store was away.
    var isGap: Bool
    var series: [SeriesIdentity: SeriesTotals] = [:]
    /// Services that get a heartbeat and the contract's zeros with this window.
    var scopes: Set<MonitoringScope> = []

    /// Nobody would miss it.
    var isEmpty: Bool { series.isEmpty && scopes.isEmpty }
}

/// A process as of this commit.
struct ProcessDraft: Sendable {
    var id: String
    var scope: MonitoringScope
    var pid: Int32
    var startedAt: Int64
    var committedAt: Int64
    var isFinished: Bool
    var unrecordedCalls: UInt64
    /// The key events that this commit holds, so that a restart reads none twice.
    var keyEventCursor: KeyEventCursor
    /// `ProcessBaseline`: what every series of it had counted.
    var baseline: [UInt8]
}

/// The hottest keys of a resource in one direction over one window.
struct HotKeyDraft: Sendable {
    struct Key: Sendable {
        var hash: String
        var plain: String?
        var estimate: UInt64
        var error: UInt64
        var throttled: UInt64
        var firstSeen: Int64
        var peakTenSeconds: UInt64
    }

    var startedAt: Int64
    var endedAt: Int64
    /// Key events may be from then on; earlier than `startedAt` where they waited for an agent that was away.
    var observedFrom: Int64
    var scope: MonitoringScope
    var table: String
    var index: String
    var isWrite: Bool
    /// Milli-units by the counters, all operations.
    var consumed: UInt64
    /// Of these, by operations that name no key (scans).
    var keyless: UInt64
    /// Milli-units seen in key events.
    var seen: UInt64
    /// Milli-units of key events that were overwritten before they were read.
    var lost: UInt64
    /// At most what any key that is not listed consumed, of what key events showed.
    var absentUpperBound: UInt64
    var keyRangeThrottles: UInt64
    var keys: [Key]

    init(
        startedAt: Int64, endedAt: Int64, observedFrom: Int64? = nil, scope: MonitoringScope, table: String,
        index: String, isWrite: Bool, consumed: UInt64, keyless: UInt64, seen: UInt64, lost: UInt64,
        absentUpperBound: UInt64, keyRangeThrottles: UInt64, keys: [Key]
    ) {
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.observedFrom = observedFrom ?? startedAt
        self.scope = scope
        self.table = table
        self.index = index
        self.isWrite = isWrite
        self.consumed = consumed
        self.keyless = keyless
        self.seen = seen
        self.lost = lost
        self.absentUpperBound = absentUpperBound
        self.keyRangeThrottles = keyRangeThrottles
        self.keys = keys
    }
}

/// Datums that never reach a batch, with the reason.
struct DropDraft: Sendable {
    var reason: String
    var datums: UInt64
    var calls: [CallShare]
}

/// A batch of datums as it goes to CloudWatch.
struct BatchDraft: Sendable {
    /// The time stamps' range, nanoseconds since 1970.
    var newest: Int64
    var oldest: Int64
    var datums: Int
    /// The calls that are settled with it.
    var calls: [CallShare]
    /// `DatumBlob`.
    var body: [UInt8]
}

/// What a store says of the agent that writes it.
enum AgentFact: String, Sendable {
    /// Nanoseconds since 1970.
    case startedAt
    /// Nanoseconds since 1970; empty while it works, or when it was killed.
    case stoppedAt
    /// Nanoseconds since 1970.
    case committedAt
    /// Seconds.
    case period
    case processID
    /// Why publishing does not work now, or empty.
    case publishTrouble
    /// The largest error of a percentile that was published with the last window, in percent.
    case percentileError
    /// How many series were published with the last window as part of `other`.
    case foldedSeries
    /// Why no telemetry file is seen, or empty.
    case filesTrouble
    /// The files that are there and are not counted (`UncountedFile`), or empty.
    case uncountedFiles
    /// "yes" or "no".
    case isPublishing
    /// A random number that this store was made with: its name in the commit mark, and where in the minute its agent sends.
    case storeID
    /// How many commits the store has taken.
    case commits
    /// The commit of another store, or of a lost later state of this one, that this store has caught up with.
    case caughtUp
    /// The sums of the datum ledger that the agent's own metrics have told.
    case toldFigures
    /// How many datums the last published window had.
    case windowDatums
    /// Nanoseconds by which CloudWatch's clock is ahead of this host's.
    case clockOffset
    /// `ClockEpoch`.
    case clockEpoch
    /// Nanoseconds after a window's end at which its sending begins.
    case sendPhase
    /// The agent that the store belongs to; no other's transaction succeeds.
    case claim
}

/// All that one commit makes durable, in one transaction.
struct CommitDraft: Sendable {
    var windows: [WindowDraft] = []
    /// Which of the windows the hot keys are published with.
    var regularWindow: Int?
    var processes: [ProcessDraft] = []
    var hotKeys: [HotKeyDraft] = []
    /// Why the windows are settled at once, when nothing is published.
    var dropReason: String?
    /// What the agent says of itself, by name.
    var facts: [AgentFact: String] = [:]
}
