internal import AWSCore
internal import CoreMetrics
internal import Telemetry

/// Hands each call to swift-metrics, for those who have a backend for it. Handlers are made once a series and kept.
final class CallMetrics: Sendable {
    /// One call's time, by operation, table, index, pattern and outcome.
    static let duration = "tidemark.call.duration"
    /// Attempts, by operation, table, index and pattern.
    static let attempts = "tidemark.call.attempts"
    /// Consumed capacity in thousandths of a unit, by operation, table, index, pattern and kind (`read`, `write`).
    static let capacity = "tidemark.consumed.milliunits"

    private struct Place: Hashable {
        var operation: String
        var table: String
        var index: String
        var pattern: String

        var dimensions: [(String, String)] {
            [("operation", operation), ("table", table), ("index", index), ("pattern", pattern)].filter { !$1.isEmpty }
        }
    }

    private struct Timing: Hashable {
        var place: Place
        var outcome: String
    }

    private struct Consumption: Hashable {
        var place: Place
        var kind: String
    }

    private struct Handlers {
        var timers: [Timing: CoreMetrics.Timer] = [:]
        var attempts: [Place: Counter] = [:]
        var capacity: [Consumption: Counter] = [:]
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
        let place = Place(
            operation: call.site.operation.name, table: call.site.table, index: call.site.index,
            pattern: call.site.options.pattern)
        let timing = Timing(place: place, outcome: call.error?.code.name ?? "success")
        timer(timing).recordNanoseconds(call.record.durationNanoseconds)
        attempts(place).increment(by: call.record.attempts)
        for capacity in call.consumed {
            let table = capacity.table.isEmpty ? place.table : capacity.table
            count(capacity.tableUnits, at: place, table: table, index: "")
            for (index, units) in capacity.indexUnits { count(units, at: place, table: table, index: index) }
        }
    }

    private func count(_ units: CapacityUnits, at place: Place, table: String, index: String) {
        var place = place
        place.table = table
        place.index = index
        for (kind, amount) in [("read", units.readMilliUnits), ("write", units.writeMilliUnits)] where amount > 0 {
            capacity(Consumption(place: place, kind: kind)).increment(by: amount)
        }
    }

    // MARK: Handlers, made outside the lock: a factory may take its time

    private func timer(_ timing: Timing) -> CoreMetrics.Timer {
        if let known = handlers.withLock({ $0.timers[timing] }) { return known }
        let made = CoreMetrics.Timer(
            label: Self.duration, dimensions: timing.place.dimensions + [("outcome", timing.outcome)], factory: factory)
        return handlers.withLock { $0.timers.keep(made, for: timing) }
    }

    private func attempts(_ place: Place) -> Counter {
        if let known = handlers.withLock({ $0.attempts[place] }) { return known }
        let made = Counter(label: Self.attempts, dimensions: place.dimensions, factory: factory)
        return handlers.withLock { $0.attempts.keep(made, for: place) }
    }

    private func capacity(_ consumption: Consumption) -> Counter {
        if let known = handlers.withLock({ $0.capacity[consumption] }) { return known }
        let made = Counter(
            label: Self.capacity, dimensions: consumption.place.dimensions + [("kind", consumption.kind)],
            factory: factory)
        return handlers.withLock { $0.capacity.keep(made, for: consumption) }
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
