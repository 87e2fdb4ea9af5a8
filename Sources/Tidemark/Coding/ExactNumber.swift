/// A decimal number as its significant digits and where its point is, so that two texts of one number are equal.
package struct ExactNumber: Equatable {
    /// From the first to the last digit that is not zero; empty for zero.
    private(set) var digits: [UInt8] = []
    /// The power of ten of the last of them.
    private(set) var scale = 0
    private(set) var isNegative = false

    /// Reads what `NumberText` accepts; nil for anything else.
    package init?(_ text: String) {
        guard NumberText(text) != nil else { return nil }
        var isFraction = false
        var exponent = ""
        var isExponent = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
            case _ where isExponent: exponent.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte - UInt8(ascii: "0"))
                if isFraction { scale -= 1 }
            default: break
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            scale += 1
        }
        digits = Array(digits.drop { $0 == 0 })
        scale += Int(exponent) ?? 0
        if digits.isEmpty { (scale, isNegative) = (0, false) }
    }

    /// The number as an integer; nil where it is not whole or does not fit.
    func whole<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
        guard scale >= 0 else { return nil }
        var value: Integer = 0
        for digit in digits + [UInt8](repeating: 0, count: scale) {
            let shifted = value.multipliedReportingOverflow(by: 10)
            // Downwards for what is below zero: the smallest number has no counterpart above it.
            let next =
                isNegative
                ? shifted.partialValue.subtractingReportingOverflow(Integer(digit))
                : shifted.partialValue.addingReportingOverflow(Integer(digit))
            guard !shifted.overflow, !next.overflow else { return nil }
            value = next.partialValue
        }
        return value
    }
}
