internal import AWSCore
public import Tidemark

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Date: AttributeRepresentable {
    /// The text or number of the coder's form of dates.
    ///
    /// - Throws: for a date before the year 0 or after the year 9999, which has no such text.
    public func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue {
        switch coder.dates.form {
        case .iso8601(let digits): return .string(try iso8601(fractionDigits: digits))
        case .epochSeconds: return try wholeNumber(of: timeIntervalSince1970)
        case .epochMilliseconds: return try wholeNumber(of: timeIntervalSince1970 * 1_000)
        }
    }

    /// The text of a coder with the default settings, for expressions; one that is refused for a date that has none.
    public var attributeValue: AttributeValue {
        (try? attributeValue(for: ItemCoder())) ?? .number("a date beyond the year 9999")
    }

    /// Reads the coder's form of dates.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        switch coder.dates.form {
        case .iso8601:
            guard case .string(let text) = attributeValue else { throw Self.mismatch(attributeValue, expected: "S") }
            guard let date = Date(iso8601: text) else {
                throw ItemCodingError(reason: "is a text that is no ISO 8601 date")
            }
            self = date
        case .epochSeconds: self.init(timeIntervalSince1970: try Double(attributeValue: attributeValue, for: coder))
        case .epochMilliseconds:
            self.init(timeIntervalSince1970: try Double(attributeValue: attributeValue, for: coder) / 1_000)
        }
    }

    private func wholeNumber(of value: Double) throws(ItemCodingError) -> AttributeValue {
        guard let number = Int64(exactly: value.rounded(.down)) else { throw Self.outOfRange }
        return .number(number)
    }

    private static let outOfRange = ItemCodingError(reason: "is a date outside of the years 0 to 9999")

    // MARK: ISO 8601

    /// Between the reference date, from which a date counts, and 1970.
    private static let referenceSeconds = Int64(Date.timeIntervalBetween1970AndReferenceDate)

    private func iso8601(fractionDigits: Int) throws(ItemCodingError) -> String {
        let interval = timeIntervalSinceReferenceDate
        guard abs(interval) < 1e12 else { throw Self.outOfRange }
        var whole = interval.rounded(.down)
        var nanoseconds = Self.nanoseconds(of: interval, after: whole)
        if nanoseconds == 1_000_000_000 { (whole, nanoseconds) = (whole + 1, 0) }
        guard let text = Era.text(secondsSince1970: Int64(whole) + Self.referenceSeconds) else {
            throw Self.outOfRange
        }
        guard fractionDigits > 0 else { return text }
        let digits = String(nanoseconds)
        let fraction = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        return text.dropLast() + "." + fraction.prefix(fractionDigits) + "Z"
    }

    /// The fewest digits after the point that give the same date again, as nanoseconds; rounded where nine do not.
    private static func nanoseconds(of interval: Double, after whole: Double) -> Int {
        let fraction = interval - whole
        var step = 1_000_000_000
        while step >= 1 {
            let candidate = Int((fraction * Double(1_000_000_000 / step)).rounded()) * step
            if step == 1 || whole + Double(candidate) / 1e9 == interval { return candidate }
            step /= 10
        }
        return 0
    }

    private init?(iso8601 text: String) {
        guard let (seconds, nanoseconds) = Era.read(text) else { return nil }
        self.init(
            timeIntervalSinceReferenceDate: Double(seconds - Self.referenceSeconds) + Double(nanoseconds) / 1e9)
    }
}

/// Texts of dates beyond the years that a `Timestamp` has. The calendar repeats itself every 400 years, so that the
/// years 0 to 9999 are those from 1700 to 2099 with another year before them.
private enum Era {
    static let years = 400
    static let seconds: Int64 = 146_097 * 86_400
    /// 1700-01-01T00:00:00Z.
    static let start: Int64 = -8_520_336_000

    /// The text without a fraction; nil outside of the years 0 to 9999.
    static func text(secondsSince1970: Int64) -> String? {
        let distance = secondsSince1970 - start
        let era = distance >= 0 ? distance / seconds : (distance - seconds + 1) / seconds
        let text = Timestamp(secondsSince1970: secondsSince1970 - era * seconds).iso8601
        guard let base = Int(text.prefix(4)) else { return nil }
        let year = base + Int(era) * years
        guard (0...9_999).contains(year) else { return nil }
        let digits = String(year)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits + text.dropFirst(4)
    }

    static func read(_ text: String) -> (seconds: Int64, nanoseconds: Int64)? {
        let digits = text.utf8.prefix(4)
        guard digits.count == 4, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let year = Int(text.prefix(4))
        else { return nil }
        let era = (year - 1_700 - (year < 1_700 ? years - 1 : 0)) / years
        guard let time = Timestamp(iso8601: String(year - era * years) + text.dropFirst(4)) else { return nil }
        let whole = time.seconds
        return (whole + Int64(era) * seconds, time.nanosecondsSince1970 - whole * 1_000_000_000)
    }
}
