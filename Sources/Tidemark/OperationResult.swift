internal import AWSCore
internal import Telemetry

/// What every operation gives beside its data: what it consumed, AWS's id of the request, how long it took, in how many
/// attempts.
public protocol OperationResult: Sendable {
    /// What the call consumed, by table, each with its indexes; empty where DynamoDB says nothing of it.
    var consumed: [ConsumedCapacity] { get }
    /// What is known of the call.
    var report: CallReport { get }
}

extension OperationResult {
    /// AWS's id of the last attempt, to be given to AWS support.
    public var requestID: String? { report.requestID }
    /// From the call until its result, retries and pauses included.
    public var duration: Duration { report.duration }
    /// How often the request was sent.
    public var attempts: Int { report.attempts }
}

/// What is known of one call that has ended.
///
/// Operations whose results have no room for it tell it to `CallOptions.onReport`.
public struct CallReport: Sendable {
    /// From the call until its result, retries and pauses included.
    public internal(set) var duration: Duration = .zero
    /// How often the request was sent; 0 where nothing was.
    public internal(set) var attempts = 0
    /// What the call consumed, by table.
    public internal(set) var consumed: [ConsumedCapacity] = []
    /// Why the call failed; nil for a success.
    public internal(set) var error: TidemarkError?
    /// The last answer's headers, read where somebody asks.
    var head: HTTPResponse.Head?

    init() {}

    init(_ record: CallRecord, _ head: HTTPResponse.Head?) {
        duration = .nanoseconds(Int64(clamping: record.durationNanoseconds))
        attempts = Int(record.attempts)
        self.head = head
    }

    /// AWS's id of the last attempt, where there was an answer.
    public var requestID: String? { error?.requestID ?? head?.header("x-amzn-requestid") }
}
