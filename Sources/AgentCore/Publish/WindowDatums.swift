import AWSCore
import CloudWatch
import Monitoring
import Sketches
import Telemetry

/// Makes one window's datums.
struct WindowDatums {
    private let builder: DatumBuilder
    private let time: Timestamp
    /// Those that nobody has taken yet.
    private var datums: [PublishedDatum] = []
    /// The worst error of a percentile of each service.
    private var errors: [MonitoringScope: Double] = [:]
    private var folded: [MonitoringScope: Set<PublishedSeries>] = [:]

    init(_ builder: DatumBuilder, at time: Timestamp) {
        self.builder = builder
        self.time = time
    }

    // MARK: What was counted

    mutating func add(_ sums: WindowSums, _ take: ([PublishedDatum]) throws -> Void) rethrows {
        // The names alone are sorted: a total with its histograms is large to move.
        for series in sums.calls.keys.sorted() {
            guard let totals = sums.calls[series] else { continue }
            let carried = series.set == sums.sets.carrier ? sums.carried[series.name] ?? [:] : [:]
            addCalls(series, totals, shares: CallShare.shares(carried, scope: series.name.scope))
            try drain(take)
        }
        for (name, units) in sums.resources.sorted(by: { $0.key < $1.key }) {
            let dimensions = name.dimensions(.resource)
            add(MetricCatalog.clientReadUnits, .single(Double(units.readMilliUnits) / 1_000), dimensions)
            add(MetricCatalog.clientWriteUnits, .single(Double(units.writeMilliUnits) / 1_000), dimensions)
        }
        for series in sums.folded { folded[series.name.scope, default: []].insert(series) }
    }

    /// Hands over what there is.
    mutating func drain(_ take: ([PublishedDatum]) throws -> Void) rethrows {
        guard !datums.isEmpty else { return }
        try take(datums)
        datums.removeAll(keepingCapacity: true)
    }

    private mutating func addCalls(_ series: PublishedSeries, _ totals: SeriesTotals, shares: [CallShare]) {
        let dimensions = series.name.dimensions(series.set)
        let counters = totals.counters
        if series.set == .operation {
            add(MetricCatalog.operationCalls, counters.calls, dimensions, shares)
            addTimes(MetricCatalog.operationCallTime, totals.callTime, dimensions, series.name.scope)
            return
        }
        add(MetricCatalog.calls, counters.calls, dimensions, shares)
        guard builder.sets.contains(series.set) else { return }
        add(MetricCatalog.failedCalls, counters.failedCalls, dimensions)
        add(MetricCatalog.attempts, counters.attempts, dimensions)
        add(MetricCatalog.throttledAttempts, counters.throttledAttempts, dimensions)
        if series.set == .pattern {
            let misconfigured = CallOutcome.allCases.filter(\.isMisconfiguration).reduce(UInt64(0)) {
                $0.plus(counters.calls($1))
            }
            add(MetricCatalog.misconfiguredCalls, misconfigured, dimensions)
        }
        let throttled = min(counters.throttledAttempts, counters.attempts)
        let percent = [(0.0, counters.attempts - throttled), (100.0, throttled)].filter { $0.1 > 0 }
        if !percent.isEmpty {
            add(
                MetricCatalog.throttledAttemptPercent,
                .distribution(values: percent.map(\.0), counts: percent.map { Double($0.1) }), dimensions)
        }
        addTimes(MetricCatalog.callTime, totals.callTime, dimensions, series.name.scope)
    }

    /// A distribution in milliseconds: as many datums as its accuracy needs.
    private mutating func addTimes(
        _ metric: MetricCatalog.Metric, _ histogram: HistogramSnapshot, _ dimensions: [Dimension],
        _ scope: MonitoringScope
    ) {
        guard !histogram.buckets.isEmpty else { return }
        let fit = DistributionFit(histogram, limits: builder.distributions)
        errors[scope] = max(errors[scope] ?? 0, fit.maximumRelativeError)
        for part in fit.datums {
            add(
                metric, .distribution(values: part.map(\.value), counts: part.map { Double($0.count) }), dimensions)
        }
    }

    // MARK: Hot keys

    mutating func addHotKeys(of window: PublishablePeriod, scopes: Set<MonitoringScope>) {
        var loads: [SeriesName: PartitionLoad] = [:]
        for scope in scopes {
            for name in builder.expected.names(of: .resource, scope: scope) { loads[published(name)] = PartitionLoad() }
        }
        let hottest = PartitionLoad.hottest(in: window.hotKeys, over: window, period: builder.period)
        for (name, load) in hottest {
            let name = published(name)
            loads[name] = loads[name].map { $0.merged(with: load) } ?? load
        }
        for (name, load) in loads.sorted(by: { $0.key < $1.key }) {
            let dimensions = name.dimensions(.resource)
            add(MetricCatalog.hotKeyLoadUpperPercent, .single(load.upperPercent), dimensions)
            add(MetricCatalog.hotKeyLoadLowerPercent, .single(load.lowerPercent), dimensions)
        }
    }

    private mutating func published(_ name: SeriesName) -> SeriesName {
        let series = PublishedSeries(set: .resource, name: name)
        let published = builder.folding.name(of: series)
        if published != name { folded[name.scope, default: []].insert(series) }
        return published
    }

    // MARK: What the agent says of itself

    mutating func addErrors() {
        for (scope, error) in errors.sorted(by: { $0.key < $1.key }) {
            // Rounded up: a bound stays one.
            add(
                MetricCatalog.agentPercentileErrorPercent, .single((error * 1e4).rounded(.up) / 100),
                scope.serviceDimensions)
        }
    }

    mutating func addFoldedSeries(scopes: Set<MonitoringScope>) {
        guard builder.folding.kept != nil else { return }
        for scope in scopes.union(folded.keys).sorted() {
            add(MetricCatalog.agentFoldedSeries, UInt64(folded[scope]?.count ?? 0), scope.serviceDimensions)
        }
    }

    mutating func add(_ figures: AgentFigures, scopes: Set<MonitoringScope>) {
        for scope in scopes.sorted() {
            let dimensions = scope.serviceDimensions
            add(MetricCatalog.heartbeat, 1, dimensions)
            add(MetricCatalog.agentDroppedDatums, figures.droppedDatums, dimensions)
            add(MetricCatalog.agentRefusedDatums, figures.refusedDatums, dimensions)
            add(MetricCatalog.agentPendingDatums, figures.pendingDatums, dimensions)
            add(MetricCatalog.agentAmbiguousDatums, figures.ambiguousDatums, dimensions)
            add(MetricCatalog.agentLedgerGapCalls, figures.ledgerGapCalls, dimensions)
        }
    }

    // MARK: Single datums

    private mutating func add(
        _ metric: MetricCatalog.Metric, _ count: UInt64, _ dimensions: [Dimension], _ calls: [CallShare] = []
    ) {
        add(metric, .single(Double(count)), dimensions, calls)
    }

    private mutating func add(
        _ metric: MetricCatalog.Metric, _ value: MetricDatum.Value, _ dimensions: [Dimension],
        _ calls: [CallShare] = []
    ) {
        let datum = MetricDatum(
            name: metric.name, dimensions: dimensions, timestamp: time, unit: metric.unit, value: value,
            storageResolution: builder.period.storageResolution)
        datums.append(PublishedDatum(datum: datum, calls: calls))
    }
}
