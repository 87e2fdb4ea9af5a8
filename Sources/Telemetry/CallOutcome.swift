/// How a call or one of its attempts ended. The raw value is the counter's place in the telemetry file.
public enum CallOutcome: UInt8, CaseIterable, Sendable {
    /// The service answered as asked.
    case success = 0
    /// DynamoDB refused for lack of capacity.
    case throttled
    /// A condition of the write was not met: an answer, not a fault.
    case conditionFailed
    /// Another transaction held the item.
    case transactionConflict
    /// The request was refused as malformed.
    case validation
    /// The caller may not do this.
    case accessDenied
    /// No credentials, or expired ones.
    case credentials
    /// The table, index or resource does not exist.
    case notFound
    /// The service failed (5xx).
    case server
    /// No answer in the time allowed.
    case timeout
    /// The connection failed before an answer.
    case network
    /// The caller gave the call up.
    case cancelled
    /// The client refused the call before it was sent.
    case client
    /// An answer came that could not be understood.
    case malformedResponse
    /// The client did not ask: the table's circuit is open.
    case circuitOpen
}

/// Why DynamoDB throttled: the reasons of `ThrottlingReasons`, and one for a throttle that names none. The raw value is
/// the bit in ``AttemptRecord/throttleCauses`` and the counter's place in the telemetry file.
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing.html
public enum ThrottleCause: UInt8, CaseIterable, Sendable {
    case tableReadProvisionedThroughput = 0
    case tableReadAccountLimit
    case tableReadKeyRangeThroughput
    case tableReadMaxOnDemandThroughput
    case tableWriteProvisionedThroughput
    case tableWriteAccountLimit
    case tableWriteKeyRangeThroughput
    case tableWriteMaxOnDemandThroughput
    case indexReadProvisionedThroughput
    case indexReadAccountLimit
    case indexReadKeyRangeThroughput
    case indexReadMaxOnDemandThroughput
    case indexWriteProvisionedThroughput
    case indexWriteAccountLimit
    case indexWriteKeyRangeThroughput
    case indexWriteMaxOnDemandThroughput
    /// The answer named no reason that is known here.
    case unspecified

    /// The name on the wire: `TableReadKeyRangeThroughputExceeded`; `Unspecified` where none was given.
    public var wireName: String {
        guard self != .unspecified else { return "Unspecified" }
        let resource = rawValue & 8 == 0 ? "Table" : "Index"
        let direction = rawValue & 4 == 0 ? "Read" : "Write"
        let limits = ["ProvisionedThroughput", "AccountLimit", "KeyRangeThroughput", "MaxOnDemandThroughput"]
        return resource + direction + limits[Int(rawValue & 3)] + "Exceeded"
    }

    /// Whether one partition was asked for more than it can serve: the sign of a hot key.
    public var isKeyRange: Bool { self != .unspecified && rawValue & 3 == 2 }

    /// The mask with this cause alone, for ``AttemptRecord/throttleCauses``.
    public var mask: UInt32 { 1 << UInt32(rawValue) }
}

/// How many throttle causes the telemetry file counts apart: DynamoDB's 16 and `unspecified`.
public let throttleReasonCount = 17
