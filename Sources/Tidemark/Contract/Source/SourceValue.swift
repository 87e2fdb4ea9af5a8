/// One value of a row of the relational source, as MySQL has it.
public enum SourceValue: Sendable, Hashable {
    /// No value.
    case null
    /// An integer of any of MySQL's widths, signed or not.
    case integer(Int128)
    /// A DECIMAL as its exact text, zeros at its end included: "19.90".
    case decimal(String)
    /// A FLOAT or DOUBLE.
    case double(Double)
    /// A CHAR, VARCHAR, TEXT, ENUM or SET.
    case text(String)
    /// A BINARY, BLOB or BIT.
    case bytes([UInt8])
    /// A DATE, DATETIME or TIMESTAMP.
    case date(SourceDate)
    /// A JSON document as its text.
    case json(String)

    /// An integer.
    public init(_ value: some BinaryInteger) { self = .integer(Int128(value)) }

    /// Whether there is no value.
    public var isNull: Bool { self == .null }

    /// The value as MySQL prints it; nil for none, and for bytes.
    public var text: String? {
        switch self {
        case .null, .bytes: nil
        case .integer(let value): String(value)
        case .decimal(let text), .text(let text), .json(let text): text
        case .double(let value): value.rounded() == value && value.magnitude < 1e15 ? String(Int64(value)) : "\(value)"
        case .date(let date): date.description
        }
    }
}

/// A row of the source: values by the names of their columns.
public typealias SourceRow = [String: SourceValue]

/// What a column holds, for rows that are made of items again: an item does not tell an integer from its text.
public enum SourceType: Sendable, Hashable {
    case integer
    /// With so many digits behind the point.
    case decimal(scale: Int)
    case double
    case text
    case bytes
    /// TINYINT(1), BIT(1): 0 and 1.
    case boolean
    /// DATE, DATETIME or TIMESTAMP.
    case date
    case json

    /// Reads MySQL's own spelling: "VARCHAR(255)", "DECIMAL(10,2)", "INT UNSIGNED"; nil for what is none of its types.
    public init?(mysql: String) {
        let lower = mysql.lowercased()
        let name = lower.prefix { $0.isLetter }
        let arguments = lower.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
            .split(separator: ",").map { Int($0.filter { $0 != " " }) ?? 0 }
        switch name {
        case "bool", "boolean": self = .boolean
        case "tinyint": self = arguments == [1] ? .boolean : .integer
        case "bit": self = arguments.first ?? 1 == 1 ? .boolean : .bytes
        case "smallint", "mediumint", "int", "integer", "bigint", "year": self = .integer
        case "decimal", "numeric", "dec", "fixed": self = .decimal(scale: arguments.count > 1 ? arguments[1] : 0)
        case "float", "double", "real": self = .double
        case "char", "varchar", "text", "tinytext", "mediumtext", "longtext", "enum", "set", "time": self = .text
        case "binary", "varbinary", "blob", "tinyblob", "mediumblob", "longblob": self = .bytes
        case "date", "datetime", "timestamp": self = .date
        case "json": self = .json
        default: return nil
        }
    }
}
