import Sketches
import Testing

@Suite struct DistributionFitTests {
    private static let quantiles = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999]

    private func sum(_ fit: DistributionFit) -> Double {
        // Smallest terms first, so that the check's own rounding stays below what it checks.
        fit.pairs.map { $0.value * Double($0.count) }.sorted().reduce(0, +)
    }

    private func worstError(of fit: DistributionFit, against samples: [UInt64]) -> Double {
        Self.quantiles.reduce(0) { worst, share in
            let exact = SampleOracle.quantile(samples, share)
            return max(worst, abs(SampleOracle.quantile(fit.pairs, share) - exact) / exact)
        }
    }

    // MARK: Generators × sizes × quantiles

    @Test(arguments: SampleKind.allCases, [1, 2, 3, 10, 150, 2_000, 20_000])
    func countIsExactSumToRoundingAndEveryPercentileWithinTheBound(kind: SampleKind, count: Int) {
        for datums in [1, 2, 8] {
            for seed in UInt64(1)...(count > 1_000 ? 2 : 12) {
                let samples = kind.samples(count, seed: seed)
                let fit = SampleOracle.fit(samples, DistributionFit.Limits(maximumDatums: datums))
                let exact = SampleOracle.sum(samples)
                let note: Comment = "\(kind), \(count) samples, \(datums) datums, seed \(seed)"
                #expect(fit.pairs.reduce(0) { $0 + $1.count } == UInt64(count), note)
                #expect(abs(sum(fit) - exact) <= exact * 1e-14, note)
                #expect(abs(fit.sumError) <= exact * 1e-15, note)
                #expect(fit.datums.count <= datums && fit.datums.allSatisfy { $0.count <= 150 }, note)
                #expect(zip(fit.pairs, fit.pairs.dropFirst()).allSatisfy { $0.value < $1.value }, note)
                #expect(worstError(of: fit, against: samples) <= fit.maximumRelativeError + 1e-12, note)
            }
        }
    }

    @Test(arguments: SampleKind.allCases, [1, 2, 3, 10, 150, 2_000, 20_000])
    func minimumAndMaximumAreWithinAHalfBucket(kind: SampleKind, count: Int) throws {
        for datums in [1, 8] {
            for seed in UInt64(1)...(count > 1_000 ? 2 : 12) {
                let samples = kind.samples(count, seed: seed)
                let fit = SampleOracle.fit(samples, DistributionFit.Limits(maximumDatums: datums))
                let (least, most) = (Double(samples[0]) / 1e6, Double(samples[samples.count - 1]) / 1e6)
                let note: Comment = "\(kind), \(count) samples, \(datums) datums, seed \(seed)"
                #expect(abs(try #require(fit.pairs.first).value - least) <= least * 0.008, note)
                #expect(abs(try #require(fit.pairs.last).value - most) <= most * 0.008, note)
            }
        }
    }

    @Test func fiveDecadesAreWithinTheTargetInEightDatumsAndFourPercentInOne() {
        for seed in UInt64(1)...6 {
            let samples = SampleKind.fiveDecades.samples(50_000, seed: seed)
            let eight = SampleOracle.fit(samples, DistributionFit.Limits())
            #expect(worstError(of: eight, against: samples) <= 0.012, "seed \(seed)")
            #expect(eight.maximumRelativeError <= 0.012, "seed \(seed)")
            let one = SampleOracle.fit(samples, DistributionFit.Limits(maximumDatums: 1))
            #expect(worstError(of: one, against: samples) <= 0.04, "seed \(seed)")
            #expect(one.pairs.count <= 150)
        }
    }

    @Test(arguments: [UInt64(1_024), 3_000_000, 4_194_304, 4_259_000, 60_000_000_000], [1, 2, 7, 1_000_000])
    func aConstantIsFoundAgain(nanoseconds: UInt64, count: UInt64) {
        let bounds = SampleOracle.bounds(SampleOracle.bucket(of: nanoseconds))
        let exact = Double(nanoseconds) / 1e6
        let fit = DistributionFit(
            buckets: [.init(lower: bounds.lower, upper: bounds.upper, count: count)], sum: exact * Double(count))
        #expect(abs(SampleOracle.quantile(fit.pairs, 0.5) - exact) <= exact * 1e-5 + 1e-6 / Double(count))
        #expect(abs(sum(fit) - exact * Double(count)) <= exact * Double(count) * 1e-14)
    }

    @Test func hugeCountsStayExact() {
        let bounds = (0..<60).map { SampleOracle.bounds(640 + $0) }
        let buckets = bounds.enumerated().map {
            DistributionFit.Bucket(lower: $1.lower, upper: $1.upper, count: 1 << UInt64($0 % 50))
        }
        let exact = buckets.reduce(0) { $0 + ($1.lower * 0.7 + $1.upper * 0.3) * Double($1.count) }
        let fit = DistributionFit(buckets: buckets, sum: exact)
        #expect(fit.pairs.reduce(0) { $0 + $1.count } == buckets.reduce(0) { $0 + $1.count })
        #expect(abs(sum(fit) - exact) <= exact * 1e-14)
    }

    // MARK: What datums are spent for

    @Test func sixtyBucketsAreOneDatumThatMergesNothing() {
        let buckets = (0..<60).map { place in
            let bounds = SampleOracle.bounds(700 + 3 * place)
            return DistributionFit.Bucket(lower: bounds.lower, upper: bounds.upper, count: UInt64(place + 1))
        }
        let fit = DistributionFit(
            buckets: buckets, sum: buckets.reduce(0) { $0 + ($1.lower + $1.upper) / 2 * Double($1.count) })
        #expect(fit.datums.count == 1)
        #expect(fit.pairs.count == 60)
        for (pair, bucket) in zip(fit.pairs, buckets) {
            #expect(pair.value >= bucket.lower && pair.value <= bucket.upper && pair.count == bucket.count)
        }
    }

    @Test func aLooserTargetTakesFewerDatums() {
        let samples = SampleKind.fiveDecades.samples(50_000, seed: 3)
        let counts = [0.05, 0.02, 0.012, 0.001].map {
            SampleOracle.fit(samples, DistributionFit.Limits(targetError: $0)).datums.count
        }
        #expect(counts == counts.sorted())
        #expect(counts[0] == 1 && counts[2] < 8 && counts[3] == 8)
    }

    @Test func fewerPairsForADatumAreKeptTo() {
        // As the embedded metric format asks for, which takes 100.
        let samples = SampleKind.fiveDecades.samples(20_000, seed: 4)
        let fit = SampleOracle.fit(samples, DistributionFit.Limits(pairsPerDatum: 100, maximumDatums: 3))
        #expect(fit.datums.count == 3 && fit.datums.allSatisfy { $0.count <= 100 })
    }

    @Test func valuesAreShortButForThoseThatSettleTheSum() {
        for seed in UInt64(1)...5 {
            let fit = SampleOracle.fit(SampleKind.lognormal.samples(3_000, seed: seed), DistributionFit.Limits())
            #expect(fit.pairs.count { $0.value.description.count > 8 } <= 2, "seed \(seed)")
        }
    }

    // MARK: Edges

    @Test func anOpenBucketTakesWhatTheOthersCannot() {
        let buckets = [
            DistributionFit.Bucket(lower: 1, upper: 1.015625, count: 10),
            DistributionFit.Bucket(lower: 64, upper: .infinity, count: 2),
        ]
        let fit = DistributionFit(buckets: buckets, sum: 10 * 1.01 + 2 * 300)
        #expect(abs((fit.pairs.last?.value ?? 0) - 300) < 0.1)
        #expect(abs(sum(fit) - 610.1) < 1e-10)
        #expect(fit.maximumRelativeError <= 1.0 / 64)
    }

    @Test func aBucketFromZeroIsPlacedAndOutOfTheBound() {
        let fit = DistributionFit(
            buckets: [.init(lower: 0, upper: 0.00104, count: 10), .init(lower: 1, upper: 1.015625, count: 10)],
            sum: 10 * 0.0002 + 10 * 1.008)
        #expect(fit.pairs.count <= 3)
        #expect(abs(sum(fit) - 10.082) < 1e-12)
        #expect(fit.maximumRelativeError <= 1.0 / 64)
    }

    @Test func aSumThatNoValuesReachIsReportedAsAnError() {
        let above = DistributionFit(buckets: [.init(lower: 1, upper: 2, count: 4)], sum: 100)
        #expect(above.pairs == [.init(value: 2, count: 4)])
        #expect(above.sumError == 92)
        let below = DistributionFit(buckets: [.init(lower: 1, upper: 2, count: 4)], sum: 1)
        #expect(below.pairs == [.init(value: 1, count: 4)])
        #expect(below.sumError == -3)
    }

    @Test func nothingGivesNothing() {
        #expect(DistributionFit(buckets: [], sum: 0).pairs.isEmpty)
        #expect(DistributionFit(buckets: [.init(lower: 1, upper: 2, count: 0)], sum: 0).pairs.isEmpty)
        #expect(DistributionFit(buckets: [], sum: 0).datums.isEmpty)
    }

    @Test func oneSampleKeepsItsExactValue() {
        #expect(
            DistributionFit(buckets: [.init(lower: 1, upper: 2, count: 1)], sum: 1.25).pairs == [
                .init(value: 1.25, count: 1)
            ])
    }
}
