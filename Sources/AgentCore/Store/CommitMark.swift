import Glibc
import Telemetry

/// What the last commit held of each process, in a file beside the telemetry files.
///
/// It is believed where it is ahead of the store: of a process that the store does not know, since it was lost, and of a series
/// of which another store, or a later state of this one, has counted more. So a call is neither counted a second time nor
/// passed over. It is written after the commit, so that it is at most one commit behind its own store, never ahead.
struct CommitMark: Sendable {
    /// One process as of the last commit.
    struct Entry: Sendable {
        var committedAt: Int64
        var cursor: KeyEventCursor
        /// `ProcessBaseline`.
        var baseline: [UInt8]
    }

    /// The file's name in the telemetry directory.
    static let fileName = "agent.mark"
    private static let magic = "tidemark commit mark"
    private static let version: UInt64 = 1
    private static let maximumBytes = 256 << 20
    /// What the store takes as a time at most.
    private static let latest: Int64 = 1 << 62
    /// Of how many stores the last commit is remembered.
    private static let maximumStores = 8

    /// By process id.
    var processes: [String: Entry] = [:]
    /// The stores that have written marks here, the last one first; none where an earlier version wrote it.
    private(set) var stores: [StoreCommit] = []

    /// Which store the mark is of; nil where it does not say.
    var writer: StoreCommit? { stores.first }

    /// Whether it says nothing.
    var isEmpty: Bool { processes.isEmpty && stores.isEmpty }

    /// The mark is of this commit from now on.
    mutating func sign(_ commit: StoreCommit) {
        stores.removeAll { $0.store == commit.store }
        stores = [commit] + stores.prefix(Self.maximumStores - 1)
    }

    /// Replaces the file at once, or not at all. False leaves errno set.
    func write(in directory: String) -> Bool { Self.replace(directory + "/" + Self.fileName, with: encoded) }

    static func replace(_ target: String, with bytes: [UInt8]) -> Bool {
        let fresh = target + ".new"
        unlink(fresh)
        guard FileSystem.writeNew(fresh, bytes, sync: false) else {
            let reason = errno
            unlink(fresh)
            errno = reason
            return false
        }
        return rename(fresh, target) == 0
    }

    var encoded: [UInt8] {
        var writer = BlobWriter()
        writer.append(Self.magic)
        writer.append(Self.version)
        writer.append(UInt64(processes.count))
        for (id, entry) in processes {
            writer.append(id)
            writer.append(signed: entry.committedAt)
            for number in [entry.cursor.position, entry.cursor.readMilliUnits, entry.cursor.writeMilliUnits] {
                writer.append(number)
            }
            writer.append(bytes: entry.baseline)
        }
        // At the end, where an agent of an earlier version does not look.
        writer.append(UInt64(stores.count))
        for commit in stores {
            writer.append(commit.store)
            writer.append(commit.sequence)
            writer.append(commit.path)
        }
        return writer.seal()
    }

    init(processes: [String: Entry] = [:]) { self.processes = processes }

    init(encoded bytes: [UInt8]) throws(BlobError) {
        var reader = try BlobReader(sealed: bytes)
        guard try reader.text() == Self.magic, try reader.number() == Self.version else { throw BlobError() }
        for _ in 0..<(try reader.count(below: bytes.count)) {
            let id = try reader.text()
            let committedAt = try reader.signed()
            guard (0...Self.latest).contains(committedAt) else { throw BlobError() }
            let cursor = KeyEventCursor(
                position: try reader.number(), readMilliUnits: try reader.number(),
                writeMilliUnits: try reader.number())
            let baseline = try reader.byteList()
            // Each must be readable by itself, so that a mark is believed as a whole or not at all.
            for blob in try ProcessBaseline.decode(baseline).values { _ = try SeriesTotals(blob: blob) }
            processes[id] = Entry(committedAt: committedAt, cursor: cursor, baseline: baseline)
        }
        guard !reader.isAtEnd else { return }
        for _ in 0..<(try reader.count(below: Self.maximumStores + 1)) {
            stores.append(
                StoreCommit(store: try reader.text(), sequence: try reader.number(), path: try reader.text()))
        }
        guard reader.isAtEnd else { throw BlobError() }
    }

    /// What a file turned out to be.
    enum Reading {
        case none
        case mark(CommitMark)
        /// It must not be believed, with the reason.
        case refused(String)
    }

    /// Reads the mark of a telemetry directory; one that this user did not write, or that others may write, is refused.
    static func read(in directory: String) -> Reading {
        switch ownBytes(of: directory + "/" + fileName) {
        case .none: return .none
        case .refused(let reason): return .refused(reason)
        case .bytes(let bytes):
            guard let mark = try? CommitMark(encoded: bytes) else { return .refused("it is torn or damaged") }
            return .mark(mark)
        }
    }

    /// The bytes of a file that only this user can have written.
    enum OwnBytes {
        case none
        case bytes([UInt8])
        case refused(String)
    }

    static func ownBytes(of path: String) -> OwnBytes {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT ? .none : .refused("it cannot be opened: \(FileSystem.reason(errno))")
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            return .refused("it is no regular file")
        }
        guard facts.st_uid == geteuid(), facts.st_mode & 0o022 == 0 else {
            return .refused("others than this user may have written it")
        }
        guard facts.st_size <= maximumBytes, let bytes = FileSystem.read(descriptor, maximumBytes: maximumBytes)
        else { return .refused("it is too large or cannot be read") }
        return .bytes(bytes)
    }
}

/// One commit of one store.
struct StoreCommit: Sendable, Equatable {
    /// The random number that the store was made with; a copy of the store has it too.
    var store: String
    /// How many commits it had taken.
    var sequence: UInt64
    /// Its file, by a path that holds from any directory.
    var path: String
}

/// What waited for CloudWatch after the last commit, by pattern, in a file beside the commit mark; none while nothing waits.
///
/// A store that is lost takes with it what was not sent: its successor enters these calls in the ledger, as dropped.
enum PendingMark {
    static let fileName = "agent.pending"

    /// Replaces the file. False leaves errno set.
    static func write(_ shares: [CallShare], in directory: String) -> Bool {
        let path = directory + "/" + fileName
        if shares.isEmpty { return unlink(path) == 0 || errno == ENOENT }
        return CommitMark.replace(path, with: CallShare.encode(shares))
    }

    /// Nothing where the file is missing, damaged, or another's.
    static func read(in directory: String) -> [CallShare] {
        guard case .bytes(let bytes) = CommitMark.ownBytes(of: directory + "/" + fileName) else { return [] }
        return (try? CallShare.decode(bytes)) ?? []
    }
}
