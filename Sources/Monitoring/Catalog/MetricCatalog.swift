public import CloudWatch

/// Every metric that Tidemark publishes: name, unit, dimension set, kind. The agent publishes from it, alarms and
/// dashboards are built from it, and a test holds `docs/METRICS.md` against it.
public enum MetricCatalog {
    /// The namespace of all of them.
    public static let namespace = "Tidemark"

    /// The exact dimension sets that can be published, by the names that the agent's configuration has for them; which are
    /// is said by ``PublishedSets``. CloudWatch adds nothing up over them.
    public enum DimensionSet: String, CaseIterable, Sendable {
        /// Service, Environment. The agents' own figures are there whatever is chosen.
        case service
        /// Service, Environment, Pattern.
        case pattern
        /// Service, Environment, Table and, for an index, Index: what the resource itself serves.
        case resource
        /// Service, Environment, Table, Operation.
        case operation
        /// Service, Environment, Table: calls, those on the table's indexes included.
        case table
        /// Service, Environment, Table, Index: calls on an index.
        case index

        /// The dimensions' names, in order; a resource comes with and without an index.
        public var names: [[String]] {
            switch self {
            case .service: [["Environment", "Service"]]
            case .pattern: [["Environment", "Pattern", "Service"]]
            case .resource: [["Environment", "Service", "Table"], ["Environment", "Index", "Service", "Table"]]
            case .operation: [["Environment", "Operation", "Service", "Table"]]
            case .table: [["Environment", "Service", "Table"]]
            case .index: [["Environment", "Index", "Service", "Table"]]
            }
        }
    }

    /// What a metric's values are.
    public enum Kind: String, CaseIterable, Sendable {
        /// A count of the period, published as one value, also when it is zero. Sum is its statistic.
        case counter
        /// The values of the period with their counts. Average, percentiles and SampleCount mean something.
        case distribution
        /// One reading a host. Maximum is its statistic.
        case gauge
    }

    /// One metric.
    public struct Metric: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its unit.
        public var unit: MetricUnit
        /// The dimension set under which it is published.
        public var dimensionSet: DimensionSet
        /// Further dimension sets under which it can be published, as a roll-up.
        public var rollUps: [DimensionSet]
        /// What its values are.
        public var kind: Kind
        /// What it says, for the reader of a graph.
        public var help: String

        init(
            _ name: String, _ unit: MetricUnit, _ dimensionSet: DimensionSet, _ kind: Kind, _ help: String,
            rollUps: [DimensionSet] = []
        ) {
            self.name = name
            self.unit = unit
            self.dimensionSet = dimensionSet
            self.kind = kind
            self.help = help
            self.rollUps = rollUps
        }

        /// Whether it is a figure of the agents themselves, which is published whatever is chosen.
        public var isAgentFigure: Bool { dimensionSet == .service }
    }

    /// Every metric, by dimension set.
    public static let all: [Metric] = [
        calls, failedCalls, attempts, throttledAttempts, throttledAttemptPercent, callTime, misconfiguredCalls,
        clientReadUnits, clientWriteUnits, hotKeyLoadUpperPercent, hotKeyLoadLowerPercent,
        operationCalls, operationCallTime,
        heartbeat, agentDroppedDatums, agentRefusedDatums, agentPendingDatums, agentAmbiguousDatums,
        agentLedgerGapCalls, agentPercentileErrorPercent, agentFoldedSeries,
    ]

    /// Where the roll-ups of an access pattern's metrics go.
    private static let callRollUps: [DimensionSet] = [.service, .table, .index]

    /// The metric of that name. Names are unique over all dimension sets.
    public static func metric(named name: String) -> Metric? { all.first { $0.name == name } }

    // MARK: An access pattern, as the service sees it

    /// Calls that ended.
    public static let calls = Metric(
        "Calls", .count, .pattern, .counter, "Calls of the access pattern that ended, however they ended.",
        rollUps: callRollUps)
    /// Calls that failed after all their attempts.
    public static let failedCalls = Metric(
        "FailedCalls", .count, .pattern, .counter,
        "Calls that failed after all their attempts. A condition that did not hold and a cancelled task are no failures.",
        rollUps: callRollUps)
    /// Requests sent.
    public static let attempts = Metric(
        "Attempts", .count, .pattern, .counter, "Requests sent for the pattern's calls, repetitions included.",
        rollUps: callRollUps)
    /// Requests that DynamoDB throttled.
    public static let throttledAttempts = Metric(
        "ThrottledAttempts", .count, .pattern, .counter, "Requests that DynamoDB throttled.", rollUps: callRollUps)
    /// Share of requests that were throttled.
    public static let throttledAttemptPercent = Metric(
        "ThrottledAttemptPercent", .percent, .pattern, .distribution,
        "0 for each request that was not throttled and 100 for each that was: Average is the fleet's percentage, "
            + "SampleCount the number of requests.", rollUps: callRollUps)
    /// How long calls took.
    public static let callTime = Metric(
        "CallTime", .milliseconds, .pattern, .distribution,
        "Time of a call from the caller's side, with its attempts and pauses.", rollUps: callRollUps)
    /// Calls that DynamoDB refused for what they are.
    public static let misconfiguredCalls = Metric(
        "MisconfiguredCalls", .count, .pattern, .counter,
        "Calls refused for what they are: access denied, no such table or index, invalid request, no valid credentials."
    )

    // MARK: A table or an index

    /// Read units that calls reported.
    public static let clientReadUnits = Metric(
        "ClientReadUnits", .count, .resource, .counter,
        "Read capacity units that DynamoDB reported as consumed by this service's calls.")
    /// Write units that calls reported.
    public static let clientWriteUnits = Metric(
        "ClientWriteUnits", .count, .resource, .counter,
        "Write capacity units that DynamoDB reported as consumed by this service's calls.")
    /// Upper bound of the hottest key's load.
    public static let hotKeyLoadUpperPercent = Metric(
        "HotKeyLoadUpperPercent", .percent, .resource, .gauge,
        "At most so much of one partition's limit (3,000 read and 1,000 write units/s) goes to the hottest key.")
    /// Lower bound of the hottest key's load.
    public static let hotKeyLoadLowerPercent = Metric(
        "HotKeyLoadLowerPercent", .percent, .resource, .gauge,
        "At least so much of one partition's limit (3,000 read and 1,000 write units/s) goes to the hottest key.")

    // MARK: An operation on a table

    /// Calls of one operation.
    public static let operationCalls = Metric(
        "OperationCalls", .count, .operation, .counter, "Calls of the operation on the table that ended.")
    /// How long one operation's calls took.
    public static let operationCallTime = Metric(
        "OperationCallTime", .milliseconds, .operation, .distribution,
        "Time of the operation's calls from the caller's side.")

    // MARK: The service's agents

    /// An agent is alive.
    public static let heartbeat = Metric(
        "Heartbeat", .count, .service, .counter,
        "1 from each agent in each period: no data means that no agent publishes.")
    /// Datums given up.
    public static let agentDroppedDatums = Metric(
        "AgentDroppedDatums", .count, .service, .counter,
        "Datums that the agent gave up, too old or over its disk budget. Totals in its store are whole.")
    /// Datums that CloudWatch refused.
    public static let agentRefusedDatums = Metric(
        "AgentRefusedDatums", .count, .service, .counter, "Datums that CloudWatch refused and the agent put aside.")
    /// Datums that wait.
    public static let agentPendingDatums = Metric(
        "AgentPendingDatums", .count, .service, .gauge, "Datums that wait to be published.")
    /// Datums that may count twice or not at all.
    public static let agentAmbiguousDatums = Metric(
        "AgentAmbiguousDatums", .count, .service, .counter,
        "Datums in requests whose answer was lost: CloudWatch may or may not have counted them.")
    /// How far a published percentile may be off.
    public static let agentPercentileErrorPercent = Metric(
        "AgentPercentileErrorPercent", .percent, .service, .gauge,
        "The most by which any percentile of call times in this period differs from the measured times' own, of the worst of "
            + "all distributions: what buckets and CloudWatch's 150 values a datum cost. Times under 1 µs and over 68 s are out "
            + "of it.")
    /// Series folded to keep to the budget.
    public static let agentFoldedSeries = Metric(
        "AgentFoldedSeries", .count, .service, .gauge,
        "Series of the period that were published as part of `other`, because the budget pays for no more metrics.")
    /// Calls that are not accounted for.
    public static let agentLedgerGapCalls = Metric(
        "AgentLedgerGapCalls", .count, .service, .gauge,
        "Calls of the agent's ledger that are neither acknowledged, ambiguous, pending nor dropped: never anything but 0."
    )
}
