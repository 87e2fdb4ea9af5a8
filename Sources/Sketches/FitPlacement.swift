/// Chooses the values of a fit's cells: first the value with the smallest largest error, then all of them moved towards
/// where the sum comes out, each by the same share of the way that it may go.
struct FitPlacement {
    /// A value to be chosen.
    private struct Spot {
        /// The samples that it stands for lie within.
        var lower: Double
        var upper: Double
        /// The value may lie within.
        var floor: Double
        var ceiling: Double
        var count: Double
        var value: Double
        var samples: UInt64
        /// What the value is rounded to, or more finely.
        var step: Double
    }

    private let cells: [FitCell]
    private let sum: Double
    private let lowestSum: Double
    private let highestSum: Double
    private var spots: [Spot] = []

    init(_ cells: [FitCell], sum: Double) {
        self.cells = cells
        self.sum = sum
        lowestSum = cells.reduce(0) { $0 + $1.lowestSum }
        highestSum = cells.reduce(0) { $0 + $1.highestSum }
    }

    /// Values going up; equal ones are one pair.
    var pairs: [DistributionFit.Pair] {
        var result: [DistributionFit.Pair] = []
        result.reserveCapacity(spots.count)
        for spot in ordered {
            if let last = result.last, last.value == spot.value {
                result[result.count - 1].count = last.count.saturatingAdd(spot.samples)
            } else {
                result.append(DistributionFit.Pair(value: spot.value, count: spot.samples))
            }
        }
        return result
    }

    /// In order but for the extremes, which may have changed places with others of their bucket.
    private var ordered: [Spot] {
        for index in spots.indices.dropFirst() where spots[index].value < spots[index - 1].value {
            return spots.sorted { $0.value < $1.value }
        }
        return spots
    }

    var maximumRelativeError: Double {
        spots.reduce(0) { max($0, FitCell.error(of: $1.value, $1.lower, $1.upper)) }
    }

    mutating func place() {
        makeSpots(extremesApart: true)
        if !moveToSum() {
            // Minimum and maximum cannot both keep to their bound, as the sum says that the samples crowd elsewhere.
            makeSpots(extremesApart: false)
            _ = moveToSum()
        }
        joinExtremes()
        shorten()
        settle()
    }

    // MARK: Where values may lie

    private mutating func makeSpots(extremesApart: Bool) {
        let best = cells.reduce(0) {
            max($0, FitCell.error(of: FitCell.middle($1.lower, $1.upper), $1.lower, $1.upper))
        }
        spots = []
        spots.reserveCapacity(cells.count + 2)
        for cell in cells { spots.append(spot(cell, bestError: best)) }
        guard extremesApart, let first = cells.first, let last = cells.last else { return }
        let (minimum, maximum) = (rangeOfMinimum(first), rangeOfMaximum(last))
        if first.lower > 0 { splitMinimum(within: minimum) }
        if last.lower > 0, last.upper < .infinity { splitMaximum(within: maximum) }
    }

    private func spot(_ cell: FitCell, bestError: Double) -> Spot {
        let count = Double(cell.count)
        // The other cells' sums lie within bounds, and so does then what is left for this one.
        let least = max(cell.lowestSum, cell.highestSum - (highestSum - sum)) / count
        let most = min(cell.highestSum, cell.lowestSum + (sum - lowestSum)) / count
        var value = FitCell.middle(cell.lower, cell.upper)
        if cell.upper == .infinity {
            value = cell.lower
        } else if least <= most {
            value = FitCell.middle(max(least, cell.lower), min(most, cell.upper))
        }
        if cell.highestSum < cell.upper * count, cell.lower > 0 {
            // Merged: no further from the middle than the widest cell's error allows.
            value = min(max(value, cell.upper * (1 - bestError)), cell.lower * (1 + bestError))
        }
        return Spot(
            lower: cell.lower, upper: cell.upper, floor: cell.lower, ceiling: cell.upper, count: count,
            value: min(max(value, cell.lower), cell.upper), samples: cell.count, step: Self.step(cell))
    }

    /// A sixteenth of the bucket, or of one of the telemetry file's where several were merged.
    private static func step(_ cell: FitCell) -> Double {
        let width = cell.upper - cell.lower
        return (cell.lower > 0 ? min(width, cell.lower / 64) : width) / 16
    }

    /// Where the smallest sample lies, by its cell and by the sum.
    private func rangeOfMinimum(_ cell: FitCell) -> (Double, Double) {
        let most = cell.lower + (sum - lowestSum) / Double(cell.count)
        let least = cell.upper - (highestSum - sum)
        return (min(max(cell.lower, least), cell.upper), max(min(cell.upper, most), cell.lower))
    }

    /// Where the largest sample lies, by its cell and by the sum.
    private func rangeOfMaximum(_ cell: FitCell) -> (Double, Double) {
        let least = cell.upper - (highestSum - sum) / Double(cell.count)
        let most = cell.lower + (sum - lowestSum)
        return (min(max(cell.lower, least), cell.upper), max(min(cell.upper, most), cell.lower))
    }

    /// Gives the smallest sample a range in which its error is within the bound whichever it is, and lets no other value
    /// fall below that.
    private mutating func splitMinimum(within range: (lower: Double, upper: Double)) {
        let floor = min(range.upper * (1 - DistributionFit.extremeError), range.upper)
        let ceiling = range.lower * (1 + DistributionFit.extremeError)
        guard floor <= ceiling else { return }
        let floorInCell = max(spots[0].floor, floor)
        let ceilingInCell = min(spots[0].ceiling, max(ceiling, floorInCell))
        var alone = spots[0]
        (alone.lower, alone.upper) = range
        (alone.floor, alone.ceiling) = (floorInCell, ceilingInCell)
        spots[0].floor = floorInCell
        spots[0].value = max(spots[0].value, floorInCell)
        // There is little room between the bounds.
        spots[0].step /= 8
        alone.step = spots[0].step
        alone.value = min(max(spots[0].value, floorInCell), ceilingInCell)
        splitOff(alone, from: 0, at: 0)
    }

    /// The same for the largest.
    private mutating func splitMaximum(within range: (lower: Double, upper: Double)) {
        let end = spots.count - 1
        let ceiling = range.lower * (1 + DistributionFit.extremeError)
        let floor = range.upper * (1 - DistributionFit.extremeError)
        guard floor <= ceiling else { return }
        let ceilingInCell = min(spots[end].ceiling, ceiling)
        let floorInCell = max(spots[end].floor, min(floor, ceilingInCell))
        guard ceilingInCell >= spots[end].floor else { return }
        var alone = spots[end]
        (alone.lower, alone.upper) = range
        (alone.floor, alone.ceiling) = (floorInCell, ceilingInCell)
        spots[end].ceiling = ceilingInCell
        spots[end].value = min(spots[end].value, ceilingInCell)
        spots[end].step /= 8
        alone.step = spots[end].step
        alone.value = min(max(spots[end].value, floorInCell), ceilingInCell)
        splitOff(alone, from: end, at: end + 1)
    }

    private mutating func splitOff(_ alone: Spot, from index: Int, at place: Int) {
        var alone = alone
        (alone.samples, alone.count) = (1, 1)
        if spots[index].samples == 1 {
            spots[index] = alone
        } else {
            spots[index].samples -= 1
            spots[index].count = Double(spots[index].samples)
            spots.insert(alone, at: place)
        }
    }

    /// One value does for the extreme sample and its bucket's others where it is within the bounds of both.
    private mutating func joinExtremes() {
        guard spots.count > 2 else { return }
        let end = spots.count - 1
        if spots[0].samples == 1, spots[1].value <= spots[0].ceiling { spots[0].value = spots[1].value }
        if spots[end].samples == 1, spots[end - 1].value >= spots[end].floor { spots[end].value = spots[end - 1].value }
    }

    // MARK: The sum

    private var residual: Double {
        var sum = 0.0
        var compensation = 0.0
        for spot in spots {
            let term = spot.value * spot.count
            let next = sum + term
            compensation += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
            sum = next
        }
        return self.sum - sum - compensation
    }

    /// Moves every value by the same share of the way to its end. False when the ends do not reach as far.
    private mutating func moveToSum() -> Bool {
        let residual = residual
        guard residual != 0 else { return true }
        if residual > 0, let open = spots.firstIndex(where: { $0.ceiling == .infinity }) {
            spots[open].value += residual / spots[open].count
            return true
        }
        var way = 0.0
        for spot in spots {
            way += spot.count * (residual > 0 ? spot.ceiling - spot.value : spot.value - spot.floor)
        }
        // What rounding alone makes of sums at their very ends.
        let isWithin = abs(residual) <= way + abs(sum) * 1e-13
        guard way > 0 else { return isWithin }
        let share = min(1, abs(residual) / way)
        for index in spots.indices {
            let spot = spots[index]
            spots[index].value += share * ((residual > 0 ? spot.ceiling : spot.floor) - spot.value)
        }
        return isWithin
    }

    /// Rounds each value to the decimals that its range is worth.
    private mutating func shorten() {
        for index in spots.indices {
            let spot = spots[index]
            guard spot.step < .infinity else { continue }
            let rounded = Decimals.rounded(spot.value, step: spot.step)
            if rounded >= spot.floor, rounded <= spot.ceiling { spots[index].value = rounded }
        }
    }

    /// Takes up what rounding left in the value that has to go the smallest part of its range for it, and what `Double`
    /// leaves there in another.
    private mutating func settle() {
        for _ in 0..<2 {
            let residual = residual
            guard abs(residual) > abs(sum) * 1e-15 else { return }
            var best: (index: Int, part: Double)?
            for index in spots.indices {
                let spot = spots[index]
                let moved = spot.value + residual / spot.count
                guard moved != spot.value, moved >= spot.floor, moved <= spot.ceiling else { continue }
                let part = abs(moved - spot.value) / (spot.ceiling - spot.floor)
                if best.map({ part < $0.part }) ?? true { best = (index, part) }
            }
            guard let best else {
                _ = moveToSum()
                return
            }
            spots[best.index].value += residual / spots[best.index].count
        }
    }
}

/// Short decimals.
enum Decimals {
    /// Each of them is exact, and so a quotient by one is the `Double` nearest to the decimal.
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// A value rounded to the largest power of ten that is not above a step; itself where that is beyond 15 decimals.
    static func rounded(_ value: Double, step: Double) -> Double {
        guard step > 0, value.magnitude < 1e15 else { return value }
        if step >= 1 {
            var unit = 1.0
            while unit * 10 <= step, unit < 1e15 { unit *= 10 }
            return (value / unit).rounded() * unit
        }
        guard let decimals = powers.first(where: { $0 * step >= 1 }) else { return value }
        return (value * decimals).rounded() / decimals
    }
}
