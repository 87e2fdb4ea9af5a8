extension AWSFailure {
    /// What a transport's error means for the call.
    public init(_ error: TransportError) {
        let verdict = AWSFailure.verdict(on: error.code)
        self.init(
            class: verdict.class, code: verdict.code, message: error.message, underlying: error,
            retryKind: verdict.retryKind, isAmbiguous: error.sent == .all)
    }

    private static func verdict(
        on code: TransportError.Code
    ) -> (class: FailureClass, code: String, retryKind: RetryKind) {
        switch code {
        case .dns: (.network, "NameResolutionFailed", .transient)
        case .connect: (.network, "ConnectionFailed", .transient)
        case .tls: (.network, "TLSHandshakeFailed", .transient)
        case .certificate: (.network, AWSFailure.certificateRefused, .never)
        case .connectionReset: (.network, "ConnectionReset", .transient)
        case .truncated: (.network, "ResponseTruncated", .transient)
        case .timeout(.queue): (.timeout, "QueueTimeout", .transient)
        case .timeout(.connect): (.timeout, "ConnectTimeout", .transient)
        case .timeout(.firstByte): (.timeout, "FirstByteTimeout", .transient)
        case .timeout(.attempt): (.timeout, "AttemptTimeout", .transient)
        case .tooLarge: (.malformedResponse, "ResponseTooLarge", .never)
        case .malformedResponse: (.malformedResponse, "NotHTTP", .transient)
        case .cancelled: (.cancelled, "Cancelled", .never)
        case .noDescriptors: (.client, "NoDescriptors", .transient)
        case .queueFull: (.client, "TransportQueueFull", .never)
        case .shutDown: (.client, "TransportShutDown", .never)
        case .invalidRequest: (.client, "InvalidRequest", .never)
        case .other: (.network, "TransportFailed", .transient)
        }
    }

    /// The code of a connection whose other side could not show that it is who it should be. It stays so until a person mends it,
    /// so that it is not tried again, other than botocore, which takes it for any broken connection.
    public static let certificateRefused = "CertificateRefused"

    /// The failure of a call whose task was cancelled between two attempts or before the first.
    public static let cancellation = AWSFailure(
        class: .cancelled, code: "Cancelled", message: "the caller's task was cancelled")

    /// The failure of a call that has used up its time.
    ///
    /// - Parameter when: at what it was, and what to do.
    public static func callTimeout(
        _ limit: Duration, _ when: String = "before an attempt could start: allow the call more time"
    ) -> AWSFailure {
        AWSFailure(
            class: .timeout, code: callTimeoutCode, message: "the call's time-out of \(limit) was used up \(when)"
        ).ended(by: .noTimeLeft)
    }

    /// The code of a call that has used up its time.
    public static let callTimeoutCode = "CallTimeout"

    /// The failure of a call whose turn at the client's own rate would come too late.
    public static let sendRateTooLow = AWSFailure(
        class: .throttled, code: "SendRateTooLow",
        message:
            "the client's own rate, lowered by throttles (adaptive mode), lets this call go only after its time-out",
        throttleReasons: [ThrottleDetail(reason: .unspecified)]
    ).ended(by: .noTimeLeft)

    /// The failure of a call that was not made because its table's circuit is open.
    ///
    /// - Parameters:
    ///   - wait: until the next probe; zero while one is under way, whose end nobody knows: no time is asked for then, lest a caller ask
    ///     again and again.
    ///   - cause: what the attempt met that opened it.
    static func circuitOpen(_ key: CircuitKey, for wait: Duration, cause: String) -> AWSFailure {
        let what = "\(key.isWrite ? "writes" : "reads")\(key.table.isEmpty ? "" : " of \(key.table)")"
        let when = wait > .zero ? "the next probe goes in \(wait.formattedSeconds) s" : "a probe is under way"
        return AWSFailure(
            class: .circuitOpen, code: "CircuitOpen",
            message: "\(what) failed too often (at last: \(cause)) and are held back for a moment: \(when)",
            retryAfter: wait > .zero ? wait : nil)
    }

    /// The failure of a call for which no credentials could be had; it may help to make the call again where their source is
    /// only in trouble.
    public static func noCredentials(_ error: AWSConfigurationError) -> AWSFailure {
        AWSFailure(
            class: .credentials, code: "NoCredentials", message: error.message,
            retryKind: error.isPassing ? .transient : .never)
    }
}

extension Duration {
    /// Seconds with three decimals: "1.250".
    var formattedSeconds: String {
        let milliseconds = Int64(self / .milliseconds(1))
        let decimals = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: max(0, 3 - decimals.count)) + decimals
    }
}
