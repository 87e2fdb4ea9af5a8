import AWSCore
import CloudWatch
import ContractEngine
import Monitoring
import Sketches
import Telemetry

/// What the agent tells of itself in a period.
struct AgentFigures: Sendable, Equatable {
    var droppedDatums: UInt64 = 0
    var refusedDatums: UInt64 = 0
    var pendingDatums: UInt64 = 0
    var ambiguousDatums: UInt64 = 0
    /// Calls that the whole ledger does not account for.
    var ledgerGapCalls: UInt64 = 0
}

/// Makes the datums of the metric catalog from windows. Pure: the same windows give the same datums in the same order.
struct DatumBuilder {
    let period: PublishPeriod
    /// Series that get a zero where nothing happened.
    let expected: ExpectedSeries

    /// The datums of one stored window.
    func datums(of window: PublishablePeriod) -> [PublishedDatum] {
        let now = stamp(endingAt: window.endedAt)
        let scopes = Set(window.scopes.map(\.published))
        var counted = WindowSums(window.series)
        var result: [MetricDatum] = []
        if window.isGap {
            result += GapSpread(from: window.startedAt, to: window.endedAt, period: period)
                .spread(datums(of: counted, at: now))
            counted = WindowSums()
        }
        for scope in scopes { counted.addZeros(expected, scope: scope) }
        result += datums(of: counted, at: now)
        result += hotKeyDatums(window.hotKeys, scopes: scopes, at: now)
        if let figures = window.figures {
            for scope in scopes.sorted() { result += agentDatums(figures, scope: scope, at: now) }
        }
        return result.map { PublishedDatum(datum: $0, calls: CallShare.shares(of: CollectionOfOne($0))) }
    }

    /// The time stamp of the period that ends then: its start.
    func stamp(endingAt end: Int64) -> Timestamp {
        let length = period.duration.nanosecondsCount
        return Timestamp(nanosecondsSince1970: (end - 1) / length * length)
    }

    private func datums(of sums: WindowSums, at time: Timestamp) -> [MetricDatum] {
        var result: [MetricDatum] = []
        for (key, totals) in sums.patterns.sorted(by: { $0.key < $1.key }) {
            result += patternDatums(totals, key.scope.dimensions(pattern: DimensionText.make(key.name)), at: time)
        }
        for (key, totals) in sums.operations.sorted(by: { $0.key < $1.key }) {
            let dimensions = key.scope.dimensions(
                table: DimensionText.make(key.name), operation: DimensionText.make(key.detail))
            result.append(counter(MetricCatalog.operationCalls, totals.counters.calls, dimensions, time))
            result += times(MetricCatalog.operationCallTime, totals.callTime, dimensions, time)
        }
        for (key, units) in sums.resources.sorted(by: { $0.key < $1.key }) {
            let dimensions = resourceDimensions(key)
            result.append(
                single(MetricCatalog.clientReadUnits, Double(units.readMilliUnits) / 1_000, dimensions, time))
            result.append(
                single(MetricCatalog.clientWriteUnits, Double(units.writeMilliUnits) / 1_000, dimensions, time))
        }
        return result
    }

    private func patternDatums(_ totals: SeriesTotals, _ dimensions: [Dimension], at time: Timestamp) -> [MetricDatum] {
        let counters = totals.counters
        let misconfigured = CallOutcome.allCases.filter(\.isMisconfiguration).reduce(0) { $0 + counters.calls($1) }
        var result = [
            counter(MetricCatalog.calls, counters.calls, dimensions, time),
            counter(MetricCatalog.failedCalls, counters.failedCalls, dimensions, time),
            counter(MetricCatalog.attempts, counters.attempts, dimensions, time),
            counter(MetricCatalog.throttledAttempts, counters.throttledAttempts, dimensions, time),
            counter(MetricCatalog.misconfiguredCalls, misconfigured, dimensions, time),
        ]
        let throttled = min(counters.throttledAttempts, counters.attempts)
        let percent = [(0.0, counters.attempts - throttled), (100.0, throttled)].filter { $0.1 > 0 }
        if !percent.isEmpty {
            let value = MetricDatum.Value.distribution(values: percent.map(\.0), counts: percent.map { Double($0.1) })
            result.append(make(MetricCatalog.throttledAttemptPercent, value, dimensions, time))
        }
        return result + times(MetricCatalog.callTime, totals.callTime, dimensions, time)
    }

    private func hotKeyDatums(
        _ drafts: [HotKeyDraft], scopes: Set<MonitoringScope>, at time: Timestamp
    ) -> [MetricDatum] {
        var loads: [SeriesName: PartitionLoad] = [:]
        for scope in scopes {
            for resource in expected.resources {
                loads[SeriesName(scope: scope, name: resource.name, detail: resource.detail)] = PartitionLoad()
            }
        }
        for (name, load) in PartitionLoad.hottest(in: drafts) { loads[name] = load }
        return loads.sorted { $0.key < $1.key }.flatMap { name, load in
            [
                single(MetricCatalog.hotKeyLoadUpperPercent, load.upperPercent, resourceDimensions(name), time),
                single(MetricCatalog.hotKeyLoadLowerPercent, load.lowerPercent, resourceDimensions(name), time),
            ]
        }
    }

    private func agentDatums(
        _ figures: AgentFigures, scope: MonitoringScope, at time: Timestamp
    ) -> [MetricDatum] {
        let dimensions = scope.serviceDimensions
        return [
            counter(MetricCatalog.heartbeat, 1, dimensions, time),
            counter(MetricCatalog.agentDroppedDatums, figures.droppedDatums, dimensions, time),
            counter(MetricCatalog.agentRefusedDatums, figures.refusedDatums, dimensions, time),
            counter(MetricCatalog.agentPendingDatums, figures.pendingDatums, dimensions, time),
            counter(MetricCatalog.agentAmbiguousDatums, figures.ambiguousDatums, dimensions, time),
            counter(MetricCatalog.agentLedgerGapCalls, figures.ledgerGapCalls, dimensions, time),
        ]
    }

    private func resourceDimensions(_ name: SeriesName) -> [Dimension] {
        name.scope.dimensions(
            table: DimensionText.make(name.name), index: name.detail.isEmpty ? nil : DimensionText.make(name.detail))
    }

    // MARK: Single datums

    private func make(
        _ metric: MetricCatalog.Metric, _ value: MetricDatum.Value, _ dimensions: [Dimension], _ time: Timestamp
    ) -> MetricDatum {
        MetricDatum(
            name: metric.name, dimensions: dimensions, timestamp: time, unit: metric.unit, value: value,
            storageResolution: period.storageResolution)
    }

    private func single(
        _ metric: MetricCatalog.Metric, _ value: Double, _ dimensions: [Dimension], _ time: Timestamp
    ) -> MetricDatum {
        make(metric, .single(value), dimensions, time)
    }

    private func counter(
        _ metric: MetricCatalog.Metric, _ value: UInt64, _ dimensions: [Dimension], _ time: Timestamp
    ) -> MetricDatum {
        single(metric, Double(value), dimensions, time)
    }

    /// A distribution in milliseconds: as many datums of 150 values as its buckets need, at most eight.
    private func times(
        _ metric: MetricCatalog.Metric, _ histogram: HistogramSnapshot, _ dimensions: [Dimension], _ time: Timestamp
    ) -> [MetricDatum] {
        guard !histogram.buckets.isEmpty else { return [] }
        let limit = PutMetricDataLimits.maximumValues
        let pairs = DistributionFit(histogram, maximumPairs: limit * AgentLimits.datumsPerDistribution).pairs
        return stride(from: 0, to: pairs.count, by: limit).map { start in
            let part = pairs[start..<min(start + limit, pairs.count)]
            return make(
                metric, .distribution(values: part.map(\.value), counts: part.map { Double($0.count) }), dimensions,
                time)
        }
    }
}

extension DistributionFit {
    /// A histogram of the telemetry file in milliseconds; its last bucket takes everything that is longer.
    init(_ histogram: HistogramSnapshot, maximumPairs: Int) {
        let buckets = histogram.buckets.map { bucket in
            Bucket(
                // The first bucket takes everything that is shorter.
                lower: bucket.index == 0 ? 0 : Double(LatencyBuckets.lowerBound(of: bucket.index)) / 1e6,
                upper: bucket.index >= LatencyBuckets.count - 1
                    ? .infinity : Double(LatencyBuckets.upperBound(of: bucket.index)) / 1e6,
                count: bucket.count)
        }
        self.init(buckets: buckets, sum: Double(histogram.sumNanoseconds) / 1e6, maximumPairs: maximumPairs)
    }
}

extension MonitoringScope {
    /// The scope as CloudWatch takes it.
    var published: MonitoringScope {
        MonitoringScope(service: DimensionText.make(service), environment: DimensionText.make(environment))
    }
}

/// A text as CloudWatch takes it for a dimension's value: printable ASCII, not blank, at most 1,024 characters.
enum DimensionText {
    /// Stands where there is nothing: calls outside the contract have no pattern.
    static let none = "none"

    static func make(_ text: String) -> String {
        var bytes = text.utf8.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        bytes = Array(bytes.prefix(PutMetricDataLimits.maximumDimensionValueLength))
        return bytes.allSatisfy { $0 == 0x20 } ? none : String(decoding: bytes, as: UTF8.self)
    }
}
