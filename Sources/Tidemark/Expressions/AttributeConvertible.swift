/// A type whose values DynamoDB has a form for, so that they can stand in an expression as they are.
public protocol AttributeConvertible: ExpressionOperand {
    /// The value in DynamoDB's terms. A number that DynamoDB cannot hold is refused when it is used, not here.
    var attributeValue: AttributeValue { get }
}

extension AttributeConvertible {
    /// The value.
    public var operand: Operand { Operand(.value(attributeValue)) }
}

extension AttributeValue: AttributeConvertible {
    /// Itself.
    public var attributeValue: AttributeValue { self }
}

extension String: AttributeConvertible {
    /// A string.
    public var attributeValue: AttributeValue { .string(self) }
}

extension Bool: AttributeConvertible {
    /// A truth value.
    public var attributeValue: AttributeValue { .bool(self) }
}

extension AttributeConvertible where Self: BinaryInteger {
    /// A number.
    public var attributeValue: AttributeValue { .number(self) }
}

extension Int: AttributeConvertible {}
extension Int8: AttributeConvertible {}
extension Int16: AttributeConvertible {}
extension Int32: AttributeConvertible {}
extension Int64: AttributeConvertible {}
extension Int128: AttributeConvertible {}
extension UInt: AttributeConvertible {}
extension UInt8: AttributeConvertible {}
extension UInt16: AttributeConvertible {}
extension UInt32: AttributeConvertible {}
extension UInt64: AttributeConvertible {}
extension UInt128: AttributeConvertible {}

extension Double: AttributeConvertible {
    /// The shortest number that reads back as the same Double.
    public var attributeValue: AttributeValue { .number(description) }
}

extension Float: AttributeConvertible {
    /// The shortest number that reads back as the same Float.
    public var attributeValue: AttributeValue { .number(description) }
}

extension Array: ExpressionOperand, AttributeConvertible where Element: AttributeConvertible {
    /// A list; of bytes, a binary.
    public var attributeValue: AttributeValue {
        if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .binary(bytes) }
        return .list(map(\.attributeValue))
    }
}

extension Dictionary: ExpressionOperand, AttributeConvertible where Key == String, Value: AttributeConvertible {
    /// A map.
    public var attributeValue: AttributeValue { .map(mapValues(\.attributeValue)) }
}

extension Set: ExpressionOperand, AttributeConvertible where Element: AttributeConvertible {
    /// A set of strings, of numbers or of binaries; of anything else a list, since DynamoDB has no other sets.
    public var attributeValue: AttributeValue { .set(of: map(\.attributeValue)) }
}

extension AttributeValue {
    /// The set of these members where they are all strings, all numbers or all binaries; else a list of them.
    static func set(of members: [AttributeValue]) -> AttributeValue {
        let texts = members.compactMap(\.stringValue)
        if texts.count == members.count { return .stringSet(texts) }
        let numbers = members.compactMap(\.numberText)
        if numbers.count == members.count { return .numberSet(numbers) }
        let blobs = members.compactMap(\.binaryValue)
        return blobs.count == members.count ? .binarySet(blobs) : .list(members)
    }
}
