/// A request as the server saw it.
public struct RecordedRequest: Sendable {
    /// Such as `POST`.
    public var method: String
    /// Path and query as they were on the request line.
    public var target: String
    /// Names as they came.
    public var headers: [(name: String, value: String)]
    /// The whole body.
    public var body: [UInt8]
    /// Which of the server's connections it came on, counted from zero.
    public var connection: Int
    /// Bytes of request line, headers and body together.
    public var sizeInBytes: Int

    /// The value of the first header of this name, without regard to case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What the loopback server does with one request.
public struct LoopbackAnswer: Sendable {
    /// How the answer ends, or goes wrong.
    public enum Course: Sendable, Equatable {
        /// The complete answer; the connection stays open.
        case complete
        /// The complete answer, then the connection is closed without having said so.
        case completeThenClose
        /// Nothing is ever answered; the connection stays open until the client closes it.
        case never
        /// The connection is closed without an answer.
        case closeBeforeAnswer
        /// The connection is reset (RST) without an answer.
        case reset
        /// Status line and headers are cut after this many bytes, then the connection is closed.
        case closeInsideHead(bytes: Int)
        /// Status line and headers are cut after this many bytes, then the connection is reset (RST).
        case resetInsideHead(bytes: Int)
        /// After this many bytes of status line and headers nothing more comes; the connection stays open.
        case hangInsideHead(bytes: Int)
        /// Headers without end, for as long as the client takes them.
        case endlessHead
        /// The body is cut after this many bytes, then the connection is closed.
        case closeInsideBody(bytes: Int)
        /// After this many bytes of the body nothing more comes; the connection stays open.
        case hangInsideBody(bytes: Int)
        /// The complete answer byte by byte with this pause before each, for as long as the client waits.
        case drip(pause: Duration)
        /// These bytes instead of an answer, then the connection is closed.
        case garbage([UInt8])
    }

    /// The status code.
    public var status: Int
    /// Headers besides `Content-Length` or `Transfer-Encoding`.
    public var headers: [(String, String)]
    /// The body.
    public var body: [UInt8]
    /// Waited before the first byte.
    public var delay: Duration
    /// How it ends.
    public var course: Course
    /// Whether the body is sent in chunks of at most 1,000 bytes, without `Content-Length`.
    public var isChunked: Bool

    /// An answer; by default 200 with an empty JSON object.
    public init(
        status: Int = 200, headers: [(String, String)] = [], body: [UInt8] = Array("{}".utf8), delay: Duration = .zero,
        course: Course = .complete, isChunked: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.delay = delay
        self.course = course
        self.isChunked = isChunked
    }

    /// 200 with this text as its body.
    public static func ok(_ body: String = "{}") -> LoopbackAnswer {
        LoopbackAnswer(body: Array(body.utf8))
    }

    /// An error of an AWS JSON service.
    public static func error(_ status: Int, type: String, message: String = "told to fail") -> LoopbackAnswer {
        LoopbackAnswer(
            status: status, headers: [("Content-Type", "application/x-amz-json-1.0")],
            body: Array(#"{"__type":"com.amazonaws.dynamodb.v20120810#\#(type)","message":"\#(message)"}"#.utf8))
    }

    /// An answer that takes this course.
    public static func failing(_ course: Course) -> LoopbackAnswer {
        LoopbackAnswer(course: course)
    }

    var head: [UInt8] {
        var text = "HTTP/1.1 \(status) Scripted\r\n"
        text += isChunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: \(body.count)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    var framedBody: [UInt8] {
        guard isChunked else { return body }
        var framed: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: 1_000) {
            let chunk = body[start..<min(start + 1_000, body.count)]
            framed += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
        }
        return framed + Array("0\r\n\r\n".utf8)
    }
}
