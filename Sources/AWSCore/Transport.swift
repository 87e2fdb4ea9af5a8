/// Sends one request and brings its answer: one attempt, no retry, no redirect.
public protocol Transport: Sendable {
    /// Sends the request once and returns whatever complete answer came, of any status.
    ///
    /// Cancelling the task ends the transfer at once and throws `.cancelled`.
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
}

/// Which of an attempt's limits ran out.
public enum TimeoutKind: String, Hashable, Sendable, CaseIterable {
    /// The whole attempt's time passed in the transport's queue: nothing was sent.
    case queue
    /// `Timeouts.connect`
    case connect
    /// `Timeouts.firstByte`
    case firstByte
    /// `Timeouts.attempt`
    case attempt
}

/// Why an attempt brought no complete answer.
public struct TransportError: Error, Hashable, Sendable {
    /// What happened, for decisions.
    public enum Code: Hashable, Sendable {
        /// The host's name (or the proxy's) was not found.
        case dns
        /// No connection: refused, unreachable.
        case connect
        /// The TLS handshake failed: the connection broke in it, or both sides agree on nothing.
        case tls
        /// The server's certificate is not accepted: it has expired, is another host's, or of an authority that is not
        /// trusted. Nothing was sent, and another attempt cannot help.
        case certificate
        /// A limit of `Timeouts` ran out.
        case timeout(TimeoutKind)
        /// The connection ended before the answer's first byte.
        case connectionReset
        /// The connection ended inside the answer.
        case truncated
        /// The answer exceeds the request's `maximumResponseBytes`, or its headers a fixed limit.
        case tooLarge
        /// What came is not HTTP.
        case malformedResponse
        /// The task was cancelled.
        case cancelled
        /// The process has no file descriptor left for a connection: nothing was sent.
        case noDescriptors
        /// The transport's queue is full: nothing was sent.
        case queueFull
        /// The transport was shut down.
        case shutDown
        /// The URL, method or a header cannot be sent: nothing was sent.
        case invalidRequest
        /// Anything else; the message says what.
        case other
    }

    /// What happened, for decisions.
    public var code: Code
    /// One sentence for a person: where and what. It holds no header and no byte of a body.
    public var message: String
    /// Where the time went until the failure.
    public var phases: AttemptPhases
    /// How much of the request left. Unless all of it did, it cannot have done its work, and repeating it does nothing twice: HTTP
    /// states the body's length, and AWS checks the signature of the whole.
    public var sent: SentPart

    /// False where nothing was tried at all: refused, or ended in the queue. Such an attempt is not counted as one.
    public var wasTried: Bool

    /// A transport's failure.
    public init(
        code: Code, message: String, phases: AttemptPhases = AttemptPhases(), sent: SentPart = .nothing,
        wasTried: Bool = true
    ) {
        self.code = code
        self.message = message
        self.phases = phases
        self.sent = sent
        self.wasTried = wasTried
    }

    /// How much of a request was given to its connection.
    public enum SentPart: Sendable, Hashable {
        /// The connection was given nothing.
        case nothing
        /// It was given some, and certainly not all.
        case part
        /// It was given all, so that the server may have it.
        case all
    }
}

extension TransportError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
