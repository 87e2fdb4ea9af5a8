public import AWSCore
import CloudWatch
import ContractEngine
import Monitoring
import Telemetry

extension PublishingCost {
    /// Reckons what a configuration costs: from the series that its store has counted of late, where there is one, from the
    /// services that write now, and from its contract. Nothing is published and nothing is written.
    /// - Parameters:
    ///   - now: the current time.
    ///   - hours: how far back "of late" goes.
    /// - Throws: when there is a store that cannot be read.
    public static func estimate(
        _ configuration: AgentConfiguration, now: Timestamp, hours: Int = 24
    ) throws(AgentError) -> PublishingCost {
        var seen = SeenSeries()
        let hasStore = FileSystem.exists(configuration.dataDirectory + "/" + AgentStore.fileName)
        if hasStore {
            let store = try AgentStore.openReadOnly(dataDirectory: configuration.dataDirectory)
            try store.forEachSeries(since: now.advanced(by: .seconds(-3_600 * hours))) { _, identity, totals in
                if configuration.concerns(identity.scope) { seen.add(identity, totals) }
            }
        }
        seen.scopes = configuration.servicesThatWrite
        for (identity, totals) in configuration.seriesThatAreWritten where seen.latest[identity] == nil {
            seen.add(identity, totals)
            seen.isFromFiles = true
        }
        return estimate(configuration, seen: seen, hasStore: hasStore, hours: hours)
    }

    package static func estimate(
        _ configuration: AgentConfiguration, seen: SeenSeries, hasStore: Bool, hours: Int = 24
    ) -> PublishingCost {
        let scopes = scopes(configuration, seen)
        let expected = ExpectedSeries(configuration.contract)
        let sets = configuration.publishedSets
        var builder = DatumBuilder(
            period: configuration.publishPeriod, expected: expected, sets: sets,
            distributions: configuration.distributionLimits)
        var folded: [PublishedSeries] = []
        if let budget = configuration.metricBudget {
            var state = FoldingState(sets: sets, expected: expected, budget: budget)
            _ = state.advance(seen.latest, scopes: scopes)
            builder.folding = state.folding
            folded = seen.series(of: sets).filter { state.folding.name(of: $0) != $0.name }.sorted()
        }
        var published = seen.series(of: sets)
        for scope in scopes {
            for set in MetricCatalog.DimensionSet.allCases where !sets.metrics(of: set).isEmpty {
                published.formUnion(expected.names(of: set, scope: scope).map { PublishedSeries(set: set, name: $0) })
            }
        }
        let folding = builder.folding
        let distinct = Set(published.map { PublishedSeries(set: $0.set, name: folding.name(of: $0)) })
        let window = PublishablePeriod(
            startedAt: 0, endedAt: configuration.publishPeriod.duration.nanosecondsCount, isGap: false,
            series: seen.latest, hotKeys: [], scopes: scopes, figures: AgentFigures())
        let requests = RequestSizes(builder.datums(of: window).map(\.datum))
        return PublishingCost(
            basis: basis(configuration, seen, hasStore: hasStore, hours: hours),
            sets: costs(of: distinct, sets, hasBudget: configuration.budgetInDollarsAMonth != nil),
            requestsPerPeriod: requests.count,
            periodInSeconds: configuration.publishPeriod.seconds, bytesPerPeriod: requests.bytes,
            sentBytesPerPeriod: requests.sentBytes, alarmDollarsPerMonth: alarmDollars(configuration, scopes),
            budgetInDollarsPerMonth: configuration.budgetInDollarsAMonth, priceFactor: configuration.priceFactor,
            folded: folded.map { "\($0.set.rawValue) \($0.name.words)" }.sorted { $0.precedesNaturally($1) })
    }

    private static func scopes(_ configuration: AgentConfiguration, _ seen: SeenSeries) -> Set<MonitoringScope> {
        var scopes = Set((seen.latest.keys.map(\.scope) + seen.scopes).map(\.published))
        if scopes.isEmpty || (configuration.service != nil && configuration.environment != nil) {
            scopes.insert(
                MonitoringScope(
                    service: configuration.service ?? "one service", environment: configuration.environment ?? "any"
                ).published)
        }
        return scopes
    }

    private static func costs(
        of series: Set<PublishedSeries>, _ sets: PublishedSets, hasBudget: Bool
    ) -> [SetCost] {
        MetricCatalog.DimensionSet.allCases.compactMap { set in
            let count = series.count { $0.set == set }
            // Without a budget nothing is folded, and nothing said of it.
            let each = sets.metrics(of: set).count { hasBudget || $0 != MetricCatalog.agentFoldedSeries }
            let metrics = count * each
            return metrics > 0 ? SetCost(set: set, series: count, metrics: metrics) : nil
        }
    }

    private static func basis(_ configuration: AgentConfiguration, _ seen: SeenSeries, hasStore: Bool, hours: Int)
        -> String
    {
        let contract = configuration.contract == nil ? "no contract" : "the contract's series"
        let services = Set(seen.latest.keys.map(\.scope)).count
        let series = "\(seen.latest.count) series of \(services) \(services == 1 ? "service" : "services") that"
        let span = hours == 1 ? "hour" : "\(hours) hours"
        let found =
            switch (hasStore, seen.isFromFiles) {
            case (true, false): "\(series) counted something in the last \(span)"
            case (true, true): "\(series) counted something in the last \(span) or have a telemetry file now"
            case (false, true):
                "\(series) have a telemetry file now; there is no store yet, so that others are not in it"
            case (false, false): "no store yet, and no telemetry, so that what is outside of the contract is not in it"
            }
        return "\(contract), and \(found)"
    }

    private static func alarmDollars(_ configuration: AgentConfiguration, _ scopes: Set<MonitoringScope>) -> Double? {
        guard let document = configuration.contract else { return nil }
        let demand = capacity(of: document)
        return scopes.reduce(0.0) { sum, scope in
            // A plan that cannot be made costs nothing; `alarms plan` says why.
            guard let sum, let alarms = try? AlarmPlan.desired(capacity: demand, scope: scope) else { return nil }
            return sum + AlarmPlan.dollarsPerMonth(alarms) * configuration.priceFactor
        }
    }
}

/// The series of the last day, each with what it counted in its latest window.
package struct SeenSeries {
    private(set) var latest: [SeriesIdentity: SeriesTotals] = [:]
    /// Services that write now, whether or not they have counted anything.
    var scopes: Set<MonitoringScope> = []
    /// Whether some are in telemetry files alone, with all that they counted there.
    var isFromFiles = false

    package init() {}

    /// Windows come oldest first.
    package mutating func add(_ identity: SeriesIdentity, _ totals: SeriesTotals) { latest[identity] = totals }

    func series(of sets: PublishedSets) -> Set<PublishedSeries> {
        var result: Set<PublishedSeries> = []
        for identity in latest.keys {
            for series in identity.callSeries + [identity.resourceSeries] where !sets.metrics(of: series.set).isEmpty {
                result.insert(series)
            }
        }
        return result
    }
}

extension SeriesName {
    /// "Orders, GetItem of shop, production".
    var words: String {
        [name, detail].filter { !$0.isEmpty }.joined(separator: ", ") + " of \(scope.service), \(scope.environment)"
    }
}

/// What the requests that carry some datums weigh.
struct RequestSizes {
    private(set) var count = 0
    private(set) var bytes = 0
    private(set) var sentBytes = 0

    init(_ datums: [MetricDatum]) {
        var encoder = PutMetricDataEncoder(namespace: MetricCatalog.namespace)
        for datum in datums {
            if (try? encoder.append(datum)) == false {
                close(&encoder)
                _ = try? encoder.append(datum)
            }
        }
        close(&encoder)
    }

    private mutating func close(_ encoder: inout PutMetricDataEncoder) {
        guard encoder.count > 0 else { return }
        let body = encoder.body()
        count += 1
        bytes += body.count
        sentBytes += (try? gzip(body))?.count ?? body.count
        encoder = PutMetricDataEncoder(namespace: MetricCatalog.namespace)
    }
}
