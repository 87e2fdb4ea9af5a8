package import AWSCore
package import CloudWatch
import Monitoring

/// Where batches go: CloudWatch, or a test's own.
package protocol MetricSink: Sendable {
    /// Sends one request with these datums, in one attempt: a repetition would hide that the first may have counted.
    func send(_ datums: [MetricDatum]) async -> SendOutcome
}

/// Sends batches to CloudWatch.
struct CloudWatchSink: MetricSink {
    let client: CloudWatchClient

    func send(_ datums: [MetricDatum]) async -> SendOutcome {
        var encoder = PutMetricDataEncoder(namespace: MetricCatalog.namespace)
        for datum in datums {
            do {
                guard try encoder.append(datum) else {
                    return .refused(reason: "the request is over CloudWatch's limits")
                }
            } catch {
                return .refused(reason: error.description)
            }
        }
        do {
            _ = try await client.putMetricData(encodedBody: encoder.body(), retry: .never)
            return .acknowledged
        } catch {
            return SendOutcome(error)
        }
    }
}

extension SendOutcome {
    /// What a failed request means for its batch.
    package init(_ failure: AWSFailure) {
        let reason = "\(failure.code): \(failure.message)"
        switch failure.class {
        case .validation:
            self = .refused(reason: reason)
        case .server:
            self = .later(reason: reason, mayHaveCounted: true)
        case .malformedResponse where failure.status != nil:
            // Somebody else's page. The 300s and 400s are not passed on; with any other status CloudWatch may have been asked.
            let wasNotPassedOn = failure.status.map((300..<500).contains) ?? false
            self = .later(reason: reason, mayHaveCounted: !wasNotPassedOn)
        case .timeout, .network, .cancelled, .malformedResponse:
            let reached = failure.underlying?.requestMayHaveReachedServer ?? (failure.attempts > 0)
            self = reached ? .lost(reason: reason) : .later(reason: reason, mayHaveCounted: false)
        case .client where failure.status == 413:
            // The body is too large: half of it may do.
            self = .refused(reason: reason)
        case .throttled, .conditionFailed, .transactionConflict, .accessDenied, .credentials, .notFound, .client:
            self = .later(reason: reason, mayHaveCounted: false)
        }
    }
}
