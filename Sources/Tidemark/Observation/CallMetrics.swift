internal import AWSCore
internal import CoreMetrics
internal import Telemetry

/// Hands each call to swift-metrics, for those who have a backend for it. Handlers are made once a series and kept, so that names
/// which are made at run time must not go on for ever: those beyond a bound are one, `other`.
final class CallMetrics: Sendable {
    /// One call's time, by operation, table, index, pattern and outcome.
    static let duration = "tidemark.call.duration"
    /// Attempts, by operation, table, index and pattern.
    static let attempts = "tidemark.call.attempts"
    /// Second attempts of hedged reads, by operation, table, index and pattern; `attempts` has them too.
    static let hedges = "tidemark.call.hedges"
    /// Changes of circuits, by table, kind of operation (`reads`, `writes`) and what the circuit became.
    static let circuits = "tidemark.circuit.changes"
    /// Consumed capacity in thousandths of a unit, by operation, table, index, pattern and kind (`read`, `write`).
    static let capacity = "tidemark.consumed.milliunits"

    /// What a handler is kept under: the metric and its dimensions.
    private struct Series: Hashable {
        var label: String
        var operation = ""
        var table = ""
        var index = ""
        var pattern = ""
        var outcome = ""
        /// `read` or `write`; `reads` or `writes` of a circuit.
        var kind = ""
        var state = ""

        /// Those that say something.
        var dimensions: [(String, String)] {
            [
                ("operation", operation), ("table", table), ("index", index), ("pattern", pattern),
                ("outcome", outcome), ("kind", kind), ("state", state),
            ].filter { !$1.isEmpty }
        }
    }

    /// Names of each kind that have series of their own.
    static let maximumNames = 1_000
    /// What the others are counted under, as in the telemetry file.
    static let otherName = "other"

    private struct Handlers {
        var timers: [Series: CoreMetrics.Timer] = [:]
        var counters: [Series: Counter] = [:]
        /// By kind.
        var names = [Set<String>](repeating: [], count: NameKind.allCases.count)
    }

    private enum NameKind: Int, CaseIterable {
        case table, index, pattern
    }

    private let factory: any MetricsFactory
    private let handlers = Lock(Handlers())

    /// Nil when nobody listens: the factory is the one that the process has bootstrapped when the client is made, unless
    /// another is given.
    init?(factory: (any MetricsFactory)?) {
        let factory = factory ?? MetricsSystem.factory
        if factory is NOOPMetricsHandler { return nil }
        self.factory = factory
    }

    func record(_ call: ObservedCall) {
        let report = call.report
        var series = Series(
            label: Self.attempts, operation: call.site.operation.name, table: call.site.table,
            index: call.site.index, pattern: call.site.options.pattern)
        bound(&series)
        counter(series).increment(by: report.attempts)
        if report.hedges > 0 {
            series.label = Self.hedges
            counter(series).increment(by: report.hedges)
        }
        var timing = series
        timing.label = Self.duration
        timing.outcome = report.outcome
        timer(timing).recordNanoseconds(report.record.durationNanoseconds)
        series.label = Self.capacity
        let table = series.table
        for capacity in report.consumed {
            let isTheCalls = capacity.table.isEmpty || capacity.table == call.site.table
            series.table = isTheCalls ? table : bound(capacity.table, of: .table)
            count(capacity.tableUnits, of: "", in: series)
            for (index, units) in capacity.indexUnits { count(units, of: index, in: series) }
        }
    }

    /// Counts a change of a table's circuit.
    func record(_ change: CircuitBreaker.Transition, of site: CallSite) {
        let kind = site.operation.isChange ? "writes" : "reads"
        let table = bound(site.table, of: .table)
        counter(Series(label: Self.circuits, table: table, kind: kind, state: change.name)).increment(by: 1)
    }

    private func count(_ units: CapacityUnits, of index: String, in series: Series) {
        var series = series
        series.index = bound(index, of: .index)
        for (kind, amount) in [("read", units.readMilliUnits), ("write", units.writeMilliUnits)] where amount > 0 {
            series.kind = kind
            counter(series).increment(by: amount)
        }
    }

    // MARK: Names

    private func bound(_ series: inout Series) {
        series.table = bound(series.table, of: .table)
        series.index = bound(series.index, of: .index)
        series.pattern = bound(series.pattern, of: .pattern)
    }

    /// The name, or `other` where it would be one too many.
    private func bound(_ name: String, of kind: NameKind) -> String {
        guard !name.isEmpty else { return name }
        return handlers.withLock { handlers in
            if handlers.names[kind.rawValue].contains(name) { return name }
            guard handlers.names[kind.rawValue].count < Self.maximumNames else { return Self.otherName }
            handlers.names[kind.rawValue].insert(name)
            return name
        }
    }

    // MARK: Handlers, made outside the lock: a factory may take its time

    private func timer(_ series: Series) -> CoreMetrics.Timer {
        if let known = handlers.withLock({ $0.timers[series] }) { return known }
        let made = CoreMetrics.Timer(label: series.label, dimensions: series.dimensions, factory: factory)
        return handlers.withLock { $0.timers.keep(made, for: series) }
    }

    private func counter(_ series: Series) -> Counter {
        if let known = handlers.withLock({ $0.counters[series] }) { return known }
        let made = Counter(label: series.label, dimensions: series.dimensions, factory: factory)
        return handlers.withLock { $0.counters.keep(made, for: series) }
    }
}

extension Dictionary {
    /// The value that stands, or else this one from now on.
    fileprivate mutating func keep(_ value: Value, for key: Key) -> Value {
        if let first = self[key] { return first }
        self[key] = value
        return value
    }
}
