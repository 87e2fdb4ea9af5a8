public import ContractModel

/// An item's attributes by name; also a key, with one or two attributes.
///
/// Names that Swift holds equal, two spellings of one accented letter, are one name here, and two to DynamoDB.
public typealias Item = [String: AttributeValue]

/// One DynamoDB attribute value, of any of the ten types.
///
/// Literals work where a value is expected: `["id": "o-1", "total": 42, "paid": true, "tags": ["a", "b"]]`.
/// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
public enum AttributeValue: Sendable, Hashable {
    /// Text.
    case string(String)
    /// A decimal number as its exact text, up to 38 digits. It never passes through floating point, and "1" and "1.0"
    /// are two different values here although they are one number to DynamoDB.
    case number(String)
    /// Bytes.
    case binary([UInt8])
    /// A set of texts, not empty; order carries no meaning to DynamoDB.
    case stringSet([String])
    /// A set of numbers, not empty.
    case numberSet([String])
    /// A set of bytes, not empty.
    case binarySet([[UInt8]])
    /// Values in order, of any types.
    case list([AttributeValue])
    /// Named values, of any types.
    case map([String: AttributeValue])
    /// True or false.
    case bool(Bool)
    /// The explicit absence of a value.
    case null

    /// An integer as a number.
    public static func number(_ value: some BinaryInteger) -> AttributeValue { .number(String(value)) }

    /// A number in its shortest exact text.
    public static func number(_ value: DynamoDBNumber) -> AttributeValue { .number(value.description) }

    /// The shortest decimal text that reads back as the same Double, as a number; nil for NaN and the infinities.
    public static func number(approximately value: Double) -> AttributeValue? {
        value.isFinite ? .number(value.description) : nil
    }

    /// The value's type, as the wire and the contract name it.
    public var type: AttributeType {
        switch self {
        case .string: .S
        case .number: .N
        case .binary: .B
        case .stringSet: .SS
        case .numberSet: .NS
        case .binarySet: .BS
        case .list: .L
        case .map: .M
        case .bool: .BOOL
        case .null: .NULL
        }
    }

    /// The text of a string.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The exact text of a number.
    public var numberText: String? {
        if case .number(let text) = self { text } else { nil }
    }

    /// A number that is an integer and fits, however it is written: "12", "12.0" and "1.2e1" are 12.
    public var intValue: Int? {
        if case .number(let text) = self { Int(text) ?? DynamoDBNumber(text)?.integer() } else { nil }
    }

    /// A number as what it is worth, to be compared and converted exactly; nil also for a text that is no number.
    public var exactNumber: DynamoDBNumber? {
        if case .number(let text) = self { DynamoDBNumber(text) } else { nil }
    }

    /// A number as the nearest Double, which may not be the exact number.
    public var doubleValue: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }

    /// True or false.
    public var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The bytes of a binary.
    public var binaryValue: [UInt8]? {
        if case .binary(let bytes) = self { bytes } else { nil }
    }

    /// The members of a set of texts.
    public var stringSetValue: Set<String>? {
        if case .stringSet(let texts) = self { Set(texts) } else { nil }
    }

    /// The members of a set of numbers.
    public var numberSetValue: Set<DynamoDBNumber>? {
        if case .numberSet(let texts) = self { Set(texts.compactMap(DynamoDBNumber.init)) } else { nil }
    }

    /// The members of a set of binaries.
    public var binarySetValue: Set<[UInt8]>? {
        if case .binarySet(let blobs) = self { Set(blobs) } else { nil }
    }

    /// The elements of a list.
    public var listValue: [AttributeValue]? {
        if case .list(let elements) = self { elements } else { nil }
    }

    /// The members of a map.
    public var mapValue: [String: AttributeValue]? {
        if case .map(let members) = self { members } else { nil }
    }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByStringInterpolation
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: AttributeValue...) { self = .list(elements) }
    /// A map; of a name that stands twice, the last counts.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self = .map(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
    /// Null.
    public init(nilLiteral: ()) { self = .null }
}
