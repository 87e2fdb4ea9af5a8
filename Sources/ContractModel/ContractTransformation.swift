/// How a source value is written in the item.
public enum ContractTransformation: Sendable, Hashable {
    /// A date in the item's form, from the source's form where the contract names one.
    case dateFormat(DateFormat, source: DateFormat?)
    /// A text with holes for columns: "ORDER#{created_at}#{id}".
    case stringFormat(KeyTemplate)
    /// A number with a fixed shape: "0.00".
    case numberFormat(NumberFormat)
    /// A text that holds JSON becomes a map or a list.
    case jsonParse
    /// A type that is not one of these.
    case unknown(UnknownConstruct)

    /// The transformation's type, as contracts write it.
    public var type: String {
        switch self {
        case .dateFormat: "date-format"
        case .stringFormat: "string-format"
        case .numberFormat: "number-format"
        case .jsonParse: "json-parse"
        case .unknown(let construct): construct.type
        }
    }
}

/// How a date is written: "YYYY-MM-DD", "%Y-%m-%d", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "ISO8601", "epoch".
public struct DateFormat: Sendable, Hashable {
    /// The format as the contract writes it.
    public let source: String
    /// What it says.
    public let form: Form

    /// The forms of a date.
    public enum Form: Sendable, Hashable {
        /// ISO 8601 in UTC, with as many digits of a second as the value has: "2026-11-26T17:30:00Z".
        case iso8601
        /// Seconds since 1970.
        case epochSeconds
        /// Thousandths of a second since 1970.
        case epochMilliseconds
        /// MySQL's own: "2026-11-26 17:30:00", or the date alone where the column has no time.
        case database
        /// Fields and the text between them.
        case pieces([Piece])
        /// Text that is no format of a date; whoever formats must refuse it with this text.
        case unreadable(String)
    }

    /// A field of a date, or text between fields.
    public enum Piece: Sendable, Hashable {
        /// Four digits.
        case year
        /// Two digits.
        case yearOfCentury
        case month
        case day
        /// 00 to 23.
        case hour
        case minute
        case second
        /// That many digits of a second.
        case fraction(digits: Int)
        /// "Z" or "+01:00".
        case zone
        case literal(String)
    }

    /// Reads a format; what cannot be read is kept as `unreadable`.
    public init(_ source: String) {
        self.source = source
        form = DateFormatReader.form(of: source)
    }

    /// Whether texts of this format sort as the dates do: largest field first, and every field of fixed width.
    public var sortsByTime: Bool {
        switch form {
        case .iso8601, .database: true
        case .epochSeconds, .epochMilliseconds, .unreadable: false
        case .pieces(let pieces):
            DateFormat.sorts(pieces)
        }
    }

    private static func sorts(_ pieces: [Piece]) -> Bool {
        var last = -1
        for piece in pieces {
            let rank: Int
            switch piece {
            case .year: rank = 0
            case .month: rank = 1
            case .day: rank = 2
            case .hour: rank = 3
            case .minute: rank = 4
            case .second: rank = 5
            case .fraction: rank = 6
            case .literal, .zone: continue
            case .yearOfCentury: return false
            }
            guard rank == last + 1 else { return false }
            last = rank
        }
        return last >= 0
    }
}

/// How a number is written: "0.00", "%08d", "decimal(10,2)", "integer".
public struct NumberFormat: Sendable, Hashable {
    /// The format as the contract writes it.
    public let source: String
    /// What it says; nil where it is no format of a number, and whoever formats must refuse it with `source`.
    public let shape: Shape?

    /// The shape of a number.
    public struct Shape: Sendable, Hashable {
        /// Digits in front of the point at least; zeros are put in front.
        public var leastIntegerDigits: Int
        /// Digits behind the point at least; zeros are put behind.
        public var leastFractionDigits: Int
        /// Digits behind the point at most; more are rounded half up, as MySQL does. Nil for all of them.
        public var mostFractionDigits: Int?
        /// Whether commas part thousands: such a text is no DynamoDB number.
        public var groupsThousands: Bool
        /// Whether a minus takes the place of one of the zeros in front, as in printf's "%08d": -5 is "-0000005".
        public var countsSign: Bool
        /// Text in front of the number and behind it: "$".
        public var prefix: String
        public var suffix: String

        /// Makes a shape.
        public init(
            leastIntegerDigits: Int = 1, leastFractionDigits: Int = 0, mostFractionDigits: Int? = nil,
            groupsThousands: Bool = false, countsSign: Bool = false, prefix: String = "", suffix: String = ""
        ) {
            self.leastIntegerDigits = leastIntegerDigits
            self.leastFractionDigits = leastFractionDigits
            self.mostFractionDigits = mostFractionDigits
            self.groupsThousands = groupsThousands
            self.countsSign = countsSign
            self.prefix = prefix
            self.suffix = suffix
        }
    }

    /// Reads a format.
    public init(_ source: String) {
        self.source = source
        shape = NumberFormatReader.shape(of: source)
    }
}
