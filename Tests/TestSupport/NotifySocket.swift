import Foundation

/// A service manager's socket, as systemd binds it.
public final class NotifySocket {
    /// What `NOTIFY_SOCKET` is set to.
    public let name: String
    private let descriptor: Int32

    /// Binds a path, or an abstract name that begins with "@".
    public init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if name.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (name.hasPrefix("@") ? 0 : 1))
        let status = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard status == 0 else { throw WaitingFailed(description: "\(name) cannot be bound: \(errno)") }
    }

    deinit { close(descriptor) }

    /// The next datagram's lines; empty when none waits.
    public func receive() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count > 0
            ? String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init) : []
    }
}
