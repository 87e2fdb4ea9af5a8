import AWSCore
import CloudWatch

/// Packs datums into batches that each fit one request, and counts those that no request may carry.
struct BatchFreezer {
    let namespace: String
    /// Now, for CloudWatch's window of time stamps.
    let now: Timestamp

    /// Reasons for which a datum is dropped before it reaches a batch.
    enum DropReason {
        static let tooOld = "older than 14 days"
        static let tooNew = "more than 2 hours ahead"
        static let invalid = "not valid for CloudWatch"
        static let notPublished = "publishing is switched off"
    }

    func freeze(_ datums: [MetricDatum]) -> (batches: [BatchDraft], drops: [DropDraft]) {
        var batches: [BatchDraft] = []
        var dropped: [String: [MetricDatum]] = [:]
        var open: [MetricDatum] = []
        var encoder = PutMetricDataEncoder(namespace: namespace)
        func close() {
            if !open.isEmpty { batches.append(Self.batch(open)) }
            open = []
            encoder = PutMetricDataEncoder(namespace: namespace)
        }
        // By time, so that a batch grows old as a whole.
        for datum in datums.sorted(by: { $0.timestamp > $1.timestamp }) {
            if let reason = dropReason(datum) {
                dropped[reason, default: []].append(datum)
                continue
            }
            do {
                if try !encoder.append(datum) {
                    close()
                    guard try encoder.append(datum) else { throw MetricDatumProblem.name(datum.name) }
                }
                open.append(datum)
            } catch {
                dropped[DropReason.invalid, default: []].append(datum)
            }
        }
        close()
        let drops = dropped.sorted { $0.key < $1.key }.map { Self.drop($0.value, reason: $0.key) }
        return (batches, drops)
    }

    /// Why a datum may not be sent now, or nil when it may.
    func dropReason(_ datum: MetricDatum) -> String? {
        if datum.timestamp < now.advanced(by: .zero - AgentLimits.publishableAge) { return DropReason.tooOld }
        if datum.timestamp > now.advanced(by: AgentLimits.publishableLead) { return DropReason.tooNew }
        return nil
    }

    static func batch(_ datums: [MetricDatum]) -> BatchDraft {
        let times = datums.map(\.timestamp.nanosecondsSince1970)
        return BatchDraft(
            newest: times.max() ?? 0, oldest: times.min() ?? 0, datums: datums.count,
            calls: CallShare.shares(of: datums), body: DatumBlob.encode(datums))
    }

    static func drop(_ datums: [MetricDatum], reason: String) -> DropDraft {
        DropDraft(reason: reason, datums: UInt64(datums.count), calls: CallShare.shares(of: datums))
    }
}
