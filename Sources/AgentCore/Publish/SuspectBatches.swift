/// Batches whose requests fail though they may not be at fault, and what became of others meanwhile: one batch that CloudWatch,
/// or what lies before it, can never take must not hold up all the others.
///
/// A batch that fails again and again gives way to others. Before it is tried again, a witness is: a request with one datum
/// that tells nothing new. Where the witness is taken, or others are, and the batch still fails, it is halved until what is at
/// fault is alone; that is set apart (`SuspectSeries`). A service that fails on some requests, whatever is in them, convicts
/// nobody for good: a witness that fails acquits all.
struct SuspectBatches: Sendable {
    fileprivate enum Witness { case unasked, taken, failed }

    fileprivate struct Record: Sendable {
        /// Failures in a row.
        var failures = 0
        /// Those before which others were taken.
        var convictions = 0
        /// Whether the witness was one of these others.
        var isWitnessed = false
        /// What became of others since its last failure.
        var othersTaken = false
        var witness = Witness.unasked
        /// Its next try, nanoseconds since 1970.
        var notBefore = Int64.min
        var givesWayAfter: Int
    }

    /// What to do with a batch that has failed.
    enum Verdict: Equatable { case again, halve, setApart }

    static let failuresUntilItGivesWay = 3
    /// Of a whole batch, and of what is alone already; a part that fails once more is halved at once.
    static let convictionsUntilItIsHalved = 2

    private var records: [Int64: Record] = [:]

    /// Those that give way to others.
    var givingWay: Set<Int64> { Set(records.filter { $0.value.givesWay }.keys) }

    /// Those of them that may be tried again.
    func due(at now: Int64) -> Set<Int64> {
        Set(records.filter { $0.value.givesWay && $0.value.isDue(at: now) }.keys)
    }

    /// Whether one of them is to be tried again of which nobody has been a witness.
    func awaitsWitness(at now: Int64) -> Bool {
        records.values.contains { $0.givesWay && $0.isDue(at: now) && $0.witness == .unasked }
    }

    /// A batch was taken. Where nothing was before, those that nothing speaks against but that take their turn again: it was
    /// not they that were at fault.
    mutating func taken(_ batch: Int64) {
        records[batch] = nil
        othersAreTaken()
    }

    /// The witness was taken, or was not.
    mutating func heard(witnessTaken: Bool) {
        if witnessTaken { othersAreTaken() } else { nobodyIsTaken() }
        for id in records.keys {
            records[id]?.witness = witnessTaken ? .taken : .failed
            if !witnessTaken { records[id]?.acquit() }
        }
    }

    /// It was answered in a way that tells what to do with it, or is no more.
    mutating func forget(_ batch: Int64) { records[batch] = nil }

    /// - Parameters:
    ///   - isKnown: whether requests are known to fail for what is in them, so that one failure is enough to give way.
    ///   - pause: how long before it may be tried again, in nanoseconds, after that many failures.
    mutating func failed(_ batch: SentBatch, isKnown: Bool, now: Int64, pause: (Int) -> Int64) -> Verdict {
        let atOnce = batch.isHalf || isKnown || records.values.contains(where: \.isWitnessed)
        var record = records[batch.id] ?? Record(givesWayAfter: atOnce ? 1 : Self.failuresUntilItGivesWay)
        record.fail()
        // The service is well then: there is no reason to wait longer and longer.
        record.notBefore = now + pause(record.isWitnessed ? 1 : record.failures)
        records[batch.id] = record
        if !record.givesWay || record.failures == 1 && !batch.isHalf { nobodyIsTaken(but: batch.id) }
        if batch.datums > 1, batch.isHalf, record.convictions > 0 { return .halve }
        guard record.convictions >= Self.convictionsUntilItIsHalved else { return .again }
        return batch.datums > 1 ? .halve : .setApart
    }

    private mutating func othersAreTaken() {
        for (id, record) in records {
            if record.convictions == 0, !record.othersTaken { records[id]?.failures = 0 }
            records[id]?.othersTaken = true
        }
    }

    /// A request failed that is not known to be at fault itself.
    private mutating func nobodyIsTaken(but batch: Int64? = nil) {
        for id in records.keys where id != batch {
            records[id]?.othersTaken = false
            records[id]?.witness = .unasked
        }
    }
}

extension SuspectBatches.Record {
    var givesWay: Bool { failures >= givesWayAfter || convictions > 0 }

    func isDue(at now: Int64) -> Bool {
        // A pause longer than the longest there is means that the clock was set back.
        now >= notBefore || notBefore - now > AgentLimits.backOffCap.nanosecondsCount
    }

    mutating func fail() {
        failures += 1
        if othersTaken { convictions += 1 }
        if witness == .taken { isWitnessed = true }
        othersTaken = false
        witness = .unasked
    }

    mutating func acquit() {
        convictions = 0
        isWitnessed = false
    }
}
