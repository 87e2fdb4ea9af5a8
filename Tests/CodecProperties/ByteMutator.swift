internal import TestSupport

/// Damages bytes in ways that bring a parser into trouble.
package struct ByteMutator: Sendable {
    /// Pieces that mean something to the parsers under test.
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\udE00", "\\u0000", "null", "true", "false",
            "-0", "1e", "1E+999999999999999999999", "0.", "{\"N\":\"", "{\"M\":{", "{\"L\":[", "\"BS\"", "\"NULL\"",
            "AA==", "A===", " ", "\r\n", "\"Item\":", "\"ConsumedCapacity\":", "\"CapacityUnits\":",
        ].map { Array($0.utf8) } + [
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xEF, 0xBB, 0xBF], [0xFF], [0],
        ]

    private var random: SeededGenerator

    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// The bytes with up to that many changes.
    package mutating func mutated(_ bytes: [UInt8], changes: Int) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...changes, using: &random) { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
        case 4: bytes.removeLast(min(bytes.count, Int.random(in: 0...20, using: &random)))
        default:
            let piece = ByteMutator.pieces[Int.random(in: ByteMutator.pieces.indices, using: &random)]
            bytes.insert(contentsOf: piece, at: place)
        }
    }
}
