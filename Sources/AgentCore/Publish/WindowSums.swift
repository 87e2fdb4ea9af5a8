import Monitoring
import Telemetry

/// A window's totals by the series that are published of it.
struct WindowSums {
    struct Units {
        var readMilliUnits: UInt64 = 0
        var writeMilliUnits: UInt64 = 0
    }

    let sets: PublishedSets
    let folding: Folding
    /// Calls, in every set but that of resources.
    private(set) var calls: [PublishedSeries: SeriesTotals] = [:]
    private(set) var resources: [SeriesName: Units] = [:]
    /// The calls that each series of the carrying set accounts for, by the pattern that they were recorded with.
    private(set) var carried: [SeriesName: [String: UInt64]] = [:]
    /// The series that are part of `other`.
    private(set) var folded: Set<PublishedSeries> = []

    init(sets: PublishedSets, folding: Folding) {
        self.sets = sets
        self.folding = folding
    }

    mutating func add(_ series: [SeriesIdentity: SeriesTotals]) {
        for (identity, totals) in series { add(identity, totals) }
    }

    private mutating func add(_ identity: SeriesIdentity, _ totals: SeriesTotals) {
        let counters = totals.counters
        // An index's share of a write is consumption alone; it is nobody's call.
        if counters.calls > 0 || counters.attempts > 0 {
            for series in identity.callSeries where sets.contains(series.set) || series.set == sets.carrier {
                let name = published(series)
                let target = PublishedSeries(set: series.set, name: name)
                calls[target] = calls[target].map { $0 + totals } ?? totals
                if series.set == sets.carrier, counters.calls > 0 {
                    let pattern = DimensionText.make(identity.pattern)
                    let before = carried[name, default: [:]][pattern] ?? 0
                    carried[name, default: [:]][pattern] = before.plus(counters.calls)
                }
            }
        }
        if sets.contains(.resource), counters.readMilliUnits > 0 || counters.writeMilliUnits > 0 {
            let name = published(identity.resourceSeries)
            let before = resources[name] ?? Units()
            resources[name] = Units(
                readMilliUnits: before.readMilliUnits.plus(counters.readMilliUnits),
                writeMilliUnits: before.writeMilliUnits.plus(counters.writeMilliUnits))
        }
    }

    /// Gives each series of the contract a zero where nothing happened, and so the service itself.
    mutating func addZeros(_ expected: ExpectedSeries, scope: MonitoringScope) {
        for set in MetricCatalog.DimensionSet.allCases where sets.contains(set) || set == sets.carrier {
            for name in expected.names(of: set, scope: scope) {
                let series = PublishedSeries(set: set, name: published(PublishedSeries(set: set, name: name)))
                if set == .resource {
                    resources[series.name] = resources[series.name] ?? Units()
                } else {
                    calls[series] = calls[series] ?? SeriesTotals()
                }
            }
        }
    }

    /// The name under which a series is published, noting when that is not its own.
    private mutating func published(_ series: PublishedSeries) -> SeriesName {
        let name = folding.name(of: series)
        if name != series.name { folded.insert(series) }
        return name
    }
}

extension SeriesIdentity {
    /// The series of each set that the identity's calls belong to, whether it is published or not.
    var callSeries: [PublishedSeries] {
        let scope = scope.published
        let table = DimensionText.make(table)
        func series(_ set: MetricCatalog.DimensionSet, _ name: String = "", _ detail: String = "") -> PublishedSeries {
            PublishedSeries(set: set, name: SeriesName(scope: scope, name: name, detail: detail))
        }
        var result = [
            series(.pattern, DimensionText.make(pattern)),
            series(.operation, table, DimensionText.make(operation)),
            series(.service), series(.table, table),
        ]
        if !index.isEmpty { result.append(series(.index, table, DimensionText.make(index))) }
        return result
    }

    /// The series of the table or index that its calls consumed of.
    var resourceSeries: PublishedSeries {
        PublishedSeries(
            set: .resource,
            name: SeriesName(
                scope: scope.published, name: DimensionText.make(table),
                detail: index.isEmpty ? "" : DimensionText.make(index)))
    }
}
