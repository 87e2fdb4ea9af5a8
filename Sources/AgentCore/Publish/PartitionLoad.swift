import Monitoring

/// How much of one partition's limit a key takes, with its bounds.
struct PartitionLoad: Equatable {
    var upperPercent = 0.0
    var lowerPercent = 0.0

    /// Reads and writes share a partition: `R/3000 + W/1000`.
    static func percent(readUnitsPerSecond: Double, writeUnitsPerSecond: Double) -> Double {
        100
            * (readUnitsPerSecond / PartitionLimits.readUnitsPerSecond
                + writeUnitsPerSecond / PartitionLimits.writeUnitsPerSecond)
    }

    /// The hottest key's load on each table and index, over the longest time that its events can be from: never less than a
    /// period, since an agent that has just come reads what was recorded before it, and as long as the window where that
    /// says that the agent was away.
    static func hottest(
        in drafts: [HotKeyDraft], over window: PublishablePeriod, period: PublishPeriod
    ) -> [SeriesName: PartitionLoad] {
        var keys: [SeriesName: [String: PartitionLoad]] = [:]
        for draft in drafts {
            let name = SeriesName(
                scope: draft.scope.published, name: DimensionText.make(draft.table),
                detail: draft.index.isEmpty ? "" : DimensionText.make(draft.index))
            let begun = min(draft.startedAt, draft.observedFrom, window.startedAt)
            let seconds = Double(max(period.duration.nanosecondsCount, draft.endedAt - begun)) / 1e9
            for key in draft.keys {
                let upper = Double(key.estimate) / 1_000 / seconds
                let lower = Double(key.estimate - min(key.error, key.estimate)) / 1_000 / seconds
                keys[name, default: [:]][key.hash, default: PartitionLoad()].add(
                    upper: upper, lower: lower, draft.isWrite)
            }
        }
        return keys.mapValues { loads in
            // The two bounds may come from different keys: each is a bound of whatever key is the hottest.
            PartitionLoad(
                upperPercent: loads.values.map(\.upperPercent).max() ?? 0,
                lowerPercent: loads.values.map(\.lowerPercent).max() ?? 0)
        }
    }

    /// The bounds of the hotter of two resources' keys.
    func merged(with other: PartitionLoad) -> PartitionLoad {
        PartitionLoad(
            upperPercent: max(upperPercent, other.upperPercent), lowerPercent: max(lowerPercent, other.lowerPercent))
    }

    private mutating func add(upper: Double, lower: Double, _ isWrite: Bool) {
        upperPercent += Self.percent(readUnitsPerSecond: isWrite ? 0 : upper, writeUnitsPerSecond: isWrite ? upper : 0)
        lowerPercent += Self.percent(readUnitsPerSecond: isWrite ? 0 : lower, writeUnitsPerSecond: isWrite ? lower : 0)
    }
}
