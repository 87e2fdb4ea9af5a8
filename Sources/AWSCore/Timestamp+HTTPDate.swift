extension Timestamp {
    /// Reads the `Date` header's form, "Mon, 23 Nov 2026 23:10:00 GMT"; nil for anything else.
    /// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
    public init?(httpDate text: String) {
        let fields = text.split(separator: " ")
        guard fields.count == 6, fields[5] == "GMT", let day = Int(fields[1]), (1...31).contains(day),
            let month = Timestamp.monthNames.firstIndex(of: String(fields[2])),
            let year = Int(fields[3]), (1970...2200).contains(year)
        else { return nil }
        let clock = fields[4].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = Timestamp.daysSince1970(year: year, month: month + 1, day: day)
        self.init(secondsSince1970: Int64(days * 86_400 + hour * 3_600 + minute * 60 + second))
    }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Days of the proleptic Gregorian calendar, counted in eras of 400 years that start in March.
    /// https://howardhinnant.github.io/date_algorithms.html#days_from_civil
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
