/// Base64 with padding, as DynamoDB writes binaries. https://www.rfc-editor.org/rfc/rfc4648#section-4
package enum Base64 {
    private static let padding = UInt8(ascii: "=")
    private static let notInAlphabet: UInt8 = 0xFF
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: notInAlphabet, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: [UInt8]) -> String {
        let count = encodedCount(of: bytes)
        return String(unsafeUninitializedCapacity: count) { text in
            encode(bytes, into: UnsafeMutableRawBufferPointer(text))
            return count
        }
    }

    /// How many letters the base64 of the bytes has.
    package static func encodedCount(of bytes: [UInt8]) -> Int { (bytes.count + 2) / 3 * 4 }

    /// Fills the text, which has `encodedCount` bytes.
    package static func encode(_ bytes: [UInt8], into text: UnsafeMutableRawBufferPointer) {
        let alphabet = alphabet
        bytes.withUnsafeBufferPointer { bytes in
            alphabet.withUnsafeBufferPointer { alphabet in
                for place in 0..<bytes.count / 3 {
                    let group =
                        UInt32(bytes[3 * place]) << 16 | UInt32(bytes[3 * place + 1]) << 8
                        | UInt32(bytes[3 * place + 2])
                    put(group, of: alphabet, into: text, at: 4 * place)
                }
                let left = bytes.count % 3
                guard left > 0 else { return }
                let first = bytes.count - left
                let group = UInt32(bytes[first]) << 16 | (left > 1 ? UInt32(bytes[first + 1]) << 8 : 0)
                put(group, of: alphabet, into: text, at: text.count - 4)
                text[text.count - 1] = padding
                if left == 1 { text[text.count - 2] = padding }
            }
        }
    }

    /// The bytes, or nil when the text is not base64, lacks its padding, or has bits set that no byte owns.
    package static func decode(_ text: String) -> [UInt8]? { decode(Array(text.utf8)[...]) }

    /// The bytes, or nil when the text is not base64, lacks its padding, or has bits set that no byte owns.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        guard !text.isEmpty else { return [] }
        let padded = text.suffix(2).reversed().prefix { $0 == padding }.count
        let values = values
        return text.withUnsafeBufferPointer { text in
            values.withUnsafeBufferPointer { values in decode(text, padded: padded, values: values) }
        }
    }

    // MARK: Pieces

    @inline(__always)
    private static func put(
        _ group: UInt32, of alphabet: UnsafeBufferPointer<UInt8>, into text: UnsafeMutableRawBufferPointer,
        at place: Int
    ) {
        text[place] = alphabet[Int(group >> 18)]
        text[place + 1] = alphabet[Int(group >> 12 & 63)]
        text[place + 2] = alphabet[Int(group >> 6 & 63)]
        text[place + 3] = alphabet[Int(group & 63)]
    }

    /// Decodes text of whole groups, of which the last has that many letters of padding.
    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>, padded: Int, values: UnsafeBufferPointer<UInt8>
    ) -> [UInt8]? {
        let groups = text.count / 4
        let whole = padded == 0 ? groups : groups - 1
        /// Has a high bit set once a letter is not of the alphabet, or a bit is set that no byte owns.
        var wrong: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: groups * 3) { bytes, initialized in
            for place in 0..<groups {
                let letters = place < whole ? 4 : 4 - padded
                var group: UInt32 = 0
                for letter in 0..<4 {
                    let value = letter < letters ? values[Int(text[4 * place + letter])] : 0
                    wrong |= value & 0xC0
                    group = group << 6 | UInt32(value)
                }
                for byte in 0..<3 {
                    bytes.initializeElement(
                        at: 3 * place + byte, to: UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * byte)))
                }
            }
            for spare in 3 * groups - padded..<3 * groups where bytes[spare] != 0 { wrong = .max }
            initialized = 3 * groups - padded
        }
        return wrong == 0 ? bytes : nil
    }
}
