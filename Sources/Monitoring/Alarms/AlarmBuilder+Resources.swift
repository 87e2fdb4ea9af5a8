internal import CloudWatch
internal import ContractEngine

/// Alarms on a table or an index: 1, 6a and 13.
extension AlarmBuilder {
    func resourceAlarms() -> [DesiredAlarm] {
        capacity.resources.flatMap { resource -> [DesiredAlarm] in
            var alarms: [DesiredAlarm] = []
            if policy.throttles.isEnabled { alarms += Access.allCases.map { throttles(resource, $0) } }
            if policy.demand.isEnabled { alarms += Access.allCases.map { demand(resource, $0) } }
            if policy.hotKeys.isEnabled { alarms += hotKeys(resource) }
            return alarms
        }
    }

    /// Reads and writes are judged apart: they have limits of their own.
    enum Access: String, CaseIterable {
        case read
        case write

        var throttleMetric: DynamoDBMetric { self == .read ? .readThrottleEvents : .writeThrottleEvents }
        var consumedMetric: DynamoDBMetric { self == .read ? .consumedReadCapacityUnits : .consumedWriteCapacityUnits }
        var plural: String { self == .read ? "Reads" : "Writes" }

        func callsPerSecond(_ resource: ResourceDemand) -> Double {
            self == .read ? resource.readCallsPerSecond : resource.writeCallsPerSecond
        }

        func unitsPerSecond(_ resource: ResourceDemand) -> Double {
            self == .read ? resource.readUnitsPerSecond : resource.writeUnitsPerSecond
        }
    }

    // MARK: 1

    /// Metric math, because no plain statistic does it: DynamoDB publishes the metric only while it throttles, and an
    /// alarm in `AWS/DynamoDB` may keep its state while data are missing whatever the alarm asks for, so that it would
    /// stick in ALARM. FILL leaves nothing missing. M > 1, since FILL also fills what is merely late.
    /// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (TreatMissingData)
    private func throttles(_ resource: ResourceDemand, _ access: Access) -> DesiredAlarm {
        let calls = access.callsPerSecond(resource)
        let period = policy.minutePeriod
        let perMinute = perMinute(policy.throttles, callsPerSecond: calls)
        let shortPeriod =
            policy.period < period
            ? " DynamoDB publishes once a minute: the policy's \(policy.period) s do not apply." : ""
        let description =
            "\(access.plural) of \(resourceName(resource.table, resource.index)) are throttled. Threshold: "
            + derivation(policy.throttles, callsPerSecond: calls, perMinute: perMinute)
            + rescaling(perMinute, to: period) + "; \(window(policy.throttles.window, period)).\(shortPeriod)"
            + " Next: \"tidemark hotkeys\" says whether one key does it; else compare consumption with the contract's demand. "
            + origin
        let alarm = MetricAlarm(
            name: names.resource(table: resource.table, index: resource.index, kind: "\(access.rawValue)-throttles"),
            description: description,
            source: .math([
                MetricQuery(
                    id: "filled", source: .expression("FILL(events, 0)"), label: access.throttleMetric.rawValue,
                    returnsData: true),
                MetricQuery(
                    id: "events",
                    source: .metric(stat(access.throttleMetric, table: resource.table, index: resource.index)),
                    returnsData: false),
            ]),
            comparison: .greaterOrEqual, threshold: rescaled(perMinute, to: period),
            evaluationPeriods: policy.throttles.window.periods, datapointsToAlarm: policy.throttles.window.datapoints,
            missingData: .notBreaching, actions: actions(.part))
        return desired("1", .part, .resource(table: resource.table, index: resource.index), .metric(alarm))
    }

    // MARK: 6a

    private func demand(_ resource: ResourceDemand, _ access: Access) -> DesiredAlarm {
        let cost = capacity.cost(of: resource)
        let bound = DemandBound(
            policy.demand, access: access, demand: access.unitsPerSecond(resource),
            planned: access == .read ? cost.warmReadUnits : cost.warmWriteUnits)
        let period = policy.minutePeriod
        let threshold = bound.unitsPerSecond * Double(period)
        let description =
            "More \(access.rawValue) capacity of \(resourceName(resource.table, resource.index)) is consumed than foreseen. "
            + "Threshold: \(bound.derivation) = \(Figures.text(bound.unitsPerSecond)) units/s, as a sum "
            + "\(Figures.text(threshold)) \(per(period)); \(window(policy.demand.window, period)). The bound that binds: "
            + "\(bound.binding).\(bound.warning) Next: \"tidemark summary\" shows which pattern grew. \(origin)"
        let alarm = MetricAlarm(
            name: names.resource(table: resource.table, index: resource.index, kind: "\(access.rawValue)-demand"),
            description: description,
            source: .metric(stat(access.consumedMetric, table: resource.table, index: resource.index)),
            comparison: .greaterOrEqual, threshold: threshold, evaluationPeriods: policy.demand.window.periods,
            datapointsToAlarm: policy.demand.window.datapoints, missingData: .notBreaching, actions: actions(.ticket))
        return desired("6a", .ticket, .resource(table: resource.table, index: resource.index), .metric(alarm))
    }

    // MARK: 13

    private func hotKeys(_ resource: ResourceDemand) -> [DesiredAlarm] {
        let dimensions = scope.dimensions(table: resource.table, index: resource.index)
        let what = resourceName(resource.table, resource.index)
        let limit = "3,000 read and 1,000 write units/s of one partition"
        func alarm(
            _ kind: String, _ severity: DesiredAlarm.Severity, _ metric: MetricCatalog.Metric, _ threshold: Double,
            _ words: String
        ) -> DesiredAlarm {
            let description =
                "The hottest key of \(what) takes \(words) \(Figures.text(threshold))% of the \(limit) "
                + "(R/3000 + W/1000); \(window(policy.hotKeys.window, policy.period)). No capacity setting helps one key. "
                + "Next: \"tidemark hotkeys --table\" names it and how many shards would spread it. \(origin)"
            return desired(
                "13", severity, .resource(table: resource.table, index: resource.index),
                .metric(
                    MetricAlarm(
                        name: names.resource(table: resource.table, index: resource.index, kind: kind),
                        description: description, source: .metric(stat(metric, dimensions, .maximum)),
                        comparison: .greaterOrEqual, threshold: threshold,
                        evaluationPeriods: policy.hotKeys.window.periods,
                        datapointsToAlarm: policy.hotKeys.window.datapoints, missingData: .notBreaching,
                        actions: actions(severity))))
        }
        return [
            alarm(
                "hot-key-ticket", .ticket, MetricCatalog.hotKeyLoadUpperPercent, policy.hotKeys.ticketUpperPercent,
                "as its upper bound"),
            alarm(
                "hot-key-page", .part, MetricCatalog.hotKeyLoadLowerPercent, policy.hotKeys.pageLowerPercent,
                "for certain at least"),
        ]
    }
}

/// Alarm 6a's threshold: the smallest of several bounds, over a floor.
struct DemandBound {
    let unitsPerSecond: Double
    /// "max(5, min(1.5 × 600, 80% of 12,000, 40,000))".
    let derivation: String
    /// Which of them it is.
    let binding: String
    /// Said where the threshold lies below the contract's own demand.
    let warning: String

    /// - Parameter planned: the warm throughput that follows from the capacity, where the policy gives none.
    init(_ policy: AlarmPolicy.Demand, access: AlarmBuilder.Access, demand: Double, planned: Double) {
        let isRead = access == .read
        let given = isRead ? policy.warmReadUnits : policy.warmWriteUnits
        let warm = given > 0 ? given : planned
        let maximum = isRead ? policy.maximumReadUnits : policy.maximumWriteUnits
        var bounds: [(value: Double, formula: String, words: String)] = [
            (
                policy.timesDemand * demand, "\(Figures.text(policy.timesDemand)) × D \(Figures.text(demand))",
                "\(Figures.text(policy.timesDemand)) times the contract's demand D"
            ),
            (
                policy.percentOfWarmThroughput / 100 * warm,
                "\(Figures.text(policy.percentOfWarmThroughput))% of \(Figures.text(warm)) warm",
                "\(Figures.text(policy.percentOfWarmThroughput))% of the warm throughput"
            ),
        ]
        if maximum > 0 { bounds.append((maximum, "\(Figures.text(maximum)) maximum", "the maximum set on the table")) }
        let quota = isRead ? policy.quotaReadUnits : policy.quotaWriteUnits
        bounds.append((quota, "\(Figures.text(quota)) quota", "the account's quota for a table"))
        let smallest = bounds.min { $0.value < $1.value } ?? bounds[0]
        let floor = policy.atLeastUnitsASecond
        unitsPerSecond = max(floor, smallest.value)
        derivation = "max(\(Figures.text(floor)), min(\(bounds.map(\.formula).joined(separator: ", "))))"
        binding =
            smallest.value < floor ? "the floor, since the contract foresees \(Figures.text(demand))" : smallest.words
        warning =
            unitsPerSecond < demand
            ? " It lies below the contract's own demand of \(Figures.text(demand)) units/s: pre-warm the table or raise the "
                + "limit, and enter it in the policy." : ""
    }
}
