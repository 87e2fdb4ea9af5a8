/// Everything here starts behind a string's opening quote.
extension JSONScanner {
    /// Reads a string up to its closing quote.
    mutating func readText() throws(JSONError) -> String {
        let start = offset
        let plain = PlainText.run(in: bytes, from: start)
        guard byte(at: plain.end) == UInt8(ascii: "\"") else {
            return String(decoding: try readEscapedBytes(from: start, plainTo: plain.end), as: UTF8.self)
        }
        if !plain.isASCII { try checkUTF8(in: start..<plain.end) }
        offset = plain.end + 1
        // `String(validating:)` costs ten times as much: it looks up its generic types at run time.
        return bytes.withUnsafeBufferPointer { bytes in
            String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<plain.end]), as: UTF8.self)
        }
    }

    /// Reads a string up to its closing quote as UTF-8 that is valid.
    mutating func readTextBytes() throws(JSONError) -> ArraySlice<UInt8> {
        let start = offset
        let plain = PlainText.run(in: bytes, from: start)
        guard byte(at: plain.end) == UInt8(ascii: "\"") else {
            return try readEscapedBytes(from: start, plainTo: plain.end)[...]
        }
        if !plain.isASCII { try checkUTF8(in: start..<plain.end) }
        offset = plain.end + 1
        return bytes[start..<plain.end]
    }

    /// Goes past a string's closing quote.
    mutating func skipText() throws(JSONError) { _ = try readTextBytes() }

    /// A short name as one number: its letters as bytes, the last one lowest; 0 for a name of none or more than four.
    mutating func readTag() throws(JSONError) -> UInt32 {
        var tag: UInt32 = 0
        for length in 0...4 {
            let next = byte(at: offset + length)
            if next == UInt8(ascii: "\"") {
                offset += length + 1
                return tag
            }
            guard next >= 0x20, next < 0x80, next != UInt8(ascii: "\\") else { break }
            tag = tag << 8 | UInt32(next)
        }
        let name = try readTextBytes()
        return name.count > 4 ? 0 : name.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func checkUTF8(in range: Range<Int>) throws(JSONError) {
        let invalid = bytes.withUnsafeBufferPointer { UTF8Check.firstInvalid(in: $0, range) }
        guard let invalid else { return }
        throw JSONError(offset: invalid, in: bytes, reason: "the string is not valid UTF-8")
    }

    // MARK: Escapes

    private mutating func readEscapedBytes(from start: Int, plainTo firstStop: Int) throws(JSONError) -> [UInt8] {
        var text: [UInt8] = []
        var runStart = start
        var stop = firstStop
        while stop < bytes.count {
            if stop > runStart {
                try checkUTF8(in: runStart..<stop)
                text.append(contentsOf: bytes[runStart..<stop])
            }
            offset = stop + 1
            if bytes[stop] == UInt8(ascii: "\"") { return text }
            guard bytes[stop] == UInt8(ascii: "\\") else {
                offset = stop
                throw error("a control character must be escaped in a string")
            }
            try readEscape(into: &text)
            runStart = offset
            stop = PlainText.run(in: bytes, from: runStart).end
        }
        offset = bytes.count
        throw error("the string does not end")
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(JSONError) {
        guard offset < bytes.count else { throw error("the string does not end") }
        let letter = bytes[offset]
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): try readUnicodeEscape(into: &text)
        default:
            offset -= 1
            throw error("an unknown escape")
        }
    }

    private mutating func readUnicodeEscape(into text: inout [UInt8]) throws(JSONError) {
        var code = try readHexUnit()
        if (0xD800..<0xDC00).contains(code) {
            guard byte(at: offset) == UInt8(ascii: "\\"), byte(at: offset + 1) == UInt8(ascii: "u") else {
                throw error("the second half of a surrogate pair was expected")
            }
            offset += 2
            let low = try readHexUnit()
            guard (0xDC00..<0xE000).contains(low) else {
                throw error("the second half of a surrogate pair was expected")
            }
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair is no character") }
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func readHexUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let next = byte(at: offset)
            let digit: UInt8
            switch next {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = next - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = next - UInt8(ascii: "A") + 10
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = next - UInt8(ascii: "a") + 10
            default: throw error("four hexadecimal digits were expected")
            }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }
}
