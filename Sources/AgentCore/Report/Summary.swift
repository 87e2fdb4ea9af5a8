public import AWSCore
public import CloudWatch
public import ContractEngine
public import Monitoring
public import Telemetry

/// What a person on call needs to know: what broke, since when, who is hit, the likely cause, and what to do next.
public struct Summary: Sendable {
    /// One access pattern of one service.
    public struct PatternLine: Sendable {
        /// Whose calls these are.
        public var scope: MonitoringScope
        /// The pattern's id; empty for calls outside the contract.
        public var pattern: String
        /// What the pattern does, in the contract's words; empty without a contract.
        public var about: String
        /// The tables that it touched, sorted.
        public var tables: [String]
        /// The operations that it used, sorted.
        public var operations: [String]
        /// Calls that ended.
        public var calls: UInt64
        /// Of these, how many failed after all retries.
        public var failedCalls: UInt64
        /// Failed calls by class, most first.
        public var failures: [(outcome: CallOutcome, calls: UInt64)]
        /// Requests sent.
        public var attempts: UInt64
        /// Of these, how many DynamoDB throttled.
        public var throttledAttempts: UInt64
        /// Half of the calls took at most so long, in milliseconds, within 0.8%; nil without calls.
        public var p50Milliseconds: Double?
        /// 99 of 100 calls took at most so long, in milliseconds.
        public var p99Milliseconds: Double?
        /// When the trouble that lasts, or was last, began and ended; nil when no call failed and none was throttled.
        public var trouble: TroubleSpan?
        /// Calls a second at peak by the contract; nil where it does not say.
        public var expectedCallsPerSecond: Double?

        /// The pattern as every report and metric names it: its id, or `none`.
        var name: String { pattern.isEmpty ? DimensionText.none : pattern }
    }

    /// One table or index of one service.
    public struct ResourceLine: Sendable {
        /// Whose traffic this is.
        public var scope: MonitoringScope
        /// The table.
        public var table: String
        /// The index, or empty for the table itself.
        public var index: String
        /// Read units a second: average, and the busiest window.
        public var readUnitsPerSecond: (average: Double, peak: Double)
        /// Write units a second: average, and the busiest window.
        public var writeUnitsPerSecond: (average: Double, peak: Double)
        /// Read units a second at peak by the contract; nil without one.
        public var demandedReadUnitsPerSecond: Double?
        /// Write units a second at peak by the contract; nil without one.
        public var demandedWriteUnitsPerSecond: Double?
        /// Throttled attempts by DynamoDB's reason, most first.
        public var throttles: [(cause: ThrottleCause, attempts: UInt64)]
        /// When throttling that lasts, or was last, began and ended.
        public var trouble: TroubleSpan?
    }

    /// When something went wrong.
    public struct TroubleSpan: Sendable, Equatable {
        /// The start of the first bad window after a quiet time of five minutes.
        public var since: Timestamp
        /// The end of the last bad window.
        public var until: Timestamp
        /// Whether the newest window is bad.
        public var isOngoing: Bool
    }

    /// How the agent itself is.
    public struct AgentHealth: Sendable, Equatable {
        /// The end of the last window; nil before the first.
        public var committedAt: Timestamp?
        /// The length of a window in seconds.
        public var periodInSeconds: Int
        /// Whether the last commit is older than three periods.
        public var isStale: Bool
        /// When it was stopped in good order; nil while it works, or when it was killed.
        public var stoppedAt: Timestamp?
        /// Whether a commit is due, and there is no room for it.
        public var isDiskFull: Bool
        /// Whether a commit is overdue, by a sixth of a minute at least: there may be no room for it, for example.
        public var isLate: Bool
        /// Whether it publishes at all.
        public var isPublishing: Bool
        /// Why CloudWatch does not take data now; empty when it does.
        public var publishTrouble: String
        /// Why it sees no telemetry file, and where some are; empty when it sees files.
        public var filesTrouble: String
        /// How many telemetry files are there and are not counted.
        public var uncountedFiles: Int
        /// The first of them.
        var uncounted: [UncountedFile]
        /// What waits, and how exact what is published is.
        public var details: AgentDetails
        /// Windows of the summary's time that are longer than a period, because nobody was there to cut them.
        public var gaps: Int
        /// Windows of the summary's time that were merged, for their age or for want of room.
        public var mergedWindows: Int
        /// The longest window of the summary's time in seconds: no figure tells apart what happened within one; nil without.
        public var coarsestInSeconds: Int64?
        /// What it met, newest first.
        public var notices: [StoredNotice]
    }

    /// An alarm's state, as the caller knows it.
    public struct AlarmLine: Sendable, Equatable {
        /// The alarm's name.
        public var name: String
        /// Its state.
        public var state: AlarmState
        /// When it entered that state.
        public var since: Timestamp?
        /// Why, in CloudWatch's words.
        public var reason: String
        /// The alarms in ALARM that make a composite one fire; empty for others.
        public var because: [String]

        /// An alarm's state.
        public init(
            name: String, state: AlarmState, since: Timestamp? = nil, reason: String = "", because: [String] = []
        ) {
            self.because = because
            self.name = name
            self.state = state
            self.since = since
            self.reason = reason
        }
    }

    /// How grave a finding is.
    public enum Severity: String, Sendable, Comparable {
        /// Somebody is hit now.
        case critical
        /// It was, or it will be before long.
        case warning
        /// Good to know.
        case note

        private var rank: Int { self == .critical ? 0 : self == .warning ? 1 : 2 }

        /// Graver is less, so that the gravest is listed first.
        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    /// One thing that a person should know, in sentences.
    public struct Finding: Sendable, Equatable {
        /// How grave it is.
        public var severity: Severity
        /// What broke.
        public var what: String
        /// Since when; nil where that has no meaning.
        public var since: Timestamp?
        /// Until when, where it is over; nil where it lasts, or where that has no meaning.
        public var until: Timestamp?
        /// Who is hit.
        public var who: String
        /// The likely cause.
        public var cause: String
        /// What to do next.
        public var next: String
    }

    /// The summary's time.
    public var since: Timestamp
    /// When it was made.
    public var now: Timestamp
    /// The access patterns, most failed calls first.
    public var patterns: [PatternLine]
    /// The tables and indexes, by name.
    public var resources: [ResourceLine]
    /// The hottest keys.
    public var hotKeys: HotKeyReport
    /// What became of everything that was counted, since the store began.
    public var ledger: Ledger
    /// How the agent is.
    public var agent: AgentHealth
    /// The alarms that the caller knows of.
    public var alarms: [AlarmLine]
    /// Whose figures these are: "of shop in production"; empty for every service's.
    public var only = ""
    /// Why the alarms' states are not known; empty where they are, or where nobody asked.
    public var alarmsUnknown = ""
    /// What to know first, gravest first.
    public var findings: [Finding]

    /// How the services of its tables are told apart.
    var labels: ScopeLabels {
        ScopeLabels(patterns.map(\.scope) + resources.map(\.scope) + hotKeys.coverage.map(\.scope))
    }

    /// Whether somebody has to act: an alarm is in ALARM, or a critical finding holds.
    public var needsAction: Bool {
        alarms.contains { $0.state == .alarm } || findings.contains { $0.severity == .critical }
    }

    /// Makes the summary from a store.
    /// - Parameters:
    ///   - since: from when on.
    ///   - document: the contract, for what was expected; nil leaves that out.
    ///   - alarms: states of alarms, where the caller has asked CloudWatch.
    ///   - showKeys: whether plain hot keys are shown. Default: no.
    ///   - filter: whose figures. The agent's own, its ledger included, are those of all services in any case.
    public static func make(
        from store: AgentStore, since: Timestamp, now: Timestamp, document: ContractDocument? = nil,
        alarms: [AlarmLine] = [], showKeys: Bool = false, filter: ScopeFilter = ScopeFilter()
    ) throws(AgentError) -> Summary {
        try make(
            from: store, since: since, now: now, document: document, alarms: alarms, showKeys: showKeys, filter: filter,
            freeBytes: PathFacts.freeBytes(store.path))
    }

    /// - Parameter freeBytes: how much room there is on the store's disk; nil where nobody says.
    package static func make(
        from store: AgentStore, since: Timestamp, now: Timestamp, document: ContractDocument? = nil,
        alarms: [AlarmLine] = [], showKeys: Bool = false, filter: ScopeFilter = ScopeFilter(), freeBytes: UInt64?
    ) throws(AgentError) -> Summary {
        let health = try AgentHealth(store, since: since, now: now, freeBytes: freeBytes)
        var gatherer = SummaryGatherer(document: document, periodInSeconds: health.periodInSeconds)
        var others: Set<MonitoringScope> = []
        try store.forEachSeries(since: since, attempts: false) { window, series, totals in
            if filter.includes(series.scope) {
                gatherer.add(totals, of: series, in: window)
            } else {
                others.insert(series.scope)
            }
        }
        var summary = Summary(
            since: since, now: now, patterns: gatherer.patternLines(), resources: gatherer.resourceLines(),
            hotKeys: try HotKeyReport.make(
                from: store, since: since, now: now, keysPerResource: 3, showKeys: showKeys, filter: filter),
            ledger: try store.ledger(periodsSince: since), agent: health,
            alarms: alarms.sorted { $0.name.precedesNaturally($1.name) },
            findings: [])
        summary.only = filter.words
        summary.findings = SummaryRules(summary: summary, others: others).findings()
        return summary
    }
}

extension Summary.AgentHealth {
    init(
        _ store: AgentStore, since: Timestamp, now: Timestamp, freeBytes: UInt64? = nil
    ) throws(AgentError) {
        let facts = try store.facts()
        let period = facts[.period].flatMap { Int($0) } ?? 60
        let committed = facts[.committedAt].flatMap { Int64($0) }.map { Timestamp(nanosecondsSince1970: $0) }
        periodInSeconds = period
        committedAt = committed
        let started = facts[.startedAt].flatMap { Int64($0) }.map { Timestamp(nanosecondsSince1970: $0) }
        // An agent that has just started owes nothing yet, whatever an earlier one left.
        let lastSign = [committed, started].compactMap { $0 }.max()
        isStale = lastSign.map { $0.advanced(by: .seconds(3 * period)) < now } ?? true
        isLate = lastSign.map { $0.advanced(by: .seconds(period) + AgentLimits.commitRetry) < now } ?? true
        stoppedAt = facts[.stoppedAt].flatMap { Int64($0) }.map { Timestamp(nanosecondsSince1970: $0) }
        // A commit takes its time; one that has no room takes for ever.
        let isDue = lastSign.map { $0.advanced(by: .seconds(period) + AgentLimits.fileGrace) < now } ?? true
        isDiskFull = isDue && freeBytes.map { $0 < AgentLimits.leastRoom } ?? false
        isPublishing = facts[.isPublishing] == "yes"
        publishTrouble = facts[.publishTrouble] ?? ""
        filesTrouble = facts[.filesTrouble] ?? ""
        (uncountedFiles, uncounted) = UncountedFile.read(facts[.uncountedFiles] ?? "")
        details = try store.details()
        let windows = try store.windows(since: since)
        gaps = windows.count { $0.isGap }
        mergedWindows = windows.count { $0.level > 0 }
        coarsestInSeconds = windows.map { $0.start.duration(to: $0.end).components.seconds }.max()
        notices = try store.notices(since: since)
    }
}
