import Telemetry

extension TelemetrySnapshot {
    /// What no process can have counted of all that the file says, in a few words; nil where all of it can be (`TelemetryBounds`).
    ///
    /// Sums of times have no bound: a service with hundreds of calls under way gathers years in days, they are in no account, and
    /// they stay at the top where they are added up.
    var excess: String? {
        var sums = FileSums()
        for series in series { sums.add(series) }
        return sums.excess
    }
}

/// All series of a file together.
private struct FileSums {
    private var calls: UInt64 = 0
    private var counts: UInt64 = 0
    private var milliUnits: UInt64 = 0
    private var bytes: UInt64 = 0

    mutating func add(_ series: SeriesSnapshot) {
        let counters = series.counters
        calls = calls.plus(max(counters.calls, counters.attempts))
        let scalars = [
            counters.calls, counters.attempts, counters.retries, counters.throttledAttempts,
            counters.connectionsReused, counters.connectionsOpened, counters.callTimesWithoutRoom,
            counters.attemptTimesWithoutRoom, counters.hedges,
        ]
        for list in [scalars, counters.outcomes, counters.attemptOutcomes, counters.throttleCauses] {
            for count in list { counts = counts.plus(count) }
        }
        counts = counts.plus(series.callTime.count).plus(series.attemptTime.count)
        milliUnits = milliUnits.plus(max(counters.readMilliUnits, counters.writeMilliUnits))
        for amount in [counters.bytesSent, counters.bytesReceived, counters.items, counters.itemBytes] {
            bytes = bytes.plus(amount)
        }
    }

    var excess: String? {
        if calls > TelemetryBounds.calls { return "\(calls) calls or attempts" }
        if counts > TelemetryBounds.counts { return "\(counts) counts" }
        if milliUnits > TelemetryBounds.milliUnits { return "\(milliUnits / 1_000) capacity units" }
        return bytes > TelemetryBounds.bytes ? "\(bytes) bytes and items" : nil
    }
}
