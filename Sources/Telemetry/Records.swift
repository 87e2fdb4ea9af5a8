/// One attempt on the wire: a call has one for each time its request was sent.
public struct AttemptRecord: Sendable {
    /// Time from the send until its answer or failure.
    public var durationNanoseconds: UInt64
    /// How the attempt ended.
    public var outcome: CallOutcome
    /// Bits of ``ThrottleCause/mask``; 0 when it was not throttled.
    public var throttleCauses: UInt32
    /// Bytes of the request, headers included.
    public var bytesSent: UInt64
    /// Bytes of the answer, headers included.
    public var bytesReceived: UInt64
    /// Whether the connection was there already; the three times below then count for nothing.
    public var reusedConnection: Bool
    /// Time to resolve the host name.
    public var dnsNanoseconds: UInt64
    /// Time to connect.
    public var connectNanoseconds: UInt64
    /// Time of the TLS handshake; 0 without TLS.
    public var tlsNanoseconds: UInt64

    /// An attempt on a connection that was there already, unless told otherwise.
    public init(
        durationNanoseconds: UInt64, outcome: CallOutcome, throttleCauses: UInt32 = 0, bytesSent: UInt64 = 0,
        bytesReceived: UInt64 = 0, reusedConnection: Bool = true, dnsNanoseconds: UInt64 = 0,
        connectNanoseconds: UInt64 = 0, tlsNanoseconds: UInt64 = 0
    ) {
        self.durationNanoseconds = durationNanoseconds
        self.outcome = outcome
        self.throttleCauses = throttleCauses
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.reusedConnection = reusedConnection
        self.dnsNanoseconds = dnsNanoseconds
        self.connectNanoseconds = connectNanoseconds
        self.tlsNanoseconds = tlsNanoseconds
    }
}

/// A change of the circuit of a table's reads or writes.
public enum CircuitChange: Sendable, Hashable, CaseIterable {
    /// It opened, having been closed.
    case opened
    /// A probe failed, and it is open again.
    case reopened
    /// It closed, or was forgotten since nobody asked for long.
    case closed
}

/// How often circuits changed.
public struct CircuitCounts: Sendable, Hashable {
    /// They opened, having been closed.
    public var opened: UInt64 = 0
    /// They opened again after a probe had failed.
    public var reopened: UInt64 = 0
    /// They closed, or were forgotten since nobody asked. As many circuits as opened more often than they closed are open.
    public var closed: UInt64 = 0

    /// None ever.
    public init() {}

    /// Whether none ever changed.
    public var isZero: Bool { self == CircuitCounts() }

    /// Both together; wraps, never traps.
    public static func + (left: CircuitCounts, right: CircuitCounts) -> CircuitCounts {
        left.combined(with: right, by: &+)
    }

    /// What the one has beyond the other; wraps, never traps.
    public static func - (left: CircuitCounts, right: CircuitCounts) -> CircuitCounts {
        left.combined(with: right, by: &-)
    }

    func combined(with other: CircuitCounts, by operation: (UInt64, UInt64) -> UInt64) -> CircuitCounts {
        var result = self
        result.opened = operation(opened, other.opened)
        result.reopened = operation(reopened, other.reopened)
        result.closed = operation(closed, other.closed)
        return result
    }
}

/// One whole call as the service saw it, retries and waits included; recorded exactly once, at its one exit.
public struct CallRecord: Sendable {
    /// Time from the call until its result.
    public var durationNanoseconds: UInt64
    /// How the call ended, after all retries.
    public var outcome: CallOutcome
    /// How many attempts it took; 0 when it never reached the wire.
    public var attempts: UInt32
    /// Items read or written.
    public var items: UInt64
    /// The items' size in bytes, as DynamoDB counts it.
    public var itemBytes: UInt64

    /// A call of one attempt that carried no items, unless told otherwise.
    public init(
        durationNanoseconds: UInt64, outcome: CallOutcome, attempts: UInt32 = 1, items: UInt64 = 0,
        itemBytes: UInt64 = 0
    ) {
        self.durationNanoseconds = durationNanoseconds
        self.outcome = outcome
        self.attempts = attempts
        self.items = items
        self.itemBytes = itemBytes
    }
}

/// One of the slowest calls, read from a telemetry file.
public struct SlowCall: Sendable, Equatable {
    /// The series the call was counted in.
    public var series: SeriesKey
    /// Time from the call until its result.
    public var durationNanoseconds: UInt64
    /// When the call ended, in nanoseconds since 1970.
    public var endedAtNanoseconds: UInt64
    /// How it ended.
    public var outcome: CallOutcome
    /// How many attempts it took.
    public var attempts: UInt32
    /// The id that the service's log lines of this call carry, at most 64 bytes.
    public var correlationID: String

    /// See the properties.
    public init(
        series: SeriesKey, durationNanoseconds: UInt64, endedAtNanoseconds: UInt64, outcome: CallOutcome,
        attempts: UInt32, correlationID: String
    ) {
        self.series = series
        self.durationNanoseconds = durationNanoseconds
        self.endedAtNanoseconds = endedAtNanoseconds
        self.outcome = outcome
        self.attempts = attempts
        self.correlationID = correlationID
    }
}
