import AWSCore

/// Numbers and texts packed into bytes: LEB128 for integers, a length before each text.
struct BlobWriter {
    fileprivate(set) var bytes: [UInt8] = []

    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small negative numbers stay short (zigzag).
    mutating func append(signed number: Int64) {
        append(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
    }

    mutating func append(_ number: Double) {
        let bits = number.bitPattern
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }

    /// A number that is never negative and mostly a short decimal: in `1 / scale` where that is exact, else as it is.
    mutating func append(_ number: Double, scale: Double) {
        let scaled = (number * scale).rounded()
        guard number.sign == .plus, scaled < 0x1p53, scaled / scale == number else {
            append(UInt64(1))
            return append(number)
        }
        append(UInt64(scaled) << 1)
    }

    mutating func append(_ text: String) {
        append(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A column of numbers: its length, then each.
    mutating func append(column: [UInt64]) {
        append(UInt64(column.count))
        for number in column { append(number) }
    }
}

extension BlobWriter {
    /// Gives the bytes and their CRC-32, without a copy, and starts over: a bit that flips on a disk is noticed, not counted.
    mutating func seal() -> [UInt8] {
        var blob: [UInt8] = []
        swap(&blob, &bytes)
        let sum = CRC32.checksum(blob[...])
        for byte in 0..<4 { blob.append(UInt8(truncatingIfNeeded: sum >> UInt32(8 * byte))) }
        return blob
    }

    /// Makes room for that many bytes and a checksum.
    mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count + 4) }

    mutating func append(contentsOf other: BlobWriter) { bytes.append(contentsOf: other.bytes) }

    mutating func append(bytes list: [UInt8]) {
        append(UInt64(list.count))
        bytes.append(contentsOf: list)
    }
}

/// A blob that is cut short, holds a number out of range, or is not what its checksum says.
struct BlobError: Error {}

extension BlobReader {
    /// Reads a blob that was sealed, once its checksum is found right.
    init(sealed blob: [UInt8]) throws(BlobError) {
        guard blob.count >= 4 else { throw BlobError() }
        let end = blob.count - 4
        let sum = CRC32.checksum(blob[..<end])
        for (place, byte) in blob[end...].enumerated()
        where byte != UInt8(truncatingIfNeeded: sum >> UInt32(8 * place)) {
            throw BlobError()
        }
        self.init(blob, end: end)
    }

    mutating func byteList() throws(BlobError) -> [UInt8] {
        let length = try count(below: end + 1)
        guard end - position >= length else { throw BlobError() }
        defer { position += length }
        return Array(bytes[position..<(position + length)])
    }
}

/// Reads what `BlobWriter` wrote; never past the end.
struct BlobReader {
    fileprivate let bytes: [UInt8]
    /// Where what is to be read ends: before the checksum.
    fileprivate let end: Int
    fileprivate var position = 0

    init(_ bytes: [UInt8]) { self.init(bytes, end: bytes.count) }

    fileprivate init(_ bytes: [UInt8], end: Int) { (self.bytes, self.end) = (bytes, end) }

    var isAtEnd: Bool { position == end }

    mutating func number() throws(BlobError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
        throw BlobError()
    }

    mutating func signed() throws(BlobError) -> Int64 {
        let raw = try number()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    mutating func double() throws(BlobError) -> Double {
        guard end - position >= 8 else { throw BlobError() }
        var bits: UInt64 = 0
        for index in 0..<8 { bits |= UInt64(bytes[position + index]) << UInt64(8 * index) }
        position += 8
        return Double(bitPattern: bits)
    }

    mutating func double(scale: Double) throws(BlobError) -> Double {
        let raw = try number()
        if raw == 1 { return try double() }
        guard raw.isMultiple(of: 2) else { throw BlobError() }
        return Double(raw >> 1) / scale
    }

    /// A length or index below `limit`, so that a damaged blob cannot ask for all memory.
    mutating func count(below limit: Int) throws(BlobError) -> Int {
        let raw = try number()
        guard raw < UInt64(limit) else { throw BlobError() }
        return Int(raw)
    }

    mutating func text() throws(BlobError) -> String {
        let length = try count(below: end + 1)
        guard end - position >= length else { throw BlobError() }
        defer { position += length }
        return String(decoding: bytes[position..<(position + length)], as: UTF8.self)
    }

    mutating func column() throws(BlobError) -> [UInt64] {
        let length = try count(below: end + 1)
        var result: [UInt64] = []
        result.reserveCapacity(length)
        for _ in 0..<length { result.append(try number()) }
        return result
    }
}
