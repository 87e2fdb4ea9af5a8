/// A histogram turned into (value, count) pairs as CloudWatch takes them: counts exactly the histogram's, Σ value · count
/// the given sum to the rounding of `Double`, and every percentile within a bound that is known.
///
/// Where there are more buckets than pairs may come out, neighbours are merged so that the widest merged bucket is as
/// narrow as it can be; the first and the last bucket are never merged, so that minimum and maximum keep their accuracy.
/// Values are short decimals but for the one or two in which the sum is settled.
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

    /// How many pairs may come out, and what they are spent for.
    public struct Limits: Sendable, Equatable {
        /// Pairs in one datum, at least 5. Default: 150, as many as CloudWatch takes.
        public var pairsPerDatum: Int
        /// Datums of one distribution, at least 1. Default: 8.
        public var maximumDatums: Int
        /// The relative error of percentiles that more datums are spent for. Default: 0.012.
        public var targetError: Double

        /// Limits with the defaults named at each property.
        public init(pairsPerDatum: Int = 150, maximumDatums: Int = 8, targetError: Double = 0.012) {
            self.pairsPerDatum = max(5, pairsPerDatum)
            self.maximumDatums = max(1, maximumDatums)
            self.targetError = targetError.isFinite ? max(0, targetError) : 0
        }
    }

    /// The relative error that minimum and maximum keep to, whatever the samples: half of a bucket of the telemetry file,
    /// 1/128, and the rounding to short decimals.
    public static let extremeError = 0.0079

    /// The pairs, values going up.
    public let pairs: [Pair]
    /// The most by which a percentile of the pairs differs from the samples' own, relative to the latter. Samples in a
    /// bucket that begins at zero or is open above are out of it: of them nothing relative can be known.
    public let maximumRelativeError: Double
    /// By how much Σ value · count misses the given sum because no choice of values inside the buckets reaches it; zero
    /// (to rounding) whenever sum and buckets come from the same samples.
    public let sumError: Double
    private let pairsPerDatum: Int

    /// Fits the pairs.
    /// - Parameters:
    ///   - buckets: bounds going up, not overlapping; empty ones are skipped.
    ///   - sum: the exact sum of all samples.
    ///   - limits: how many pairs may come out.
    public init(buckets: [Bucket], sum: Double, limits: Limits = Limits()) {
        pairsPerDatum = limits.pairsPerDatum
        let cells = FitCell.cells(of: buckets, limits: limits)
        guard !cells.isEmpty else {
            (pairs, maximumRelativeError, sumError) = ([], 0, sum)
            return
        }
        var placement = FitPlacement(cells, sum: sum)
        placement.place()
        pairs = placement.pairs
        maximumRelativeError = placement.maximumRelativeError
        sumError = sum - Self.total(pairs)
    }

    /// The pairs by datum: CloudWatch pools the datums of one metric, dimension set and time stamp.
    public var datums: [ArraySlice<Pair>] {
        stride(from: 0, to: pairs.count, by: pairsPerDatum).map { pairs[$0..<min($0 + pairsPerDatum, pairs.count)] }
    }

    static func total(_ pairs: some Sequence<Pair>) -> Double {
        // Kahan–Neumaier summation: what is left to settle is small beside the terms.
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
