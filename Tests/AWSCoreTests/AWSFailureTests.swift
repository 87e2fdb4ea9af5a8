import AWSCore
import Testing

struct AWSFailureTests {
    /// What was not wholly sent cannot have been done, whatever the answer is.
    @Test(arguments: [true, false])
    func aFaultThatCameBeforeTheRequestHadLeftIsNotAmbiguous(isSent: Bool) {
        var response = HTTPResponse(status: 500)
        response.isRequestSent = isSent
        #expect(AWSFailure(refusal: response).isAmbiguous == isSent)
        response.status = 200
        #expect(AWSFailure.malformed("no value", response: response).isAmbiguous == isSent)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var code: String
        var status = 400
        var `class`: FailureClass
        var retry = RetryKind.never

        var testDescription: String { "\(code) \(status)" }
    }

    static let refusals: [Refusal] = [
        Refusal(code: "ProvisionedThroughputExceededException", class: .throttled, retry: .throttling),
        Refusal(code: "ThrottlingException", class: .throttled, retry: .throttling),
        Refusal(code: "RequestLimitExceeded", class: .throttled, retry: .throttling),
        Refusal(code: "LimitExceededException", class: .throttled, retry: .throttling),
        Refusal(code: "SlowDown", status: 503, class: .throttled, retry: .throttling),
        Refusal(code: "ConditionalCheckFailedException", class: .conditionFailed),
        Refusal(code: "TransactionConflictException", class: .transactionConflict),
        Refusal(code: "TransactionCanceledException", class: .transactionConflict),
        Refusal(code: "TransactionInProgressException", class: .transactionConflict, retry: .throttling),
        Refusal(code: "ValidationException", class: .validation),
        Refusal(code: "SerializationException", class: .validation),
        Refusal(code: "ItemCollectionSizeLimitExceededException", class: .validation),
        Refusal(code: "AccessDeniedException", class: .accessDenied),
        Refusal(code: "ExpiredTokenException", class: .credentials),
        Refusal(code: "UnrecognizedClientException", class: .credentials),
        Refusal(code: "InvalidSignatureException", class: .credentials),
        Refusal(code: "MissingAuthenticationTokenException", class: .credentials),
        Refusal(code: "ResourceNotFoundException", class: .notFound),
        Refusal(code: "ResourceInUseException", class: .client),
        Refusal(code: "InternalServerError", status: 500, class: .server, retry: .transient),
        Refusal(code: "ServiceUnavailable", status: 503, class: .server, retry: .transient),
        Refusal(code: "RequestTimeoutException", class: .timeout, retry: .transient),
        Refusal(code: "SomethingNew", class: .client),
        Refusal(code: "SomethingNew", status: 403, class: .accessDenied),
        Refusal(code: "SomethingNew", status: 502, class: .server, retry: .transient),
        Refusal(code: "SomethingNew", status: 501, class: .server),
    ]

    @Test(arguments: refusals) func anErrorsNameDecides(refusal: Refusal) {
        let bodies = [
            #"{"__type":"com.amazonaws.dynamodb.v20120810#\#(refusal.code)","message":"m"}"#,
            #"{"__type":"\#(refusal.code)","Message":"m"}"#,
        ]
        for body in bodies {
            let failure = AWSFailure(refusal: HTTPResponse(status: refusal.status, body: Array(body.utf8)))
            #expect(failure.code == refusal.code)
            #expect(failure.class == refusal.class)
            #expect(failure.retryKind == refusal.retry)
            #expect(failure.message.contains("m"))
        }
    }

    @Test func theHeaderNamesTheErrorWhereTheBodyDoesNot() {
        let response = HTTPResponse(
            status: 400,
            headers: [
                HTTPHeader(name: "X-Amzn-ErrorType", value: "ResourceNotFoundException:http://internal.amazon.com/x/"),
                HTTPHeader(name: "x-amzn-RequestId", value: "R1"),
            ])
        let failure = AWSFailure(refusal: response)
        #expect(failure.code == "ResourceNotFoundException")
        #expect(failure.class == .notFound)
        #expect(failure.requestID == "R1")
    }

    @Test(arguments: [
        (302, "", FailureClass.malformedResponse, RetryKind.never),
        (403, "<html>proxy</html>", .malformedResponse, .never),
        (404, "not here", .malformedResponse, .never),
        (400, #"{"__type":"com.ama"#, .malformedResponse, .never),
        (429, "slow", .throttled, .throttling),
        (408, "", .timeout, .transient),
        (500, "<html>", .server, .transient),
        (503, "", .server, .transient),
        (400, "{}", .client, .never),
        (400, "[]", .malformedResponse, .never),
        (400, "\u{0}\u{1}", .malformedResponse, .never),
    ])
    func aBodyThatIsNoErrorIsClassifiedByItsStatus(
        status: Int, body: String, expected: FailureClass, retry: RetryKind
    ) {
        let failure = AWSFailure(refusal: HTTPResponse(status: status, body: Array(body.utf8)))
        #expect(failure.class == expected)
        #expect(failure.retryKind == retry)
        #expect(!failure.message.isEmpty)
    }

    /// A network that wants a login answers everything with its page, and says that all is well.
    @Test(
        arguments: [200, 302, 403, 502],
        ["<html><body>log in</body></html>", "\r\n<!DOCTYPE HTML>\n<html>log in</html>"])
    func aWebPageIsNamed(status: Int, body: String) {
        let response = HTTPResponse(status: status, body: Array(body.utf8))
        let failure =
            status == 200
            ? AWSFailure.malformed("a value was expected", response: response) : AWSFailure(refusal: response)
        #expect(failure.class == (status == 502 ? .server : .malformedResponse))
        #expect(
            failure.message
                == "status \(status) with a web page of \(body.utf8.count) bytes, which no AWS service sends: a "
                + "proxy, or the login page of a network, answers in its place: check the endpoint and the way to it")
    }

    @Test func anythingElseIsNoWebPage() {
        let failure = AWSFailure.malformed(
            "a value was expected", response: HTTPResponse(status: 200, body: [0x3C, 0x41]))
        #expect(failure.message == "the answer (status 200, 2 bytes) cannot be read: a value was expected")
    }

    @Test func throttlingReasonsAreReadInBothSpellings() {
        let arn = "arn:aws:dynamodb:eu-west-1:1:table/T/index/G1"
        for key in ["ThrottlingReasons", "throttlingReasons"] {
            let body =
                #"{"__type":"x#ThrottlingException","message":"m","\#(key)":[{"reason":"IndexWriteKeyRangeThroughputExceeded","#
                + #""resource":"\#(arn)"},{"reason":"Unheard"}]}"#
            let failure = AWSFailure(refusal: HTTPResponse(status: 400, body: Array(body.utf8)))
            #expect(failure.throttleReasons.map(\.reason) == [.indexWriteKeyRangeThroughput, .unspecified])
            #expect(failure.throttleReasons.first?.indexName == "G1")
            #expect(failure.throttleReasons.last?.indexName == nil)
        }
    }

    @Test func aThrottleWithoutReasonsHasAnUnspecifiedOne() {
        let body = Array(#"{"__type":"ThrottlingException"}"#.utf8)
        #expect(
            AWSFailure(refusal: HTTPResponse(status: 400, body: body)).throttleReasons.map(\.reason) == [.unspecified])
    }

    @Test func everyThrottleReasonKeepsItsName() {
        #expect(ThrottleReason.allCases.count == 17)
        for reason in ThrottleReason.allCases {
            #expect(ThrottleReason(wireName: reason.wireName) == reason)
            #expect(reason.isKeyRange == reason.wireName.contains("KeyRange"))
        }
        #expect(ThrottleReason.tableWriteAccountLimit.wireName == "TableWriteAccountLimitExceeded")
    }

    @Test(arguments: [
        (["ConditionalCheckFailed", "None"], FailureClass.conditionFailed),
        (["None", "TransactionConflict"], .transactionConflict),
        (["ThrottlingError", "TransactionConflict"], .throttled),
        (["ConditionalCheckFailed", "ThrottlingError"], .conditionFailed),
        (["ValidationError", "ConditionalCheckFailed"], .validation),
    ])
    func aCancelledTransactionIsWhatItsReasonsAre(codes: [String], expected: FailureClass) {
        let reasons = codes.map { #"{"Code":"\#($0)"}"# }.joined(separator: ",")
        let body = #"{"__type":"x#TransactionCanceledException","CancellationReasons":[\#(reasons)]}"#
        let failure = AWSFailure(refusal: HTTPResponse(status: 400, body: Array(body.utf8)))
        #expect(failure.class == expected)
        #expect(!failure.isRetryable)
    }

    @Test func expiredCredentialsGetOneClearSentence() {
        let body = Array(#"{"__type":"x#ExpiredTokenException","message":"The security token is expired"}"#.utf8)
        let failure = AWSFailure(refusal: HTTPResponse(status: 400, body: body))
        #expect(
            failure.message
                == "the AWS credentials are expired: renew them and start again, or give the process a source that renews "
                + "(AWS says: The security token is expired)")
    }

    @Test func transportErrorsKeepTheirMeaning() {
        let table: [(TransportError.Code, FailureClass, Bool)] = [
            (.dns, .network, true), (.connect, .network, true), (.tls, .network, true),
            (.certificate, .network, false), (.connectionReset, .network, true), (.truncated, .network, true),
            (.timeout(.attempt), .timeout, true),
            (.tooLarge, .malformedResponse, false), (.malformedResponse, .malformedResponse, true),
            (.cancelled, .cancelled, false), (.queueFull, .client, false), (.shutDown, .client, false),
            (.invalidRequest, .client, false), (.other, .network, true), (.noDescriptors, .client, true),
        ]
        for (code, expected, retryable) in table {
            let failure = AWSFailure(TransportError(code: code, message: "m"))
            #expect(failure.class == expected)
            #expect(failure.isRetryable == retryable)
            #expect(failure.underlying?.code == code)
        }
    }

    @Test func theDescriptionShowsNoBody() {
        let body = Array(
            #"{"__type":"x#ConditionalCheckFailedException","message":"no","Item":{"a":{"S":"secret"}}}"#.utf8)
        let failure = AWSFailure(refusal: HTTPResponse(status: 400, body: body))
        #expect("\(failure)" == "ConditionalCheckFailedException (400): no")
        #expect(failure.errorBody == body)
        var dumped = ""
        dump(failure, to: &dumped)
        #expect(dumped.contains("ConditionalCheckFailedException") && !dumped.contains("\(body[0])"))
    }

    @Test(arguments: [
        ("Mon, 23 Nov 2026 23:10:00 GMT", Int64(1_795_475_400)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
    ])
    func httpDatesAreRead(text: String, seconds: Int64) {
        #expect(Timestamp(httpDate: text) == Timestamp(secondsSince1970: seconds))
    }

    @Test(arguments: [
        "", "yesterday", "Mon, 23 Nov 2026", "Mon, 23 Nov 2026 25:10:00 GMT", "Mon, 23 Nov 2026 23:10:00 CET",
    ])
    func otherDatesAreNot(text: String) {
        #expect(Timestamp(httpDate: text) == nil)
    }
}

struct CRC32Tests {
    @Test(arguments: [
        ("", UInt32(0)), ("123456789", 0xCBF4_3926), ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
    ])
    func checksumsAreThoseOfTheStandard(text: String, checksum: UInt32) {
        #expect(CRC32.checksum(Array(text.utf8)) == checksum)
    }

    @Test func anyFlippedBitIsSeen() {
        let bytes = Array("{\"Item\":{\"id\":{\"S\":\"a\"}}}".utf8)
        let right = CRC32.checksum(bytes)
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                #expect(CRC32.checksum(damaged) != right)
            }
        }
    }
}
