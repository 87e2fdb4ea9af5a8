import AWSCore
import CloudWatch
package import Monitoring
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
package struct DatumBuilder: Sendable {
    let period: PublishPeriod
    /// Series that get a zero where nothing happened.
    let expected: ExpectedSeries
    /// The dimension sets that are published.
    let sets: PublishedSets
    /// The series that are published by themselves.
    var folding: Folding
    /// What distributions may take.
    let distributions: DistributionFit.Limits

    package init(
        period: PublishPeriod, expected: ExpectedSeries, sets: PublishedSets = .standard, folding: Folding = .none
    ) {
        self.init(
            period: period, expected: expected, sets: sets, folding: folding,
            distributions: DistributionFit.Limits(maximumDatums: AgentLimits.datumsPerDistribution))
    }

    init(
        period: PublishPeriod, expected: ExpectedSeries, sets: PublishedSets, folding: Folding = .none,
        distributions: DistributionFit.Limits
    ) {
        self.period = period
        self.expected = expected
        self.sets = sets
        self.folding = folding
        self.distributions = distributions
    }

    /// The datums of one period; a window that is longer is cut into periods before (`PeriodSlices`).
    package func datums(of window: PublishablePeriod) -> [PublishedDatum] {
        var all: [PublishedDatum] = []
        makeDatums(of: window) { all += $0 }
        return all
    }

    /// The datums of one period, series by series, so that never all of them are in memory.
    func makeDatums(of window: PublishablePeriod, _ take: ([PublishedDatum]) throws -> Void) rethrows {
        let now = stamp(endingAt: window.endedAt)
        let scopes = Set(window.scopes.map(\.published))
        var counted = WindowSums(sets: sets, folding: folding)
        counted.add(window.series)
        var result = WindowDatums(self, at: now)
        for scope in scopes { counted.addZeros(expected, scope: scope) }
        try result.add(counted, take)
        if sets.contains(.resource) { result.addHotKeys(of: window, scopes: scopes) }
        result.addErrors()
        result.addFoldedSeries(scopes: scopes)
        if let figures = window.figures { result.add(figures, scopes: scopes) }
        try result.drain(take)
    }

    /// The time stamp of the period that ends then: its start.
    func stamp(endingAt end: Int64) -> Timestamp {
        let length = period.duration.nanosecondsCount
        return Timestamp(nanosecondsSince1970: (end - 1) / length * length)
    }
}

extension DistributionFit {
    /// A histogram of the telemetry file in milliseconds; its last bucket takes everything that is longer.
    init(_ histogram: HistogramSnapshot, limits: Limits = Limits()) {
        let buckets = histogram.buckets.map { bucket in
            Bucket(
                // The first bucket takes everything that is shorter.
                lower: bucket.index == 0 ? 0 : Double(LatencyBuckets.lowerBound(of: bucket.index)) / 1e6,
                upper: bucket.index >= LatencyBuckets.count - 1
                    ? .infinity : Double(LatencyBuckets.upperBound(of: bucket.index)) / 1e6,
                count: bucket.count)
        }
        self.init(buckets: buckets, sum: Double(histogram.sumNanoseconds) / 1e6, limits: limits)
    }
}
