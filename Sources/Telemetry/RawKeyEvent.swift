internal import CTelemetry

/// A key as the ring of key events keeps it: a hash of the whole and the beginning of its text.
package struct RingKey {
    /// A hash of the whole key, the same in every process.
    package let hash: UInt64
    /// The first 64 bytes as text.
    package let text: String

    /// Of the key's bytes.
    package init(_ bytes: UnsafeRawBufferPointer) {
        hash = tm_hash(bytes.baseAddress, UInt64(bytes.count))
        var start = [UInt8](bytes.prefix(RingText.byteCount))
        start.append(contentsOf: repeatElement(0, count: RingText.byteCount - start.count))
        text = start.withUnsafeBytes { start in
            start.baseAddress.map { RingText.string($0, length: UInt64(bytes.count)) } ?? ""
        }
    }
}

/// A key event as it lies in the ring, without a copy of its key: valid within the closure that it is handed to.
package struct RawKeyEvent {
    /// The series' place, for ``TelemetryReader/key(at:)``: one that has a key.
    package let place: Int
    /// Whether it was refused for lack of capacity; the units are then an estimate.
    package let isThrottled: Bool
    /// Read capacity, in thousandths of a unit.
    package let readMilliUnits: UInt64
    /// Write capacity, in thousandths of a unit.
    package let writeMilliUnits: UInt64
    /// A hash of the whole key.
    package let keyHash: UInt64
    /// The whole key's length in bytes, as the writer says.
    package let keyLength: UInt64
    /// The key's first 64 bytes; beyond its length they are meaningless.
    package let text: UnsafeRawPointer

    /// See the properties.
    package init(
        place: Int, isThrottled: Bool, readMilliUnits: UInt64, writeMilliUnits: UInt64, keyHash: UInt64,
        keyLength: UInt64, text: UnsafeRawPointer
    ) {
        self.place = place
        self.isThrottled = isThrottled
        self.readMilliUnits = readMilliUnits
        self.writeMilliUnits = writeMilliUnits
        self.keyHash = keyHash
        self.keyLength = keyLength
        self.text = text
    }
}

/// The first 64 bytes of a text, as rings keep it.
package enum RingText {
    /// How many bytes are kept.
    package static let byteCount = 64

    /// The text; where it was cut, without the character that the cut went through. Bytes that are no UTF-8 are replaced.
    /// - Parameters:
    ///   - start: 64 bytes.
    ///   - length: the whole text's length, which may be more.
    package static func string(_ start: UnsafeRawPointer, length: UInt64) -> String {
        let bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
        guard length > UInt64(byteCount) else { return String(decoding: bytes.prefix(Int(length)), as: UTF8.self) }
        // A character has at most three bytes after its first (RFC 3629).
        let first = (byteCount - 4..<byteCount).last { bytes[$0] & 0xC0 != 0x80 } ?? byteCount
        let isWhole =
            first < byteCount && (bytes[first] < 0x80 || (~bytes[first]).leadingZeroBitCount == byteCount - first)
        return String(decoding: isWhole ? bytes[...] : bytes[..<first], as: UTF8.self)
    }
}
