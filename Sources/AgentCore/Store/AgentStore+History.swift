public import AWSCore
import GRDB
public import Monitoring

/// A span of time in which something was counted.
public struct StoredWindow: Sendable, Equatable {
    /// The window's number.
    public var id: Int64
    /// When it began.
    public var start: Timestamp
    /// When it ended.
    public var end: Timestamp
    /// Whether it is longer than a period, because nobody was there to cut it: when in it things happened is not known.
    public var isGap: Bool
    /// How often older windows were merged into it, for their age or for want of room: 0 for a window as it was
    /// collected, 1 for five minutes, 2 for an hour, 3 for a day, 4 for sixteen days.
    public var level: Int
}

/// The hottest keys of a table or index in one direction over one window.
public struct StoredHotKeys: Sendable, Equatable {
    /// One key.
    public struct Key: Sendable, Equatable {
        /// The key's HMAC.
        public var hash: String
        /// The key itself, cut; nil where the configuration does not keep it.
        public var plain: String?
        /// At least what it consumed, in thousandths of a unit.
        public var estimate: UInt64
        /// How much of the estimate may be other keys'.
        public var error: UInt64
        /// Events of it that were throttled.
        public var throttled: UInt64
        /// When it entered the hottest keys, without having left them since.
        public var firstSeen: Timestamp
        /// At most what it consumed in its hottest ten seconds, in thousandths of a unit.
        public var peakTenSeconds: UInt64
    }

    /// The window.
    public var start: Timestamp
    /// The window's end.
    public var end: Timestamp
    /// Whose traffic it is.
    public var scope: MonitoringScope
    /// The table.
    public var table: String
    /// The index, or empty.
    public var index: String
    /// Writes, or reads.
    public var isWrite: Bool
    /// What the counters say was consumed, in thousandths of a unit.
    public var consumed: UInt64
    /// Of these, by scans, which name no key.
    public var keyless: UInt64
    /// What key events said.
    public var seen: UInt64
    /// What lost key events held.
    public var lost: UInt64
    /// At most what any key that is not listed consumed, of what key events showed.
    public var absentUpperBound: UInt64
    /// Throttles that named a partition as the bottleneck.
    public var keyRangeThrottles: UInt64
    /// The keys, hottest first.
    public var keys: [Key]
}

extension AgentStore {
    /// The windows that end after a time, oldest first.
    public func windows(since: Timestamp) throws(AgentError) -> [StoredWindow] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, startedAt, endedAt, isGap, level FROM span WHERE endedAt > ?
                    AND EXISTS (SELECT 1 FROM spanData WHERE spanData.span = span.id) ORDER BY endedAt, id
                    """, arguments: [since.nanosecondsSince1970]
            ).map(StoredWindow.init)
        }
    }

    /// What each series counted in each window that ends after a time, oldest first, one at a time to spare memory. A
    /// window that is damaged is left out; the agent finds it too, and says so.
    /// - Parameter attempts: whether the times of attempts are wanted too, which take as long to read as all else. Default: yes.
    public func forEachSeries(
        since: Timestamp, attempts: Bool = true, _ body: (StoredWindow, SeriesIdentity, SeriesTotals) -> Void
    ) throws(AgentError) {
        try read { database in
            let series = try Self.series(in: database)
            let cursor = try Row.fetchCursor(
                database,
                sql: """
                    SELECT id, startedAt, endedAt, isGap, level, data FROM span JOIN spanData ON spanData.span = span.id
                    WHERE endedAt > ? ORDER BY endedAt, id
                    """, arguments: [since.nanosecondsSince1970])
            while let row = try cursor.next() {
                guard let entries = try? SpanBlob.decode(row.bytes("data"), attempts: attempts) else { continue }
                let window = StoredWindow(row)
                for entry in entries {
                    if let identity = series[entry.id] { body(window, identity, entry.totals) }
                }
            }
        }
    }

    /// The hottest keys of the windows that end after a time, oldest first.
    /// - Parameter table: only this table and its indexes, or all when nil.
    public func hotKeys(since: Timestamp, table: String? = nil) throws(AgentError) -> [StoredHotKeys] {
        try read { database in
            let keysOfSpan = try database.makeStatement(
                sql: "SELECT * FROM hotKey WHERE span = ? AND \(RowMark.isSound("hotKey")) ORDER BY rank")
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM hotKeySpan WHERE endedAt > ? AND (? IS NULL OR tableName = ?)
                    AND \(RowMark.isSound("hotKeySpan")) ORDER BY endedAt, id
                    """,
                arguments: [since.nanosecondsSince1970, table, table])
            return try rows.map { row in
                let keys = try Row.fetchAll(keysOfSpan, arguments: [row["id"] as Int64])
                return StoredHotKeys(row, keys: keys.map(StoredHotKeys.Key.init))
            }
        }
    }

    /// What the agent said of itself at its last commit.
    func facts() throws(AgentError) -> [AgentFact: String] {
        try read { database in
            var facts: [AgentFact: String] = [:]
            for row in try Row.fetchAll(database, sql: RowMark.select("agentFact")) {
                _ = try row.checked()
                if let fact = AgentFact(rawValue: row["name"]) { facts[fact] = row["value"] }
            }
            return facts
        }
    }
}

extension StoredWindow {
    init(_ row: Row) {
        self.init(
            id: row["id"], start: Timestamp(nanosecondsSince1970: row["startedAt"]),
            end: Timestamp(nanosecondsSince1970: row["endedAt"]), isGap: row["isGap"], level: row["level"])
    }
}

extension StoredHotKeys {
    init(_ row: Row, keys: [Key]) {
        self.init(
            start: Timestamp(nanosecondsSince1970: row["startedAt"]),
            end: Timestamp(nanosecondsSince1970: row["endedAt"]),
            scope: MonitoringScope(service: row["service"], environment: row["environment"]), table: row["tableName"],
            index: row["indexName"], isWrite: row["isWrite"], consumed: row.amount("consumed"),
            keyless: row.amount("keyless"), seen: row.amount("seen"), lost: row.amount("lost"),
            absentUpperBound: row.amount("absentUpperBound"), keyRangeThrottles: row.amount("keyRangeThrottles"),
            keys: keys)
    }
}

extension StoredHotKeys.Key {
    init(_ row: Row) {
        self.init(
            hash: row["hash"], plain: row["plain"], estimate: row.amount("estimate"), error: row.amount("error"),
            throttled: row.amount("throttled"), firstSeen: Timestamp(nanosecondsSince1970: row["firstSeen"]),
            peakTenSeconds: row.amount("peakTenSeconds"))
    }
}
