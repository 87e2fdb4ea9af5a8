import AWSCore
import CloudWatch
import Monitoring
import Testing

@Suite struct AlarmDiffTests {
    private func desired() throws -> [DesiredAlarm] { try AlarmPlan.desired(capacity: makeCapacity(), scope: scope) }

    private func actual(_ alarm: DesiredAlarm, tags: [String: String]? = nil) -> ActualAlarm {
        let definition: DescribedAlarm.Definition =
            switch alarm.definition {
            case .metric(let metric): .metric(metric)
            case .composite(let composite): .composite(composite)
            }
        return ActualAlarm(
            DescribedAlarm(name: alarm.name, arn: "arn:\(alarm.name)", definition: definition, state: .ok),
            tags: tags ?? alarm.tags)
    }

    private func diff(_ desired: [DesiredAlarm], _ actual: [ActualAlarm], keepsEverything: Bool = true) -> AlarmChanges
    {
        AlarmPlan.diff(desired: desired, actual: actual, scope: scope, keepsEverything: keepsEverything)
    }

    @Test func nothingThereMeansEverythingIsMade() throws {
        let changes = diff(try desired(), [])
        #expect(changes.created.count == (try desired().count))
    }

    @Test func whatIsAsItShouldBeStays() throws {
        let changes = diff(try desired(), try desired().map { actual($0) })
        #expect(changes.isEmpty(deletingOrphans: true))
        #expect(changes.unchanged.count == (try desired().count))
    }

    @Test func driftIsShownFieldByField() throws {
        let alarms = try desired()
        var found = alarms.map { actual($0) }
        let place = try #require(alarms.firstIndex { $0.name.hasSuffix("AP1/failed-calls") })
        guard case .metric(var drifted) = alarms[place].definition else { return }
        drifted.threshold = 99
        drifted.missingData = .missing
        drifted.actions.enabled = false
        found[place].described.definition = .metric(drifted)
        let changes = diff(alarms, found)
        #expect(
            changes.updated.map(\.kind) == [
                .update([
                    FieldChange(field: "threshold", before: "99", after: "36"),
                    FieldChange(field: "missing data", before: "missing", after: "notBreaching"),
                    FieldChange(field: "actions enabled", before: "false", after: "true"),
                ])
            ])
    }

    @Test func everyFieldOfADefinitionIsCompared() throws {
        let alarm = try #require(try desired().first { $0.name.hasSuffix("AP1/slow-calls") })
        guard case .metric(let metric) = alarm.definition, case .metric(let stat) = metric.source else { return }
        let edits: [(inout MetricAlarm) -> Void] = [
            { $0.description += "x" }, { $0.comparison = .less }, { $0.threshold.negate() },
            { $0.evaluationPeriods = 11 },
            { $0.datapointsToAlarm = 4 }, { $0.missingData = .ignore }, { $0.ignoresLowSampleCounts = false },
            { $0.actions.onAlarm = ["arn:x"] }, { $0.actions.onOK = ["arn:x"] },
            { $0.actions.onInsufficientData = ["arn:x"] },
            { $0.actions.enabled = false }, { $0.threshold += 1e-9 },
            { alarm in alarm.source = .metric(with(stat) { $0.period = 120 }) },
            { alarm in alarm.source = .metric(with(stat) { $0.statistic = .average }) },
            { alarm in alarm.source = .metric(with(stat) { $0.metricName = "Other" }) },
            { alarm in alarm.source = .metric(with(stat) { $0.dimensions = scope.serviceDimensions }) },
            { alarm in alarm.source = .metric(with(stat) { $0.namespace = "Other" }) },
        ]
        for (place, edit) in edits.enumerated() {
            var changed = metric
            edit(&changed)
            var found = actual(alarm)
            found.described.definition = .metric(changed)
            #expect(diff([alarm], [found]).updated.count == 1, "edit \(place)")
        }
    }

    @Test func aTagThatWentAstrayIsAnUpdate() throws {
        let alarm = try #require(try desired().first)
        var tags = alarm.tags
        tags["tidemark:contract"] = "old.json"
        let change = try #require(diff([alarm], [actual(alarm, tags: tags)]).updated.first)
        #expect(
            change.kind == .update([FieldChange(field: "tag tidemark:contract", before: "old.json", after: "contract")])
        )
    }

    @Test func anAlarmOfOurNameWithoutOurTagIsRefused() throws {
        let alarm = try #require(try desired().first)
        let changes = diff([alarm], [actual(alarm, tags: ["team": "payments"])])
        #expect(changes.foreign.count == 1)
        #expect(changes.updated.isEmpty)
        #expect(!changes.isEmpty(deletingOrphans: false))
    }

    @Test func anotherDeploymentsAlarmsAreNotOurs() throws {
        let alarm = try #require(try desired().first)
        var tags = alarm.tags
        tags["tidemark:environment"] = "staging"
        let changes = diff([alarm], [actual(alarm, tags: tags)])
        guard case .foreign(let reason) = changes.all[0].kind else {
            Issue.record("\(changes.all[0].kind)")
            return
        }
        #expect(reason == "it belongs to another deployment (shop in staging)")
    }

    @Test func onlyAlarmsWithOurTagBecomeOrphans() throws {
        let alarms = try desired()
        let found =
            alarms.map { actual($0) }
            + [actual(alarms[0], tags: [:])].map { copy in
                var copy = copy
                copy.described.name = "tidemark/shop/production/somebody-elses"
                return copy
            }
        let changes = diff(Array(alarms.dropFirst(2)), found)
        #expect(changes.orphans.map(\.name) == alarms.prefix(2).map(\.name).sorted())
        #expect(changes.isEmpty(deletingOrphans: false))
        #expect(!changes.isEmpty(deletingOrphans: true))
    }

    @Test func aServerThatForgetsMathIsTrustedByFingerprintOnly() throws {
        let alarm = try #require(try desired().first { $0.name.hasSuffix("Orders/read-throttles") })
        var found = actual(alarm)
        found.described.definition = .unreadable(reason: "no metric")
        #expect(diff([alarm], [found], keepsEverything: false).unchanged.count == 1)
        #expect(diff([alarm], [found], keepsEverything: true).updated.count == 1)
        found.tags["tidemark:definition"] = "0"
        #expect(diff([alarm], [found], keepsEverything: false).updated.count == 1)
    }

    @Test func aCompositeInTheWayOfAMetricAlarmIsRefused() throws {
        let alarm = try #require(try desired().first)
        var found = actual(alarm)
        found.described.definition = .composite(CompositeAlarm(name: alarm.name, description: "", rule: "TRUE"))
        #expect(diff([alarm], [found]).foreign.count == 1)
    }
}

private func with<Value>(_ value: Value, _ edit: (inout Value) -> Void) -> Value {
    var copy = value
    edit(&copy)
    return copy
}
