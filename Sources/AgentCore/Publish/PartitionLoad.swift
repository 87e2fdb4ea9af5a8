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

    /// The hottest key's load on each table and index over the drafts' time.
    static func hottest(in drafts: [HotKeyDraft]) -> [SeriesName: PartitionLoad] {
        var keys: [SeriesName: [String: PartitionLoad]] = [:]
        for draft in drafts {
            let name = SeriesName(scope: draft.scope.published, name: draft.table, detail: draft.index)
            let seconds = max(1, Double(draft.endedAt - draft.startedAt) / 1e9)
            // Events that waited for an agent that was away may be from all of that time.
            let longest = max(seconds, Double(draft.endedAt - draft.observedFrom) / 1e9)
            for key in draft.keys {
                let upper = Double(key.estimate) / 1_000 / seconds
                let lower = Double(key.estimate - min(key.error, key.estimate)) / 1_000 / longest
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

    private mutating func add(upper: Double, lower: Double, _ isWrite: Bool) {
        upperPercent += Self.percent(readUnitsPerSecond: isWrite ? 0 : upper, writeUnitsPerSecond: isWrite ? upper : 0)
        lowerPercent += Self.percent(readUnitsPerSecond: isWrite ? 0 : lower, writeUnitsPerSecond: isWrite ? lower : 0)
    }
}
