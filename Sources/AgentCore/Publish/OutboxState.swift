/// Where a batch stands in the store. What leaves the store (acknowledged, dropped, ambiguous for good) is in the ledger.
enum BatchState: Int, Sendable {
    /// Waits for its turn. Next: `sending`; or dropped when it grows too old.
    case pending = 0
    /// Its request is on the way, or was when the agent died. Next: gone (acknowledged, refused alone, ambiguous for good),
    /// `pending` (throttled, server failure, or lost and to be sent again), or split into two when it was refused.
    case sending = 1
    /// The second half of a refused batch, until the first half's answer says where the refused datum is. Next: `pending`
    /// (it is in the first half), or split (it is in this one). Or a datum that is set apart (`StoredBatch.apart`), which is
    /// tried now and then. Next: `sending`.
    case held = 2
}

/// The lines of the ledger.
public enum LedgerState: Int, Sendable {
    /// CloudWatch said that it took it.
    case acknowledged = 0
    /// The answer was lost and it is not sent again: it may have counted.
    case ambiguous = 1
    /// Given up, with the reason.
    case dropped = 2
    /// Not a share of what was recorded, but how much was in requests that may have counted without our knowing: each of
    /// them may have made CloudWatch's sum larger than what is acknowledged.
    case mayHaveCounted = 3
    /// For datums, all that were made. For calls, those whose totals were lost with a damaged store, while what became of
    /// them was not.
    case recorded = 4
}

/// What a request came to, as far as the outbox is concerned.
public enum SendOutcome: Sendable, Equatable {
    /// CloudWatch took all of it.
    case acknowledged
    /// CloudWatch refused all of it because of at least one datum.
    case refused(reason: String)
    /// The request was too large for CloudWatch or for what lies before it; no datum is to blame.
    case tooLarge(reason: String)
    /// Not taken now, for a reason that is not in the datums: throttled, server failure, no permission, no connection.
    /// - mayHaveCounted: whether the request reached a server that failed on it.
    case later(reason: String, mayHaveCounted: Bool)
    /// No answer came: it may or may not have been taken.
    case lost(reason: String)
}

/// What to do with a batch after its request.
enum BatchDecision: Sendable, Equatable {
    /// Enter it as acknowledged and delete it.
    case acknowledge
    /// Back to pending.
    case retry(reason: String, mayHaveCounted: Bool)
    /// Back to pending, marked as one that may have counted.
    case resend(reason: String)
    /// Enter it as ambiguous and delete it.
    case giveUpAmbiguous(reason: String)
    /// Halve it: the first half is sent next, the second waits for that answer.
    case split(reason: String)
    /// Halve it: both halves take their ordinary turn.
    case halve(reason: String)
    /// Halve it, since it fails where others do not: both halves are sent next.
    case isolate(reason: String)
    /// Its body cannot be read any more: enter it as dropped and delete it.
    case drop(reason: String)
    /// Set the datums at these places apart, each alone; the others take their ordinary turn.
    case setApart(places: [Int])
    /// It is one datum that fails where others are taken: set it apart.
    /// - newly: the series, where that is new.
    case setAlone(reason: String, mayHaveCounted: Bool, newly: SuspectSeries.Name?)
    /// It is one datum: put it aside with the reason.
    case quarantine(reason: String)
    /// It is one datum that fails where all others are taken: put it aside with the reason.
    case putAside(reason: String, mayHaveCounted: Bool)
}

/// Decides what follows from each answer and when the next request may go. Neither clock nor store nor network.
struct OutboxState: Sendable {
    /// Whether a batch whose answer was lost is sent again.
    var resendAmbiguous: Bool
    /// Nothing is sent before this, in nanoseconds since 1970.
    private(set) var notBefore: Int64 = .min
    /// Requests in a row that CloudWatch did not take.
    private(set) var failures = 0
    /// Why the last request was not taken; empty when it was.
    private(set) var trouble = ""
    /// Batches that fail while others may be taken.
    private(set) var suspects = SuspectBatches()
    /// Series whose datums are set apart.
    private(set) var series = SuspectSeries()
    /// Fewer datums than were too large for what lies before CloudWatch, and until when that is minded.
    private var sizeLimit: (datums: Int, until: Int64)?

    init(resendAmbiguous: Bool) { self.resendAmbiguous = resendAmbiguous }

    /// A pause longer than the longest there is means that the clock was set back.
    func maySend(at now: Int64) -> Bool {
        now >= notBefore || notBefore - now > AgentLimits.backOffCap.nanosecondsCount
    }

    /// - Parameter random: in [0, 1), for full jitter.
    mutating func decide(_ outcome: SendOutcome, of batch: SentBatch, now: Int64, random: Double) -> BatchDecision {
        switch outcome {
        case .acknowledged:
            settle()
            suspects.taken(batch.id)
            if let name = batch.only { series.taken(name, batch: batch.id) }
            return .acknowledge
        case .refused(let reason):
            // The service answers: there is nothing to back off from.
            settle()
            suspects.forget(batch.id)
            return batch.datums > 1 ? .split(reason: reason) : .quarantine(reason: reason)
        case .tooLarge(let reason) where batch.datums > 1:
            // Every halving helps, and none is waited for; what comes next is not made as large for a while.
            settle()
            suspects.forget(batch.id)
            sizeLimit = (datums: batch.datums / 2, until: now + AgentLimits.sizeLimitLasts.nanosecondsCount)
            return .halve(reason: reason)
        case .tooLarge(let reason):
            return failed(reason, false, batch, now, random) ?? .retry(reason: reason, mayHaveCounted: false)
        case .later(let reason, let mayHaveCounted):
            return failed(reason, mayHaveCounted, batch, now, random)
                ?? .retry(reason: reason, mayHaveCounted: mayHaveCounted)
        case .lost(let reason):
            guard resendAmbiguous else {
                backOff(reason, now: now, random: random)
                return .giveUpAmbiguous(reason: reason)
            }
            return failed(reason, true, batch, now, random) ?? .resend(reason: reason)
        }
    }

    /// What is to be done with a batch whose failures are its own; nil when it is to be sent again.
    private mutating func failed(
        _ reason: String, _ mayHaveCounted: Bool, _ batch: SentBatch, _ now: Int64, _ random: Double
    ) -> BatchDecision? {
        func pause(_ failures: Int) -> Int64 { Self.pause(after: failures - 1, random: random) }
        if batch.isApart, let name = batch.only {
            return series.failed(name, batch: batch.id, now: now, pause: pause)
                ? .putAside(reason: reason, mayHaveCounted: mayHaveCounted) : nil
        }
        let wasSuspect = suspects.givingWay.contains(batch.id)
        let verdict = suspects.failed(batch, isKnown: !series.isEmpty, now: now, pause: pause)
        if !wasSuspect, !batch.isHalf { series.nobodyIsTaken() }
        switch verdict {
        case .again:
            // Of a part of what failed it was to be expected, and says nothing of the service: it is the witness that does.
            if batch.isHalf { failures = 0 }
            backOff(reason, now: now, random: random)
            return nil
        case .halve:
            suspects.forget(batch.id)
            return .isolate(reason: reason)
        case .setApart:
            suspects.forget(batch.id)
            let newly = batch.only.flatMap { series.insert($0) ? $0 : nil }
            return .setAlone(reason: reason, mayHaveCounted: mayHaveCounted, newly: newly)
        }
    }

    /// A batch waits for a reason that is neither its own nor goes away by trying others.
    mutating func wait(_ reason: String, now: Int64, random: Double) -> BatchDecision {
        backOff(reason, now: now, random: random)
        return .retry(reason: reason, mayHaveCounted: false)
    }

    /// What became of a witness for the suspects.
    mutating func hear(witness outcome: SendOutcome, now: Int64, random: Double) {
        switch outcome {
        case .acknowledged:
            // What waits is in trouble still.
            failures = 0
            suspects.heard(witnessTaken: true)
            series.heard(witnessTaken: true, at: now)
        case .refused(let reason), .tooLarge(let reason), .later(let reason, _), .lost(let reason):
            backOff(reason, now: now, random: random)
            suspects.heard(witnessTaken: false)
            series.heard(witnessTaken: false, at: now)
        }
    }

    /// A batch that is not in the store any more.
    mutating func forget(_ batches: Set<Int64>) {
        for batch in batches { suspects.forget(batch) }
    }

    /// Whether a batch is larger than what was too large of late, so that it is halved without being sent.
    func isTooLarge(datums: Int, at now: Int64) -> Bool {
        guard let sizeLimit, now < sizeLimit.until else { return false }
        return datums > max(1, sizeLimit.datums)
    }

    private mutating func settle() {
        failures = 0
        notBefore = .min
        trouble = ""
    }

    private mutating func backOff(_ reason: String, now: Int64, random: Double) {
        trouble = reason
        notBefore = now + Self.pause(after: failures, random: random)
        failures += 1
    }

    private static func pause(after failures: Int, random: Double) -> Int64 {
        let cap = Double(AgentLimits.backOffCap.nanosecondsCount)
        var ceiling = Double(AgentLimits.backOffBase.nanosecondsCount)
        for _ in 0..<min(failures, 16) where ceiling < cap { ceiling *= 2 }
        return Int64(random * min(ceiling, cap))
    }
}

/// What the outbox has to know of a batch that was sent.
struct SentBatch: Sendable {
    var id: Int64
    var datums: Int
    /// Whether it is a part of one that was refused or failed.
    var isHalf = false
    /// Whether it was set apart.
    var isApart = false
    /// The series, where it is one datum.
    var only: SuspectSeries.Name?
}

extension Duration {
    /// Whole nanoseconds; every duration of the agent fits.
    var nanosecondsCount: Int64 {
        let parts = components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}
