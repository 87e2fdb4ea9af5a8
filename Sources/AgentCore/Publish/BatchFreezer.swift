import AWSCore
import CloudWatch

/// Packs datums into batches that each fit one request, one batch at a time, and counts those that no request may carry.
struct BatchFreezer {
    let namespace: String
    /// Now by CloudWatch's clock, for its window of time stamps.
    let now: Timestamp

    /// Reasons for which calls are given up without CloudWatch's having refused them.
    enum DropReason {
        static let tooOld = "older than 14 days"
        static let tooNew = "more than 2 hours ahead"
        static let invalid = "not valid for CloudWatch"
        static let notPublished = "publishing is switched off"
        static let overBudget = "over the disk budget"
        static let damaged = "damaged in the store"
        static let lostWithStore = "lost with a damaged store"
    }

    /// - Parameter batch: takes each batch as soon as it is full, so that never two of them are in memory.
    /// - Returns: what no request may carry.
    func freeze(_ datums: [PublishedDatum], batch: (BatchDraft) throws -> Void) rethrows -> [DropDraft] {
        var dropped: [String: [PublishedDatum]] = [:]
        var open: [PublishedDatum] = []
        var encoder = PutMetricDataEncoder(namespace: namespace)
        // By time, so that a batch grows old as a whole.
        for datum in datums.sorted(by: { $0.datum.timestamp > $1.datum.timestamp }) {
            if let reason = dropReason(datum.datum) {
                dropped[reason, default: []].append(datum)
                continue
            }
            do {
                if try encoder.append(datum.datum) {
                    open.append(datum)
                    continue
                }
            } catch {
                dropped[DropReason.invalid, default: []].append(datum)
                continue
            }
            try batch(Self.batch(open))
            encoder = PutMetricDataEncoder(namespace: namespace)
            if (try? encoder.append(datum.datum)) == true {
                open = [datum]
            } else {
                open = []
                dropped[DropReason.invalid, default: []].append(datum)
            }
        }
        if !open.isEmpty { try batch(Self.batch(open)) }
        return dropped.sorted { $0.key < $1.key }.map { Self.drop($0.value, reason: $0.key) }
    }

    /// Why a datum may not be sent now, or nil when it may.
    func dropReason(_ datum: MetricDatum) -> String? {
        if datum.timestamp < now.advanced(by: .zero - AgentLimits.publishableAge) { return DropReason.tooOld }
        if datum.timestamp > now.advanced(by: AgentLimits.publishableLead) { return DropReason.tooNew }
        return nil
    }

    static func batch(_ datums: [PublishedDatum]) -> BatchDraft {
        let times = datums.map(\.datum.timestamp.nanosecondsSince1970)
        return BatchDraft(
            newest: times.max() ?? 0, oldest: times.min() ?? 0, datums: datums.count,
            calls: CallShare.sum(of: datums), body: DatumBlob.encode(datums))
    }

    static func drop(_ datums: [PublishedDatum], reason: String) -> DropDraft {
        DropDraft(reason: reason, datums: UInt64(datums.count), calls: CallShare.sum(of: datums))
    }
}
