import Foundation

/// A port of 127.0.0.1 that is taken, so that nobody else gets it, and refuses every connection.
public final class RefusingPort: Sendable {
    /// The port.
    public let port: UInt16
    private let descriptor: Int32

    /// Takes the port.
    public init() throws {
        (descriptor, port) = try LoopbackServer.listen(backlog: nil)
    }

    deinit {
        close(descriptor)
    }
}

/// A port of 127.0.0.1 that accepts TCP connections, in the kernel's queue, and never says a byte.
public final class SilentListener: Sendable {
    /// The port it listens on.
    public let port: UInt16
    private let descriptor: Int32

    /// Opens the port.
    public init() throws {
        (descriptor, port) = try LoopbackServer.listen()
    }

    deinit {
        close(descriptor)
    }
}
