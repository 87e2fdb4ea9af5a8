import AWSCore
import CloudWatch
import CurlTransport
import Foundation
import JSONBytes
import Monitoring
import Testing

/// The URL of a local AWS, where there is one.
private let testEndpoint = ProcessInfo.processInfo.environment["TIDEMARK_TEST_ENDPOINT"]

/// The wire against a local AWS: what it reads from our requests and what we read from its answers. Its alarm evaluation
/// is no judge of alarms, so only one transition each way is looked at, on a metric with a single dimension set.
@Suite(.enabled(if: testEndpoint != nil, "TIDEMARK_TEST_ENDPOINT names no local AWS"))
struct CloudWatchIntegrationTests {
    private let client: CloudWatchClient
    /// Apart from every other run against the same server.
    private let run = "it-\(UInt32.random(in: 0...UInt32.max))"
    private let now = Timestamp.now()

    init() throws {
        let endpoint = AWSEndpoint(url: try #require(testEndpoint), region: "us-east-1")
        let caller = AWSCaller(
            transport: try CurlTransport(), signer: SigV4Signer(service: "monitoring", region: endpoint.region),
            credentials: StaticCredentials(Credentials(accessKeyID: "test", secretAccessKey: "test")),
            endpoint: endpoint)
        client = CloudWatchClient(caller: caller)
    }

    /// The start of the minute `ago` minutes before this run.
    private func minute(_ ago: Int64) -> Timestamp { Timestamp(secondsSince1970: now.seconds / 60 * 60 - ago * 60) }

    private var scope: MonitoringScope { MonitoringScope(service: run, environment: "test") }

    private func publish(_ datums: [MetricDatum]) async throws {
        var encoder = PutMetricDataEncoder(namespace: MetricCatalog.namespace, now: now)
        for datum in datums { #expect(try encoder.append(datum)) }
        let receipt = try await client.putMetricData(encodedBody: encoder.body())
        #expect(receipt.ambiguousAttempts == 0)
    }

    private func stat(_ metric: MetricCatalog.Metric, _ statistic: Statistic) -> MetricStat {
        MetricStat(
            namespace: MetricCatalog.namespace, metricName: metric.name, dimensions: scope.dimensions(pattern: "AP1"),
            statistic: statistic, period: 60)
    }

    private func datum(_ metric: MetricCatalog.Metric, _ value: MetricDatum.Value, at time: Timestamp) -> MetricDatum {
        MetricDatum(
            name: metric.name, dimensions: scope.dimensions(pattern: "AP1"), timestamp: time, unit: metric.unit,
            value: value)
    }

    @Test func whatIsPublishedCompressedReadsBackExactly() async throws {
        try await publish([
            datum(MetricCatalog.calls, .single(40), at: minute(2)),
            datum(MetricCatalog.calls, .single(2), at: minute(1)),
            datum(MetricCatalog.callTime, .distribution(values: [1.5, 20], counts: [99, 1]), at: minute(1)),
        ])
        let calls = try await client.getMetricStatistics(
            stat(MetricCatalog.calls, .sum), from: minute(3), to: minute(0))
        #expect(calls.map { $0[.sum] } == [40, 2])
        #expect(calls.map(\.timestamp) == [minute(2), minute(1)])
        let times = try await client.getMetricStatistics(
            stat(MetricCatalog.callTime, .sum), statistics: [.sampleCount, .maximum, .percentile(50)], from: minute(3),
            to: minute(0))
        #expect(times.first?[.sum] == 168.5)
        #expect(times.first?[.sampleCount] == 100)
        #expect(times.first?[.maximum] == 20)
        #expect(times.first?[.percentile(50)] == 1.5)
        let listed = try await client.listMetrics(
            namespace: MetricCatalog.namespace, dimensions: [Dimension(name: "Service", value: run)])
        #expect(Set(listed.map(\.name)) == ["Calls", "CallTime"])
        #expect(listed.first?.dimensions == scope.dimensions(pattern: "AP1"))
    }

    private func alarm(_ name: String) -> MetricAlarm {
        MetricAlarm(
            name: "\(run)/\(name)", description: "a \"test\" → é",
            source: .metric(stat(MetricCatalog.failedCalls, .sum)),
            comparison: .greaterOrEqual, threshold: 2.5, evaluationPeriods: 3, datapointsToAlarm: 2,
            missingData: .notBreaching, actions: AlarmActions(onAlarm: ["arn:aws:sns:us-east-1:000000000000:t"]))
    }

    @Test func alarmsAndTagsReadBackAsTheyWerePut() async throws {
        let one = alarm("one")
        try await client.putMetricAlarm(one, tags: ["a": "1"])
        let composite = CompositeAlarm(
            name: "\(run)/composite", description: "d", rule: "ALARM(\(CompositeRule.quoted(one.name)))",
            actions: AlarmActions(onAlarm: ["arn:aws:sns:us-east-1:000000000000:t"]))
        try await client.putCompositeAlarm(composite, tags: ["b": "2"])
        let found = try await client.describeAlarms(prefix: run)
        #expect(Set(found.map(\.definition)) == [.metric(one), .composite(composite)])
        #expect(try await client.describeAlarms(names: [one.name, "\(run)/nothing"]).map(\.name) == [one.name])
        let arn = try #require(found.first { $0.name == one.name }).arn
        try await client.tagResource(arn: arn, tags: ["c": "3"])
        #expect(try await client.listTagsForResource(arn: arn) == ["a": "1", "c": "3"])
        try await client.putMetricAlarm(one, tags: ["d": "4"])
        #expect(try await client.listTagsForResource(arn: arn) == ["a": "1", "c": "3"], "an update ignores its tags")
        try await client.deleteAlarms(composites: [composite.name], metricAlarms: [one.name])
        #expect(try await client.describeAlarms(prefix: run).isEmpty)
    }

    @Test func anAlarmGoesToAlarmAndBackAndItsHistorySaysSo() async throws {
        let one = alarm("state")
        try await client.putMetricAlarm(one)
        try await publish((0...4).map { datum(MetricCatalog.failedCalls, .single(9), at: minute($0)) })
        #expect(try await client.describeAlarms(names: [one.name]).first?.state == .alarm)
        try await publish((0...4).map { datum(MetricCatalog.failedCalls, .single(-9), at: minute($0)) })
        let described = try #require(try await client.describeAlarms(names: [one.name]).first)
        #expect(described.state == .ok)
        #expect(described.stateUpdatedAt != nil)
        let history = try await client.describeAlarmHistory(name: one.name, kind: "StateUpdate")
        #expect(history.count >= 2)
        #expect(history.allSatisfy { $0.alarmName == one.name && !$0.summary.isEmpty })
        try await client.deleteAlarms(composites: [], metricAlarms: [one.name])
    }

    @Test func dashboardsReadBackAndGo() async throws {
        let name = Dashboard.name(scope: scope)
        let body = try Dashboard.render(capacity: makeCapacity(), scope: scope, region: "us-east-1")
        #expect(try await client.getDashboard(name: name) == nil)
        #expect(try await client.putDashboard(name: name, body: body).isEmpty)
        let found = try #require(try await client.getDashboard(name: name))
        #expect(try JSONValue.parse(found) == JSONValue.parse(body))
        try await client.deleteDashboards(names: [name])
        #expect(try await client.getDashboard(name: name) == nil)
    }

    @Test func aPlanIsAppliedOnceAndDestroyed() async throws {
        let applier = AlarmApplier(store: CloudWatchAlarmStore(client))
        let desired = try AlarmPlan.desired(capacity: makeCapacity(), scope: scope)
        let plan = try await applier.plan(desired: desired, scope: scope)
        #expect(plan.created.count == desired.count)
        try await applier.apply(plan)
        let second = try await applier.plan(desired: desired, scope: scope)
        #expect(second.isEmpty(deletingOrphans: true), "\(second.text())")
        var policy = AlarmPolicy.standard
        policy.failedCalls.atLeastAMinute = 400
        let changed = try AlarmPlan.desired(capacity: makeCapacity(), policy: policy, scope: scope)
        let third = try await applier.plan(desired: changed, scope: scope)
        #expect(third.updated.count == 1)
        try await applier.apply(third)
        #expect(try await applier.plan(desired: changed, scope: scope).isEmpty(deletingOrphans: true))
        try await applier.destroy(try await applier.owned(scope: scope))
        #expect(try await client.describeAlarms(prefix: AlarmPlan.namePrefix(of: scope)).isEmpty)
    }
}
