/// A histogram turned into at most a given number of (value, count) pairs whose sum is exactly the measured one.
///
/// Each value lies inside its bucket, counts add up to the histogram's, and Σ value · count is the given sum to the rounding
/// of `Double`. Where there are more buckets than pairs, neighbours are merged so that the widest merged bucket is as narrow
/// as it can be; the first and the last bucket are never merged, so that minimum and maximum keep their accuracy.
public struct DistributionFit: Sendable, Equatable {
    /// One histogram bucket: `count` samples within `[lower, upper]`.
    public struct Bucket: Sendable, Equatable {
        /// The smallest value that falls into the bucket.
        public var lower: Double
        /// The largest value that falls into the bucket; `.infinity` for one that is open above.
        public var upper: Double
        /// How many samples fell into it.
        public var count: UInt64

        /// A bucket with `count` samples within `[lower, upper]`.
        public init(lower: Double, upper: Double, count: UInt64) {
            self.lower = lower
            self.upper = upper
            self.count = count
        }
    }

    /// One value and how many samples have it.
    public struct Pair: Sendable, Equatable {
        /// The value, in the unit of the bucket bounds.
        public var value: Double
        /// How many samples.
        public var count: UInt64

        /// A value with its count.
        public init(value: Double, count: UInt64) {
            self.value = value
            self.count = count
        }
    }

    /// The pairs, values going up.
    public let pairs: [Pair]
    /// By how much Σ value · count misses the given sum because no choice of values inside the buckets reaches it; zero
    /// (to rounding) whenever sum and buckets come from the same samples.
    public let sumError: Double

    /// Fits the pairs.
    /// - Parameters:
    ///   - buckets: bounds going up, not overlapping; empty ones are skipped.
    ///   - sum: the exact sum of all samples.
    ///   - maximumPairs: how many pairs may come out, at least 3; CloudWatch takes 150 in one datum.
    public init(buckets: [Bucket], sum: Double, maximumPairs: Int = 150) {
        let occupied = buckets.filter { $0.count > 0 }
        let merged = Self.merge(occupied, into: max(3, maximumPairs))
        (pairs, sumError) = Self.place(merged, sum: sum)
    }
}

extension DistributionFit {
    /// Merges neighbours until at most `limit` are left, the widest ratio upper/lower being as small as possible.
    static func merge(_ buckets: [Bucket], into limit: Int) -> [Bucket] {
        guard buckets.count > limit, let first = buckets.first, let last = buckets.last else { return buckets }
        let inner = buckets[1..<(buckets.count - 1)]
        var tight = 1.0
        var loose = 2.0
        while groupCount(inner, ratio: loose) > limit - 2 { loose *= loose }
        // 50 halvings bring the ratio down to double rounding.
        for _ in 0..<50 {
            let middle = (tight + loose) / 2
            if groupCount(inner, ratio: middle) > limit - 2 { tight = middle } else { loose = middle }
        }
        var result = [first]
        var group: Bucket?
        for bucket in inner {
            if let open = group, fits(bucket, after: open.lower, ratio: loose) {
                group = Bucket(lower: open.lower, upper: bucket.upper, count: open.count + bucket.count)
            } else {
                if let open = group { result.append(open) }
                group = bucket
            }
        }
        if let open = group { result.append(open) }
        result.append(last)
        return result
    }

    private static func groupCount(_ buckets: ArraySlice<Bucket>, ratio: Double) -> Int {
        var groups = 0
        var lower: Double?
        for bucket in buckets {
            if let start = lower, fits(bucket, after: start, ratio: ratio) { continue }
            groups += 1
            lower = bucket.lower
        }
        return groups
    }

    private static func fits(_ bucket: Bucket, after lower: Double, ratio: Double) -> Bool {
        // Infinite ratios end the search where a bucket starts at zero and the limit is tiny.
        ratio == .infinity || bucket.upper <= lower * ratio
    }

    /// Puts every value at the same relative place of its bucket, the place at which the sum comes out.
    static func place(_ buckets: [Bucket], sum: Double) -> (pairs: [Pair], sumError: Double) {
        guard !buckets.isEmpty else { return ([], sum) }
        var lowest = 0.0
        var spread = 0.0
        for bucket in buckets {
            lowest += bucket.lower * Double(bucket.count)
            if bucket.upper.isFinite { spread += (bucket.upper - bucket.lower) * Double(bucket.count) }
        }
        // A bucket that is open above takes what is left when the others stand in their middles.
        let isOpen = buckets.contains { $0.upper == .infinity }
        let wanted = spread > 0 ? (sum - lowest) / spread : 0
        let share = min(isOpen ? 0.5 : 1, max(0, wanted))
        var pairs = buckets.map { bucket in
            let width = bucket.upper.isFinite ? bucket.upper - bucket.lower : 0
            return Pair(value: min(bucket.upper, bucket.lower + share * width), count: bucket.count)
        }
        settle(&pairs, within: buckets, sum: sum)
        return (pairs, sum - total(pairs))
    }

    /// Takes up what rounding left, and what only a bucket that is open above can hold.
    private static func settle(_ pairs: inout [Pair], within buckets: [Bucket], sum: Double) {
        for _ in 0..<4 {
            let residual = sum - total(pairs)
            guard residual != 0 else { return }
            // Fewest samples first: there a step of the value's last bit moves the sum least.
            let order = pairs.indices.sorted { pairs[$0].count < pairs[$1].count }
            let open = order.first { buckets[$0].upper == .infinity }
            let candidates = residual > 0 ? (open.map { [$0] } ?? order) : order
            for index in candidates {
                let moved = pairs[index].value + residual / Double(pairs[index].count)
                guard moved != pairs[index].value, moved >= buckets[index].lower, moved <= buckets[index].upper else {
                    continue
                }
                pairs[index].value = moved
                break
            }
        }
    }

    static func total(_ pairs: [Pair]) -> Double {
        // Kahan–Neumaier summation: the residual is small beside the terms.
        var sum = 0.0
        var compensation = 0.0
        for pair in pairs {
            let term = pair.value * Double(pair.count)
            let next = sum + term
            compensation += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
            sum = next
        }
        return sum + compensation
    }
}
