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
}

/// What a series of a process had counted in all, at this commit.
struct BaselineDraft: Sendable {
    var process: String
    var key: SeriesKey
    var blob: [UInt8]
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
    /// The calls that its `Calls` datums stand for.
    var calls: [CallShare]
    /// `DatumBlob`.
    var body: [UInt8]
}

/// What a store says of the agent that writes it.
enum AgentFact: String, Sendable {
    /// Nanoseconds since 1970.
    case startedAt
    /// Nanoseconds since 1970.
    case committedAt
    /// Seconds.
    case period
    case processID
    /// Why publishing does not work now, or empty.
    case publishTrouble
    /// Why no telemetry file is seen, or empty.
    case filesTrouble
    /// "yes" or "no".
    case isPublishing
}

/// All that one commit makes durable, in one transaction.
struct CommitDraft: Sendable {
    var windows: [WindowDraft] = []
    var processes: [ProcessDraft] = []
    var baselines: [BaselineDraft] = []
    var hotKeys: [HotKeyDraft] = []
    var batches: [BatchDraft] = []
    var drops: [DropDraft] = []
    /// What the agent says of itself, by name.
    var facts: [AgentFact: String] = [:]
}
