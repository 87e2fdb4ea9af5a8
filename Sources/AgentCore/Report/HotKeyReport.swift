public import AWSCore
public import Monitoring

/// The hottest partition keys, of each table and index, reads and writes apart.
///
/// Every figure is known with bounds: the true value lies between `lower` and `upper`.
public struct HotKeyReport: Sendable, Equatable {
    /// A value that is known to lie between two others.
    public struct Bounds: Sendable, Equatable {
        /// At least so much.
        public var lower: Double
        /// At most so much.
        public var upper: Double

        /// Bounds of a value.
        public init(lower: Double, upper: Double) {
            self.lower = lower
            self.upper = upper
        }

        func scaled(_ factor: Double) -> Bounds { Bounds(lower: lower * factor, upper: upper * factor) }
    }

    /// One hot key.
    public struct Finding: Sendable, Equatable {
        /// Whose traffic it is.
        public var scope: MonitoringScope
        /// The table.
        public var table: String
        /// The index, or empty for the table itself.
        public var index: String
        /// Whether this is about writes; else about reads.
        public var isWrite: Bool
        /// The key's HMAC: 32 hexadecimal digits.
        public var hash: String
        /// The key, cut; only where the caller asked for it and the store keeps it.
        public var key: String?
        /// Its share of what the table or index served in this direction to calls that name a key, 0...1.
        public var share: Bounds
        /// Capacity units a second over the report's time.
        public var unitsPerSecond: Bounds
        /// At most so many units a second in its hottest ten seconds.
        public var peakUnitsPerSecond: Double
        /// Load on its partition over the report's time, in percent of 3,000 reads or 1,000 writes a second.
        public var loadPercent: Bounds
        /// Events of it that were throttled.
        public var throttledEvents: UInt64
        /// Since when it has been among the hottest.
        public var since: Timestamp
        /// Into how many shards it would have to be split so that none is above 60% of a partition in its hottest ten
        /// seconds; 1 means that it need not be split.
        public var shardsNeeded: Int
        /// As many it would have to be for certain, since its load may be anywhere between the bounds; 1 means that it may not
        /// be hot at all.
        public var shardsAtLeast: Int
    }

    /// What is known of a table or index in one direction besides its keys.
    public struct Coverage: Sendable, Equatable {
        /// Whose traffic it is.
        public var scope: MonitoringScope
        /// The table.
        public var table: String
        /// The index, or empty.
        public var index: String
        /// Whether this is about writes.
        public var isWrite: Bool
        /// Units consumed, by the counters.
        public var consumedUnits: Double
        /// Of these, by scans, which name no key.
        public var keylessUnits: Double
        /// Share of the rest that was seen in key events, 0...1.
        public var coverage: Double
        /// Throttles that named a partition (KeyRangeThroughputExceeded).
        public var keyRangeThrottles: UInt64
    }

    /// The report's time.
    public var since: Timestamp
    /// The report's end.
    public var until: Timestamp
    /// The hottest keys, heaviest share of a partition first.
    public var findings: [Finding]
    /// The tables and indexes that had traffic.
    public var coverage: [Coverage]

    /// Reads the report from a store.
    /// - Parameters:
    ///   - since: from when on.
    ///   - table: one table with its indexes, or all when nil.
    ///   - keysPerResource: how many keys to list for a table or index and direction. Default: 5.
    ///   - showKeys: whether plain keys are shown; they never leave the host otherwise. Default: no.
    ///   - filter: whose keys. Default: everybody's.
    public static func make(
        from store: AgentStore, since: Timestamp, now: Timestamp, table: String? = nil, keysPerResource: Int = 5,
        showKeys: Bool = false, filter: ScopeFilter = ScopeFilter()
    ) throws(AgentError) -> HotKeyReport {
        var merged: [HotKeyResource: MergedHotKeys] = [:]
        for record in try store.hotKeys(since: since, table: table) where filter.includes(record.scope) {
            let resource = HotKeyResource(
                scope: record.scope, table: record.table, index: record.index, isWrite: record.isWrite)
            merged[resource, default: MergedHotKeys()].add(record)
        }
        var report = HotKeyReport(since: since, until: now, findings: [], coverage: [])
        for (resource, keys) in merged.sorted(by: { $0.key < $1.key }) {
            report.coverage.append(keys.coverage(of: resource))
            report.findings += keys.findings(of: resource, limit: keysPerResource, showKeys: showKeys)
        }
        report.findings.sort { left, right in
            left.loadPercent.upper == right.loadPercent.upper
                ? left.hash < right.hash : left.loadPercent.upper > right.loadPercent.upper
        }
        return report
    }
}

/// The records of one table or index and direction, put together.
private struct MergedHotKeys {
    private struct Key {
        var estimate: UInt64 = 0
        var error: UInt64 = 0
        /// Σ of the bounds for absent keys over the records that list it.
        var absentThere: UInt64 = 0
        var throttled: UInt64 = 0
        var firstSeen = Timestamp(nanosecondsSince1970: .max)
        var peak: UInt64 = 0
        /// What it certainly had in its hottest ten seconds: an entry's error bounds that of every part of the time.
        var certainPeak: UInt64 = 0
        var plain: String?

        mutating func add(_ key: StoredHotKeys.Key, absent: UInt64) {
            estimate = estimate.plus(key.estimate)
            error = error.plus(key.error)
            absentThere = absentThere.plus(absent)
            throttled = throttled.plus(key.throttled)
            firstSeen = min(firstSeen, key.firstSeen)
            peak = max(peak, key.peakTenSeconds)
            certainPeak = max(certainPeak, key.peakTenSeconds - min(key.error, key.peakTenSeconds))
            plain = key.plain ?? plain
        }
    }

    private var keys: [String: Key] = [:]
    private var absent: UInt64 = 0
    private var consumed: UInt64 = 0
    private var keyless: UInt64 = 0
    private var seen: UInt64 = 0
    private var keyRangeThrottles: UInt64 = 0
    private var start: Timestamp?
    private var end: Timestamp?

    mutating func add(_ record: StoredHotKeys) {
        absent = absent.plus(record.absentUpperBound)
        consumed = consumed.plus(record.consumed)
        keyless = keyless.plus(record.keyless)
        seen = seen.plus(record.seen)
        keyRangeThrottles = keyRangeThrottles.plus(record.keyRangeThrottles)
        start = min(start ?? record.start, record.start)
        end = max(end ?? record.end, record.end)
        for key in record.keys {
            keys[key.hash, default: Key()].add(key, absent: record.absentUpperBound)
        }
    }

    private var keyedMilliUnits: Double {
        // Events of throttled attempts weigh an estimate, so that they may exceed what was consumed.
        max(Double(consumed) - Double(keyless), Double(seen), 1)
    }

    private var seconds: Double {
        guard let start, let end else { return 1 }
        return max(1, Double(end.nanosecondsSince1970 - start.nanosecondsSince1970) / 1e9)
    }

    func coverage(of resource: HotKeyResource) -> HotKeyReport.Coverage {
        let keyed = Double(consumed) - Double(min(keyless, consumed))
        return HotKeyReport.Coverage(
            scope: resource.scope, table: resource.table, index: resource.index, isWrite: resource.isWrite,
            consumedUnits: Double(consumed) / 1_000, keylessUnits: Double(keyless) / 1_000,
            coverage: keyed > 0 ? min(1, Double(seen) / keyed) : 1, keyRangeThrottles: keyRangeThrottles)
    }

    func findings(of resource: HotKeyResource, limit: Int, showKeys: Bool) -> [HotKeyReport.Finding] {
        let ranked = keys.sorted { left, right in
            left.value.estimate == right.value.estimate
                ? left.key < right.key : left.value.estimate > right.value.estimate
        }
        let limits = resource.isWrite ? PartitionLimits.writeUnitsPerSecond : PartitionLimits.readUnitsPerSecond
        return ranked.prefix(limit).map { hash, key in
            // Where a record does not list the key, it may have had as much as any absent one.
            let upper = Double(key.estimate.plus(absent - min(absent, key.absentThere)))
            let lower = Double(key.estimate - min(key.error, key.estimate))
            let milliUnits = HotKeyReport.Bounds(lower: lower, upper: upper)
            let rate = milliUnits.scaled(0.001 / seconds)
            let tenSeconds = 1_000 * Double(AgentLimits.sketchSeconds)
            let peak = max(Double(key.peak) / tenSeconds, rate.upper)
            let certainPeak = max(Double(key.certainPeak) / tenSeconds, rate.lower)
            func shards(_ unitsPerSecond: Double) -> Int {
                max(1, Int((100 * unitsPerSecond / limits / PartitionLimits.comfortableLoadPercent).rounded(.up)))
            }
            return HotKeyReport.Finding(
                scope: resource.scope, table: resource.table, index: resource.index, isWrite: resource.isWrite,
                hash: hash,
                key: showKeys ? key.plain : nil,
                share: HotKeyReport.Bounds(
                    lower: min(1, lower / keyedMilliUnits), upper: min(1, upper / keyedMilliUnits)),
                unitsPerSecond: rate, peakUnitsPerSecond: peak, loadPercent: rate.scaled(100 / limits),
                throttledEvents: key.throttled, since: key.firstSeen, shardsNeeded: shards(peak),
                shardsAtLeast: shards(certainPeak))
        }
    }
}
