import AWSCore
import FoundationEssentials
import GRDB
import Glibc
import Monitoring
import Telemetry

/// The agent's store: one SQLite file (WAL) in the data directory, mode 0600.
///
/// Opened for writing by the one agent of the directory, and read-only by the commands that report from it.
public final class AgentStore: Sendable {
    /// The store file's name inside the data directory.
    public static let fileName = "tidemark.sqlite"

    /// The store file.
    public let path: String
    let queue: DatabaseQueue
    /// What the writer knows of the rows, so that a commit asks for none of them.
    let memory = AWSCore.Lock(StoreMemory())
    /// The agent that this store writes for; nil before it has claimed it.
    private let claimant = AWSCore.Lock<String?>(nil)
    private let file: FileIdentity?

    init(path: String, queue: DatabaseQueue) {
        self.path = path
        self.queue = queue
        file = FileIdentity(path)
    }

    /// Whether the file under the store's name is not the one that is open: deleted, or another put in its place.
    var isGone: Bool { FileIdentity(path) != file }

    /// Opens the store for a report. Fails with one sentence when no agent has worked in this directory yet.
    public static func openReadOnly(dataDirectory: String) throws(AgentError) -> AgentStore {
        let path = dataDirectory + "/" + fileName
        if let remedy = FileSystem.whoMayLook(into: dataDirectory) {
            throw AgentError(
                code: .store,
                message: "\(path): permission denied: what is in the data directory is not for this user; \(remedy).")
        }
        guard FileSystem.exists(path) else {
            throw AgentError(
                code: .store,
                message: "\(path): there is no store; start `tidemark agent`, or name the agent's data directory.")
        }
        guard FileSystem.isFile(path) else {
            throw AgentError(
                code: .store, message: "\(path): this is no file, and so no store; name the agent's data directory.")
        }
        var configuration = Configuration.store
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            guard try queue.read({ try StoreSchema.isThisVersions($0) }) else {
                throw AgentError(code: .store, message: "\(path): " + (try unreadyReason(queue)))
            }
            return AgentStore(path: path, queue: queue)
        } catch {
            throw failure(error, path: path, doing: "opened")
        }
    }

    /// Why a file holds no store of this version: an agent that was killed while it made one leaves an empty file, or one
    /// whose tables were not completed.
    private static func unreadyReason(_ queue: DatabaseQueue) throws -> String {
        try queue.read { database in
            try StoreSchema.isUnfinished(database)
                ? "the store is not finished yet; it is once an agent works there (start one, or ask again)."
                : "the store is of another version; let this version's agent open it first."
        }
    }

    /// How the one writer opens the file.
    static func makeQueue(path: String) throws -> DatabaseQueue {
        // SQLite gives its -wal and -shm files the mode of the main file, so that one is made first.
        if !FileSystem.exists(path) { _ = FileSystem.writeNew(path, []) }
        var configuration = Configuration.store
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // Until the disk budget is known (`rollUp`).
            try database.execute(sql: "PRAGMA journal_size_limit = \(AgentLimits.walBytes)")
            // Only a new file takes it: pages that are free can be given back, a few at a time.
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            // Hardly a page is asked for twice: what is not cached costs a read of the kernel's copy.
            try database.execute(sql: "PRAGMA cache_size = -512")
            // Sizes that do not fit their page are met as damage, not as a crash.
            try database.execute(sql: "PRAGMA cell_size_check = ON")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        // An acknowledged batch must not come back as pending after a power cut. Not sooner: GRDB sets NORMAL when it has turned WAL on.
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return queue
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(AgentError) -> Value {
        do { return try queue.read(body) } catch { throw Self.failure(error, path: path, doing: "read") }
    }

    /// One transaction: everything or nothing; and nothing once another agent has claimed the store, since what this one knows
    /// may be behind what that one has written.
    func write<Value>(_ body: (Database) throws -> Value) throws(AgentError) -> Value {
        let claim = claimant.withLock { $0 }
        do {
            return try queue.write { database in
                if let claim, try Self.fact(.claim, in: database) != claim { throw lost() }
                return try body(database)
            }
        } catch {
            throw Self.failure(error, path: path, doing: "written")
        }
    }

    /// Takes the store for an agent that holds the directory's lock.
    func claim(_ agent: String) throws(AgentError) {
        claimant.withLock { $0 = nil }
        try noteFacts([.claim: agent])
        claimant.withLock { $0 = agent }
    }

    private func lost() -> AgentError {
        AgentError(
            code: .alreadyRunning,
            message:
                "\(path): another agent has taken this store while its agent worked, as it can when agent.lock is deleted, or "
                + "an older copy of the store was put in its place; "
                + "this one ends, counts and sends nothing more. Started again it goes on from what is in the store.")
    }

    static func failure(_ error: any Error, path: String, doing: String) -> AgentError {
        if let error = error as? AgentError { return error }
        guard let error = error as? DatabaseError else {
            return AgentError(code: .storeDamaged, message: "\(path): the store holds something that cannot be read.")
        }
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL:
            return AgentError(
                code: .diskFull,
                message: "\(path): the disk is full; free some space: until then counts stay in the telemetry files.")
        case .SQLITE_CANTOPEN where FileSystem.lacksDescriptors:
            return AgentError(
                code: .directory,
                message:
                    "\(path): the store cannot be \(doing): this process has no file descriptor left for it; raise the limit "
                    + "(ulimit -n, LimitNOFILE=).")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return AgentError(
                code: .directory,
                message: "\(path): the store cannot be written; give this user the right to write file and directory.")
        case .SQLITE_IOERR:
            return AgentError(
                code: .diskFull,
                message: "\(path): the disk refuses to read or write; check that it has space and is healthy.")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT,
            // A row that is to be changed is not what its checksum says.
            .SQLITE_CONSTRAINT where error.extendedResultCode == .SQLITE_CONSTRAINT_TRIGGER:
            return AgentError(code: .storeDamaged, message: "\(path): the store is damaged.")
        default:
            return AgentError(
                code: .store,
                message: "\(path): the store cannot be \(doing): \(error.message ?? "\(error.resultCode)").")
        }
    }
}

/// The writer's copy of rows that every commit changes; changed only after the transaction has succeeded.
struct StoreMemory {
    var series: [SeriesIdentity: Int64] = [:]
    var totals: [Int64: SeriesCounters] = [:]
    /// How many names of series a service has; of those that had new ones.
    var names: [MonitoringScope: Int] = [:]
    /// How many it may have.
    var namesOfAService = AgentLimits.namesOfAService
    /// The calls of each service; nil before anybody has asked.
    var recorded: CallAccounts?
    /// The last commit of this agent.
    var commit: StoreCommit?
    /// As of the last housework.
    var room = StoreRoom()
    /// Whether there was a commit since then.
    var hasCommitted = false
    /// What the last frozen window's datums took.
    var frozenBytes = 0
    /// What SQLite's log is cut back to.
    var logLimit = 0

    /// Names that programs make at run time go on for ever; those that count nothing now are read again when they do.
    mutating func forgetIdleSeries(counting windows: [WindowDraft]) {
        let active = windows.reduce(0) { $0 + $1.series.count }
        guard series.count > 2 * active + AgentLimits.idleSeriesInMemory else { return }
        series = series.filter { name, _ in windows.contains { $0.series[name] != nil } }
        let numbers = Set(series.values)
        totals = totals.filter { numbers.contains($0.key) }
    }
}

/// Which file a name stands for.
struct FileIdentity: Equatable {
    let device: UInt
    let number: UInt

    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        (device, number) = (UInt(facts.st_dev), UInt(facts.st_ino))
    }
}

extension Row {
    /// A blob column's bytes.
    func bytes(_ column: String) -> [UInt8] {
        (try? withUnsafeData(named: column) { $0.map { [UInt8]($0) } }) ?? []
    }

    func amount(_ column: String) -> UInt64 {
        let stored: Int64 = self[column]
        return stored.amount
    }
}

extension [UInt8] {
    /// The bytes as SQLite's wrapper takes them.
    var data: Data { Data(self) }

    /// The same for as long as `body` runs, and without a copy: what is large is in memory twice for SQLite already.
    func withData<Result>(_ body: (Data) throws -> Result) rethrows -> Result {
        try withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, !bytes.isEmpty else { return try body(Data()) }
            return try body(
                Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count, deallocator: .none))
        }
    }
}

extension UInt64 {
    /// As SQLite stores it: what exceeds 63 bits stays at the top.
    var stored: Int64 { Int64(clamping: self) }
}

extension Int64 {
    /// A stored amount, which is never below zero.
    var amount: UInt64 { UInt64(clamping: self) }

    /// The sum, or the most or least there is: a time that was read may be anything.
    func plus(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
