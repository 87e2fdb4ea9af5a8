import GRDB

/// The tables of the store. A migration that was released is never changed, only followed by another.
enum StoreSchema {
    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: collected)
            try database.execute(sql: hotKeys)
            try database.execute(sql: outbox)
        }
        return migrator
    }

    /// Times are nanoseconds since 1970; blobs are those of `SeriesTotals`.
    private static let collected = """
        CREATE TABLE series (
            id INTEGER PRIMARY KEY, service TEXT NOT NULL, environment TEXT NOT NULL, tableName TEXT NOT NULL,
            indexName TEXT NOT NULL, operation TEXT NOT NULL, pattern TEXT NOT NULL,
            UNIQUE (service, environment, tableName, indexName, operation, pattern));
        CREATE TABLE process (
            id TEXT PRIMARY KEY, service TEXT NOT NULL, environment TEXT NOT NULL, pid INTEGER NOT NULL,
            startedAt INTEGER NOT NULL, committedAt INTEGER NOT NULL, finished INTEGER NOT NULL,
            unrecordedCalls INTEGER NOT NULL, keyPosition INTEGER NOT NULL, keyReadUnits INTEGER NOT NULL,
            keyWriteUnits INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE baseline (
            process TEXT NOT NULL, tableName TEXT NOT NULL, indexName TEXT NOT NULL, operation TEXT NOT NULL,
            pattern TEXT NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (process, tableName, indexName, operation, pattern)) WITHOUT ROWID;
        CREATE TABLE total (series INTEGER PRIMARY KEY, data BLOB NOT NULL);
        CREATE TABLE span (
            id INTEGER PRIMARY KEY AUTOINCREMENT, startedAt INTEGER NOT NULL, endedAt INTEGER NOT NULL,
            isGap INTEGER NOT NULL);
        CREATE INDEX spanEnd ON span (endedAt);
        CREATE TABLE spanSeries (
            span INTEGER NOT NULL, series INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (span, series)) WITHOUT ROWID;
        CREATE TABLE agentFact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE notice (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL);
        """

    private static let hotKeys = """
        CREATE TABLE hotKeySpan (
            id INTEGER PRIMARY KEY AUTOINCREMENT, startedAt INTEGER NOT NULL, endedAt INTEGER NOT NULL,
            service TEXT NOT NULL, environment TEXT NOT NULL, tableName TEXT NOT NULL, indexName TEXT NOT NULL,
            isWrite INTEGER NOT NULL, consumed INTEGER NOT NULL, keyless INTEGER NOT NULL, seen INTEGER NOT NULL,
            lost INTEGER NOT NULL, absentUpperBound INTEGER NOT NULL, keyRangeThrottles INTEGER NOT NULL);
        CREATE INDEX hotKeySpanEnd ON hotKeySpan (endedAt);
        CREATE TABLE hotKey (
            span INTEGER NOT NULL, rank INTEGER NOT NULL, hash TEXT NOT NULL, plain TEXT, estimate INTEGER NOT NULL,
            error INTEGER NOT NULL, throttled INTEGER NOT NULL, firstSeen INTEGER NOT NULL,
            peakTenSeconds INTEGER NOT NULL, PRIMARY KEY (span, rank)) WITHOUT ROWID;
        """

    /// `state`: see `BatchState`. `heldBy`: the sibling whose answer decides what happens to this half.
    private static let outbox = """
        CREATE TABLE batch (
            id INTEGER PRIMARY KEY AUTOINCREMENT, state INTEGER NOT NULL, newest INTEGER NOT NULL,
            oldest INTEGER NOT NULL, datums INTEGER NOT NULL, ambiguousSends INTEGER NOT NULL DEFAULT 0,
            probe INTEGER NOT NULL DEFAULT 0, heldBy INTEGER, reason TEXT NOT NULL DEFAULT '', calls BLOB NOT NULL, body BLOB NOT NULL);
        CREATE INDEX batchOrder ON batch (state, probe, newest);
        CREATE TABLE ledgerCalls (
            service TEXT NOT NULL, environment TEXT NOT NULL, pattern TEXT NOT NULL, state INTEGER NOT NULL,
            reason TEXT NOT NULL, amount INTEGER NOT NULL,
            PRIMARY KEY (service, environment, pattern, state, reason)) WITHOUT ROWID;
        CREATE TABLE ledgerDatums (
            state INTEGER NOT NULL, reason TEXT NOT NULL, amount INTEGER NOT NULL,
            PRIMARY KEY (state, reason)) WITHOUT ROWID;
        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, metric TEXT NOT NULL, dimensions TEXT NOT NULL,
            reason TEXT NOT NULL);
        """
}
