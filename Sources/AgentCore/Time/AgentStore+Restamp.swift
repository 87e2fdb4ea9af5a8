public import AWSCore
import CloudWatch
import FoundationEssentials
import GRDB

extension AgentStore {
    /// The number of the newest window, and the latest time at which any ended.
    func newestSpan() throws(AgentError) -> (id: Int64, endedAt: Int64?) {
        try read { database in
            (
                try Int64.fetchOne(database, sql: "SELECT MAX(id) FROM span") ?? 0,
                try Int64.fetchOne(database, sql: "SELECT MAX(endedAt) FROM span")
            )
        }
    }

    /// The time by the agent that writes this store: what it stamped is read by it, also while the wall clock is wrong.
    public func agentTime(_ clock: AgentClock = .system) -> Timestamp {
        guard let epoch = (try? facts())?[.clockEpoch].flatMap(ClockEpoch.init(text:)), !clock.bootID.isEmpty,
            epoch.bootID == clock.bootID
        else { return clock.now() }
        return Timestamp(nanosecondsSince1970: epoch.anchor &+ clock.uptimeNanoseconds())
    }

    /// The clock turned out to be off: all that was stamped by it follows, sent or not, datums that wait included.
    func restamp(_ epoch: ClockEpoch, by shift: Int64) throws(AgentError) {
        try write { database in
            try Self.move("id > ?", [epoch.lastSpan], by: shift, in: database)
            try database.execute(
                sql: "UPDATE process SET committedAt = MAX(0, committedAt + ?) WHERE committedAt >= ?",
                arguments: [shift, epoch.beganAt - shift])
            try Self.note([.clockEpoch: epoch.text], in: database)
        }
    }

    /// Windows that wait under a time that is still to come, from a boot whose clock was ahead: when they were is not known
    /// but that it was before now. All keep their distances.
    /// - Returns: whether there was any.
    func bringBack(to latest: Int64, tolerance: Int64) throws(AgentError) -> Bool {
        try write { database in
            let newest = try Int64.fetchOne(
                database, sql: "SELECT MAX(endedAt) FROM span WHERE publish != ?",
                arguments: [SpanState.settled.rawValue])
            guard let newest, newest > latest + tolerance else { return false }
            try Self.move(
                "publish != ? AND endedAt > ?", [SpanState.settled.rawValue, latest], by: latest - newest, in: database)
            return true
        }
    }

    private static func move(
        _ condition: String, _ arguments: StatementArguments, by shift: Int64, in database: Database
    ) throws {
        let spans = try Int64.fetchAll(database, sql: "SELECT id FROM span WHERE \(condition)", arguments: arguments)
        for span in spans {
            try database.cachedStatement(
                sql: "UPDATE span SET startedAt = MAX(0, startedAt + ?), endedAt = MAX(0, endedAt + ?) WHERE id = ?"
            ).execute(arguments: [shift, shift, span])
            try database.cachedStatement(
                sql: """
                    UPDATE hotKeySpan SET startedAt = MAX(0, startedAt + ?), endedAt = MAX(0, endedAt + ?),
                    observedFrom = MAX(0, observedFrom + ?) WHERE span = ?
                    """
            ).execute(arguments: [shift, shift, shift, span])
            let batches = try Row.fetchAll(
                database.cachedStatement(sql: RowMark.select("batch") + " WHERE span = ?"), arguments: [span])
            for row in batches { try restamp(StoredBatch(row), by: shift, in: database) }
        }
    }

    private static func restamp(_ batch: StoredBatch, by shift: Int64, in database: Database) throws {
        // One that cannot be read is met, and said, when its turn comes.
        guard var datums = try? DatumBlob.decode(batch.body) else { return }
        for place in datums.indices {
            datums[place].datum.timestamp = datums[place].datum.timestamp.advanced(by: .nanoseconds(shift))
        }
        try replaceBody(of: batch.id, with: BatchFreezer.batch(datums), in: database)
    }
}
