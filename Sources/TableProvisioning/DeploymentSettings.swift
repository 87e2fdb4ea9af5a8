public import ContractModel
public import Tidemark

/// What a table is to be besides its keys and indexes: how it is paid for, and what protects it.
///
/// What is said here of a table goes over what is said of all, that over what the contract says of the table.
/// What is asked for is added and kept, never taken away: `false` and nil leave an existing table as it is.
public struct DeploymentSettings: Sendable, Equatable {
    /// How a table is paid for.
    public enum Billing: Sendable, Hashable {
        /// By request.
        case onDemand
        /// By the hour, for what the capacity plan asks for, or for these units of the table itself.
        case provisioned(Throughput?)
    }

    /// What holds for one table.
    public struct Values: Sendable, Equatable {
        /// Nil: by request where the table is made, as it is where it is there.
        public var billing: Billing?
        /// Whether DeleteTable is refused. Default true.
        public var isProtectedFromDeletion: Bool?
        /// Whether the table can be restored to any second of the last 35 days. Default true.
        public var isRecoverable: Bool?
        /// Whether the warm throughput is raised to what the capacity plan asks for. Default true.
        public var isWarmed: Bool?
        /// The number attribute with the time in seconds since 1970 after which an item may be deleted; nil for none.
        public var timeToLive: String?
        /// Tags; those of a table go over those of all.
        public var tags: [String: String] = [:]

        /// Nothing said.
        public init() {}

        /// What a contract says.
        public init(_ settings: TableSettings) {
            switch settings.billingMode {
            case nil: billing = nil
            case .onDemand: billing = .onDemand
            case .provisioned: billing = .provisioned(nil)
            }
            isProtectedFromDeletion = settings.deletionProtection
            isRecoverable = settings.pointInTimeRecovery
            timeToLive = settings.timeToLiveAttribute
            tags = settings.tags
        }

        /// These values where they are said, and those of `base` elsewhere.
        func over(_ base: Values) -> Values {
            var values = Values()
            values.billing = billing ?? base.billing
            values.isProtectedFromDeletion = isProtectedFromDeletion ?? base.isProtectedFromDeletion
            values.isRecoverable = isRecoverable ?? base.isRecoverable
            values.isWarmed = isWarmed ?? base.isWarmed
            values.timeToLive = timeToLive ?? base.timeToLive
            values.tags = base.tags.merging(tags) { $1 }
            return values
        }
    }

    /// What holds for every table.
    public var all = Values()
    /// What holds for single tables, over that.
    public var tables: [String: Values] = [:]

    /// Where the file says what; nil where no file does.
    var places: SettingPlaces?

    /// Everything at its default.
    public init() {}

    /// The same values, wherever they were said.
    public static func == (left: DeploymentSettings, right: DeploymentSettings) -> Bool {
        left.all == right.all && left.tables == right.tables
    }

    /// What holds for the table.
    public func values(of table: ContractTable) -> Values {
        (tables[table.name] ?? Values()).over(all).over(Values(table.settings))
    }
}
