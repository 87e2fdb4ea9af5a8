import Telemetry

/// A window that is longer than a period, cut into periods: one after the other, so that an hour of a thousand series needs
/// no more memory than a minute.
///
/// Every count is kept exactly; when in the window it happened is not known, so that it is spread evenly.
struct PeriodSlices {
    /// The starts of the periods that the counts go to, oldest first, nanoseconds since 1970.
    let stamps: [Int64]
    private let window: PublishablePeriod
    private let length: Int64

    init(_ window: PublishablePeriod, period: PublishPeriod) {
        self.window = window
        let length = period.duration.nanosecondsCount
        self.length = length
        let first = window.startedAt / length
        let last = max(first, (window.endedAt - 1) / length)
        let periods = last - first + 1
        // Where nothing was counted there is nothing to spread: no zeros and no heartbeats for a time that was slept through.
        let slices = window.isGap && !window.series.isEmpty ? min(periods, Int64(AgentLimits.gapSlices)) : 1
        // The last slice is the last period.
        stamps = (0..<slices).map { (first + (($0 + 1) * periods) / slices - 1) * length }
    }

    /// The periods, newest first. Hot keys, and what the agent tells of itself, go with the newest.
    func forEach(_ body: (PublishablePeriod) throws -> Void) rethrows {
        guard stamps.count > 1 else {
            var only = window
            only.isGap = false
            return try body(only)
        }
        for slice in stamps.indices.reversed() {
            var part = window
            let isNewest = slice == stamps.count - 1
            part.startedAt = stamps[slice]
            part.endedAt = stamps[slice] + length
            part.isGap = false
            part.series = [:]
            for (identity, totals) in window.series {
                let share = totals.slice(slice, of: stamps.count)
                if share != SeriesTotals() { part.series[identity] = share }
            }
            if !isNewest {
                part.hotKeys = []
                part.figures = window.figures.map { AgentFigures(pendingDatums: $0.pendingDatums) }
            }
            try body(part)
        }
    }
}

extension UInt64 {
    /// The part of one of `count` slices: the differences of the rounded-down running share, which add up to the whole.
    func slice(_ place: Int, of count: Int) -> UInt64 {
        slices(before: place + 1, of: count) &- slices(before: place, of: count)
    }

    /// The sum of the slices before one.
    fileprivate func slices(before place: Int, of count: Int) -> UInt64 {
        let (whole, rest) = quotientAndRemainder(dividingBy: UInt64(count))
        return whole &* UInt64(place) &+ rest &* UInt64(place) / UInt64(count)
    }
}

extension SeriesTotals {
    fileprivate func slice(_ place: Int, of count: Int) -> SeriesTotals {
        SeriesTotals(
            counters: SeriesCounters(columns: counters.columns.map { $0.map { $0.slice(place, of: count) } }),
            callTime: callTime.slice(place, of: count), attemptTime: attemptTime.slice(place, of: count))
    }
}

extension HistogramSnapshot {
    /// Its times in one slice; the sum goes with the times, so that every slice's mean lies among them.
    fileprivate func slice(_ place: Int, of count: Int) -> HistogramSnapshot {
        let end = sum(before: place + 1, of: count)
        let start = sum(before: place, of: count)
        var part = HistogramSnapshot(sumNanoseconds: end - min(start, end))
        for bucket in buckets {
            let share = bucket.count.slice(place, of: count)
            if share > 0 { part.buckets.append(Bucket(index: bucket.index, count: share)) }
        }
        return part
    }

    /// The sum of the slices before one. A slice's is the difference of two of these, so that they add up to the whole.
    private func sum(before place: Int, of count: Int) -> UInt64 {
        guard place < count else { return sumNanoseconds }
        var (before, all) = (0.0, 0.0)
        for bucket in buckets {
            let middle = Double(LatencyBuckets.middle(of: bucket.index))
            before += middle * Double(bucket.count.slices(before: place, of: count))
            all += middle * Double(bucket.count)
        }
        guard all > 0 else { return 0 }
        // Rounded, it may be 2^64, which is no UInt64.
        return UInt64(exactly: (Double(sumNanoseconds) * min(1, before / all)).rounded(.down)) ?? sumNanoseconds
    }
}
