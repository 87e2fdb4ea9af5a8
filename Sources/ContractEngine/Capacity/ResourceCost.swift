package import ContractModel

/// What a table, without its indexes, or an index costs a month, in each way to pay, and how it lies on partitions.
public struct ResourceCost: Sendable, Equatable {
    /// Dollars for reads on demand, at the average rate.
    public var onDemandReads: Double
    /// Dollars for writes on demand, at the average rate.
    public var onDemandWrites: Double
    /// Read units a second to provision for the peak, so that the target share of them is used; at least 1.
    public var provisionedReadUnits: Double
    /// Write units a second to provision for the peak, so that the target share of them is used; at least 1.
    public var provisionedWriteUnits: Double
    /// Read units a second to be served at once on demand, so that the target share of them is used at peak: what `tables apply`
    /// warms it to; at least what a new table serves.
    public var warmReadUnits: Double { max(WarmThroughput.readUnitsPerSecond, provisionedReadUnits) }
    /// Write units a second to be served at once on demand, as the read units.
    public var warmWriteUnits: Double { max(WarmThroughput.writeUnitsPerSecond, provisionedWriteUnits) }
    /// Whether a new table on demand serves less at once than that.
    public var needsWarming: Bool {
        provisionedReadUnits > WarmThroughput.readUnitsPerSecond
            || provisionedWriteUnits > WarmThroughput.writeUnitsPerSecond
    }
    /// Dollars for those units around the clock.
    public var provisioned: Double
    /// Dollars where auto-scaling follows the average as closely as it is meant to.
    public var autoScaled: Double
    /// The share of what is provisioned for the peak that is used on average, weighted by price.
    public var utilization: Double
    /// The share above which provisioned capacity costs less than on demand.
    public var breakEvenUtilization: Double
    /// Bytes kept; nil where nobody said how many items there are.
    public var storedBytes: Double?
    /// Dollars for keeping them.
    public var storage: Double?
    /// Dollars for being able to restore them to any second.
    public var recovery: Double?
    /// Partitions that the peak and the bytes need at the least.
    public var partitions: Int
    /// Read units a second of one partition, were they spread evenly.
    public var readUnitsPerPartition: Double
    /// Write units a second of one partition, were they spread evenly.
    public var writeUnitsPerPartition: Double
    /// The share of the peak at which one partition key reaches the limit of a partition; nil where even all of it does not.
    public var hotKeyShare: Double?

    /// Dollars for reads and writes on demand.
    public var onDemand: Double { onDemandReads + onDemandWrites }
    /// Whether provisioning for the peak, around the clock, costs less than on demand.
    public var isProvisionedCheaper: Bool { utilization > breakEvenUtilization }

    init(_ demand: ResourceDemand, assumptions: CapacityAssumptions, storedBytes: Double?) {
        let prices = assumptions.prices
        let target = assumptions.utilizationTarget
        func provision(_ peak: Double) -> Double { max(1, (peak / target).roundedUpSafely) }
        onDemandReads = prices.onDemand(reads: demand.averageReadUnitsPerSecond, writes: 0)
        onDemandWrites = prices.onDemand(reads: 0, writes: demand.averageWriteUnitsPerSecond)
        provisionedReadUnits = provision(demand.readUnitsPerSecond)
        provisionedWriteUnits = provision(demand.writeUnitsPerSecond)
        provisioned = prices.provisioned(reads: provisionedReadUnits, writes: provisionedWriteUnits)
        autoScaled = prices.provisioned(
            reads: max(1, demand.averageReadUnitsPerSecond / target),
            writes: max(1, demand.averageWriteUnitsPerSecond / target))
        let full = prices.onDemand(reads: provisionedReadUnits, writes: provisionedWriteUnits)
        utilization = full > 0 ? (onDemandReads + onDemandWrites) / full : 0
        breakEvenUtilization = prices.breakEvenUtilization
        self.storedBytes = storedBytes
        storage = storedBytes.map(prices.storage)
        recovery = storedBytes.map(prices.recovery)
        let load = PartitionLimit.load(reads: demand.readUnitsPerSecond, writes: demand.writeUnitsPerSecond)
        let least = max(1, load, (storedBytes ?? 0) / PartitionLimit.bytes).roundedUpSafely
        partitions = Int(min(least, 1e12))
        readUnitsPerPartition = demand.readUnitsPerSecond / least
        writeUnitsPerPartition = demand.writeUnitsPerSecond / least
        hotKeyShare = load > 1 ? 1 / load : nil
    }
}

extension Double {
    /// Rounded up, but for the dust of sums such as 0.1 + 0.2: 10.000000001 units are 10.
    fileprivate var roundedUpSafely: Double { (self - Swift.max(1e-9, abs(self) * 1e-12)).rounded(.up) }
}

extension CapacityPlan {
    /// What a table (`index` nil) or one of its indexes costs; nil where the contract does not have it.
    public func cost(table: String, index: String? = nil) -> ResourceCost? {
        resource(table: table, index: index).map(cost)
    }

    /// What a resource of this plan costs.
    public func cost(of demand: ResourceDemand) -> ResourceCost {
        ResourceCost(
            demand, assumptions: assumptions, storedBytes: storedBytes[ResourceName(demand.table, demand.index)])
    }

    /// Write units of the table's indexes for each of its own, at peak: what a write costs more because of them. Nil where
    /// nothing is written.
    public func indexWritesPerWrite(table: String) -> Double? {
        guard let own = resource(table: table)?.writeUnitsPerSecond, own > 0 else { return nil }
        let indexes = resources.filter { $0.table == table && $0.index != nil }
        return indexes.reduce(0) { $0 + $1.writeUnitsPerSecond } / own
    }

    /// Write units that one entry of the index takes, of the largest kind of item that appears in it.
    package func entryWriteUnits(of index: ContractIndex, in table: ContractTable) -> Double {
        let sizes = ItemSizes(table: table, standard: assumptions.itemSizeInBytes)
        let entries = table.entities.filter { $0.appears(in: index, of: table) }.map {
            sizes.projected(sizes.whole($0.name).bytes, of: $0.name, in: index).bytes
        }
        return CapacityUnit.blocks(entries.max() ?? 0, of: CapacityUnit.writeBlockInBytes)
    }

    /// Every resource's cost in one way to pay.
    func total(_ dollars: (ResourceCost) -> Double) -> Double { resources.reduce(0) { $0 + dollars(cost(of: $1)) } }
}

/// A table, or one of its indexes.
struct ResourceName: Hashable, Sendable {
    var table: String
    var index: String?

    init(_ table: String, _ index: String?) {
        self.table = table
        self.index = index
    }

    /// "Users.GSI1".
    var text: String { index.map { "\(table).\($0)" } ?? table }
}
