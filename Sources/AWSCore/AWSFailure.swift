/// What kind of failure a call or an attempt met. The same names and order as the telemetry file's outcomes.
public enum FailureClass: UInt8, CaseIterable, Sendable {
    /// Refused for rate or capacity; nothing was done.
    case throttled
    /// A condition of the caller's own did not hold.
    case conditionFailed
    /// Another transaction held one of the items.
    case transactionConflict
    /// The service (or the check before the wire) refuses the request as it is written.
    case validation
    /// The credentials are good, but may not do this.
    case accessDenied
    /// There are no credentials, or they are expired, unknown or sign wrongly.
    case credentials
    /// The table, index or other resource is not there.
    case notFound
    /// The service failed.
    case server
    /// An attempt or the whole call took longer than it may.
    case timeout
    /// The connection could not be made or broke.
    case network
    /// The caller's task was cancelled.
    case cancelled
    /// Any other refusal that the caller's side has to mend.
    case client
    /// The answer is not what the service's protocol says.
    case malformedResponse
    /// The client did not ask: the table's circuit is open.
    case circuitOpen
}

/// Which of the retry policy's two scales a failure goes by, if it may be retried at all.
public enum RetryKind: Sendable, Hashable {
    /// Trying again cannot help.
    case never
    /// A passing fault: short back-off.
    case transient
    /// The service asks for less: long back-off.
    case throttling
}

/// Why a call to an AWS service failed, classified, after all its attempts.
///
/// `description` shows neither the answer's body nor, of DynamoDB, anything of the request that its message quotes.
public struct AWSFailure: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var `class`: FailureClass
    /// The service's error code without its name space: "ResourceNotFoundException"; our own word where it gave none.
    public var code: String
    /// The same where the answer has it; nil where `code` is our own word, or nothing was answered.
    public internal(set) var serviceCode: String?
    /// The service's message, or one sentence of ours.
    public var message: String
    /// The message without what it quotes of the request; nil where the whole may be shown.
    package var shownMessage: String?
    /// What of the message is the service's, or was taken from its answer; nil where all of it is ours.
    package var saidByService: String?
    /// The HTTP status, where there was an answer.
    public var status: Int?
    /// AWS's id of the last attempt, where there was an answer.
    public var requestID: String?
    /// Why the service throttled, where it says so.
    public var throttleReasons: [ThrottleDetail]
    /// Attempts made in all; 0 when nothing was sent.
    public var attempts: Int
    /// What the transport reported, where there was no usable answer.
    public var underlying: TransportError?
    /// Whether and how another attempt may help.
    public var retryKind: RetryKind
    /// The pause that the service asked for by `x-amz-retry-after`.
    public var retryAfter: Duration?
    /// The refused answer's body: it may hold keys and items, so that only who reads it on purpose sees them.
    public var errorBody: [UInt8]
    /// The service's clock when it answered, from the `Date` header.
    public var serverTime: Timestamp?
    /// Whether the service may have done the work although this attempt failed: all of the request left, and no answer came that
    /// says what became of it.
    public var isAmbiguous: Bool
    /// Whether the call's work may have been done, by this attempt or one before. Only of a write.
    public var mayHaveBeenApplied = false
    /// Whether making the call again cannot do its work twice.
    public var isRepeatable = true
    /// Why no other attempt followed; nil where none was made, or the caller gave up.
    public var retryEnd: RetryEnd?

    /// The URL that was asked last; empty where none was.
    package var url = ""

    /// Makes a failure; everything but the class and the texts may be left out.
    public init(
        class: FailureClass, code: String, message: String, status: Int? = nil, requestID: String? = nil,
        throttleReasons: [ThrottleDetail] = [], attempts: Int = 0, underlying: TransportError? = nil,
        retryKind: RetryKind = .never, retryAfter: Duration? = nil, errorBody: [UInt8] = [],
        serverTime: Timestamp? = nil, isAmbiguous: Bool = false
    ) {
        self.class = `class`
        self.code = code
        self.message = message
        saidByService = status == nil ? nil : message
        self.status = status
        self.requestID = requestID
        self.throttleReasons = throttleReasons
        self.attempts = attempts
        self.underlying = underlying
        self.retryKind = retryKind
        self.retryAfter = retryAfter
        self.errorBody = errorBody
        self.serverTime = serverTime
        self.isAmbiguous = isAmbiguous
    }

    func after(attempts: Int) -> AWSFailure {
        var failure = self
        failure.attempts = attempts
        return failure
    }

    /// The same as the call's last word.
    func ended(by end: RetryEnd) -> AWSFailure {
        var failure = self
        failure.retryEnd = end
        return failure
    }

    /// Whether another attempt may help.
    public var isRetryable: Bool { retryKind != .never }

    /// Whether it may have passed after a while although no other attempt follows by itself.
    var mayPass: Bool {
        guard retryKind == .never, code != AWSFailure.certificateRefused else { return false }
        switch self.class {
        case .throttled, .server, .timeout, .network: return true
        case .transactionConflict:
            return code != TransactionVerdict.cancelled || TransactionVerdict.isConflict(body: errorBody)
        default: return false
        }
    }

    /// The code, and the status where there was an answer: "InternalServerError, HTTP 500".
    var name: String { status.map { "\(code), HTTP \($0)" } ?? code }

    /// "ThrottlingException (400): Rate exceeded [request 1A2B, 4 attempts]".
    public var description: String {
        var text = code
        if let status { text += " (\(status))" }
        text += ": \((shownMessage ?? message).withoutControls)"
        var facts: [String] = []
        if let requestID { facts.append("request \(requestID)") }
        if attempts > 0 { facts.append("\(attempts) attempt\(attempts == 1 ? "" : "s")") }
        if let words = retryEnd?.words { facts.append(words) }
        if mayHaveBeenApplied { facts.append("may have been applied") }
        return facts.isEmpty ? text : text + " [\(facts.joined(separator: ", "))]"
    }
}

extension AWSFailure: CustomReflectable {
    /// `dump` and mirrors show no answer's body either.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
