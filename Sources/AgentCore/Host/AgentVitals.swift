public import AWSCore

/// What shows that an agent makes progress. Counted, not timed: a clock that jumps changes nothing here.
public struct AgentVitals: Sendable, Equatable {
    /// How often the telemetry files were read since the agent began.
    public var ticks: UInt64 = 0
    /// How often a commit ended, taken by the store or refused by it in time.
    public var commits: UInt64 = 0
    /// The tick at which the last commit ended.
    public var lastCommitTick: UInt64 = 0
    /// When the store took the last commit; nil before the first.
    public var committedAt: Timestamp?
    /// How many telemetry files are read.
    public var files = 0
    /// What is wrong now, one sentence each; empty when all is well.
    public var troubles: [String] = []
    /// Why the store takes no commit now: counts stay in the telemetry files meanwhile. nil when it does.
    public var storeTrouble: String?
    /// Whether anything is published at all.
    public var isPublishing = false

    /// Vitals of an agent that has not begun.
    public init() {}

    mutating func ticked(files count: Int) {
        ticks += 1
        files = count
    }

    mutating func committed(at time: Timestamp?) {
        commits += 1
        lastCommitTick = ticks
        if let time { committedAt = time }
    }

    /// What there is to say of a good end: where everything is that was collected.
    public func farewell(telemetryDirectory: String) -> (isWhole: Bool, text: String) {
        guard let storeTrouble else { return (true, "agent stopped; everything it collected is in its store") }
        let since = committedAt.map { "since \($0.iso8601)" } ?? "since it started"
        return (
            false,
            "agent stopped, and its last commit failed: what was counted \(since) is in the telemetry files of \(telemetryDirectory) alone, "
                + "where the next agent takes it up; a reboot would lose it. \(storeTrouble)"
        )
    }

    /// The one line that `systemctl status` shows.
    public var status: String {
        var parts = ["reads \(files) file\(files == 1 ? "" : "s")"]
        parts.append(committedAt.map { "last commit \($0.iso8601)" } ?? "no commit yet")
        parts.append(isPublishing ? "publishes" : "collects only")
        return (parts + troubles).joined(separator: "; ")
    }
}

/// Decides whether the service manager's watchdog is fed: only while the agent gets on.
///
/// A commit that the store refuses in time (a full disk) counts as progress, since a restart would change nothing and the
/// status says it; a tick or a commit that does not end, or commits that have stopped, do not.
public struct WatchdogFeeding: Sendable {
    private var seenTicks: UInt64 = 0

    /// Nothing has been seen yet.
    public init() {}

    /// Whether to feed now.
    /// - Parameter ticksPerPeriod: ticks in one publishing period.
    public mutating func shouldFeed(_ vitals: AgentVitals, ticksPerPeriod: UInt64) -> Bool {
        defer { seenTicks = vitals.ticks }
        guard vitals.ticks > seenTicks else { return false }
        return vitals.ticks - vitals.lastCommitTick <= 3 * ticksPerPeriod + 10
    }
}
