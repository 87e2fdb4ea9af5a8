import AWSCore
import TestSupport
import Tidemark

/// Answers that give back what the request held: its key, its session token, its signature.
extension Fault {
    /// What a server can give back of one request.
    private struct Echo {
        var authorization: String
        var signature: String
        var token: String
        /// Only of a request that has it: what a server says by itself is no leak.
        var key: String

        init(_ request: RecordedRequest) {
            authorization = request.header("Authorization") ?? ""
            signature = String(authorization.split(separator: "=").last ?? "")
            token = request.header("X-Amz-Security-Token") ?? ""
            let holdsKey = request.body.firstRange(of: Array(FaultOperation.plantedKey.utf8)) != nil
            key = holdsKey ? FaultOperation.plantedKey : "nothing"
        }

        var all: String { "got \(authorization); \(signature); \(token); \(key) end" }
    }

    private static func echo(
        _ status: Int, _ type: String = "application/x-amz-json-1.0",
        headers: [(String, @Sendable (String) -> String)] = [],
        _ body: @escaping @Sendable (_ all: String, _ key: String) -> String
    ) -> Place {
        .echoing { request in
            let echo = Echo(request)
            return LoopbackAnswer(
                status: status, headers: [("Content-Type", type)] + headers.map { ($0, $1(echo.key)) },
                body: Array(body(echo.all, echo.key).utf8))
        }
    }

    private static func said(_ status: Int, _ type: String, more: String = "") -> Place {
        echo(status) { all, key in
            let more = more.replacing("KEY", with: key)
            return #"{"__type":"x#\#(type)","message":"\#(all)"\#(more)}"#
        }
    }

    static let echoes: [Fault] = [
        Fault(name: "echo in a refusal", place: said(400, "ValidationException"), code: .validation, status: 400),
        Fault(name: "echo in a denial", place: said(400, "AccessDeniedException"), code: .accessDenied, status: 400),
        Fault(
            name: "echo of a wrong signature", place: said(400, "ExpiredTokenException"), code: .expiredCredentials,
            status: 400),
        Fault(
            name: "echo in a throttle",
            place: said(
                400, "ProvisionedThroughputExceededException",
                more:
                    #","ThrottlingReasons":[{"reason":"TableReadProvisionedThroughputExceeded","resource":"KEY"}]"#),
            code: .throttled, retry: .throttling, status: 400),
        Fault(
            name: "echo in a failed condition", place: said(400, "ConditionalCheckFailedException"),
            code: .conditionFailed, status: 400),
        Fault(
            name: "echo of a failing service", place: said(500, "InternalServerError"), code: .server,
            retry: .transient, isAmbiguous: true, status: 500),
        Fault(
            name: "echo in the error's name",
            place: echo(400) { all, key in #"{"__type":"x#\#(key)\nFORGED LINE","message":"\#(all)"}"# },
            code: .client, status: 400),
        Fault(
            name: "echo as the error's name", place: echo(400) { _, key in #"{"__type":"x#\#(key)"}"# },
            code: .client, status: 400),
        Fault(
            name: "echo in headers",
            place: echo(
                400, "application/json",
                headers: [("x-amzn-RequestId", { $0 }), ("x-amzn-ErrorType", { $0 }), ("X-Said", { $0 })]
            ) { all, _ in #"{"message":"\#(all)"}"# }, code: .client, status: 400),
        Fault(
            name: "echo in the content's type",
            place: echo(400, headers: [("x-amzn-RequestId", { "id \($0)" })]) { all, _ in all },
            code: .malformedResponse, status: 400),
        Fault(
            name: "echo in a web page", place: echo(403, "text/html") { all, _ in "<html><body>\(all)</body></html>" },
            code: .malformedResponse, status: 403),
        Fault(
            name: "echo in the place of a good answer", place: echo(200) { all, _ in all }, code: .malformedResponse,
            isAmbiguous: true, status: 200),
    ]
}
