internal import CCrypto

/// Writes bytes one after the other into memory whose size was computed before; more than that is a programmer's error
/// and stops the process instead of writing beyond.
///
/// Signing goes through it: arrays and strings would cost several times the hashing.
package struct ByteWriter {
    private let start: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    package private(set) var count = 0

    package init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        guard let start = memory.baseAddress else {
            preconditionFailure("a buffer of size zero has nothing to write to")
        }
        self.start = start
        capacity = memory.count
    }

    /// What was written so far.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    subscript(range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.upperBound <= count)
        return UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        precondition(count < capacity)
        start[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ character: Unicode.Scalar) {
        append(UInt8(ascii: character))
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(count + bytes.count <= capacity)
        guard let from = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(start + count).copyMemory(from: from, byteCount: bytes.count)
        count += bytes.count
    }

    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func replaceLast(with byte: UInt8) {
        precondition(count > 0)
        start[count - 1] = byte
    }

    mutating func append(hex digest: SHA256Digest) {
        withUnsafeBytes(of: digest.bytes) { bytes in
            for byte in bytes {
                append(Hex.digit(byte >> 4))
                append(Hex.digit(byte & 0xF))
            }
        }
    }
}

/// The 32 bytes of a digest, without an array around them.
struct SHA256Digest {
    var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(of message: UnsafeRawBufferPointer) {
        var context = SHA256_CTX()
        tidemark_sha256_init(&context)
        tidemark_sha256_update(&context, message.baseAddress, message.count)
        self.init(finishing: &context)
    }

    init(finishing context: inout SHA256_CTX) {
        withUnsafeMutableBytes(of: &bytes) {
            tidemark_sha256_final($0.baseAddress?.assumingMemoryBound(to: UInt8.self), &context)
        }
    }

    var array: [UInt8] { withUnsafeBytes(of: bytes) { Array($0) } }
}
