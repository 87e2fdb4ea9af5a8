public import AWSCore
import GRDB

/// Something that the agent met and a person should know.
public struct StoredNotice: Sendable, Equatable {
    /// When, or since when.
    public var at: Timestamp
    /// Until when, where it tells of a state that is over; nil for one that lasts, and for events.
    public var until: Timestamp?
    /// A stable word for the kind.
    public var kind: String
    /// One sentence, as it was said then.
    public var message: String
}

extension AgentStore {
    /// Stands between the kind and the time of the end, in one column: the tables of a store stay as they are.
    private static let untilMark = " until "

    /// Writes down what an operator should see later, such as a file that was set aside.
    /// - Parameter until: when it was over.
    /// - Returns: its number in this store.
    @discardableResult
    func note(_ notice: CollectorNotice, at time: Timestamp, until: Timestamp? = nil) throws(AgentError) -> Int64 {
        try write { database in
            try database.execute(
                sql: "INSERT INTO notice (at, kind, message) VALUES (?, ?, ?)",
                arguments: [
                    time.nanosecondsSince1970, notice.kind.rawValue + (until.map(Self.ending) ?? ""), notice.message,
                ])
            let number = database.lastInsertedRowID
            try database.execute(sql: "DELETE FROM notice WHERE id <= (SELECT MAX(id) FROM notice) - 1000")
            return number
        }
    }

    /// Writes down that a state is over of which a notice tells.
    /// - Parameter number: as `note` gave it; another store may have another notice there, which stays as it is.
    func end(_ notice: CollectorNotice, number: Int64, at time: Timestamp) throws(AgentError) {
        try write { database in
            try database.execute(
                sql: """
                    UPDATE notice SET kind = ? WHERE id = ? AND kind = ? AND message = ? AND \(RowMark.isSound("notice"))
                    """,
                arguments: [
                    notice.kind.rawValue + Self.ending(time), number, notice.kind.rawValue, notice.message,
                ])
        }
    }

    private static func ending(_ time: Timestamp) -> String { "\(untilMark)\(time.nanosecondsSince1970)" }

    /// The notices of states of which no end is written down, with their numbers; of each the newest.
    func lastingNotices() throws(AgentError) -> [CollectorNotice: Int64] {
        try read { database in
            var found: [CollectorNotice: Int64] = [:]
            let rows = try Row.fetchCursor(
                database, sql: "SELECT id, kind, message FROM notice WHERE \(RowMark.isSound("notice")) ORDER BY id")
            while let row = try rows.next() {
                guard let kind = CollectorNotice.Kind(rawValue: row["kind"]), kind.lasts else { continue }
                found[CollectorNotice(kind: kind, message: row["message"])] = row["id"]
            }
            return found
        }
    }

    /// What the agent met since a time, newest first; of states those, too, that began before and were over later.
    public func notices(since: Timestamp) throws(AgentError) -> [StoredNotice] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM notice WHERE \(RowMark.isSound("notice")) ORDER BY id DESC"
            ).map(StoredNotice.init).filter { ($0.until ?? $0.at) >= since }
        }
    }

    fileprivate static func parts(of kind: String) -> (kind: String, until: Timestamp?) {
        let parts = kind.split(separator: " ")
        guard parts.count == 3, parts[1] == "until", let time = Int64(parts[2]) else { return (kind, nil) }
        return (String(parts[0]), Timestamp(nanosecondsSince1970: time))
    }
}

extension StoredNotice {
    fileprivate init(_ row: Row) {
        let parts = AgentStore.parts(of: row["kind"])
        self.init(
            at: Timestamp(nanosecondsSince1970: row["at"]), until: parts.until, kind: parts.kind,
            message: row["message"])
    }
}
