public import AWSCore
public import Foundation
public import Tidemark

// `localizedDescription` of an error that does not say so itself is "The operation could not be completed", which helps nobody
// who is called at night. The runtime links no Foundation, so that these stand here.

extension TidemarkError: LocalizedError {
    /// What `description` says: no key and no item.
    public var errorDescription: String? { description }
}

extension AWSFailure: LocalizedError {
    /// What `description` says.
    public var errorDescription: String? { description }
}

extension AWSConfigurationError: LocalizedError {
    /// Cause and fix in one sentence.
    public var errorDescription: String? { message }
    /// What is wrong.
    public var failureReason: String? { cause }
    /// What to do; nil where the cause says it.
    public var recoverySuggestion: String? { fix.isEmpty ? nil : fix }
}

extension TransportError: LocalizedError {
    /// The transport's own sentence.
    public var errorDescription: String? { message }
}
