extension Timestamp {
    /// Reads the end of credentials in the forms that tools write it in and botocore takes: as `iso8601`, and also with a blank
    /// between date and time, without punctuation (`20261123T231000Z`), without seconds, with a fraction of any length, `UTC` or
    /// `GMT`, offsets such as `+0000` and `+00`; a time without a zone is one of UTC. Nil for anything else.
    init?(expiry text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let date = CivilDate(readingLoosely: &reader) else { return nil }
        let fraction = reader.takeAnyFraction()
        while reader.skip(" ") {}
        guard let fraction, let offset = reader.isAtEnd ? 0 : reader.takeAnyZone(), reader.isAtEnd else { return nil }
        self.init(date, fraction: fraction, secondsEast: offset)
    }
}

extension CivilDate {
    fileprivate init?(readingLoosely reader: inout DigitReader) {
        guard let year = reader.take(digits: 4) else { return nil }
        let isPunctuated = reader.skip("-")
        guard let month = reader.take(digits: 2), reader.skip("-") == isPunctuated, let day = reader.take(digits: 2),
            reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.take(digits: 2),
            reader.skip(":") == isPunctuated, let minute = reader.take(digits: 2)
        else { return nil }
        var second = 0
        if isPunctuated ? reader.skip(":") : reader.isAtDigit {
            guard let read = reader.take(digits: 2) else { return nil }
            second = read
        }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }
}

extension DigitReader {
    /// Nanoseconds after a point or comma, digits beyond them cut off; nil where no digit follows it.
    fileprivate mutating func takeAnyFraction() -> Int64? {
        guard skip(".") || skip(",") else { return 0 }
        guard isAtDigit else { return nil }
        var (nanoseconds, unit) = (Int64(0), Int64(100_000_000))
        while let digit = take(digits: 1) {
            nanoseconds += Int64(digit) * unit
            unit /= 10
        }
        return nanoseconds
    }

    /// Seconds east of UTC.
    fileprivate mutating func takeAnyZone() -> Int? {
        if skip("Z") || skip("z") || skip("UTC") || skip("GMT") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = take(digits: 2), hours < 24 else { return nil }
        var minutes = 0
        if skip(":") || isAtDigit {
            guard let read = take(digits: 2), read < 60 else { return nil }
            minutes = read
        }
        return (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
    }
}
