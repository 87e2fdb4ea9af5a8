public import Tidemark

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Data: AttributeRepresentable {
    /// A binary.
    public var attributeValue: AttributeValue { .binary(Array(self)) }

    /// Reads a binary.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        guard case .binary(let bytes) = attributeValue else { throw Self.mismatch(attributeValue, expected: "B") }
        self.init(bytes)
    }
}

extension URL: AttributeRepresentable {
    /// A string.
    public var attributeValue: AttributeValue { .string(absoluteString) }

    /// Reads a string that is a URL.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        guard let url = URL(string: try String(attributeValue: attributeValue, for: coder)) else {
            throw ItemCodingError(reason: "is a text that is no URL")
        }
        self = url
    }
}
