public import Tidemark

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A date that is stored as whole seconds since 1970 whatever the coder's form of dates, as DynamoDB's time to live
/// wants it.
///
///     struct Session: Codable {
///         var id: String
///         @EpochSeconds var expires: Date
///         var renewed: EpochSeconds?
///     }
///
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
@propertyWrapper
public struct EpochSeconds: Sendable, Hashable, Codable, AttributeRepresentable {
    /// The date; what is beyond its whole second is not stored.
    public var wrappedValue: Date

    /// Wraps the date.
    public init(wrappedValue: Date) { self.wrappedValue = wrappedValue }

    /// The seconds as a number; one that is refused for a date that is none.
    public var attributeValue: AttributeValue {
        (try? attributeValue(for: ItemCoder())) ?? .number("no date")
    }

    /// The seconds as a number.
    public func attributeValue(for coder: ItemCoder) throws(ItemCodingError) -> AttributeValue {
        try wrappedValue.attributeValue(for: ItemCoder(dates: .epochSeconds))
    }

    /// Reads a number of seconds.
    public init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
        wrappedValue = try Date(attributeValue: attributeValue, for: ItemCoder(dates: .epochSeconds))
    }
}
