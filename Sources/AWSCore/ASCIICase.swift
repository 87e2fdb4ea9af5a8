extension String {
    /// Header names compare so (https://www.rfc-editor.org/rfc/rfc9110#section-5.1); no allocation.
    package func equalsIgnoringASCIICase(_ other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var mine = utf8.makeIterator()
        var theirs = other.utf8.makeIterator()
        while let left = mine.next(), let right = theirs.next() {
            if left.asciiLowercased != right.asciiLowercased { return false }
        }
        return true
    }
}

extension UInt8 {
    @inline(__always)
    package var asciiLowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }

    package var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
