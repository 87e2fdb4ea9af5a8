import AWSCore
import ContractEngine
import ContractModel
import Monitoring
import Telemetry

/// Adds windows up into the summary's lines.
struct SummaryGatherer {
    /// Bad windows that are further apart than this are two troubles.
    static let quietNanoseconds: Int64 = 300_000_000_000

    private struct Pattern {
        var totals = SeriesTotals()
        var tables: Set<String> = []
        var operations: Set<String> = []
        var trouble = TroubleTracker()

        mutating func add(_ totals: SeriesTotals, of series: SeriesIdentity, from start: Int64, to end: Int64) {
            self.totals = self.totals + totals
            if !series.table.isEmpty { tables.insert(series.table) }
            operations.insert(series.operation)
            if totals.counters.failedCalls > 0 || totals.counters.throttledAttempts > 0 { trouble.add(start, end) }
        }
    }

    private struct Resource {
        var read: UInt64 = 0
        var write: UInt64 = 0
        /// Milli-units by window, of which the busiest counts.
        var windows: [Int64: (read: UInt64, write: UInt64, seconds: Double)] = [:]
        var causes = [UInt64](repeating: 0, count: throttleReasonCount)
        var trouble = TroubleTracker()

        mutating func add(_ counters: SeriesCounters, of window: Int64, from start: Int64, to end: Int64) {
            read = read.plus(counters.readMilliUnits)
            write = write.plus(counters.writeMilliUnits)
            let before = windows[window] ?? (0, 0, max(1, Double(end - start) / 1e9))
            windows[window] = (
                before.read.plus(counters.readMilliUnits), before.write.plus(counters.writeMilliUnits), before.seconds
            )
            for (place, count) in counters.throttleCauses.enumerated() where place < causes.count {
                causes[place] = causes[place].plus(count)
            }
            if counters.throttledAttempts > 0 { trouble.add(start, end) }
        }
    }

    private let plan: CapacityPlan?
    private let document: ContractDocument?
    private let period: Int64
    private var patterns: [SeriesName: Pattern] = [:]
    private var resources: [SeriesName: Resource] = [:]
    private var first: Int64 = .max
    private var last: Int64 = .min

    init(document: ContractDocument?, periodInSeconds: Int) {
        self.document = document
        plan = document.map { capacity(of: $0) }
        period = Int64(periodInSeconds) * 1_000_000_000
    }

    mutating func add(_ totals: SeriesTotals, of series: SeriesIdentity, in window: StoredWindow) {
        let (start, end) = (window.start.nanosecondsSince1970, window.end.nanosecondsSince1970)
        first = min(first, start)
        last = max(last, end)
        let counters = totals.counters
        if counters.calls > 0 || counters.attempts > 0 {
            patterns[SeriesName(scope: series.scope, name: series.pattern), default: Pattern()]
                .add(totals, of: series, from: start, to: end)
        }
        guard counters.readMilliUnits > 0 || counters.writeMilliUnits > 0 || counters.throttledAttempts > 0 else {
            return
        }
        resources[SeriesName(scope: series.scope, name: series.table, detail: series.index), default: Resource()]
            .add(counters, of: window.id, from: start, to: end)
    }

    private var seconds: Double { last > first ? max(1, Double(last - first) / 1e9) : 1 }

    func patternLines() -> [Summary.PatternLine] {
        patterns.map { name, pattern in
            let counters = pattern.totals.counters
            let expected = document?.patterns.first { $0.id == name.name }
            return Summary.PatternLine(
                scope: name.scope, pattern: name.name, about: expected?.summary ?? "", tables: pattern.tables.sorted(),
                operations: pattern.operations.sorted(), calls: counters.calls, failedCalls: counters.failedCalls,
                failures: Self.failures(counters), attempts: counters.attempts,
                throttledAttempts: counters.throttledAttempts,
                p50Milliseconds: pattern.totals.callTime.quantile(0.5).map { Double($0) / 1e6 },
                p99Milliseconds: pattern.totals.callTime.quantile(0.99).map { Double($0) / 1e6 },
                trouble: pattern.trouble.span(newest: last, period: period), expectedCallsPerSecond: expected?.peakRPS)
        }.sorted { left, right in
            if left.failedCalls != right.failedCalls { return left.failedCalls > right.failedCalls }
            return left.scope == right.scope
                ? left.pattern.precedesNaturally(right.pattern) : left.scope < right.scope
        }
    }

    private static func failures(_ counters: SeriesCounters) -> [(outcome: CallOutcome, calls: UInt64)] {
        CallOutcome.allCases.filter(\.isFailure).map { (outcome: $0, calls: counters.calls($0)) }
            .filter { $0.calls > 0 }
            .sorted { $0.calls == $1.calls ? $0.outcome.rawValue < $1.outcome.rawValue : $0.calls > $1.calls }
    }

    func resourceLines() -> [Summary.ResourceLine] {
        resources.sorted { $0.key < $1.key }.map { name, resource in
            let demand = plan?.resource(table: name.name, index: name.detail.isEmpty ? nil : name.detail)
            let busiest = resource.windows.values.reduce((read: 0.0, write: 0.0)) { peak, window in
                (
                    max(peak.read, Double(window.read) / 1_000 / window.seconds),
                    max(peak.write, Double(window.write) / 1_000 / window.seconds)
                )
            }
            let causes = ThrottleCause.allCases.map { (cause: $0, attempts: resource.causes[Int($0.rawValue)]) }
                .filter { $0.attempts > 0 }.sorted { $0.attempts > $1.attempts }
            return Summary.ResourceLine(
                scope: name.scope, table: name.name, index: name.detail,
                readUnitsPerSecond: (Double(resource.read) / 1_000 / seconds, busiest.read),
                writeUnitsPerSecond: (Double(resource.write) / 1_000 / seconds, busiest.write),
                demandedReadUnitsPerSecond: demand?.readUnitsPerSecond,
                demandedWriteUnitsPerSecond: demand?.writeUnitsPerSecond, throttles: causes,
                trouble: resource.trouble.span(newest: last, period: period))
        }
    }
}

/// When the trouble that lasts, or was last, began and ended; windows come by their ends.
struct TroubleTracker {
    private var since: Int64?
    private var until: Int64 = .min

    mutating func add(_ start: Int64, _ end: Int64) {
        if since == nil || start - until > SummaryGatherer.quietNanoseconds { since = start }
        until = max(until, end)
    }

    func span(newest: Int64, period: Int64) -> Summary.TroubleSpan? {
        since.map {
            Summary.TroubleSpan(
                since: Timestamp(nanosecondsSince1970: $0), until: Timestamp(nanosecondsSince1970: until),
                isOngoing: newest - until < period)
        }
    }
}
