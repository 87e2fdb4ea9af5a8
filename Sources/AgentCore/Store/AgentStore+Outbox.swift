import AWSCore
import CloudWatch
import FoundationEssentials
import GRDB
import Monitoring

/// A batch as the outbox handles it.
struct StoredBatch: Sendable {
    var id: Int64
    /// The window that it is of.
    var span: Int64
    var datumCount: Int
    var oldest: Int64
    var newest: Int64
    /// How often its answer was lost.
    var ambiguousSends: Int
    /// Depth of bisection; above zero its answer says where a refused datum is.
    var probe: Int
    var isApart: Bool
    var calls: [CallShare]
    var body: [UInt8]

    /// What `heldBy` is of a batch that is set apart; no batch has that number.
    static let apart: Int64 = 0

    /// - Parameter row: read by `RowMark.select`.
    init(_ row: Row) throws {
        let row = try row.checked()
        id = row["id"]
        span = row["span"]
        datumCount = row["datums"]
        oldest = row["oldest"]
        newest = row["newest"]
        ambiguousSends = row["ambiguousSends"]
        probe = row["probe"]
        isApart = (row["heldBy"] as Int64?) == Self.apart
        calls = try CallShare.decode(row.bytes("calls"))
        body = row.bytes("body")
    }
}

/// Which batches are meant by their numbers.
enum BatchChoice {
    case all
    case allBut(Set<Int64>)
    case among(Set<Int64>)

    /// The pending one of them that is sent next: halves of a refused batch first, then the newest.
    /// - Parameter selection: what is wanted of it.
    func next(_ selection: String, upTo latest: Int64, in database: Database) throws -> Row? {
        let sql =
            "\(selection) WHERE state = ? AND newest <= ?\(condition) ORDER BY probe DESC, newest DESC, id LIMIT 1"
        let arguments: StatementArguments = [BatchState.pending.rawValue, latest]
        // Numbers in the text would each be a cached statement of their own.
        return condition.isEmpty
            ? try Row.fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
            : try Row.fetchOne(database, sql: sql, arguments: arguments)
    }

    private var condition: String {
        func list(_ numbers: Set<Int64>) -> String { numbers.sorted().map { "\($0)" }.joined(separator: ",") }
        return switch self {
        case .all: ""
        case .allBut(let numbers): " AND id NOT IN (\(list(numbers)))"
        case .among(let numbers): " AND id IN (\(list(numbers)))"
        }
    }
}

extension AgentStore {
    /// Takes the next batch and marks it as `sending` before anything of it goes out: halves of a refused batch first, then
    /// the newest.
    /// - Parameters:
    ///   - latest: what is stamped later, by a clock that was wrong, waits until it is moved.
    ///   - choice: which batches are meant.
    func takeNextBatch(upTo latest: Int64 = .max, _ choice: BatchChoice = .all) throws(AgentError) -> StoredBatch? {
        try write { database in
            let row = try choice.next(RowMark.select("batch"), upTo: latest, in: database)
            guard let row else { return nil }
            let batch = try StoredBatch(row)
            try Self.setState(.sending, of: batch.id, in: database)
            return batch
        }
    }

    /// Takes the next datum that is set apart, in turn after the one with that number, and marks it as `sending`.
    func takeNextApart(after last: Int64, upTo latest: Int64) throws(AgentError) -> StoredBatch? {
        try write { database in
            let find = try database.cachedStatement(
                sql: RowMark.select("batch")
                    + " WHERE state = ? AND heldBy = ? AND newest <= ? ORDER BY id <= ?, id LIMIT 1")
            let row = try Row.fetchOne(
                find, arguments: [BatchState.held.rawValue, StoredBatch.apart, latest, last])
            guard let row else { return nil }
            let batch = try StoredBatch(row)
            try Self.setState(.sending, of: batch.id, in: database)
            return batch
        }
    }

    /// Whether a datum is set apart.
    func hasApart() throws(AgentError) -> Bool {
        try read { database in
            try Bool.fetchOne(
                database.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM batch WHERE state = ? AND heldBy = ?)"),
                arguments: [BatchState.held.rawValue, StoredBatch.apart]) ?? false
        }
    }

    /// Carries out what was decided for a batch that was sent.
    func apply(_ decision: BatchDecision, to batch: StoredBatch, at time: Timestamp) throws(AgentError) {
        try write { database in
            // A store that was replaced meanwhile has settled what it could not save.
            let exists = try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM batch WHERE id = ?)", arguments: [batch.id])
            guard exists == true else { return }
            switch decision {
            case .acknowledge:
                try Self.finish(batch, as: .acknowledged, reason: "", in: database)
                try Self.splitHeld(by: batch.id, at: time, in: database)
            case .retry(let reason, let mayHaveCounted):
                try Self.setPending(batch, reason: reason, lost: false, in: database)
                if mayHaveCounted { try Self.addDoubt(batch, in: database) }
            case .resend(let reason):
                try Self.setPending(batch, reason: reason, lost: true, in: database)
                try Self.addDoubt(batch, in: database)
            case .giveUpAmbiguous(let reason):
                try Self.finish(batch, as: .ambiguous, reason: reason, in: database)
                try Self.addDoubt(batch, in: database)
                try Self.release(heldBy: batch.id, in: database)
            case .split(let reason):
                try Self.release(heldBy: batch.id, in: database)
                try Self.split(batch, reason: reason, at: time, in: database)
            case .halve(let reason):
                try Self.release(heldBy: batch.id, in: database)
                try Self.halve(batch, probe: 0, reason: reason, in: database)
            case .isolate(let reason):
                try Self.release(heldBy: batch.id, in: database)
                // Its request reached a server that failed on it, or its answer was lost.
                try Self.addDoubt(batch, in: database)
                try Self.halve(batch, probe: batch.probe + 1, reason: reason, in: database)
            case .setApart(let places):
                try Self.release(heldBy: batch.id, in: database)
                try Self.setApart(Set(places), of: batch, in: database)
            case .setAlone(let reason, let mayHaveCounted, _):
                try Self.release(heldBy: batch.id, in: database)
                if mayHaveCounted { try Self.addDoubt(batch, in: database) }
                try database.execute(
                    sql: "UPDATE batch SET state = ?, heldBy = ?, probe = 0, reason = ? WHERE id = ?",
                    arguments: [BatchState.held.rawValue, StoredBatch.apart, reason, batch.id])
            case .drop(let reason):
                try Self.finish(batch, as: .dropped, reason: reason, in: database)
                try Self.release(heldBy: batch.id, in: database)
            case .quarantine(let reason):
                try Self.release(heldBy: batch.id, in: database)
                try Self.quarantine(batch, reason: reason, at: time, in: database)
            case .putAside(let reason, let mayHaveCounted):
                try Self.release(heldBy: batch.id, in: database)
                if mayHaveCounted { try Self.addDoubt(batch, in: database) }
                try Self.quarantine(batch, reason: reason, at: time, in: database)
            }
        }
    }

    /// After a restart: a batch marked `sending` may or may not have reached CloudWatch.
    func settleInterruptedSends(resend: Bool) throws(AgentError) {
        try write { database in
            let rows = try Row.fetchAll(
                database, sql: RowMark.select("batch") + " WHERE state = ?", arguments: [BatchState.sending.rawValue])
            for row in rows {
                let batch = try StoredBatch(row)
                let reason = "the agent stopped before the answer came"
                try Self.addDoubt(batch, in: database)
                if resend {
                    try Self.setPending(batch, reason: reason, lost: true, in: database)
                } else {
                    try Self.finish(batch, as: .ambiguous, reason: reason, in: database)
                    try Self.release(heldBy: batch.id, in: database)
                }
            }
        }
    }

    /// Gives up the datums that CloudWatch would refuse for their age. What may have counted already stays ambiguous.
    func expireBatches(now: Timestamp) throws(AgentError) {
        let limit = now.advanced(by: .zero - AgentLimits.publishableAge).nanosecondsSince1970
        let due = try read { database in
            try Int64.fetchAll(
                database.cachedStatement(sql: "SELECT id FROM batch WHERE state != ? AND oldest < ? LIMIT 20"),
                arguments: [BatchState.sending.rawValue, limit])
        }
        guard !due.isEmpty else { return }
        try write { database in
            for id in due {
                guard
                    let row = try Row.fetchOne(
                        database, sql: RowMark.select("batch") + " WHERE id = ?", arguments: [id])
                else { continue }
                let batch = try StoredBatch(row)
                let datums = try DatumBlob.decode(batch.body)
                let expired = datums.filter { $0.datum.timestamp.nanosecondsSince1970 < limit }
                let kept = datums.filter { $0.datum.timestamp.nanosecondsSince1970 >= limit }
                let state: LedgerState = batch.ambiguousSends > 0 ? .ambiguous : .dropped
                try Self.enter(
                    BatchFreezer.drop(expired, reason: BatchFreezer.DropReason.tooOld), as: state, span: batch.span,
                    in: database)
                if kept.isEmpty {
                    try Self.delete(batch, in: database)
                    try Self.release(heldBy: batch.id, in: database)
                } else {
                    try Self.replaceBody(of: batch.id, with: BatchFreezer.batch(kept), in: database)
                }
            }
        }
    }

    /// Whether no window and no batch waits.
    func hasNothingToSend() throws(AgentError) -> Bool {
        try read { database in
            try Bool.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT NOT EXISTS (SELECT 1 FROM span WHERE publish = ?) AND NOT EXISTS (SELECT 1 FROM batch)
                        """), arguments: [SpanState.waiting.rawValue]) ?? false
        }
    }

    /// A service that has been seen; nil when none has.
    func anyScope() throws(AgentError) -> MonitoringScope? {
        try read { database in
            try Row.fetchOne(database, sql: RowMark.select("series") + " LIMIT 1").map {
                SeriesIdentity(try $0.checked()).scope
            }
        }
    }

    /// How many datums wait to be sent.
    func pendingDatums() throws(AgentError) -> UInt64 {
        try read { (try Int64.fetchOne($0, sql: "SELECT SUM(datums) FROM batch") ?? 0).amount }
    }
}

extension AgentStore {
    static func insert(_ batch: BatchDraft, span: Int64, into database: Database) throws {
        _ = try insert(batch, span: span, state: .pending, ambiguousSends: 0, probe: 0, heldBy: nil, in: database)
    }

    private static func insert(
        _ batch: BatchDraft, span: Int64, state: BatchState, ambiguousSends: Int, probe: Int, heldBy: Int64?,
        in database: Database
    ) throws -> Int64 {
        // Not cached, as with a window's data.
        try batch.body.withData { body in
            try database.execute(
                sql: """
                    INSERT INTO batch (span, state, newest, oldest, datums, ambiguousSends, probe, heldBy, calls, body)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    span, state.rawValue, batch.newest, batch.oldest, batch.datums, ambiguousSends, probe, heldBy,
                    CallShare.encode(batch.calls).data, body,
                ])
        }
        return database.lastInsertedRowID
    }

    private static func setState(_ state: BatchState, of batch: Int64, in database: Database) throws {
        try database.execute(sql: "UPDATE batch SET state = ? WHERE id = ?", arguments: [state.rawValue, batch])
    }

    private static func setPending(_ batch: StoredBatch, reason: String, lost: Bool, in database: Database) throws {
        try database.execute(
            sql: "UPDATE batch SET state = ?, reason = ?, ambiguousSends = ambiguousSends + ? WHERE id = ?",
            arguments: [
                (batch.isApart ? BatchState.held : .pending).rawValue, reason, lost ? 1 : 0, batch.id,
            ])
    }

    private static func delete(_ batch: StoredBatch, in database: Database) throws {
        try database.execute(sql: "DELETE FROM batch WHERE id = ?", arguments: [batch.id])
        try settleIfDone(span: batch.span, in: database)
    }

    static func replaceBody(of batch: Int64, with draft: BatchDraft, in database: Database) throws {
        try database.execute(
            sql: "UPDATE batch SET newest = ?, oldest = ?, datums = ?, calls = ?, body = ? WHERE id = ?",
            arguments: [
                draft.newest, draft.oldest, draft.datums, CallShare.encode(draft.calls).data, draft.body.data, batch,
            ])
    }

    static func finish(
        _ batch: StoredBatch, as state: LedgerState, reason: String, in database: Database
    ) throws {
        let draft = DropDraft(reason: reason, datums: UInt64(batch.datumCount), calls: batch.calls)
        try enter(draft, as: state, span: batch.span, in: database)
        try delete(batch, in: database)
    }

    private static func addDoubt(_ batch: StoredBatch, in database: Database) throws {
        let draft = DropDraft(reason: "", datums: UInt64(batch.datumCount), calls: batch.calls)
        try enter(draft, as: .mayHaveCounted, span: batch.span, in: database)
    }

    /// Enters amounts into the ledger, in total and of their window.
    static func enter(_ draft: DropDraft, as state: LedgerState, span: Int64, in database: Database) throws {
        try addDatums(draft.datums, to: state, reason: draft.reason, in: database)
        var calls: UInt64 = 0
        for share in draft.calls {
            try addCalls(share, to: state, reason: draft.reason, in: database)
            calls = calls.plus(share.calls)
        }
        guard calls > 0, let column = state.spanColumn else { return }
        let update = "UPDATE span SET \(column) = MIN(\(column) + ?, \(CallAccounts.most)) WHERE id = ?"
        try database.cachedStatement(sql: update).execute(arguments: [min(calls, CallAccounts.most).stored, span])
    }

    /// The half that waited for this batch's answer is innocent, or not known to be guilty: it takes its ordinary turn.
    private static func release(heldBy batch: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE batch SET state = ?, probe = 0, heldBy = NULL WHERE heldBy = ?",
            arguments: [BatchState.pending.rawValue, batch])
    }

    /// The first half was taken, so the refused datum is in the half that waited: no request is needed to know that.
    private static func splitHeld(by batch: Int64, at time: Timestamp, in database: Database) throws {
        let find = RowMark.select("batch") + " WHERE heldBy = ?"
        guard let row = try Row.fetchOne(database, sql: find, arguments: [batch]) else { return }
        let held = try StoredBatch(row)
        let reason: String = row["reason"]
        if held.datumCount > 1 {
            try split(held, reason: reason, at: time, in: database)
        } else {
            try quarantine(held, reason: reason, at: time, in: database)
        }
    }

    private static func split(
        _ batch: StoredBatch, reason: String, at time: Timestamp, in database: Database
    ) throws {
        let datums = try DatumBlob.decode(batch.body)
        let middle = datums.count / 2
        let probe = batch.probe + 1
        let first = try insert(
            BatchFreezer.batch(datums[..<middle]), span: batch.span, state: .pending,
            ambiguousSends: batch.ambiguousSends,
            probe: probe, heldBy: nil, in: database)
        let second = try insert(
            BatchFreezer.batch(datums[middle...]), span: batch.span, state: .held,
            ambiguousSends: batch.ambiguousSends,
            probe: probe, heldBy: first, in: database)
        try database.execute(
            sql: "UPDATE batch SET reason = ? WHERE id IN (?, ?)", arguments: [reason, first, second])
        try delete(batch, in: database)
    }

    /// No half is suspected: neither waits for the other's answer.
    private static func halve(_ batch: StoredBatch, probe: Int, reason: String, in database: Database) throws {
        let datums = try DatumBlob.decode(batch.body)
        let middle = datums.count / 2
        for half in [datums[..<middle], datums[middle...]] {
            let id = try insert(
                BatchFreezer.batch(half), span: batch.span, state: .pending,
                ambiguousSends: batch.ambiguousSends, probe: probe, heldBy: nil, in: database)
            try database.execute(sql: "UPDATE batch SET reason = ? WHERE id = ?", arguments: [reason, id])
        }
        try delete(batch, in: database)
    }

    private static func setApart(_ places: Set<Int>, of batch: StoredBatch, in database: Database) throws {
        let datums = try DatumBlob.decode(batch.body)
        let others = datums.enumerated().filter { !places.contains($0.offset) }.map(\.element)
        if !others.isEmpty {
            _ = try insert(
                BatchFreezer.batch(others[...]), span: batch.span, state: .pending,
                ambiguousSends: batch.ambiguousSends, probe: batch.probe, heldBy: nil, in: database)
        }
        for place in places.sorted() {
            _ = try insert(
                BatchFreezer.batch(datums[place...place]), span: batch.span, state: .held,
                ambiguousSends: batch.ambiguousSends, probe: 0, heldBy: StoredBatch.apart, in: database)
        }
        try delete(batch, in: database)
    }

    private static func quarantine(
        _ batch: StoredBatch, reason: String, at time: Timestamp, in database: Database
    ) throws {
        for datum in try DatumBlob.decode(batch.body).map(\.datum) {
            let dimensions = datum.dimensions.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
            try database.execute(
                sql: "INSERT INTO quarantine (at, metric, dimensions, reason) VALUES (?, ?, ?, ?)",
                arguments: [time.nanosecondsSince1970, datum.name, dimensions, reason])
        }
        try database.execute(sql: "DELETE FROM quarantine WHERE id <= (SELECT MAX(id) FROM quarantine) - 1000")
        // The other side's free text may differ from datum to datum; each reason is a line of the ledger for ever.
        let code = reason.prefix { $0 != ":" }.prefix(60)
        try finish(batch, as: .dropped, reason: "refused: \(code)", in: database)
    }

    static func addCalls(_ share: CallShare, to state: LedgerState, reason: String, in database: Database) throws {
        guard share.calls > 0 else { return }
        try database.cachedStatement(
            sql: """
                INSERT INTO ledgerCalls (service, environment, pattern, state, reason, amount) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET amount = MIN(amount + excluded.amount, \(CallAccounts.most))
                """
        ).execute(arguments: [
            share.scope.service, share.scope.environment, share.pattern, state.rawValue, reason,
            min(share.calls, CallAccounts.most).stored,
        ])
    }

    static func addDatums(_ amount: UInt64, to state: LedgerState, reason: String, in database: Database) throws {
        guard amount > 0 else { return }
        try database.cachedStatement(
            sql: """
                INSERT INTO ledgerDatums (state, reason, amount) VALUES (?, ?, ?)
                ON CONFLICT DO UPDATE SET amount = amount + excluded.amount
                """
        ).execute(arguments: [state.rawValue, reason, amount.stored])
    }
}

extension LedgerState {
    /// The column of a window's row that counts this state's calls.
    var spanColumn: String? {
        switch self {
        case .acknowledged: "acknowledged"
        case .ambiguous: "ambiguous"
        case .dropped: "dropped"
        case .mayHaveCounted: "mayHaveCounted"
        case .recorded: nil
        }
    }
}
