/// What DynamoDB makes of a number's text: `[+-]digits[.digits][e[+-]digits]`.
///
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
package struct NumberText: Equatable {
    /// Digits between the first and the last that is not zero; 0 for zero itself.
    package var significantDigits: Int
    /// Decimal exponent of the first significant digit; 0 for zero itself.
    package var exponent: Int
    /// Whether the number is below zero.
    package var isNegative: Bool

    /// Reads the text; nil when it is no number, or a number that DynamoDB does not hold.
    package init?(_ text: String) {
        var scan = Scan(text.utf8[...])
        let isNegative = scan.takeSign()
        guard scan.takeMantissa() else { return nil }
        var written = 0
        if scan.take(UInt8(ascii: "e")) || scan.take(UInt8(ascii: "E")) {
            let isSmall = scan.takeSign()
            guard let digits = scan.takeExponent() else { return nil }
            written = isSmall ? -digits : digits
        }
        guard scan.rest.isEmpty else { return nil }
        guard let first = scan.first, let last = scan.last else {
            self.significantDigits = 0
            self.exponent = 0
            self.isNegative = false
            return
        }
        let point = scan.point ?? scan.digits
        self.significantDigits = last - first + 1
        self.exponent = point - first - 1 + written
        self.isNegative = isNegative
        guard significantDigits <= DynamoDBLimits.maximumNumberDigits,
            (DynamoDBLimits.minimumNumberExponent...DynamoDBLimits.maximumNumberExponent).contains(exponent)
        else { return nil }
    }

    /// Bytes that the number takes in an item: a byte for each two digits, counted in pairs from the decimal point, one
    /// for the exponent, one for a minus. AWS gives it as approximately so.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    package var sizeInBytes: Int {
        significantDigits == 0 ? 1 : (significantDigits + 1) / 2 + 1 + (isNegative ? 1 : 0)
    }

    private struct Scan {
        var rest: Substring.UTF8View
        var digits = 0
        var point: Int?
        var first: Int?
        var last: Int?

        init(_ text: Substring.UTF8View) { rest = text }

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        /// Whether a minus stood there; a plus is taken too.
        mutating func takeSign() -> Bool {
            if take(UInt8(ascii: "-")) { return true }
            _ = take(UInt8(ascii: "+"))
            return false
        }

        mutating func takeMantissa() -> Bool {
            takeDigits()
            if take(UInt8(ascii: ".")) {
                point = digits
                takeDigits()
            }
            return digits > 0
        }

        private mutating func takeDigits() {
            while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                rest.removeFirst()
                if byte != UInt8(ascii: "0") {
                    if first == nil { first = digits }
                    last = digits
                }
                digits += 1
            }
        }

        /// At most five digits, so that no sum can overflow; more than that is out of range in any case.
        mutating func takeExponent() -> Int? {
            var value = 0
            var count = 0
            while let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                rest.removeFirst()
                value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 99_999)
                count += 1
            }
            return count > 0 ? value : nil
        }
    }
}
