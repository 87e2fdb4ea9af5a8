import Telemetry
import TestSupport
import Testing

/// Merging histograms is adding up: in any order and grouping, and the same as counting everything at once.
@Suite struct HistogramLawTests {
    private func samples(_ numbers: inout SeededGenerator) -> [UInt64] {
        (0..<Int.random(in: 0...300, using: &numbers)).map { _ in
            UInt64.random(in: 0...(1 << UInt64.random(in: 1...37, using: &numbers)), using: &numbers)
        }
    }

    private func histogram(_ samples: [UInt64]) -> HistogramSnapshot {
        var counts: [Int: UInt64] = [:]
        for sample in samples { counts[LatencyBuckets.index(ofNanoseconds: sample), default: 0] += 1 }
        return HistogramSnapshot(
            buckets: counts.sorted { $0.key < $1.key }.map { HistogramSnapshot.Bucket(index: $0.key, count: $0.value) },
            sumNanoseconds: samples.reduce(0, +))
    }

    @Test(arguments: UInt64(1)...40)
    func mergeIsSingleAssociativeAndCommutative(seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        let parts = (0..<3).map { _ in samples(&numbers) }
        let (a, b, c) = (histogram(parts[0]), histogram(parts[1]), histogram(parts[2]))
        #expect(a + b + c == histogram(parts.flatMap { $0 }), "seed \(seed)")
        #expect((a + b) + c == a + (b + c), "seed \(seed)")
        #expect(a + b == b + a, "seed \(seed)")
        #expect(a + HistogramSnapshot() == a, "seed \(seed)")
        #expect((a + b) - b == a, "seed \(seed)")
    }
}
