public import ContractModel

/// Capacity that a provisioned table or index is given, in units a second; at least 1 each.
public struct Throughput: Sendable, Hashable {
    /// Read units a second.
    public var reads: Int
    /// Write units a second.
    public var writes: Int

    /// Puts the parts together.
    public init(reads: Int, writes: Int) {
        self.reads = reads
        self.writes = writes
    }
}

/// How a table is paid for.
public enum TableBilling: Sendable, Hashable {
    /// By request.
    case onDemand
    /// By the hour, for this capacity of the table; each index has its own.
    case provisioned(Throughput)
}

/// What it costs to keep items, against what it costs to use them.
public enum TableClass: String, Sendable {
    /// The usual one.
    case standard = "STANDARD"
    /// Cheaper to keep, dearer to use.
    case infrequentAccess = "STANDARD_INFREQUENT_ACCESS"
}

/// What a table's stream says of each change.
public enum StreamView: String, Sendable {
    /// The key alone.
    case keysOnly = "KEYS_ONLY"
    /// The item as it is after.
    case newImage = "NEW_IMAGE"
    /// The item as it was before.
    case oldImage = "OLD_IMAGE"
    /// Both.
    case newAndOldImages = "NEW_AND_OLD_IMAGES"
}

/// Whose key encrypts the items at rest; they always are encrypted.
public enum TableEncryption: Sendable, Hashable {
    /// DynamoDB's own, free.
    case awsOwned
    /// The account's key that AWS keeps.
    case awsManaged
    /// A key of the account's own: its id, ARN or alias.
    case customerManaged(key: String)
}

/// An index with the table's partition key and another sort key, made with the table or never.
public struct LocalIndex: Sendable, Equatable {
    /// The index's name.
    public var name: String
    /// The index's sort key.
    public var sortKey: KeyAttribute
    /// Which attributes the index holds.
    public var projection: Projection

    /// Makes an index.
    public init(name: String, sortKey: KeyAttribute, projection: Projection = .all) {
        self.name = name
        self.sortKey = sortKey
        self.projection = projection
    }
}

/// A table that is to be made. Time to live is switched on afterwards, by `updateTimeToLive`.
public struct TableSpecification: Sendable {
    /// Name, keys and global indexes.
    public var table: ContractTable
    /// Default by request.
    public var billing: TableBilling
    /// Each global index's capacity by its name; the table's own where none is given. Of a provisioned table only.
    public var indexThroughput: [String: Throughput] = [:]
    /// What the table serves at once, where that is to be more than a new table does: at least 12,000 reads and 4,000
    /// writes a second. AWS charges once for the difference.
    public var warmThroughput: Throughput?
    /// What global indexes serve at once, by their names, where that is to be more than a new index does.
    public var indexWarmThroughput: [String: Throughput] = [:]
    /// At most 5.
    public var localIndexes: [LocalIndex] = []
    /// At most 50.
    public var tags: [String: String] = [:]
    /// Whether DeleteTable is refused. Default false.
    public var isProtectedFromDeletion = false
    /// What the stream says; nil for no stream.
    public var stream: StreamView?
    /// Default DynamoDB's own key.
    public var encryption: TableEncryption = .awsOwned
    /// Default the usual one.
    public var tableClass: TableClass = .standard

    /// A table billed by request without anything special, unless more is said.
    public init(_ table: ContractTable, billing: TableBilling = .onDemand) {
        self.table = table
        self.billing = billing
    }
}

/// What is to be changed of a table. DynamoDB takes one kind of change at a time: it refuses combinations, and a second
/// index made or deleted before the first one is done.
public struct TableChange: Sendable {
    /// One global index's change.
    public enum IndexChange: Sendable {
        /// A new index, with its capacity where the table is provisioned, and what it serves at once where that is to be
        /// more than a new index does.
        case create(ContractIndex, Throughput? = nil, warm: Throughput? = nil)
        /// Another capacity.
        case update(name: String, Throughput)
        /// More is served at once; it can be raised, never lowered.
        case warm(name: String, Throughput)
        /// No index.
        case delete(name: String)
    }

    /// The way to pay, or another capacity.
    public var billing: TableBilling?
    /// The indexes' changes.
    public var indexes: [IndexChange] = []
    /// Whether DeleteTable is refused.
    public var isProtectedFromDeletion: Bool?
    /// What the table serves at once; it can be raised, never lowered.
    public var warmThroughput: Throughput?
    /// A stream, or none.
    public var stream: StreamChange?
    /// The key that encrypts.
    public var encryption: TableEncryption?
    /// The class.
    public var tableClass: TableClass?

    /// A stream's change.
    public enum StreamChange: Sendable {
        /// It is switched on.
        case on(StreamView)
        /// It is switched off.
        case off
    }

    /// A change of these parts.
    public init(
        billing: TableBilling? = nil, indexes: [IndexChange] = [], isProtectedFromDeletion: Bool? = nil,
        stream: StreamChange? = nil, encryption: TableEncryption? = nil, tableClass: TableClass? = nil
    ) {
        self.billing = billing
        self.indexes = indexes
        self.isProtectedFromDeletion = isProtectedFromDeletion
        self.stream = stream
        self.encryption = encryption
        self.tableClass = tableClass
    }
}
