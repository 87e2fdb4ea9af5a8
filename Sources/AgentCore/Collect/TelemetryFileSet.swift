import AWSCore
import Glibc
import Monitoring
import Telemetry

/// One telemetry file that the agent reads.
final class TelemetryFile {
    /// Where it lies: another name, once somebody has renamed it.
    var path: String
    let reader: TelemetryReader
    let scope: MonitoringScope
    /// What each series had counted at the last commit, as blobs of `SeriesTotals`.
    var baselines: [SeriesKey: [UInt8]]
    /// Up to when the store has counted, nanoseconds since 1970; nil when it never has.
    var committedAt: Int64?
    /// By how much the process's own clock was behind the agent's when it began.
    var startShift: Int64 = 0
    /// Whether that was looked at.
    var isPlaced = false
    /// Whether this agent has read key events from it.
    var isDrained = false
    /// Whether a person was told that some of its calls have no series of their own.
    var isKnownForOther = false
    /// Whether a person was told that the file has no name any more.
    var isKnownForDeleted = false

    init(path: String, reader: TelemetryReader, baselines: [SeriesKey: [UInt8]], committedAt: Int64?) {
        self.path = path
        self.reader = reader
        self.scope = MonitoringScope(
            service: reader.identity.service.visible, environment: reader.identity.environment.visible)
        self.baselines = baselines
        self.committedAt = committedAt
    }

    /// The same process by another file: what was done with the one that was found first stays done.
    convenience init(path: String, reader: TelemetryReader, following known: TelemetryFile) {
        reader.keyEventCursor = known.reader.keyEventCursor
        self.init(path: path, reader: reader, baselines: known.baselines, committedAt: known.committedAt)
        (startShift, isPlaced, isDrained) = (known.startShift, known.isPlaced, known.isDrained)
        isKnownForOther = known.isKnownForOther
    }

    var id: String { reader.identity.id }
    /// By the agent's clock.
    var startedAt: Int64 { max(0, reader.identity.startedAtNanoseconds.stored.plus(startShift)) }
}

/// Up to where a process was counted before.
struct KnownProcess: Sendable {
    var committedAt: Int64
    var cursor: KeyEventCursor
    var baselines: [SeriesKey: [UInt8]]
    /// Whether its file was counted to its end and deleted.
    var isDrained = false
}

/// The telemetry files of the directory: finds new ones, and puts those aside that cannot be trusted.
struct TelemetryFileSet {
    static let isImplausibleRing =
        "a key event of it claims more capacity, or its ring more events or other sums, than any process can have had"
    private static let isCopy = "it is a copy of another file in the directory"

    let directory: String
    let service: String?
    let environment: String?
    private(set) var files: [TelemetryFile] = []
    /// Files that could not be opened or are another service's; not tried again while they are there.
    private var passedOver: Set<String> = []
    /// Files of a wrong owner or mode, with the reason; looked at again until that is put right.
    private var distrusted: [String: String] = [:]
    /// Files that are passed over and whose calls are missing for it, with the reason.
    private var unreadable: [String: String] = [:]
    /// Files of ended processes that cannot be deleted, with what is said of them.
    private var undeleted: [String: String] = [:]
    private var notices: [CollectorNotice] = []
    /// What lies there under other names.
    private var aside = AsideFiles()
    /// The agent's time, nanoseconds since 1970.
    var now: Int64 = 0
    /// What was set aside while it was being read.
    private var refused: [TelemetryFile] = []
    /// One for all files, which are read one after the other.
    private let buffer = TelemetryReadBuffer()

    init(directory: String, service: String?, environment: String?) {
        self.directory = directory
        self.service = service
        self.environment = environment
    }

    /// Whether every file of the directory is being read, so that a process without a file is known to have none.
    var seesEveryFile: Bool { passedOver.isEmpty && distrusted.isEmpty && !lacksDescriptors }

    /// Whether, at the last look, this process had no descriptor left for a file or the directory.
    private(set) var lacksDescriptors = false

    /// The files that are there and are not counted: how many, and the first of them.
    var uncounted: (count: Int, files: [UncountedFile]) {
        let reasons = distrusted.mapValues { $0 + "." }.merging(unreadable) { first, _ in first }
        let others = aside.uncounted
        guard !reasons.isEmpty || !others.isEmpty else { return (0, []) }
        let first = reasons.sorted { $0.key < $1.key }.prefix(UncountedFile.named)
        return (
            reasons.count + others.count,
            first.map { UncountedFile(path: $0.key, reason: $0.value) } + others.prefix(UncountedFile.named)
        )
    }

    /// Looks for new files.
    /// - Parameter known: what is known of a process: its baselines, and up to when it was counted.
    mutating func refresh(known: (String) throws(AgentError) -> KnownProcess?) throws(AgentError) {
        lacksDescriptors = false
        guard let (paths, otherNames) = TelemetryDirectory.contents(of: directory) else {
            // What cannot be listed is not gone.
            lacksDescriptors = errno == EMFILE || errno == ENFILE
            if lacksDescriptors || FileSystem.exists(directory) { return }
            return noteDeleted(present: [])
        }
        passedOver.formIntersection(paths)
        unreadable = unreadable.filter { passedOver.contains($0.key) }
        undeleted = undeleted.filter { passedOver.contains($0.key) }
        let new = paths.filter { path in !passedOver.contains(path) && !files.contains { $0.path == path } }
        distrust(new)
        for path in new where distrusted[path] == nil {
            guard let reader = open(path) else { continue }
            let process = try known(reader.identity.id)
            if process?.isDrained == true {
                setAside(
                    path,
                    because:
                        "its process has ended, and this file was counted to its end and deleted before: somebody has "
                        + "brought it back, and it would count twice")
                continue
            }
            if let process { reader.keyEventCursor = process.cursor }
            files.append(
                TelemetryFile(
                    path: path, reader: reader, baselines: process?.baselines ?? [:],
                    committedAt: process?.committedAt))
        }
        noteDeleted(present: paths)
        aside.watch(otherNames, beside: files)
    }

    private mutating func distrust(_ new: [String]) {
        guard !new.isEmpty else { return distrusted = [:] }
        let trust = TelemetryFileTrust(directory: directory)
        var found: [String: String] = [:]
        for path in new {
            guard let objection = trust.objection(to: path) else { continue }
            found[path] = objection
            guard distrusted[path] != objection else { continue }
            notices.append(CollectorNotice(kind: .fileUnreadable, message: Self.distrust(path, objection)))
        }
        distrusted = found
    }

    private static func distrust(_ path: String, _ objection: String) -> String {
        "\(path): it is not counted, because \(objection)."
    }

    /// What is so now of what was noted of files: the messages of `fileUnreadable`.
    var standing: Set<String> {
        Set(distrusted.map { Self.distrust($0.key, $0.value) } + unreadable.values + undeleted.values)
    }

    /// A file that was deleted while its service writes is read through what is open, and by no agent that comes later. The
    /// service notices by itself, and lets go of it once it has another one.
    private mutating func noteDeleted(present: [String]) {
        let present = Set(present)
        for file in files where !file.isKnownForDeleted && !present.contains(file.path) && file.reader.ownerIsAlive() {
            file.isKnownForDeleted = true
            notices.append(
                CollectorNotice(
                    kind: .deletedWhileWritten,
                    message:
                        "\(file.path): this file was deleted while \(file.scope.service), process \(file.reader.identity.pid), writes "
                        + "it: this agent counts it to its end and no later one can; the service makes a new one at a call of "
                        + "its own, or else restart it, and keep clean-ups (RuntimeDirectory without Preserve, tmpfiles, RemoveIPC) away from the directory."
                ))
        }
    }

    private mutating func open(_ path: String) -> TelemetryReader? {
        do {
            let reader = try TelemetryReader(path: path, buffer: buffer)
            let identity = reader.identity
            if service.map({ $0 != identity.service }) ?? false
                || environment.map({ $0 != identity.environment }) ?? false
            {
                passedOver.insert(path)
                return nil
            }
            guard let place = files.firstIndex(where: { $0.id == identity.id }) else { return reader }
            let known = files[place]
            if known.reader.isFile(at: path), !FileSystem.exists(known.path) {
                // The very file, renamed: its service goes on writing it.
                known.path = path
                return nil
            }
            guard reader.ownsProcess(before: known.reader) else {
                setAside(path, because: Self.isCopy, isCountedAs: known.path)
                return nil
            }
            // The service holds this one, or it went on longer: what was found first is the copy. What is committed of the process stays so.
            files[place] = TelemetryFile(path: path, reader: reader, following: known)
            setAside(known.path, because: Self.isCopy, isCountedAs: path)
            return nil
        } catch {
            switch error.code {
            case .unreadable where error.isForWantOfDescriptors: lacksDescriptors = true
            case .damaged: setAside(path, because: error.message)
            case .unsupportedVersion:
                // Left where it is: a newer agent will read all of it.
                passedOver.insert(path)
                unreadable[path] = error.message
                notices.append(CollectorNotice(kind: .fileUnreadable, message: error.message))
            case .unreadable where FileSystem.exists(path):
                passedOver.insert(path)
                unreadable[path] = error.message
                notices.append(CollectorNotice(kind: .fileUnreadable, message: error.message))
            case .unreadable: break
            }
            return nil
        }
    }

    /// Takes a file's name away so that nobody reads it again, and stops reading it.
    /// - Parameter other: the file by which the same process is counted, so that nothing of it is missing.
    mutating func setAside(_ path: String, because reason: String, isCountedAs other: String? = nil) {
        refused += files.filter { $0.path == path }
        files.removeAll { $0.path == path }
        let outcome: String
        if let (done, refusal) = RefusedFiles(directory: directory).take(
            path, because: reason, isCountedAs: other, now: now)
        {
            outcome = done
            if let refusal { aside.add(refusal) }
        } else {
            passedOver.insert(path)
            unreadable[path] = reason
            outcome = "it cannot be renamed (\(FileSystem.currentReason)) and is passed over"
        }
        notices.append(CollectorNotice(kind: .fileRefused, message: "\(path): \(outcome), because: \(reason)"))
    }

    /// Deletes a dead process's file, of which everything is committed.
    mutating func delete(_ file: TelemetryFile) -> Bool {
        guard unlink(file.path) == 0 || errno == ENOENT else {
            let message =
                "\(file.path): the file of an ended process cannot be deleted: \(FileSystem.reason(errno)); "
                + "it is counted in full and can go."
            if passedOver.insert(file.path).inserted {
                undeleted[file.path] = message
                notices.append(CollectorNotice(kind: .fileUnreadable, message: message))
            }
            files.removeAll { $0 === file }
            return false
        }
        files.removeAll { $0 === file }
        return true
    }

    /// The files that were set aside while they were being read, once each.
    mutating func takeRefused() -> [TelemetryFile] {
        defer { refused = [] }
        return refused
    }

    mutating func note(_ notice: CollectorNotice) { notices.append(notice) }

    /// What was noted of that kind since notices were last taken.
    func messages(of kind: CollectorNotice.Kind) -> Set<String> {
        Set(notices.lazy.filter { $0.kind == kind }.map(\.message))
    }

    mutating func takeNotices() -> [CollectorNotice] {
        defer { notices = [] }
        return notices
    }
}

extension TelemetryReader {
    /// Whether of two files of one process this one is the original: the one that the process holds, or, when it has ended, the one
    /// that has more calls, since counters only grow.
    fileprivate func ownsProcess(before other: TelemetryReader) -> Bool {
        guard !other.ownerIsAlive() else { return false }
        return ownerIsAlive() || calls > other.calls
    }

    /// All its calls; none where it says what no process can have counted.
    private var calls: UInt64 {
        guard let snapshot = try? snapshot(), snapshot.excess == nil else { return 0 }
        return snapshot.series.reduce(0) { $0.plus($1.counters.calls) }
    }
}
