public import ContractModel

/// What the contract's access patterns ask of each table and index.
public struct CapacityPlan: Sendable {
    /// The demand of each pattern, in the documents' order.
    public var patterns: [PatternDemand]
    /// The demand on each table, each followed by its indexes, in the contract's order.
    public var resources: [ResourceDemand]
    /// What was taken where the documents say nothing, and what DynamoDB costs.
    public var assumptions: CapacityAssumptions
    /// Numbers that the documents state, beside those that follow from the patterns.
    public internal(set) var stated: [StatedFigure] = []
    /// What the documents leave so far open that the numbers may mislead, as sentences without their ends: no data model that says
    /// what patterns do, no rates, no sizes.
    public internal(set) var caveats: [String] = []
    /// What was assumed to say how much is stored.
    public internal(set) var storageAssumptions: [Assumption] = []
    /// Bytes of each table and index, where somebody said how many items there are.
    var storedBytes: [ResourceName: Double] = [:]

    /// Gathers demands.
    public init(
        patterns: [PatternDemand], resources: [ResourceDemand], assumptions: CapacityAssumptions = CapacityAssumptions()
    ) {
        self.patterns = patterns
        self.resources = resources
        self.assumptions = assumptions
    }

    /// The demand on a table (`index` nil) or on one of its indexes.
    public func resource(table: String, index: String? = nil) -> ResourceDemand? {
        resources.first { $0.table == table && $0.index == index }
    }

    /// The demand of one pattern.
    public func pattern(_ id: String) -> PatternDemand? { patterns.first { $0.pattern.id == id } }
}

/// The demand on one table, without its indexes, or on one index.
public struct ResourceDemand: Sendable, Equatable {
    /// The table.
    public var table: String
    /// The index; nil for the table itself.
    public var index: String?
    /// Calls a second that read it, at peak.
    public var readCallsPerSecond: Double = 0
    /// Calls a second that write it, at peak. An index counts the calls whose writes reach it.
    public var writeCallsPerSecond: Double = 0
    /// Read units a second at peak.
    public var readUnitsPerSecond: Double = 0
    /// Write units a second at peak.
    public var writeUnitsPerSecond: Double = 0
    /// Read units a second on average.
    public var averageReadUnitsPerSecond: Double = 0
    /// Write units a second on average.
    public var averageWriteUnitsPerSecond: Double = 0
    /// Who asks for how much, largest first.
    public var contributions: [Contribution] = []
    /// What was assumed on the way, each once.
    public var assumptions: [Assumption] = []

    /// Starts without demand.
    public init(table: String, index: String? = nil) {
        self.table = table
        self.index = index
    }

    /// Dollars a month for the reads, on demand, at the average rate.
    public var readDollarsPerMonth: Double { OnDemandPrice.readDollarsPerMonth(averageReadUnitsPerSecond) }
    /// Dollars a month for the writes, on demand, at the average rate.
    public var writeDollarsPerMonth: Double { OnDemandPrice.writeDollarsPerMonth(averageWriteUnitsPerSecond) }
    /// Dollars a month for reads and writes, on demand, at the average rate; storage is not in it.
    public var dollarsPerMonth: Double { readDollarsPerMonth + writeDollarsPerMonth }
}

/// One pattern's part of a resource's demand, at peak.
public struct Contribution: Sendable, Equatable {
    /// The pattern's id.
    public var pattern: String
    /// Read units a second.
    public var readUnitsPerSecond: Double
    /// Write units a second.
    public var writeUnitsPerSecond: Double
}

/// The demand of one pattern.
public struct PatternDemand: Sendable {
    /// The pattern.
    public var pattern: AccessPattern
    /// Calls a second at peak; 0 where no document says.
    public var callsPerSecond: Double
    /// Calls a second on average; the peak where no document says.
    public var averageCallsPerSecond: Double
    /// What it charges to each table and index that it touches.
    public var charges: [Charge]
    /// What was assumed on the way.
    public var assumptions: [Assumption]

    /// Read units a second at peak, on all that it touches.
    public var readUnitsPerSecond: Double { charges.reduce(0) { $0 + $1.readUnitsPerSecond } }
    /// Write units a second at peak, on all that it touches.
    public var writeUnitsPerSecond: Double { charges.reduce(0) { $0 + $1.writeUnitsPerSecond } }
    /// Read units a second on average.
    public var averageReadUnitsPerSecond: Double {
        charges.reduce(0) { $0 + $1.readUnitsPerCall } * averageCallsPerSecond
    }
    /// Write units a second on average.
    public var averageWriteUnitsPerSecond: Double {
        charges.reduce(0) { $0 + $1.writeUnitsPerCall } * averageCallsPerSecond
    }

    /// Dollars a month, on demand in us-east-1, at the average rate.
    public var dollarsPerMonth: Double { dollarsPerMonth(DynamoDBPrices()) }

    /// Dollars a month, on demand, at the average rate.
    public func dollarsPerMonth(_ prices: DynamoDBPrices) -> Double {
        prices.onDemand(reads: averageReadUnitsPerSecond, writes: averageWriteUnitsPerSecond)
    }
}

/// What one operation of a pattern costs one table or index.
public struct Charge: Sendable, Equatable {
    /// The table.
    public var table: String
    /// The index; nil for the table itself.
    public var index: String?
    /// The kind of item; nil where that is not known.
    public var entity: String?
    /// DynamoDB's name of the operation; for an index's share of a write, that of the write.
    public var operation: String
    /// Calls a second at peak.
    public var callsPerSecond: Double
    /// Read units of one call.
    public var readUnitsPerCall: Double
    /// Write units of one call.
    public var writeUnitsPerCall: Double
    /// Requests that one call takes, where a page of 1 MB does not hold what it reads.
    public var pagesPerCall: Double = 1
    /// The arithmetic of one call's units, for people: "⌈4096 B / 1 KB⌉ × 2".
    public var formula: String

    /// Read units a second at peak.
    public var readUnitsPerSecond: Double { readUnitsPerCall * callsPerSecond }
    /// Write units a second at peak.
    public var writeUnitsPerSecond: Double { writeUnitsPerCall * callsPerSecond }
}

/// Something that the documents leave out, what was taken instead, and the number that it moved.
public struct Assumption: Sendable, Hashable {
    /// What was assumed and why, as a sentence.
    public var text: String
    /// What it moved: "AP29 on Products: write units".
    public var moved: String

    /// Makes an assumption.
    public init(text: String, moved: String) {
        self.text = text
        self.moved = moved
    }
}
