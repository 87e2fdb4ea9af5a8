internal import JSONBytes

extension AWSFailure {
    /// Classifies an answer that refuses the request.
    ///
    /// The error's name is the top-level `__type` or the header `X-Amzn-ErrorType`, after the last `#`; the name decides
    /// before the status does, since DynamoDB sends its throttles as 400.
    public init(refusal response: HTTPResponse) {
        let body = (try? JSONValue.parse(response.body)) ?? .null
        let named = AWSFailure.errorCode(header: response.header("x-amzn-errortype"), body: body)
        let reasons = AWSFailure.throttleDetails(in: body)
        var verdict = ErrorTable.verdict(code: named, status: response.status)
        if let cancellation = TransactionVerdict.of(code: named, body: body) { verdict.class = cancellation }
        var said = (body["message"] ?? body["Message"])?.stringValue
        let isService = named != nil || body.objectValue != nil
        if !isService, verdict.class == .client { verdict = Verdict(class: .malformedResponse, retryKind: .never) }
        self.init(
            class: verdict.class,
            code: named ?? "HTTP\(response.status)",
            message: AWSFailure.message(said: said, class: verdict.class, code: named, response: response),
            status: response.status,
            requestID: ServiceName.request(response.header("x-amzn-requestid")),
            throttleReasons: verdict.class == .throttled && reasons.isEmpty
                ? [ThrottleDetail(reason: .unspecified)] : reasons,
            retryKind: verdict.retryKind,
            retryAfter: response.header("x-amz-retry-after").flatMap { Int64($0) }.flatMap {
                $0 < 0 ? nil : .milliseconds($0)
            },
            errorBody: response.body,
            serverTime: response.header("date").flatMap { Timestamp(httpDate: $0) },
            isAmbiguous: response.status >= 500 && verdict.class != .throttled && response.isRequestSent)
        switch verdict.class {
        case .credentials: said = said.flatMap(AWSFailure.firstLine)
        case .malformedResponse: said = ServiceName.mediaType(response.header("content-type"))
        default: break
        }
        saidByService = said
        serviceCode = named
    }

    private static func firstLine(_ text: String) -> String? {
        text.split(whereSeparator: \.isNewline).first.map(String.init)
    }

    /// An answer that says success but cannot be read.
    ///
    /// One that names an error under a status of success is none of the service's, but of something between that changed it: its
    /// own answer is lost.
    public static func malformed(_ reason: String, response: HTTPResponse) -> AWSFailure {
        let body = (try? JSONValue.parse(response.body)) ?? .null
        if let named = body["__type"]?.stringValue {
            let code = errorCode(header: named, body: .null) ?? ""
            return malformed(
                "it says success by its status and \(code) in its body", code: "MalformedResponse", response: response,
                retryKind: .transient)
        }
        return malformed(reason, code: "MalformedResponse", response: response, retryKind: .never)
    }

    /// An answer whose status says success as no AWS service says it, such as 206 for a part.
    static func wrongSuccess(_ response: HTTPResponse) -> AWSFailure {
        malformed(
            "no AWS service answers with this status: check the endpoint and what stands between",
            code: "MalformedResponse",
            response: response, retryKind: .transient)
    }

    /// The code of an answer whose bytes are not those that were sent.
    public static let checksumMismatch = "ChecksumMismatch"

    /// An answer whose bytes do not have the checksum that it states.
    static func checksumMismatch(_ response: HTTPResponse) -> AWSFailure {
        malformed(
            "its bytes do not have the checksum of x-amz-crc32", code: checksumMismatch, response: response,
            retryKind: .transient)
    }

    /// What such an answer said of the work cannot be trusted, nor that it was done or not.
    private static func malformed(
        _ reason: String, code: String, response: HTTPResponse, retryKind: RetryKind
    ) -> AWSFailure {
        let page = code == checksumMismatch ? nil : webPage(response)
        var failure = AWSFailure(
            class: .malformedResponse, code: code,
            message: page
                ?? "the answer (status \(response.status), \(response.body.count) bytes) cannot be read: \(reason)",
            status: response.status, requestID: ServiceName.request(response.header("x-amzn-requestid")),
            retryKind: retryKind,
            isAmbiguous: response.isRequestSent)
        failure.saidByService = nil
        return failure
    }

    static func errorCode(header: String?, body: JSONValue) -> String? {
        let raw = (body["__type"] ?? body["code"] ?? body["Code"])?.stringValue ?? header
        guard let raw, !raw.isEmpty else { return nil }
        let afterHash = raw.split(separator: "#", omittingEmptySubsequences: false).last ?? ""
        let name = afterHash.split(separator: ":", omittingEmptySubsequences: false).first ?? ""
        return name.isEmpty ? nil : ServiceName.error(String(name))
    }

    static func throttleDetails(in body: JSONValue) -> [ThrottleDetail] {
        guard let list = (body["ThrottlingReasons"] ?? body["throttlingReasons"])?.arrayValue else { return [] }
        return list.map { entry in
            ThrottleDetail(
                reason: ThrottleReason(wireName: (entry["reason"] ?? entry["Reason"])?.stringValue ?? ""),
                resource: ServiceName.resource((entry["resource"] ?? entry["Resource"])?.stringValue ?? ""))
        }
    }

    private static func message(said: String?, class: FailureClass, code: String?, response: HTTPResponse) -> String {
        if code == nil, let words = standsBetween(response) { return words }
        return switch `class` {
        case .credentials:
            // The first line alone: of a wrong signature, AWS may quote the whole request with its session token.
            ErrorTable.credentialsAdvice(code: code ?? "")
                + (said.flatMap(firstLine).map { " (AWS says: \($0))" } ?? "")
        case .malformedResponse:
            webPage(response)
                ?? "status \(response.status) with a body that is not JSON (\(ServiceName.mediaType(response.header("content-type")) ?? "no type"), "
                + "\(response.body.count) bytes): check that the endpoint is an AWS service and no proxy answers for it"
        default: said ?? webPage(response) ?? "status \(response.status) without a message"
        }
    }

    /// What to say of an answer that whatever stands between gives: a redirect, or a proxy that wants to know who asks.
    private static func standsBetween(_ response: HTTPResponse) -> String? {
        switch response.status {
        case 300...399:
            guard let location = response.header("location") else { return nil }
            let target = " to \(AWSEndpoint.shown(location).prefix(200))"
            return
                "status \(response.status), a redirect\(target), which no AWS service sends and no signature can follow: check "
                + "the endpoint"
        case 407:
            let scheme = response.header("proxy-authenticate")?.prefix { $0.isLetter && $0.isASCII }.prefix(20) ?? ""
            return "status 407: a proxy demands a login\(scheme.isEmpty ? "" : " (\(scheme))")"
        default: return nil
        }
    }

    /// What to say of a web page in the place of an answer; nil where the body is none.
    private static func webPage(_ response: HTTPResponse) -> String? {
        let start = response.body.drop { $0 <= 0x20 }.prefix(14).map(\.asciiLowercased)
        guard start.starts(with: "<!doctype html".utf8) || start.starts(with: "<html".utf8) else { return nil }
        return
            "status \(response.status) with a web page of \(response.body.count) bytes, which no AWS service sends: a proxy, "
            + "or the login page of a network, answers in its place: check the endpoint and the way to it"
    }
}

/// What an error's name means.
struct Verdict: Equatable {
    var `class`: FailureClass
    var retryKind: RetryKind
}

/// The service's error names, each with its class and whether to try again. The throttling and transient names are the
/// SDKs' (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
enum ErrorTable {
    /// Any name with one of these is tried again, as the SDKs do.
    private static let transientStatuses: Set<Int> = [500, 502, 503, 504]

    /// Whether the name is one of those below, and no text of somebody else's.
    static func knows(_ code: String) -> Bool { byCode[code] != nil }

    static func verdict(code: String?, status: Int) -> Verdict {
        if let code, var known = byCode[code] {
            if known.retryKind == .never, transientStatuses.contains(status) { known.retryKind = .transient }
            return known
        }
        return switch status {
        case 408: Verdict(class: .timeout, retryKind: .transient)
        case 429: Verdict(class: .throttled, retryKind: .throttling)
        case 500, 502, 503, 504: Verdict(class: .server, retryKind: .transient)
        case 501, 505...599: Verdict(class: .server, retryKind: .never)
        case 404 where code != nil: Verdict(class: .notFound, retryKind: .never)
        case 401 where code != nil, 403 where code != nil: Verdict(class: .accessDenied, retryKind: .never)
        default: Verdict(class: .client, retryKind: .never)
        }
    }

    /// One sentence that says what to do about credentials which the service refused.
    static func credentialsAdvice(code: String) -> String {
        if expired.contains(code) {
            return
                "the AWS credentials are expired: renew them and start again, or give the process a source that renews"
        }
        if clock.contains(code) {
            return "the signature was refused: check the secret key, and that this machine's clock is right"
        }
        return "AWS does not accept these credentials: check the access key id, the secret key and the session token"
    }

    static let expired: Set<String> = ["ExpiredTokenException", "ExpiredToken", "TokenRefreshRequired"]
    private static let clock: Set<String> = [
        "InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed",
    ]

    /// Whether other credentials of the same source may be taken: those that were signed with have expired, were revoked, or
    /// are gone.
    static func mayBeStale(code: String) -> Bool { expired.contains(code) || unknown.contains(code) }

    private static let unknown: Set<String> = [
        "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId",
    ]

    /// Whether the service may have refused the request for the time in its signature.
    static func mayBeClockSkew(code: String) -> Bool { clock.contains(code) || code == "AuthFailure" }

    private static let byCode: [String: Verdict] = {
        var table: [String: Verdict] = [:]
        func add(_ class: FailureClass, _ retryKind: RetryKind, _ codes: [String]) {
            for code in codes { table[code] = Verdict(class: `class`, retryKind: retryKind) }
        }
        add(
            .throttled, .throttling,
            [
                "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
                "RequestThrottledException", "TooManyRequestsException", "ProvisionedThroughputExceededException",
                "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
                "PriorRequestNotComplete", "EC2ThrottledException",
            ])
        add(.timeout, .transient, ["RequestTimeout", "RequestTimeoutException"])
        add(
            .server, .never,
            ["InternalServerError", "InternalFailure", "InternalError", "ServiceUnavailable", "InternalServiceError"])
        add(.conditionFailed, .never, ["ConditionalCheckFailedException"])
        add(.transactionConflict, .never, ["TransactionConflictException", "TransactionCanceledException"])
        add(.transactionConflict, .throttling, ["TransactionInProgressException"])
        add(.transactionConflict, .transient, ["ReplicatedWriteConflictException"])
        add(
            .validation, .never,
            [
                "ValidationException", "ValidationError", "SerializationException", "UnknownOperationException",
                "ItemCollectionSizeLimitExceededException", "IdempotentParameterMismatchException",
                "DuplicateItemException", "InvalidParameterValue", "InvalidParameterCombination", "MissingParameter",
                "MissingRequiredParameterException", "InvalidParameterValueException",
                "InvalidParameterCombinationException", "InvalidFormat", "InvalidFormatFault",
                "InvalidParameterInput", "DashboardInvalidInputError",
            ])
        add(
            .accessDenied, .never,
            ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized", "OptInRequired"])
        add(
            .credentials, .never,
            Array(expired) + Array(clock) + Array(unknown) + [
                "AuthFailure", "MissingAuthenticationTokenException", "MissingAuthenticationToken",
                "IncompleteSignatureException",
                "IncompleteSignature",
            ])
        add(
            .notFound, .never,
            [
                "ResourceNotFoundException", "ResourceNotFound", "TableNotFoundException", "IndexNotFoundException",
                "DashboardNotFoundError",
            ])
        add(.client, .never, ["ResourceInUseException", "LimitExceeded", "LimitExceededFault"])
        return table
    }()
}

/// What a cancelled transaction's reasons make of it: a caller's own condition first, since trying again cannot mend it.
/// Like the SDKs, the loop leaves trying again to the caller, who sees the reasons.
/// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
enum TransactionVerdict {
    static let cancelled = "TransactionCanceledException"

    /// Whether another transaction held one of the items.
    static func isConflict(body: [UInt8]) -> Bool {
        (try? JSONValue.parse(body)).map { codes(in: $0).contains("TransactionConflict") } ?? false
    }

    private static func codes(in body: JSONValue) -> Set<String> {
        Set((body["CancellationReasons"]?.arrayValue ?? []).compactMap { $0["Code"]?.stringValue })
    }

    static func of(code: String?, body: JSONValue) -> FailureClass? {
        guard code == cancelled else { return nil }
        let codes = codes(in: body)
        return
            if codes.contains("ValidationError") || codes.contains("ItemCollectionSizeLimitExceeded")
        {
            .validation
        } else if codes.contains("ConditionalCheckFailed") {
            .conditionFailed
        } else if codes.contains("ProvisionedThroughputExceeded") || codes.contains("ThrottlingError") {
            .throttled
        } else {
            .transactionConflict
        }
    }
}
