import AWSCore
import FoundationEssentials
import GRDB
import Glibc

/// Saves what can be read of a damaged store into a new one, and puts the new one in its place.
///
/// The new file is made beside the old one and renamed when it is complete, so that an agent that is killed meanwhile begins
/// again. What is missing is entered in the ledger under a reason of its own.
struct StoreSalvage {
    static let freshSuffix = ".new"

    let path: String
    let trace: StoreTrace
    let now: Timestamp
    let reason: String
    private var saved: [String: Int] = [:]
    private var unreadable: Set<String> = []
    /// Whether the file is sound and of an earlier version.
    private let isUpgrade: Bool

    init(path: String, trace: StoreTrace, now: Timestamp, reason: String, isUpgrade: Bool) {
        self.path = path
        self.trace = trace
        self.now = now
        self.reason = reason
        self.isUpgrade = isUpgrade
    }

    private var fresh: String { path + Self.freshSuffix }

    /// - Returns: one sentence on what was saved and what was not.
    mutating func run(source: DatabaseQueue?) throws -> String {
        let aside = asideName()
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(fresh + suffix) }
        _ = FileSystem.writeNew(fresh, [])
        var configuration = Configuration.store
        // No log beside it: it is renamed as one file.
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try database.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        let target = try DatabaseQueue(path: fresh, configuration: configuration)
        try target.write { try StoreSchema.makeTables(in: $0) }
        if let source = source ?? openSource() {
            copyAll(from: source, to: target)
        } else {
            unreadable = Set(StoreSchema.tables.map(\.name))
        }
        let message = try finish(target, aside: aside)
        try target.close()
        try putInPlace(aside: aside)
        removeEldestAside()
        return message
    }

    /// A file that cannot even be opened has nothing to give.
    private func openSource() -> DatabaseQueue? {
        var configuration = Configuration.store
        configuration.prepareDatabase { database in
            // Tables whose description is sound can be read though another's is not.
            try database.execute(sql: "PRAGMA writable_schema = ON")
        }
        guard let queue = try? DatabaseQueue(path: path, configuration: configuration),
            let state = try? queue.read({ try StoreSchema.state(of: $0) }), state != .foreign, state != .empty
        else { return nil }
        return queue
    }

    /// A disk that damages every file must not be filled with them: the newest few are kept.
    private func removeEldestAside() {
        guard let slash = path.lastIndex(of: "/") else { return }
        let directory = String(path[..<slash])
        let prefix = path[path.index(after: slash)...] + ".damaged-"
        let stores = FileSystem.names(in: directory)
            .filter { $0.hasPrefix(prefix) && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
        for name in stores.dropLast(AgentLimits.storesAside) {
            for suffix in ["-wal", "-shm", ""] { unlink(directory + "/" + name + suffix) }
        }
    }

    private func asideName() -> String {
        let time = now.iso8601.filter { $0.isNumber || $0 == "T" }
        let first = "\(path)\(isUpgrade ? ".earlier" : ".damaged")-\(time)"
        var name = first
        var number = 1
        while FileSystem.exists(name) {
            number += 1
            name = "\(first)-\(number)"
        }
        return name
    }

    /// The log goes first: left beside a new file of the old name, it would be replayed into it.
    private func putInPlace(aside: String) throws {
        for suffix in ["-wal", "-shm", ""] where FileSystem.exists(path + suffix) {
            guard rename(path + suffix, aside + suffix) == 0 else {
                throw AgentError(
                    code: .directory,
                    message: "\(path)\(suffix): the damaged store cannot be renamed: \(FileSystem.reason(errno)).")
            }
        }
        guard rename(fresh, path) == 0 else {
            throw AgentError(
                code: .directory, message: "\(fresh): the new store cannot be renamed: \(FileSystem.reason(errno)).")
        }
    }

    // MARK: Copying

    private mutating func copyAll(from source: DatabaseQueue, to target: DatabaseQueue) {
        for table in StoreSchema.tables {
            do {
                // A transaction a table: where the disk is full in the middle of the windows, what came before stays.
                try source.unsafeRead { old in
                    try target.write { new in
                        try copy(table.name, table.columns, from: old, to: new)
                    }
                }
            } catch {
                unreadable.insert(table.name)
            }
        }
    }

    private mutating func copy(
        _ table: String, _ columns: [String], from old: Database, to new: Database
    ) throws {
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = try new.makeStatement(
            sql: "INSERT OR IGNORE INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
        var gaps: [(after: Int64, before: Int64)] = [(.min, .max)]
        var tries = 64
        while let gap = gaps.popLast(), tries > 0 {
            tries -= 1
            guard let low = try copy(table, columns, gap, upward: true, from: old, insert) else { continue }
            unreadable.insert(table)
            guard let high = try copy(table, columns, (low, gap.before), upward: false, from: old, insert) else {
                continue
            }
            // Between the two lies what cannot be read; there may be sound rows in its midst.
            let (middle, width) = ((low >> 1) + (high >> 1), high.subtractingReportingOverflow(low))
            guard !width.overflow, width.partialValue > 2, low != .min else { continue }
            gaps += [(low, middle), (middle, high)]
        }
    }

    /// Copies rows until the end or until one cannot be read.
    /// - Returns: the last row's number where the reading ended early.
    private mutating func copy(
        _ table: String, _ columns: [String], _ gap: (after: Int64, before: Int64), upward: Bool,
        from old: Database, _ insert: Statement
    ) throws -> Int64? {
        var last = upward ? gap.after : gap.before
        do {
            let rows = try Row.fetchCursor(
                old,
                sql: """
                    SELECT rowid, * FROM \(table) NOT INDEXED
                    WHERE rowid > ? AND rowid < ? ORDER BY rowid \(upward ? "ASC" : "DESC")
                    """, arguments: [gap.after, gap.before])
            while let row = try rows.next() {
                let number: Int64 = row[0]
                // Damaged links may lead back to rows that were there.
                guard upward ? number > last : number < last else { return last }
                last = number
                guard let values = Self.values(row, columns) else {
                    unreadable.insert(table)
                    continue
                }
                do {
                    try insert.execute(arguments: StatementArguments(values))
                    saved[table, default: 0] += 1
                } catch let error as DatabaseError where error.resultCode.primaryResultCode == .SQLITE_CONSTRAINT {
                    unreadable.insert(table)
                }
            }
            return nil
        } catch let error as DatabaseError where error.isDamage {
            return last
        }
    }

    /// A row's values, when each is of its column's kind, and row and blobs are what their checksums say. Before the columns
    /// comes the row's number, after them its checksum, which an earlier version's rows did not have.
    private static func values(_ row: Row, _ columns: [String]) -> [DatabaseValue]? {
        // By place: a flipped bit may have hit a column's name.
        guard row.count == columns.count + 1 || row.count == columns.count + 2 else { return nil }
        var values: [DatabaseValue] = []
        for (place, column) in columns.enumerated() {
            let value: DatabaseValue = row[place + 1]
            switch value.storage {
            case .null where StoreSchema.optionalColumns.contains(column): break
            case .string where StoreSchema.textColumns.contains(column) || column == "id": break
            case .int64 where !StoreSchema.textColumns.contains(column) && !StoreSchema.blobColumns.contains(column):
                break
            case .blob(let data) where StoreSchema.blobColumns.contains(column):
                guard (try? BlobReader(sealed: [UInt8](data))) != nil else { return nil }
            default: return nil
            }
            values.append(value)
        }
        guard row.count == columns.count + 1 || row[columns.count + 1] == RowMark.of(values).databaseValue else {
            return nil
        }
        return values
    }

    // MARK: The end

    private mutating func finish(_ target: DatabaseQueue, aside: String) throws -> String {
        let isWhole = unreadable.isEmpty
        let losses = try target.write { database in
            var losses = try StoreReconciliation.run(in: database)
            if !isWhole {
                losses.calls = losses.calls.plus(
                    try AgentStore.enterForgotten(trace, path: path, besides: losses.entered, in: database))
            }
            return losses
        }
        let message = report(aside: aside, losses)
        let kind = isUpgrade ? CollectorNotice.Kind.storeUpgraded : .storeReplaced
        try target.write { database in
            try database.execute(
                sql: "INSERT INTO notice (at, kind, message) VALUES (?, ?, ?)",
                arguments: [now.nanosecondsSince1970, kind.rawValue, message])
            if try AgentStore.fact(.storeID, in: database) == nil {
                try AgentStore.note([.storeID: "\(UInt64.random(in: 1 ... .max))"], in: database)
            }
            try StoreSchema.complete(in: database)
        }
        return message
    }

    private func report(aside: String, _ losses: StoreReconciliation.Losses) -> String {
        let names = ["total": "series' totals", "span": "windows", "batch": "batches to send", "process": "processes"]
        let counts = ["total", "span", "batch", "process"].map { "\(saved[$0] ?? 0) \(names[$0] ?? $0)" }
        let place = FileSystem.exists(path) ? "it is set aside as \(aside), and " : ""
        var text = "\(path): \(reason); \(place)a new store holds what could be read: "
        text += counts.joined(separator: ", ") + "."
        if !unreadable.isEmpty { text += " Not all could be read of: \(unreadable.sorted().joined(separator: ", "))." }
        if losses.calls > 0 {
            text += " \(losses.calls) calls that waited are lost and stand in the ledger as dropped."
        }
        if losses.found > 0 {
            text += " The totals of \(losses.found) calls were lost; the ledger counts them as recorded."
        }
        if losses.names > 0 {
            text +=
                " The names of \(losses.names) series were lost, and with them \(losses.nameless) calls that waited."
        }
        return text
    }
}
