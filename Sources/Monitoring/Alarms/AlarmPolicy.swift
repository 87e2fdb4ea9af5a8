public import CloudWatch

/// The thresholds of the alarms and who is told: what `alarms/policy.yaml` says, where the reasons stand too.
public struct AlarmPolicy: Sendable, Hashable {
    /// M of N.
    public struct Window: Sendable, Hashable {
        /// M: the periods that must breach.
        public var datapoints: Int
        /// N: the periods that are looked at.
        public var periods: Int

        /// M of N.
        public init(_ datapoints: Int, of periods: Int) {
            self.datapoints = datapoints
            self.periods = periods
        }
    }

    /// A threshold for counts: so many a minute, or so many percent of the contract's calls, whichever is larger.
    public struct CountThreshold: Sendable, Hashable {
        /// Whether the alarm is made.
        public var isEnabled = true
        /// The floor, a minute.
        public var atLeastAMinute: Double
        /// Percent of the calls that the contract foresees.
        public var percentOfCalls: Double
        /// M of N.
        public var window: Window
    }

    /// Alarm 3.
    public struct ThrottledAttempts: Sendable, Hashable {
        /// Whether the alarm is made.
        public var isEnabled = true
        /// Percent of the requests.
        public var percent = 1.0
        /// Requests a minute below which the percentage is not looked at.
        public var minimumAttemptsAMinute = 50.0
        /// M of N.
        public var window = Window(3, of: 5)
    }

    /// Alarm 6a. Units a second, reads and writes apart.
    public struct Demand: Sendable, Hashable {
        /// Whether the alarm is made.
        public var isEnabled = true
        /// Times the contract's demand.
        public var timesDemand = 1.5
        /// Percent of the warm throughput.
        public var percentOfWarmThroughput = 80.0
        /// Warm read units; 0 for what `tables apply` warms the table or index to by its capacity: at least the 12,000 of a new
        /// table on demand.
        /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
        public var warmReadUnits = 0.0
        /// Warm write units; 0 for what `tables apply` warms it to: at least 4,000.
        public var warmWriteUnits = 0.0
        /// The table's own maximum of read units; 0 for none.
        public var maximumReadUnits = 0.0
        /// The table's own maximum of write units; 0 for none.
        public var maximumWriteUnits = 0.0
        /// The account's quota of read units for a table.
        /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
        public var quotaReadUnits = 40_000.0
        /// The account's quota of write units for a table.
        public var quotaWriteUnits = 40_000.0
        /// The floor.
        public var atLeastUnitsASecond = 5.0
        /// M of N.
        public var window = Window(10, of: 15)
    }

    /// Alarm 7. Milliseconds, for patterns without a service level of their own.
    public struct SlowCalls: Sendable, Hashable {
        /// Whether the alarm is made.
        public var isEnabled = true
        /// GetItem, PutItem, UpdateItem, DeleteItem.
        public var singleItem = 25.0
        /// Query, Scan and the batches.
        public var query = 50.0
        /// TransactGetItems, TransactWriteItems.
        public var transaction = 100.0
        /// M of N.
        public var window = Window(5, of: 10)
    }

    /// Alarm 13. Percent of one partition's limit.
    public struct HotKeys: Sendable, Hashable {
        /// Whether the alarms are made.
        public var isEnabled = true
        /// The upper bound from which a ticket is written.
        public var ticketUpperPercent = 50.0
        /// The lower bound from which somebody is paged.
        public var pageLowerPercent = 80.0
        /// M of N.
        public var window = Window(3, of: 5)
    }

    /// Alarm 15.
    public struct Agent: Sendable, Hashable {
        /// Whether the alarms are made.
        public var isEnabled = true
        /// M of N.
        public var window = Window(3, of: 5)
    }

    /// Seconds in which the service's own metrics are judged: 10, 20, 30 or a multiple of 60.
    public var period = 60
    /// ARNs of the topics that page, at most five.
    public var pageActions: [String] = []
    /// ARNs of the topics that write tickets, at most five.
    public var ticketActions: [String] = []
    /// Whether the same topics are told of the return to OK.
    public var notifiesRecovery = true
    /// The alarm that holds the tables' pages back, if there is one.
    public var maintenance: CompositeAlarm.Suppressor?
    /// Alarm 1.
    public var throttles = CountThreshold(atLeastAMinute: 5, percentOfCalls: 1, window: Window(3, of: 5))
    /// Alarm 3.
    public var throttledAttempts = ThrottledAttempts()
    /// Alarm 4.
    public var failedCalls = CountThreshold(atLeastAMinute: 3, percentOfCalls: 0.1, window: Window(2, of: 3))
    /// Alarm 6a.
    public var demand = Demand()
    /// Alarm 7.
    public var slowCalls = SlowCalls()
    /// Alarm 13.
    public var hotKeys = HotKeys()
    /// Alarm 15.
    public var agent = Agent()
    /// Whether each table has its composite, which pages for it.
    public var pagesByTable = true

    /// The built-in values.
    public init() {}

    /// The built-in values, which `alarms/policy.yaml` repeats with their reasons.
    public static let standard = AlarmPolicy()

    /// The period for metrics that come once a minute at most.
    var minutePeriod: Int { max(period, DynamoDBMetric.shortestPeriod) }
}

/// Why a policy cannot be used.
public struct AlarmPolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file, as the caller named it.
    public var file: String
    /// The line, from 1; 0 where the file as a whole is meant.
    public var line: Int
    /// What is wrong and what to do.
    public var reason: String

    /// "file:line: what; what to do".
    public var description: String { line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)" }
    /// The same, as the other errors of the project name it.
    public var message: String { description }
}
