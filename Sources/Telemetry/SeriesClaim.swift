/// What a series says of itself in numbers that have to fit together: the ledgers, and what was counted before them.
///
/// A writer counts a time, then the outcome, then the rest, then the ledger, and no number shrinks (docs/TELEMETRY.md,
/// "Writing"). So whatever a reader finds in a later step of that order has its earlier steps in a copy that is made after it,
/// however long that takes and whoever dies meanwhile; and what the first step has beyond the ledger is of the threads that
/// are recording, or were when they died.
struct SeriesClaim {
    /// The ledgers, read before everything else.
    var calls: UInt64 = 0
    var attempts: UInt64 = 0
    /// The ledgers, read with everything else.
    var laterCalls: UInt64 = 0
    var laterAttempts: UInt64 = 0
    /// All outcomes together.
    var callOutcomes: UInt64 = 0
    var attemptOutcomes: UInt64 = 0
    /// All buckets together, and what found no room in them.
    var callTimes: UInt64 = 0
    var attemptTimes: UInt64 = 0

    /// Why these numbers cannot be of one series, in a few words; nil where they can.
    /// - Parameters:
    ///   - counters: what was read with them.
    ///   - later: the same series, copied after them. Where there is no later copy they are held against themselves, which
    ///     finds at least as much.
    func contradiction(_ counters: SeriesCounters, later: SeriesClaim) -> String? {
        Self.contradiction(
            "calls", ledger: calls, outcomes: callOutcomes, times: callTimes, later.callTimes, later.laterCalls)
            ?? Self.contradiction(
                "attempts", ledger: attempts, outcomes: attemptOutcomes, times: attemptTimes, later.attemptTimes,
                later.laterAttempts)
            ?? excess(counters, calls: later.callOutcomes, attempts: later.attemptOutcomes)
    }

    private static func contradiction(
        _ what: String, ledger: UInt64, outcomes: UInt64, times: UInt64, _ laterTimes: UInt64, _ laterLedger: UInt64
    ) -> String? {
        if ledger > outcomes { return "\(ledger) \(what), of which \(outcomes) have an outcome" }
        if outcomes > laterTimes { return "\(outcomes) \(what) by outcome, of which \(laterTimes) have a time" }
        if times > laterLedger.plus(TelemetryBounds.underWay) { return "\(times) times of \(laterLedger) \(what)" }
        return nil
    }

    /// What is counted after the outcomes, against them.
    private func excess(_ counters: SeriesCounters, calls: UInt64, attempts counted: UInt64) -> String? {
        // A writer that stands around somebody else's client may count calls alone, and what it is told of their attempts.
        let attempts = counted == 0 ? calls.times(TelemetryBounds.attemptsOfCall) : counted
        // Of attempts alone.
        if counters.throttledAttempts > attempts {
            return "\(counters.throttledAttempts) throttled attempts of \(attempts)"
        }
        if let most = counters.throttleCauses.max(), most > attempts {
            return "\(most) throttled attempts of one cause, of \(attempts) attempts"
        }
        let connections = counters.connectionsReused.plus(counters.connectionsOpened)
        if connections > attempts { return "connections of \(connections) attempts, of \(attempts)" }
        let bytes = max(counters.bytesSent, counters.bytesReceived)
        if bytes > attempts.times(TelemetryBounds.bytesOfAttempt) { return "\(bytes) bytes of \(attempts) attempts" }
        // Of attempts that may be in the file before, since a call's begin and its end may lie on both sides of its making.
        let mayBeElsewhere = attempts.plus(TelemetryBounds.attemptsElsewhere)
        if counters.retries > mayBeElsewhere { return "\(counters.retries) retries among \(attempts) attempts" }
        if counters.hedges > mayBeElsewhere { return "\(counters.hedges) hedges among \(attempts) attempts" }
        let changes =
            [counters.circuits, counters.writeCircuits].flatMap { [$0.opened, $0.reopened, $0.closed] }.max() ?? 0
        // What an attempt opened is closed by another, or forgotten.
        if changes > mayBeElsewhere.times(2) { return "\(changes) changes of circuits by \(attempts) attempts" }
        // Of calls.
        if counters.items > calls.times(TelemetryBounds.itemsOfCall) {
            return "\(counters.items) items of \(calls) calls"
        }
        if counters.itemBytes > calls.times(TelemetryBounds.itemBytesOfCall) {
            return "\(counters.itemBytes) bytes of items of \(calls) calls"
        }
        return nil
    }
}

/// Attempts of a file by operation, and what they can have consumed.
struct CapacityClaim {
    private var attempts: [String: UInt64] = [:]
    /// All attempts of the file.
    private(set) var all: UInt64 = 0

    /// Whether it is so little that no attempts need be added up.
    static func isSmall(_ counters: SeriesCounters) -> Bool {
        max(counters.readMilliUnits, counters.writeMilliUnits) <= TelemetryBounds.attemptsBeside * 256 * 1_000
    }

    /// - Parameter count: the series' attempts, or its calls where a writer counts those alone.
    mutating func add(_ count: UInt64, of key: SeriesKey) {
        attempts[key.operation.lowercased(), default: 0] = (attempts[key.operation.lowercased()] ?? 0).plus(count)
        all = all.plus(count)
    }

    /// Why a series cannot have consumed so much, in a few words; nil where it can. A series that has no attempts may have
    /// consumed: an index's share. Its attempts are then in another one of the same operation, or in `other`.
    func contradiction(_ key: SeriesKey, _ counters: SeriesCounters) -> String? {
        let operation = key.operation.lowercased()
        let ceiling = TelemetryBounds.ceiling(of: operation)
        let own = ceiling.isOfAnyOperation ? all : (attempts[operation] ?? 0).plus(attempts["other"] ?? 0)
        let most = own.plus(TelemetryBounds.attemptsBeside)
        for (what, milliUnits, limit) in [
            ("read", counters.readMilliUnits, ceiling.readUnits),
            ("write", counters.writeMilliUnits, ceiling.writeUnits),
        ] where milliUnits > most.times(limit * 1_000) {
            return
                "\(milliUnits / 1_000) \(what) units of \(own) attempts of \(key == .other ? "any kind" : "its operation")"
        }
        return nil
    }
}
