public import Telemetry

/// What one telemetry file holds, for `tidemark inspect`.
public struct TelemetryFileReport: Sendable {
    /// A key of the ring of key events, as far as the ring reaches back.
    struct HotKey: Sendable {
        var hash: UInt64
        /// Only where it was asked for.
        var text: String?
        var series: SeriesKey
        var events: UInt64 = 0
        var throttled: UInt64 = 0
        var readMilliUnits: UInt64 = 0
        var writeMilliUnits: UInt64 = 0

        var milliUnits: UInt64 { readMilliUnits &+ writeMilliUnits }
    }

    private struct KeyPlace: Hashable {
        var hash: UInt64
        var series: SeriesKey
    }

    /// How many keys and slow calls are listed.
    static let listed = 10

    let path: String
    let isAlive: Bool
    let facts: TelemetryFileFacts
    let snapshot: TelemetrySnapshot
    let slowCalls: [SlowCall]
    let hotKeys: [HotKey]
    /// What the ring still holds, and what was overwritten or given up.
    let ring: KeyEventDrain

    /// Reads a file, and changes nothing in it.
    /// - Parameters:
    ///   - reader: the file's.
    ///   - showKeys: whether partition keys may be shown; else only their hash.
    public init(_ reader: TelemetryReader, showKeys: Bool) throws(TelemetryError) {
        path = reader.path
        isAlive = reader.ownerIsAlive()
        facts = try reader.facts()
        snapshot = try reader.snapshot()
        if let excess = snapshot.excess {
            throw .refused(path, "it claims \(excess), more than any process can have counted")
        }
        slowCalls = reader.slowCalls()
        reader.keyEventCursor = .start
        var keys: [KeyPlace: HotKey] = [:]
        ring = reader.drainKeyEvents { event in
            let place = KeyPlace(hash: event.keyHash, series: event.series)
            var key = keys[place] ?? HotKey(hash: event.keyHash, series: event.series)
            if showKeys { key.text = event.key + (event.isCut ? "…" : "") }
            key.events &+= 1
            key.throttled &+= event.throttled ? 1 : 0
            key.readMilliUnits &+= event.readMilliUnits
            key.writeMilliUnits &+= event.writeMilliUnits
            keys[place] = key
        }
        guard ring.isPlausible else { throw .refused(path, TelemetryFileSet.isImplausibleRing) }
        hotKeys = keys.values.sorted { ($0.milliUnits, $0.hash) > ($1.milliUnits, $1.hash) }
    }

    /// Whether an agent has set the file aside; where this reads it as good, only that agent's log says why.
    var isSetAside: Bool { path.hasSuffix(RefusedFiles.suffix) }

    /// All series together; wraps, never traps.
    var total: SeriesCounters { snapshot.series.reduce(SeriesCounters()) { $0 + $1.counters } }

    /// The series by calls, most first.
    var busiest: [SeriesSnapshot] {
        snapshot.series.filter { $0.key != .other || $0.counters.calls > 0 || $0.counters.attempts > 0 }
            .sorted { $0.counters.calls > $1.counters.calls }
    }
}
