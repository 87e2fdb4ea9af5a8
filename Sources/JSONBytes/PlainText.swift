/// Finds where text stops being plain, eight bytes at a time: at a quote, a backslash or a control character.
///
/// A byte's lane in `(x - n) & ~x & 0x80` is set where the byte is below n; a borrow can set lanes above such a byte,
/// never below it, so the lowest lane that is set is right. https://graphics.stanford.edu/~seander/bithacks.html
enum PlainText {
    /// Where the run that starts there ends, and whether all of it is ASCII.
    static func run(in bytes: [UInt8], from start: Int) -> (end: Int, isASCII: Bool) {
        bytes.withUnsafeBytes { run(in: $0, from: start) }
    }

    /// Where the run that starts there ends, and whether all of it is ASCII.
    @inline(__always)
    static func run(in bytes: UnsafeRawBufferPointer, from start: Int) -> (end: Int, isASCII: Bool) {
        var seen: UInt64 = 0
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let stops = stops(in: word)
            guard stops == 0 else {
                let place = stops.trailingZeroBitCount & ~7
                seen |= word & ((1 << UInt64(place)) &- 1)
                return (index + place >> 3, seen & all(0x80) == 0)
            }
            seen |= word
            index += 8
        }
        if let last = lastWord(of: bytes, after: index), stops(in: last) == 0 {
            return (bytes.count, (seen | last) & all(0x80) == 0)
        }
        while index < bytes.count, bytes[index] >= 0x20, bytes[index] != 0x22, bytes[index] != 0x5C {
            seen |= UInt64(bytes[index])
            index += 1
        }
        return (index, seen & all(0x80) == 0)
    }

    /// Eight bytes in which each of the less than eight that are left stands at least once, with others from before them;
    /// nil where there are too few.
    @inline(__always)
    private static func lastWord(of bytes: UnsafeRawBufferPointer, after index: Int) -> UInt64? {
        let left = bytes.count - index
        if left > 0, index >= 8 { return bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self) }
        guard left >= 4 else { return nil }
        let first = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)
        let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self)
        return UInt64(first) << 32 | UInt64(last)
    }

    /// The lanes of the bytes that are not plain, exact for the lowest.
    @inline(__always)
    private static func stops(in word: UInt64) -> UInt64 {
        lanes(below: 0x20, in: word) | lanes(below: 1, in: word ^ all(0x22)) | lanes(below: 1, in: word ^ all(0x5C))
    }

    @inline(__always)
    private static func all(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    @inline(__always)
    private static func lanes(below limit: UInt64, in word: UInt64) -> UInt64 {
        (word &- all(limit)) & ~word & all(0x80)
    }
}
