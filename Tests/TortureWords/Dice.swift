/// Random numbers that a seed repeats (SplitMix64, https://prng.di.unimi.it/splitmix64.c).
package struct Dice: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in 0..<limit.
    package mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }
}

/// `--name value` pairs.
package struct Options {
    private var values: [String: String] = [:]

    /// - Parameter known: the names that may be given.
    package init(_ arguments: some Sequence<String>, known: Set<String>) {
        var iterator = arguments.makeIterator()
        while let name = iterator.next() {
            guard name.hasPrefix("--"), known.contains(String(name.dropFirst(2))), let value = iterator.next() else {
                complainAndExit("'\(name)' is no option, or has no value; there are \(known.sorted())")
            }
            values[String(name.dropFirst(2))] = value
        }
    }

    package subscript(name: String) -> String? { values[name] }

    package func text(_ name: String) -> String {
        guard let value = values[name] else { complainAndExit("--\(name) is missing") }
        return value
    }

    package func number(_ name: String, default fallback: Int) -> Int {
        guard let value = values[name] else { return fallback }
        guard let number = Int(value) else { complainAndExit("--\(name) takes a number") }
        return number
    }
}
