/// What a DynamoDB number is worth, exactly: "1", "1.0" and "10e-1" are one and the same number here.
///
/// Zero, or 1E-130 to 9.99…E+125 above and below it, with up to 38 significant digits; nothing passes through floating
/// point. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
public struct DynamoDBNumber: Sendable, Hashable {
    /// Whether the number is below zero.
    public let isNegative: Bool
    /// The digits without the zeros at their end, as an integer; 0 for zero itself.
    let significand: UInt128
    /// The power of ten that the significand is multiplied by; 0 for zero itself.
    let exponent: Int16
    /// How many digits the significand has; 0 for zero itself.
    let digits: Int16

    /// Zero.
    fileprivate init() {
        isNegative = false
        significand = 0
        exponent = 0
        digits = 0
    }

    /// Reads `[+-]digits[.digits][e[+-]digits]`; nil for other text, and for a number that DynamoDB does not hold.
    public init?(_ text: String) {
        guard let number = NumberText(text) else { return nil }
        var significand: UInt128 = 0
        var left = number.significantDigits
        for byte in text.utf8 {
            guard left > 0 else { break }
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10, significand > 0 || digit > 0 else { continue }
            significand = significand * 10 + UInt128(digit)
            left -= 1
        }
        self.isNegative = number.isNegative
        self.significand = significand
        self.digits = Int16(number.significantDigits)
        self.exponent = Int16(number.significantDigits == 0 ? 0 : number.exponent - number.significantDigits + 1)
    }

    /// An integer; nil for one of more than 38 significant digits.
    public init?(exactly value: some BinaryInteger) { self.init(String(value)) }

    /// The shortest decimal number that reads back as the same Double; nil for NaN, the infinities and what is out of
    /// range.
    public init?(approximately value: Double) { self.init(value.description) }

    /// The number as an integer of that type; nil where it has a fraction or does not fit.
    public func integer<Integer: FixedWidthInteger>(as type: Integer.Type = Integer.self) -> Integer? {
        guard exponent >= 0 else { return nil }
        var value: Integer = 0
        for digit in significand.description.utf8 {
            guard let next = DynamoDBNumber.appending(Integer(digit - UInt8(ascii: "0")), to: value, isNegative)
            else { return nil }
            value = next
        }
        for _ in 0..<(significand == 0 ? 0 : exponent) {
            guard let next = DynamoDBNumber.appending(0, to: value, isNegative) else { return nil }
            value = next
        }
        return value
    }

    /// The nearest Double, which may not be the exact number.
    public var doubleValue: Double { Double("\(isNegative ? "-" : "")\(significand)e\(exponent)") ?? .nan }

    /// Downwards for numbers below zero, since the smallest integer has no counterpart above.
    private static func appending<Integer: FixedWidthInteger>(
        _ digit: Integer, to value: Integer, _ isNegative: Bool
    ) -> Integer? {
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        let (next, carry) =
            isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
        return carry ? nil : next
    }
}

extension DynamoDBNumber: Comparable {
    /// Orders by worth.
    public static func < (left: DynamoDBNumber, right: DynamoDBNumber) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        return left.isNegative ? right.isNearerToZero(than: left) : left.isNearerToZero(than: right)
    }

    private func isNearerToZero(than other: DynamoDBNumber) -> Bool {
        guard significand != 0, other.significand != 0 else { return significand == 0 && other.significand != 0 }
        let (own, others) = (exponent + digits, other.exponent + other.digits)
        guard own == others else { return own < others }
        return leadingDigits < other.leadingDigits
    }

    /// The significand with zeros up to 38 digits, all that a number can have.
    private var leadingDigits: UInt128 {
        (Int(digits)..<DynamoDBLimits.maximumNumberDigits).reduce(significand) { digits, _ in digits * 10 }
    }
}

extension DynamoDBNumber: CustomStringConvertible {
    /// The number's one canonical text: "-12.5", "1000", "0.001"; with an exponent where zeros would make it longer than
    /// 40 digits: "1.5E+100".
    public var description: String {
        guard significand != 0 else { return "0" }
        let sign = isNegative ? "-" : ""
        let text = significand.description
        let whole = text.count + Int(exponent)
        if exponent >= 0, whole <= 40 { return sign + text + String(repeating: "0", count: Int(exponent)) }
        if exponent < 0, whole > 0 { return sign + text.prefix(whole) + "." + text.dropFirst(whole) }
        if exponent < 0, exponent >= -40 { return sign + "0." + String(repeating: "0", count: -whole) + text }
        let fraction = text.count > 1 ? "." + text.dropFirst() : ""
        return "\(sign)\(text.prefix(1))\(fraction)E\(whole > 0 ? "+" : "")\(whole - 1)"
    }
}

extension DynamoDBNumber: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int) {
        // Every Int has fewer than 38 digits.
        self = DynamoDBNumber(exactly: value) ?? DynamoDBNumber()
    }
}

extension AttributeValue {
    /// The value as DynamoDB compares keys: a number in its canonical text, anything else as it is.
    package var canonicalKey: AttributeValue {
        guard case .number(let text) = self, let number = DynamoDBNumber(text) else { return self }
        return .number(number.description)
    }
}

extension Item {
    /// The key as DynamoDB compares keys, so that two spellings of one number are one key.
    package var canonicalKey: Item { mapValues(\.canonicalKey) }
}
