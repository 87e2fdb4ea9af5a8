public import TestSupport

/// What goes wrong with one request, instead of CloudWatch's answer or with it.
public struct CloudWatchFault: Sendable {
    /// What the client gets.
    public enum Answer: Sendable {
        /// An error of the service's own form.
        case error(CloudWatchError)
        /// A web page, as a proxy or a captive portal answers.
        case page(status: Int)
        /// JSON with status 200 from something that is not CloudWatch: it has no request id.
        case gateway(json: String)
        /// The answer that CloudWatch would give, taking this course on its way.
        case course(LoopbackAnswer.Course)
    }

    /// A name for messages.
    public var name: String
    /// Whether the request is checked and counted before it goes wrong.
    public var counts: Bool
    /// What the client gets.
    public var answer: Answer

    /// Puts a fault together.
    public init(_ name: String, counts: Bool, _ answer: Answer) {
        self.name = name
        self.counts = counts
        self.answer = answer
    }

    /// Whether the client cannot know that the request was not counted.
    public var mayHaveCounted: Bool {
        switch answer {
        case .error(let error): error.status >= 500
        case .page(let status): !(300..<500).contains(status)
        case .gateway, .course: true
        }
    }
}

extension CloudWatchFault {
    /// Throttled as the query protocol names it.
    public static let throttling = CloudWatchFault("Throttling", counts: false, .error(.throttling))
    /// Throttled as the JSON protocol names it.
    public static let throttlingException = CloudWatchFault(
        "ThrottlingException", counts: false, .error(.throttlingException))
    /// The service failed before it counted.
    public static let internalFault = CloudWatchFault("500", counts: false, .error(.internalFault))
    /// The service counted, then failed.
    public static let internalFaultAfterCounting = CloudWatchFault(
        "500 after counting", counts: true, .error(.internalFault))
    /// The service was not there.
    public static let unavailable = CloudWatchFault("503", counts: false, .error(.unavailable))
    /// The service counted, then was not there.
    public static let unavailableAfterCounting = CloudWatchFault(
        "503 after counting", counts: true, .error(.unavailable))
    /// The connection is reset before anything was counted.
    public static let reset = CloudWatchFault("reset", counts: false, .course(.reset))
    /// The connection is reset when all was counted.
    public static let resetAfterCounting = CloudWatchFault("reset after counting", counts: true, .course(.reset))
    /// The connection is closed in good order without an answer.
    public static let close = CloudWatchFault("close", counts: false, .course(.closeBeforeAnswer))
    /// The answer ends within its headers.
    public static let halfHead = CloudWatchFault("half a head", counts: true, .course(.closeInsideHead(bytes: 31)))
    /// The answer ends within its body.
    public static let halfBody = CloudWatchFault("half a body", counts: true, .course(.closeInsideBody(bytes: 1)))
    /// Takes the request and says nothing until the client gives up.
    public static let hang = CloudWatchFault("hang", counts: false, .course(.never))
    /// Counts the request and says nothing until the client gives up.
    public static let hangAfterCounting = CloudWatchFault("hang after counting", counts: true, .course(.never))
    /// Counts, then answers so slowly that the client gives up.
    public static let drip = CloudWatchFault(
        "drip after counting", counts: true, .course(.drip(pause: .milliseconds(40))))
    /// Bytes that are no HTTP.
    public static let garbage = CloudWatchFault(
        "garbage", counts: false, .course(.garbage(Array("SSH-2.0-OpenSSH_9.9\r\n".utf8))))
    /// A portal's page that says 200.
    public static let portalPage = CloudWatchFault("a page with 200", counts: false, .page(status: 200))
    /// A portal's redirect.
    public static let redirect = CloudWatchFault("a redirect", counts: false, .page(status: 302))
    /// A proxy that refuses.
    public static let forbiddenPage = CloudWatchFault("a page with 403", counts: false, .page(status: 403))
    /// A proxy that did not reach CloudWatch.
    public static let badGatewayPage = CloudWatchFault("a page with 502", counts: false, .page(status: 502))
    /// A proxy that gave up waiting for CloudWatch, which has counted.
    public static let gatewayTimeoutPage = CloudWatchFault("a page with 504", counts: true, .page(status: 504))
    /// A proxy that takes no body of this size.
    public static let tooLargePage = CloudWatchFault("a page with 413", counts: false, .page(status: 413))
    /// A gateway that says in JSON that all is well.
    public static let friendlyGateway = CloudWatchFault(
        "a gateway's 200", counts: false, .gateway(json: #"{"status":"ok"}"#))
    /// Another of AWS's services, or a server that speaks none of CloudWatch's JSON.
    public static let anotherService = CloudWatchFault(
        "another service", counts: false, .error(CloudWatchError(400, "UnknownOperationException", "")))
    /// Credentials that have expired, whoever sends them.
    public static let expiredToken = CloudWatchFault("ExpiredToken", counts: false, .error(.expiredToken))

    /// Everything that passes by itself and costs a client no waiting.
    public static let quickOnes: [CloudWatchFault] = [
        .throttling, .throttlingException, .internalFault, .internalFaultAfterCounting, .unavailable,
        .unavailableAfterCounting, .reset, .resetAfterCounting, .close, .halfHead, .halfBody, .garbage, .portalPage,
        .redirect, .forbiddenPage, .badGatewayPage, .gatewayTimeoutPage, .friendlyGateway, .anotherService,
        .expiredToken,
    ]
    /// Everything after which the client has waited for as long as it may.
    public static let slowOnes: [CloudWatchFault] = [.hang, .hangAfterCounting, .drip]
}
