internal import AWSCore
internal import Synchronization

/// One request on its way through the loop.
///
/// Sendable because access is in turns: the caller's task makes it and hands it over through the mailbox's lock, then
/// only the loop's thread touches it, up to the one call of `finish`. `isCancelled` is atomic for everybody.
final class Transfer: @unchecked Sendable {
    typealias Outcome = Result<HTTPResponse, TransportError>

    let request: HTTPRequest
    let prepared: PreparedRequest
    /// Scheme, host and port.
    let origin: String
    let submittedAt: Int64
    /// When the whole attempt's time ends.
    let deadline: Int64
    let isCancelled = Atomic<Bool>(false)
    /// Set before the hand-over; nil once resumed. Checked, since the thread sanitizer reports the unsafe kind, wrongly,
    /// where the answer comes before the caller has suspended: that ordering is inside Swift's runtime.
    var continuation: CheckedContinuation<Outcome, Never>?

    init(_ request: HTTPRequest, prepared: PreparedRequest, origin: String, submittedAt: Int64) {
        self.request = request
        self.prepared = prepared
        self.origin = origin
        self.submittedAt = submittedAt
        deadline = Monotonic.adding(request.timeouts.attempt, to: submittedAt)
    }

    /// Gives the request's place back, then answers the caller, who may send again at once.
    func finish(_ outcome: Outcome, releasing mailbox: Mailbox) {
        guard let continuation else { return }
        self.continuation = nil
        mailbox.release()
        continuation.resume(returning: outcome)
    }

    /// For a sender who came after the shutdown: the loop has never seen this transfer.
    func refuseAfterShutdown(_ mailbox: Mailbox) {
        finish(.failure(Transfer.shutDownError), releasing: mailbox)
    }

    static let shutDownError = TransportError(
        code: .shutDown, message: "the transport is shut down: send before shutdown() or make a new one",
        wasTried: false)

    /// The error of a transfer that never left the queue.
    func failureInQueue(_ code: TransportError.Code, _ message: String, now: Int64) -> TransportError {
        let waited: Duration = .nanoseconds(now - submittedAt)
        return TransportError(
            code: code, message: "\(origin): \(message)",
            phases: AttemptPhases(queue: waited, total: waited), wasTried: false)
    }
}
