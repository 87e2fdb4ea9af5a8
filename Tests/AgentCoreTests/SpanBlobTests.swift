import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// Windows' counts in the store: merged one series at a time, and exactly.
@Suite struct SpanBlobTests {
    private typealias Series = [(id: Int64, totals: SeriesTotals)]

    private func histogram(_ numbers: inout SeededGenerator) -> HistogramSnapshot {
        var result = HistogramSnapshot(sumNanoseconds: UInt64.random(in: 0...1 << 40, using: &numbers))
        for index in 0..<LatencyBuckets.count where Int.random(in: 0..<40, using: &numbers) == 0 {
            result.buckets.append(.init(index: index, count: UInt64.random(in: 1...1_000, using: &numbers)))
        }
        return result
    }

    private func window(_ ids: some Sequence<Int64>, _ numbers: inout SeededGenerator) -> Series {
        ids.map { id in
            let columns = SeriesCounters().columns.map { $0.map { _ in UInt64.random(in: 0...9, using: &numbers) } }
            return (
                id,
                SeriesTotals(
                    counters: SeriesCounters(columns: columns), callTime: histogram(&numbers),
                    attemptTime: histogram(&numbers))
            )
        }
    }

    private func coarser(_ totals: SeriesTotals) -> SeriesTotals {
        SeriesTotals(
            counters: totals.counters, callTime: totals.callTime.coarser, attemptTime: totals.attemptTime.coarser)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4], [false, true])
    func aMergedWindowIsTheSumOfBoth(seed: UInt64, isCoarser: Bool) throws {
        var numbers = SeededGenerator(seed: seed)
        let left = window((1...40).filter { $0 % 3 != 0 }.map(Int64.init), &numbers)
        let right = window((1...50).filter { $0 % 4 != 0 }.map(Int64.init), &numbers)
        var sums: [Int64: SeriesTotals] = [:]
        for entry in left + right { sums[entry.id] = sums[entry.id].map { $0 + entry.totals } ?? entry.totals }
        if isCoarser { sums = sums.mapValues(coarser) }
        let merged = try SpanBlob.decode(
            SpanBlob.merged([SpanBlob.encode(left), SpanBlob.encode(right)], coarser: isCoarser))
        #expect(merged.map(\.id) == sums.keys.sorted())
        #expect(merged.allSatisfy { sums[$0.id] == $0.totals })
    }

    @Test func oneWindowAloneIsMadeCoarser() throws {
        var numbers = SeededGenerator(seed: 9)
        let window = window(1...20, &numbers)
        let coarse = try SpanBlob.decode(SpanBlob.merged([SpanBlob.encode(window)], coarser: true))
        #expect(coarse.map(\.totals) == window.map { coarser($0.totals) })
        #expect(try SpanBlob.merged([SpanBlob.encode(window)], coarser: false) == SpanBlob.encode(window))
        #expect(
            try SpanBlob.decode(SpanBlob.merged([SpanBlob.encode([]), SpanBlob.encode([])], coarser: true)).isEmpty)
    }

    @Test func whatIsCutOrOutOfOrderIsRefused() throws {
        var numbers = SeededGenerator(seed: 10)
        let good = SpanBlob.encode(window(1...5, &numbers))
        for length in stride(from: 0, to: good.count, by: 7) {
            #expect(throws: BlobError.self) { try SpanBlob.merged([good, Array(good[..<length])], coarser: false) }
        }
        let twice = SpanBlob.encode(window([3, 3], &numbers))
        #expect(throws: BlobError.self) { try SpanBlob.merged([good, twice], coarser: false) }
    }
}
