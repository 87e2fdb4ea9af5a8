internal import TestSupport

/// Damages a telemetry file in ways that bring a reader into trouble: flips bits, puts extreme numbers where numbers lead
/// somewhere, moves pieces of the file to other places of it, and cuts it short.
package struct TelemetryMutator {
    private static let extremes: [UInt64] = [
        0, 1, .max, .max - 1, 1 << 63, 1 << 32, 1 << 31, 0xffff_ffff, 1 << 20, 1 << 16, 704, 4096, 0x1_0000_0001,
    ]

    private var random: SeededGenerator
    private let valid: [UInt8]
    private let arena: Int

    /// - Parameters:
    ///   - valid: a valid file, whose ring of key events has 16 places.
    ///   - seed: the random numbers' seed: the same damage each time.
    package init(_ valid: [UInt8], seed: UInt64) {
        self.valid = valid
        arena = 45056 + 16 * 128
        random = SeededGenerator(seed: seed)
    }

    /// A damaged copy of the valid file.
    package mutating func mutated() -> [UInt8] {
        var bytes = valid
        for _ in 0..<Int.random(in: 1...6, using: &random) { mutate(&bytes) }
        if Int.random(in: 0..<24, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = spot()
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2, 3: put(Self.extremes[Int.random(in: Self.extremes.indices, using: &random)], at: place & ~7, in: &bytes)
        case 4: put(UInt64.random(in: 0..<1 << 14, using: &random), at: place & ~3, in: &bytes)
        case 5: put(.random(in: .min ... .max, using: &random), at: place & ~7, in: &bytes)
        case 6: splice(&bytes, to: place & ~3, count: 4 * Int.random(in: 1...8, using: &random))
        default: splice(&bytes, to: place & ~63, count: 64 * Int.random(in: 1...32, using: &random))
        }
    }

    private mutating func splice(_ bytes: inout [UInt8], to target: Int, count: Int) {
        let source = spot() & ~3
        let count = min(count, bytes.count - max(source, target))
        guard count > 0 else { return }
        bytes.replaceSubrange(target..<target + count, with: valid[source..<source + count])
    }

    private func put(_ word: UInt64, at offset: Int, in bytes: inout [UInt8]) {
        for place in 0..<min(8, bytes.count - offset) {
            bytes[offset + place] = UInt8(truncatingIfNeeded: word >> UInt64(8 * place))
        }
    }

    /// Mostly where a wrong number could lead astray: header, directories, blocks, numbers of ring entries.
    private mutating func spot() -> Int {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: 8 * Int.random(in: 0..<52, using: &random)
        case 1: Int.random(in: 0..<1040, using: &random)
        case 2: 4096 + 4 * Int.random(in: 0..<8, using: &random)
        case 3: arena + Int.random(in: 0..<min(6 * 1792, valid.count - arena), using: &random)
        case 4: 45056 + 128 * Int.random(in: 0..<16, using: &random) + Int.random(in: 0..<48, using: &random)
        case 5: 12288 + 128 * Int.random(in: 0..<256, using: &random) + Int.random(in: 0..<48, using: &random)
        default: Int.random(in: 0..<valid.count, using: &random)
        }
    }
}
