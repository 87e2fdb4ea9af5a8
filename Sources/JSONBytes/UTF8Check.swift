/// Checks UTF-8: no stray or missing continuation, no overlong form, no surrogate, nothing above U+10FFFF.
/// https://www.rfc-editor.org/rfc/rfc3629#section-4
enum UTF8Check {
    /// Offset of the first character in that range that is not valid; nil when all are.
    static func firstInvalid(in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            let lead = bytes[index]
            guard lead >= 0x80 else {
                index += 1
                continue
            }
            guard let form = form(of: lead), index + form.length <= range.upperBound,
                form.second.contains(bytes[index + 1])
            else { return index }
            for place in index + 2..<max(index + 2, index + form.length) where bytes[place] & 0xC0 != 0x80 {
                return index
            }
            index += form.length
        }
        return nil
    }

    /// How many bytes a character with that first byte has, and what its second may be.
    private static func form(of lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
        switch lead {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: nil
        }
    }
}
