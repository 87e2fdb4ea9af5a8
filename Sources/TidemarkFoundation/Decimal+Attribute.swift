public import Tidemark

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Decimal: AttributeRepresentable {
    /// A number with exactly the decimal's digits.
    public var attributeValue: AttributeValue { .number(description) }

    /// A number with exactly the decimal's digits; NaN and what has more than DynamoDB's 38 digits are refused.
    public func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue {
        try Self.checked(number: description)
    }

    /// Reads a number, all of its digits; one that a decimal cannot hold, below 1E-128, is refused.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        let text = try Self.numberText(of: attributeValue)
        // Parsing rounds what does not fit without saying so.
        guard let decimal = Decimal(string: text), ExactNumber(decimal.description) == ExactNumber(text) else {
            throw ItemCodingError(reason: "is a number that Decimal cannot hold")
        }
        self = decimal
    }
}
