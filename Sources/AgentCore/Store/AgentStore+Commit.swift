import AWSCore
import FoundationEssentials
import GRDB
import Monitoring
import Telemetry

/// What the store knows of a process's file.
struct StoredProcess: Sendable {
    var id: String
    var committedAt: Int64
    var isFinished: Bool
    var keyEventCursor: KeyEventCursor
}

extension AgentStore {
    /// Makes a commit durable: windows, totals, baselines, hot keys and batches, all of it or nothing.
    func commit(_ draft: CommitDraft) throws(AgentError) {
        try write { database in
            for window in draft.windows where !window.series.isEmpty {
                try Self.insert(window, into: database)
            }
            for process in draft.processes { try Self.upsert(process, into: database) }
            for baseline in draft.baselines { try Self.upsert(baseline, into: database) }
            for record in draft.hotKeys { try Self.insert(record, into: database) }
            for batch in draft.batches { try Self.insert(batch, into: database) }
            for drop in draft.drops {
                try Self.addDatums(drop.datums, to: .dropped, reason: drop.reason, in: database)
                for share in drop.calls { try Self.addCalls(share, to: .dropped, reason: drop.reason, in: database) }
            }
            try Self.note(draft.facts, in: database)
        }
    }

    /// Keeps facts about the agent, outside a commit.
    func noteFacts(_ facts: [AgentFact: String]) throws(AgentError) {
        try write { database in try Self.note(facts, in: database) }
    }

    private static func note(_ facts: [AgentFact: String], in database: Database) throws {
        for (fact, value) in facts {
            try database.execute(
                sql: "INSERT OR REPLACE INTO agentFact (name, value) VALUES (?, ?)", arguments: [fact.rawValue, value])
        }
    }

    private static func insert(_ window: WindowDraft, into database: Database) throws {
        try database.execute(
            sql: "INSERT INTO span (startedAt, endedAt, isGap) VALUES (?, ?, ?)",
            arguments: [window.startedAt, window.endedAt, window.isGap])
        let span = database.lastInsertedRowID
        let insertSeries = try database.cachedStatement(
            sql: "INSERT INTO spanSeries (span, series, data) VALUES (?, ?, ?)")
        for (identity, totals) in window.series.sorted(by: { $0.key < $1.key }) {
            let series = try seriesID(identity, in: database)
            try insertSeries.execute(arguments: [span, series, totals.blob.data])
            try addToTotal(totals, series: series, in: database)
        }
    }

    private static func seriesID(_ identity: SeriesIdentity, in database: Database) throws -> Int64 {
        let arguments: StatementArguments = [
            identity.service, identity.environment, identity.table, identity.index, identity.operation,
            identity.pattern,
        ]
        let find = try database.cachedStatement(
            sql: """
                SELECT id FROM series WHERE service = ? AND environment = ? AND tableName = ? AND indexName = ?
                AND operation = ? AND pattern = ?
                """)
        if let id = try Int64.fetchOne(find, arguments: arguments) { return id }
        try database.execute(
            sql: """
                INSERT INTO series (service, environment, tableName, indexName, operation, pattern)
                VALUES (?, ?, ?, ?, ?, ?)
                """, arguments: arguments)
        return database.lastInsertedRowID
    }

    /// Totals outlive the windows; they keep counters and no distributions.
    private static func addToTotal(_ totals: SeriesTotals, series: Int64, in database: Database) throws {
        let find = try database.cachedStatement(sql: "SELECT data FROM total WHERE series = ?")
        var sum = SeriesTotals(counters: totals.counters)
        if let row = try Row.fetchOne(find, arguments: [series]) {
            sum = try SeriesTotals(blob: row.bytes("data")) + sum
        }
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO total (series, data) VALUES (?, ?)")
            .execute(arguments: [series, sum.blob.data])
    }

    private static func upsert(_ process: ProcessDraft, into database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO process
                (id, service, environment, pid, startedAt, committedAt, finished, unrecordedCalls, keyPosition,
                keyReadUnits, keyWriteUnits)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            process.id, process.scope.service, process.scope.environment, process.pid, process.startedAt,
            process.committedAt, process.isFinished, process.unrecordedCalls.stored,
            process.keyEventCursor.position.stored, process.keyEventCursor.readMilliUnits.stored,
            process.keyEventCursor.writeMilliUnits.stored,
        ])
    }

    private static func upsert(_ baseline: BaselineDraft, into database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO baseline (process, tableName, indexName, operation, pattern, data)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            baseline.process, baseline.key.table, baseline.key.index, baseline.key.operation, baseline.key.pattern,
            baseline.blob.data,
        ])
    }

    private static func insert(_ record: HotKeyDraft, into database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO hotKeySpan (startedAt, endedAt, service, environment, tableName, indexName, isWrite,
                consumed, keyless, seen, lost, absentUpperBound, keyRangeThrottles)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            record.startedAt, record.endedAt, record.scope.service, record.scope.environment, record.table,
            record.index,
            record.isWrite, record.consumed.stored, record.keyless.stored, record.seen.stored, record.lost.stored,
            record.absentUpperBound.stored, record.keyRangeThrottles.stored,
        ])
        let span = database.lastInsertedRowID
        let insertKey = try database.cachedStatement(
            sql: """
                INSERT INTO hotKey (span, rank, hash, plain, estimate, error, throttled, firstSeen, peakTenSeconds)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for (rank, key) in record.keys.enumerated() {
            try insertKey.execute(arguments: [
                span, rank, key.hash, key.plain, key.estimate.stored, key.error.stored, key.throttled.stored,
                key.firstSeen, key.peakTenSeconds.stored,
            ])
        }
    }
}

extension AgentStore {
    /// The processes whose files the store has counted from.
    func processes() throws(AgentError) -> [StoredProcess] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM process").map { row in
                let (position, read, write): (Int64, Int64, Int64) = (
                    row["keyPosition"], row["keyReadUnits"], row["keyWriteUnits"]
                )
                return StoredProcess(
                    id: row["id"], committedAt: row["committedAt"], isFinished: row["finished"],
                    keyEventCursor: KeyEventCursor(
                        position: position.amount, readMilliUnits: read.amount, writeMilliUnits: write.amount))
            }
        }
    }

    /// One process, or nil when the store has not counted from it.
    func process(_ id: String) throws(AgentError) -> StoredProcess? {
        try processes().first { $0.id == id }
    }

    /// What each series of a process had counted at the last commit, as blobs of `SeriesTotals`.
    func baselines(process: String) throws(AgentError) -> [SeriesKey: [UInt8]] {
        try read { database in
            var result: [SeriesKey: [UInt8]] = [:]
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM baseline WHERE process = ?", arguments: [process])
            while let row = try rows.next() {
                let key = SeriesKey(
                    table: row["tableName"], index: row["indexName"], operation: row["operation"],
                    pattern: row["pattern"])
                result[key] = row.bytes("data")
            }
            return result
        }
    }

    /// Forgets the baselines of processes whose file is deleted; what they counted is in the totals.
    func forget(processes: [String]) throws(AgentError) {
        guard !processes.isEmpty else { return }
        try write { database in
            for process in processes {
                try database.execute(sql: "DELETE FROM baseline WHERE process = ?", arguments: [process])
                try database.execute(sql: "DELETE FROM process WHERE id = ?", arguments: [process])
            }
        }
    }

    /// The end of the newest window, nanoseconds since 1970.
    func lastWindowEnd() throws(AgentError) -> Int64? {
        try read { try Int64.fetchOne($0, sql: "SELECT MAX(endedAt) FROM span") }
    }

    /// The services that counted something in a window that ended after a time, nanoseconds since 1970.
    func scopes(since: Int64) throws(AgentError) -> [MonitoringScope] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT service, environment FROM series WHERE id IN (
                    SELECT series FROM spanSeries WHERE span IN (SELECT id FROM span WHERE endedAt > ?))
                    """, arguments: [since]
            ).map { MonitoringScope(service: $0["service"], environment: $0["environment"]) }
        }
    }

    /// Writes down what an operator should see later, such as a file that was set aside.
    func note(kind: String, message: String, at time: Timestamp) throws(AgentError) {
        try write { database in
            try database.execute(
                sql: "INSERT INTO notice (at, kind, message) VALUES (?, ?, ?)",
                arguments: [time.nanosecondsSince1970, kind, message])
            try database.execute(sql: "DELETE FROM notice WHERE id <= (SELECT MAX(id) FROM notice) - 1000")
        }
    }

    /// Gives up what is older than the retention, and the oldest windows where the file outgrows its budget.
    func prune(before time: Int64, budgetInBytes: Int) throws(AgentError) {
        try write { database in
            try Self.deleteSpans(endedBy: time, in: database)
            let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            guard (pages - free) * pageSize > budgetInBytes else { return }
            let eldest = try Int64.fetchOne(
                database,
                sql: "SELECT endedAt FROM span ORDER BY endedAt LIMIT 1 OFFSET (SELECT COUNT(*) / 10 FROM span)")
            if let eldest { try Self.deleteSpans(endedBy: eldest, in: database) }
        }
    }

    private static func deleteSpans(endedBy time: Int64, in database: Database) throws {
        for (child, parent) in [("spanSeries", "span"), ("hotKey", "hotKeySpan")] {
            try database.execute(
                sql: "DELETE FROM \(child) WHERE span IN (SELECT id FROM \(parent) WHERE endedAt <= ?)",
                arguments: [time])
            try database.execute(sql: "DELETE FROM \(parent) WHERE endedAt <= ?", arguments: [time])
        }
    }
}
