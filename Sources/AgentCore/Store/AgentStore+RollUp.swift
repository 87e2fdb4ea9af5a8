import AWSCore
import FoundationEssentials
import GRDB
import Monitoring

/// What one step of the roll-up did.
enum RollUpStep: Sendable, Equatable {
    /// There is nothing to do now.
    case nothing
    /// A window was merged into a coarser one, or made coarser.
    case merged
    /// Something was given up for want of room.
    case gaveUp
    /// Nothing is left to merge or give up, and the store needs more than its budget.
    case exhausted(needed: Int)
    /// A window was met whose data cannot be read.
    case damaged(window: Int64)
}

extension AgentStore {
    /// A bounded piece of work on old windows, in one transaction: windows are merged, hot keys thinned, what is too old is
    /// deleted, and room that is not needed is given back.
    /// - Parameter steps: how many windows to handle at most.
    /// - Returns: what was done besides merging; empty when there was nothing to do.
    func rollUp(
        now: Timestamp, budgetInBytes: Int, history: HistoryRetention = HistoryRetention(), steps: Int = 1
    ) throws(AgentError) -> [RollUpStep] {
        try keepLogWithin(StoreRoom.logLimit(budget: budgetInBytes))
        let known = memory.withLock { $0 }
        let (done, room) = try write { database in
            var room = try Self.room(known, budget: budgetInBytes, in: database)
            var done: [RollUpStep] = []
            while done.count < steps {
                let step = try Self.step(
                    now: now.nanosecondsSince1970, isShort: room.isShort, history: history, in: database)
                guard step != .nothing else {
                    if room.isShort { done.append(.exhausted(needed: room.inUse + room.reserve)) }
                    break
                }
                done.append(step)
                try room.measure(database)
            }
            try Self.giveBack(room.excess, in: database)
            return (done, room)
        }
        memory.withLock { memory in
            (memory.room, memory.hasCommitted) = (room, false)
        }
        return done
    }

    /// What is taken now, and what the last period took: known once the next one is committed.
    private static func room(_ known: StoreMemory, budget: Int, in database: Database) throws -> StoreRoom {
        var room = known.room
        (room.budget, room.frozen) = (budget, known.frozenBytes)
        let before = room.inUse
        try room.measure(database)
        if known.hasCommitted, before > 0 {
            // Slowly forgotten: a quiet period is no promise for the next.
            room.growth = max(room.inUse - before, room.growth - room.growth / 16)
        }
        return room
    }

    /// Free pages at the file's end; a few at a time, since each is written anew.
    private static func giveBack(_ bytes: Int, in database: Database) throws {
        let pages = min(bytes / AgentLimits.pageBytes, AgentLimits.pagesGivenBack)
        guard pages > 0 else { return }
        _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(\(pages))")
    }

    /// SQLite writes the log into the main file when it is half as large as that, and cuts it back to it afterwards.
    private func keepLogWithin(_ bytes: Int) throws(AgentError) {
        guard memory.withLock({ $0.logLimit }) != bytes else { return }
        do {
            try queue.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_size_limit = \(bytes)")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(max(8, bytes / 2 / AgentLimits.pageBytes))")
            }
        } catch {
            throw Self.failure(error, path: path, doing: "written")
        }
        memory.withLock { $0.logLimit = bytes }
    }

    private static func step(
        now time: Int64, isShort: Bool, history: HistoryRetention, in database: Database
    ) throws -> RollUpStep {
        if try Self.deleteEldest(before: time, days: history.hourDays, in: database) { return .merged }
        if try Self.thinHotKeys(before: time - AgentLimits.hotKeyDetail.nanosecondsCount, in: database) {
            return .merged
        }
        for measure in isShort ? RollUpPlan.underPressure : RollUpPlan.byAge(history) {
            switch measure {
            case .merge(let rule):
                if let step = try Self.apply(rule, now: time, in: database) { return step }
            case .forgetHotKeys(let age):
                if try Self.deleteHotKeys(before: time - age.nanosecondsCount, in: database) { return .merged }
            }
        }
        return try isShort && Self.giveUpEldest(now: time, in: database) ? .gaveUp : .nothing
    }

    // MARK: Merging

    private static func apply(_ rule: RollUpPlan.Rule, now: Int64, in database: Database) throws -> RollUpStep? {
        let limit = now - rule.minimumAge.nanosecondsCount
        let states: [SpanState] = rule.takesWaiting ? [.settled, .waiting] : [.settled]
        let eldest = try states.compactMap { state in
            try Row.fetchOne(
                database,
                sql: RowMark.select("span")
                    + " WHERE level = ? AND publish = ? AND endedAt <= ? ORDER BY endedAt LIMIT 1",
                arguments: [rule.level, state.rawValue, limit])?.checked()
        }.min { ($0["endedAt"] as Int64) < ($1["endedAt"] as Int64) }
        guard let eldest else { return nil }
        do {
            try raise(eldest, to: rule.level + 1, in: database)
            return .merged
        } catch is BlobError {
            // One of the two: the other is sound, and stays.
            let sibling = try sibling(of: eldest, level: rule.level + 1, in: database)
            let damaged = try [sibling, eldest].compactMap(\.self).first { try !isSound($0, in: database) }
            return .damaged(window: try removeDamaged(damaged ?? eldest, in: database))
        }
    }

    /// Whether all blobs of a window can be read.
    private static func isSound(_ row: Row, in database: Database) throws -> Bool {
        do {
            _ = try SpanBlob.decodeCalls(row.bytes("calls"))
            _ = try ScopeBlob.decode(row.bytes("scopes"))
            if let data = try SpanRows.data(row["id"], in: database) {
                _ = try SpanBlob.merged([data], coarser: false)
            }
            return true
        } catch is BlobError {
            return false
        }
    }

    /// The window of that level that a window is merged into, if there is one.
    private static func sibling(of row: Row, level: Int, in database: Database) throws -> Row? {
        let bucket = RollUpPlan.bucket(of: row["endedAt"], level: level)
        return try Row.fetchOne(
            database,
            sql: """
                \(RowMark.select("span")) WHERE level = ? AND publish = ? AND endedAt > ? AND endedAt <= ? AND id != ?
                AND endedAt - startedAt <= ? LIMIT 1
                """,
            arguments: [
                level, row["publish"] as Int, bucket.after, bucket.upTo, row["id"] as Int64, bucket.upTo - bucket.after,
            ])
    }

    /// Brings a window to the next level: into the window of that level that is there already, or by itself.
    private static func raise(_ row: Row, to level: Int, in database: Database) throws {
        let (id, start, end): (Int64, Int64, Int64) = (row["id"], row["startedAt"], row["endedAt"])
        let bucket = RollUpPlan.bucket(of: end, level: level)
        let length = bucket.upTo - bucket.after
        let sibling = try sibling(of: row, level: level, in: database)
        let isThrough = row["publish"] == SpanState.settled.rawValue
        // A gap that is longer than the level's windows stays apart: merged, it would blur all of them.
        if let sibling, end - start <= length {
            try merge(row, into: sibling, isThrough: isThrough, in: database)
            return
        }
        if isThrough, level == 1, let data = try SpanRows.data(id, in: database) {
            try SpanRows.setData(SpanBlob.merged([data], coarser: true), of: id, in: database)
        }
        try database.cachedStatement(sql: "UPDATE span SET level = ? WHERE id = ?").execute(arguments: [level, id])
    }

    private static func merge(_ row: Row, into sibling: Row, isThrough: Bool, in database: Database) throws {
        let (id, target): (Int64, Int64) = (row["id"], sibling["id"])
        let end = max(row["endedAt"] as Int64, sibling["endedAt"])
        let data = try SpanRows.merged(id, target, coarser: isThrough, in: database)
        let calls = try SpanRows.merged(calls: row.bytes("calls"), sibling.bytes("calls"))
        let scopes = try ScopeBlob.decode(row.bytes("scopes")).union(try ScopeBlob.decode(sibling.bytes("scopes")))
        try database.cachedStatement(
            sql: """
                UPDATE span SET startedAt = ?, endedAt = ?, isGap = isGap OR ?, recorded = recorded + ?,
                acknowledged = acknowledged + ?, ambiguous = ambiguous + ?, dropped = dropped + ?,
                mayHaveCounted = MIN(mayHaveCounted + ?, \(CallAccounts.most)), pendingDatums = ?, scopes = ?, calls = ? WHERE id = ?
                """
        ).execute(arguments: [
            min(row["startedAt"] as Int64, sibling["startedAt"]), end, row["isGap"] as Bool, row["recorded"] as Int64,
            row["acknowledged"] as Int64, row["ambiguous"] as Int64, row["dropped"] as Int64,
            row["mayHaveCounted"] as Int64, max(row["pendingDatums"] as Int64, sibling["pendingDatums"]),
            ScopeBlob.encode(scopes).data, calls.data, target,
        ])
        if let data { try SpanRows.setData(data, of: target, in: database) }
        // The merged window is published with the keys of its last period, whose time stamp it gets.
        let isLater = row["endedAt"] as Int64 == end
        try database.cachedStatement(sql: "UPDATE hotKeySpan SET span = NULL WHERE span = ?")
            .execute(arguments: [isLater ? target : id])
        try database.cachedStatement(sql: "UPDATE hotKeySpan SET span = ? WHERE span = ?")
            .execute(arguments: [target, id])
        try SpanRows.delete(id, in: database)
    }

    /// A window whose data was hit: its calls are known from beside it.
    private static func removeDamaged(_ row: Row, in database: Database) throws -> Int64 {
        let id: Int64 = row["id"]
        if row["publish"] == SpanState.waiting.rawValue {
            try giveUp(span: id, reason: BatchFreezer.DropReason.damaged, series(in: database), in: database)
        }
        try SpanRows.delete(id, in: database)
        return row["endedAt"]
    }

    // MARK: Giving up

    private static func deleteEldest(before time: Int64, days: Int, in database: Database) throws -> Bool {
        let span = try Int64.fetchOne(
            database, sql: "SELECT id FROM span WHERE endedAt <= ? AND publish = ? LIMIT 1",
            arguments: [time - Int64(days) * 86_400_000_000_000, SpanState.settled.rawValue])
        if let span { try SpanRows.delete(span, in: database) }
        let keys = try deleteHotKeys(before: time - AgentLimits.retention.nanosecondsCount, in: database)
        return span != nil || keys
    }

    /// The very end: the eldest day goes. What was through stands in the totals, what was not is dropped.
    private static func giveUpEldest(now: Int64, in database: Database) throws -> Bool {
        let eldest = try Row.fetchOne(
            database,
            sql: "SELECT id, publish FROM span WHERE publish != ? AND endedAt <= ? ORDER BY endedAt LIMIT 1",
            arguments: [SpanState.frozen.rawValue, now - 600_000_000_000])
        guard let eldest else { return false }
        let id: Int64 = eldest["id"]
        if eldest["publish"] == SpanState.waiting.rawValue {
            try giveUp(span: id, reason: BatchFreezer.DropReason.overBudget, series(in: database), in: database)
        }
        try SpanRows.delete(id, in: database)
        return true
    }

    // MARK: Hot keys

    private static func deleteHotKeys(before time: Int64, in database: Database) throws -> Bool {
        let eldest = try Int64.fetchAll(
            database, sql: "SELECT id FROM hotKeySpan WHERE endedAt <= ? ORDER BY endedAt LIMIT 50",
            arguments: [time])
        for id in eldest {
            try database.cachedStatement(sql: "DELETE FROM hotKey WHERE span = ?").execute(arguments: [id])
            try database.cachedStatement(sql: "DELETE FROM hotKeySpan WHERE id = ?").execute(arguments: [id])
        }
        return !eldest.isEmpty
    }

    private static func thinHotKeys(before time: Int64, in database: Database) throws -> Bool {
        let due = try Int64.fetchAll(
            database, sql: "SELECT id FROM hotKeySpan WHERE isThinned = 0 AND endedAt <= ? ORDER BY endedAt LIMIT 50",
            arguments: [time])
        for id in due {
            // What is left out is covered by the bound for keys that are not listed.
            try database.cachedStatement(
                sql: """
                    UPDATE hotKeySpan SET isThinned = 1, absentUpperBound = MAX(absentUpperBound, COALESCE(
                    (SELECT MAX(estimate) FROM hotKey WHERE hotKey.span = hotKeySpan.id AND rank >= ?), 0)) WHERE id = ?
                    """
            ).execute(arguments: [AgentLimits.thinnedKeys, id])
            try database.cachedStatement(sql: "DELETE FROM hotKey WHERE span = ? AND rank >= ?")
                .execute(arguments: [id, AgentLimits.thinnedKeys])
        }
        return !due.isEmpty
    }
}

extension StoreRoom {
    fileprivate mutating func measure(_ database: Database) throws {
        let all = try Int.fetchOne(database.cachedStatement(sql: "PRAGMA page_count")) ?? 0
        let unused = try Int.fetchOne(database.cachedStatement(sql: "PRAGMA freelist_count")) ?? 0
        (inUse, free) = ((all - unused) * AgentLimits.pageBytes, unused * AgentLimits.pageBytes)
    }
}

/// The rows of a window besides its own.
enum SpanRows {
    static func data(_ span: Int64, in database: Database) throws -> [UInt8]? {
        let find = try database.cachedStatement(sql: "SELECT data FROM spanData WHERE span = ?")
        // Not as a row of its own, which would be a copy more; the row is there for as long as its cursor.
        let rows = try Row.fetchCursor(find, arguments: [span])
        return try withExtendedLifetime(rows) { try rows.next()?.bytes("data") }
    }

    static func setData(_ data: [UInt8], of span: Int64, in database: Database) throws {
        // Not cached: a cached statement keeps what it was given last, here up to a megabyte.
        try data.withData { data in
            try database.execute(
                sql: "INSERT OR REPLACE INTO spanData (span, data) VALUES (?, ?)", arguments: [span, data])
        }
    }

    static func delete(_ span: Int64, in database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM spanData WHERE span = ?").execute(arguments: [span])
        try database.cachedStatement(sql: "DELETE FROM span WHERE id = ?").execute(arguments: [span])
        try database.cachedStatement(sql: "UPDATE hotKeySpan SET span = NULL WHERE span = ?")
            .execute(arguments: [span])
    }

    /// Both windows' counts together; nil when neither has any.
    static func merged(
        _ left: Int64, _ right: Int64, coarser: Bool, in database: Database
    ) throws -> [UInt8]? {
        let blobs = try [left, right].compactMap { try data($0, in: database) }
        return blobs.isEmpty ? nil : try SpanBlob.merged(blobs, coarser: coarser)
    }

    static func merged(calls left: [UInt8], _ right: [UInt8]) throws -> [UInt8] {
        var sums: [Int64: UInt64] = [:]
        for blob in [left, right] {
            for entry in try SpanBlob.decodeCalls(blob) { sums[entry.id, default: 0] &+= entry.calls }
        }
        return SpanBlob.encode(calls: sums.sorted { $0.key < $1.key }.map { (id: $0.key, calls: $0.value) })
    }
}
