public import ContractModel
public import Tidemark

/// What AWS said when it was asked for one thing, or why it did not.
public enum Told<Value: Sendable & Equatable>: Sendable, Equatable {
    /// What it said.
    case told(Value)
    /// The credentials may not ask: they need this IAM action.
    case notAllowed(action: String)
    /// It could not say, for this reason.
    case unavailable(String)

    /// What it said, where it did.
    public var value: Value? { if case .told(let value) = self { value } else { nil } }
}

/// A table as it is in AWS.
public struct LiveTable: Sendable, Equatable {
    /// Name, keys and global indexes in the contract's terms.
    public var table: ContractTable
    /// "ACTIVE", "CREATING", "UPDATING", "DELETING" and others.
    public var status = "ACTIVE"
    /// Each index's status by its name.
    public var indexStatus: [String: String] = [:]
    /// How it is paid for.
    public var billing = TableBilling.onDemand
    /// Each index's capacity by its name, of a provisioned table.
    public var indexThroughput: [String: Throughput] = [:]
    /// What the table serves at once; nil where the server does not say.
    public var warmThroughput: Throughput?
    /// What each index serves at once, by its name.
    public var indexWarmThroughput: [String: Throughput] = [:]
    /// Its ARN, by which it is tagged.
    public var arn: String?
    /// Whether DeleteTable is refused.
    public var isProtectedFromDeletion = false
    /// Names of local indexes, which no contract has.
    public var localIndexes: [String] = []
    /// Items at AWS's last count, about every six hours.
    public var itemCount = 0
    /// Bytes at AWS's last count.
    public var sizeInBytes = 0
    /// Whether it can be restored to any second.
    public var isRecoverable: Told<Bool> = .told(false)
    /// The attribute by which items expire; "" for none.
    public var timeToLive: Told<String> = .told("")
    /// Its tags.
    public var tags: Told<[String: String]> = .told([:])

    /// A table with these keys and indexes and without anything special.
    public init(_ table: ContractTable) { self.table = table }

    /// Whether the table and all of its indexes serve requests.
    public var isActive: Bool { status == "ACTIVE" && indexStatus.values.allSatisfy { $0 == "ACTIVE" } }

    /// What DescribeTable said; what other operations tell is still to be asked for.
    init(_ description: TableDescription) {
        self.init(description.table)
        status = description.status
        indexStatus = description.indexStatus
        indexThroughput = description.indexThroughput
        // AWS leaves the mode out of a table that was always provisioned.
        let isOnDemand =
            description.billingMode == "PAY_PER_REQUEST"
            || (description.billingMode == nil && description.throughput == nil)
        billing =
            isOnDemand ? .onDemand : .provisioned(description.throughput ?? Throughput(reads: 1, writes: 1))
        warmThroughput = description.warmThroughput
        indexWarmThroughput = description.indexWarmThroughput
        arn = description.arn
        isProtectedFromDeletion = description.isProtectedFromDeletion
        localIndexes = description.localIndexes.map(\.name)
        itemCount = description.itemCount
        sizeInBytes = description.sizeInBytes
    }
}

/// What is known of a table of the contract.
public enum TableState: Sendable, Equatable {
    /// There is none of that name.
    case missing
    /// It is there.
    case present(LiveTable)
    /// The credentials may not look: they need `dynamodb:DescribeTable`.
    case notAllowed
}
