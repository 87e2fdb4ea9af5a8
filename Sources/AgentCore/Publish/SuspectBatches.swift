/// Batches whose requests fail though they may not be at fault, and what became of others meanwhile: one batch that CloudWatch,
/// or what lies before it, can never take must not hold up all the others.
///
/// A batch that fails again and again gives way to others. When those are taken, one after the other, it is halved until what
/// is at fault is alone; and that is put aside when it has failed many times more while nothing else did. A service that
/// fails on one request in two convicts nobody: every failure of a batch that is not suspected acquits all.
struct SuspectBatches: Sendable {
    private struct Record: Sendable {
        /// Failures in a row.
        var failures = 0
        /// Those that came while others were taken.
        var convictions = 0
        /// Others that were taken since, with no failure between.
        var othersTaken = 0
        /// Its next try, nanoseconds since 1970.
        var notBefore = Int64.min
        var givesWayAfter: Int
    }

    /// What to do with a batch that has failed.
    enum Verdict: Equatable { case again, halve, putAside }

    static let failuresUntilItGivesWay = 3
    static let convictionsToHalve = 2
    static let convictionsToPutAside = 8
    static let othersTakenToPutAside = 20

    private var records: [Int64: Record] = [:]

    /// Those that give way to others.
    var givingWay: Set<Int64> { Set(records.filter { $0.value.failures >= $0.value.givesWayAfter }.keys) }

    /// Those of them that may be tried again.
    func due(at now: Int64) -> Set<Int64> {
        givingWay.filter { id in
            guard let notBefore = records[id]?.notBefore else { return false }
            // A pause longer than the longest there is means that the clock was set back.
            return now >= notBefore || notBefore - now > AgentLimits.backOffCap.nanosecondsCount
        }
    }

    /// A batch was taken. Where nothing was before, those that nothing speaks against but that take their turn again: it was
    /// not they that were at fault.
    mutating func taken(_ batch: Int64) {
        records[batch] = nil
        for (id, record) in records {
            records[id]?.othersTaken += 1
            if record.convictions == 0, record.othersTaken == 0 { records[id]?.failures = 0 }
        }
    }

    /// It was answered in a way that tells what to do with it, or is no more.
    mutating func forget(_ batch: Int64) { records[batch] = nil }

    /// No request would have been taken.
    /// - Parameter batch: the one that says so, of whose own fault it says nothing.
    mutating func nobodyIsTaken(but batch: Int64? = nil) {
        for id in records.keys where id != batch {
            records[id]?.othersTaken = 0
            records[id]?.convictions = 0
        }
    }

    /// - Parameters:
    ///   - isHalf: whether it is a part of one that failed, which has given way before.
    ///   - pause: how long before it may be tried again, in nanoseconds.
    mutating func failed(_ batch: Int64, isHalf: Bool, datums: Int, now: Int64, pause: (Int) -> Int64) -> Verdict {
        var record = records[batch] ?? Record(givesWayAfter: isHalf ? 1 : Self.failuresUntilItGivesWay)
        record.failures += 1
        if record.othersTaken > 0 { record.convictions += 1 }
        record.notBefore = now + pause(record.failures)
        records[batch] = record
        if record.failures < record.givesWayAfter { nobodyIsTaken(but: batch) }
        guard record.convictions >= Self.convictionsToHalve else { return .again }
        if datums > 1 { return .halve }
        return record.convictions >= Self.convictionsToPutAside && record.othersTaken >= Self.othersTakenToPutAside
            ? .putAside : .again
    }
}
