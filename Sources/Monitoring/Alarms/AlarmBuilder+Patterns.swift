internal import CloudWatch
internal import ContractEngine
internal import ContractModel

/// Alarms on an access pattern, as the service sees it: 3, 4 and 7.
extension AlarmBuilder {
    /// The patterns that do something in DynamoDB.
    var alarmedPatterns: [PatternDemand] {
        capacity.patterns.filter { !$0.charges.isEmpty || !$0.pattern.operations.isEmpty }
    }

    func patternAlarms() -> [DesiredAlarm] {
        alarmedPatterns.flatMap { demand -> [DesiredAlarm] in
            var alarms: [DesiredAlarm] = []
            if policy.throttledAttempts.isEnabled { alarms += throttledAttempts(demand) }
            if policy.failedCalls.isEnabled { alarms.append(failedCalls(demand)) }
            if policy.slowCalls.isEnabled { alarms.append(slowCalls(demand)) }
            return alarms
        }
    }

    private func title(_ pattern: AccessPattern) -> String {
        let summary = pattern.summary.filter { $0.isASCII && $0 != "\"" }
        return summary.isEmpty ? pattern.id : "\(pattern.id) (\(summary.prefix(120)))"
    }

    private func metricAlarm(
        _ pattern: AccessPattern, kind: String, _ metric: MetricCatalog.Metric, _ statistic: Statistic,
        _ comparison: CloudWatch.ComparisonOperator, _ threshold: Double, _ window: AlarmPolicy.Window,
        _ severity: DesiredAlarm.Severity, _ description: String
    ) -> MetricAlarm {
        MetricAlarm(
            name: names.pattern(pattern.id, kind: kind), description: description,
            source: .metric(stat(metric, scope.dimensions(pattern: pattern.id), statistic)), comparison: comparison,
            threshold: threshold, evaluationPeriods: window.periods, datapointsToAlarm: window.datapoints,
            missingData: .notBreaching, ignoresLowSampleCounts: false, actions: actions(severity))
    }

    // MARK: 3

    private func throttledAttempts(_ demand: PatternDemand) -> [DesiredAlarm] {
        let rules = policy.throttledAttempts
        let pattern = demand.pattern
        let minimum = rescaled(rules.minimumAttemptsAMinute, to: policy.period)
        let share = metricAlarm(
            pattern, kind: "throttled-percent", MetricCatalog.throttledAttemptPercent, .average, .greaterOrEqual,
            rules.percent, rules.window, .part,
            "\(Figures.text(rules.percent))% or more of the requests of \(title(pattern)) are throttled, as the service sees "
                + "it; \(window(rules.window, policy.period)). Average of 0 and 100 for each request, so it is the fleet's "
                + "percentage. Half of alarm 3. \(origin)")
        let volume = metricAlarm(
            pattern, kind: "throttled-volume", MetricCatalog.throttledAttemptPercent, .sampleCount, .greaterOrEqual,
            minimum, rules.window, .part,
            "\(title(pattern)) sends \(Figures.text(rules.minimumAttemptsAMinute)) requests a minute or more"
                + "\(rescaling(rules.minimumAttemptsAMinute, to: policy.period)), so that a percentage of them means something; "
                + "\(window(rules.window, policy.period)). In ALARM on a normal day. Half of alarm 3. \(origin)")
        let both = CompositeAlarm(
            name: names.pattern(pattern.id, kind: "throttled"),
            description:
                "\(Figures.text(rules.percent))% or more of the requests of \(title(pattern)) are throttled, at "
                + "\(Figures.text(rules.minimumAttemptsAMinute)) requests a minute or more. The contract foresees "
                + "\(Figures.text(demand.callsPerSecond)) calls/s. Next: the table's alarms 1 say which table or index, "
                + "\"tidemark hotkeys\" whether one key does it. \(origin)",
            rule: "ALARM(\(CompositeRule.quoted(share.name))) AND ALARM(\(CompositeRule.quoted(volume.name)))",
            actions: actions(.part))
        return [
            desired("3", .part, .pattern(pattern.id), .metric(share)),
            desired("3", .part, .pattern(pattern.id), .metric(volume)),
            desired("3", .part, .pattern(pattern.id), .composite(both)),
        ]
    }

    // MARK: 4

    private func failedCalls(_ demand: PatternDemand) -> DesiredAlarm {
        let perMinute = perMinute(policy.failedCalls, callsPerSecond: demand.callsPerSecond)
        let alarm = metricAlarm(
            demand.pattern, kind: "failed-calls", MetricCatalog.failedCalls, .sum, .greaterOrEqual,
            rescaled(perMinute, to: policy.period), policy.failedCalls.window, .part,
            "Calls of \(title(demand.pattern)) fail after all their attempts: somebody gets an error. Threshold: "
                + derivation(policy.failedCalls, callsPerSecond: demand.callsPerSecond, perMinute: perMinute)
                + rescaling(perMinute, to: policy.period) + "; \(window(policy.failedCalls.window, policy.period)). "
                + "Next: \"tidemark summary\" gives the errors by class. \(origin)")
        return desired("4", .part, .pattern(demand.pattern.id), .metric(alarm))
    }

    // MARK: 7

    private func slowCalls(_ demand: PatternDemand) -> DesiredAlarm {
        let (threshold, reason) = latencyThreshold(demand)
        let samples = Figures.text(MetricAlarmEvaluator.samplesNeeded(forPercentile: 99))
        var alarm = metricAlarm(
            demand.pattern, kind: "slow-calls", MetricCatalog.callTime, .percentile(99), .greater, threshold,
            policy.slowCalls.window, .ticket,
            "p99 of the call time of \(title(demand.pattern)) is above \(Figures.text(threshold)) ms: \(reason); "
                + "\(window(policy.slowCalls.window, policy.period)). Periods with fewer than \(samples) calls are not judged. "
                + "Next: compare with SuccessfulRequestLatency of AWS/DynamoDB: AWS or us? \(origin)")
        alarm.ignoresLowSampleCounts = true
        return desired("7", .ticket, .pattern(demand.pattern.id), .metric(alarm))
    }

    /// Milliseconds and where they come from.
    private func latencyThreshold(_ demand: PatternDemand) -> (Double, String) {
        if let promised = demand.pattern.serviceLevel?.p99 {
            let parts = promised.components
            return (
                Double(parts.seconds) * 1_000 + Double(parts.attoseconds) / 1e15, "its service level in the contract"
            )
        }
        let rules = policy.slowCalls
        // The calls that are made, which may be others than the documents name.
        let made = demand.charges.map(\.operation)
        let slowest = (made.isEmpty ? demand.pattern.operations.map(\.operation) : made).map {
            operation -> (Double, String) in
            switch operation {
            case "GetItem", "PutItem", "UpdateItem", "DeleteItem": (rules.singleItem, operation)
            case "TransactGetItems", "TransactWriteItems": (rules.transaction, operation)
            default: (rules.query, operation)
            }
        }.max { $0.0 < $1.0 }
        guard let slowest else { return (rules.query, "the policy's value for a Query, since no operation is known") }
        return (slowest.0, "the policy's value for \(slowest.1), since the contract promises none")
    }
}
