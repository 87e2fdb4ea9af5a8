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

/// A port of 127.0.0.1 that greets whoever connects, as a mail server does, and then only listens.
public final class GreetingPort: Sendable {
    /// The port it listens on.
    public let port: UInt16
    private let descriptor: Int32

    /// Opens the port.
    public init(greeting: String) throws {
        let (descriptor, port) = try LoopbackServer.listen()
        (self.descriptor, self.port) = (descriptor, port)
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                _ = Array(greeting.utf8).withUnsafeBytes {
                    send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                // Until the client has had enough; closing with bytes unread would be a reset.
                var heard = [UInt8](repeating: 0, count: 4_096)
                while recv(connection, &heard, heard.count, 0) > 0 {}
                close(connection)
            }
            close(descriptor)
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
