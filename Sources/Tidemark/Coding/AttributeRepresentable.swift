internal import ContractModel

/// A type that has one attribute value for each of its values, whatever its own `Codable` form is.
///
/// A type of yours becomes a single S, N or B, inside of items and in expressions, by conforming to it:
///
///     extension Money: AttributeRepresentable {
///         var attributeValue: AttributeValue { .number(cents) }
///         init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
///             self.init(cents: try Int(attributeValue: attributeValue, for: coder))
///         }
///     }
public protocol AttributeRepresentable: AttributeConvertible {
    /// The value for the coder, by default `attributeValue`.
    ///
    /// - Throws: an error without a path where DynamoDB cannot hold the value.
    func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue

    /// Reads the value that `attributeValue(for:)` gives.
    ///
    /// - Throws: an error without a path where it is no such value.
    init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError)
}

extension AttributeRepresentable {
    /// `attributeValue`.
    public func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue { attributeValue }

    /// The error of a value of the wrong type: "is S, and Int takes N".
    public static func mismatch(_ value: AttributeValue, expected type: String) -> ItemCodingError {
        ItemCodingError(
            reason: value == .null
                ? "is NULL, and \(Self.self) takes \(type)"
                : "is \(value.type.rawValue), and \(Self.self) takes \(type)")
    }
}

extension AttributeValue: AttributeRepresentable {
    /// The value itself.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) { self = attributeValue }
}

extension String: AttributeRepresentable {
    /// Reads a string.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        guard case .string(let text) = attributeValue else { throw Self.mismatch(attributeValue, expected: "S") }
        self = text
    }
}

extension Bool: AttributeRepresentable {
    /// Reads a truth value.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        guard case .bool(let flag) = attributeValue else { throw Self.mismatch(attributeValue, expected: "BOOL") }
        self = flag
    }
}

extension AttributeRepresentable {
    /// Refuses a number beyond DynamoDB's 38 digits and exponents.
    package static func checked(number text: String) throws(ItemCodingError) -> AttributeValue {
        guard NumberText(text) != nil else {
            throw ItemCodingError(
                reason: "is not a number that DynamoDB can hold: at most 38 digits, 1E-130 to 9.99E+125")
        }
        return .number(text)
    }

    /// The exact text of a number.
    package static func numberText(of value: AttributeValue) throws(ItemCodingError) -> String {
        guard case .number(let text) = value else { throw mismatch(value, expected: "N") }
        guard NumberText(text) != nil else { throw ItemCodingError(reason: "is an N that is no number") }
        return text
    }

    fileprivate static var doesNotFit: ItemCodingError {
        ItemCodingError(reason: "is a number that \(Self.self) cannot hold")
    }
}

extension AttributeRepresentable where Self: FixedWidthInteger {
    /// Reads a number that is whole and fits, in whatever form it is written.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        if case .number(let text) = attributeValue, let whole = Self(text) {
            self = whole
            return
        }
        guard let whole = ExactNumber(try Self.numberText(of: attributeValue))?.whole(Self.self) else {
            throw Self.doesNotFit
        }
        self = whole
    }
}

extension AttributeRepresentable where Self: BinaryFloatingPoint & LosslessStringConvertible {
    /// The shortest number that reads back as the same value; NaN and the infinities are refused.
    public func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue {
        try Self.checked(number: description)
    }

    /// Reads the nearest value to the number.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        guard let number = Self(try Self.numberText(of: attributeValue)), number.isFinite else {
            throw Self.doesNotFit
        }
        self = number
    }
}

extension Int: AttributeRepresentable {}
extension Int8: AttributeRepresentable {}
extension Int16: AttributeRepresentable {}
extension Int32: AttributeRepresentable {}
extension Int64: AttributeRepresentable {}
extension UInt: AttributeRepresentable {}
extension UInt8: AttributeRepresentable {}
extension UInt16: AttributeRepresentable {}
extension UInt32: AttributeRepresentable {}
extension UInt64: AttributeRepresentable {}
extension Double: AttributeRepresentable {}
extension Float: AttributeRepresentable {}

extension Int128: AttributeRepresentable {
    /// The number; one of more than 38 digits is refused.
    public func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue {
        try Self.checked(number: description)
    }
}

extension UInt128: AttributeRepresentable {
    /// The number; one of more than 38 digits is refused.
    public func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue {
        try Self.checked(number: description)
    }
}
