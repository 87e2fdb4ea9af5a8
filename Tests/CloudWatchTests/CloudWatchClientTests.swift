import AWSCore
import CloudWatch
import JSONBytes
import Synchronization
import Testing

@Suite struct CloudWatchClientTests {
    @Test func metricDataGoesOutAsGzipToItsTarget() async throws {
        let stub = StubTransport()
        let body = Array(#"{"Namespace":"Tidemark","MetricData":[]}"#.utf8)
        let receipt = try await CloudWatchClient(stub: stub).putMetricData(encodedBody: body)
        #expect(stub.requests.count == 1)
        #expect(stub.requests[0].target == "GraniteServiceVersion20100801.PutMetricData")
        #expect(stub.requests[0].contentEncoding == "gzip")
        #expect(stub.requests[0].body == (try gzip(body)))
        #expect(
            receipt
                == PutMetricDataReceipt(
                    requestID: "r-1", attempts: 1, ambiguousAttempts: 0, bodyBytes: body.count,
                    sentBytes: stub.requests[0].body.count))
    }

    @Test func withoutCompressionTheBodyGoesOutAsItIs() async throws {
        let stub = StubTransport()
        _ = try await CloudWatchClient(stub: stub).putMetricData(encodedBody: [123, 125], compress: false)
        #expect(stub.requests[0].contentEncoding == nil)
        #expect(stub.requests[0].body == [123, 125])
    }

    @Test func anAttemptThatMayHaveCountedIsReported() async throws {
        let calls = Atomic<Int>(0)
        let stub = StubTransport { _ in
            calls.add(1, ordering: .relaxed).newValue == 1 ? (503, "{}") : (200, "")
        }
        let receipt = try await CloudWatchClient(stub: stub).putMetricData(encodedBody: [123, 125])
        #expect(receipt.attempts == 2)
        #expect(receipt.ambiguousAttempts == 1)
    }

    @Test func aRefusedRequestIsTheCallersFailure() async {
        let stub = StubTransport { _ in (400, #"{"__type":"InvalidParameterValue","message":"NaN"}"#) }
        let failure = await #expect(throws: AWSFailure.self) {
            try await CloudWatchClient(stub: stub).putMetricData(encodedBody: [])
        }
        #expect(failure?.class == .validation)
        #expect(failure?.attempts == 1)
    }

    @Test func statisticsAreAskedForByKindAndComeBackInOrderOfTime() async throws {
        let stub = StubTransport { _ in
            (
                200,
                #"{"Label":"x","Datapoints":[{"Timestamp":1795435260,"Sum":2,"ExtendedStatistics":{"p99":7.5}},{"Timestamp":"2026-11-23T12:00:00Z","Sum":1}]}"#
            )
        }
        let stat = MetricStat(
            namespace: "Tidemark", metricName: "CallTime",
            dimensions: [Dimension(name: "B", value: "b"), Dimension(name: "A", value: "a")],
            statistic: .sum, period: 60)
        let points = try await CloudWatchClient(stub: stub).getMetricStatistics(
            stat, statistics: [.percentile(99)], from: noon, to: noon.advanced(by: .seconds(600)))
        let sent = stub.requests[0].json
        #expect(sent["Statistics"]?.arrayValue == [.string("Sum")])
        #expect(sent["ExtendedStatistics"]?.arrayValue == [.string("p99")])
        #expect(sent["StartTime"]?.intValue == 1_795_435_200)
        #expect(sent["Dimensions"]?[0]?["Name"]?.stringValue == "A")
        #expect(points.map(\.timestamp.seconds) == points.map(\.timestamp.seconds).sorted())
        #expect(points.last?[.percentile(99)] == 7.5)
        #expect(points.map { $0[.sum] } == [1, 2])
        #expect(points.first?[.percentile(99)] == nil)
    }

    @Test func listsFollowTheirTokensToTheEnd() async throws {
        let stub = StubTransport { request in
            switch request.json["NextToken"]?.stringValue {
            case nil: (200, #"{"Metrics":[{"Namespace":"Tidemark","MetricName":"A"}],"NextToken":"2"}"#)
            case "2": (200, #"{"Metrics":[{"Namespace":"Tidemark","MetricName":"B"}],"NextToken":"3"}"#)
            default: (200, #"{"Metrics":[{"Namespace":"Tidemark","MetricName":"C"}]}"#)
            }
        }
        let metrics = try await CloudWatchClient(stub: stub).listMetrics(namespace: "Tidemark")
        #expect(metrics.map(\.name) == ["A", "B", "C"])
    }

    @Test func aTokenThatRepeatsEndsTheList() async throws {
        let stub = StubTransport { _ in (200, #"{"Metrics":[],"NextToken":"same"}"#) }
        _ = try await CloudWatchClient(stub: stub).listMetrics(namespace: "Tidemark")
        #expect(stub.requests.count == 2)
    }

    @Test func aHundredNamesAreDescribedACall() async throws {
        let stub = StubTransport()
        _ = try await CloudWatchClient(stub: stub).describeAlarms(names: (0..<201).map { "a\($0)" })
        #expect(stub.requests.map { $0.json["AlarmNames"]?.arrayValue?.count } == [100, 100, 1])
        #expect(stub.requests[0].json["AlarmTypes"]?.arrayValue == [.string("MetricAlarm"), .string("CompositeAlarm")])
    }

    @Test func compositesAreDeletedOneByOneAndFirst() async throws {
        let stub = StubTransport()
        try await CloudWatchClient(stub: stub).deleteAlarms(
            composites: ["page", "part"], metricAlarms: (0..<150).map { "m\($0)" })
        #expect(stub.requests.map { $0.json["AlarmNames"]?.arrayValue?.count } == [1, 1, 100, 50])
        #expect(stub.requests[0].json["AlarmNames"]?[0]?.stringValue == "page")
    }

    @Test func aDashboardThatIsNotThereIsNil() async throws {
        let stub = StubTransport { _ in (404, #"{"__type":"com.amazonaws#DashboardNotFoundError","message":"no"}"#) }
        #expect(try await CloudWatchClient(stub: stub).getDashboard(name: "x") == nil)
    }

    @Test func aDashboardsWarningsAreGiven() async throws {
        let stub = StubTransport { _ in
            (200, #"{"DashboardValidationMessages":[{"DataPath":"/widgets/0","Message":"odd"}]}"#)
        }
        let messages = try await CloudWatchClient(stub: stub).putDashboard(name: "x", body: Array("{}".utf8))
        #expect(messages == [DashboardMessage(path: "/widgets/0", message: "odd")])
        #expect(stub.requests[0].json["DashboardBody"]?.stringValue == "{}")
    }

    @Test func historyComesNewestFirst() async throws {
        let stub = StubTransport { _ in
            (
                200,
                #"{"AlarmHistoryItems":[{"AlarmName":"a","Timestamp":1,"HistoryItemType":"StateUpdate","HistorySummary":"s"},{"AlarmName":"a","Timestamp":2}]}"#
            )
        }
        let items = try await CloudWatchClient(stub: stub).describeAlarmHistory(name: "a", kind: "StateUpdate")
        #expect(items.map(\.timestamp.seconds) == [2, 1])
        #expect(stub.requests[0].json["HistoryItemType"]?.stringValue == "StateUpdate")
    }
}

@Suite struct RequestPacingTests {
    /// A clock that moves by what was slept.
    private final class SleepingClock: Sendable {
        let nanoseconds = Atomic<UInt64>(0)
        let slept = Mutex<[Duration]>([])

        var hooks: CallHooks {
            CallHooks(
                uptimeNanoseconds: { self.nanoseconds.load(ordering: .relaxed) },
                sleep: { duration in
                    self.slept.withLock { $0.append(duration) }
                    self.nanoseconds.add(UInt64(duration.nanoseconds), ordering: .relaxed)
                })
        }
    }

    @Test func alarmWritesKeepToTheirRate() async throws {
        let clock = SleepingClock()
        let client = CloudWatchClient(
            stub: StubTransport(), pacing: RequestPacing(alarmWrites: 4, alarmReads: nil), hooks: clock.hooks)
        for _ in 0..<4 { try await client.tagResource(arn: "arn", tags: ["a": "b"]) }
        #expect(clock.slept.withLock { $0 } == Array(repeating: .milliseconds(250), count: 3))
        _ = try await client.describeAlarms(prefix: "a")
        #expect(clock.slept.withLock { $0.count } == 3, "reads have a pace of their own")
    }

    @Test func copiesShareTheirPace() async throws {
        let clock = SleepingClock()
        let client = CloudWatchClient(
            stub: StubTransport(), pacing: RequestPacing(alarmWrites: 2, alarmReads: nil), hooks: clock.hooks)
        let copy = client
        try await client.tagResource(arn: "arn", tags: [:])
        try await copy.tagResource(arn: "arn", tags: [:])
        #expect(clock.slept.withLock { $0 } == [.milliseconds(500)])
    }

    @Test(arguments: [
        ("https://monitoring.eu-west-1.amazonaws.com", true), ("https://monitoring.cn-north-1.amazonaws.com.cn/", true),
        ("https://monitoring.us-east-1.api.aws", true), ("http://127.0.0.1:4566", false),
        ("http://localhost/monitoring.eu-west-1.amazonaws.com", false), ("https://amazonaws.com.example.org", false),
    ])
    func onlyAWSItselfIsPacedByDefault(_ url: String, _ isAWS: Bool) {
        let endpoint = AWSEndpoint(url: url, region: "eu-west-1")
        #expect(RequestPacing.suited(to: endpoint) == (isAWS ? .accountDefaults : .unlimited))
        #expect(CloudWatchClient(stub: StubTransport(), url: url).isAWS == isAWS)
    }
}
