internal import ContractModel

extension SourceDate {
    /// The date as a contract's format writes it; nil where the format is none. What is beyond a format's fields is cut off.
    func text(in format: DateFormat) -> String? {
        switch format.form {
        case .iso8601: hasTime ? "\(dateText)T\(timeText)Z" : dateText
        case .database: description
        case .epochSeconds: String(secondsSince1970)
        case .epochMilliseconds: String(secondsSince1970 * 1_000 + microsecond / 1_000)
        case .pieces(let pieces): pieces.map(text(of:)).joined()
        case .unreadable: nil
        }
    }

    private func text(of piece: DateFormat.Piece) -> String {
        switch piece {
        case .year: Digits.text(year, 4)
        case .yearOfCentury: Digits.text(year % 100, 2)
        case .month: Digits.text(month, 2)
        case .day: Digits.text(day, 2)
        case .hour: Digits.text(hour, 2)
        case .minute: Digits.text(minute, 2)
        case .second: Digits.text(second, 2)
        case .fraction(let digits):
            String((Digits.text(microsecond, 6) + String(repeating: "0", count: max(0, digits - 6))).prefix(digits))
        case .zone: "Z"
        case .literal(let text): text
        }
    }

    /// Reads a date in a contract's format; nil for other text. A text with a zone is brought to UTC.
    init?(_ text: String, in format: DateFormat) {
        switch format.form {
        case .iso8601, .database: self.init(text)
        case .epochSeconds:
            guard let seconds = Int(text) else { return nil }
            self.init(secondsSince1970: seconds)
        case .epochMilliseconds:
            guard let all = Int(text) else { return nil }
            let seconds = all >= 0 ? all / 1_000 : -((999 - all) / 1_000)
            self.init(secondsSince1970: seconds, microsecond: (all - seconds * 1_000) * 1_000)
        case .pieces(let pieces): self.init(text, pieces: pieces)
        case .unreadable: return nil
        }
    }

    /// Reads what MySQL and ISO 8601 write: "2026-11-26", "2026-11-26 17:30:00.25", "2026-11-26T17:30:00+01:00".
    public init?(_ text: String) {
        var reader = DateReader(text)
        let day: [DateFormat.Piece] = [.year, .literal("-"), .month, .literal("-"), .day]
        guard reader.read(day) else { return nil }
        if reader.isAtEnd {
            self.init(year: reader.year, month: reader.month, day: reader.day)
            return
        }
        guard reader.take("T") || reader.take(" "), reader.read([.hour, .literal(":"), .minute]) else { return nil }
        if reader.take(":") {
            guard reader.read([.second]) else { return nil }
            if reader.take(".") { guard reader.readFraction(digits: nil) else { return nil } }
        }
        guard reader.isAtEnd || reader.read([.zone]), reader.isAtEnd else { return nil }
        self.init(reader)
    }

    private init?(_ text: String, pieces: [DateFormat.Piece]) {
        var reader = DateReader(text)
        guard reader.read(pieces), reader.isAtEnd else { return nil }
        guard pieces.contains(.hour) else {
            self.init(year: reader.year, month: reader.month, day: reader.day)
            return
        }
        self.init(reader)
    }

    private init?(_ reader: DateReader) {
        let local = SourceDate(
            year: reader.year, month: reader.month, day: reader.day, hour: reader.hour, minute: reader.minute,
            second: reader.second, microsecond: reader.microsecond)
        guard let moment = local?.adding(seconds: -reader.offset) else { return nil }
        self = moment
    }
}

/// Takes a text apart, field by field. A field that a format has not is at its beginning: the first of January at midnight.
private struct DateReader {
    private var rest: ArraySlice<UInt8>
    var year = 1_970
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0
    /// Seconds by which the text's zone is ahead of UTC.
    var offset = 0

    init(_ text: String) { rest = Array(text.utf8)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    mutating func read(_ pieces: [DateFormat.Piece]) -> Bool {
        for piece in pieces {
            let isRead: Bool
            switch piece {
            case .year: isRead = read(4, into: \.year)
            case .yearOfCentury: isRead = readYearOfCentury()
            case .month: isRead = read(2, into: \.month)
            case .day: isRead = read(2, into: \.day)
            case .hour: isRead = read(2, into: \.hour)
            case .minute: isRead = read(2, into: \.minute)
            case .second: isRead = read(2, into: \.second)
            case .fraction(let digits): isRead = readFraction(digits: digits)
            case .zone: isRead = readZone()
            case .literal(let text): isRead = take(text)
            }
            guard isRead else { return false }
        }
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        let found = rest.prefix(count)
        guard found.count == count, found.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        rest = rest.dropFirst(count)
        return found.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private mutating func read(_ count: Int, into field: WritableKeyPath<DateReader, Int>) -> Bool {
        guard let value = digits(count) else { return false }
        self[keyPath: field] = value
        return true
    }

    /// As MySQL reads two digits: 70 to 99 are of the last century.
    private mutating func readYearOfCentury() -> Bool {
        guard let value = digits(2) else { return false }
        year = value < 70 ? 2_000 + value : 1_900 + value
        return true
    }

    /// - Parameter digits: how many; as many as there are where nil.
    mutating func readFraction(digits wanted: Int?) -> Bool {
        let found = rest.prefix { $0 &- 0x30 < 10 }
        let count: Int = wanted ?? found.count
        guard count > 0, found.count >= count else { return false }
        rest = rest.dropFirst(count)
        let kept = found.prefix(min(count, 6))
        microsecond = kept.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        for _ in kept.count..<6 { microsecond *= 10 }
        return true
    }

    private mutating func readZone() -> Bool {
        if take("Z") { return true }
        let isAhead = take("+")
        guard isAhead || take("-"), let hours = digits(2) else { return false }
        _ = take(":")
        guard let minutes = digits(2), hours < 24, minutes < 60 else { return false }
        offset = (isAhead ? 1 : -1) * (hours * 3_600 + minutes * 60)
        return true
    }
}
