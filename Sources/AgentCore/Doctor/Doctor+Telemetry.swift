import Glibc
import Monitoring
import Telemetry

/// What the system says of a file system or a file.
struct PathFacts {
    var owner: UInt32
    var group: UInt32
    var mode: UInt32
    var isDirectory: Bool
    var isLink: Bool

    /// nil where there is nothing; a link is not followed.
    init?(_ path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        owner = facts.st_uid
        group = facts.st_gid
        mode = facts.st_mode & 0o7777
        isDirectory = facts.st_mode & S_IFMT == S_IFDIR
        isLink = facts.st_mode & S_IFMT == S_IFLNK
    }

    var modeText: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Whether the file system takes no writes from anybody, as after an error of its disk.
    static func isReadOnly(_ path: String) -> Bool {
        var facts = statvfs()
        return statvfs(path, &facts) == 0 && facts.f_flag & UInt(ST_RDONLY) != 0
    }

    /// Bytes that this user may still write there; nil where nobody says.
    static func freeBytes(_ path: String) -> UInt64? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    }
}

extension Doctor {
    private static let telemetryArea = "telemetry directory"
    /// What one service's file takes at most.
    private static let fileBytes: UInt64 = 32 << 20

    func telemetryChecks() -> [DoctorReport.Check] {
        let (area, path) = (Self.telemetryArea, configuration.telemetryDirectory)
        if let remedy = FileSystem.whoMayLook(into: path) {
            let what = "\(path): permission denied: this user may not look into it"
            return [.init(area, .problem, what, fix: Self.sentence(remedy))] + elsewhereChecks()
        }
        guard let facts = PathFacts(path) else {
            do {
                _ = try TelemetryDirectory.rehearse(path)
            } catch {
                return [.init(area, .problem, error.message, fix: TelemetryDirectory.advice(for: path) + ".")]
                    + elsewhereChecks()
            }
            return [
                .init(
                    area, .warning, "\(path) is not there",
                    fix: "Whoever starts first, agent or service, makes it; make it beforehand where they may not.")
            ] + elsewhereChecks()
        }
        do {
            try TelemetryDirectory.check(path)
        } catch {
            return [
                .init(
                    area, .problem, error.message,
                    fix: facts.isLink
                        ? "Name the directory itself, not a link to it."
                        : TelemetryDirectory.advice(for: path) + ".")
            ] + elsewhereChecks()
        }
        var checks = [
            DoctorReport.Check(
                area, .ok, "\(path) has mode \(facts.modeText) and belongs to user \(facts.owner), group \(facts.group)"
            )
        ]
        checks.append(memoryCheck(path))
        if let free = PathFacts.freeBytes(path) { checks.append(spaceCheck(path, free)) }
        checks.append(contentsOf: kernelChecks(path))
        let files = TelemetryDirectory.files(in: path)
        checks.append(contentsOf: fileChecks(files))
        return checks + elsewhereChecks()
    }

    private func memoryCheck(_ path: String) -> DoctorReport.Check {
        if TelemetryDirectory.isInMemory(path) { return .init(Self.telemetryArea, .ok, "it is on tmpfs") }
        return .init(
            Self.telemetryArea, .warning,
            "it is not on tmpfs: writing back to disk can stall a call for hundreds of ms",
            fix: "Use a directory under /run or /dev/shm.")
    }

    private func spaceCheck(_ path: String, _ free: UInt64) -> DoctorReport.Check {
        let text = "\(Figures.count(free >> 20)) MB are free there"
        if free < 1 << 20 {
            return .init(
                Self.telemetryArea, .problem, text + ": a service that starts now records nothing",
                fix: "Give the tmpfs more room (size=), or let the agent drain files of ended processes.")
        }
        if free < Self.fileBytes {
            return .init(
                Self.telemetryArea, .warning, text + ", and a service's file takes up to 32 MB",
                fix: "Give the tmpfs more room (size=); what finds no room is counted in `other`.")
        }
        return .init(Self.telemetryArea, .ok, text)
    }

    private func kernelChecks(_ path: String) -> [DoctorReport.Check] {
        let unnamed = open(path, unnamedFile | O_RDWR | O_CLOEXEC, 0o600)
        guard unnamed >= 0 else {
            return [
                .init(
                    Self.telemetryArea, .problem,
                    "files cannot be made there without a name (O_TMPFILE): \(FileSystem.currentReason)",
                    fix: "Use tmpfs on Linux 3.11 or newer, and give this user the right to write there.")
            ]
        }
        defer { close(unnamed) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        // F_OFD_GETLK of linux/fcntl.h.
        guard fcntl(unnamed, 36, &lock) == 0 else {
            return [
                .init(
                    Self.telemetryArea, .problem,
                    "open-file-description locks are not there: \(FileSystem.currentReason)",
                    fix: "Use Linux 3.15 or newer: without them a dead service cannot be told from a live one.")
            ]
        }
        return [.init(Self.telemetryArea, .ok, "the kernel has unnamed files and open-file-description locks there")]
    }

    private func fileChecks(_ files: [String]) -> [DoctorReport.Check] {
        var found = FoundFiles()
        var unreadable: [(what: String, fix: String)] = []
        let trust = TelemetryFileTrust(directory: configuration.telemetryDirectory)
        for file in files {
            if let objection = trust.objection(to: file) {
                unreadable.append(
                    ("\(file): \(objection).", "Delete it, or give it the owner and mode that a service gives it."))
                continue
            }
            do {
                found.add(try TelemetryReader(path: file), of: configuration)
            } catch {
                unreadable.append((error.message, Self.remedy(for: error)))
            }
        }
        let refused = RefusedFileFacts.all(in: configuration.telemetryDirectory, measured: found.processes)
        return writerChecks(found, isEmpty: files.isEmpty && refused.allSatisfy { $0.owner == nil })
            + unreadable.prefix(5).map { file in
                .init(Self.telemetryArea, .problem, "the agent cannot read a file: \(file.what)", fix: file.fix)
            } + refusedChecks(refused)
    }

    /// The first thing to do is another for each reason.
    private static func remedy(for error: TelemetryError) -> String {
        switch error.code {
        case .unsupportedVersion: "Run an agent of the version of the newest service: it reads all older layouts too."
        case .damaged: "Nothing of it can be counted: look who writes there. The agent sets it aside as .refused."
        case .unreadable where PathFacts(error.path)?.isLink == true:
            "Delete the link: a service makes a file of its own, and links are not followed."
        case .unreadable: "Run agent and services as one user, or in the group of a 2770 directory."
        }
    }

    private func writerChecks(_ found: FoundFiles, isEmpty: Bool) -> [DoctorReport.Check] {
        let area = Self.telemetryArea
        var checks: [DoctorReport.Check] = []
        if found.running > 0 {
            checks.append(
                .init(
                    area, .ok,
                    "\(found.running) running process\(found.running == 1 ? " writes" : "es write") there: "
                        + FoundFiles.names(found.services)))
        } else if isEmpty {
            checks.append(
                .init(
                    area, .warning, "no service writes there",
                    fix: "Start a service, with TIDEMARK_DIR=\(configuration.telemetryDirectory) in its environment."))
        }
        if found.ended > 0 {
            checks.append(
                .init(
                    area, found.running > 0 ? .ok : .warning,
                    "\(found.ended) file\(found.ended == 1 ? "" : "s") of ended processes wait for the agent, which counts and "
                        + "deletes them: \(FoundFiles.names(found.endedServices))",
                    fix: found.running > 0 ? "" : "Start the agent, or a service."))
        }
        if found.leftOut > 0 {
            checks.append(
                .init(
                    area, .ok,
                    "\(found.leftOut) file\(found.leftOut == 1 ? " is" : "s are") left out by `service` or `environment`: "
                        + FoundFiles.names(found.servicesLeftOut)))
        }
        return checks
    }

    /// One line for the directories that have agents of their own, one for those that nobody reads.
    private func elsewhereChecks() -> [DoctorReport.Check] {
        let area = Self.telemetryArea
        let elsewhere = places.places(otherThan: configuration.telemetryDirectory)
        let read = elsewhere.filter { LockHolder.find(in: $0.path, comparesDevice: true) != nil }
        let others = elsewhere.filter { place in !read.contains(place) }
        let (unread, closed) = (others.filter { $0.files != nil }, others.filter { $0.files == nil })
        var checks: [DoctorReport.Check] = []
        if !read.isEmpty {
            checks.append(
                .init(
                    area, .ok,
                    "other agents read \(read.count == 1 ? "another directory" : "\(read.count) other directories"): "
                        + Self.list(read)))
        }
        if !unread.isEmpty {
            let isWritten = unread.contains { $0.process != nil || Self.hasWriter($0.path) }
            checks.append(
                .init(
                    area, isWritten ? .problem : .warning,
                    (isWritten
                        ? "services write elsewhere, where no agent reads: "
                        : "there is telemetry that no agent reads: ")
                        + Self.list(unread),
                    fix:
                        "Set TIDEMARK_DIR to one directory for services and agent, or `telemetry-directory` in the agent's "
                        + "configuration; or run another agent there."))
        }
        if !closed.isEmpty {
            checks.append(
                .init(
                    area, .ok,
                    "what is in other directories, or reads there, is not for this user: " + Self.list(closed)))
        }
        return checks
    }

    private static func list(_ places: [TelemetryPlaces.Place]) -> String {
        places.prefix(5).map(\.text).joined(separator: ", ") + (places.count > 5 ? " and \(places.count - 5) more" : "")
    }

    private static func hasWriter(_ directory: String) -> Bool {
        TelemetryDirectory.files(in: directory).contains { (try? TelemetryReader(path: $0))?.ownerIsAlive() ?? false }
    }
}

/// The telemetry files of a directory, by what becomes of them.
private struct FoundFiles {
    private(set) var running = 0
    private(set) var ended = 0
    private(set) var leftOut = 0
    private(set) var services: Set<String> = []
    /// Those that run.
    private(set) var processes: Set<Int32> = []
    private(set) var endedServices: Set<String> = []
    private(set) var servicesLeftOut: Set<String> = []

    mutating func add(_ reader: TelemetryReader, of configuration: AgentConfiguration) {
        let (service, environment) = (reader.identity.service, reader.identity.environment)
        if !configuration.concerns(MonitoringScope(service: service, environment: environment)) {
            leftOut += 1
            servicesLeftOut.insert("\(service.visible) in \(environment.visible)")
        } else if reader.ownerIsAlive() {
            running += 1
            services.insert(service.visible)
            processes.insert(reader.identity.pid)
        } else {
            ended += 1
            endedServices.insert(service.visible)
        }
    }

    static func names(_ services: Set<String>) -> String {
        services.sorted().prefix(5).joined(separator: ", ") + (services.count > 5 ? " …" : "")
    }
}

/// `O_TMPFILE` of Linux, which Glibc's module does not export: __O_TMPFILE | O_DIRECTORY.
private let unnamedFile: Int32 = 0o20_000_000 | O_DIRECTORY
