public import AWSCore

/// What a caller may say about one call. Every part has a default.
public struct CallOptions: Sendable {
    /// Reads see every write that was answered before; costs twice as much. Not for indexes. Default false.
    public var consistentRead: Bool
    /// The contract's access pattern that the call serves, such as "AP11": what its measurements are filed under.
    public var pattern: String
    /// The caller's own id of the unit of work; a random one is made where none is given.
    public var correlationID: String?
    /// Limits of each attempt; the client's where none are given.
    public var timeouts: Timeouts?
    /// Limit of the whole call with its retries and pauses; the client's where none is given.
    public var callTimeout: Duration?
    /// How failed attempts are repeated; the client's policy where none is given.
    public var retry: RetryPolicy?
    /// Whether a write whose answer was lost is sent again although that may do its work twice; the client's setting
    /// where nothing is said.
    public var retriesUnsafeWrites: Bool?
    /// Whether a read that is slow gets a second attempt beside the first; the client's setting where nothing is said.
    public var isHedged: Bool?
    /// Told once of what is known of the call when it has ended, before its result is given; it must be quick.
    public var onReport: (@Sendable (CallReport) -> Void)?
    /// Whether finding nothing is an answer like any other, not worth a warning.
    package var expectsNotFound = false
    /// A finding of a check before the call: the call fails with it, is measured and logged, and nothing is sent.
    package var refusal: TidemarkError?

    /// Makes options; what is not said is the default.
    public init(
        consistentRead: Bool = false, pattern: String = "", correlationID: String? = nil, timeouts: Timeouts? = nil,
        callTimeout: Duration? = nil, retry: RetryPolicy? = nil, retriesUnsafeWrites: Bool? = nil,
        isHedged: Bool? = nil, onReport: (@Sendable (CallReport) -> Void)? = nil
    ) {
        self.consistentRead = consistentRead
        self.pattern = pattern
        self.correlationID = correlationID
        self.timeouts = timeouts
        self.callTimeout = callTimeout
        self.retry = retry
        self.retriesUnsafeWrites = retriesUnsafeWrites
        self.isHedged = isHedged
        self.onReport = onReport
    }

    /// Options that name the access pattern only.
    public static func pattern(_ id: String) -> CallOptions { CallOptions(pattern: id) }

    /// Options that ask for a consistent read only.
    public static let consistent = CallOptions(consistentRead: true)
}
