internal import CTelemetry

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

    // MARK: What belongs together

    /// Calls, and attempts, that are being recorded at one moment, or were when their process died: one a thread, and a process
    /// has fewer threads (`vm.max_map_count` is 65,530, and each has a mapping for its stack).
    package static let underWay: UInt64 = 1 << 16
    /// Attempts of calls under way that lie in another file, or in `other`, than their call: the file was made meanwhile.
    static let attemptsElsewhere: UInt64 = 1 << 20
    /// Attempts that lie elsewhere than what they consumed, which is counted right after them.
    static let attemptsBeside: UInt64 = 1 << 10
    /// Bytes of one attempt: 256 MB. DynamoDB takes and gives 16 MB, of which JSON's escapes can make
    /// six times as many. A writer counts no more of one.
    static let bytesOfAttempt = TM_BYTES_OF_ATTEMPT
    /// Items of one call, and their bytes. A page has 1 MB of them; who counts all pages as one call may have four thousand of them,
    /// and a writer counts no more.
    static let itemsOfCall = TM_ITEMS_OF_CALL
    static let itemBytesOfCall = TM_ITEM_BYTES_OF_CALL
    /// Attempts of one call, in a series that counts calls alone.
    static let attemptsOfCall: UInt64 = 1 << 10

    /// What one attempt can consume of one table or index, at least twice what DynamoDB's limits allow (an item of 400 KB, a page of
    /// 1 MB, a batch of 16 MB, transactions double, and an index's entry deleted and inserted).
    struct CapacityCeiling {
        var readUnits: UInt64
        var writeUnits: UInt64
        /// Whether attempts of all operations may have consumed it.
        var isOfAnyOperation = false
    }

    static func ceiling(of operation: String) -> CapacityCeiling {
        switch operation {
        case "getitem": CapacityCeiling(readUnits: 256, writeUnits: 2_048)
        case "putitem", "updateitem", "deleteitem": CapacityCeiling(readUnits: 2_048, writeUnits: 2_048)
        default: CapacityCeiling(readUnits: 1 << 16, writeUnits: 1 << 16, isOfAnyOperation: true)
        }
    }
}

extension UInt64 {
    /// The product, or the most there is.
    func times(_ other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// The sum, or the most there is: numbers of a file or a store may be anything.
    func plus(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
