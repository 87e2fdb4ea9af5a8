internal import ContractModel

extension Linter {
    /// Seconds in the 30 days for which estimates are usually written.
    private static let secondsPerEstimatedMonth = 30.0 * 24 * 3600
    /// A budget within a tenth of the demand is a rounding, not a finding.
    private static let tolerance = 1.1

    /// The cost estimate against what the patterns ask for at the least, at their average rates.
    func costs() -> [Finding] {
        guard let model else { return [] }
        return model.costs.flatMap { row -> [Finding] in
            guard let place = resolver.names.exact(row.name),
                let demand = known.demand(table: place.table, index: place.index)
            else { return [] }
            return [
                cost(
                    of: demand, row: row, dollars: row.readDollars, units: demand.averageReadUnitsPerSecond,
                    isWrite: false),
                cost(
                    of: demand, row: row, dollars: row.writeDollars, units: demand.averageWriteUnitsPerSecond,
                    isWrite: true),
            ].compactMap(\.self)
        }
    }

    private func cost(
        of demand: ResourceDemand, row: DataModel.CostRow, dollars: StatedNumber?, units: Double, isWrite: Bool
    ) -> Finding? {
        guard let dollars else { return nil }
        let price = isWrite ? OnDemandPrice.dollarsPerMillionWrites : OnDemandPrice.dollarsPerMillionReads
        let perUnit = price * Linter.secondsPerEstimatedMonth / 1_000_000
        let budget = dollars.value / perUnit
        let rounding = dollars.halfUnit / perUnit
        guard units > budget * Linter.tolerance + rounding else { return nil }
        let kind = isWrite ? "write" : "read"
        let place = demand.index.map { "\(demand.table).\($0)" } ?? demand.table
        let needed = isWrite ? demand.writeDollarsPerMonth : demand.readDollarsPerMonth
        let warm = isWrite ? WarmThroughput.writeUnitsPerSecond : WarmThroughput.readUnitsPerSecond
        return finding(
            .costBelowDemand, in: model?.file, at: Position(line: row.line), about: "\(place) \(kind)s",
            "The cost estimate gives \(place) $\(dollars.text) a month for \(kind)s, which buys \(Figures.whole(budget)) "
                + "\(kind) units a second; its patterns ask for \(asked(of: demand, units: units, isWrite: isWrite)): "
                + "\(Figures.percent(units / warm)) of the \(Figures.whole(warm)) that a new on-demand table serves warm.",
            advice:
                "Budget about \(Figures.dollars(needed)) a month, or ask whether the rates and item sizes are right.")
    }

    /// "2,302, or 3,142 with transactions doubled".
    private func asked(of demand: ResourceDemand, units: Double, isWrite: Bool) -> String {
        guard isWrite, demand.index == nil else { return Figures.whole(units) }
        let doubled = plan.patterns.reduce(0.0) { sum, pattern in
            let charges = pattern.charges.filter {
                $0.table == demand.table && $0.index == nil && $0.operation == "TransactWriteItems"
            }
            return sum + charges.reduce(0) { $0 + $1.writeUnitsPerCall * pattern.averageCallsPerSecond }
        }
        guard doubled > 0 else { return Figures.whole(units) }
        let single = units - doubled / CapacityUnit.transactionFactor
        return "\(Figures.whole(single)), or \(Figures.whole(units)) with transactions doubled"
    }
}
