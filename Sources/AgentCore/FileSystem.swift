import Glibc
import Telemetry

/// The few system calls the agent makes on files, with errno turned into words.
enum FileSystem {
    /// `strerror` of a code, in lower case.
    static func reason(_ code: Int32) -> String {
        String(cString: strerror(code)).lowercased()
    }

    static func canWrite(in directory: String) -> Bool {
        access(directory, W_OK | X_OK) == 0
    }

    static func canRead(_ path: String) -> Bool {
        access(path, R_OK) == 0
    }

    /// The names in a directory, sorted; none when it cannot be read.
    static func names(in directory: String) -> [String] { TelemetryDirectory.names(in: directory) }

    /// A file's length in bytes, or nil when there is none.
    static func size(_ path: String) -> Int? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : nil
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Whether this process has no descriptor left, or hardly any from the start.
    static var lacksDescriptors: Bool {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < leastDescriptors {
            return true
        }
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else {
            close(descriptor)
            return false
        }
        return errno == EMFILE || errno == ENFILE
    }

    /// With fewer no agent works: the store, its locks, its connections and its log need some dozens.
    private static let leastDescriptors: UInt = 32

    /// Whom to be to look into a directory, where this user may not: "run this as user 995"; nil where it may, or where there is
    /// nothing.
    static func whoMayLook(into directory: String) -> String? {
        guard access(directory, X_OK) != 0, errno == EACCES else { return nil }
        var facts = stat()
        return stat(directory, &facts) == 0
            ? "run this as user \(facts.st_uid), as `sudo -u \\#\(facts.st_uid)` does" : "run this as the agent's user"
    }

    /// Makes a directory and what is missing above it, each with the given mode.
    static func makeDirectory(_ path: String, mode: mode_t) throws(AgentError) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]), mode: mode)
        }
        if mkdir(path, mode) != 0, errno != EEXIST {
            throw AgentError(
                code: .directory,
                message: "\(path): the directory cannot be made: \(reason(errno)); make it or name another one.")
        }
    }

    /// Refuses what is no directory, or one that cannot be written. A link is followed: systemd hands out state directories as
    /// links.
    static func checkOwnDirectory(_ path: String, purpose: String) throws(AgentError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw AgentError(
                code: .directory,
                message: "\(path): the \(purpose) cannot be opened: \(reason(errno)); name another one.")
        }
        close(descriptor)
        guard canWrite(in: path) else {
            throw AgentError(
                code: .directory,
                message:
                    "\(path): the \(purpose) cannot be written: \(reason(errno)); give this user the right or name another one."
            )
        }
    }

    /// A whole small file, or nil with errno set.
    static func read(_ path: String, maximumBytes: Int = 1 << 20) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return read(descriptor, maximumBytes: maximumBytes)
    }

    /// The rest of an open file, or nil with errno set.
    static func read(_ descriptor: Int32, maximumBytes: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maximumBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[0..<count])
        }
        errno = EFBIG
        return nil
    }

    /// Whether it is a plain file, whatever links lead to it.
    static func isFile(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }

    /// The beginning of a file, as much of it as there is, or nil with errno set.
    static func firstBytes(of path: String, count: Int) -> [UInt8]? { bytes(of: path, from: 0, count: count) }

    /// A part of a file, as much of it as there is, or nil with errno set.
    /// - Parameter followsLinks: not where others may put one.
    static func bytes(of path: String, from offset: Int, count: Int, followsLinks: Bool = true) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = pread(descriptor, &bytes, count, off_t(offset))
        return got < 0 ? nil : Array(bytes.prefix(got))
    }

    /// Writes a new file with mode 0600; fails when it exists. False leaves errno set.
    /// - Parameter sync: whether to wait until it is on the disk.
    static func writeNew(_ path: String, _ bytes: [UInt8], sync: Bool = true) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var offset = 0
        while offset < bytes.count {
            let written = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            offset += written
        }
        return !sync || fsync(descriptor) == 0
    }
}

/// This process's number.
enum ProcessNumber {
    static var current: Int32 { getpid() }
}

extension FileSystem {
    /// The path without links, from the root on; as it is where there is nothing.
    static func resolved(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    /// What went wrong in the last system call.
    static var currentReason: String { reason(errno) }
}
