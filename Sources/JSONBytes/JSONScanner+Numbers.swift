extension JSONScanner {
    /// Reads a number and gives its text exactly as it was written.
    public mutating func readNumberText() throws(JSONError) -> String {
        String(decoding: try readNumberBytes(), as: UTF8.self)
    }

    /// Reads a number and gives its ASCII text, a slice of the input.
    public mutating func readNumberBytes() throws(JSONError) -> ArraySlice<UInt8> {
        _ = try peekByte()
        let start = offset
        try skipNumber()
        return bytes[start..<offset]
    }

    /// Goes past a number that starts here. https://www.rfc-editor.org/rfc/rfc8259#section-6
    mutating func skipNumber() throws(JSONError) {
        if byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
        if byte(at: offset) == UInt8(ascii: "0") {
            offset += 1
        } else {
            try skipDigits()
        }
        if byte(at: offset) == UInt8(ascii: ".") {
            offset += 1
            try skipDigits()
        }
        guard byte(at: offset) | 0x20 == UInt8(ascii: "e") else { return }
        offset += 1
        if byte(at: offset) == UInt8(ascii: "+") || byte(at: offset) == UInt8(ascii: "-") { offset += 1 }
        try skipDigits()
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = offset
        while byte(at: offset) &- UInt8(ascii: "0") < 10 { offset += 1 }
        if offset == start { throw error("a digit was expected") }
    }
}
