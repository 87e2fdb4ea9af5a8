package import AWSCore
package import CloudWatch
import Monitoring

/// Where batches go: CloudWatch, or a test's own.
package protocol MetricSink: Sendable {
    /// Sends one request with these datums, in one attempt: a repetition would hide that the first may have counted.
    func send(_ datums: [MetricDatum]) async -> SendOutcome

    /// How far the other side's clock was ahead of this host's wall clock at the last request's answer; nil when that did not
    /// say.
    var clockOffset: Duration? { get async }
}

extension MetricSink {
    package var clockOffset: Duration? { nil }
}

/// Sends batches to CloudWatch.
struct CloudWatchSink: MetricSink {
    let client: CloudWatchClient
    private let offset = Lock<Duration?>(nil)

    init(client: CloudWatchClient) { self.client = client }

    var clockOffset: Duration? { offset.withLock { $0 } }

    /// Time stamps follow this clock, so that a portal's or a proxy's does not count.
    private func note(serverTime: Timestamp?, isCloudWatchs: Bool) {
        guard let serverTime, isCloudWatchs || isWhatTheSignaturesFollow(serverTime) else { return }
        // The header has whole seconds, cut off: half a second more is the best guess.
        let ahead = client.caller.hooks.now().duration(to: serverTime.advanced(by: .milliseconds(500)))
        offset.withLock { $0 = ahead }
    }

    /// What a refused signature told of the clock, and the next one proved, is known already.
    private func isWhatTheSignaturesFollow(_ serverTime: Timestamp) -> Bool {
        let correction = client.caller.clockCorrection.nanosecondsCount
        guard correction != 0 else { return false }
        let ahead = client.caller.hooks.now().duration(to: serverTime).nanosecondsCount
        return (ahead - correction).magnitude <= AttemptLoop.skewTolerance.nanosecondsCount.magnitude
    }

    func send(_ datums: [MetricDatum]) async -> SendOutcome {
        offset.withLock { $0 = nil }
        var encoder = PutMetricDataEncoder(namespace: MetricCatalog.namespace)
        for datum in datums {
            do {
                guard try encoder.append(datum) else {
                    return .tooLarge(reason: "the request is over CloudWatch's limits")
                }
            } catch {
                return .refused(reason: error.description)
            }
        }
        do {
            let receipt = try await client.putMetricData(encodedBody: encoder.takeBody(), retry: .never)
            note(serverTime: receipt.serverTime, isCloudWatchs: true)
            return .acknowledged
        } catch {
            // AWS's answers have an id; a local server's have none, but nobody else finds a fault with a datum.
            note(serverTime: error.serverTime, isCloudWatchs: error.requestID != nil || error.class == .validation)
            return SendOutcome(error)
        }
    }
}

extension SendOutcome {
    /// Whether a refusal is for the time of the data, in the words of CloudWatch and of what stands in for it.
    static func isOfTimeStamps(_ reason: String) -> Bool {
        let words = reason.lowercased()
        return ["timestamp", "time stamp", "two weeks", "in the future"].contains { words.contains($0) }
    }

    /// What a failed request means for its batch.
    package init(_ failure: AWSFailure) {
        let reason = "\(failure.code): \(failure.message)"
        switch failure.class {
        case .validation where ["UnknownOperationException", "SerializationException"].contains(failure.code):
            // Not of a datum: whatever answers there is not CloudWatch, and would refuse every datum one by one.
            self = .later(reason: reason + "; check the endpoint", mayHaveCounted: false)
        case .validation:
            self = .refused(reason: reason)
        case .server:
            self = .later(reason: reason, mayHaveCounted: true)
        case .client where failure.status == 413, .malformedResponse where failure.status == 413:
            self = .tooLarge(reason: reason)
        case .malformedResponse where failure.status != nil:
            // Somebody else's page. The 300s and 400s are not passed on; with any other status CloudWatch may have been asked.
            let wasNotPassedOn = failure.status.map((300..<500).contains) ?? false
            self = .later(reason: reason, mayHaveCounted: !wasNotPassedOn)
        case .timeout, .network, .cancelled, .malformedResponse:
            let reached = failure.underlying.map { $0.sent == .all } ?? (failure.attempts > 0)
            self = reached ? .lost(reason: reason) : .later(reason: reason, mayHaveCounted: false)
        case .throttled, .conditionFailed, .transactionConflict, .accessDenied, .credentials, .notFound, .client,
            .circuitOpen:
            self = .later(reason: reason, mayHaveCounted: false)
        }
    }
}
