import Glibc
import Telemetry

/// The files that were set aside in a telemetry directory, for somebody to look at: a few, whoever goes on making more.
struct RefusedFiles {
    /// What a refused file's name gets appended, so that it is not listed again.
    static let suffix = ".refused"

    private let directory: String

    init(directory: String) { self.directory = directory }

    /// Takes a file's name away, so that nobody reads it again, and keeps what is in it under another one.
    ///
    /// A service that lives goes on writing into the file that it has open. It makes a new one when it sees that its file has
    /// no name left, so that what is kept of such a file is a copy.
    /// - Parameters:
    ///   - reason: why it is refused, a sentence.
    ///   - other: the file by which the same process is counted.
    ///   - now: nanoseconds since 1970.
    /// - Returns: what was done, for a sentence that begins with the file, and whose calls are not counted from now on; nil, and
    ///   `errno` set, where it still has its name.
    func take(
        _ path: String, because reason: String, isCountedAs other: String? = nil, now: Int64
    ) -> (done: String, refusal: Refusal?)? {
        let target = path + Self.suffix
        let isOwned = TelemetryDirectory.isOwned(path)
        makeRoom(besides: target)
        if !isOwned {
            let done = "it is set aside as \(target)" + Self.isCounted(other)
            return rename(path, target) == 0 ? (done, nil) : nil
        }
        let refusal = other == nil ? Refusal(of: path, copy: target, reason: reason, since: now) : nil
        unlink(target)
        let isKept = Self.copy(path, to: target, ending: refusal?.ending ?? [])
        let whyNot = FileSystem.currentReason
        guard unlink(path) == 0 else {
            let reason = errno
            unlink(target)
            errno = reason
            return nil
        }
        // The one page that says whose it was may find room.
        if !isKept, let refusal { _ = FileSystem.writeNew(target, refusal.ending, sync: false) }
        let done =
            (isKept
                ? "it is set aside as \(target)"
                : "it is deleted, and there was no room for a copy (\(whyNot))")
            + (other == nil
                ? ", its service makes a new one, and what that had counted since the last commit is not counted"
                : Self.isCounted(other))
        return (done, refusal)
    }

    private static func isCounted(_ other: String?) -> String {
        other.map { ", and its process is counted by \($0)" } ?? ""
    }

    /// The oldest go, so that there is one fewer than the most; those of services that are not counted now go last.
    private func makeRoom(besides target: String) {
        let others = paths.filter { $0 != target }
        guard others.count >= AgentLimits.refusedFiles else { return }
        let locks = LockTable()
        let dated = others.map { path -> (path: String, isHeld: Bool, age: Int64) in
            var facts = stat()
            return (
                path, Refusal(path)?.isHeld(by: locks) ?? false,
                lstat(path, &facts) == 0
                    ? Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec) : 0
            )
        }.sorted { $0.isHeld == $1.isHeld ? $0.age < $1.age : $1.isHeld }
        for entry in dated.dropLast(AgentLimits.refusedFiles - 1) { unlink(entry.path) }
    }

    /// All of them, by name.
    var paths: [String] {
        FileSystem.names(in: directory).filter { $0.hasSuffix(TelemetryDirectory.fileSuffix + Self.suffix) }
            .map { "\(directory)/\($0)" }
    }

    /// The beginning of a file, without taking room for what is zero in it, and what is to stand behind it.
    private static func copy(_ path: String, to target: String, ending: [UInt8]) -> Bool {
        let source = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard source >= 0 else { return false }
        defer { close(source) }
        let copy = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard copy >= 0 else { return false }
        defer { close(copy) }
        var (chunk, offset) = ([UInt8](repeating: 0, count: 64 << 10), 0)
        while offset < AgentLimits.refusedBytes {
            let count = pread(source, &chunk, chunk.count, off_t(offset))
            guard count > 0 else { break }
            let isWritten = chunk[..<count].allSatisfy { $0 == 0 } || pwrite(copy, chunk, count, off_t(offset)) == count
            offset += count
            guard isWritten, ftruncate(copy, off_t(offset)) == 0 else {
                let reason = errno
                unlink(target)
                errno = reason
                return false
            }
        }
        guard pwrite(copy, ending, ending.count, off_t(offset)) == ending.count else {
            let reason = errno
            unlink(target)
            errno = reason
            return false
        }
        return true
    }
}
