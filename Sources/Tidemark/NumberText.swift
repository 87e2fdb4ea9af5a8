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
        let number = text.utf8.withContiguousStorageIfAvailable { NumberText(utf8: $0) }
        guard let number = number ?? NumberText(Array(text.utf8)[...]) else { return nil }
        self = number
    }

    /// Reads the text's bytes; nil when it is no number, or a number that DynamoDB does not hold.
    package init?(_ text: ArraySlice<UInt8>) {
        guard let number = text.withUnsafeBufferPointer({ NumberText(utf8: $0) }) else { return nil }
        self = number
    }

    private init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        var scan = Scan(text: text)
        let isNegative = scan.takeSign()
        guard scan.takeMantissa(), let written = scan.takeExponent(), scan.place == text.count else { return nil }
        guard scan.first >= 0 else {
            self.significantDigits = 0
            self.exponent = 0
            self.isNegative = false
            return
        }
        self.significantDigits = scan.last - scan.first + 1
        self.exponent = scan.point - scan.first - 1 + written
        self.isNegative = isNegative
        guard significantDigits <= DynamoDBLimits.maximumNumberDigits,
            exponent >= DynamoDBLimits.minimumNumberExponent, exponent <= DynamoDBLimits.maximumNumberExponent
        else { return nil }
    }

    /// Bytes that the number takes in an item: a byte for each two digits, one for the exponent, one for a minus. AWS
    /// gives it as approximately so.
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    package var sizeInBytes: Int {
        significantDigits == 0 ? 1 : (significantDigits + 1) / 2 + 1 + (isNegative ? 1 : 0)
    }

    private struct Scan {
        let text: UnsafeBufferPointer<UInt8>
        /// Place of the next byte.
        var place = 0
        /// Digits before the point.
        var point = 0
        /// The first and the last digit that is not zero, counted among the digits; -1 while there is none.
        var first = -1
        var last = -1

        init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

        private var next: UInt8 { place < text.count ? text[place] : 0 }

        /// Whether a minus stood there; a plus is taken too.
        mutating func takeSign() -> Bool {
            let isMinus = next == UInt8(ascii: "-")
            if isMinus || next == UInt8(ascii: "+") { place += 1 }
            return isMinus
        }

        /// Whether there is a digit at all.
        mutating func takeMantissa() -> Bool {
            let whole = takeDigits(after: 0)
            point = whole
            guard next == UInt8(ascii: ".") else { return whole > 0 }
            place += 1
            return takeDigits(after: whole) > 0
        }

        private mutating func takeDigits(after count: Int) -> Int {
            var digits = count
            while true {
                let digit = next &- UInt8(ascii: "0")
                guard digit < 10 else { return digits }
                if digit > 0 {
                    if first < 0 { first = digits }
                    last = digits
                }
                digits += 1
                place += 1
            }
        }

        /// The exponent, 0 where there is none; nil where it has no digits. It is held at a bound that no sum overflows
        /// and that is out of range in any case, unless the mantissa has as many digits, which none in memory has.
        mutating func takeExponent() -> Int? {
            guard next | 0x20 == UInt8(ascii: "e") else { return 0 }
            place += 1
            let isSmall = takeSign()
            let start = place
            var value = 0
            while next &- UInt8(ascii: "0") < 10 {
                value = min(value * 10 + Int(next - UInt8(ascii: "0")), 1 << 50)
                place += 1
            }
            guard place > start else { return nil }
            return isSmall ? -value : value
        }
    }
}
