/// A decimal number of any length, for sums and products that must lose nothing.
struct ExactDecimal: Hashable, Comparable {
    private(set) var isNegative: Bool
    /// The digits without the point, the lowest first, no zeros at the high end; empty for zero.
    private var digits: [UInt8]
    /// Digits behind the point.
    private(set) var scale: Int

    /// More digits than MySQL's own arithmetic has; text with more of them is no number here.
    static let mostDigits = 200

    /// Reads `[+-]digits[.digits][e[+-]digits]`.
    init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        let mantissa = bytes.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        var exponent = 0
        if mantissa.count < bytes.count {
            guard let written = Int(String(decoding: bytes[mantissa.endIndex...].dropFirst(), as: UTF8.self)) else {
                return nil
            }
            exponent = written
        }
        let parts = mantissa.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, abs(exponent) <= Self.mostDigits, mantissa.count <= Self.mostDigits else { return nil }
        let all = parts.joined()
        guard !all.isEmpty, all.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        var digits = Array(all.map { $0 - 0x30 }.reversed())
        var scale = (parts.count == 2 ? parts[1].count : 0) - exponent
        if scale < 0 {
            digits.insert(contentsOf: repeatElement(0, count: -scale), at: 0)
            scale = 0
        }
        self.init(isNegative: isNegative, digits: digits, scale: scale)
    }

    init(_ value: Int) {
        self.init(
            isNegative: value < 0, digits: String(value.magnitude).utf8.reversed().map { $0 - 0x30 }, scale: 0)
    }

    private init(isNegative: Bool, digits: [UInt8], scale: Int) {
        var digits = digits
        while digits.last == 0 { digits.removeLast() }
        self.digits = digits
        self.scale = scale
        self.isNegative = isNegative && !digits.isEmpty
    }

    var isZero: Bool { digits.isEmpty }

    /// The number with all of its digits behind the point: "19.90".
    var text: String {
        var all = digits
        if all.count <= scale { all += repeatElement(0, count: scale + 1 - all.count) }
        let letters = all.reversed().map { $0 + 0x30 }
        let whole = String(decoding: letters.dropLast(scale), as: UTF8.self)
        let fraction = String(decoding: letters.suffix(scale), as: UTF8.self)
        return (isNegative ? "-" : "") + whole + (scale > 0 ? "." + fraction : "")
    }

    /// The number with so many digits behind the point, half rounded away from zero as MySQL does; with fewer than none, whole tens,
    /// hundreds and so on.
    func rounded(to places: Int) -> ExactDecimal {
        guard places < scale else {
            return ExactDecimal(isNegative: isNegative, digits: aligned(to: places), scale: places)
        }
        let dropped = scale - places
        let kept = Array(digits.dropFirst(dropped))
        let isUp = dropped <= digits.count && digits[dropped - 1] >= 5
        let rounded = isUp ? Self.add(kept, [1]) : kept
        return ExactDecimal(
            isNegative: isNegative, digits: [UInt8](repeating: 0, count: max(0, -places)) + rounded,
            scale: max(0, places))
    }

    /// Whether rounding to so many digits behind the point loses nothing.
    func fits(_ places: Int) -> Bool { rounded(to: places) == self }

    static func == (left: ExactDecimal, right: ExactDecimal) -> Bool { !(left < right) && !(right < left) }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isNegative)
        hasher.combine(digits.drop { $0 == 0 })
    }

    static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        let scale = max(left.scale, right.scale)
        let (one, other) = (left.aligned(to: scale), right.aligned(to: scale))
        return left.isNegative ? precedes(other, one) : precedes(one, other)
    }

    static func + (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        let scale = max(left.scale, right.scale)
        let (one, other) = (left.aligned(to: scale), right.aligned(to: scale))
        if left.isNegative == right.isNegative {
            return ExactDecimal(isNegative: left.isNegative, digits: add(one, other), scale: scale)
        }
        return precedes(one, other)
            ? ExactDecimal(isNegative: right.isNegative, digits: subtract(one, from: other), scale: scale)
            : ExactDecimal(isNegative: left.isNegative, digits: subtract(other, from: one), scale: scale)
    }

    static prefix func - (value: ExactDecimal) -> ExactDecimal {
        ExactDecimal(isNegative: !value.isNegative, digits: value.digits, scale: value.scale)
    }

    static func * (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        var product = [UInt8](repeating: 0, count: left.digits.count + right.digits.count + 1)
        for (place, digit) in left.digits.enumerated() {
            var carry = 0
            for (other, factor) in right.digits.enumerated() {
                let sum = Int(product[place + other]) + Int(digit) * Int(factor) + carry
                product[place + other] = UInt8(sum % 10)
                carry = sum / 10
            }
            product[place + right.digits.count] += UInt8(carry)
        }
        return ExactDecimal(
            isNegative: left.isNegative != right.isNegative, digits: product, scale: left.scale + right.scale)
    }

    /// The quotient with four digits behind the point more than the dividend, as MySQL's; nil for a division by zero.
    /// https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_div_precision_increment
    func divided(by divisor: ExactDecimal) -> ExactDecimal? {
        guard !divisor.isZero else { return nil }
        let places = scale + 4
        // One digit more, to round by.
        let dividend = ExactDecimal(isNegative: false, digits: digits, scale: scale).aligned(
            to: places + 1 + divisor.scale)
        let quotient = Self.quotient(of: dividend, by: divisor.digits)
        return ExactDecimal(
            isNegative: isNegative != divisor.isNegative, digits: quotient, scale: places + 1
        ).rounded(to: places)
    }

    /// What a division to a whole number leaves, with the dividend's sign; nil for a division by zero.
    func remainder(by divisor: ExactDecimal) -> ExactDecimal? {
        guard !divisor.isZero else { return nil }
        let places = max(scale, divisor.scale)
        let quotient = Self.quotient(of: aligned(to: places), by: divisor.aligned(to: places))
        let whole = ExactDecimal(isNegative: isNegative != divisor.isNegative, digits: quotient, scale: 0)
        return self + -(whole * divisor)
    }

    // MARK: Digits

    private func aligned(to scale: Int) -> [UInt8] {
        digits.isEmpty ? [] : [UInt8](repeating: 0, count: max(0, scale - self.scale)) + digits
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count
            ? left.reversed().lexicographicallyPrecedes(right.reversed()) : left.count < right.count
    }

    private static func add(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var sum: [UInt8] = []
        var carry: UInt8 = 0
        for place in 0..<max(left.count, right.count) + 1 {
            let digit = (place < left.count ? left[place] : 0) + (place < right.count ? right[place] : 0) + carry
            sum.append(digit % 10)
            carry = digit / 10
        }
        return sum
    }

    private static func subtract(_ small: [UInt8], from large: [UInt8]) -> [UInt8] {
        var borrow: Int8 = 0
        return large.enumerated().map { place, digit in
            let left = Int8(digit) - (place < small.count ? Int8(small[place]) : 0) - borrow
            borrow = left < 0 ? 1 : 0
            return UInt8(left < 0 ? left + 10 : left)
        }
    }

    private static func quotient(of dividend: [UInt8], by divisor: [UInt8]) -> [UInt8] {
        var quotient: [UInt8] = []
        var rest: [UInt8] = []
        for digit in dividend.reversed() {
            if !(rest.isEmpty && digit == 0) { rest.insert(digit, at: 0) }
            var count: UInt8 = 0
            while !precedes(rest, divisor) {
                rest = subtract(divisor, from: rest)
                while rest.last == 0 { rest.removeLast() }
                count += 1
            }
            quotient.append(count)
        }
        return quotient.reversed()
    }
}
