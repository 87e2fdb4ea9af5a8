import Foundation

/// Latencies in nanoseconds that a seed repeats, with the exact answers that sketches are held against.
public struct KnownLatencies: Sendable {
    /// How the latencies are distributed.
    public enum Shape: String, CaseIterable, Sendable {
        /// As a healthy service's: around 4 ms, with a tail.
        case logNormal
        /// Evenly over five decades on a logarithmic scale, 100 µs to 10 s: the hardest for few values.
        case fiveDecades
        /// Most at 2 ms, some at 80 ms, nothing between.
        case twoPeaks
        /// All the same.
        case constant
        /// A tail that falls with the square root.
        case heavyTail
    }

    /// All of them, going up.
    public let sorted: [UInt64]
    /// All of them, in the order in which they came.
    public let values: [UInt64]

    /// Draws so many.
    public init(_ shape: Shape, count: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        values = (0..<count).map { _ in KnownLatencies.draw(shape, using: &random) }
        sorted = values.sorted()
    }

    /// Known by other means.
    public init(values: [UInt64]) {
        self.values = values
        sorted = values.sorted()
    }

    /// The exact sum.
    public var sum: UInt64 { values.reduce(0, +) }

    /// The value at the nearest rank.
    public func percentile(_ percent: Double) -> UInt64 { sorted[index(percent)] }

    /// Where a percentile may lie, whichever of the definitions in use takes it: nearest rank, or between two neighbours.
    public func percentileRange(_ percent: Double) -> ClosedRange<Double> {
        let index = index(percent)
        return Double(sorted[max(index - 1, 0)])...Double(sorted[min(index + 1, sorted.count - 1)])
    }

    private func index(_ percent: Double) -> Int {
        min(max(Int((percent / 100 * Double(sorted.count)).rounded(.up)) - 1, 0), sorted.count - 1)
    }

    private static func draw(_ shape: Shape, using random: inout SeededGenerator) -> UInt64 {
        let unit = random.nextUnit()
        let milliseconds: Double =
            switch shape {
            case .logNormal:
                4 * exp(0.6 * (-2 * log(1 - unit)).squareRoot() * cos(2 * .pi * random.nextUnit()))
            case .fiveDecades: 0.1 * pow(10, 5 * unit)
            case .twoPeaks: unit < 0.9 ? 2 + random.nextUnit() * 0.2 : 80 + random.nextUnit() * 5
            case .constant: 7.3
            case .heavyTail: min(1 / ((1 - unit) * (1 - unit)), 60_000)
            }
        return UInt64(milliseconds * 1e6)
    }
}
