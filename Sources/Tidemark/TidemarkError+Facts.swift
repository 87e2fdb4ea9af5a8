public import AWSCore

/// In which phase of an attempt the network failed.
public enum NetworkPhase: String, Sendable, Hashable, CaseIterable {
    /// Looking the host's name up.
    case dns
    /// Connecting.
    case connect
    /// The TLS handshake.
    case tls
    /// Sending the request: it did not leave as a whole.
    case send
    /// Receiving the answer: the request had left.
    case receive
}

/// Which limit ran out.
public enum TimeLimit: String, Sendable, Hashable, CaseIterable {
    /// The attempt's, while it waited for a free connection.
    case queue
    /// `Timeouts.connect`
    case connect
    /// `Timeouts.firstByte`
    case firstByte
    /// `Timeouts.attempt`
    case attempt
    /// The whole call's, with its retries and pauses.
    case call
    /// The service's own: it did not get the request in time.
    case service
}

extension TidemarkError {
    /// Whether the same call may simply be made again: it may succeed then, and cannot do its work twice.
    public var isRetryable: Bool {
        if let underlying, underlying.mayHaveBeenApplied, !underlying.isRepeatable { return false }
        switch code {
        // Credentials' source may only be in trouble; no HTTP at all may be one connection's fault, another service's answer is
        // not; DynamoDB says by its name whether a limit is one of the moment.
        case .credentials, .malformedResponse, .limitExceeded: return underlying?.isRetryable ?? false
        // Nothing was sent, and other calls give their connections back.
        case .client: return underlying?.underlying?.code == .noDescriptors
        // Whom the other side's certificate does not convince, it will not convince.
        case .network: return underlying?.code != AWSFailure.certificateRefused
        case .throttled, .server, .timeout, .transactionConflict, .transactionInProgress, .circuitOpen,
            .checksumMismatch:
            return true
        default: return false
        }
    }

    /// Whether the write may have been done although it failed: an answer was lost on the way. Also a failed condition may
    /// then be the work of the call's own first attempt. Read the item before trying again.
    public var mayHaveBeenApplied: Bool { underlying?.mayHaveBeenApplied ?? false }

    /// Why no other attempt followed the last one; nil where nothing was sent, or the caller gave up: cancelled the task or shut
    /// the client down.
    public var retryEnd: RetryEnd? { underlying?.retryEnd }

    /// The last answer's HTTP status, where there was one.
    public var httpStatus: Int? { underlying?.status }

    /// What the service, or the client's open circuit, asks to wait before the next try.
    public var retryAfter: Duration? { underlying?.retryAfter }

    /// Where the network failed; nil for any other failure.
    public var networkPhase: NetworkPhase? {
        guard code == .network, let error = underlying?.underlying else { return nil }
        switch error.code {
        case .dns: return .dns
        case .connect: return .connect
        case .tls, .certificate: return .tls
        case .truncated: return .receive
        default:
            return switch error.sent {
            case .nothing: .connect
            case .part: .send
            case .all: .receive
            }
        }
    }

    /// Which limit ran out; nil for any other failure.
    public var timeLimit: TimeLimit? {
        guard code == .timeout else { return nil }
        if underlying?.code == AWSFailure.callTimeoutCode { return .call }
        guard case .timeout(let kind) = underlying?.underlying?.code else {
            return underlying == nil ? .call : .service
        }
        switch kind {
        case .queue: return .queue
        case .connect: return .connect
        case .firstByte: return .firstByte
        case .attempt: return .attempt
        }
    }
}
