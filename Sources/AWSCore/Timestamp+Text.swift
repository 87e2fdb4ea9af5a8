extension Timestamp: CustomStringConvertible {
    /// Whole seconds in the form `2026-11-23T23:10:00Z`; fractions are cut off.
    public var iso8601: String {
        let date = CivilDate(secondsSince1970: seconds)
        return String(unsafeUninitializedCapacity: 20) { buffer in
            date.writeDay(into: buffer, at: 0, separator: UInt8(ascii: "-"))
            buffer[10] = UInt8(ascii: "T")
            date.writeTime(into: buffer, at: 11, separator: UInt8(ascii: ":"))
            buffer[19] = UInt8(ascii: "Z")
            return 20
        }
    }

    /// The form that AWS signs, `20261123T231000Z`.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-date-handling.html
    public var amzDate: String {
        String(unsafeUninitializedCapacity: Timestamp.amzDateLength) { buffer in
            writeAmzDate(into: buffer)
            return Timestamp.amzDateLength
        }
    }

    static let amzDateLength = 16

    /// Writes the 16 bytes of `amzDate` to the start of the buffer.
    func writeAmzDate(into buffer: UnsafeMutableBufferPointer<UInt8>) {
        let date = CivilDate(secondsSince1970: seconds)
        date.writeDay(into: buffer, at: 0, separator: nil)
        buffer[8] = UInt8(ascii: "T")
        date.writeTime(into: buffer, at: 9, separator: nil)
        buffer[15] = UInt8(ascii: "Z")
    }

    /// The ISO 8601 form.
    public var description: String { iso8601 }

    /// Reads `2026-11-23T23:10:00Z`, with an optional fraction of up to nine digits and `Z` or an offset such as
    /// `+01:00`; nil for anything else. A time beyond the range becomes the range's end.
    public init?(iso8601 text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let date = CivilDate(reading: &reader), let fraction = reader.takeFraction(),
            let offset = reader.takeZone(), reader.isAtEnd
        else { return nil }
        self.init(date, fraction: fraction, secondsEast: offset)
    }

    /// A date's moment; the range's end where it is beyond it.
    init(_ date: CivilDate, fraction: Int64, secondsEast: Int) {
        self = Timestamp(secondsSince1970: date.secondsSince1970 - Int64(secondsEast))
            .advanced(by: .nanoseconds(fraction))
    }
}

/// A UTC date of the proleptic Gregorian calendar, years 0 to 9999.
/// The arithmetic is https://howardhinnant.github.io/date_algorithms.html.
struct CivilDate: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    init(secondsSince1970 seconds: Int64) {
        let days = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let secondOfDay = Int(seconds - Int64(days) * 86_400)
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = secondOfDay / 3_600
        minute = secondOfDay % 3_600 / 60
        second = secondOfDay % 60
    }

    /// Reads `2026-11-23T23:10:00` and refuses days that the month does not have.
    fileprivate init?(reading reader: inout DigitReader) {
        guard let year = reader.take(digits: 4), reader.skip("-"), let month = reader.take(digits: 2),
            reader.skip("-"), let day = reader.take(digits: 2), reader.skip("T"), let hour = reader.take(digits: 2),
            reader.skip(":"), let minute = reader.take(digits: 2), reader.skip(":"),
            let second = reader.take(digits: 2)
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// A date and time that there is; nil for any other.
    init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1...12).contains(month), (1...CivilDate.days(ofMonth: month, year: year)).contains(day), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    private static func days(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    var secondsSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return Int64(days * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    func writeDay(into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int, separator: UInt8?) {
        CivilDate.write(year / 100, into: buffer, at: start)
        CivilDate.write(year % 100, into: buffer, at: start + 2)
        CivilDate.write(month, day, into: buffer, at: start + 4, separator: separator)
    }

    func writeTime(into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int, separator: UInt8?) {
        CivilDate.write(hour, into: buffer, at: start)
        CivilDate.write(minute, second, into: buffer, at: start + 2, separator: separator)
    }

    private static func write(
        _ first: Int, _ second: Int, into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int, separator: UInt8?
    ) {
        guard let separator else {
            write(first, into: buffer, at: start)
            write(second, into: buffer, at: start + 2)
            return
        }
        buffer[start] = separator
        write(first, into: buffer, at: start + 1)
        buffer[start + 3] = separator
        write(second, into: buffer, at: start + 4)
    }

    private static func write(_ number: Int, into buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10 % 10)
        buffer[start + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
    }
}
