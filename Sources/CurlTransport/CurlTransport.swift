public import AWSCore
internal import Synchronization

/// Sends requests from one event-loop thread that it owns, over kept connections that libcurl makes.
///
/// Requests above `maximumConnections` wait in a bounded queue. On the loop's thread run the sockets, the time-outs and
/// the reading of answers off the wire; laying out the request and looking at the answer run in the caller's task. The
/// answer leaves the loop's thread once, through the continuation of `send`.
///
/// A task may run on the loop's thread too, through `taskExecutor`, which saves both crossings.
public final class CurlTransport: Transport {
    /// Runs tasks on the loop's own thread: `withTaskExecutorPreference(transport.taskExecutor) { … }`.
    ///
    /// A lone call costs about half of what it costs from any other task. In return, whatever such a task does between
    /// its calls holds up every transfer of this transport: it must not block (no semaphore, no file, no long
    /// computation). Child tasks (`async let`, task groups) and actors without an executor of their own stay on the
    /// loop; `Task { }`, `Task.detached`, the main actor and actors with an executor of their own leave it.
    ///
    /// After `shutdown()` such tasks go on in Swift's own pool.
    public let taskExecutor: any TaskExecutor
    private let mailbox: Mailbox
    private let place = LoopPlace()
    private let targets = Targets()
    private let thread: LoopThread

    /// Starts the event loop's thread.
    ///
    /// Throws `.invalidRequest` where the configuration cannot work and `.other` where the system gives no thread or
    /// descriptor. libcurl reads proxy variables with getenv: set them before, not while requests run.
    public init(configuration: Configuration = Configuration()) throws(TransportError) {
        try configuration.check()
        mailbox = try Mailbox(limit: configuration.maximumConnections + configuration.maximumQueuedRequests)
        let executor = LoopExecutor(mailbox: mailbox, place: place)
        taskExecutor = executor
        let loop = try EventLoop(configuration: configuration, mailbox: mailbox, place: place, executor: executor)
        thread = try LoopThread(running: loop)
    }

    deinit {
        shutdown()
    }

    /// Sends the request once and returns whatever complete answer came, of any status. No retry, no redirect, and none
    /// of the silent repetitions that HTTP clients make when a kept connection has died: each would be an unseen second
    /// attempt.
    public func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let now = Monotonic.now()
        if Task.isCancelled {
            throw TransportError(code: .cancelled, message: "the task was cancelled before sending", wasTried: false)
        }
        let target = try targets.target(of: request.url)
        let prepared = try PreparedRequest(request, to: target)
        guard mailbox.admit() else {
            throw TransportError(
                code: .queueFull,
                message: "the transport's queue is full: send less at a time or raise maximumQueuedRequests",
                wasTried: false)
        }
        let transfer = Transfer(request, prepared: prepared, origin: target.origin, submittedAt: now)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                if let loop = place.loopOfThisThread {
                    loop.begin(transfer)
                } else if !mailbox.submit(transfer) {
                    transfer.refuseAfterShutdown(mailbox)
                }
            }
        } onCancel: {
            mailbox.cancel(transfer)
        }
        // A caller may hold nothing but this call: without self the loop would be shut down under it.
        defer { withExtendedLifetime(self) {} }
        return try result.get()
    }

    /// Ends pending transfers with `.shutDown`, closes every connection and joins the loop's thread, which takes
    /// milliseconds. Later sends throw `.shutDown`. Calling it again does nothing.
    public func shutdown() {
        mailbox.shutDown()
        thread.join()
    }
}

extension CurlTransport {
    /// What a transport may use.
    public struct Configuration: Sendable {
        /// Connections at most, which is also the number of transfers at a time. 1 to 10,000, default 64.
        public var maximumConnections: Int = 64
        /// Connections to one scheme, host and port at most. 1 to 10,000; default nil: `maximumConnections`.
        public var maximumConnectionsPerHost: Int?
        /// Connections that are kept while no transfer uses them. 1 to 10,000, default 64.
        public var maximumIdleConnections: Int = 64
        /// Requests that may wait for a connection; more are refused with `.queueFull`. Default 1,024.
        public var maximumQueuedRequests: Int = 1_024
        /// A connection that was idle for longer is not used again. Default 60 s.
        public var idleConnectionLifetime: Duration = .seconds(60)
        /// A connection that is older is not used again, so that a change of the name's addresses is followed. Default
        /// 5 minutes. Names are looked up again after 60 s.
        public var connectionLifetime: Duration = .seconds(300)
        /// A PEM file of the authorities to trust instead of the system's. Default nil: the system's.
        public var certificateAuthorityFile: String?
        /// Whether `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` are followed, for `http` too through a tunnel
        /// (CONNECT). Default true.
        public var usesProxyFromEnvironment: Bool = true

        /// The defaults.
        public init() {}

        /// Throws `.invalidRequest` where it cannot work.
        package func check() throws(TransportError) {
            guard idleConnectionLifetime >= .zero, connectionLifetime >= .zero else {
                throw TransportError(
                    code: .invalidRequest,
                    message: "a connection's lifetime cannot be below zero: use zero to keep none")
            }
            let limits = [maximumConnections, maximumConnectionsPerHost ?? maximumConnections, maximumIdleConnections]
            guard limits.allSatisfy((1...10_000).contains), (0...10_000_000).contains(maximumQueuedRequests) else {
                throw TransportError(
                    code: .invalidRequest,
                    message:
                        "the transport needs 1 to 10,000 connections, in all, to a host and idle, and a queue of 0 "
                        + "to 10,000,000 requests: got \(limits.map(String.init).joined(separator: ", ")) and "
                        + "\(maximumQueuedRequests)")
            }
            if let file = certificateAuthorityFile { try AuthorityFile.check(file) }
            if usesProxyFromEnvironment { try ProxyVariables.current.check() }
        }

        /// Whether `check` refuses a proxy's variable.
        package var refusesProxy: Bool {
            guard usesProxyFromEnvironment else { return false }
            return (try? ProxyVariables.current.check()) == nil
        }
    }
}
