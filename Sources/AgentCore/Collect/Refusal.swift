import Glibc
import Monitoring
import Telemetry

/// What the agent writes at the end of the copy that it keeps of a living service's refused file: by it every agent that comes
/// later, and the doctor, know whose calls are not counted, since when and why, and whether that service still writes.
struct Refusal: Sendable, Equatable {
    /// The copy.
    var path: String
    /// When the file was refused, nanoseconds since 1970.
    var since: Int64
    /// The file as the kernel's list of locks names it, which its service holds; empty where there is no list.
    var held: String
    /// The service's process; 0 where that is not known.
    var process: Int32
    /// "shop in production, process 4711", as far as it is known.
    var who: String
    /// Why it was refused, a sentence.
    var reason: String

    /// Of a file that is about to lose its name.
    init(of path: String, copy: String, reason: String, since: Int64) {
        let file = UncountedFile(path: path, reason: reason)
        (self.path, self.since, who, self.reason) = (copy, since, file.who, file.reason)
        let name = path.split(separator: "/").last ?? ""
        process = Int32(name.prefix { $0.isNumber }) ?? 0
        var facts = stat()
        held =
            lstat(path, &facts) == 0
            ? LockTable()?.heldFile(number: UInt64(facts.st_ino), device: facts.st_dev) ?? "" : ""
    }

    /// Whether the service still holds the file: it lives, and has not let go of it for another one.
    /// - Parameter locks: nil where there is no list: then whether its process lives.
    func isHeld(by locks: LockTable?) -> Bool {
        if let locks, !held.isEmpty { return locks.holds(held) }
        return process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }

    /// Whether another file is of the same process.
    func isFollowed(by file: TelemetryFile) -> Bool {
        file.reader.identity.pid == process && (who == file.who || who == "process \(process)")
    }

    // MARK: In the copy

    private static let mark: [UInt8] = Array("TDREFUSD".utf8)
    private static let most = 4_096

    /// What is written behind the copy's last byte: a line, its length and a mark.
    var ending: [UInt8] {
        let line = ["\(since)", held, "\(process)", who, reason].joined(separator: "\t")
        let bytes = Array(line.utf8.prefix(Self.most - 16))
        let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
        return bytes + length + Self.mark
    }

    /// Reads what stands at the end of a file; nil where there is nothing of this kind.
    init?(_ path: String) {
        guard let size = FileSystem.size(path),
            let end = FileSystem.bytes(of: path, from: max(0, size - Self.most), count: Self.most, followsLinks: false),
            end.count >= 16, Array(end.suffix(8)) == Self.mark
        else { return nil }
        let length = end.dropLast(8).suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(end.count - 16) else { return nil }
        let line = String(decoding: end.dropLast(16).suffix(Int(length)), as: UTF8.self)
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let since = Int64(parts[0]), let process = Int32(parts[2]) else { return nil }
        (self.path, self.since, held, self.process) = (path, since, parts[1], process)
        // The file is somebody else's word.
        (who, reason) = (parts[3].visible, parts[4].visible)
    }
}

extension TelemetryFile {
    /// Whose it is, for a sentence.
    var who: String { "\(scope.service) in \(scope.environment), process \(reader.identity.pid)" }
}
