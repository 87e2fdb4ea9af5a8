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
    /// Whether its file was counted to its end and deleted: nothing of it is to be counted ever again.
    var isDrained: Bool
    var keyEventCursor: KeyEventCursor
}

extension AgentStore {
    /// Makes a commit durable: windows, totals, baselines and hot keys, all of it or nothing.
    /// - Returns: the services that had new names of series though they have as many as the store takes.
    @discardableResult
    func commit(_ draft: CommitDraft) throws(AgentError) -> Set<MonitoringScope> {
        let known = memory.withLock { $0 }
        var crowded: Set<MonitoringScope> = []
        var changed = try write { database in
            var writing = CommitWriting(database: database, memory: known)
            var regular: Int64?
            for (place, window) in draft.windows.enumerated() where !window.isEmpty {
                let window = try writing.limited(window, crowded: &crowded)
                let span = try writing.insert(window, dropReason: draft.dropReason)
                if place == draft.regularWindow { regular = span }
            }
            for window in draft.windows {
                for (identity, totals) in window.series {
                    _ = writing.memory.recorded?.add(totals.counters.calls, of: identity.scope)
                }
            }
            for process in draft.processes { try writing.upsert(process) }
            for record in draft.hotKeys { try writing.insert(record, span: regular) }
            try Self.note(draft.facts, in: database)
            writing.memory.commit = try countCommit(in: database)
            return writing.memory
        }
        changed.hasCommitted = true
        changed.forgetIdleSeries(counting: draft.windows)
        memory.withLock { $0 = changed }
        return crowded
    }

    /// The commit mark names this commit by it.
    private func countCommit(in database: Database) throws -> StoreCommit {
        var commit = try Self.lastCommit(path: path, in: database)
        commit.sequence += 1
        try Self.note([.commits: "\(commit.sequence)"], in: database)
        return commit
    }

    /// Keeps facts about the agent, outside a commit.
    func noteFacts(_ facts: [AgentFact: String]) throws(AgentError) {
        try write { database in try Self.note(facts, in: database) }
    }

    static func note(_ facts: [AgentFact: String], in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO agentFact (name, value) VALUES (?, ?)")
        for (fact, value) in facts { try statement.execute(arguments: [fact.rawValue, value]) }
    }

    static func fact(_ fact: AgentFact, in database: Database) throws -> String? {
        let find = try database.cachedStatement(sql: RowMark.select("agentFact") + " WHERE name = ?")
        return try Row.fetchOne(find, arguments: [fact.rawValue])?.checked()["value"]
    }
}

/// One commit under way: the rows that it writes, and what will be known of them when it has succeeded.
private struct CommitWriting {
    let database: Database
    var memory: StoreMemory

    mutating func insert(_ window: WindowDraft, dropReason: String?) throws -> Int64 {
        var series: [(id: Int64, totals: SeriesTotals)] = []
        series.reserveCapacity(window.series.count)
        for (identity, totals) in window.series { series.append((try seriesID(identity), totals)) }
        series.sort { $0.id < $1.id }
        let calls = series.filter { $0.totals.counters.calls > 0 }.map { (id: $0.id, calls: $0.totals.counters.calls) }
        let recorded = min(calls.reduce(0) { $0.plus($1.calls) }, CallAccounts.most)
        let state: SpanState = dropReason == nil ? .waiting : .settled
        try database.cachedStatement(
            sql: """
                INSERT INTO span (startedAt, endedAt, isGap, publish, recorded, dropped, pendingDatums, scopes, calls)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            window.startedAt, window.endedAt, window.isGap, state.rawValue, recorded.stored,
            dropReason == nil ? 0 : recorded.stored, try pendingDatums().stored, ScopeBlob.encode(window.scopes).data,
            SpanBlob.encode(calls: calls).data,
        ])
        let span = database.lastInsertedRowID
        if !series.isEmpty {
            // Not cached: a cached statement keeps what it was given last, here a megabyte.
            try SpanBlob.encode(series).withData { data in
                try database.execute(
                    sql: "INSERT INTO spanData (span, data) VALUES (?, ?)", arguments: [span, data])
            }
        }
        for entry in series { try addToTotal(entry.totals.counters, series: entry.id) }
        if let dropReason {
            for share in CallShare.sum(of: window.series) {
                try AgentStore.addCalls(share, to: .dropped, reason: dropReason, in: database)
            }
        }
        return span
    }

    /// What waits for CloudWatch, in datums: those that are made, and about as many for each window that waits as the last
    /// one had.
    private func pendingDatums() throws -> UInt64 {
        let made = try Int64.fetchOne(database, sql: "SELECT SUM(datums) FROM batch") ?? 0
        let waiting = try Int64.fetchOne(
            database, sql: "SELECT COUNT(*) FROM span WHERE publish = ?", arguments: [SpanState.waiting.rawValue])
        let each = try AgentStore.fact(.windowDatums, in: database).flatMap { Int64($0) } ?? 0
        return (made + (waiting ?? 0) * each).amount
    }

    /// The window with what a service counts under names beyond the limit in its `other`: names that programs make at run time
    /// go on for ever, and each would take its place in the store for ever.
    mutating func limited(_ window: WindowDraft, crowded: inout Set<MonitoringScope>) throws -> WindowDraft {
        var limited = window
        var new: [MonitoringScope: Int] = [:]
        for (identity, totals) in window.series where try knownID(identity) == nil {
            let other = SeriesIdentity(scope: identity.scope, key: .other)
            guard identity != other else { continue }
            let names = try names(of: identity.scope) + new[identity.scope, default: 0]
            guard names >= memory.namesOfAService else {
                new[identity.scope, default: 0] += 1
                continue
            }
            crowded.insert(identity.scope)
            limited.series[identity] = nil
            limited.series[other] = limited.series[other].map { $0 + totals } ?? totals
        }
        return limited
    }

    private mutating func names(of scope: MonitoringScope) throws -> Int {
        if let known = memory.names[scope] { return known }
        let count = try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM series WHERE service = ? AND environment = ?",
            arguments: [scope.service, scope.environment])
        memory.names[scope] = count ?? 0
        return count ?? 0
    }

    private mutating func knownID(_ identity: SeriesIdentity) throws -> Int64? {
        if let id = memory.series[identity] { return id }
        let find = try database.cachedStatement(
            sql: """
                SELECT id FROM series WHERE service = ? AND environment = ? AND tableName = ? AND indexName = ?
                AND operation = ? AND pattern = ?
                """)
        memory.series[identity] = try Int64.fetchOne(find, arguments: identity.columns)
        return memory.series[identity]
    }

    private mutating func seriesID(_ identity: SeriesIdentity) throws -> Int64 {
        if let id = try knownID(identity) { return id }
        try database.cachedStatement(
            sql: """
                INSERT INTO series (service, environment, tableName, indexName, operation, pattern)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: identity.columns)
        let id = database.lastInsertedRowID
        memory.series[identity] = id
        memory.names[identity.scope]? += 1
        return id
    }

    /// Totals outlive the windows; they keep counters and no distributions.
    private mutating func addToTotal(_ counters: SeriesCounters, series: Int64) throws {
        var sum = counters
        if let known = memory.totals[series] {
            sum = known + counters
        } else {
            let find = try database.cachedStatement(sql: RowMark.select("total") + " WHERE series = ?")
            if let row = try Row.fetchOne(find, arguments: [series])?.checked() {
                sum = try SeriesTotals(sealed: row.bytes("data")).counters + counters
            }
        }
        memory.totals[series] = sum
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO total (series, data) VALUES (?, ?)")
            .execute(arguments: [series, SeriesTotals(counters: sum).sealedBlob.data])
    }

    func upsert(_ process: ProcessDraft) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO process (id, service, environment, pid, startedAt, committedAt, finished, unrecordedCalls,
                keyPosition, keyReadUnits, keyWriteUnits, baseline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET committedAt = excluded.committedAt, finished = excluded.finished,
                unrecordedCalls = excluded.unrecordedCalls, keyPosition = excluded.keyPosition,
                keyReadUnits = excluded.keyReadUnits, keyWriteUnits = excluded.keyWriteUnits,
                baseline = excluded.baseline
                """
        ).execute(arguments: [
            process.id, process.scope.service, process.scope.environment, process.pid, process.startedAt,
            process.committedAt, process.isFinished, process.unrecordedCalls.stored,
            process.keyEventCursor.position.stored, process.keyEventCursor.readMilliUnits.stored,
            process.keyEventCursor.writeMilliUnits.stored, process.baseline.data,
        ])
    }

    func insert(_ record: HotKeyDraft, span: Int64?) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO hotKeySpan (span, startedAt, endedAt, observedFrom, service, environment, tableName, indexName,
                isWrite, consumed, keyless, seen, lost, absentUpperBound, keyRangeThrottles)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            span, record.startedAt, record.endedAt, record.observedFrom, record.scope.service, record.scope.environment,
            record.table, record.index, record.isWrite, record.consumed.stored, record.keyless.stored,
            record.seen.stored, record.lost.stored, record.absentUpperBound.stored, record.keyRangeThrottles.stored,
        ])
        let id = database.lastInsertedRowID
        let insertKey = try database.cachedStatement(
            sql: """
                INSERT INTO hotKey (span, rank, hash, plain, estimate, error, throttled, firstSeen, peakTenSeconds)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for (rank, key) in record.keys.enumerated() {
            try insertKey.execute(arguments: [
                id, rank, key.hash, key.plain, key.estimate.stored, key.error.stored, key.throttled.stored,
                key.firstSeen, key.peakTenSeconds.stored,
            ])
        }
    }
}

extension SeriesIdentity {
    fileprivate var columns: StatementArguments { [service, environment, table, index, operation, pattern] }
}

/// The services of a window, packed.
enum ScopeBlob {
    static func encode(_ scopes: Set<MonitoringScope>) -> [UInt8] {
        var writer = BlobWriter()
        writer.append(UInt64(scopes.count))
        for scope in scopes.sorted() {
            writer.append(scope.service)
            writer.append(scope.environment)
        }
        return writer.seal()
    }

    static func decode(_ bytes: [UInt8]) throws(BlobError) -> Set<MonitoringScope> {
        var reader = try BlobReader(sealed: bytes)
        var scopes: Set<MonitoringScope> = []
        for _ in 0..<(try reader.count(below: bytes.count)) {
            scopes.insert(MonitoringScope(service: try reader.text(), environment: try reader.text()))
        }
        return scopes
    }
}

extension AgentStore {
    /// The processes whose files the store counts from.
    func processes() throws(AgentError) -> [StoredProcess] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, committedAt, finished, keyPosition, keyReadUnits, keyWriteUnits,
                    \(RowMark.isSound("process")) AS isSound FROM process
                    WHERE finished < \(StoredProcess.drained)
                    """
            ).map { StoredProcess(try $0.checked()) }
        }
    }

    /// One process and what its series had counted at the last commit; nil when the store has not counted from it.
    func process(_ id: String) throws(AgentError) -> (process: StoredProcess, baselines: [SeriesKey: [UInt8]])? {
        try read { database in
            let row = try Row.fetchOne(
                database, sql: RowMark.select("process") + " WHERE id = ?", arguments: [id])
            return try row.map { (StoredProcess(try $0.checked()), try ProcessBaseline.decode($0.bytes("baseline"))) }
        }
    }

    /// Forgets the baselines of processes whose file is deleted; what they counted is in the totals. That it was counted is
    /// remembered of the newest, in case a copy of the file is brought back.
    func forget(processes: [String], rememberingAtMost limit: Int, at time: Timestamp) throws(AgentError) {
        guard !processes.isEmpty else { return }
        try write { database in
            let forget = try database.cachedStatement(
                sql: "UPDATE process SET finished = ?, committedAt = MAX(0, ?), baseline = ? WHERE id = ?")
            for process in processes {
                try forget.execute(arguments: [
                    StoredProcess.drained, time.nanosecondsSince1970, ProcessBaseline.encode([:]).data, process,
                ])
            }
            try database.execute(
                sql: """
                    DELETE FROM process WHERE id IN (SELECT id FROM process WHERE finished = ?
                    ORDER BY committedAt DESC, rowid DESC LIMIT -1 OFFSET ?)
                    """, arguments: [StoredProcess.drained, limit])
        }
    }

    /// The services that counted something in a window that ended after a time, nanoseconds since 1970.
    func scopes(since: Int64) throws(AgentError) -> [MonitoringScope] {
        try read { database in
            var ids: Set<Int64> = []
            let rows = try Row.fetchCursor(
                database, sql: "SELECT calls FROM span WHERE endedAt > ?", arguments: [since])
            while let row = try rows.next() { ids.formUnion(try SpanBlob.decodeCalls(row.bytes("calls")).map(\.id)) }
            let series = try Self.series(in: database)
            return Set(ids.compactMap { series[$0]?.scope }).sorted()
        }
    }
}

extension StoredProcess {
    /// What `process.finished` holds besides 0 and 1: of these only the name is known any more.
    fileprivate static let drained = 2

    init(_ row: Row) {
        let finished: Int = row["finished"]
        self.init(
            id: row["id"], committedAt: row["committedAt"], isFinished: finished > 0,
            isDrained: finished == Self.drained,
            keyEventCursor: KeyEventCursor(
                position: row.amount("keyPosition"), readMilliUnits: row.amount("keyReadUnits"),
                writeMilliUnits: row.amount("keyWriteUnits")))
    }
}
