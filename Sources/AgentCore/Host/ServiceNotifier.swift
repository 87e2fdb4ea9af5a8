import Glibc

/// Tells systemd how the service is, by the protocol of `sd_notify`: datagrams of `NAME=value` lines to the socket that
/// `NOTIFY_SOCKET` names. https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
public struct ServiceNotifier: Sendable {
    /// How often the watchdog wants to hear of the service; nil where it does not.
    public let watchdogInterval: Duration?
    private let address: [UInt8]

    /// - Parameters:
    ///   - environment: with `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    ///   - processID: this process, unless a test says otherwise; a watchdog that is meant for another one is none.
    /// - Returns: nil where no service manager listens, or its address is none that can be used.
    public init?(environment: [String: String], processID: Int32? = nil) {
        guard let name = environment["NOTIFY_SOCKET"], let first = name.utf8.first else { return nil }
        var bytes = Array(name.utf8)
        // "@" begins an abstract name, which the kernel marks with a zero byte.
        if first == UInt8(ascii: "@") { bytes[0] = 0 } else if first != UInt8(ascii: "/") { return nil }
        guard bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
        address = bytes
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(processID ?? getpid())" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = isForUs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// The service works.
    @discardableResult
    public func ready(status: String) -> Bool { send(["READY=1", "STATUS=" + Self.line(status)]) }

    /// What `systemctl status` shows.
    @discardableResult
    public func status(_ text: String) -> Bool { send(["STATUS=" + Self.line(text)]) }

    /// The configuration is being read again; `ready` ends it. The time tells systemd which signal it answers.
    @discardableResult
    public func reloading() -> Bool { send(["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"]) }

    /// The service ends.
    @discardableResult
    public func stopping() -> Bool { send(["STOPPING=1", "STATUS=last commit and last request"]) }

    /// The service gets on.
    @discardableResult
    public func feedWatchdog() -> Bool { send(["WATCHDOG=1"]) }

    /// A status is one line.
    private static func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

    private static func monotonicMicroseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
    }

    /// Whether the datagram was taken. It never waits: a service manager that does not read must not hold the agent up.
    private func send(_ lines: [String]) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: address) }
        // A path ends with a zero byte; an abstract name is as long as it is said to be.
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let length = socklen_t(offset + address.count + (address[0] == 0 ? 0 : 1))
        let message = Array(lines.joined(separator: "\n").utf8)
        let sent = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
            }
        }
        return sent == message.count
    }
}
