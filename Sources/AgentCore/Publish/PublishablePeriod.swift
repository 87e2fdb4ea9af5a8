package import Monitoring
import Telemetry

/// All that the datums of one stored window are made from, whenever they are made: at the end of its period or days later.
package struct PublishablePeriod: Sendable {
    /// Nanoseconds since 1970.
    var startedAt: Int64
    /// Nanoseconds since 1970.
    var endedAt: Int64
    /// Whether the agent or its store was away: the counts are spread over the window's time.
    var isGap: Bool
    /// What was counted.
    var series: [SeriesIdentity: SeriesTotals]
    /// The hottest keys of the window.
    var hotKeys: [HotKeyDraft]
    /// Services that get a heartbeat, and the contract's zeros.
    var scopes: Set<MonitoringScope>
    /// What the agent tells of itself; nil for a window that is not the newest.
    var figures: AgentFigures?
}

extension PublishablePeriod {
    /// A window without hot keys.
    package init(
        from start: Int64, to end: Int64, isGap: Bool, series: [SeriesIdentity: SeriesTotals],
        scopes: Set<MonitoringScope>, hasFigures: Bool
    ) {
        self.init(
            startedAt: start, endedAt: end, isGap: isGap, series: series, hotKeys: [], scopes: scopes,
            figures: hasFigures ? AgentFigures() : nil)
    }
}
