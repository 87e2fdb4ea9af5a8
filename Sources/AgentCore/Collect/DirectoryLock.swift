import Glibc

/// Holds a directory for one agent: a lock file that nobody else can lock while this lives, and that a dead agent's kernel
/// lets go.
final class DirectoryLock {
    static let fileName = "agent.lock"
    /// How often a lock is tried that somebody holds, a hundredth of a second apart.
    private static let attempts = 50
    private let directory: String
    private let path: String
    private let purpose: String
    private var descriptor: Int32

    /// - Parameter purpose: what the directory is, for the sentence.
    init(directory: String, purpose: String) throws(AgentError) {
        self.directory = directory
        path = directory + "/" + Self.fileName
        self.purpose = purpose
        descriptor = try Self.take(path, purpose: purpose)
    }

    /// Makes the lock's file again where it was deleted, so that it keeps others out as before.
    /// - Throws: `AgentError`, of the code `alreadyRunning` where somebody else has made it meanwhile. Whether that agent still
    ///   works or not, it may have counted what this one holds for uncounted.
    func renew() throws(AgentError) {
        var (held, found) = (stat(), stat())
        guard fstat(descriptor, &held) == 0 else { return }
        if stat(path, &found) == 0 {
            guard found.st_ino == held.st_ino, found.st_dev == held.st_dev else { throw loss() }
            return
        }
        let taken: Int32
        do {
            taken = try Self.take(path, purpose: purpose, flags: O_CREAT | O_EXCL)
        } catch {
            // Made by another in this very moment.
            throw FileSystem.exists(path) ? loss() : error
        }
        close(descriptor)
        descriptor = taken
    }

    private static func take(
        _ path: String, purpose: String, flags: Int32 = O_CREAT
    ) throws(AgentError) -> Int32 {
        let descriptor = open(path, O_RDWR | flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let remedy =
                errno == ENOENT
                ? "the directory was deleted: its next service, or agent, that starts makes it again, with mode 0700; else make it"
                : "give this user the right to write there"
            throw AgentError(
                code: .directory,
                message: "\(path): the \(purpose)'s lock file cannot be made: \(FileSystem.currentReason); \(remedy).")
        }
        // An open-file-description lock would need fcntl's variadic form; flock has the same life for one that never forks.
        var attempts = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            attempts += 1
            guard reason == EINTR || reason == EWOULDBLOCK && attempts < Self.attempts else {
                close(descriptor)
                throw Self.refusal(path, purpose: purpose, reason: reason)
            }
            // An agent that has just ended may not have let go yet: its last thread, or a child between its fork and its exec, has
            // the lock for a moment longer.
            usleep(10_000)
        }
        let text = Array("\(getpid())\n".utf8)
        // Only for the other agent's sentence: a full disk costs the number, not the lock.
        if ftruncate(descriptor, 0) == 0 {
            _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        }
        return descriptor
    }

    deinit {
        // To close it would leave the lock with a child that has not got to its exec yet.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func refusal(_ path: String, purpose: String, reason: Int32) -> AgentError {
        guard reason == EWOULDBLOCK else {
            return AgentError(code: .directory, message: "\(path): cannot be locked: \(FileSystem.reason(reason)).")
        }
        return AgentError(
            code: .alreadyRunning,
            message: "\(path): another agent\(holder(path)) works in this \(purpose); "
                + "stop it, or give this one directories of its own.")
    }

    private func loss() -> AgentError {
        // The number in the file may be a dead agent's, whose file somebody has copied back.
        let holder = LockHolder.find(in: directory)
        let event =
            switch holder {
            case nil:
                "another file is in its place, which nobody holds (a copy that was brought back, or an agent that is gone)"
            case 0: "another agent has taken the \(purpose)"
            case let process?: "another agent (process \(process)) has taken the \(purpose)"
            }
        return AgentError(
            code: .alreadyRunning,
            message:
                "\(path): this lock file was deleted or replaced while its agent worked, and \(event); this one ends, counts and "
                + "sends nothing more. Started again it goes on from what is in the store. Keep clean-ups away from agent.lock."
        )
    }

    private static func holder(_ path: String) -> String {
        let text = FileSystem.read(path, maximumBytes: 64).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let digits = text.prefix { $0.isNumber }
        return digits.isEmpty ? "" : " (process \(digits))"
    }
}
