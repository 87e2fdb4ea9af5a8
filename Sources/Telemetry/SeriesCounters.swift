/// What a series has counted since its process began; every number only grows.
///
/// The difference of two snapshots is what happened between them. Differences wrap and sums stay at the
/// top, because a counter of a damaged file may hold anything.
public struct SeriesCounters: Sendable, Equatable {
    /// Calls that have ended: the ledger. Any other number of the same calls may be ahead of it, never behind.
    public var calls: UInt64 = 0
    /// Attempts on the wire.
    public var attempts: UInt64 = 0
    /// Attempts beyond the first of their call, of the calls that have ended.
    public var retries: UInt64 = 0
    /// Attempts that DynamoDB throttled.
    public var throttledAttempts: UInt64 = 0
    /// Calls by ``CallOutcome``.
    public var outcomes = [UInt64](repeating: 0, count: CallOutcome.allCases.count)
    /// Attempts by ``CallOutcome``.
    public var attemptOutcomes = [UInt64](repeating: 0, count: CallOutcome.allCases.count)
    /// Throttled attempts by ``ThrottleCause``; an attempt may have several causes.
    public var throttleCauses = [UInt64](repeating: 0, count: throttleReasonCount)
    /// Read capacity consumed, in thousandths of a unit.
    public var readMilliUnits: UInt64 = 0
    /// Write capacity consumed, in thousandths of a unit.
    public var writeMilliUnits: UInt64 = 0
    /// Bytes sent.
    public var bytesSent: UInt64 = 0
    /// Bytes received.
    public var bytesReceived: UInt64 = 0
    /// Items read or written.
    public var items: UInt64 = 0
    /// The size of those items in bytes.
    public var itemBytes: UInt64 = 0
    /// Attempts on a connection that was there already.
    public var connectionsReused: UInt64 = 0
    /// Attempts that opened a connection.
    public var connectionsOpened: UInt64 = 0
    /// Calls whose time found no room in the histogram: counted above, absent from the distribution.
    public var callTimesWithoutRoom: UInt64 = 0
    /// Attempts whose time found no room in the histogram.
    public var attemptTimesWithoutRoom: UInt64 = 0
    /// Second attempts of hedged reads; `attempts` has them too.
    public var hedges: UInt64 = 0
    /// Changes that attempts of this series made of circuits, those of reads and those of writes.
    public var circuits = CircuitCounts()
    /// Of these, changes of circuits of writes.
    public var writeCircuits = CircuitCounts()

    /// All zero.
    public init() {}

    /// Calls that ended so.
    public func calls(_ outcome: CallOutcome) -> UInt64 { outcomes[Int(outcome.rawValue)] }

    /// What happened between two snapshots; wraps, never traps.
    public static func - (later: SeriesCounters, earlier: SeriesCounters) -> SeriesCounters {
        later.combined(with: earlier, by: &-)
    }

    /// Both together; stays at the most there is, never wraps or traps.
    public static func + (left: SeriesCounters, right: SeriesCounters) -> SeriesCounters {
        left.combined(with: right) { $0.plus($1) }
    }

    private func combined(with other: SeriesCounters, by operation: (UInt64, UInt64) -> UInt64) -> SeriesCounters {
        // Field by field: key paths cost a hundred times as much, and this runs for every series at every commit.
        var result = self
        result.calls = operation(calls, other.calls)
        result.attempts = operation(attempts, other.attempts)
        result.retries = operation(retries, other.retries)
        result.throttledAttempts = operation(throttledAttempts, other.throttledAttempts)
        result.readMilliUnits = operation(readMilliUnits, other.readMilliUnits)
        result.writeMilliUnits = operation(writeMilliUnits, other.writeMilliUnits)
        result.bytesSent = operation(bytesSent, other.bytesSent)
        result.bytesReceived = operation(bytesReceived, other.bytesReceived)
        result.items = operation(items, other.items)
        result.itemBytes = operation(itemBytes, other.itemBytes)
        result.connectionsReused = operation(connectionsReused, other.connectionsReused)
        result.connectionsOpened = operation(connectionsOpened, other.connectionsOpened)
        result.callTimesWithoutRoom = operation(callTimesWithoutRoom, other.callTimesWithoutRoom)
        result.attemptTimesWithoutRoom = operation(attemptTimesWithoutRoom, other.attemptTimesWithoutRoom)
        result.hedges = operation(hedges, other.hedges)
        result.circuits = circuits.combined(with: other.circuits, by: operation)
        result.writeCircuits = writeCircuits.combined(with: other.writeCircuits, by: operation)
        Self.combine(&result.outcomes, with: other.outcomes, by: operation)
        Self.combine(&result.attemptOutcomes, with: other.attemptOutcomes, by: operation)
        Self.combine(&result.throttleCauses, with: other.throttleCauses, by: operation)
        return result
    }

    /// The lists are public and may be of any length: what one lacks is zero.
    private static func combine(
        _ list: inout [UInt64], with other: [UInt64], by operation: (UInt64, UInt64) -> UInt64
    ) {
        while list.count < other.count { list.append(0) }
        for place in list.indices {
            list[place] = operation(list[place], place < other.count ? other[place] : 0)
        }
    }
}
