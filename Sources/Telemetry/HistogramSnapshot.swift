/// A distribution of times, cumulative since its process began.
public struct HistogramSnapshot: Sendable, Equatable {
    /// A bucket that holds something.
    public struct Bucket: Sendable, Equatable {
        /// Its place among ``LatencyBuckets``.
        public var index: Int
        /// How many times fell into it.
        public var count: UInt64

        /// See the properties.
        public init(index: Int, count: UInt64) {
            self.index = index
            self.count = count
        }
    }

    /// The buckets that are not empty, by rising index.
    public var buckets: [Bucket]
    /// The exact sum of the times in the buckets.
    public var sumNanoseconds: UInt64

    /// An empty distribution, unless told otherwise; `buckets` must be sorted by index.
    public init(buckets: [Bucket] = [], sumNanoseconds: UInt64 = 0) {
        self.buckets = buckets
        self.sumNanoseconds = sumNanoseconds
    }

    /// How many times the buckets hold.
    public var count: UInt64 { buckets.reduce(0) { $0.plus($1.count) } }

    /// The time below which a share of all lies, in nanoseconds and within 0.8%; `nil` when nothing was counted.
    /// - Parameter share: 0...1, such as 0.99.
    public func quantile(_ share: Double) -> UInt64? {
        let total = count
        guard total > 0, share.isFinite else { return nil }
        let rank = max(1, (Double(total) * min(max(share, 0), 1)).rounded(.up))
        var seen = 0.0
        for bucket in buckets {
            seen += Double(bucket.count)
            if seen >= rank { return LatencyBuckets.middle(of: bucket.index) }
        }
        return buckets.last.map { LatencyBuckets.middle(of: $0.index) }
    }

    /// What was counted between two snapshots; wraps, never traps.
    public static func - (later: HistogramSnapshot, earlier: HistogramSnapshot) -> HistogramSnapshot {
        later.merged(with: earlier, by: &-)
    }

    /// Both together; stays at the most there is, never wraps or traps.
    public static func + (left: HistogramSnapshot, right: HistogramSnapshot) -> HistogramSnapshot {
        left.merged(with: right) { $0.plus($1) }
    }

    private func merged(
        with other: HistogramSnapshot, by operation: (UInt64, UInt64) -> UInt64
    ) -> HistogramSnapshot {
        var merged: [Bucket] = []
        merged.reserveCapacity(max(buckets.count, other.buckets.count))
        var (left, right) = (0, 0)
        while left < buckets.count || right < other.buckets.count {
            let leftIndex = left < buckets.count ? buckets[left].index : Int.max
            let rightIndex = right < other.buckets.count ? other.buckets[right].index : Int.max
            let index = min(leftIndex, rightIndex)
            let count = operation(
                leftIndex == index ? buckets[left].count : 0, rightIndex == index ? other.buckets[right].count : 0)
            if count != 0 { merged.append(Bucket(index: index, count: count)) }
            if leftIndex == index { left += 1 }
            if rightIndex == index { right += 1 }
        }
        return HistogramSnapshot(
            buckets: merged, sumNanoseconds: operation(sumNanoseconds, other.sumNanoseconds))
    }
}
