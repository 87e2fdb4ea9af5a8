import GRDB

/// The tables of the store. Everything is kept in few rows: a window is one blob, and so is what a process had counted.
///
/// Every table has a row number, so that a damaged one can be read from both ends. Every row has a checksum (`RowMark`), but
/// those of `spanData`, whose only other column is its own.
enum StoreSchema {
    /// Stands in the file's `user_version`; a store that says something else is set aside like a damaged one.
    static let version = 3
    /// The same tables without the rows' checksums: everything of it is taken over.
    static let earlierVersion = 2

    /// What is there to be salvaged, table by table, in the order in which they refer to each other.
    static let tables: [(name: String, columns: [String])] = [
        ("series", ["id", "service", "environment", "tableName", "indexName", "operation", "pattern"]),
        ("total", ["series", "data"]),
        (
            "process",
            [
                "id", "service", "environment", "pid", "startedAt", "committedAt", "finished", "unrecordedCalls",
                "keyPosition", "keyReadUnits", "keyWriteUnits", "baseline",
            ]
        ),
        (
            "span",
            [
                "id", "startedAt", "endedAt", "isGap", "level", "publish", "recorded", "acknowledged", "ambiguous",
                "dropped", "mayHaveCounted", "pendingDatums", "scopes", "calls",
            ]
        ),
        ("spanData", ["span", "data"]),
        (
            "hotKeySpan",
            [
                "id", "span", "startedAt", "endedAt", "observedFrom", "service", "environment", "tableName",
                "indexName",
                "isWrite", "consumed", "keyless", "seen", "lost", "absentUpperBound", "keyRangeThrottles", "isThinned",
            ]
        ),
        (
            "hotKey",
            ["span", "rank", "hash", "plain", "estimate", "error", "throttled", "firstSeen", "peakTenSeconds"]
        ),
        (
            "batch",
            [
                "id", "span", "state", "newest", "oldest", "datums", "ambiguousSends", "probe", "heldBy", "reason",
                "calls", "body",
            ]
        ),
        ("ledgerCalls", ["service", "environment", "pattern", "state", "reason", "amount"]),
        ("ledgerDatums", ["state", "reason", "amount"]),
        ("quarantine", ["id", "at", "metric", "dimensions", "reason"]),
        ("agentFact", ["name", "value"]),
        ("notice", ["id", "at", "kind", "message"]),
    ]

    static func columns(of table: String) -> [String] { tables.first { $0.name == table }?.columns ?? [] }

    /// Whether the table's rows carry their checksum.
    static func isMarked(_ table: String) -> Bool { table != "spanData" }

    /// The tables with an index by which rows are found. Two million keys of `hotKey` take 0.8 s to look through, beside 0.35 s for the
    /// quick check of their 148 MB.
    static let named = [
        "series", "process", "span", "batch", "ledgerCalls", "ledgerDatums", "agentFact", "hotKeySpan", "hotKey",
    ]
    /// The tables whose rows are changed in place.
    private static let changing = ["process", "span", "hotKeySpan", "batch", "ledgerCalls", "ledgerDatums"]

    static func create(in database: Database) throws {
        try makeTables(in: database)
        try complete(in: database)
    }

    static func makeTables(in database: Database) throws {
        try database.execute(sql: counted)
        try database.execute(sql: hotKeys)
        try database.execute(sql: outbox)
        for table in changing { try database.execute(sql: RowMark.trigger(table)) }
    }

    /// What says that a file holds all that it should: the last thing written to a new one.
    static func complete(in database: Database) throws {
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Whether a file holds this version's tables, another version's, or nothing yet.
    static func state(of database: Database) throws -> State {
        let texts = try texts(of: database)
        switch try Int.fetchOne(database, sql: "PRAGMA user_version") {
        case version: return try texts == expected() ? .current : .damaged
        case earlierVersion: return .earlier
        // The number itself may have been hit.
        default: return try texts.isEmpty ? .empty : texts == expected() ? .damaged : .foreign
        }
    }

    static func isThisVersions(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "PRAGMA user_version") == version
    }

    /// Whether the file's making was broken off: its version is the last thing that is written.
    static func isUnfinished(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "PRAGMA user_version") == 0
    }

    /// A flipped bit may turn a column into another, which no check of the file's structure finds.
    private static func texts(of database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name")
    }

    private static func expected() throws -> [String] {
        try DatabaseQueue(configuration: .store).write { database in
            try makeTables(in: database)
            return try texts(of: database)
        }
    }

    enum State { case current, earlier, empty, damaged, foreign }

    /// Columns that hold text, may hold nothing, or hold a sealed blob; all others hold numbers.
    static let textColumns: Set<String> = [
        "service", "environment", "tableName", "indexName", "operation", "pattern", "hash", "plain", "reason", "metric",
        "dimensions", "name", "value", "kind", "message",
    ]
    static let optionalColumns: Set<String> = ["plain", "heldBy", "span"]
    static let blobColumns: Set<String> = ["data", "baseline", "scopes", "calls", "body"]

    /// Times are nanoseconds since 1970; blobs end with their checksum (`BlobWriter.seal`). `publish`: see
    /// `SpanState`. The checks are what `quick_check` finds flipped bits by: no host counts so much, and no time lies there.
    private static let counted = """
        CREATE TABLE series (
            id INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, environment TEXT NOT NULL, tableName TEXT NOT NULL,
            indexName TEXT NOT NULL, operation TEXT NOT NULL, pattern TEXT NOT NULL,
            \(RowMark.definition("series")),
            UNIQUE (service, environment, tableName, indexName, operation, pattern)) STRICT;
        CREATE TABLE total (series INTEGER PRIMARY KEY, data BLOB NOT NULL,
            \(RowMark.definition("total"))) STRICT;
        CREATE TABLE process (
            id TEXT PRIMARY KEY, service TEXT NOT NULL, environment TEXT NOT NULL, pid INTEGER NOT NULL,
            startedAt INTEGER NOT NULL, committedAt INTEGER NOT NULL, finished INTEGER NOT NULL,
            unrecordedCalls INTEGER NOT NULL, keyPosition INTEGER NOT NULL, keyReadUnits INTEGER NOT NULL,
            keyWriteUnits INTEGER NOT NULL, baseline BLOB NOT NULL,
            \(RowMark.definition("process")),
            CHECK (startedAt >= 0 AND committedAt BETWEEN 0 AND 4611686018427387904)) STRICT;
        CREATE TABLE span (
            id INTEGER PRIMARY KEY AUTOINCREMENT, startedAt INTEGER NOT NULL, endedAt INTEGER NOT NULL,
            isGap INTEGER NOT NULL, level INTEGER NOT NULL DEFAULT 0, publish INTEGER NOT NULL,
            recorded INTEGER NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0, ambiguous INTEGER NOT NULL DEFAULT 0,
            dropped INTEGER NOT NULL DEFAULT 0, mayHaveCounted INTEGER NOT NULL DEFAULT 0,
            pendingDatums INTEGER NOT NULL DEFAULT 0, scopes BLOB NOT NULL, calls BLOB NOT NULL,
            \(RowMark.definition("span")),
            CHECK (startedAt >= 0 AND endedAt BETWEEN 0 AND 4611686018427387904 AND startedAt <= endedAt
            AND isGap IN (0, 1) AND level BETWEEN 0 AND 4 AND publish BETWEEN 0 AND 2
            AND MIN(recorded, acknowledged, ambiguous, dropped, mayHaveCounted, pendingDatums) >= 0
            AND MAX(recorded, acknowledged, ambiguous, dropped, mayHaveCounted, pendingDatums) <= 1152921504606846976)) STRICT;
        CREATE INDEX spanEnd ON span (endedAt);
        CREATE INDEX spanTurn ON span (publish, endedAt);
        CREATE INDEX spanLevel ON span (level, publish, endedAt);
        CREATE TABLE spanData (span INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        CREATE TABLE agentFact (name TEXT PRIMARY KEY, value TEXT NOT NULL,
            \(RowMark.definition("agentFact"))) STRICT;
        CREATE TABLE notice (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,
            \(RowMark.definition("notice")),
            CHECK (at BETWEEN 0 AND 4611686018427387904)) STRICT;
        """

    /// `span`: the window with which these keys are published; none for those of windows that were merged.
    private static let hotKeys = """
        CREATE TABLE hotKeySpan (
            id INTEGER PRIMARY KEY AUTOINCREMENT, span INTEGER, startedAt INTEGER NOT NULL, endedAt INTEGER NOT NULL,
            observedFrom INTEGER NOT NULL, service TEXT NOT NULL, environment TEXT NOT NULL, tableName TEXT NOT NULL,
            indexName TEXT NOT NULL, isWrite INTEGER NOT NULL, consumed INTEGER NOT NULL, keyless INTEGER NOT NULL,
            seen INTEGER NOT NULL, lost INTEGER NOT NULL, absentUpperBound INTEGER NOT NULL,
            keyRangeThrottles INTEGER NOT NULL, isThinned INTEGER NOT NULL DEFAULT 0,
            \(RowMark.definition("hotKeySpan")),
            CHECK (startedAt >= 0 AND endedAt BETWEEN 0 AND 4611686018427387904 AND startedAt <= endedAt
            AND observedFrom BETWEEN 0 AND endedAt)) STRICT;
        CREATE INDEX hotKeySpanEnd ON hotKeySpan (endedAt);
        CREATE INDEX hotKeySpanDetail ON hotKeySpan (endedAt) WHERE isThinned = 0;
        CREATE INDEX hotKeySpanWindow ON hotKeySpan (span);
        CREATE TABLE hotKey (
            span INTEGER NOT NULL, rank INTEGER NOT NULL, hash TEXT NOT NULL, plain TEXT, estimate INTEGER NOT NULL,
            error INTEGER NOT NULL, throttled INTEGER NOT NULL, firstSeen INTEGER NOT NULL,
            peakTenSeconds INTEGER NOT NULL, \(RowMark.definition("hotKey")),
            PRIMARY KEY (span, rank)) STRICT;
        """

    /// `state`: see `BatchState`. `heldBy`: the sibling whose answer decides what happens to this half.
    private static let outbox = """
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY AUTOINCREMENT, span INTEGER NOT NULL, state INTEGER NOT NULL,
            newest INTEGER NOT NULL, oldest INTEGER NOT NULL, datums INTEGER NOT NULL,
            ambiguousSends INTEGER NOT NULL DEFAULT 0, probe INTEGER NOT NULL DEFAULT 0, heldBy INTEGER,
            reason TEXT NOT NULL DEFAULT '', calls BLOB NOT NULL, body BLOB NOT NULL,
            \(RowMark.definition("batch")),
            CHECK (state BETWEEN 0 AND 2 AND MIN(newest, oldest, datums, ambiguousSends, probe) >= 0
            AND MAX(newest, oldest) <= 4611686018427387904 AND datums <= 1000 AND ambiguousSends <= 1000000000
            AND probe <= 1000)) STRICT;
        CREATE INDEX batchOrder ON batch (state, probe, newest);
        CREATE INDEX batchSpan ON batch (span);
        CREATE TABLE ledgerCalls (
            service TEXT NOT NULL, environment TEXT NOT NULL, pattern TEXT NOT NULL, state INTEGER NOT NULL,
            reason TEXT NOT NULL, amount INTEGER NOT NULL,
            \(RowMark.definition("ledgerCalls")),
            PRIMARY KEY (service, environment, pattern, state, reason),
            CHECK (amount BETWEEN 0 AND 1152921504606846976)) STRICT;
        CREATE TABLE ledgerDatums (
            state INTEGER NOT NULL, reason TEXT NOT NULL, amount INTEGER NOT NULL, \(RowMark.definition("ledgerDatums")),
            PRIMARY KEY (state, reason),
            CHECK (amount BETWEEN 0 AND 1152921504606846976)) STRICT;
        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, metric TEXT NOT NULL, dimensions TEXT NOT NULL,
            reason TEXT NOT NULL,
            \(RowMark.definition("quarantine"))) STRICT;
        """
}

/// Where a window stands on its way to CloudWatch.
enum SpanState: Int, Sendable {
    /// Nothing of it was sent: the outbox. Next: `frozen`, `settled` when it grows too old or nothing is published.
    case waiting = 0
    /// Its datums lie in batches. Next: `settled`, when the last of them is acknowledged or given up.
    case frozen = 1
    /// Every call of it is acknowledged, ambiguous or dropped.
    case settled = 2
}
