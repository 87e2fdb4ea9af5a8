internal import Glibc

/// Reads a configuration file whole.
package enum SmallFile {
    /// A shared file of AWS is a few kilobytes; anything above this is not one. Bytes.
    package static let maximumBytes = 1 << 20

    /// The file's bytes; nil where it does not exist. Throws where it may not be read, is too large, or has no end to wait for.
    package static func read(_ path: String) throws(AWSConfigurationError) -> [UInt8]? {
        // A pipe that nobody writes to would hold up whoever opens it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        if descriptor < 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw refusal(path, errno)
        }
        defer { close(descriptor) }
        try checkType(of: descriptor, path)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw refusal(path, errno)
            }
            guard bytes.count + count <= maximumBytes else {
                throw AWSConfigurationError(
                    cause: "\(path) is larger than 1 MiB, which no such file is", fix: "check the path")
            }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// A file, or `/dev/null` for none.
    private static func checkType(of descriptor: Int32, _ path: String) throws(AWSConfigurationError) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw refusal(path, errno) }
        let kind: String
        switch facts.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFCHR where path == "/dev/null": return
        case S_IFDIR: throw refusal(path, EISDIR)
        case S_IFIFO: kind = "a pipe"
        case S_IFSOCK: kind = "a socket"
        default: kind = "a device"
        }
        throw AWSConfigurationError(cause: "\(path) is \(kind) and cannot be read", fix: "name a file")
    }

    private static func refusal(_ path: String, _ code: Int32) -> AWSConfigurationError {
        AWSConfigurationError(
            cause: "\(path) cannot be read (\(String(cString: strerror(code))))", fix: "check its permissions and type")
    }

    /// Puts these bytes in the file's place, mode 0600, in one step; leaves the old ones where that does not work, or where the
    /// file is gone. Of a symbolic link it is the file at its end, and the link stays.
    static func replace(_ path: String, with bytes: [UInt8]) {
        guard let end = realpath(path, nil) else { return }
        let path = String(cString: end)
        free(end)
        let new = "\(path).tidemark-\(getpid())"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        let isWhole = written == bytes.count && fsync(descriptor) == 0
        guard close(descriptor) == 0, isWhole, rename(new, path) == 0 else {
            unlink(new)
            return
        }
    }
}
