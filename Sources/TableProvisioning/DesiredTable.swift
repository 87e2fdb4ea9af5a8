public import ContractEngine
public import ContractModel
public import Tidemark

/// A table as contract, settings and capacity want it.
public struct DesiredTable: Sendable, Equatable {
    /// Name, keys and indexes.
    public var table: ContractTable
    /// What the settings say.
    public var settings: DeploymentSettings.Values
    /// How it is paid for where it is made, or where the settings say how.
    public var billing: TableBilling
    /// Each index's capacity by its name, where it is provisioned.
    public var indexThroughput: [String: Throughput] = [:]
    /// What it has to serve at once, where that is more than a new table on demand serves.
    public var warmThroughput: Throughput?
    /// What its indexes have to serve at once, where that is more.
    public var indexWarmThroughput: [String: Throughput] = [:]
    /// Dollars a month in that billing, indexes included, without storage; nil where no pattern has a rate.
    public var dollarsPerMonth: Double?
    /// Dollars a month of each index in that billing, by its name.
    var indexDollarsPerMonth: [String: Double] = [:]
    /// Dollars a month for keeping a byte restorable to any second.
    var recoveryDollarsPerByte: Double
    /// Write units that one entry of each index takes, by its name.
    var entryWriteUnits: [String: Double] = [:]
    let prices: DynamoDBPrices
    /// Why no item would expire by the attribute that the settings name; nil where nothing speaks against it.
    let timeToLiveProblem: String?

    private static let need = "items expire by an N with seconds since 1970 and by nothing else"

    /// Why no item would expire by an attribute that the contract has; nil where nothing speaks against it.
    private static func wrongType(ofTimeToLive name: String, in table: ContractTable) -> String? {
        table.entities.compactMap { $0.attribute(named: name)?.type }.first { $0 != .N }.map {
            "\(name) is \($0.rawValue) in the contract; \(need)"
        }
    }

    /// The same, of an attribute that no item has too. A contract without attributes says nothing of them.
    static func problem(ofTimeToLive name: String, in table: ContractTable) -> String? {
        let isMissing = table.entities.allSatisfy { $0.attribute(named: name) == nil }
        guard isMissing else { return wrongType(ofTimeToLive: name, in: table) }
        guard table.entities.contains(where: { !$0.attributes.isEmpty }) else { return nil }
        return "no item of \(table.name) has the attribute \(name) in the contract; \(need)"
    }

    /// Puts together what is wanted of one table.
    public init(_ table: ContractTable, settings: DeploymentSettings = DeploymentSettings(), capacity: CapacityPlan) {
        self.table = table
        self.settings = settings.values(of: table)
        let prices = capacity.assumptions.prices
        self.prices = prices
        timeToLiveProblem = self.settings.timeToLive.flatMap { DesiredTable.wrongType(ofTimeToLive: $0, in: table) }
        recoveryDollarsPerByte = prices.recovery(bytes: 1)
        let resources = capacity.resources.filter { $0.table == table.name }
        let costs = resources.map { ($0, capacity.cost(of: $0)) }
        func throughput(_ cost: ResourceCost) -> Throughput {
            Throughput(reads: Int(cost.provisionedReadUnits), writes: Int(cost.provisionedWriteUnits))
        }
        func warm(_ cost: ResourceCost) -> Throughput {
            Throughput(reads: Int(cost.warmReadUnits), writes: Int(cost.warmWriteUnits))
        }
        switch self.settings.billing {
        case nil, .onDemand:
            billing = .onDemand
            let isWarmed = self.settings.isWarmed ?? true
            for (resource, cost) in costs where isWarmed {
                guard cost.needsWarming else { continue }
                if let index = resource.index {
                    indexWarmThroughput[index] = warm(cost)
                } else {
                    warmThroughput = warm(cost)
                }
            }
        case .provisioned(let given):
            let own = costs.first { $0.0.index == nil }.map { throughput($0.1) } ?? Throughput(reads: 1, writes: 1)
            billing = .provisioned(given ?? own)
            for (resource, cost) in costs {
                if let index = resource.index { indexThroughput[index] = throughput(cost) }
            }
        }
        if resources.contains(where: { !$0.contributions.isEmpty }) {
            let monthly = costs.map { ($0.0.index, dollars($0.1, index: $0.0.index, prices)) }
            dollarsPerMonth = monthly.reduce(0) { $0 + $1.1 }
            for (index, dollars) in monthly { if let index { indexDollarsPerMonth[index] = dollars } }
        }
        for index in table.indexes {
            entryWriteUnits[index.name] = capacity.entryWriteUnits(of: index, in: table)
        }
    }

    private func dollars(_ cost: ResourceCost, index: String?, _ prices: DynamoDBPrices) -> Double {
        guard case .provisioned(let own) = billing else { return cost.onDemand }
        let units = index.map { indexThroughput[$0] ?? own } ?? own
        return prices.provisioned(units)
    }

    /// The table as CreateTable takes it.
    public var specification: TableSpecification {
        var specification = TableSpecification(table, billing: billing)
        specification.indexThroughput = indexThroughput
        specification.warmThroughput = warmThroughput
        specification.indexWarmThroughput = indexWarmThroughput
        specification.tags = settings.tags
        specification.isProtectedFromDeletion = settings.isProtectedFromDeletion ?? true
        return specification
    }
}

extension DynamoDBPrices {
    /// Dollars a month for provisioned capacity.
    func provisioned(_ units: Throughput) -> Double {
        provisioned(reads: Double(units.reads), writes: Double(units.writes))
    }
}
