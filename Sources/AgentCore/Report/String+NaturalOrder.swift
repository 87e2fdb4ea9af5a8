extension String {
    /// Whether this comes before another name where numbers in names count as numbers: AP2 before AP10.
    func precedesNaturally(_ other: String) -> Bool {
        var (left, right) = (self.utf8[...], other.utf8[...])
        while let first = left.first, let second = right.first {
            if Self.isDigit(first), Self.isDigit(second) {
                let (one, two) = (Self.takeNumber(&left), Self.takeNumber(&right))
                if one.count != two.count { return one.count < two.count }
                if !one.elementsEqual(two) { return one.lexicographicallyPrecedes(two) }
            } else if first != second {
                return first < second
            } else {
                left.removeFirst()
                right.removeFirst()
            }
        }
        // Names that differ in leading zeros alone still have one order.
        return left.isEmpty && right.isEmpty ? self < other : left.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// The digits at the beginning, without leading zeros.
    private static func takeNumber(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = text.prefix(while: isDigit)
        text = text[digits.endIndex...]
        return digits.drop { $0 == UInt8(ascii: "0") }
    }
}
