/// One bucket of a fit, or several neighbours that become one value.
struct FitCell {
    /// All samples lie within.
    var lower: Double
    var upper: Double
    var count: UInt64
    /// The sum of the samples is at least and at most that: bucket by bucket, so narrower than `lower · count` where
    /// buckets are merged.
    var lowestSum: Double
    var highestSum: Double

    init(_ bucket: DistributionFit.Bucket) {
        (lower, upper, count) = (bucket.lower, bucket.upper, bucket.count)
        lowestSum = lower * Double(count)
        highestSum = upper * Double(count)
    }

    mutating func absorb(_ next: FitCell) {
        upper = next.upper
        count = count.saturatingAdd(next.count)
        lowestSum += next.lowestSum
        highestSum += next.highestSum
    }

    /// The value whose largest relative distance to any value of a range is smallest: (value − a) / a = (b − value) / b.
    static func middle(_ a: Double, _ b: Double) -> Double {
        a > 0 && b < .infinity ? 2 * a * b / (a + b) : b < .infinity ? (a + b) / 2 : a
    }

    /// The largest relative distance of a value to any value of a range; zero where nothing relative can be known.
    static func error(of value: Double, _ a: Double, _ b: Double) -> Double {
        a > 0 && b < .infinity ? max((value - a) / a, (b - value) / b) : 0
    }
}

extension FitCell {
    /// The occupied buckets, merged where the limits ask for it.
    static func cells(of buckets: [DistributionFit.Bucket], limits: DistributionFit.Limits) -> [FitCell] {
        var cells: [FitCell] = []
        cells.reserveCapacity(buckets.count)
        for bucket in buckets where bucket.count > 0 { cells.append(FitCell(bucket)) }
        // Minimum and maximum may each take a value of their own.
        let room = limits.pairsPerDatum - 2
        guard cells.count > room else { return cells }
        let inner = cells[1..<(cells.count - 1)]
        // A tenth is left for moving values to where the sum comes out.
        let target = limits.targetError * 0.9
        let wanted = groupCount(inner, ratio: (1 + target) / max(1 - target, 0.01)) + 2
        let datums = min(limits.maximumDatums, max(1, (wanted + 1 + limits.pairsPerDatum) / limits.pairsPerDatum))
        let limit = datums * limits.pairsPerDatum - 2
        return cells.count > limit ? merge(cells, into: limit) : cells
    }

    /// Merges neighbours until at most `limit` are left, the widest ratio upper/lower being as small as possible.
    private static func merge(_ cells: [FitCell], into limit: Int) -> [FitCell] {
        let inner = cells[1..<(cells.count - 1)]
        var tight = 1.0
        var loose = 2.0
        while groupCount(inner, ratio: loose) > limit - 2 { loose *= loose }
        // 40 halvings bring the ratio far below what separates two buckets.
        for _ in 0..<40 {
            let middle = (tight + loose) / 2
            if groupCount(inner, ratio: middle) > limit - 2 { tight = middle } else { loose = middle }
        }
        var result = [cells[0]]
        result.reserveCapacity(limit)
        var isOpen = false
        for cell in inner {
            if isOpen, fits(cell, after: result[result.count - 1].lower, ratio: loose) {
                result[result.count - 1].absorb(cell)
            } else {
                result.append(cell)
                isOpen = true
            }
        }
        result.append(cells[cells.count - 1])
        return result
    }

    private static func groupCount(_ cells: ArraySlice<FitCell>, ratio: Double) -> Int {
        var groups = 0
        var lower = 0.0
        for cell in cells {
            if groups > 0, fits(cell, after: lower, ratio: ratio) { continue }
            groups += 1
            lower = cell.lower
        }
        return groups
    }

    private static func fits(_ cell: FitCell, after lower: Double, ratio: Double) -> Bool {
        // Infinite ratios end the search where a bucket starts at zero and the limit is tiny.
        ratio == .infinity || cell.upper <= lower * ratio
    }
}
