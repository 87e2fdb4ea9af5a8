/// Why a key, an item or a change breaks the contract. It names attributes and templates, never values.
public struct ContractBreach: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence that says where and why.
    public var reason: String

    /// Makes a breach.
    public init(reason: String) { self.reason = reason }

    /// The reason.
    public var description: String { reason }
}

/// The values that keys are made of, by the names of their holes or fields: `["user_email": "a@b.c", "product_id": "17"]`.
/// A value that is nil is one that the item has not, as the parent of a category at the root; a name that is left out is
/// not known.
public typealias KeyValues = [String: String?]
