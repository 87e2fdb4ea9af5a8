public import ContractModel

/// What is taken where the documents say nothing. Each use is recorded beside the number that it moved.
public struct CapacityAssumptions: Sendable, Equatable {
    /// Items that a Query reads, where no document says; 1 is a lower bound.
    public var itemsPerQuery: Double = 1
    /// Items that a Scan reads, where no document says: a scan reads the whole table, so 1 would be no estimate.
    public var itemsPerScan: Double = 100
    /// Items of each table in a batch or a transaction, where no document says; 1 is a lower bound.
    public var itemsPerBatch: Double = 1
    /// Items that a call of a pattern reads or writes, by pattern ("AP8") or by pattern and table ("AP29.Products").
    public var itemsPerCall: [String: Double] = [:]
    /// The attributes that a pattern's updates change, by pattern; where it is said, nothing of it is guessed.
    public var changedAttributes: [String: Set<String>] = [:]
    /// The consistency of reads, where no document says.
    public var consistency: ReadConsistency = .eventual
    /// The size of an item in bytes, where the contract gives none.
    public var itemSizeInBytes: Int = 1024
    /// How many items there are, by table ("Users") or by table and kind ("Users.ORDER"), for what storage costs.
    public var itemCounts: [String: Double] = [:]
    /// The share of items that are in an index, by "Users.GSI1", of those whose kind has its keys, in 0...1.
    public var indexShares: [String: Double] = [:]
    /// The share of a pattern's writes that enter the indexes which hold only a share of the items, by pattern ("AP8") or by pattern and
    /// index ("AP8.GSI1"), in 0...1; where nobody says, that of the items.
    public var writeShares: [String: Double] = [:]
    /// The share of provisioned capacity that is meant to be used, in 0.01...1. Default 0.7, as AWS's auto-scaling suggests.
    public var utilizationTarget: Double = 0.7
    /// What DynamoDB costs. There is no free tier in it.
    public var prices = DynamoDBPrices()

    /// The defaults.
    public init() {}

    /// One item everywhere: what the patterns need at the very least.
    public static var lowerBound: CapacityAssumptions {
        var assumptions = CapacityAssumptions()
        assumptions.itemsPerScan = 1
        return assumptions
    }

    func itemsPerCall(of pattern: String, table: String) -> Double? {
        itemsPerCall["\(pattern).\(table)"] ?? itemsPerCall[pattern]
    }

    func writeShare(of pattern: String, in index: String) -> Double? {
        writeShares["\(pattern).\(index)"] ?? writeShares[pattern]
    }

    /// Items of a table; nil where neither the contract nor anybody else said.
    func itemCount(of table: ContractTable) -> Double? {
        if let count = itemCounts[table.name] ?? table.estimatedItemCount.map(Double.init) { return count }
        let kinds = table.entities.map { counted($0, in: table) }
        return kinds.isEmpty || kinds.contains(nil) ? nil : kinds.reduce(0) { $0 + ($1 ?? 0) }
    }

    /// Items of a kind; nil where nobody said. What the kinds that are counted leave of their table's items, the others share equally.
    func itemCount(of entity: ContractEntity, in table: ContractTable) -> Double? {
        if let count = counted(entity, in: table) { return count }
        guard let total = itemCounts[table.name] ?? table.estimatedItemCount.map(Double.init) else { return nil }
        if table.entities.count == 1 { return total }
        let counts = table.entities.map { counted($0, in: table) }
        let known = counts.compactMap(\.self)
        let rest = total - known.reduce(0, +)
        return known.isEmpty || rest <= 0 ? nil : rest / Double(counts.count - known.count)
    }

    /// What is assumed of kinds that nobody counts, where others of their table are counted; nil where nothing is.
    func assumption(ofKinds kinds: [ContractEntity], in table: ContractTable) -> String? {
        let uncounted = kinds.filter { counted($0, in: table) == nil }
        guard !uncounted.isEmpty else { return nil }
        let names = Figures.list(uncounted.map(\.name))
        return uncounted.allSatisfy { itemCount(of: $0, in: table) != nil }
            ? "what the other kinds leave of the items of \(table.name) is split equally among \(names)"
            : "nobody counts the items \(names) of \(table.name): none are taken"
    }

    /// Items of a kind, as somebody or the contract counts them.
    private func counted(_ entity: ContractEntity, in table: ContractTable) -> Double? {
        itemCounts["\(table.name).\(entity.name)"] ?? entity.estimatedItemCount.map(Double.init)
    }

    /// Items of a table, or of one of its indexes, and what was assumed to count them; nil where nobody said.
    func itemCount(in index: ContractIndex?, of table: ContractTable) -> (items: Double, assumptions: [String])? {
        let share = index.map { self.share(of: $0, in: table) } ?? IndexShare()
        guard let whole = itemCount(ofKindsIn: index, of: table) else {
            return index?.estimatedItemCount.map { (Double($0), []) }
        }
        return (whole.items * share.share, [whole.assumption, share.assumption].compactMap(\.self))
    }

    /// The items whose kinds have the index's keys.
    private func itemCount(
        ofKindsIn index: ContractIndex?, of table: ContractTable
    ) -> (items: Double, assumption: String?)? {
        let kinds = table.entities.filter { entity in index.map { entity.appears(in: $0, of: table) } ?? true }
        if index == nil, let total = itemCount(of: table) { return (total, nil) }
        let counts = kinds.map { itemCount(of: $0, in: table) }
        if counts.contains(where: { $0 != nil }) {
            let text = kinds.count > 1 || table.entities.count > 1 ? assumption(ofKinds: kinds, in: table) : nil
            return (counts.reduce(0) { $0 + ($1 ?? 0) }, text)
        }
        guard let total = itemCount(of: table), !table.entities.isEmpty else { return nil }
        let share = Double(kinds.count) / Double(table.entities.count)
        return (total * share, kinds.count == table.entities.count ? nil : CapacityAssumptions.equalSplit(of: table))
    }

    /// What is taken where only the items of a whole table are counted.
    static func equalSplit(of table: ContractTable) -> String {
        "the items of \(table.name) are split equally among its \(table.entities.count) kinds (items.\(table.name).KIND tells)"
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
    /// Writes of an index whose key an update changes: the old entry is deleted, the new one put.
    /// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
    public static let keyChangeFactor = 2.0

    /// Blocks that so many bytes fill; an empty read still costs one.
    static func blocks(_ bytes: Double, of block: Double) -> Double { max(1, (bytes / block).rounded(.up)) }
}

/// What one partition holds and serves, in either billing mode, of a table and of an index alike.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
public enum PartitionLimit {
    /// Read units a second.
    public static let readUnitsPerSecond = 3_000.0
    /// Write units a second.
    public static let writeUnitsPerSecond = 1_000.0
    /// Bytes.
    public static let bytes = 10 * DynamoDBPrices.gigabyte

    /// Partitions' worth of work: reads and writes of a partition share its time.
    static func load(reads: Double, writes: Double) -> Double {
        reads / readUnitsPerSecond + writes / writeUnitsPerSecond
    }
}
