/// What a contract asks of a table besides its keys. Nil is what the contract does not say.
public struct TableSettings: Sendable, Equatable {
    /// How a table is paid for, spelt as on the wire.
    public enum BillingMode: String, Sendable, Hashable, CaseIterable {
        case onDemand = "PAY_PER_REQUEST"
        case provisioned = "PROVISIONED"
    }

    /// How it is paid for.
    public var billingMode: BillingMode?
    /// The attribute that holds when an item ends, in seconds since 1970.
    public var timeToLiveAttribute: String?
    /// Whether it can be restored to any second of the last 35 days.
    public var pointInTimeRecovery: Bool?
    /// Whether it refuses to be deleted.
    public var deletionProtection: Bool?
    /// Its tags, by key.
    public var tags: [String: String]

    /// Makes settings.
    public init(
        billingMode: BillingMode? = nil, timeToLiveAttribute: String? = nil, pointInTimeRecovery: Bool? = nil,
        deletionProtection: Bool? = nil, tags: [String: String] = [:]
    ) {
        self.billingMode = billingMode
        self.timeToLiveAttribute = timeToLiveAttribute
        self.pointInTimeRecovery = pointInTimeRecovery
        self.deletionProtection = deletionProtection
        self.tags = tags
    }
}
