public import ContractModel

/// What is taken where the documents say nothing. Each use is recorded beside the number that it moved.
public struct CapacityAssumptions: Sendable, Equatable {
    /// Items that a Query returns, where no document says; 1 is a lower bound.
    public var itemsPerQuery: Double = 1
    /// Items that a Scan reads, where no document says: a scan reads the whole table, so 1 would be no estimate.
    public var itemsPerScan: Double = 100
    /// Items of each table in a batch or a transaction, where no document says; 1 is a lower bound.
    public var itemsPerBatch: Double = 1
    /// The consistency of reads, where no document says.
    public var consistency: ReadConsistency = .eventual
    /// The size of an item in bytes, where the contract gives none.
    public var itemSizeInBytes: Int = 1024

    /// The defaults.
    public init() {}

    /// One item everywhere: what the patterns need at the very least.
    public static var lowerBound: CapacityAssumptions {
        var assumptions = CapacityAssumptions()
        assumptions.itemsPerScan = 1
        return assumptions
    }
}

/// The sizes in which DynamoDB counts.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
public enum CapacityUnit {
    /// Bytes that a read unit covers.
    public static let readBlockInBytes = 4096.0
    /// Bytes that a write unit covers.
    public static let writeBlockInBytes = 1024.0
    /// Bytes that a Query or Scan reads at most in one call.
    public static let pageInBytes = 1024.0 * 1024
    /// What a transaction multiplies a write's units by.
    public static let transactionFactor = 2.0

    /// Blocks that so many bytes fill; an empty read still costs one.
    static func blocks(_ bytes: Double, of block: Double) -> Double { max(1, (bytes / block).rounded(.up)) }
}
