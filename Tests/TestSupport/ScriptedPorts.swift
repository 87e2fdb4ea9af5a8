internal import AWSCore
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

/// A port of 127.0.0.1 whose queue of connections is full, so that the kernel drops whoever else begins to connect: neither an
/// answer nor a refusal ever comes.
public final class FullPort: Sendable {
    /// The port it listens on.
    public let port: UInt16
    private let descriptor: Int32
    private let queued: [Int32]

    /// Opens the port, and fills its queue.
    public init() throws {
        let backlog: Int32 = 1
        (descriptor, port) = try LoopbackServer.listen(backlog: backlog)
        let port = port
        // The kernel takes one more than the backlog.
        queued = try (0...backlog).map { _ in try LoopbackServer.connect(to: port) }
    }

    deinit {
        for connection in queued { close(connection) }
        close(descriptor)
    }
}

/// A port of 127.0.0.1 that takes the first bytes of whatever it is sent, and never the rest: its buffers are small, so that a
/// request of some 200 kilobytes cannot leave as a whole.
public final class HalfDeafPort: Sendable {
    /// What it does once the first bytes have come.
    public enum Course: Sendable {
        /// Nothing more; the connection stays open.
        case stall
        /// Resets the connection.
        case reset
        /// Says that it has nothing to say, and keeps the connection.
        case end
        /// Answers so, and keeps the connection.
        case answer(String)
    }

    /// The port it listens on.
    public let port: UInt16
    private let descriptor: Int32
    private let held = Lock<[Int32]?>([])

    /// Opens the port.
    public init(_ course: Course) throws {
        let (descriptor, port) = try LoopbackServer.listen { descriptor in
            // Before listening: accepted connections have them from their start.
            for (level, option, value) in [(SOL_SOCKET, SO_RCVBUF, 4_096), (Int32(IPPROTO_TCP), TCP_MAXSEG, 536)] {
                var value = Int32(value)
                setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
            }
        }
        (self.descriptor, self.port) = (descriptor, port)
        let held = held
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                Thread.detachNewThread { Self.serve(connection, course, held) }
            }
            close(descriptor)
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        held.withLock { connections in
            for connection in connections ?? [] { close(connection) }
            connections = nil
        }
    }

    private static func serve(_ connection: Int32, _ course: Course, _ held: Lock<[Int32]?>) {
        var byte: UInt8 = 0
        guard recv(connection, &byte, 1, 0) == 1 else {
            close(connection)
            return
        }
        switch course {
        case .stall: break
        case .reset:
            LoopbackServer.reset(connection)
            return
        case .end: shutdown(connection, Int32(SHUT_WR))
        case .answer(let text):
            _ = Array(text.utf8).withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
        }
        let isKept = held.withLock { connections in
            connections?.append(connection)
            return connections != nil
        }
        if !isKept { close(connection) }
    }
}

/// A port of 127.0.0.1 that resets each connection as soon as something is said on it.
public final class ResettingPort: Sendable {
    /// The port it listens on.
    public let port: UInt16
    private let descriptor: Int32

    /// Opens the port.
    public init() throws {
        let (descriptor, port) = try LoopbackServer.listen()
        (self.descriptor, self.port) = (descriptor, port)
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                var byte: UInt8 = 0
                _ = recv(connection, &byte, 1, 0)
                LoopbackServer.reset(connection)
            }
            close(descriptor)
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
