/// One header field of a request or response. Names compare without regard to case.
public struct HTTPHeader: Hashable, Sendable {
    /// The field's name as it is sent.
    public var name: String
    /// The field's value, without the line's end.
    public var value: String

    /// A header field; the transport refuses names or values that would break the line.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// The name alone: a value may be a signature, a token or a cookie.
extension HTTPHeader: CustomStringConvertible, CustomReflectable {
    /// "Authorization: … (231 bytes)"
    public var description: String { "\(name.withoutControls): … (\(value.utf8.count) bytes)" }

    /// What a dump shows.
    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "value": "… (\(value.utf8.count) bytes)"])
    }
}

/// How long the parts of one attempt may take. Each is measured on the monotonic clock.
public struct Timeouts: Hashable, Sendable {
    /// From the start of the transfer until the connection is ready: name lookup, TCP and TLS. Default 1 s.
    public var connect: Duration
    /// From the connection being ready until the answer's first byte; sending the body counts. Default 3 s.
    public var firstByte: Duration
    /// From `send` to its return, waiting in the transport's queue included. Default 5 s.
    public var attempt: Duration

    /// Time-outs of one attempt; a duration of zero or less ends the attempt at once.
    public init(connect: Duration = .seconds(1), firstByte: Duration = .seconds(3), attempt: Duration = .seconds(5)) {
        self.connect = connect
        self.firstByte = firstByte
        self.attempt = attempt
    }
}

/// One HTTP/1.1 request, complete in memory.
public struct HTTPRequest: Sendable {
    /// What a response may weigh when nothing else is said, in bytes: a BatchGetItem answer carries up to 16 MB of items
    /// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html), and lists of short
    /// numbers grow about 3.3-fold as JSON.
    public static let defaultMaximumResponseBytes = 64 << 20

    /// The method, in capitals. Default `POST`, which every AWS JSON call uses.
    public var method: String
    /// An absolute `http` or `https` URL, already percent-encoded.
    public var url: String
    /// The headers in the order in which they are sent. `Host` and `Content-Length` are the transport's work.
    public var headers: [HTTPHeader]
    /// The body's bytes, sent as they are.
    public var body: [UInt8]
    /// How long this attempt may take.
    public var timeouts: Timeouts
    /// The largest body that is taken, in bytes; a longer one fails with `.tooLarge`. Default 64 MiB.
    public var maximumResponseBytes: Int

    /// A request; only the URL has no default.
    public init(
        method: String = "POST", url: String, headers: [HTTPHeader] = [], body: [UInt8] = [],
        timeouts: Timeouts = Timeouts(), maximumResponseBytes: Int = HTTPRequest.defaultMaximumResponseBytes
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeouts = timeouts
        self.maximumResponseBytes = maximumResponseBytes
    }

    /// The value of the first header of this name, compared without regard to case.
    public func header(_ name: String) -> String? {
        headers.firstValue(named: name)
    }

    /// Replaces every header of this name by one with this value, or adds it at the end.
    public mutating func setHeader(_ name: String, _ value: String) {
        guard let index = headers.firstIndex(where: { $0.name.equalsIgnoringASCIICase(name) }) else {
            headers.append(HTTPHeader(name: name, value: value))
            return
        }
        headers[index] = HTTPHeader(name: name, value: value)
        var last = headers.count - 1
        while last > index {
            if headers[last].name.equalsIgnoringASCIICase(name) { headers.remove(at: last) }
            last -= 1
        }
    }
}

/// Without what the headers say and without the body, which has items.
extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    /// "POST https://dynamodb.eu-central-1.amazonaws.com/, 8 headers, 312 bytes"
    public var description: String {
        "\(method.withoutControls) \(url.withoutControls), \(headers.count) headers, \(body.count) bytes"
    }

    /// What a dump shows.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "method": method, "url": url, "headers": headers, "body": "\(body.count) bytes", "timeouts": timeouts,
                "maximumResponseBytes": maximumResponseBytes,
            ])
    }
}

/// One complete HTTP response.
public struct HTTPResponse: Sendable {
    /// The status code, 200 to 599.
    public var status: Int
    /// The headers in the order in which they came.
    public var headers: [HTTPHeader] {
        get {
            switch head {
            case .read(let headers): headers
            case .raw(let head): head.headers
            }
        }
        set { head = .read(newValue) }
    }
    /// The body's bytes as they were on the wire (chunked framing removed, nothing inflated).
    public var body: [UInt8]
    /// Where the attempt's time went.
    public var phases: AttemptPhases
    /// Whether all of the request had left when the answer was complete. Of one that had not, and then does not, nothing was done:
    /// see ``TransportError/sent``.
    public var isRequestSent = true
    /// The headers without the body: keeping it keeps little.
    package private(set) var head: Head

    /// Headers, read or as they came.
    package enum Head: Sendable {
        case read([HTTPHeader])
        case raw(ResponseHead)

        /// The value of the first header of this name, compared without regard to case.
        package func header(_ name: String) -> String? {
            switch self {
            case .read(let headers): headers.firstValue(named: name)
            case .raw(let head): head.firstValue(named: name)
            }
        }
    }

    /// A response whose headers are read where they are asked for.
    package init(status: Int, head: ResponseHead, body: [UInt8], phases: AttemptPhases) {
        self.status = status
        self.head = .raw(head)
        self.body = body
        self.phases = phases
    }

    /// A response, as a transport or a test's stub makes it.
    public init(
        status: Int, headers: [HTTPHeader] = [], body: [UInt8] = [], phases: AttemptPhases = AttemptPhases()
    ) {
        self.status = status
        self.head = .read(headers)
        self.body = body
        self.phases = phases
    }

    /// The value of the first header of this name, compared without regard to case.
    public func header(_ name: String) -> String? {
        head.header(name)
    }
}

/// Where the time of one attempt went, and what it moved. A phase that did not happen is zero; one that was cut short by
/// a failure runs to the failure.
public struct AttemptPhases: Hashable, Sendable {
    /// Waiting in the transport's queue for a free connection.
    public var queue: Duration
    /// Name lookup; zero on a reused connection.
    public var dns: Duration
    /// TCP connection; zero on a reused connection. A handshake that failed or ran out of time counts here too, where the
    /// transport cannot tell the two apart.
    public var connect: Duration
    /// TLS handshake; zero on a reused or plain connection.
    public var tls: Duration
    /// From the connection being ready to the answer's first byte.
    public var firstByte: Duration
    /// From the answer's first byte to its last.
    public var transfer: Duration
    /// From `send` to the attempt's end, in the transport's own clock.
    public var total: Duration
    /// Whether the request went over a connection that an earlier one had opened.
    public var reusedConnection: Bool
    /// Request line, headers and body that were given to the connection, in bytes before TLS.
    public var bytesSent: Int
    /// Status line, headers and body that arrived, in bytes before TLS, without chunked framing.
    public var bytesReceived: Int

    /// Phases; everything is zero unless said.
    public init(
        queue: Duration = .zero, dns: Duration = .zero, connect: Duration = .zero, tls: Duration = .zero,
        firstByte: Duration = .zero, transfer: Duration = .zero, total: Duration = .zero,
        reusedConnection: Bool = false, bytesSent: Int = 0, bytesReceived: Int = 0
    ) {
        self.queue = queue
        self.dns = dns
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
        self.transfer = transfer
        self.total = total
        self.reusedConnection = reusedConnection
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
    }
}

extension [HTTPHeader] {
    func firstValue(named name: String) -> String? {
        for header in self where header.name.equalsIgnoringASCIICase(name) { return header.value }
        return nil
    }
}
