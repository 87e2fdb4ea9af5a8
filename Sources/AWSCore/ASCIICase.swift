extension String {
    /// Header names compare so (https://www.rfc-editor.org/rfc/rfc9110#section-5.1); no allocation.
    @inline(__always)
    package func equalsIgnoringASCIICase(_ other: String) -> Bool {
        // Most names that are compared differ in length already.
        utf8.count == other.utf8.count && hasSameLetters(as: other)
    }

    @inline(never)
    private func hasSameLetters(as other: String) -> Bool {
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
