import Monitoring
import Sketches
import Telemetry

/// A table or an index of a service, in one direction: what hot keys are counted for.
struct HotKeyResource: Hashable, Comparable {
    var scope: MonitoringScope
    var table: String
    var index: String
    var isWrite: Bool

    static func < (left: Self, right: Self) -> Bool {
        (left.scope, left.table, left.index, left.isWrite ? 1 : 0)
            < (right.scope, right.table, right.index, right.isWrite ? 1 : 0)
    }
}

/// Counts key events into sketches of ten seconds, and these into one of the publishing period.
///
/// Keys are told apart by the events' hash, so that an event costs one look-up and no HMAC; texts are kept for the keys of
/// the sketches alone.
struct HotKeyTracker {
    private struct KeyFacts {
        var text: String
        var firstSeen: Int64
        var throttled: UInt64 = 0
        var peakTenSeconds: UInt64 = 0
    }

    private struct ResourceState {
        var current: SpaceSaving<UInt64>
        var period: SpaceSaving<UInt64>
        var facts: [UInt64: KeyFacts] = [:]
        var seen: UInt64 = 0
        var lost: UInt64 = 0

        init(capacity: Int) {
            current = SpaceSaving(capacity: capacity)
            period = SpaceSaving(capacity: capacity)
        }

        mutating func add(_ event: KeyEvent, weight: UInt64, now: Int64) {
            seen &+= weight
            if let evicted = current.add(event.keyHash, weight: weight), period.entry(for: evicted) == nil {
                facts[evicted] = nil
            }
            if facts[event.keyHash] == nil {
                facts[event.keyHash] = KeyFacts(text: event.key, firstSeen: now)
            }
            if event.throttled { facts[event.keyHash]?.throttled += 1 }
        }

        mutating func rotate() {
            guard current.totalWeight > 0 else { return }
            for entry in current.top(current.count) {
                let peak = facts[entry.key]?.peakTenSeconds ?? 0
                facts[entry.key]?.peakTenSeconds = max(peak, entry.estimate)
            }
            period.merge(current)
            current = SpaceSaving(capacity: current.capacity)
            facts = facts.filter { period.entry(for: $0.key) != nil }
        }
    }

    private let capacity: Int
    private var resources: [HotKeyResource: ResourceState] = [:]
    private var rotation: Int64?

    /// Events handed over since the agent began, for its own health.
    private(set) var events: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Starts a new ten-second sketch when it is time.
    mutating func advance(to now: Int64) {
        let slot = now / (AgentLimits.sketchSeconds * 1_000_000_000)
        defer { rotation = slot }
        guard let rotation, rotation != slot else { return }
        for resource in resources.keys { resources[resource]?.rotate() }
    }

    mutating func add(_ event: KeyEvent, scope: MonitoringScope, now: Int64) {
        events += 1
        for (weight, isWrite) in [(event.readMilliUnits, false), (event.writeMilliUnits, true)] where weight > 0 {
            let resource = HotKeyResource(
                scope: scope, table: event.series.table, index: event.series.index, isWrite: isWrite)
            resources[resource, default: ResourceState(capacity: capacity)].add(event, weight: weight, now: now)
        }
    }

    /// Weight that was overwritten before it was read: it may belong to any key of any resource of that service.
    mutating func lose(readMilliUnits: UInt64, writeMilliUnits: UInt64, scope: MonitoringScope) {
        guard readMilliUnits > 0 || writeMilliUnits > 0 else { return }
        for resource in resources.keys where resource.scope == scope {
            let weight = resource.isWrite ? writeMilliUnits : readMilliUnits
            resources[resource]?.current.absorb(lostWeight: weight)
            resources[resource]?.lost &+= weight
        }
    }

    /// The period's hottest keys of each resource, without forgetting them.
    func drafts(
        windows: [WindowDraft], from start: Int64, to end: Int64, pseudonym: (_ hash: UInt64, _ text: String) -> String,
        keepPlainKeys: Bool
    ) -> [HotKeyDraft] {
        let consumption = ResourceConsumption.sums(of: windows)
        return Set(resources.keys).union(consumption.keys).sorted().compactMap { resource in
            var state = resources[resource] ?? ResourceState(capacity: capacity)
            state.rotate()
            let used = consumption[resource] ?? ResourceConsumption()
            guard state.seen > 0 || used.milliUnits > 0 else { return nil }
            let kept = state.period.top(AgentLimits.storedKeys + 1)
            let beyond = kept.dropFirst(AgentLimits.storedKeys).first?.estimate ?? 0
            let keys = kept.prefix(AgentLimits.storedKeys).map { entry in
                let facts = state.facts[entry.key]
                return HotKeyDraft.Key(
                    hash: pseudonym(entry.key, facts?.text ?? ""), plain: keepPlainKeys ? facts?.text : nil,
                    estimate: entry.estimate, error: entry.error, throttled: facts?.throttled ?? 0,
                    firstSeen: facts?.firstSeen ?? start, peakTenSeconds: facts?.peakTenSeconds ?? 0)
            }
            return HotKeyDraft(
                startedAt: start, endedAt: end, scope: resource.scope, table: resource.table, index: resource.index,
                isWrite: resource.isWrite, consumed: used.milliUnits, keyless: used.keylessMilliUnits, seen: state.seen,
                lost: state.lost, absentUpperBound: max(beyond, state.period.absentUpperBound),
                keyRangeThrottles: used.keyRangeThrottles, keys: Array(keys))
        }
    }

    /// Starts the next period; keys that were hot keep the time at which they were first seen.
    mutating func startPeriod() {
        for (resource, state) in resources {
            guard state.seen > 0 else {
                resources[resource] = nil
                continue
            }
            var merged = state
            merged.rotate()
            var next = ResourceState(capacity: capacity)
            for entry in merged.period.top(AgentLimits.storedKeys) {
                guard let facts = merged.facts[entry.key] else { continue }
                next.facts[entry.key] = KeyFacts(text: facts.text, firstSeen: facts.firstSeen)
            }
            resources[resource] = next
        }
    }
}

/// What the counters say of a resource in one direction.
struct ResourceConsumption {
    var milliUnits: UInt64 = 0
    var keylessMilliUnits: UInt64 = 0
    var keyRangeThrottles: UInt64 = 0

    static func sums(of windows: [WindowDraft]) -> [HotKeyResource: ResourceConsumption] {
        var sums: [HotKeyResource: ResourceConsumption] = [:]
        for window in windows {
            for (identity, totals) in window.series {
                for isWrite in [false, true] {
                    let units = isWrite ? totals.counters.writeMilliUnits : totals.counters.readMilliUnits
                    let throttles = totals.counters.keyRangeThrottles(isWrite: isWrite)
                    guard units > 0 || throttles > 0 else { continue }
                    let resource = HotKeyResource(
                        scope: identity.scope, table: identity.table, index: identity.index, isWrite: isWrite)
                    sums[resource, default: ResourceConsumption()].milliUnits += units
                    sums[resource, default: ResourceConsumption()].keyRangeThrottles += throttles
                    // A scan goes through every key and names none.
                    if identity.operation == "Scan" {
                        sums[resource, default: ResourceConsumption()].keylessMilliUnits += units
                    }
                }
            }
        }
        return sums
    }
}

extension SeriesCounters {
    /// Throttles that named a partition as the bottleneck, in one direction.
    func keyRangeThrottles(isWrite: Bool) -> UInt64 {
        ThrottleCause.allCases.reduce(0) { sum, cause in
            guard cause.isKeyRange, cause.isWrite == isWrite, Int(cause.rawValue) < throttleCauses.count else {
                return sum
            }
            return sum &+ throttleCauses[Int(cause.rawValue)]
        }
    }
}

extension ThrottleCause {
    /// Whether it was a write's capacity that was short.
    var isWrite: Bool { wireName.hasPrefix("TableWrite") || wireName.hasPrefix("IndexWrite") }
}
