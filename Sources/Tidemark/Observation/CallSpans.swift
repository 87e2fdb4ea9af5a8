internal import AWSCore
internal import Telemetry
internal import Tracing

/// Makes one span a call and one child of it an attempt, by OpenTelemetry's conventions for DynamoDB and for HTTP clients.
///
/// https://opentelemetry.io/docs/specs/semconv/db/dynamodb/, https://opentelemetry.io/docs/specs/semconv/http/http-spans/
struct CallSpans: Sendable {
    private let tracer: any Tracer
    private let serverAddress: String
    private let serverPort: Int

    /// Nil when nobody listens: the tracer is the one that the process has bootstrapped when the client is made, unless
    /// another is given.
    init?(tracer: (any Tracer)?, endpoint: AWSEndpoint) {
        guard let tracer = tracer ?? CallSpans.bootstrapped else { return nil }
        self.tracer = tracer
        (serverAddress, serverPort) = CallSpans.server(of: endpoint.url)
    }

    private static var bootstrapped: (any Tracer)? {
        let tracer = InstrumentationSystem.tracer
        return tracer is NoOpTracer ? nil : tracer
    }

    private static func server(of url: String) -> (String, Int) {
        let bytes = Array(url.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            let parts = URLParts(buffer)
            var host = String(decoding: buffer[parts.host], as: UTF8.self)
            // An address has brackets in a URL alone.
            if host.hasPrefix("[") { host = String(host.dropFirst().dropLast()) }
            let port = Int(String(decoding: buffer[parts.port], as: UTF8.self))
            return (host, port ?? (url.hasPrefix("https:") ? 443 : 80))
        }
    }

    // MARK: The call

    /// A span that has begun, and where its attempts are entered.
    struct CallSpan {
        fileprivate let span: any Span
        fileprivate let spans: CallSpans

        /// What logs of the call are written in.
        var context: ServiceContext { span.context }
    }

    func begin(_ site: CallSite, at now: Timestamp) -> CallSpan {
        let span: any Span = tracer.startSpan(
            "DynamoDB." + site.operation.name, ofKind: .client, at: CallSpans.instant(now))
        span.updateAttributes { attributes in
            attributes["db.system.name"] = "aws.dynamodb"
            attributes["db.operation.name"] = site.operation.name
            attributes["rpc.system"] = "aws-api"
            attributes["rpc.service"] = "DynamoDB"
            attributes["rpc.method"] = site.operation.name
            attributes["server.address"] = serverAddress
            attributes["server.port"] = serverPort
            if !site.table.isEmpty { attributes["db.collection.name"] = site.table }
            let tables = site.table.isEmpty ? Set(site.tables).subtracting([""]).sorted() : [site.table]
            if !tables.isEmpty { attributes["aws.dynamodb.table_names"] = SpanAttribute.stringArray(tables) }
            if !site.index.isEmpty { attributes["aws.dynamodb.index_name"] = site.index }
            if site.options.consistentRead { attributes["aws.dynamodb.consistent_read"] = true }
            if !site.options.pattern.isEmpty { attributes["tidemark.pattern"] = site.options.pattern }
        }
        return CallSpan(span: span, spans: self)
    }

    static func instant(_ time: Timestamp) -> DefaultTracerClock.Timestamp {
        DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: UInt64(clamping: time.nanosecondsSince1970))
    }
}

extension CallSpans.CallSpan {
    /// Enters an attempt that has ended now.
    func enter(_ attempt: AttemptOutcome, endedAt now: Timestamp) {
        let began = now.advanced(by: .zero - attempt.duration)
        let child = spans.startAttempt(to: attempt.url, in: span.context, at: began)
        child.updateAttributes { attributes in
            attributes["http.request.method"] = "POST"
            attributes["url.full"] = attempt.url
            if attempt.number > 1 { attributes["http.request.resend_count"] = attempt.number - 1 }
            if let status = attempt.status { attributes["http.response.status_code"] = status }
            if let hedge = attempt.hedge { attributes["tidemark.hedge"] = hedge.rawValue }
            attributes["tidemark.connection.reused"] = attempt.phases.reusedConnection
            if let failure = attempt.failure {
                let status = attempt.status.flatMap { $0 >= 400 ? String($0) : nil }
                attributes["error.type"] = status ?? "\(failure)"
            }
        }
        // Of two attempts beside each other the slower one is cancelled: nothing went wrong.
        if let failure = attempt.failure, attempt.hedge == nil || failure != .cancelled {
            child.setStatus(SpanStatus(code: .error))
        }
        child.end(at: CallSpans.instant(now))
    }

    /// Ends the call's span. A condition that did not hold is an answer, not an error of the client.
    func end(_ call: CallReport, at now: Timestamp) {
        span.updateAttributes { attributes in
            attributes["tidemark.correlation_id"] = call.correlationID ?? ""
            attributes["tidemark.attempts"] = call.attempts
            if call.hedges > 0 { attributes["tidemark.hedges"] = call.hedges }
            if let requestID = call.requestID { attributes["aws.request_id"] = requestID }
            if !call.consumed.isEmpty {
                attributes["aws.dynamodb.consumed_capacity"] = SpanAttribute.stringArray(
                    call.consumed.map(\.spanText))
            }
            if let error = call.error {
                attributes["error.type"] = error.code.name
                if let code = error.underlying?.serviceCode {
                    attributes["db.response.status_code"] = code
                } else if let word = error.underlying?.code {
                    attributes["tidemark.client_code"] = word
                }
            }
        }
        if let error = call.error, error.code != .conditionFailed {
            span.setStatus(SpanStatus(code: .error, message: error.description))
        }
        span.end(at: CallSpans.instant(now))
    }
}

extension CallSpans {
    /// The address is the attempt's own: with account-based endpoints another than the call's.
    fileprivate func startAttempt(to url: String, in context: ServiceContext, at time: Timestamp) -> any Span {
        let (address, port) = CallSpans.server(of: url)
        let span: any Span = tracer.startSpan(
            "POST", context: context, ofKind: .client, at: CallSpans.instant(time))
        span.updateAttributes { attributes in
            attributes["server.address"] = address
            attributes["server.port"] = port
        }
        return span
    }
}

extension ConsumedCapacity {
    /// As JSON in the form of DynamoDB's answer, which is what the convention asks for.
    fileprivate var spanText: String {
        func number(_ units: CapacityUnits) -> String {
            let total = units.readMilliUnits + units.writeMilliUnits
            return "{\"CapacityUnits\":\(CallLog.thousandths(total))}"
        }
        var text = "{\"TableName\":\"\(table)\",\"CapacityUnits\":"
        let sum = total
        text += CallLog.thousandths(sum.readMilliUnits + sum.writeMilliUnits) + ",\"Table\":" + number(tableUnits)
        if !indexUnits.isEmpty {
            let parts = indexUnits.sorted { $0.key < $1.key }.map { "\"\($0.key)\":" + number($0.value) }
            text += ",\"GlobalSecondaryIndexes\":{" + parts.joined(separator: ",") + "}"
        }
        return text + "}"
    }
}
