internal import ContractModel

/// A number that a document states of a table or an index, beside the one that follows from the patterns.
public struct StatedFigure: Sendable, Equatable {
    /// What is stated.
    public enum Quantity: String, Sendable, CaseIterable {
        /// Calls a second that read it, at peak.
        case readCalls
        /// Calls a second that write it, at peak.
        case writeCalls
        /// Dollars a month for reads.
        case readDollars
        /// Dollars a month for writes.
        case writeDollars
        /// Dollars a month for storage.
        case storageDollars
    }

    /// The table.
    public var table: String
    /// The index; nil for the table itself.
    public var index: String?
    /// What is stated.
    public var quantity: Quantity
    /// The number as the document writes it.
    public var stated: String
    /// Its value.
    public var value: Double
    /// What follows from the patterns; nil where nothing does.
    public var computed: Double?
    /// Whether they agree within the document's own rounding.
    public var agrees: Bool
    /// Why they do not, as a sentence without its end; "" where they do.
    public var reason: String
    /// The document's file, as the caller named it.
    public var file: String
    /// The line in it.
    public var line: Int
}

/// The data model's planned rates and estimated costs, held against the plan.
struct StatedComparison {
    private let contract: MigrationContract
    private let model: DataModel
    private let plan: CapacityPlan
    private let tables: [String: ContractTable]
    private let demands: [ResourceName: ResourceDemand]
    /// The places in the plan of the patterns that charge a table or an index, and of each pattern.
    private let touching: [ResourceName: [Int]]
    private let places: [String: Int]
    private let sections: [String: DataModel.TableSection]

    init(contract: MigrationContract, model: DataModel, plan: CapacityPlan) {
        self.contract = contract
        self.model = model
        self.plan = plan
        tables = Dictionary(contract.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        demands = Dictionary(
            plan.resources.map { (ResourceName($0.table, $0.index), $0) }, uniquingKeysWith: { first, _ in first })
        var touching: [ResourceName: [Int]] = [:]
        for (place, pattern) in plan.patterns.enumerated() where pattern.callsPerSecond > 0 {
            for name in Set(pattern.charges.map { ResourceName($0.table, $0.index) }) {
                touching[name, default: []].append(place)
            }
        }
        self.touching = touching
        places = Dictionary(
            plan.patterns.enumerated().map { ($1.pattern.id, $0) }, uniquingKeysWith: { first, _ in first })
        sections = Dictionary(model.tables.map { ($0.table, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func figures() -> [StatedFigure] {
        let rates = model.tables.flatMap { section -> [StatedFigure] in
            guard let table = tables[section.table] else { return [] }
            return planned(section.planning, table, nil, listed: table.satisfies)
                + section.indexes.flatMap { part in
                    planned(part.planning, table, part.index, listed: part.served.map(\.id))
                }
        }
        return rates + costs()
    }

    // MARK: Rates

    private func planned(
        _ planning: DataModel.Planning?, _ table: ContractTable, _ index: String?, listed: [String]
    ) -> [StatedFigure] {
        guard let planning, let demand = demands[ResourceName(table.name, index)] else { return [] }
        let kinds: [(StatedFigure.Quantity, StatedNumber?, Double)] = [
            (.readCalls, planning.reads, demand.readCallsPerSecond),
            (.writeCalls, planning.writes, demand.writeCallsPerSecond),
        ]
        return kinds.compactMap { quantity, stated, computed in
            guard let stated else { return nil }
            let agrees = stated.rounds(computed)
            let reason = agrees ? "" : rateReason(stated, demand, isWrite: quantity == .writeCalls, listed: listed)
            return StatedFigure(
                table: table.name, index: index, quantity: quantity, stated: stated.text, value: stated.value,
                computed: computed, agrees: agrees, reason: reason, file: model.file, line: planning.line)
        }
    }

    /// The patterns that make the difference: those that the document does not list, or that work elsewhere as well.
    private func rateReason(
        _ stated: StatedNumber, _ demand: ResourceDemand, isWrite: Bool, listed: [String]
    ) -> String {
        let touching = (touching[ResourceName(demand.table, demand.index)] ?? []).map { plan.patterns[$0] }.filter {
            $0.charges.contains {
                $0.table == demand.table && $0.index == demand.index
                    && PatternOperation.writes.contains($0.operation) == isWrite
            }
        }
        let isListed = Set(listed)
        func rate(_ patterns: [PatternDemand]) -> Double { patterns.reduce(0) { $0 + $1.callsPerSecond } }
        func names(_ patterns: [PatternDemand]) -> String { Figures.list(patterns.map(\.pattern.id)) }
        let whole = rate(touching)
        let unlisted = touching.filter { !isListed.contains($0.pattern.id) }
        let elsewhere = touching.filter { Set($0.charges.map(\.table)) != [demand.table] }
        let explanations = [
            (unlisted, "the document does not list \(isOne(unlisted) ? "it" : "them") here"),
            (elsewhere, "the mapping places \(isOne(elsewhere) ? "it" : "them") on another table as well"),
        ]
        for (patterns, why) in explanations where !patterns.isEmpty && stated.agrees(with: whole - rate(patterns)) {
            return "it leaves out \(names(patterns)), \(Figures.short(rate(patterns))) a second: \(why)"
        }
        let all = listedRate(listed, isWrite: isWrite)
        let here = touching.filter { isListed.contains($0.pattern.id) }
        if stated.agrees(with: all), here.count < listed.count {
            return "it counts every pattern listed, \(Figures.short(all - rate(here))) a second of which touch only "
                + "something else, such as an index"
        }
        let largest = touching.sorted { $0.callsPerSecond > $1.callsPerSecond }.prefix(4)
            .map { "\($0.pattern.id) \(Figures.short($0.callsPerSecond))" }
        if largest.isEmpty { return "no pattern \(isWrite ? "writes" : "reads") it by key" }
        let rest = touching.count > largest.count ? " and \(touching.count - largest.count) more" : ""
        let sum = "the patterns that it lists add up to \(Figures.short(all)), those that touch it here to "
        return sum + "\(Figures.short(whole)): \(largest.joined(separator: ", "))\(rest)"
    }

    /// The rates of the listed patterns, whatever they touch.
    private func listedRate(_ listed: [String], isWrite: Bool) -> Double {
        Set(listed).compactMap { places[$0] }.sorted().map { plan.patterns[$0] }
            .filter { ($0.pattern.type == .write) == isWrite }.reduce(0) { $0 + $1.callsPerSecond }
    }

    private func isOne(_ patterns: [PatternDemand]) -> Bool { patterns.count == 1 }

    // MARK: Dollars

    private func costs() -> [StatedFigure] {
        let names = NameResolver(contract: contract)
        return model.costs.flatMap { row -> [StatedFigure] in
            guard let place = names.exact(row.name), let demand = demands[ResourceName(place.table, place.index)]
            else { return [] }
            let cost = plan.cost(of: demand)
            func figure(_ quantity: StatedFigure.Quantity, _ stated: StatedNumber?, _ computed: Double?)
                -> StatedFigure?
            {
                guard let stated else { return nil }
                let agrees = computed.map { stated.agrees(with: $0) || abs($0 - stated.value) < 0.01 } ?? false
                return StatedFigure(
                    table: place.table, index: place.index, quantity: quantity,
                    stated: "$" + stated.text.drop { $0 == "$" },
                    value: stated.value, computed: computed, agrees: agrees,
                    reason: agrees ? "" : costReason(quantity, stated, demand, cost), file: model.file, line: row.line)
            }
            return [
                figure(.readDollars, row.readDollars, cost.onDemandReads),
                figure(.writeDollars, row.writeDollars, cost.onDemandWrites),
                figure(.storageDollars, row.storageDollars, cost.storage),
            ].compactMap(\.self)
        }
    }

    /// Seconds in the 30 days for which estimates are usually written.
    private static let secondsPerEstimatedMonth = 30.0 * 24 * 3600

    private func costReason(
        _ quantity: StatedFigure.Quantity, _ stated: StatedNumber, _ demand: ResourceDemand, _ cost: ResourceCost
    ) -> String {
        let prices = DynamoDBPrices()
        guard quantity != .storageDollars else {
            let gigabytes = Figures.short(stated.value / prices.gigabyteMonth)
            guard let bytes = cost.storedBytes else {
                return "it pays for \(gigabytes) GB; no document says how many items there are"
            }
            return "it pays for \(gigabytes) GB; the items given take "
                + "\(Figures.short(bytes / DynamoDBPrices.gigabyte)) GB"
        }
        let isWrite = quantity == .writeDollars
        let perUnit =
            (isWrite ? prices.millionWrites : prices.millionReads) * StatedComparison.secondsPerEstimatedMonth
            / 1_000_000
        let bought = stated.value / perUnit
        let asked = isWrite ? demand.averageWriteUnitsPerSecond : demand.averageReadUnitsPerSecond
        let kind = isWrite ? "write" : "read"
        var reason = "it buys \(Figures.short(bought)) \(kind) units a second"
        let calls = plannedCalls(demand, isWrite: isWrite)
        if let calls, calls.agrees(with: bought) {
            reason += ", one for each of the \(calls.text) \(kind)s planned"
        }
        return reason + "; the patterns ask for \(Figures.short(asked))" + largest(demand, isWrite: isWrite)
    }

    private func plannedCalls(_ demand: ResourceDemand, isWrite: Bool) -> StatedNumber? {
        let section = sections[demand.table]
        let planning =
            demand.index.map { name in section?.indexes.first { $0.index == name }?.planning } ?? section?.planning
        return isWrite ? planning?.writes : planning?.reads
    }

    /// " on average, most of it for AP29 at ⌈4,096 B / 1 KB⌉ × 2 a call".
    private func largest(_ demand: ResourceDemand, isWrite: Bool) -> String {
        func units(_ part: Contribution) -> Double { isWrite ? part.writeUnitsPerSecond : part.readUnitsPerSecond }
        let first = demand.contributions.max { units($0) < units($1) }
        guard let first, units(first) > 0 else { return " on average" }
        let charge = places[first.pattern].map { plan.patterns[$0] }?.charges.first {
            $0.table == demand.table && $0.index == demand.index
                && (isWrite ? $0.writeUnitsPerCall : $0.readUnitsPerCall) > 0
        }
        return " on average, most of it for \(first.pattern)" + (charge.map { " at \($0.formula) a call" } ?? "")
    }
}
