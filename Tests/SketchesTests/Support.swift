import Sketches

/// splitmix64: the same numbers on every machine, so that a failure can be run again by its seed.
struct Numbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Keys by a Zipf law: key k with a probability in proportion to 1/k^exponent.
struct ZipfStream {
    private let cumulative: [Double]
    private var numbers: Numbers

    init(keys: Int, exponent: Double, seed: UInt64) {
        var sum = 0.0
        cumulative = (1...keys).map { key in
            sum += 1 / power(Double(key), exponent)
            return sum
        }
        numbers = Numbers(seed: seed)
    }

    mutating func next() -> (key: UInt64, weight: UInt64) {
        let target = Double.random(in: 0..<(cumulative.last ?? 1), using: &numbers)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return (UInt64(low + 1), UInt64.random(in: 1...2_000, using: &numbers))
    }
}

/// x^e for half-integer e, which is all that the tests use; no import of a maths library.
private func power(_ base: Double, _ exponent: Double) -> Double {
    var result = 1.0
    for _ in 0..<Int(exponent) { result *= base }
    return exponent.truncatingRemainder(dividingBy: 1) == 0.5 ? result * base.squareRoot() : result
}

/// What a stream's sketch is held against: every key's true weight.
struct Oracle {
    private(set) var weights: [UInt64: UInt64] = [:]
    var total: UInt64 { weights.values.reduce(0, +) }

    mutating func add(_ key: UInt64, _ weight: UInt64) { weights[key, default: 0] += weight }

    /// The keys whose true weight is outside of the sketch's bounds, or absent with more than the bound for absent ones.
    func violations(of sketch: SpaceSaving) -> [UInt64] {
        weights.filter { key, weight in
            guard let entry = sketch.entry(for: key) else { return weight > sketch.absentUpperBound }
            return !(entry.lowerBound...entry.estimate).contains(weight)
        }.map(\.key).sorted()
    }
}
