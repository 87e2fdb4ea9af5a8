internal import AWSCore
internal import Telemetry

/// What every operation gives beside its data: what it consumed, AWS's id of the request, how long it took, in how many
/// attempts.
public protocol OperationResult: Sendable {
    /// What is known of the call.
    var report: CallReport { get }
}

extension OperationResult {
    /// What the call consumed, by table, each with its indexes; empty where DynamoDB says nothing of it.
    public var consumed: [ConsumedCapacity] { report.consumed }
    /// AWS's id of the last attempt, to be given to AWS support.
    public var requestID: String? { report.requestID }
    /// From the call until its result, retries and pauses included.
    public var duration: Duration { report.duration }
    /// How often the request was sent.
    public var attempts: Int { report.attempts }
}

/// What is known of one call that has ended: the one view of it, for its caller as for logs, spans and metrics.
///
/// Operations whose results have no room for it tell it to `CallOptions.onReport`.
public struct CallReport: Sendable {
    /// What is counted of the call in the telemetry file.
    var record = CallRecord(durationNanoseconds: 0, outcome: .success, attempts: 0)
    /// Attempts that went beside a slow one; `attempts` has them too.
    public internal(set) var hedges = 0
    /// What the call consumed, by table.
    public internal(set) var consumed: [ConsumedCapacity] = []
    /// The id that the call's log line, its span and its error carry; nil for a success of which nobody was told.
    public internal(set) var correlationID: String?
    /// Why the call failed; nil for a success.
    public internal(set) var error: TidemarkError? {
        get { boxedError?.value }
        set { boxedError = newValue.map { Boxed($0) } }
    }
    private var boxedError: Boxed<TidemarkError>?
    /// Where the last attempt went, where that need not be the client's endpoint.
    var accountURL: String?
    /// The last answer's headers, read where somebody asks.
    var head: HTTPResponse.Head?

    init() {}

    /// From the call until its result, retries and pauses included.
    public var duration: Duration { .nanoseconds(Int64(clamping: record.durationNanoseconds)) }
    /// How often the request was sent; 0 where nothing was.
    public var attempts: Int { Int(record.attempts) }
    /// AWS's id of the last attempt, where there was an answer.
    public var requestID: String? { error?.requestID ?? ServiceName.request(head?.header("x-amzn-requestid")) }
    /// "success", or the name of what it failed with.
    var outcome: String { error?.code.name ?? "success" }
    /// What it consumed on all tables and indexes.
    var units: CapacityUnits { consumed.reduce(CapacityUnits()) { $0 + $1.total } }
}
