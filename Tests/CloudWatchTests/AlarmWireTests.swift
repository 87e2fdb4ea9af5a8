import AWSCore
import CloudWatch
import JSONBytes
import Testing

@Suite struct AlarmWireTests {
    private let metric = MetricAlarm(
        name: "slow", description: "d",
        source: .metric(
            MetricStat(
                namespace: "Tidemark", metricName: "CallTime", dimensions: [Dimension(name: "Pattern", value: "AP1")],
                statistic: .percentile(99.9), period: 60)),
        comparison: .greater, threshold: 25, evaluationPeriods: 10, datapointsToAlarm: 5, missingData: .notBreaching,
        ignoresLowSampleCounts: true,
        actions: AlarmActions(onAlarm: ["arn:aws:sns:eu-west-1:1:t"], onOK: ["arn:aws:sns:eu-west-1:1:t"]))

    private let math = MetricAlarm(
        name: "throttles", description: "d",
        source: .math([
            MetricQuery(id: "filled", source: .expression("FILL(events, 0)"), label: "x", returnsData: true),
            MetricQuery(
                id: "events",
                source: .metric(
                    MetricStat(
                        namespace: "AWS/DynamoDB", metricName: "ReadThrottleEvents",
                        dimensions: [Dimension(name: "TableName", value: "Orders")], statistic: .sum, period: 60)),
                returnsData: false),
        ]),
        comparison: .greaterOrEqual, threshold: 5.5, evaluationPeriods: 5, datapointsToAlarm: 3,
        missingData: .notBreaching)

    private let composite = CompositeAlarm(
        name: "page", description: "d", rule: #"ALARM("slow") OR ALARM("throttles")"#,
        actions: AlarmActions(enabled: false, onAlarm: ["arn:aws:sns:eu-west-1:1:p"]),
        suppressor: CompositeAlarm.Suppressor(alarm: "maintenance", waitPeriod: 60, extensionPeriod: 120))

    @Test func aPercentileAlarmIsPutAsTheModelSays() async throws {
        let stub = StubTransport()
        try await CloudWatchClient(stub: stub).putMetricAlarm(metric, tags: ["b": "2", "a": "1"])
        let sent = stub.requests[0]
        #expect(sent.target == "GraniteServiceVersion20100801.PutMetricAlarm")
        #expect(sent.json["ExtendedStatistic"]?.stringValue == "p99.9")
        #expect(sent.json["Statistic"] == nil)
        #expect(sent.json["EvaluateLowSampleCountPercentile"]?.stringValue == "ignore")
        #expect(sent.json["DatapointsToAlarm"]?.intValue == 5)
        #expect(sent.json["TreatMissingData"]?.stringValue == "notBreaching")
        #expect(sent.json["Tags"]?[0]?["Key"]?.stringValue == "a")
        #expect(sent.json["Metrics"] == nil)
    }

    @Test func aMathAlarmNamesItsMetricsOnlyInItsLines() async throws {
        let stub = StubTransport()
        try await CloudWatchClient(stub: stub).putMetricAlarm(math)
        let sent = stub.requests[0].json
        for absent in ["MetricName", "Namespace", "Period", "Statistic", "Dimensions", "Tags"] {
            #expect(sent[absent] == nil)
        }
        #expect(sent["Metrics"]?[0]?["Expression"]?.stringValue == "FILL(events, 0)")
        #expect(sent["Metrics"]?[1]?["MetricStat"]?["Metric"]?["MetricName"]?.stringValue == "ReadThrottleEvents")
        #expect(sent["Metrics"]?[1]?["MetricStat"]?["Stat"]?.stringValue == "Sum")
        #expect(sent["Metrics"]?[1]?["ReturnData"]?.boolValue == false)
    }

    /// What was put comes back as it was, when the server keeps everything.
    @Test func definitionsSurviveTheRoundTrip() async throws {
        let stored = [metric.canonicalJSON, math.canonicalJSON].map { String(decoding: $0, as: UTF8.self) }
        let composed = String(decoding: composite.canonicalJSON, as: UTF8.self)
        let stub = StubTransport { _ in
            (200, #"{"MetricAlarms":[\#(stored.joined(separator: ","))],"CompositeAlarms":[\#(composed)]}"#)
        }
        let alarms = try await CloudWatchClient(stub: stub).describeAlarms(prefix: "x")
        #expect(alarms.map(\.definition) == [.metric(metric), .metric(math), .composite(composite)])
    }

    @Test func whatIsLeftOutHasCloudWatchsDefaults() async throws {
        let stub = StubTransport { _ in
            (
                200,
                #"""
                {"MetricAlarms":[{"AlarmName":"a","AlarmArn":"arn:a","StateValue":"ALARM","StateReason":"why",
                "StateUpdatedTimestamp":1795435200.5,"Namespace":"N","MetricName":"M","Statistic":"Sum","Period":300,
                "EvaluationPeriods":2,"Threshold":1,"ComparisonOperator":"LessThanThreshold"}]}
                """#
            )
        }
        let alarm = try #require(try await CloudWatchClient(stub: stub).describeAlarms(prefix: "a").first)
        #expect(alarm.state == .alarm)
        #expect(alarm.stateUpdatedAt?.seconds == 1_795_435_200)
        guard case .metric(let definition) = alarm.definition else {
            Issue.record("not readable")
            return
        }
        #expect(definition.datapointsToAlarm == 2)
        #expect(definition.missingData == .missing)
        #expect(definition.actions.enabled)
        #expect(definition.period == 300)
    }

    @Test(arguments: [
        #"{"AlarmName":"a","ComparisonOperator":"LessThanLowerThreshold","EvaluationPeriods":1}"#,
        #"{"AlarmName":"a","EvaluationPeriods":1}"#,
        #"{"AlarmName":"a","ComparisonOperator":"GreaterThanThreshold","Threshold":1,"EvaluationPeriods":1,"MetricName":null,"Period":60}"#,
    ])
    func anAlarmThatCannotBeReadIsStillListed(_ json: String) async throws {
        let stub = StubTransport { _ in (200, #"{"MetricAlarms":[\#(json)]}"#) }
        let alarm = try #require(try await CloudWatchClient(stub: stub).describeAlarms(prefix: "a").first)
        guard case .unreadable = alarm.definition else {
            Issue.record("read as \(alarm.definition)")
            return
        }
    }

    @Test(arguments: [
        ("p99", Statistic.percentile(99)), ("p99.9", .percentile(99.9)), ("Sum", .sum), ("tm99", .other("tm99")),
    ])
    func statisticsReadAndWriteAlike(_ name: String, _ statistic: Statistic) {
        #expect(Statistic(wireName: name) == statistic)
        #expect(statistic.wireName == name)
    }

    @Test func tagsComeBackByKey() async throws {
        let stub = StubTransport { _ in (200, #"{"Tags":[{"Key":"a","Value":"1"},{"Key":"b"}]}"#) }
        #expect(try await CloudWatchClient(stub: stub).listTagsForResource(arn: "arn") == ["a": "1", "b": ""])
    }

    @Test func anAnswerThatIsNoJSONIsSaidToBeUnreadable() async {
        let stub = StubTransport { _ in (200, "<html>") }
        let failure = await #expect(throws: AWSFailure.self) {
            try await CloudWatchClient(stub: stub).describeAlarms(prefix: "a")
        }
        #expect(failure?.class == .malformedResponse)
    }
}
