package import Monitoring
import Telemetry

/// How many metrics may be published, and what of it is spoken for.
package struct MetricBudget: Sendable, Equatable {
    /// The most distinct metrics.
    package let metrics: Int

    /// What a budget in dollars a month pays for: metrics, and the requests that bring them.
    package init(dollarsPerMonth: Double, period: PublishPeriod) {
        metrics = CloudWatchPrices.metrics(withinDollarsPerMonth: dollarsPerMonth) { metrics in
            PublishingCost.requestsPerMonth(metrics: metrics, period: period)
        }
    }

    package init(metrics: Int) { self.metrics = metrics }
}

/// Decides which series are published by themselves: the contract's always, of the others those with the most calls of late,
/// as many as the budget has room for. A series that is in stays in until another has half as many calls again, so that the
/// set does not flap. Deterministic: the same totals in the same order give the same sets.
package struct FoldingState: Sendable {
    /// For how much of a series' weight a period later still counts; half of it after about an hour of minutes.
    private static let memory = 0.9885
    /// By how much a series outside must exceed one inside to take its place.
    private static let hysteresis = 1.5
    /// A series that is lighter than that is forgotten.
    private static let least = 0.01

    let sets: PublishedSets
    let expected: ExpectedSeries
    let budget: MetricBudget
    package private(set) var folding = Folding.none
    /// By how many metrics what is never folded exceeds the budget: the contract's series of more services than it pays for.
    package private(set) var excess = 0
    private var weights: [PublishedSeries: Double] = [:]
    private var scopes: Set<MonitoringScope> = []

    package init(sets: PublishedSets, expected: ExpectedSeries, budget: MetricBudget) {
        self.sets = sets
        self.expected = expected
        self.budget = budget
    }

    /// The sets whose series can be folded. A service is never part of another.
    static let foldableSets: [MetricCatalog.DimensionSet] = [.pattern, .operation, .resource, .table, .index]

    /// Takes one period's totals in and decides anew.
    /// - Returns: the series that are folded from now on: published by themselves until now, or never seen before; sorted.
    package mutating func advance(_ series: [SeriesIdentity: SeriesTotals], scopes seen: Set<MonitoringScope>)
        -> [PublishedSeries]
    {
        let before = folding
        let known = Set(weights.keys)
        scopes.formUnion(seen.map(\.published))
        for (key, weight) in weights { weights[key] = weight * Self.memory }
        for (identity, totals) in series {
            scopes.insert(identity.scope.published)
            for key in identity.callSeries where isFoldable(key.set) {
                weights[key, default: 0] += Double(totals.counters.calls)
            }
            if isFoldable(.resource) {
                let units = totals.counters.readMilliUnits.plus(totals.counters.writeMilliUnits)
                weights[identity.resourceSeries, default: 0] += Double(units) / 1_000
            }
        }
        weights = weights.filter { $0.value >= Self.least }
        decide()
        return weights.keys.filter { key in
            (!known.contains(key) || before.name(of: key) == key.name) && folding.name(of: key) != key.name
        }.sorted()
    }

    /// The metrics that are published whatever is folded: the services' figures and roll-ups, and the contract's series.
    var fixedMetrics: Int {
        FoldingState.fixedMetrics(sets: sets, expected: expected, scopes: scopes)
    }

    static func fixedMetrics(sets: PublishedSets, expected: ExpectedSeries, scopes: Set<MonitoringScope>) -> Int {
        scopes.reduce(0) { sum, scope in
            sum + sets.metrics(of: .service).count
                + foldableSets.reduce(0) {
                    $0 + expected.names(of: $1, scope: scope).count * sets.metrics(of: $1).count
                }
        }
    }

    private func isFoldable(_ set: MetricCatalog.DimensionSet) -> Bool {
        set != .service && !sets.metrics(of: set).isEmpty
    }

    private mutating func decide() {
        let contract = Set(
            scopes.flatMap { scope in
                Self.foldableSets.filter(isFoldable).flatMap { set in
                    expected.names(of: set, scope: scope).map { PublishedSeries(set: set, name: $0) }
                }
            })
        let others = weights.filter { !contract.contains($0.key) }
        let wanted = others.keys.reduce(fixedMetrics) { $0 + sets.metrics(of: $1.set).count }
        guard wanted > budget.metrics else {
            (folding, excess) = (.none, 0)
            // Who is in while all are has no privilege when they are no longer.
            return
        }
        // `other` is published once for each set and service of which something is folded: room is kept for all of them.
        var left = budget.metrics - fixedMetrics
        let reserved = Set(others.keys.map { Folding(kept: []).name(of: $0).withSet($0.set) })
        left -= reserved.reduce(0) { $0 + sets.metrics(of: $1.set).count }
        excess = max(0, -left)
        var kept = contract
        let current = folding.kept
        let ranked = others.map { key, weight in
            (key: key, weight: weight * (current?.contains(key) == true ? Self.hysteresis : 1))
        }.sorted { $0.weight == $1.weight ? $0.key < $1.key : $0.weight > $1.weight }
        for (key, _) in ranked {
            let cost = sets.metrics(of: key.set).count
            guard cost <= left else { continue }
            kept.insert(key)
            left -= cost
        }
        folding = Folding(kept: kept)
    }
}

extension SeriesName {
    fileprivate func withSet(_ set: MetricCatalog.DimensionSet) -> PublishedSeries {
        PublishedSeries(set: set, name: self)
    }
}
