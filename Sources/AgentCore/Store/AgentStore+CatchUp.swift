import AWSCore
import FoundationEssentials
import GRDB
import Monitoring
import Telemetry

/// A store that is not the last one that counted: it was away while another had its place, or it is an old copy. What is
/// known beside it is taken over, in one transaction, so that it happens once.
extension AgentStore {
    /// Enters in a new store what waited in the one that is gone. In the transaction that makes it.
    /// - Returns: what a person should know.
    static func begin(
        after trace: StoreTrace, path: String, now: Timestamp, in database: Database
    ) throws -> String? {
        var lag = StoreLag()
        takeOver(trace.pending, of: trace.place(otherThan: path), into: &lag)
        if let writer = trace.mark.writer { try note([.caughtUp: writer.name], in: database) }
        return try enter(lag, kind: .storeForgot, path: path, now: now, in: database)
    }

    /// Takes over what another store, or a later state of this one, has counted of the processes that this one knows.
    /// - Parameter isReplaced: whether the store is what could be read of a damaged one: what waited was entered when it
    ///   was made.
    /// - Returns: what a person should know.
    func catchUp(with trace: StoreTrace, isReplaced: Bool, now: Timestamp) throws(AgentError) -> String? {
        guard !trace.mark.isEmpty else { return nil }
        let place = trace.place(otherThan: path)
        return try write { database in
            let own = try Self.lastCommit(path: path, in: database)
            let later = trace.mark.stores.first { $0.store == own.store && $0.sequence > own.sequence }
            var lag = StoreLag(isCopy: later != nil && !isReplaced)
            lag.counted = try Self.advance(to: trace.mark, in: database)
            let waiting = try Self.waitingCalls(in: database)
            // A store that has counted no commit, and a mark that names none, are of an earlier version: it cannot be told.
            if lag.isCopy || (trace.mark.writer == nil && !lag.counted.isEmpty), !waiting.isEmpty {
                let isSettled = lag.isCopy && trace.mark.writer == later && trace.pending.isEmpty && own.sequence > 0
                if isSettled {
                    lag.settled = try Self.settleWaiting(in: database)
                } else {
                    lag.doubtful = try Self.doubtWaiting(in: database)
                }
            }
            var facts: [AgentFact: String] = [:]
            if let writer = trace.mark.writer, writer.store != own.store || lag.isCopy {
                if !isReplaced, try Self.fact(.caughtUp, in: database) != writer.name {
                    // What waits in this copy is not lost with the state that came after it.
                    let pending =
                        writer == later && place == nil
                        ? CallShare.rest(of: trace.pending, without: waiting) : trace.pending
                    Self.takeOver(pending, of: place, into: &lag)
                }
                facts[.caughtUp] = writer.name
            }
            if let later { facts[.commits] = "\(later.sequence)" }
            if try facts.contains(where: { try Self.fact($0.key, in: database) != $0.value }) {
                try Self.note(facts, in: database)
            }
            return try Self.enter(lag, kind: .storeBehind, path: path, now: now, in: database)
        }
    }

    /// Enters what waited in a store of which not all could be read, beyond what its accounts still say. In the transaction of
    /// the new store's, so that it happens once.
    /// - Parameter known: what is entered as lost already.
    /// - Returns: how many calls these are.
    static func enterForgotten(
        _ trace: StoreTrace, path: String, besides known: [CallShare], in database: Database
    ) throws -> UInt64 {
        // Of another store that has counted since it cannot be told what became.
        if let writer = trace.mark.writer, writer.path != FileSystem.resolved(path) { return 0 }
        let forgotten = CallShare.rest(of: trace.pending, without: try waitingCalls(in: database) + known)
        for share in forgotten {
            try addCalls(share, to: .recorded, reason: "", in: database)
            try addCalls(share, to: .dropped, reason: BatchFreezer.DropReason.lostWithStore, in: database)
        }
        if let writer = trace.mark.writer { try note([.caughtUp: writer.name], in: database) }
        return CallShare.count(forgotten)
    }

    /// The store's name and how many commits it has taken.
    static func lastCommit(path: String, in database: Database) throws -> StoreCommit {
        StoreCommit(
            store: try fact(.storeID, in: database) ?? "",
            sequence: try fact(.commits, in: database).flatMap { UInt64($0) } ?? 0, path: FileSystem.resolved(path))
    }

    private static func takeOver(_ pending: [CallShare], of place: String?, into lag: inout StoreLag) {
        let calls = CallShare.count(pending)
        guard calls > 0 else { return }
        if let place { lag.elsewhere = (calls, place) } else { lag.lost = pending }
    }

    /// Enters what the store was behind in ledger and notices.
    private static func enter(
        _ lag: StoreLag, kind: CollectorNotice.Kind, path: String, now: Timestamp, in database: Database
    ) throws -> String? {
        guard !lag.isEmpty else { return nil }
        let elsewhere = CallShare.rest(of: lag.counted, without: lag.lost)
        for (shares, reason) in [
            (lag.lost, BatchFreezer.DropReason.storeLost), (elsewhere, BatchFreezer.DropReason.countedElsewhere),
        ] {
            for share in shares {
                try addCalls(share, to: .recorded, reason: "", in: database)
                try addCalls(share, to: .dropped, reason: reason, in: database)
            }
        }
        let message = lag.message(path: path)
        try database.execute(
            sql: "INSERT INTO notice (at, kind, message) VALUES (?, ?, ?)",
            arguments: [now.nanosecondsSince1970, kind.rawValue, message])
        return message
    }

    // MARK: What is counted

    /// Brings the processes' baselines up to the mark where that is ahead: counters only grow, so that the larger is the later.
    /// - Returns: the calls between the two.
    private static func advance(to mark: CommitMark, in database: Database) throws -> [CallShare] {
        var counted: [CallShare] = []
        for row in try Row.fetchAll(database, sql: RowMark.select("process")) {
            let process = StoredProcess(try row.checked())
            guard !process.isDrained, let entry = mark.processes[process.id] else { continue }
            let scope = MonitoringScope(service: row["service"], environment: row["environment"])
            var baselines = try ProcessBaseline.decode(row.bytes("baseline"))
            var isAhead = false
            for (key, blob) in try ProcessBaseline.decode(entry.baseline) where baselines[key] != blob {
                let own = try baselines[key].map { try SeriesTotals(blob: $0) } ?? SeriesTotals()
                guard let ahead = try SeriesTotals(blob: blob).since(own) else { continue }
                baselines[key] = blob
                isAhead = true
                counted.append(
                    CallShare(scope: scope, pattern: key.pattern.visible, calls: ahead.counters.calls))
            }
            guard isAhead else { continue }
            try move(process, to: entry, baselines, in: database)
        }
        return CallShare.sum(of: counted)
    }

    private static func move(
        _ process: StoredProcess, to entry: CommitMark.Entry, _ baselines: [SeriesKey: [UInt8]], in database: Database
    ) throws {
        let cursor =
            entry.cursor.position > process.keyEventCursor.position ? entry.cursor : process.keyEventCursor
        try database.execute(
            sql: """
                UPDATE process SET committedAt = ?, keyPosition = ?, keyReadUnits = ?, keyWriteUnits = ?, baseline = ?
                WHERE id = ?
                """,
            arguments: [
                max(process.committedAt, entry.committedAt), cursor.position.stored, cursor.readMilliUnits.stored,
                cursor.writeMilliUnits.stored, ProcessBaseline.encode(baselines).data, process.id,
            ])
    }

    // MARK: What waits

    /// Of what waits in an old copy nothing waited any more at the end: it was sent.
    private static func settleWaiting(in database: Database) throws -> UInt64 {
        let reason = BatchFreezer.DropReason.countedElsewhere
        let calls = CallShare.count(try waitingCalls(in: database))
        let series = try self.series(in: database)
        try forEachWaitingSpan(in: database) { span, packed in
            let draft = DropDraft(reason: reason, datums: 0, calls: try shares(packed, series))
            try enter(draft, as: .dropped, span: span, in: database)
            try setState(.settled, ofSpan: span, in: database)
        }
        for batch in try batches(in: database) { try finish(batch, as: .dropped, reason: reason, in: database) }
        return calls
    }

    /// It cannot be told whether what waits in an old copy was sent: it is sent, and stands as what may have counted.
    private static func doubtWaiting(in database: Database) throws -> UInt64 {
        let series = try self.series(in: database)
        try forEachWaitingSpan(in: database) { span, packed in
            let draft = DropDraft(reason: "", datums: 0, calls: try shares(packed, series))
            try enter(draft, as: .mayHaveCounted, span: span, in: database)
        }
        for batch in try batches(in: database) {
            let draft = DropDraft(reason: "", datums: UInt64(batch.datumCount), calls: batch.calls)
            try enter(draft, as: .mayHaveCounted, span: batch.span, in: database)
        }
        return CallShare.count(try waitingCalls(in: database))
    }

    private static func forEachWaitingSpan(
        in database: Database, _ body: (Int64, [UInt8]) throws -> Void
    ) throws {
        let waiting = try Int64.fetchAll(
            database, sql: "SELECT id FROM span WHERE publish = ?", arguments: [SpanState.waiting.rawValue])
        for span in waiting {
            let row = try Row.fetchOne(database, sql: "SELECT calls FROM span WHERE id = ?", arguments: [span])
            if let row { try body(span, row.bytes("calls")) }
        }
    }

    private static func batches(in database: Database) throws -> [StoredBatch] {
        try Row.fetchAll(database, sql: RowMark.select("batch")).map { try StoredBatch($0) }
    }
}

extension StoreCommit {
    /// As a store remembers it.
    var name: String { "\(store) \(sequence)" }
}
