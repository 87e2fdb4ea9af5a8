/// The most that a telemetry file may say. A file may hold anything, a client may count wrongly, and a bit may flip: what no
/// process can have counted is refused where it is read, before anything is added to it (docs/TELEMETRY.md, "Bounds").
package enum TelemetryBounds {
    /// Calls, and attempts, of one file. A process that makes 100,000 in every second needs five and a half years for them, and
    /// those of 65,536 such files are what the agent's store can hold of all services together.
    package static let calls: UInt64 = 1 << 44
    /// All that is counted by calls and attempts, together: outcomes, causes, retries, times.
    package static let counts: UInt64 = 1 << 48
    /// Thousandths of a capacity unit of one file. A process that consumes 10,000 units in every second needs seven years for them,
    /// and those of 4,096 such files fit into 63 bits.
    package static let milliUnits: UInt64 = 1 << 51
    /// Bytes, and items, of one file. A process that moves 100 MB in every second needs 22 years for them.
    package static let bytes: UInt64 = 1 << 56
    /// Thousandths of a capacity unit of one key event: 68 million units. DynamoDB's largest request consumes a few hundred.
    package static let eventMilliUnits: UInt64 = 1 << 36
    /// Nanoseconds since 1970 at which a process has begun at the latest, in 2116: a later start is taken for this one, since a clock
    /// that is set wrongly makes no count wrong.
    package static let latestStart: UInt64 = 1 << 62
}

extension UInt64 {
    /// The sum, or the most there is: numbers of a file or a store may be anything.
    func plus(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
