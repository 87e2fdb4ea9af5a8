import Glibc
import Sketches

/// Call times to fit, in nanoseconds.
enum SampleKind: String, CaseIterable, Sendable {
    case uniform, lognormal, bimodal, pareto, constant, twoConstants, bucketEdges, fiveDecades

    /// So many of them, rising.
    func samples(_ count: Int, seed: UInt64) -> [UInt64] {
        var numbers = Numbers(seed: seed)
        return (0..<count).map { _ in sample(&numbers) }.sorted()
    }

    private func sample(_ numbers: inout Numbers) -> UInt64 {
        func unit() -> Double { Double.random(in: 0..<1, using: &numbers) }
        // The sum of twelve uniform numbers is near enough to a normal one.
        func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
        switch self {
        case .uniform: return UInt64(1e6 + unit() * 9e6)
        case .lognormal: return UInt64(exp(normal() * 0.5 + 1.2) * 1e6)
        case .bimodal: return UInt64(unit() < 0.8 ? 2e6 + normal() * 5e4 : 8e7 + normal() * 2e6)
        case .pareto: return min(UInt64(1e6 / pow(1 - unit(), 1 / 1.5)), 60_000_000_000)
        case .constant: return 3_000_000
        case .twoConstants: return unit() < 0.9 ? 3_010_000 : 12_000_000
        // Nearly all at one end of a bucket and a few at the other: what a value for all of it can do least with.
        case .bucketEdges: return unit() < 0.9 ? 4_194_304 : 4_259_830
        case .fiveDecades: return UInt64(2e3 * pow(10, unit() * 5))
        }
    }
}

/// The buckets of the telemetry file, written down a second time, and what is exactly so of samples.
enum SampleOracle {
    /// 64 buckets an octave, from 1,024 ns.
    static func bucket(of nanoseconds: UInt64) -> Int {
        guard nanoseconds >= 1_024 else { return 0 }
        let octave = 63 - nanoseconds.leadingZeroBitCount
        return min(1_663, (octave - 10) * 64 + Int((nanoseconds >> UInt64(octave - 6)) & 63))
    }

    /// In milliseconds.
    static func bounds(_ bucket: Int) -> (lower: Double, upper: Double) {
        func edge(_ place: Int) -> Double { Double(UInt64(64 + place % 64) << UInt64(4 + place / 64)) / 1e6 }
        return (bucket == 0 ? 0 : edge(bucket), bucket == 1_663 ? .infinity : edge(bucket + 1))
    }

    static func buckets(_ samples: [UInt64]) -> [DistributionFit.Bucket] {
        var counts: [Int: UInt64] = [:]
        for sample in samples { counts[bucket(of: sample), default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { place, count in
            let bounds = bounds(place)
            return DistributionFit.Bucket(lower: bounds.lower, upper: bounds.upper, count: count)
        }
    }

    static func sum(_ samples: [UInt64]) -> Double { Double(samples.reduce(0, +)) / 1e6 }

    static func fit(_ samples: [UInt64], _ limits: DistributionFit.Limits) -> DistributionFit {
        DistributionFit(buckets: buckets(samples), sum: sum(samples), limits: limits)
    }

    /// Of rising samples, in milliseconds.
    static func quantile(_ samples: [UInt64], _ share: Double) -> Double {
        Double(samples[max(1, Int((Double(samples.count) * share).rounded(.up))) - 1]) / 1e6
    }

    static func quantile(_ pairs: [DistributionFit.Pair], _ share: Double) -> Double {
        let total = pairs.reduce(0) { $0 + $1.count }
        let rank = max(1, UInt64((Double(total) * share).rounded(.up)))
        var seen: UInt64 = 0
        for pair in pairs {
            seen += pair.count
            if seen >= rank { return pair.value }
        }
        return pairs.last?.value ?? 0
    }
}
