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
    /// - Parameter other: the file by which the same process is counted.
    /// - Returns: what was done, for a sentence that begins with the file; nil, and `errno` set, where it still has its name.
    func take(_ path: String, isCountedAs other: String? = nil) -> String? {
        let target = path + Self.suffix
        let isOwned = TelemetryDirectory.isOwned(path)
        makeRoom(besides: target)
        if !isOwned {
            return rename(path, target) == 0 ? "it is set aside as \(target)" + Self.isCounted(other) : nil
        }
        unlink(target)
        let isKept = Self.copy(path, to: target)
        guard unlink(path) == 0 else {
            let reason = errno
            unlink(target)
            errno = reason
            return nil
        }
        return
            (isKept
            ? "it is set aside as \(target)"
            : "it is deleted, and there was no room for a copy (\(FileSystem.currentReason))")
            + (other == nil
                ? ", its service makes a new one, and what that had counted since the last commit is not counted"
                : Self.isCounted(other))
    }

    private static func isCounted(_ other: String?) -> String {
        other.map { ", and its process is counted by \($0)" } ?? ""
    }

    /// The oldest go, so that there is one fewer than the most.
    private func makeRoom(besides target: String) {
        let dated = paths.filter { $0 != target }.map { path -> (path: String, age: Int64) in
            var facts = stat()
            return (
                path,
                lstat(path, &facts) == 0
                    ? Int64(facts.st_ctim.tv_sec) * 1_000_000_000 + Int64(facts.st_ctim.tv_nsec) : 0
            )
        }.sorted { $0.age < $1.age }
        for entry in dated.dropLast(AgentLimits.refusedFiles - 1) { unlink(entry.path) }
    }

    /// All of them, by name.
    var paths: [String] {
        FileSystem.names(in: directory).filter { $0.hasSuffix(TelemetryDirectory.fileSuffix + Self.suffix) }
            .map { "\(directory)/\($0)" }
    }

    /// The beginning of a file, without taking room for what is zero in it.
    private static func copy(_ path: String, to target: String) -> Bool {
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
        return true
    }
}
