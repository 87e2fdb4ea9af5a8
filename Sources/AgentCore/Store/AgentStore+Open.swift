import AWSCore
import GRDB
import Glibc

/// A store that was opened, and what a person should know of how.
struct OpenedStore {
    var store: AgentStore
    /// One sentence where a store was set aside or lost; what it says is a notice of the new one already.
    var warning: String?
    /// Whether it was set aside, and this is what could be read of it.
    var isReplaced = false
}

extension AgentStore {
    /// Opens or makes the store for the agent that holds the directory's lock. One that is damaged, or another version's,
    /// is set aside, and what can be read of it is taken over.
    /// - Parameter trace: what the last agent wrote down beside its store.
    static func open(
        dataDirectory: String, trace: StoreTrace = StoreTrace(), now: Timestamp
    ) throws(AgentError) -> OpenedStore {
        let path = dataDirectory + "/" + fileName
        let fresh = path + StoreSalvage.freshSuffix
        if !FileSystem.exists(path), FileSystem.exists(fresh), isComplete(fresh) {
            // The last step of a replacement that was interrupted.
            _ = rename(fresh, path)
        }
        if let fault = headerFault(path) {
            return try replace(path: path, source: nil, because: fault, trace: trace, now: now)
        }
        do {
            let queue = try makeQueue(path: path)
            switch try queue.read({ try StoreSchema.state(of: $0) }) {
            case .current:
                if let fault = try firstFault(queue) {
                    return try replace(path: path, source: queue, because: fault, trace: trace, now: now)
                }
            case .empty:
                let warning = try queue.write { database in
                    try prepare(database)
                    return try begin(after: trace, path: path, now: now, in: database)
                }
                return OpenedStore(store: AgentStore(path: path, queue: queue), warning: warning)
            case .damaged:
                return try replace(
                    path: path, source: queue, because: "it is damaged (its version or its tables' descriptions)",
                    trace: trace, now: now)
            case .earlier:
                return try replace(
                    path: path, source: queue, because: "it is an earlier version's", isUpgrade: true, trace: trace,
                    now: now)
            case .foreign:
                try? queue.close()
                return try replace(path: path, source: nil, because: "it is another version's", trace: trace, now: now)
            }
            return OpenedStore(store: AgentStore(path: path, queue: queue))
        } catch let error as DatabaseError where error.isDamage {
            return try replace(path: path, source: nil, because: "it is damaged", trace: trace, now: now)
        } catch {
            throw failure(error, path: path, doing: "opened")
        }
    }

    /// Opens the store and settles what an earlier agent left on its way.
    static func openSettled(
        dataDirectory: String, trace: StoreTrace, resend: Bool, now: Timestamp
    ) throws(AgentError) -> OpenedStore {
        let opened = try open(dataDirectory: dataDirectory, trace: trace, now: now)
        do {
            try opened.store.settleInterruptedSends(resend: resend)
            return opened
        } catch {
            guard error.code == .storeDamaged else { throw error }
            let replaced = try replace(
                path: opened.store.path, source: opened.store.queue, because: "it is damaged", trace: trace, now: now)
            try replaced.store.settleInterruptedSends(resend: resend)
            return replaced
        }
    }

    /// Sets the store's file aside, whatever it is, and makes a new one with what can be read of it.
    ///
    /// - Parameters:
    ///   - source: the open connection to it; nil opens one, where the file is this version's.
    ///   - trace: what its agent wrote down beside it.
    static func replace(
        path: String, source: DatabaseQueue?, because reason: String, isUpgrade: Bool = false, trace: StoreTrace,
        now: Timestamp
    ) throws(AgentError) -> OpenedStore {
        do {
            var salvage = StoreSalvage(
                path: path, trace: trace, now: now, reason: reason, isUpgrade: isUpgrade)
            let report = try salvage.run(source: source)
            try? source?.close()
            let store = AgentStore(path: path, queue: try makeQueue(path: path))
            return OpenedStore(store: store, warning: report, isReplaced: true)
        } catch {
            throw failure(error, path: path, doing: "replaced")
        }
    }

    static func prepare(_ database: Database) throws {
        try StoreSchema.create(in: database)
        try note([.storeID: "\(UInt64.random(in: 1 ... .max))"], in: database)
    }

    /// SQLite takes a file of a later write format for one that may only be read, as if a right were missing.
    /// https://www.sqlite.org/fileformat.html#file_format_version_numbers
    private static func headerFault(_ path: String) -> String? {
        guard let header = FileSystem.firstBytes(of: path, count: 20), header.count == 20 else { return nil }
        return header[18] > 2 || header[19] > 2 ? "it is damaged (its header's format versions)" : nil
    }

    /// What SQLite finds wrong with the file, if anything.
    private static func firstFault(_ queue: DatabaseQueue) throws -> String? {
        do {
            return try queue.read { database in
                // Of a table with names its indexes too: a row is found by them.
                for check in ["quick_check(1)"] + StoreSchema.named.map({ "integrity_check(\($0))" }) {
                    let answer = try String.fetchOne(database, sql: "PRAGMA " + check) ?? "ok"
                    if answer != "ok" { return "it is damaged (\(answer.prefix(120)))" }
                }
                return try firstBadRow(database)
            }
        } catch let error as DatabaseError where error.isDamage {
            return "it is damaged"
        }
    }

    /// A row whose checksum is wrong, in the tables that everything depends on; a window's own data is checked when it is
    /// used, and given up alone.
    private static func firstBadRow(_ database: Database) throws -> String? {
        for (table, columns) in StoreSchema.tables where StoreSchema.isMarked(table) {
            let blobs = columns.filter(StoreSchema.blobColumns.contains)
            let wanted = ["\(RowMark.isSound(table)) AS isSound"] + blobs
            let rows = try Row.fetchCursor(database, sql: "SELECT \(wanted.joined(separator: ", ")) FROM \(table)")
            while let row = try rows.next() {
                guard row["isSound"], blobs.allSatisfy({ (try? BlobReader(sealed: row.bytes($0))) != nil }) else {
                    return "it is damaged (a wrong checksum in \(table))"
                }
            }
        }
        // A number that no store reaches would leave no number for a new row.
        let isSpent = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_sequence WHERE seq NOT BETWEEN 0 AND 1 << 60)")
        return isSpent == true ? "it is damaged (a row number that no store reaches)" : nil
    }

    private static func isComplete(_ path: String) -> Bool {
        var configuration = Configuration.store
        configuration.readonly = true
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration) else { return false }
        return (try? queue.read { try StoreSchema.state(of: $0) }) == .current
    }
}

extension DatabaseError {
    /// Whether the file's content is at fault, not the disk's room or a right.
    var isDamage: Bool {
        switch resultCode.primaryResultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_MISMATCH: true
        // A table or column of ours is not there.
        case .SQLITE_ERROR: true
        case .SQLITE_CONSTRAINT: extendedResultCode == .SQLITE_CONSTRAINT_TRIGGER
        default: extendedResultCode == .SQLITE_IOERR_SHORT_READ
        }
    }
}
