internal import CloudWatch
internal import ContractEngine

/// Builds the alarms of one deployment. The numbers are those of `docs/ALARMS.md`.
struct AlarmBuilder: Sendable {
    let capacity: CapacityPlan
    let policy: AlarmPolicy
    let scope: MonitoringScope
    let contract: String
    let names: AlarmNames

    init(capacity: CapacityPlan, policy: AlarmPolicy, scope: MonitoringScope, contract: String) {
        self.capacity = capacity
        self.policy = policy
        self.scope = scope
        self.contract = contract
        names = AlarmNames(scope: scope)
    }

    // MARK: Pieces that all alarms share

    /// What every description ends with.
    var origin: String { "Tidemark, from \(String(contract.prefix(80)))." }

    func actions(_ severity: DesiredAlarm.Severity) -> AlarmActions {
        let topics: [String] =
            switch severity {
            case .page: policy.pageActions
            case .ticket: policy.ticketActions
            case .part: []
            }
        return AlarmActions(onAlarm: topics, onOK: policy.notifiesRecovery ? topics : [])
    }

    func desired(
        _ number: String, _ severity: DesiredAlarm.Severity, _ subject: DesiredAlarm.Subject,
        _ definition: DesiredAlarm.Definition
    ) -> DesiredAlarm {
        DesiredAlarm(
            number: number, severity: severity, subject: subject, definition: definition,
            tags: AlarmTag.tags(scope: scope, contract: contract, definition: definition))
    }

    /// A metric of our own, in the policy's period.
    func stat(_ metric: MetricCatalog.Metric, _ dimensions: [Dimension], _ statistic: Statistic) -> MetricStat {
        MetricStat(
            namespace: MetricCatalog.namespace, metricName: metric.name, dimensions: dimensions, statistic: statistic,
            period: policy.period)
    }

    /// A metric of DynamoDB's, which comes once a minute.
    func stat(_ metric: DynamoDBMetric, table: String, index: String?) -> MetricStat {
        MetricStat(
            namespace: DynamoDBMetric.namespace, metricName: metric.rawValue,
            dimensions: DynamoDBMetric.dimensions(table: table, index: index), statistic: .sum,
            period: policy.minutePeriod)
    }

    // MARK: Words

    /// A threshold of so many a minute in another period.
    func rescaled(_ perMinute: Double, to period: Int) -> Double { perMinute * Double(period) / 60 }

    /// "a minute", "in 10 s", "in 5 minutes".
    func per(_ period: Int) -> String {
        period == 60 ? "a minute" : period.isMultiple(of: 60) ? "in \(period / 60) minutes" : "in \(period) s"
    }

    /// ", that is 0.833 in 10 s" where a per-minute threshold was rescaled.
    func rescaling(_ perMinute: Double, to period: Int) -> String {
        period == 60 ? "" : ", that is \(Figures.text(rescaled(perMinute, to: period))) \(per(period))"
    }

    /// "3 of 5 periods of 60 s".
    func window(_ window: AlarmPolicy.Window, _ period: Int) -> String {
        "\(window.datapoints) of \(window.periods) periods of \(period) s"
    }

    /// "max(5, 1% of 43,200 calls a minute) = 432 a minute".
    func derivation(_ threshold: AlarmPolicy.CountThreshold, callsPerSecond: Double, perMinute: Double) -> String {
        let calls = Figures.text(callsPerSecond * 60)
        return
            "max(\(Figures.text(threshold.atLeastAMinute)), \(Figures.text(threshold.percentOfCalls))% of the contract's "
            + "\(calls) calls a minute) = \(Figures.text(perMinute)) a minute"
    }

    func perMinute(_ threshold: AlarmPolicy.CountThreshold, callsPerSecond: Double) -> Double {
        max(threshold.atLeastAMinute, threshold.percentOfCalls / 100 * callsPerSecond * 60)
    }

    func resourceName(_ table: String, _ index: String?) -> String {
        index.map { "the index \($0.prefix(120)) of \(table.prefix(120))" } ?? "the table \(table.prefix(120))"
    }
}
