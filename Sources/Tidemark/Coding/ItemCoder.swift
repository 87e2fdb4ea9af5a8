internal import ContractModel

/// Turns values of `Codable` types into items, and items into values.
///
///     struct Order: Codable {
///         var id: String
///         var total: Int
///         var tags: Set<String>
///     }
///     let item = try ItemCoder().encode(Order(id: "o-1", total: 42, tags: ["new"]))
///     // ["id": "o-1", "total": 42, "tags": .stringSet(["new"])]
///
/// | Swift | DynamoDB |
/// | --- | --- |
/// | `String`, an enum with texts | S |
/// | integers up to 128 bits, `Double`, `Float` | N: exact, or the shortest that reads back as the same |
/// | `[UInt8]` | B |
/// | `Set` of texts, numbers or binaries | SS, NS, BS; one that is empty is left out, and is empty where it is missing |
/// | arrays, structs, dictionaries, enums with values | L and M |
/// | an optional without a value | left out, or NULL with `writesNulls`; both read as nil |
/// | `AttributeValue` | itself, with a number's exact text |
/// | `Date`, `Data`, `Decimal`, `URL` | by the product `TidemarkFoundation`; refused where it is not linked |
public struct ItemCoder: Sendable {
    /// How `TidemarkFoundation` writes and reads dates. Default ISO 8601 with nine digits after the point.
    public var dates: DateForm
    /// Whether optionals without a value are written as NULL instead of being left out. Default false.
    public var writesNulls: Bool
    /// What the types' own coding finds as `encoder.userInfo` and `decoder.userInfo`.
    public var userInfo: [CodingUserInfoKey: any Sendable]

    /// Makes a coder; what is not said is the default.
    public init(
        dates: DateForm = .iso8601, writesNulls: Bool = false, userInfo: [CodingUserInfoKey: any Sendable] = [:]
    ) {
        self.dates = dates
        self.writesNulls = writesNulls
        self.userInfo = userInfo
    }

    /// The item that the value is.
    ///
    /// - Throws: where a part of the value has no form that DynamoDB can hold, such as a NaN, or lists and maps are
    ///   nested deeper than 32 levels; where the value is no struct, class, dictionary or enum with values.
    public func encode(_ value: some Encodable) throws(ItemCodingError) -> Item {
        let session = EncodingSession(self)
        let whole: AttributeValue?
        do {
            whole = try session.value(of: value, at: .start)
        } catch {
            throw ItemCodingError(error)
        }
        if let problem = session.problem { throw problem }
        guard case .map(let item) = whole else {
            throw ItemCodingError(
                reason:
                    "is no item: \(type(of: value)) is written as \(whole?.type.rawValue ?? "nothing"), and an item "
                    + "has named attributes")
        }
        return item
    }

    /// The value that the item is.
    ///
    /// - Throws: where an attribute is missing or is not what the type takes: the error names it.
    public func decode<Value: Decodable>(_ type: Value.Type, from item: Item) throws(ItemCodingError) -> Value {
        do {
            return try DecodingSession(self).decode(type, from: .map(item), at: .start, level: 0)
        } catch {
            throw ItemCodingError(error)
        }
    }
}

/// How dates stand in items.
public struct DateForm: Sendable, Hashable {
    package enum Form: Sendable, Hashable {
        case iso8601(fractionDigits: Int)
        case epochSeconds
        case epochMilliseconds
    }

    package let form: Form

    /// A text in UTC with nine digits after the point, "2026-11-24T03:39:13.250000000Z": the texts sort as the dates do,
    /// and a date reads back as it was, except for parts of a nanosecond within weeks of the year 2001.
    public static let iso8601 = DateForm(form: .iso8601(fractionDigits: 9))
    /// The same with so many digits after the point, from 0 to 9; what is beyond them is cut off. Dates with another
    /// number of digits are read too.
    public static func iso8601(fractionDigits: Int) -> DateForm {
        DateForm(form: .iso8601(fractionDigits: min(max(fractionDigits, 0), 9)))
    }
    /// A number: whole seconds since 1970, what is beyond them cut off. The form of DynamoDB's time to live.
    public static let epochSeconds = DateForm(form: .epochSeconds)
    /// A number: whole milliseconds since 1970, what is beyond them cut off.
    public static let epochMilliseconds = DateForm(form: .epochMilliseconds)
}
