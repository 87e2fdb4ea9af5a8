public import CloudWatch

/// When a composite alarm with a suppressor takes its actions. Times are seconds on any clock that goes forward.
///
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
public struct ActionSuppression: Sendable, Hashable {
    /// One of the two periods in which actions are held back.
    public enum PeriodKind: String, Sendable, Hashable {
        /// After the composite changed: the suppressor may yet go into ALARM.
        case waiting = "WaitPeriod"
        /// After the suppressor left ALARM: the composite may yet go back.
        case extending = "ExtensionPeriod"
    }

    /// A period, from start to end.
    public struct Period: Sendable, Hashable {
        /// Which of the two.
        public var kind: PeriodKind
        /// When it began.
        public var start: Int
        /// When it expires unless it is discarded.
        public var end: Int

        /// A period of that kind.
        public init(kind: PeriodKind, start: Int, end: Int) {
            self.kind = kind
            self.start = start
            self.end = end
        }
    }

    /// What happened.
    public enum Output: Sendable, Hashable {
        /// A period ended without interference.
        case expired(Period)
        /// A period was discarded for a new event.
        case discarded(Period, at: Int)
        /// The composite's actions for this state run.
        case action(AlarmState, at: Int)
    }

    /// The composite's state.
    public private(set) var composite: AlarmState
    /// The suppressor's state.
    public private(set) var suppressor: AlarmState
    /// The period that runs.
    public private(set) var running: Period?
    /// Whether the composite has changed without an action since.
    public private(set) var hasUnactedChange = false
    private let waitPeriod: Int
    private let extensionPeriod: Int
    private let actionsEnabled: Bool

    /// Starts with both alarms' states and nothing unacted.
    public init(
        waitPeriod: Int, extensionPeriod: Int, composite: AlarmState, suppressor: AlarmState,
        actionsEnabled: Bool = true
    ) {
        self.waitPeriod = waitPeriod
        self.extensionPeriod = extensionPeriod
        self.composite = composite
        self.suppressor = suppressor
        self.actionsEnabled = actionsEnabled
    }

    /// The composite changed its state. Any running period is discarded; a suppressor in ALARM swallows the action, else
    /// the wait period starts.
    public mutating func compositeChanged(to state: AlarmState, at time: Int) -> [Output] {
        var outputs = expire(before: time)
        guard state != composite else { return outputs }
        composite = state
        hasUnactedChange = true
        outputs += discard(at: time)
        if suppressor != .alarm { running = Period(kind: .waiting, start: time, end: time + waitPeriod) }
        return outputs
    }

    /// The suppressor changed its state. Into ALARM: the running period is discarded. Out of ALARM: the extension starts.
    public mutating func suppressorChanged(to state: AlarmState, at time: Int) -> [Output] {
        var outputs = expire(before: time)
        let was = suppressor
        suppressor = state
        if state == .alarm, was != .alarm {
            outputs += discard(at: time)
        } else if state != .alarm, was == .alarm {
            outputs += discard(at: time)
            running = Period(kind: .extending, start: time, end: time + extensionPeriod)
        }
        return outputs
    }

    /// Time went on to `time`, with all its events told: a period that ends then or before expires.
    public mutating func advance(to time: Int) -> [Output] {
        guard let running, running.end <= time else { return [] }
        return expire(running)
    }

    /// An event at the very instant of an expiry comes first; the documentation does not say.
    private mutating func expire(before time: Int) -> [Output] {
        guard let running, running.end < time else { return [] }
        return expire(running)
    }

    private mutating func expire(_ period: Period) -> [Output] {
        running = nil
        guard hasUnactedChange else { return [.expired(period)] }
        hasUnactedChange = false
        return [.expired(period)] + (actionsEnabled ? [.action(composite, at: period.end)] : [])
    }

    private mutating func discard(at time: Int) -> [Output] {
        defer { running = nil }
        return running.map { [.discarded($0, at: time)] } ?? []
    }
}
