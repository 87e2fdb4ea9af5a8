internal import AWSCore
import Foundation

/// An HTTP/1.1 server on a free port of 127.0.0.1 whose answers a test scripts: keep-alive, a thread a connection.
///
/// It stops when the value goes away, or by `stop()`.
public final class LoopbackServer: Sendable {
    /// Decides what to do with a request; called on the connection's thread.
    public typealias Script = @Sendable (RecordedRequest) -> LoopbackAnswer

    /// The port it listens on.
    public let port: UInt16
    /// `http://127.0.0.1:<port>/`
    public var url: String { "http://127.0.0.1:\(port)/" }

    private let log: LoopbackLog
    private let listener: Int32

    /// Starts a server that answers as the script says.
    ///
    /// - Parameter keepsRequests: whether `requests` remembers every one; not for as many as would fill the memory.
    public init(keepsRequests: Bool = true, _ script: @escaping Script) throws {
        (listener, port) = try LoopbackServer.listen()
        log = LoopbackLog(listener: listener, keepsRequests: keepsRequests)
        let (log, listener) = (log, listener)
        Thread.detachNewThread { LoopbackServer.acceptConnections(on: listener, log: log, script: script) }
    }

    /// Starts a server that gives these answers one after the other, and the last one from then on.
    public convenience init(answers: [LoopbackAnswer]) throws {
        let next = Lock(0)
        try self.init { _ in
            let index = next.withLock { next in
                next += 1
                return next - 1
            }
            return answers.isEmpty ? .ok() : answers[min(index, answers.count - 1)]
        }
    }

    deinit {
        stop()
    }

    /// Every request that arrived completely, in order.
    public var requests: [RecordedRequest] { log.state.withLock { $0.requests } }
    /// How many connections were accepted.
    public var connectionCount: Int { log.state.withLock { $0.connectionCount } }
    /// How many connections are open.
    public var openConnectionCount: Int { log.state.withLock { $0.open.count } }
    /// How many answers were abandoned: the client closed the connection while the answer was being waited for.
    public var abandonedCount: Int { log.state.withLock { $0.abandonedCount } }

    /// Waits until so many requests have arrived.
    public func waitForRequests(_ count: Int) async throws {
        try await waitUntil("\(count) requests at the server") { self.requests.count >= count }
    }

    /// Waits until the client has given up so many answers.
    public func waitForAbandoned(_ count: Int) async throws {
        try await waitUntil("\(count) answers abandoned") { self.abandonedCount >= count }
    }

    /// Closes the port and every connection; waits for nothing. Calling it again does nothing.
    public func stop() {
        log.stop()
    }

    /// A connection to that port, as soon as the other side's kernel has it.
    static func connect(to port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Foundation.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw POSIXError(.ECONNREFUSED)
        }
        return descriptor
    }

    /// Closes the connection with a reset (RST).
    static func reset(_ descriptor: Int32) {
        lingerNot(descriptor)
        close(descriptor)
    }

    /// Makes the closing of the connection a reset (RST).
    static func lingerNot(_ descriptor: Int32) {
        var lingering = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
    }

    /// - Parameter prepare: sets the socket up before it listens.
    static func listen(
        backlog: Int32? = 512, _ prepare: (Int32) -> Void = { _ in }
    ) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        prepare(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0 else { return Int32(-1) }
                if let backlog, Foundation.listen(descriptor, backlog) != 0 { return -1 }
                return getsockname(descriptor, generic, &length)
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw POSIXError(.EADDRINUSE)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func acceptConnections(on listener: Int32, log: LoopbackLog, script: @escaping Script) {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor < 0 && (errno == EINTR || errno == ECONNABORTED) { continue }
            guard descriptor >= 0 else { break }
            // The overlay has no accept4: a process started between the two calls would hold the connection open.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            guard let number = log.register(descriptor) else {
                close(descriptor)
                break
            }
            Thread.detachNewThread {
                LoopbackConnection(descriptor: descriptor, number: number, log: log, script: script).serve()
                log.close(descriptor)
            }
        }
        log.listenerEnded()
    }
}

/// What the server's threads share. Descriptors are closed under the lock, so that `stop` shuts down none that was
/// closed and given out again.
final class LoopbackLog: Sendable {
    struct State {
        var requests: [RecordedRequest] = []
        var connectionCount = 0
        var abandonedCount = 0
        var open: Set<Int32> = []
        var listener: Int32?
        var isStopped = false
    }

    let state: Lock<State>
    private let keepsRequests: Bool

    init(listener: Int32, keepsRequests: Bool) {
        state = Lock(State(listener: listener))
        self.keepsRequests = keepsRequests
    }

    func note(_ request: RecordedRequest) {
        if keepsRequests { state.withLock { $0.requests.append(request) } }
    }

    /// The connection's number; nil after `stop`.
    func register(_ descriptor: Int32) -> Int? {
        state.withLock { state in
            if state.isStopped { return nil }
            state.open.insert(descriptor)
            state.connectionCount += 1
            return state.connectionCount - 1
        }
    }

    func close(_ descriptor: Int32) {
        state.withLock { state in
            state.open.remove(descriptor)
            Foundation.close(descriptor)
        }
    }

    func listenerEnded() {
        state.withLock { state in
            if let listener = state.listener { Foundation.close(listener) }
            state.listener = nil
        }
    }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            if let listener = state.listener { shutdown(listener, Int32(SHUT_RDWR)) }
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}
