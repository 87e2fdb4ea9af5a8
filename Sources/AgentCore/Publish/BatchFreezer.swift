import AWSCore
import CloudWatch

/// Packs datums into batches that each fit one request, one batch at a time, and counts those that no request may carry.
struct BatchFreezer {
    let namespace: String
    /// Now by CloudWatch's clock, for its window of time stamps.
    let now: Timestamp
    /// The time by which data are too old: no later than `now`.
    let ageNow: Timestamp

    /// Reasons for which calls are given up without CloudWatch's having refused them.
    enum DropReason {
        static let tooOld = "older than 14 days"
        static let tooNew = "more than 2 hours ahead"
        static let invalid = "not valid for CloudWatch"
        static let notPublished = "publishing is switched off"
        static let overBudget = "over the disk budget"
        static let damaged = "damaged in the store"
        static let lostWithStore = "lost with a damaged store"
        static let storeLost = "lost with the store"
        /// Not lost: another store has them in its own account.
        static let countedElsewhere = "counted by another store"
    }

    private var open = BatchAssembly()
    private var meter: PutMetricDataMeter
    private var dropped: [String: DropDraft] = [:]

    init(namespace: String, now: Timestamp, ageNow: Timestamp? = nil) {
        self.namespace = namespace
        self.now = now
        self.ageNow = min(now, ageNow ?? now)
        meter = PutMetricDataMeter(namespace: namespace)
    }

    /// Adds datums; best by time, newest first, so that a batch grows old as a whole.
    /// - Parameter batch: takes each batch as soon as it is full, so that never two of them are in memory.
    mutating func add(_ datums: [PublishedDatum], batch: (BatchDraft) throws -> Void) rethrows {
        for datum in datums {
            if let reason = dropReason(datum.datum) {
                drop(datum, reason: reason)
            } else if let fits = try? meter.add(datum.datum) {
                if !fits {
                    try close(batch)
                    guard (try? meter.add(datum.datum)) == true else {
                        drop(datum, reason: DropReason.invalid)
                        continue
                    }
                }
                open.append(datum)
            } else {
                drop(datum, reason: DropReason.invalid)
            }
        }
    }

    /// - Returns: what no request may carry.
    mutating func finish(batch: (BatchDraft) throws -> Void) rethrows -> [DropDraft] {
        try close(batch)
        return dropped.sorted { $0.key < $1.key }.map(\.value)
    }

    private mutating func close(_ batch: (BatchDraft) throws -> Void) rethrows {
        if open.count > 0 { try batch(open.finish()) }
        meter.startRequest()
    }

    private mutating func drop(_ datum: PublishedDatum, reason: String) {
        var sum = dropped[reason] ?? DropDraft(reason: reason, datums: 0, calls: [])
        sum.datums += 1
        if !datum.calls.isEmpty { sum.calls = CallShare.sum(of: sum.calls + datum.calls) }
        dropped[reason] = sum
    }

    /// Why a datum may not be sent now, or nil when it may.
    func dropReason(_ datum: MetricDatum) -> String? {
        if datum.timestamp < ageNow.advanced(by: .zero - AgentLimits.publishableAge) { return DropReason.tooOld }
        if datum.timestamp > now.advanced(by: AgentLimits.publishableLead) { return DropReason.tooNew }
        return nil
    }

    static func batch(_ datums: some Sequence<PublishedDatum>) -> BatchDraft {
        var assembly = BatchAssembly()
        for datum in datums { assembly.append(datum) }
        return assembly.finish()
    }

    static func drop(_ datums: [PublishedDatum], reason: String) -> DropDraft {
        DropDraft(reason: reason, datums: UInt64(datums.count), calls: CallShare.sum(of: datums))
    }
}

/// A batch in the making, of which only what will be stored is kept.
private struct BatchAssembly {
    private var body = DatumBlob.Writer()
    private var (newest, oldest) = (Int64.min, Int64.max)
    private var calls: [CallShare] = []

    var count: Int { body.count }

    mutating func append(_ datum: PublishedDatum) {
        let time = datum.datum.timestamp.nanosecondsSince1970
        (newest, oldest) = (max(newest, time), min(oldest, time))
        calls += datum.calls
        body.append(datum)
    }

    /// Gives the batch, and starts over.
    mutating func finish() -> BatchDraft {
        defer { self = BatchAssembly() }
        return BatchDraft(
            newest: count > 0 ? newest : 0, oldest: count > 0 ? oldest : 0, datums: count,
            calls: CallShare.sum(of: calls), body: body.finish())
    }
}
