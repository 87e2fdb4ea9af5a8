import Sketches
import Testing

@Suite struct DistributionFitTests {
    /// Log-linear buckets as in the telemetry file: 64 an octave, from 1 on.
    private static func bucketBounds(of value: Double) -> (lower: Double, upper: Double) {
        var octave = 1.0
        while octave * 2 <= value { octave *= 2 }
        let step = octave / 64
        let place = ((value - octave) / step).rounded(.down)
        return (octave + place * step, octave + (place + 1) * step)
    }

    private static func histogram(of samples: [Double]) -> [DistributionFit.Bucket] {
        var counts: [Double: DistributionFit.Bucket] = [:]
        for sample in samples {
            let (lower, upper) = bucketBounds(of: sample)
            counts[lower, default: DistributionFit.Bucket(lower: lower, upper: upper, count: 0)].count += 1
        }
        return counts.values.sorted { $0.lower < $1.lower }
    }

    /// Values over five decades, most of them small.
    private static func samples(_ count: Int, decades: Int, seed: UInt64) -> [Double] {
        var numbers = Numbers(seed: seed)
        return (0..<count).map { _ in
            var value = Double.random(in: 1..<10, using: &numbers)
            for _ in 0..<Int.random(in: 0..<decades, using: &numbers) { value *= 10 }
            return value
        }
    }

    private static func quantile(_ pairs: [DistributionFit.Pair], _ share: Double) -> Double {
        let total = pairs.reduce(0) { $0 + $1.count }
        let rank = max(1, UInt64((Double(total) * share).rounded(.up)))
        var seen: UInt64 = 0
        for pair in pairs {
            seen += pair.count
            if seen >= rank { return pair.value }
        }
        return pairs.last?.value ?? 0
    }

    private static func sum(_ pairs: [DistributionFit.Pair]) -> Double {
        pairs.reduce(0) { $0 + $1.value * Double($1.count) }
    }

    @Test(arguments: [1, 2, 10, 1_000, 50_000], [1, 3, 5])
    func countIsExactAndSumIsExactToRounding(count: Int, decades: Int) {
        for seed in UInt64(1)...5 {
            let samples = Self.samples(count, decades: decades, seed: seed)
            let sum = samples.reduce(0, +)
            let fit = DistributionFit(buckets: Self.histogram(of: samples), sum: sum)
            #expect(fit.pairs.count <= 150)
            #expect(fit.pairs.reduce(0) { $0 + $1.count } == UInt64(count))
            #expect(abs(Self.sum(fit.pairs) - sum) <= sum * 1e-13, "\(count) samples, \(decades) decades, seed \(seed)")
            #expect(abs(fit.sumError) <= sum * 1e-13)
        }
    }

    @Test func everyValueLiesInItsBucket() {
        let buckets = Self.histogram(of: Self.samples(300, decades: 1, seed: 4))
        let sum = buckets.reduce(0) { $0 + ($1.lower * 0.9 + $1.upper * 0.1) * Double($1.count) }
        let fit = DistributionFit(buckets: buckets, sum: sum, maximumPairs: buckets.count)
        #expect(fit.pairs.count == buckets.count)
        for (pair, bucket) in zip(fit.pairs, buckets) {
            #expect(pair.value >= bucket.lower && pair.value <= bucket.upper)
            #expect(pair.count == bucket.count)
        }
    }

    @Test(arguments: [0.5, 0.9, 0.99, 0.999])
    func quantilesAreWithinFourPercentInOneDatum(share: Double) {
        for seed in UInt64(1)...5 {
            let samples = Self.samples(50_000, decades: 5, seed: seed).sorted()
            let fit = DistributionFit(buckets: Self.histogram(of: samples), sum: samples.reduce(0, +))
            let exact = samples[Int((Double(samples.count) * share).rounded(.up)) - 1]
            // Five decades over 148 merged buckets are 8% wide each; the value stands near their middle.
            #expect(abs(Self.quantile(fit.pairs, share) - exact) <= exact * 0.08, "p\(share), seed \(seed)")
        }
    }

    @Test(arguments: [0.5, 0.9, 0.99, 0.999])
    func quantilesAreWithinTheBucketWhereAllFit(share: Double) {
        let samples = Self.samples(50_000, decades: 5, seed: 9).sorted()
        let fit = DistributionFit(buckets: Self.histogram(of: samples), sum: samples.reduce(0, +), maximumPairs: 1_200)
        let exact = samples[Int((Double(samples.count) * share).rounded(.up)) - 1]
        #expect(abs(Self.quantile(fit.pairs, share) - exact) <= exact / 64)
    }

    @Test func theExtremesKeepTheirOwnBuckets() throws {
        let samples = Self.samples(50_000, decades: 5, seed: 2).sorted()
        let fit = DistributionFit(buckets: Self.histogram(of: samples), sum: samples.reduce(0, +), maximumPairs: 20)
        let first = try #require(fit.pairs.first)
        let last = try #require(fit.pairs.last)
        #expect(abs(first.value - samples[0]) <= samples[0] / 64)
        #expect(abs(last.value - samples[samples.count - 1]) <= samples[samples.count - 1] / 64)
    }

    @Test func anOpenBucketTakesWhatTheOthersCannot() {
        let buckets = [
            DistributionFit.Bucket(lower: 1, upper: 2, count: 10),
            DistributionFit.Bucket(lower: 64, upper: .infinity, count: 2),
        ]
        let fit = DistributionFit(buckets: buckets, sum: 10 * 1.5 + 2 * 300)
        #expect(fit.pairs == [.init(value: 1.5, count: 10), .init(value: 300, count: 2)])
        #expect(fit.sumError == 0)
    }

    @Test func aSumThatNoValuesReachIsReportedAsAnError() {
        let fit = DistributionFit(buckets: [.init(lower: 1, upper: 2, count: 4)], sum: 100)
        #expect(fit.pairs == [.init(value: 2, count: 4)])
        #expect(fit.sumError == 92)
    }

    @Test func nothingGivesNothing() {
        #expect(DistributionFit(buckets: [], sum: 0).pairs.isEmpty)
        #expect(DistributionFit(buckets: [.init(lower: 1, upper: 2, count: 0)], sum: 0).pairs.isEmpty)
    }

    @Test func oneSampleKeepsItsExactValue() {
        #expect(
            DistributionFit(buckets: [.init(lower: 1, upper: 2, count: 1)], sum: 1.25).pairs == [
                .init(value: 1.25, count: 1)
            ])
    }
}
