import AWSCore
import CloudWatch

/// Spreads the counts of a window that is longer than a period over its time, so that an hour of calls does not look like
/// one minute's. Every count is kept exactly; when in the gap it happened is not known.
struct GapSpread {
    /// The starts of the periods that the counts go to, oldest first.
    let stamps: [Timestamp]

    /// - Parameters:
    ///   - start, end: the window, nanoseconds since 1970.
    init(from start: Int64, to end: Int64, period: PublishPeriod) {
        let length = period.duration.nanosecondsCount
        let first = start / length
        let last = max(first, (end - 1) / length)
        let periods = last - first + 1
        let slices = min(periods, Int64(AgentLimits.gapSlices))
        stamps = (0..<slices).map { slice in
            // The last slice is the last period.
            Timestamp(nanosecondsSince1970: (first + ((slice + 1) * periods) / slices - 1) * length)
        }
    }

    func spread(_ datums: [PublishedDatum]) -> [PublishedDatum] { datums.flatMap(spread) }

    private func spread(_ published: PublishedDatum) -> [PublishedDatum] {
        var calls = published.calls[...]
        return stamps.indices.compactMap { slice in
            var datum = published.datum
            datum.timestamp = stamps[slice]
            switch datum.value {
            case .single(let value):
                let share = share(of: value, slice)
                guard share != 0 || slice == stamps.count - 1 else { return nil }
                datum.value = .single(share)
                return PublishedDatum(datum: datum, calls: Self.take(share, from: &calls))
            case .distribution(let values, let counts):
                let pairs = zip(values, counts).map { ($0, share(of: $1, slice)) }.filter { $0.1 > 0 }
                guard !pairs.isEmpty else { return nil }
                datum.value = .distribution(values: pairs.map(\.0), counts: pairs.map(\.1))
                return PublishedDatum(datum: datum)
            }
        }
    }

    /// As many calls from the front of a list as a slice's datum counts.
    private static func take(_ amount: Double, from calls: inout ArraySlice<CallShare>) -> [CallShare] {
        var left = calls.isEmpty ? 0 : UInt64(amount)
        var taken: [CallShare] = []
        while left > 0, var first = calls.popFirst() {
            let part = min(left, first.calls)
            taken.append(CallShare(scope: first.scope, pattern: first.pattern, calls: part))
            first.calls -= part
            if first.calls > 0 { calls.insert(first, at: calls.startIndex) }
            left -= part
        }
        return taken
    }

    /// The differences of the rounded-down running share: whole numbers that add up to the whole number. A unit count may
    /// have thousandths; those stay in the last slice.
    private func share(of total: Double, _ slice: Int) -> Double {
        let count = Double(stamps.count)
        let upTo = slice == stamps.count - 1 ? total : (total * Double(slice + 1) / count).rounded(.down)
        let before = slice == 0 ? 0 : (total * Double(slice) / count).rounded(.down)
        return upTo - before
    }
}
