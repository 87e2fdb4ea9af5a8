internal import CTelemetry
internal import Glibc

/// Where a host's telemetry files lie.
public enum TelemetryDirectory {
    /// Whether services would write there: makes it where only its last part is missing, and checks owner and mode.
    ///
    /// - Throws: `TelemetryError` with the sentence that a service would give.
    public static func check(_ path: String) throws(TelemetryError) { _ = try OpenDirectory.open(path) }

    /// Whether a path begins with what a shell alone turns into a home directory. A unit or a container takes it literally, and service
    /// and agent may be of two users: it names no one place.
    package static func isShellsHome(_ path: String) -> Bool { path == "~" || path.hasPrefix("~/") }

    /// What to say of such a path.
    package static let shellsHome = "begins with ~, which means something to a shell alone: write the whole path"

    /// What a service that starts now would find: makes what it would make and takes it away again. Nothing of it is left, and a
    /// service that does the same at this moment is not disturbed.
    ///
    /// - Returns: whether the directory is there already, and whether its files are kept in memory alone.
    /// - Throws: `TelemetryError` with the sentence that the service would give.
    package static func rehearse(_ path: String) throws(TelemetryError) -> (isThere: Bool, isInMemory: Bool) {
        if isShellsHome(path) { _ = try OpenDirectory.open(path) }
        var facts = stat()
        // Also a link that leads nowhere is there.
        let isThere = lstat(path, &facts) == 0
        let trial = isThere ? path : trialPath(beside: path)
        defer { if !isThere { rmdir(trial) } }
        do throws(TelemetryError) {
            let directory = try OpenDirectory.open(trial)
            let usual = TelemetryWriter.Configuration(service: "doctor", environment: "")
            try TelemetryFile.rehearse(in: directory, keyEventCapacity: usual.keyEventCapacity)
            return (isThere, directory.warning == nil)
        } catch {
            throw TelemetryError(
                code: error.code, path: path, message: error.message.replacing(trial, with: path))
        }
    }

    /// A name of our own in the same directory, where the same may be made.
    private static func trialPath(beside path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return "\(path).doctor-\(getpid())"
    }

    /// What to do where `check` refuses the directory: give it the right mode where it is this user's alone, else name another.
    package static func advice(for path: String) -> String {
        if isShellsHome(path) { return "Set TIDEMARK_DIR to the whole path, the same for services and agent" }
        if isOwn(path) { return "chmod 0700 \(path) for one user, or 2770 with a group for services and agent" }
        return
            "Name a directory of its own with TIDEMARK_DIR, such as /dev/shm/tidemark-\(geteuid()), with mode 0700 for "
            + "one user, or 2770 with a group for services and agent"
            + (access(path, F_OK) == 0 ? "; leave \(path) as it is" : "")
    }

    /// Whether its mode may be changed without harm to others: it is this user's, and nobody else's place to write.
    private static func isOwn(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, let real = realpath(path, nil) else {
            return false
        }
        defer { free(real) }
        return isOwn(
            String(cString: real), owner: facts.st_uid, mode: facts.st_mode, user: geteuid(),
            home: getenv("HOME").map { String(cString: $0) })
    }

    /// The decision, for a path without links.
    package static func isOwn(_ path: String, owner: UInt32, mode: UInt32, user: UInt32, home: String?) -> Bool {
        owner == user && mode & 0o1002 == 0 && !systemDirectories.contains(path) && path != home
    }

    private static let systemDirectories: Set<String> = [
        "/", "/bin", "/boot", "/dev", "/dev/shm", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/proc", "/root",
        "/run",
        "/run/lock", "/run/user", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/local", "/var", "/var/cache",
        "/var/lib",
        "/var/log", "/var/run", "/var/spool", "/var/tmp",
    ]

    /// Whether the directory's files are kept in memory alone (tmpfs).
    public static func isInMemory(_ path: String) -> Bool {
        let descriptor = tm_open_directory(path)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return tm_is_in_memory(descriptor) == 1
    }

    /// How the name of a telemetry file ends; any other file in the directory is none of Tidemark's.
    public static let fileSuffix = ".tidemark"

    /// The directory that services and agent share: `TIDEMARK_DIR`, else the first of `RUNTIME_DIRECTORY`, else
    /// `/run/tidemark` where this user can write there, else `/dev/shm/tidemark-<uid>`.
    /// - Parameter environment: the environment variables.
    public static func resolve(environment: [String: String]) -> String {
        if let explicit = environment["TIDEMARK_DIR"], !explicit.isEmpty { return explicit }
        if let runtime = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first { return String(runtime) }
        if access("/run/tidemark", R_OK | W_OK | X_OK) == 0 { return "/run/tidemark" }
        return "/dev/shm/tidemark-\(geteuid())"
    }

    /// The telemetry files in a directory as full paths, by name; none when the directory cannot be read.
    /// - Parameter directory: the directory.
    public static func files(in directory: String) -> [String] { listing(of: directory) ?? [] }

    /// The same; nil, and `errno` set, when the directory cannot be read, which says nothing of what is in it.
    package static func listing(of directory: String) -> [String]? {
        readableNames(in: directory).map { names in
            names.filter { $0.hasSuffix(fileSuffix) && !$0.hasPrefix(".") }
                .map { directory.hasSuffix("/") ? directory + $0 : directory + "/" + $0 }
        }
    }

    /// The telemetry files in a directory, and what lies there with such a name and something behind it, as a file has that was set
    /// aside or renamed; nil, and `errno` set, when the directory cannot be read.
    package static func contents(of directory: String) -> (files: [String], others: [String])? {
        guard let names = readableNames(in: directory) else { return nil }
        let paths = names.filter { $0.contains(fileSuffix) && !$0.hasPrefix(".") }
            .map { directory.hasSuffix("/") ? directory + $0 : directory + "/" + $0 }
        return (paths.filter { $0.hasSuffix(fileSuffix) }, paths.filter { !$0.hasSuffix(fileSuffix) })
    }

    /// Whether a process that lives holds the file as its own, whatever is in it.
    package static func isOwned(_ path: String) -> Bool {
        let descriptor = tm_open_to_read(path)
        guard descriptor >= 0 else { return false }
        defer { Glibc.close(descriptor) }
        return tm_is_locked(descriptor) == 1
    }

    /// The names of a directory's entries, sorted; none when it cannot be read.
    package static func names(in directory: String) -> [String] { readableNames(in: directory) ?? [] }

    private static func readableNames(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

/// A directory that telemetry files may be created in, held open.
struct OpenDirectory: ~Copyable {
    let descriptor: Int32
    let path: String
    let fileMode: UInt32
    /// What is not as it should be, though it works.
    let warning: String?

    /// Opens the directory, making it with mode 0700 when only its last part is missing.
    static func open(_ path: String) throws(TelemetryError) -> OpenDirectory {
        if TelemetryDirectory.isShellsHome(path) { throw refusal(path, TelemetryDirectory.shellsHome) }
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw refusal(path, "cannot be made: \(errorText())")
        }
        let descriptor = tm_open_directory(path)
        guard descriptor >= 0 else {
            let why = errno == ELOOP || errno == ENOTDIR ? "it is no directory, or a symbolic link" : errorText()
            throw refusal(path, "cannot be opened: \(why)")
        }
        let fileMode: UInt32
        do {
            fileMode = try checkedFileMode(descriptor, path)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        let isInMemory = tm_is_in_memory(descriptor) == 1
        return OpenDirectory(
            descriptor: descriptor, path: path, fileMode: fileMode,
            warning: isInMemory
                ? nil
                : "The telemetry directory \(path) is not on tmpfs, and writing back to disk can stall a call for "
                    + "hundreds of milliseconds: set TIDEMARK_DIR to a directory under /run or /dev/shm.")
    }

    deinit { Glibc.close(descriptor) }

    private static func checkedFileMode(_ descriptor: Int32, _ path: String) throws(TelemetryError) -> UInt32 {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw refusal(path, "cannot be examined: \(errorText())") }
        let mode = facts.st_mode & 0o7777
        if mode & 0o077 == 0 {
            guard facts.st_uid == geteuid() else {
                throw refusal(path, "belongs to user \(facts.st_uid) and this process is user \(geteuid())")
            }
            return 0o600
        }
        // Shared with a sidecar of another user: the group is inherited by every file.
        guard mode & 0o2770 == 0o2770, mode & 0o007 == 0 else {
            let isOwn = TelemetryDirectory.isOwn(
                path, owner: facts.st_uid, mode: facts.st_mode, user: geteuid(), home: nil)
            throw refusal(
                path,
                "has mode 0\(String(mode, radix: 8)), which lets others in" + (isOwn ? ": `chmod 0700` it" : ""))
        }
        return 0o660
    }

    private static func refusal(_ path: String, _ what: String) -> TelemetryError {
        TelemetryError(
            code: .unreadable, path: path,
            message:
                "The telemetry directory \(path) \(what); nothing is recorded until TIDEMARK_DIR names a directory "
                + "of mode 0700 owned by this user, or 2770 with a group shared with the agent.")
    }
}

/// The text of `errno`.
func errorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
