import AWSCore
import TestSupport
import Tidemark

/// What goes wrong, and what every call that meets it has to come to.
struct Fault: Sendable {
    /// Where the fault lives.
    enum Place: Sendable {
        /// The loopback server answers each request so, with the operation's own good answer where the body is left open.
        case server(@Sendable (_ goodAnswer: String) -> LoopbackAnswer)
        /// The same with what the request held.
        case echoing(@Sendable (RecordedRequest) -> LoopbackAnswer)
        /// The server answers well, but closes the kept connection under the second request of each operation.
        case serverDropping
        /// Nothing but this URL; what it needs is kept alive.
        case elsewhere(url: String, keeping: (any Sendable)?)
        /// The same over TLS with this authority.
        case tls(url: String, authority: String?, keeping: any Sendable)
        /// The server answers well, but the only connection there may be is taken by a request that it never answers.
        case occupied
    }

    var name: String
    var place: Place
    /// The call's code; nil for a success.
    var code: TidemarkError.Code?
    var retry = RetryKind.never
    /// Whether the service may have done the work.
    var isAmbiguous = false
    var phase: NetworkPhase?
    var limit: TimeLimit?
    var status: Int?
    var timeouts = Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: .seconds(600))
    /// The operations that meet it.
    var operations = FaultOperation.all
    /// Whether anything is tried at all: what ends in the transport's queue is no attempt.
    var isTried = true
    var callTimeout = Duration.seconds(600)

    /// A limit that is to end while an answer is on its way, and not before the request is: a busy machine takes its time.
    static let patience = Duration.seconds(1)

    /// Whether the call may simply be made again, where that is not only a question of `retry`.
    var isRetryable: Bool?
    /// Bytes that the last attempt may have taken in, where there is a bound.
    var receivedBytes: ClosedRange<Int>?
    /// Milliseconds between attempts where they are not those of the retry rules with 0.5 for every random number.
    var pauses: [Int]?
    var throttle: ThrottleReason?

    static let maximumAttempts = 3

    /// How often the operation is sent.
    func attempts(of operation: FaultOperation) -> Int {
        if code == nil { return 1 }
        let isRepeated = retry != .never && (!isAmbiguous || !operation.isChange || operation.isRepeatable)
        return isRepeated ? Fault.maximumAttempts : 1
    }

    /// The pauses before the second attempt and the third, in microseconds.
    func pauses(of operation: FaultOperation) -> [Int] {
        guard attempts(of: operation) > 1 else { return [] }
        return pauses.map { $0.map { $0 * 1_000 } }
            ?? (retry == .throttling ? [500_000, 1_000_000] : [12_500, 25_000])
    }
}

extension Fault {
    private static func course(_ course: LoopbackAnswer.Course) -> Place {
        .server { LoopbackAnswer(body: Array($0.utf8), course: course) }
    }

    private static func answer(_ status: Int, _ body: String = "", _ headers: [(String, String)] = []) -> Place {
        .server { _ in LoopbackAnswer(status: status, headers: headers, body: Array(body.utf8)) }
    }

    private static func refusal(_ status: Int, _ type: String, more: String = "") -> Place {
        answer(
            status, #"{"__type":"x#\#(type)","message":"told to fail"\#(more)}"#,
            [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", "R1")])
    }

    static let html = "<html><body>proxy error</body></html>"

    static let connections: [Fault] = [
        Fault(
            name: "reset before the answer", place: course(.reset), code: .network, retry: .transient,
            isAmbiguous: true,
            phase: .receive),
        Fault(
            name: "closed before the answer", place: course(.closeBeforeAnswer), code: .network, retry: .transient,
            isAmbiguous: true, phase: .receive),
        Fault(
            name: "half a body", place: course(.closeInsideBody(bytes: 1)), code: .network, retry: .transient,
            isAmbiguous: true, phase: .receive),
        Fault(
            name: "stall before the answer", place: course(.never), code: .timeout, retry: .transient,
            isAmbiguous: true, limit: .firstByte,
            timeouts: Timeouts(connect: .seconds(600), firstByte: .milliseconds(30), attempt: .seconds(600))),
        Fault(
            name: "stall inside the body", place: course(.hangInsideBody(bytes: 1)), code: .timeout, retry: .transient,
            isAmbiguous: true, limit: .attempt,
            timeouts: Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: Fault.patience)),
        Fault(
            name: "slow drip", place: course(.drip(pause: .milliseconds(30))), code: .timeout, retry: .transient,
            isAmbiguous: true, limit: .attempt,
            timeouts: Timeouts(connect: .seconds(600), firstByte: .seconds(600), attempt: Fault.patience)),
        Fault(
            name: "not HTTP", place: course(.garbage(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8))), code: .malformedResponse,
            retry: .transient, isAmbiguous: true),
        Fault(name: "dropped by the pool's peer", place: .serverDropping),
    ]

    static let answers: [Fault] = [
        Fault(
            name: "wrong CRC",
            place: .server { LoopbackAnswer(headers: [("x-amz-crc32", "1")], body: Array($0.utf8)) },
            code: .checksumMismatch, retry: .transient, isAmbiguous: true, status: 200),
        Fault(name: "400 validation", place: refusal(400, "ValidationException"), code: .validation, status: 400),
        Fault(
            name: "400 condition", place: refusal(400, "ConditionalCheckFailedException"), code: .conditionFailed,
            status: 400),
        Fault(
            name: "400 no such table", place: refusal(400, "ResourceNotFoundException"), code: .notFound, status: 400),
        Fault(
            name: "400 access denied", place: refusal(400, "AccessDeniedException"), code: .accessDenied, status: 400),
        Fault(
            name: "400 expired token", place: refusal(400, "ExpiredTokenException"), code: .expiredCredentials,
            status: 400),
        Fault(
            name: "400 transaction in progress", place: refusal(400, "TransactionInProgressException"),
            code: .transactionInProgress, retry: .throttling, status: 400),
        Fault(name: "400 unknown", place: refusal(400, "SomethingNewException"), code: .client, status: 400),
        Fault(name: "413 without a body", place: answer(413), code: .malformedResponse, status: 413),
        Fault(name: "429 without a body", place: answer(429), code: .throttled, retry: .throttling, status: 429),
        Fault(
            name: "500 internal error", place: refusal(500, "InternalServerError"), code: .server, retry: .transient,
            isAmbiguous: true, status: 500),
        Fault(
            name: "503 unavailable", place: answer(503), code: .server, retry: .transient, isAmbiguous: true,
            status: 503),
        Fault(
            name: "503 with a hint", place: answer(503, "", [("x-amz-retry-after", "2000")]), code: .server,
            retry: .transient, isAmbiguous: true, status: 503, pauses: [2_000, 2_000]),
        Fault(
            name: "502 HTML of a proxy", place: answer(502, html, [("Content-Type", "text/html")]), code: .server,
            retry: .transient, isAmbiguous: true, status: 502),
        Fault(
            name: "403 HTML of a proxy", place: answer(403, html, [("Content-Type", "text/html")]),
            code: .malformedResponse, status: 403),
        Fault(
            name: "200 HTML of a proxy", place: answer(200, html, [("Content-Type", "text/html")]),
            code: .malformedResponse, isAmbiguous: true, status: 200),
        Fault(
            name: "redirect", place: answer(302, "", [("Location", "http://127.0.0.1:1/")]), code: .malformedResponse,
            status: 302),
        Fault(
            name: "wrong content type",
            place: .server { LoopbackAnswer(headers: [("Content-Type", "text/plain")], body: Array($0.utf8)) }),
    ]

    static let throttles: [Fault] = ThrottleReason.allCases.filter { $0 != .unspecified }.map { reason in
        Fault(
            name: "throttle \(reason.wireName)",
            place: refusal(
                400, "ProvisionedThroughputExceededException",
                more:
                    #","ThrottlingReasons":[{"reason":"\#(reason.wireName)","resource":"arn:aws:dynamodb:r:1:table/T"}]"#
            ),
            code: .throttled, retry: .throttling, status: 400, throttle: reason)
    }
}
