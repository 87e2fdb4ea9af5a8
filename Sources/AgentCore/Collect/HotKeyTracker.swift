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

/// Counts key events into a sketch for each resource.
///
/// Of a file, a series' place is turned into the resource's number once a period; an event then costs an addition to the
/// sketch of that number, and neither a string nor an allocation.
struct HotKeyTracker {
    /// The numbers of the resources that a series counts for; nil where nothing was read, or written, yet.
    private struct Place {
        var read: Int?
        var write: Int?
    }

    private struct Units {
        var read: UInt64 = 0
        var write: UInt64 = 0
    }

    private let capacity: Int
    private var sketches: [HotKeySketch] = []
    private var numbers: [HotKeyResource: Int] = [:]
    /// By the file's id, then by the series' place in it.
    private var places: [String: [Place]] = [:]
    /// What each service lost in this period.
    private var lost: [MonitoringScope: Units] = [:]
    /// Services of which, in this period, more was read than is believed now.
    private var doubted: Set<MonitoringScope> = []
    /// Which ten seconds it is.
    private var slot: Int32 = 0

    /// Events handed over since the agent began, for its own health.
    private(set) var events: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    /// Begins other ten seconds when it is time.
    mutating func advance(to now: Int64) {
        let next = Int32(truncatingIfNeeded: now / (AgentLimits.sketchSeconds * 1_000_000_000))
        guard next != slot else { return }
        slot = next
        for number in sketches.indices { sketches[number].advance(toSlot: next) }
    }

    /// Counts what a file's ring has got since it was last drained.
    /// - Returns: whether all of it can have happened; where not, nothing of the file is to be believed.
    mutating func drain(_ reader: TelemetryReader, scope: MonitoringScope, now: Int64) -> Bool {
        let file = reader.identity.id
        // Out of the dictionary, so that it is changed in place.
        var places = places.removeValue(forKey: file) ?? []
        let drain = reader.drainRawKeyEvents { event in
            events &+= 1
            while places.count <= event.place { places.append(Place()) }
            if event.readMilliUnits > 0 {
                let number = places[event.place].read ?? number(of: event, in: reader, scope, isWrite: false)
                places[event.place].read = number
                sketches[number].add(event, weight: event.readMilliUnits, now: now)
            }
            if event.writeMilliUnits > 0 {
                let number = places[event.place].write ?? number(of: event, in: reader, scope, isWrite: true)
                places[event.place].write = number
                sketches[number].add(event, weight: event.writeMilliUnits, now: now)
            }
        }
        if !places.isEmpty { self.places[file] = places }
        lose(readMilliUnits: drain.lostReadMilliUnits, writeMilliUnits: drain.lostWriteMilliUnits, scope: scope)
        return drain.isPlausible
    }

    /// Forgets what a file that was refused has told in this period. A sketch gives nothing back, so that all of its service's
    /// key events go, and any key of it may have had all that was consumed (`drafts`).
    mutating func forget(_ id: String, scope: MonitoringScope) {
        guard places.removeValue(forKey: id) != nil else { return }
        doubted.insert(scope)
        lost[scope] = nil
        for (resource, number) in numbers where resource.scope == scope {
            sketches[number] = HotKeySketch(capacity: capacity, slot: slot)
        }
    }

    private mutating func number(
        of event: RawKeyEvent, in reader: TelemetryReader, _ scope: MonitoringScope, isWrite: Bool
    ) -> Int {
        let key = reader.key(at: event.place) ?? .other
        let resource = HotKeyResource(scope: scope, table: key.table, index: key.index, isWrite: isWrite)
        if let number = numbers[resource] { return number }
        numbers[resource] = sketches.count
        sketches.append(newSketch(for: resource))
        return sketches.count - 1
    }

    /// A sketch of a resource of which nothing was seen in this period, except that what was lost may have been its.
    private func newSketch(for resource: HotKeyResource) -> HotKeySketch {
        var sketch = HotKeySketch(capacity: capacity, slot: slot)
        let lost = lost[resource.scope] ?? Units()
        sketch.lose(resource.isWrite ? lost.write : lost.read)
        return sketch
    }

    /// Weight that was overwritten before it was read: it may belong to any key of any resource of that service.
    private mutating func lose(readMilliUnits: UInt64, writeMilliUnits: UInt64, scope: MonitoringScope) {
        guard readMilliUnits > 0 || writeMilliUnits > 0 else { return }
        let before = lost[scope] ?? Units()
        lost[scope] = Units(read: before.read.plus(readMilliUnits), write: before.write.plus(writeMilliUnits))
        for (resource, number) in numbers where resource.scope == scope {
            sketches[number].lose(resource.isWrite ? writeMilliUnits : readMilliUnits)
        }
    }

    /// The period's hottest keys of each resource, without forgetting them.
    func drafts(
        windows: [WindowDraft], from start: Int64, to end: Int64, pseudonym: (_ hash: UInt64, _ text: String) -> String,
        keepPlainKeys: Bool
    ) -> [HotKeyDraft] {
        let consumption = ResourceConsumption.sums(of: windows)
        return Set(numbers.keys).union(consumption.keys).sorted().compactMap { resource in
            var sketch = numbers[resource].map { sketches[$0] } ?? newSketch(for: resource)
            let used = consumption[resource] ?? ResourceConsumption()
            if doubted.contains(resource.scope) {
                sketch.lose(used.milliUnits - min(used.milliUnits, sketch.seen.plus(used.keylessMilliUnits)))
            }
            guard sketch.seen > 0 || used.milliUnits > 0 else { return nil }
            let top = sketch.heaviest(AgentLimits.storedKeys + 1)
            let kept = Self.countWorthStoring(top, of: sketch.seen.plus(sketch.lost))
            let beyond = kept < top.count ? top[kept].estimate : 0
            let keys = top.prefix(kept).compactMap(sketch.key(of:)).map { key in
                HotKeyDraft.Key(
                    hash: pseudonym(key.entry.key, key.text), plain: keepPlainKeys ? key.text : nil,
                    estimate: key.entry.estimate, error: key.entry.error, throttled: UInt64(key.throttled),
                    firstSeen: key.firstSeen, peakTenSeconds: key.peakTenSeconds)
            }
            return HotKeyDraft(
                startedAt: start, endedAt: end, scope: resource.scope, table: resource.table, index: resource.index,
                isWrite: resource.isWrite, consumed: used.milliUnits, keyless: used.keylessMilliUnits,
                seen: sketch.seen, lost: sketch.lost, absentUpperBound: max(beyond, sketch.absentUpperBound),
                keyRangeThrottles: used.keyRangeThrottles, keys: keys)
        }
    }

    /// Keys of less than a hundredth of the traffic are within the sketch's error: of them the hottest few are enough, and
    /// the bound for keys that are not listed covers the rest.
    private static func countWorthStoring(_ top: [SpaceSaving.Entry], of weight: UInt64) -> Int {
        let hot = top.prefix { $0.estimate >= weight / 100 }.count
        return min(max(hot, AgentLimits.thinnedKeys), AgentLimits.storedKeys, top.count)
    }

    /// Starts the next period; keys that were hot keep the time at which they were first seen.
    mutating func startPeriod() {
        (places, lost, doubted) = ([:], [:], [])
        var next = 0
        let places = sketches.map { sketch -> Int? in
            defer { if sketch.seen > 0 { next += 1 } }
            return sketch.seen > 0 ? next : nil
        }
        numbers = numbers.compactMapValues { places[$0] }
        // In place: a sketch's memory is not copied.
        sketches.removeAll { $0.seen == 0 }
        for number in sketches.indices { sketches[number].startPeriod(keeping: AgentLimits.storedKeys) }
    }
}

/// What the counters say of a resource in one direction.
struct ResourceConsumption {
    var milliUnits: UInt64 = 0
    var keylessMilliUnits: UInt64 = 0
    var keyRangeThrottles: UInt64 = 0

    private mutating func add(_ units: UInt64, throttles: UInt64, isKeyless: Bool) {
        milliUnits = milliUnits.plus(units)
        keyRangeThrottles = keyRangeThrottles.plus(throttles)
        if isKeyless { keylessMilliUnits = keylessMilliUnits.plus(units) }
    }

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
                    // A scan goes through every key and names none.
                    sums[resource, default: ResourceConsumption()]
                        .add(units, throttles: throttles, isKeyless: identity.operation == "Scan")
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
