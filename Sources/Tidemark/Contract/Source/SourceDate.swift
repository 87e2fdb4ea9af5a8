/// A date of the source, with or without a time of day, in no zone of its own; MySQL keeps a TIMESTAMP in UTC.
public struct SourceDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let year: Int
    public let month: Int
    public let day: Int
    public let hour: Int
    public let minute: Int
    public let second: Int
    /// Millionths of a second.
    public let microsecond: Int
    /// Whether it has a time of day: a DATE has none.
    public let hasTime: Bool

    /// A day; nil for one that the calendar has not.
    public init?(year: Int, month: Int, day: Int) {
        self.init(year: year, month: month, day: day, seconds: 0, microsecond: 0, hasTime: false)
    }

    /// A moment; nil for one that calendar or clock have not.
    public init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int = 0) {
        guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second) else { return nil }
        self.init(
            year: year, month: month, day: day, seconds: hour * 3_600 + minute * 60 + second, microsecond: microsecond,
            hasTime: true)
    }

    private init?(year: Int, month: Int, day: Int, seconds: Int, microsecond: Int, hasTime: Bool) {
        guard (0...9_999).contains(year), (1...12).contains(month), (0..<1_000_000).contains(microsecond),
            (1...SourceDate.days(inMonth: month, of: year)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = seconds / 3_600
        self.minute = seconds / 60 % 60
        self.second = seconds % 60
        self.microsecond = microsecond
        self.hasTime = hasTime
    }

    /// The moment so many seconds after 1970 began, in UTC; nil outside of the years 0 to 9999.
    public init?(secondsSince1970 seconds: Int, microsecond: Int = 0) {
        let day = seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)
        self.init(day: day, seconds: seconds - day * 86_400, microsecond: microsecond, hasTime: true)
    }

    private init?(day: Int, seconds: Int, microsecond: Int, hasTime: Bool) {
        let (year, month, number) = SourceDate.civil(day: day)
        self.init(year: year, month: month, day: number, seconds: seconds, microsecond: microsecond, hasTime: hasTime)
    }

    /// Seconds since 1970 began, taken as UTC.
    public var secondsSince1970: Int {
        SourceDate.day(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    }

    /// As MySQL prints it: "2026-11-26", "2026-11-26 17:30:00", "2026-11-26 17:30:00.250".
    public var description: String { hasTime ? "\(dateText) \(timeText)" : dateText }

    var dateText: String { "\(Digits.text(year, 4))-\(Digits.text(month, 2))-\(Digits.text(day, 2))" }

    var timeText: String {
        "\(Digits.text(hour, 2)):\(Digits.text(minute, 2)):\(Digits.text(second, 2))\(fractionText)"
    }

    /// The point and the digits of the second, without zeros at their end; "" for none.
    private var fractionText: String {
        guard microsecond > 0 else { return "" }
        var digits = Digits.text(microsecond, 6)
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }

    /// Orders by time; a day begins at midnight.
    public static func < (left: SourceDate, right: SourceDate) -> Bool {
        (left.secondsSince1970, left.microsecond) < (right.secondsSince1970, right.microsecond)
    }

    /// The same with a time of day: that of a day is midnight.
    var atMidnight: SourceDate {
        hasTime ? self : SourceDate(secondsSince1970: secondsSince1970) ?? self
    }

    // MARK: Arithmetic

    /// The same moment so many seconds later; nil where the calendar ends.
    func adding(seconds: Int) -> SourceDate? {
        let (sum, overflow) = secondsSince1970.addingReportingOverflow(seconds)
        guard !overflow, let moved = SourceDate(secondsSince1970: sum, microsecond: microsecond) else { return nil }
        guard !hasTime, seconds % 86_400 == 0 else { return moved }
        return SourceDate(year: moved.year, month: moved.month, day: moved.day)
    }

    /// The same day so many months later, or that month's last; nil where the calendar ends.
    func adding(months: Int) -> SourceDate? {
        let (count, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
        guard !overflow, count >= 0 else { return nil }
        let (year, month) = (count / 12, count % 12 + 1)
        guard year <= 9_999 else { return nil }
        return SourceDate(
            year: year, month: month, day: min(day, SourceDate.days(inMonth: month, of: year)),
            seconds: hour * 3_600 + minute * 60 + second, microsecond: microsecond, hasTime: hasTime)
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // Days of the proleptic Gregorian calendar: https://howardhinnant.github.io/date_algorithms.html

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(day: Int) -> (Int, Int, Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

/// Decimal digits of small numbers.
enum Digits {
    static func text(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
