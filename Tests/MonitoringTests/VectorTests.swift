import CloudWatch
import JSONBytes
import Monitoring
import TestSupport
import Testing

/// CloudWatch's rules as vectors, each from its documentation or derived from it.
@Suite(.enabled(if: SharedFiles.vectors != nil, "the shared vectors are not here")) struct VectorTests {
    private static func lines(_ kind: String) throws -> [JSONValue] {
        try vectors("alarm-evaluation.jsonl").filter { $0.text("kind") == kind }
    }

    /// The states that a vector takes for right: where the documentation leaves a choice there are several.
    private static func accepted(_ vector: JSONValue) -> [String] {
        let listed = vector["accepted_states"]?.arrayValue?.compactMap(\.stringValue)
        return listed ?? [vector.text("expected_state")]
    }

    private static func state(_ name: String) throws -> AlarmState { try #require(AlarmState(rawValue: name)) }

    private static func evaluator(_ vector: JSONValue) throws -> MetricAlarmEvaluator {
        var percentile: Double?
        if vector["evaluate_low_sample_count_percentile"]?.stringValue == "ignore",
            case .percentile(let percent) = Statistic(wireName: vector.text("statistic"))
        {
            percentile = percent
        }
        return MetricAlarmEvaluator(
            comparison: try #require(ComparisonOperator(rawValue: vector.text("comparison"))),
            threshold: try #require(vector["threshold"]?.doubleValue),
            evaluationPeriods: try #require(vector["n"]?.intValue), datapointsToAlarm: vector["m"]?.intValue,
            missingData: vector["treat_missing"]?.stringValue.flatMap(MissingDataTreatment.init(rawValue:)),
            namespace: vector["namespace"]?.stringValue, percentileNeedingSamples: percentile)
    }

    @Test func metricAlarms() throws {
        let lines = try Self.lines("metric")
        #expect(lines.count >= 200)
        for vector in lines {
            let result = try Self.evaluator(vector).evaluate(
                vector["datapoints"]?.series ?? [], latestSampleCount: vector["sample_count"]?.doubleValue,
                previous: try Self.state(vector.text("previous_state")))
            #expect(Self.accepted(vector).contains(result.rawValue), "\(vector.text("id")): \(result.rawValue)")
            let forbidden = vector["forbidden_states"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(!forbidden.contains(result.rawValue), "\(vector.text("id"))")
        }
    }

    @Test func metricMath() throws {
        let lines = try Self.lines("math")
        #expect(lines.count >= 30)
        for vector in lines {
            var metrics: [String: [Double?]] = [:]
            for member in vector["metrics"]?.objectValue ?? [] { metrics[member.name] = member.value.series }
            let points = try MetricMath(vector.text("expression")).evaluate(metrics)
            if let expected = vector["expected_series"]?.series { #expect(points == expected, "\(vector.text("id"))") }
            guard vector["expected_state"] != nil else { continue }
            let result = try Self.evaluator(vector).evaluate(
                points, previous: try Self.state(vector.text("previous_state")))
            #expect(Self.accepted(vector).contains(result.rawValue), "\(vector.text("id")): \(result.rawValue)")
        }
    }

    @Test func compositeAlarms() throws {
        let lines = try Self.lines("composite")
        #expect(lines.count >= 140)
        for vector in lines {
            var states: [String: AlarmState] = [:]
            for member in vector["child_states"]?.objectValue ?? [] {
                states[member.name] = AlarmState(rawValue: member.value.stringValue ?? "")
            }
            let result = (try? CompositeRule(vector.text("rule")))?.evaluate(states).rawValue ?? "INVALID"
            #expect(Self.accepted(vector).contains(result), "\(vector.text("id")): \(result)")
        }
    }

    @Test func suppression() throws {
        let lines = try Self.lines("suppression")
        #expect(lines.count >= 16)
        for vector in lines {
            var machine = ActionSuppression(
                waitPeriod: try #require(vector["wait_period"]?.intValue),
                extensionPeriod: try #require(vector["extension_period"]?.intValue),
                composite: try Self.state(vector["initial"]?.text("composite") ?? ""),
                suppressor: try Self.state(vector["initial"]?.text("suppressor") ?? ""),
                actionsEnabled: vector["actions_enabled"]?.boolValue ?? true)
            var outputs: [ActionSuppression.Output] = []
            for event in vector["timeline"]?.arrayValue ?? [] {
                let (time, state) = (try #require(event["t"]?.intValue), try Self.state(event.text("to")))
                outputs +=
                    event.text("alarm") == "composite"
                    ? machine.compositeChanged(to: state, at: time) : machine.suppressorChanged(to: state, at: time)
            }
            outputs += machine.advance(to: try #require(vector["until"]?.intValue))
            check(outputs, against: vector)
        }
    }

    private func check(_ outputs: [ActionSuppression.Output], against vector: JSONValue) {
        let id = vector.text("id")
        let actions = outputs.compactMap { output -> String? in
            if case .action(let state, let time) = output { "\(time) \(state.rawValue)" } else { nil }
        }
        func listed(_ json: JSONValue?) -> [String] {
            (json?.arrayValue ?? []).map { "\($0["t"]?.intValue ?? -1) \($0.text("state"))" }
        }
        let accepted =
            vector["accepted_actions"]?.arrayValue.map { $0.map(listed) } ?? [listed(vector["expected_actions"])]
        #expect(accepted.contains(actions), "\(id): \(actions)")
        let periods = outputs.compactMap { output -> String? in
            switch output {
            case .expired(let period): "\(period.kind.rawValue) \(period.start)-\(period.end) expired \(period.end)"
            case .discarded(let period, let time):
                "\(period.kind.rawValue) \(period.start)-\(period.end) discarded \(time)"
            case .action: nil
            }
        }
        let expected = (vector["expected_periods"]?.arrayValue ?? []).map { period in
            "\(period.text("kind")) \(period["start"]?.intValue ?? -1)-\(period["end"]?.intValue ?? -1) "
                + "\(period.text("outcome")) \(period["at"]?.intValue ?? -1)"
        }
        #expect(periods == expected, "\(id)")
    }

    @Test func schedule() throws {
        let lines = try vectors("alarm-schedule.jsonl")
        #expect(lines.count >= 17)
        for vector in lines {
            let schedule = AlarmSchedule(
                period: try #require(vector["period"]?.intValue), evaluationPeriods: try #require(vector["n"]?.intValue)
            )
            #expect((schedule != nil) == vector["valid"]?.boolValue, "\(vector.text("id"))")
            #expect(schedule?.cadence == vector["evaluated_every_s"]?.intValue, "\(vector.text("id"))")
            #expect(schedule?.isMultiDay ?? false == vector["multi_day"]?.boolValue, "\(vector.text("id"))")
        }
    }
}
