import AWSCore
import GRDB
import Monitoring

/// Makes the accounts of a salvaged store whole again: what is missing is named, never hidden.
enum StoreReconciliation {
    struct Losses {
        /// Calls that were recorded and of which nothing else is known.
        var calls: UInt64 = 0
        /// Calls whose totals are lost.
        var found: UInt64 = 0
        /// Series of which only the number is left, and their calls in windows that wait.
        var names = 0
        var nameless: UInt64 = 0
        /// What the ledger says of all of them now that it did not say before.
        var entered: [CallShare] = []
    }

    static func run(in database: Database) throws -> Losses {
        let before = try lostCalls(in: database)
        var losses = try namelessSeries(in: database)
        try removeOrphans(in: database)
        try giveUpHollowWindows(in: database)
        try balanceWindows(in: database)
        (losses.calls, losses.found) = try balanceTotals(in: database)
        losses.entered = CallShare.rest(of: try lostCalls(in: database), without: before)
        return losses
    }

    /// What the ledger says of calls that were lost with a damaged store, this one or an earlier one.
    private static func lostCalls(in database: Database) throws -> [CallShare] {
        try Row.fetchAll(
            database,
            sql: "SELECT service, environment, pattern, amount FROM ledgerCalls WHERE state = ? AND reason = ?",
            arguments: [LedgerState.dropped.rawValue, BatchFreezer.DropReason.lostWithStore]
        ).map { row in
            CallShare(
                scope: MonitoringScope(service: row["service"], environment: row["environment"]),
                pattern: row["pattern"],
                calls: (row["amount"] as Int64).amount)
        }
    }

    /// Windows keep the counts of a series whose name is lost, under its number, and go without them.
    private static func namelessSeries(in database: Database) throws -> Losses {
        let known = try Set(Int64.fetchAll(database, sql: "SELECT id FROM series"))
        var lost = try Set(Int64.fetchAll(database, sql: "SELECT series FROM total")).subtracting(known)
        var losses = Losses()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT calls FROM span WHERE publish = ?", arguments: [SpanState.waiting.rawValue])
        while let row = try rows.next() {
            for entry in try SpanBlob.decodeCalls(row.bytes("calls")) where !known.contains(entry.id) {
                lost.insert(entry.id)
                losses.nameless = losses.nameless.plus(entry.calls)
            }
        }
        losses.names = lost.count
        return losses
    }

    private static func removeOrphans(in database: Database) throws {
        for sql in [
            "DELETE FROM spanData WHERE span NOT IN (SELECT id FROM span)",
            "DELETE FROM hotKey WHERE span NOT IN (SELECT id FROM hotKeySpan)",
            "DELETE FROM total WHERE series NOT IN (SELECT id FROM series)",
            "UPDATE batch SET state = \(BatchState.pending.rawValue), heldBy = NULL, probe = 0 "
                + "WHERE heldBy NOT IN (SELECT id FROM batch UNION SELECT \(StoredBatch.apart))",
            // Numbers of rows that are lost may be named elsewhere: they are not given out again.
            "UPDATE sqlite_sequence SET seq = seq + 1000",
        ] { try database.execute(sql: sql) }
    }

    /// Windows that wait without their data, and frozen ones without their batches, cannot be sent.
    private static func giveUpHollowWindows(in database: Database) throws {
        let series = try AgentStore.series(in: database)
        let hollow = try Int64.fetchAll(
            database,
            sql: """
                SELECT id FROM span WHERE publish = ? AND recorded > 0 AND id NOT IN (SELECT span FROM spanData)
                """, arguments: [SpanState.waiting.rawValue])
        for span in hollow {
            try AgentStore.giveUp(
                span: span, reason: BatchFreezer.DropReason.lostWithStore, series, in: database)
        }
        try database.execute(
            sql: "UPDATE span SET publish = ? WHERE publish = ? AND id NOT IN (SELECT span FROM batch)",
            arguments: [SpanState.settled.rawValue, SpanState.frozen.rawValue])
    }

    private static func balanceWindows(in database: Database) throws {
        let ids = try Int64.fetchAll(database, sql: "SELECT id FROM span ORDER BY endedAt, id")
        let periods = try AgentStore.periods(since: Timestamp(nanosecondsSince1970: .min), in: database)
        for (id, period) in zip(ids, periods) where !period.calls.isBalanced {
            let known = period.calls.accounted
            try database.execute(
                sql: "UPDATE span SET recorded = MAX(recorded, ?), dropped = dropped + ? WHERE id = ?",
                arguments: [known.stored, (period.calls.recorded - min(known, period.calls.recorded)).stored, id])
        }
    }

    private static func balanceTotals(in database: Database) throws -> (lost: UInt64, found: UInt64) {
        let ledger = try AgentStore.ledger(in: database)
        var (lost, found): (UInt64, UInt64) = (0, 0)
        for entry in ledger.entries {
            let (recorded, known) = (entry.calls.recorded, entry.calls.accounted)
            let share = CallShare(
                scope: entry.scope, pattern: entry.pattern, calls: max(recorded, known) - min(recorded, known))
            if recorded > known {
                let reason = BatchFreezer.DropReason.lostWithStore
                try AgentStore.addCalls(share, to: .dropped, reason: reason, in: database)
                lost += share.calls
            } else if known > recorded {
                try AgentStore.addCalls(share, to: .recorded, reason: "", in: database)
                found += share.calls
            }
        }
        let (made, known) = (ledger.datums.recorded, ledger.datums.accounted)
        let reason = BatchFreezer.DropReason.lostWithStore
        try AgentStore.addDatums(made - min(made, known), to: .dropped, reason: reason, in: database)
        try AgentStore.addDatums(known - min(made, known), to: .recorded, reason: "", in: database)
        return (lost, found)
    }
}
