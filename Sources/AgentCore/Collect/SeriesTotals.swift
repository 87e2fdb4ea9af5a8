public import Monitoring
public import Telemetry

/// Whose traffic a series counts: a telemetry series together with the service that wrote it.
public struct SeriesIdentity: Hashable, Sendable, Comparable {
    /// The service's name.
    public var service: String
    /// The environment's name, such as `production`.
    public var environment: String
    /// The table; empty in the series that counts what found no room.
    public var table: String
    /// The index, or empty for the table itself.
    public var index: String
    /// The API operation.
    public var operation: String
    /// The access pattern, or empty outside the contract.
    public var pattern: String

    /// A series of a service.
    public init(
        service: String, environment: String, table: String, index: String = "", operation: String = "",
        pattern: String = ""
    ) {
        self.service = service
        self.environment = environment
        self.table = table
        self.index = index
        self.operation = operation
        self.pattern = pattern
    }

    init(scope: MonitoringScope, key: SeriesKey) {
        self.init(
            service: scope.service, environment: scope.environment, table: key.table.visible, index: key.index.visible,
            operation: key.operation.visible, pattern: key.pattern.visible)
    }

    /// The service and environment.
    public var scope: MonitoringScope { MonitoringScope(service: service, environment: environment) }

    private var parts: [String] { [service, environment, table, index, operation, pattern] }

    /// By service, environment, table, index, operation, pattern.
    public static func < (left: Self, right: Self) -> Bool {
        left.parts.lexicographicallyPrecedes(right.parts)
    }
}

/// What a series counted in some span of time, or since its process began.
public struct SeriesTotals: Sendable, Equatable {
    /// The counters.
    public var counters: SeriesCounters
    /// Times of whole calls.
    public var callTime: HistogramSnapshot
    /// Times of attempts.
    public var attemptTime: HistogramSnapshot

    /// Nothing counted, unless told otherwise.
    public init(
        counters: SeriesCounters = SeriesCounters(), callTime: HistogramSnapshot = HistogramSnapshot(),
        attemptTime: HistogramSnapshot = HistogramSnapshot()
    ) {
        self.counters = counters
        self.callTime = callTime
        self.attemptTime = attemptTime
    }

    init(_ snapshot: SeriesSnapshot) {
        self.init(counters: snapshot.counters, callTime: snapshot.callTime, attemptTime: snapshot.attemptTime)
    }

    static func + (left: Self, right: Self) -> Self {
        Self(
            counters: left.counters + right.counters, callTime: left.callTime + right.callTime,
            attemptTime: left.attemptTime + right.attemptTime)
    }

    /// What happened since an earlier state, or nil when a number went backward: then the file was tampered with, and no
    /// difference of it means anything.
    func since(_ earlier: Self) -> Self? {
        var isForward = true
        counters.forEachPair(with: earlier.counters) { now, before in if now < before { isForward = false } }
        guard isForward, callTime.covers(earlier.callTime), attemptTime.covers(earlier.attemptTime)
        else { return nil }
        return Self(
            counters: counters - earlier.counters, callTime: callTime - earlier.callTime,
            attemptTime: attemptTime - earlier.attemptTime)
    }
}

extension HistogramSnapshot {
    /// Whether no bucket holds less than it did.
    func covers(_ earlier: HistogramSnapshot) -> Bool {
        var rest = buckets[...]
        for bucket in earlier.buckets {
            rest = rest.drop { $0.index < bucket.index }
            guard let first = rest.first, first.index == bucket.index, first.count >= bucket.count else { return false }
        }
        // A thousand calls under way at once fill the word in seven months, and it begins anew then.
        return sumNanoseconds >= earlier.sumNanoseconds
            || Int64(bitPattern: sumNanoseconds &- earlier.sumNanoseconds) > 0
    }
}

extension SeriesCounters {
    /// Every counter in the order of the blob: the scalars as one column, then the lists.
    var columns: [[UInt64]] {
        [
            [
                calls, attempts, retries, throttledAttempts, readMilliUnits, writeMilliUnits, bytesSent, bytesReceived,
                items, itemBytes, connectionsReused, connectionsOpened, callTimesWithoutRoom, attemptTimesWithoutRoom,
            ],
            outcomes, attemptOutcomes, throttleCauses,
        ]
    }

    /// The inverse of `columns`; a number that a later version added is left out, one that is missing is zero.
    init(columns: [[UInt64]]) {
        self.init()
        // Plain assignments: a decoded window has thousands of these rows, and key paths cost a hundred times as much.
        let scalars = columns.first ?? []
        func scalar(_ place: Int) -> UInt64 { place < scalars.count ? scalars[place] : 0 }
        calls = scalar(0)
        attempts = scalar(1)
        retries = scalar(2)
        throttledAttempts = scalar(3)
        readMilliUnits = scalar(4)
        writeMilliUnits = scalar(5)
        bytesSent = scalar(6)
        bytesReceived = scalar(7)
        items = scalar(8)
        itemBytes = scalar(9)
        connectionsReused = scalar(10)
        connectionsOpened = scalar(11)
        callTimesWithoutRoom = scalar(12)
        attemptTimesWithoutRoom = scalar(13)
        func take(_ list: inout [UInt64], _ column: Int) {
            guard column < columns.count else { return }
            for place in 0..<min(list.count, columns[column].count) { list[place] = columns[column][place] }
        }
        take(&outcomes, 1)
        take(&attemptOutcomes, 2)
        take(&throttleCauses, 3)
    }

    /// Each counter of this together with the same of another; a list's place that the other lacks comes with zero.
    func forEachPair(with other: SeriesCounters, _ body: (UInt64, UInt64) -> Void) {
        body(calls, other.calls)
        body(attempts, other.attempts)
        body(retries, other.retries)
        body(throttledAttempts, other.throttledAttempts)
        body(readMilliUnits, other.readMilliUnits)
        body(writeMilliUnits, other.writeMilliUnits)
        body(bytesSent, other.bytesSent)
        body(bytesReceived, other.bytesReceived)
        body(items, other.items)
        body(itemBytes, other.itemBytes)
        body(connectionsReused, other.connectionsReused)
        body(connectionsOpened, other.connectionsOpened)
        body(callTimesWithoutRoom, other.callTimesWithoutRoom)
        body(attemptTimesWithoutRoom, other.attemptTimesWithoutRoom)
        func pairs(_ list: [UInt64], _ others: [UInt64]) {
            for place in list.indices { body(list[place], place < others.count ? others[place] : 0) }
        }
        pairs(outcomes, other.outcomes)
        pairs(attemptOutcomes, other.attemptOutcomes)
        pairs(throttleCauses, other.throttleCauses)
    }

    /// Calls that failed after all retries. A condition that did not hold is an answer, and giving up was the caller's wish.
    public var failedCalls: UInt64 {
        CallOutcome.allCases.reduce(0) { $1.isFailure ? $0 &+ calls($1) : $0 }
    }
}

extension CallOutcome {
    /// Whether a call that ended so counts as failed.
    public var isFailure: Bool {
        switch self {
        case .success, .conditionFailed, .cancelled: false
        default: true
        }
    }

    /// Whether the service is set up wrongly: trying again cannot help, a person must change something.
    public var isMisconfiguration: Bool {
        switch self {
        case .accessDenied, .notFound, .validation, .credentials: true
        default: false
        }
    }
}
