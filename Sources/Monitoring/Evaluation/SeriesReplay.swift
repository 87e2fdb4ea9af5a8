public import AWSCore
public import CloudWatch

/// One change of an alarm's state.
public struct AlarmTransition: Sendable, Hashable {
    /// When it was evaluated.
    public var at: Timestamp
    /// The state before.
    public var from: AlarmState
    /// The state after.
    public var to: AlarmState
    /// What decided, oldest first, nil where missing; empty for a composite.
    public var datapoints: [Double?]

    /// Records a change.
    public init(at: Timestamp, from: AlarmState, to: AlarmState, datapoints: [Double?] = []) {
        self.at = at
        self.from = from
        self.to = to
        self.datapoints = datapoints
    }
}

/// Runs alarms over recorded series and says when each would have changed its state, by CloudWatch's rules.
///
/// A new alarm starts in INSUFFICIENT_DATA and is evaluated at its cadence over a sliding window that ends at the
/// evaluation; data count from their own time stamps, as if they had come without delay.
public struct SeriesReplay: Sendable {
    /// Identifies a metric: its namespace, name and exact dimension set.
    public struct MetricKey: Sendable, Hashable {
        /// The namespace.
        public var namespace: String
        /// The metric's name.
        public var name: String
        /// The dimensions, in order.
        public var dimensions: [Dimension]

        /// Identifies a metric.
        public init(namespace: String, name: String, dimensions: [Dimension]) {
            self.namespace = namespace
            self.name = name
            self.dimensions = dimensions.sorted()
        }

        init(_ stat: MetricStat) {
            self.init(namespace: stat.namespace, name: stat.metricName, dimensions: stat.dimensions)
        }
    }

    private var series: [MetricKey: [SeriesPoint]] = [:]

    /// Starts without data.
    public init() {}

    /// Adds points of a metric, in any order.
    public mutating func add(_ points: [SeriesPoint], to key: MetricKey) {
        series[key, default: []].append(contentsOf: points)
    }

    /// Adds datums as they were published.
    public mutating func add(_ datums: [MetricDatum], namespace: String) {
        for datum in datums {
            let key = MetricKey(namespace: namespace, name: datum.name, dimensions: datum.dimensions)
            series[key, default: []].append(SeriesPoint(datum))
        }
    }

    /// When a metric alarm changes its state.
    ///
    /// - Parameters:
    ///   - from: the first evaluation, rounded down to a multiple of the cadence.
    ///   - to: evaluations go up to here, inclusive.
    ///   - initial: the state before the first evaluation.
    public func transitions(
        of alarm: MetricAlarm, from: Timestamp, to: Timestamp, initial: AlarmState = .insufficientData
    ) throws(SeriesReplayError) -> [AlarmTransition] {
        guard let schedule = AlarmSchedule(period: alarm.period, evaluationPeriods: alarm.evaluationPeriods) else {
            throw .schedule(
                alarm: alarm.name,
                AlarmSchedule.problem(period: alarm.period, evaluationPeriods: alarm.evaluationPeriods) ?? "")
        }
        let evaluator = MetricAlarmEvaluator(alarm)
        let source = try EvaluationSource(alarm, series: series)
        let cadence = Int64(schedule.cadence)
        var state = initial
        var changes: [AlarmTransition] = []
        var second = from.seconds / cadence * cadence
        while second <= to.seconds {
            let window = try source.window(endingAt: second, count: evaluator.evaluationRange, alarm: alarm.name)
            let next = evaluator.evaluate(window.points, latestSampleCount: window.latestSampleCount, previous: state)
            if next != state {
                changes.append(
                    AlarmTransition(
                        at: Timestamp(secondsSince1970: second), from: state, to: next, datapoints: window.points))
                state = next
            }
            second += cadence
        }
        return changes
    }

    /// When a composite alarm changes its state, from its children's changes.
    ///
    /// - Parameters:
    ///   - children: each child's changes; a child without changes stays in INSUFFICIENT_DATA.
    ///   - from: when the composite is evaluated for the first time.
    public static func transitions(
        of composite: CompositeAlarm, children: [String: [AlarmTransition]], from: Timestamp,
        initial: AlarmState = .insufficientData
    ) throws(SeriesReplayError) -> [AlarmTransition] {
        let rule: CompositeRule
        do {
            rule = try CompositeRule(composite.rule)
        } catch {
            throw .rule(alarm: composite.name, error)
        }
        var states: [String: AlarmState] = [:]
        for child in children.keys { states[child] = children[child]?.first?.from ?? .insufficientData }
        let events = children.flatMap { name, changes in changes.map { (at: max($0.at, from), name: name, to: $0.to) } }
            .sorted { ($0.at, $0.name) < ($1.at, $1.name) }
        var state = initial
        var changes: [AlarmTransition] = []
        func evaluate(at time: Timestamp) {
            let next = rule.evaluate(states)
            guard next != state else { return }
            changes.append(AlarmTransition(at: time, from: state, to: next))
            state = next
        }
        if events.first.map({ $0.at > from }) ?? true { evaluate(at: from) }
        // Changes of one instant are taken together, so that the order of names decides nothing.
        for (place, event) in events.enumerated() {
            states[event.name] = event.to
            if place + 1 == events.count || events[place + 1].at != event.at { evaluate(at: event.at) }
        }
        return changes
    }

    /// When each of a set of alarms changes its state, composites included.
    public func transitions(
        of alarms: [DesiredAlarm], from: Timestamp, to: Timestamp
    ) throws(SeriesReplayError) -> [String: [AlarmTransition]] {
        var all: [String: [AlarmTransition]] = [:]
        var composites: [String: CompositeAlarm] = [:]
        var rules: [String: CompositeRule] = [:]
        for alarm in alarms {
            switch alarm.definition {
            case .metric(let metric): all[metric.name] = try transitions(of: metric, from: from, to: to)
            case .composite(let composite):
                composites[composite.name] = composite
                do {
                    rules[composite.name] = try CompositeRule(composite.rule)
                } catch {
                    throw .rule(alarm: composite.name, error)
                }
            }
        }
        guard let order = CompositeRule.evaluationOrder(of: rules) else { throw .cycle }
        for name in order {
            guard let composite = composites[name], let rule = rules[name] else { continue }
            let children = all.filter { rule.children.contains($0.key) }
            all[name] = try Self.transitions(of: composite, children: children, from: from)
        }
        return all
    }
}

/// Why alarms cannot be run over series.
public enum SeriesReplayError: Error, Sendable, Hashable, CustomStringConvertible {
    case schedule(alarm: String, String)
    case rule(alarm: String, CompositeRuleError)
    case expression(alarm: String, MetricMathError)
    case noResult(alarm: String)
    case cycle

    /// One sentence.
    public var description: String {
        switch self {
        case .schedule(let alarm, let reason): "\(alarm): \(reason)."
        case .rule(let alarm, let error): "\(alarm): \(error)"
        case .expression(let alarm, let error): "\(alarm): \(error)"
        case .noResult(let alarm): "\(alarm): its metric math has no line that returns data."
        case .cycle: "The composite alarms name each other in a cycle."
        }
    }
}
