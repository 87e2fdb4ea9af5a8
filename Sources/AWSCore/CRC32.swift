/// The checksum of `x-amz-crc32`: CRC-32 of IEEE 802.3, eight bytes a step.
package enum CRC32 {
    /// The checksum of the bytes.
    package static func checksum(_ bytes: [UInt8]) -> UInt32 { checksum(bytes[...]) }

    /// The checksum of a part of an array, which is not copied.
    package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { input in
            tables.withUnsafeBufferPointer { tables in
                var crc: UInt32 = 0xFFFF_FFFF
                var offset = 0
                while offset + 8 <= input.count {
                    let word = UInt64(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    crc = step(word ^ UInt64(crc), tables)
                    offset += 8
                }
                while offset < input.count {
                    crc = tables[Int((crc ^ UInt32(input[offset])) & 0xFF)] ^ (crc >> 8)
                    offset += 1
                }
                return crc ^ 0xFFFF_FFFF
            }
        }
    }

    private static func step(_ mixed: UInt64, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
        var crc: UInt32 = 0
        for byte in 0..<8 { crc ^= tables[(7 - byte) * 256 + Int((mixed >> UInt64(byte * 8)) & 0xFF)] }
        return crc
    }

    /// Table k holds what one byte does to the checksum k bytes later.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var crc = UInt32(index)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
            tables[index] = crc
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = tables[Int(previous & 0xFF)] ^ (previous >> 8)
        }
        return tables
    }()
}
