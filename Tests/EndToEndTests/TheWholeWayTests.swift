import AWSCore
import CloudWatch
import Foundation
import JSONBytes
import Monitoring
import TestSupport
import Testing

/// From a service's call to an alarm and back, on the built command, against a local AWS behind a proxy that injects
/// faults. Witnesses that share no code have to agree on every count.
@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct TheWholeWayTests {
    /// Periods of 10 seconds, and thresholds that the little traffic of a test reaches.
    private static let policy = """
        period: 10
        alarms:
          failed-calls:
            at-least-a-minute: 6
            percent-of-calls: 0.1
            datapoints: 2
            periods: 3
        """

    /// Every query of one index fails; other patterns meet throttles, lost connections and cut answers, of which
    /// retries mend most.
    private static let faults = """
        {"name": "ill index", "match": {"operation": "Query", "index": "ByStation"}, "action": {"error": 500}},
        {"name": "hot station", "match": {"operation": "GetItem", "table": "Stations", "every": 4},
         "action": {"throttle": {"reason": "KeyRange"}}},
        {"name": "lost request", "match": {"operation": "GetItem", "table": "Riders", "every": 5},
         "action": {"reset": "before"}},
        {"name": "lost answer", "match": {"operation": "UpdateItem", "every": 9}, "action": {"reset": "after"}},
        {"name": "cut answer", "match": {"operation": "Query", "index": "ByDistrict", "every": 9},
         "action": {"truncate": true}}
        """

    @Test func everyCallIsCountedOnceFromTheServiceToTheAlarm() async throws {
        try await Stage.play { stage in
            let alarm = try await provision(stage)
            try stage.proxy.markLog()
            let agent = try await stage.startAgent()
            try await traffic(stage, alarm: alarm)
            try await stage.waitUntilPublished()
            let end = try await agent.stop()
            #expect(end.status == 0, "the agent ends in good order: \(end.errors)")
            try await stage.expectConservation()
            try await expectCloudWatchToAgree(stage)
            try await expectNoKeyAmongTheDimensions(stage)
            try await expectRealTransitions(stage, alarm: alarm)
        }
    }

    /// Tables and alarms, each applied twice. The name of the alarm that the faults are to set off.
    private func provision(_ stage: Stage) async throws -> String {
        try await stage.prepareTables()
        let again = try await stage.expect(0, ["tables", "apply", Example.contract, "--format", "json"])
        let states = try JSONValue.parse(Array(again.utf8))["tables"]?.arrayValue?.map { $0["state"]?.stringValue }
        #expect(states == ["unchanged", "unchanged", "unchanged"], "a second apply changes no table")
        let alarms = try alarmArguments(stage)
        try await stage.expect(0, ["alarms", "apply"] + alarms)
        try await stage.expect(0, ["alarms", "plan"] + alarms)
        let names = try await stage.cloudWatch().describeAlarms(prefix: "tidemark/\(stage.service)/test/").map(\.name)
        return try #require(names.first { $0.hasSuffix("/pattern/AP15/failed-calls") }, "AP15 has no alarm: \(names)")
    }

    private func alarmArguments(_ stage: Stage) throws -> [String] {
        Example.documents + ["--policy", try stage.folder.write(Self.policy, to: "policy.yaml")]
    }

    /// Calm, a bad half minute, and calm again until the local CloudWatch has seen the alarm come and go.
    private func traffic(_ stage: Stage, alarm: String) async throws {
        let client = try stage.cloudWatch()
        func reaches(_ state: CloudWatch.AlarmState) async throws {
            try await eventually("\(alarm) is \(state)") {
                try await client.describeAlarms(names: [alarm]).first?.state == state
            }
        }
        try await replayed(try stage.startReplay(calls: 200))
        try await reaches(.ok)
        try stage.proxy.inject(Self.faults)
        let bad = try stage.startReplay(calls: 1_320, rate: 40)
        try await reaches(.alarm)
        try await replayed(bad)
        let injected = try stage.proxy.calm()
        #expect(injected.count == 5 && injected.values.allSatisfy { $0 > 0 }, "every fault was injected: \(injected)")
        try await replayed(try stage.startReplay(calls: 400))
        try await reaches(.ok)
    }

    private func replayed(_ replay: ChildProcess) async throws {
        let end = try await replay.end()
        #expect(end.status == 0 && end.errors.isEmpty, "a replay: \(end.errors)")
    }

    /// Nothing was ambiguous, so CloudWatch has exactly what was recorded.
    private func expectCloudWatchToAgree(_ stage: Stage) async throws {
        let (ledger, calls) = (try await stage.ledger(), try stage.tally().values.reduce(0, +))
        #expect(ledger.recorded == calls)
        #expect(ledger.acknowledged == calls)
        #expect(ledger.ambiguous == 0 && ledger.mayHaveCounted == 0)
        #expect(try await stage.cloudWatchSum(MetricCatalog.calls) == ledger.acknowledged)
        let attempts = try stage.proxy.loggedByOperation().values.reduce(0, +)
        #expect(try await stage.cloudWatchSum(MetricCatalog.attempts) == attempts)
        let failures = try stage.tally().filter { !isGood($0.key) }.values.reduce(0, +)
        #expect(failures > 0)
        #expect(try await stage.cloudWatchSum(MetricCatalog.failedCalls) == failures)
    }

    private func isGood(_ row: String) -> Bool {
        ["success", "conditionFailed", "cancelled"].contains { row.hasSuffix(" \($0)") }
    }

    /// Keys leave the host in no dimension: every value there is a name of the contract or of the deployment.
    private func expectNoKeyAmongTheDimensions(_ stage: Stage) async throws {
        let contract = try JSONValue.parse(Array(try Data(contentsOf: URL(fileURLWithPath: Example.contract))))
        let tables = contract["tables"]?.arrayValue ?? []
        // "none" stands for the table of a transaction over several.
        var known: Set = [stage.service, "test", "none"]
        known.formUnion(tables.compactMap { $0["table"]?.stringValue })
        known.formUnion(tables.flatMap { $0["gsis"]?.arrayValue ?? [] }.compactMap { $0["index_name"]?.stringValue })
        let listed = try await stage.cloudWatch().listMetrics(namespace: MetricCatalog.namespace).flatMap(\.dimensions)
        #expect(!listed.isEmpty && listed.contains { $0.name == "Index" })
        for dimension in Set(listed) where dimension.name != "Pattern" && dimension.name != "Operation" {
            #expect(known.contains(dimension.value), "\(dimension)")
        }
        let patterns = Set(listed.filter { $0.name == "Pattern" }.map(\.value))
        #expect(patterns == Set((1...18).map { "AP\($0)" }))
    }

    /// The published series by the rules of the real CloudWatch, which the local one only approximates.
    private func expectRealTransitions(_ stage: Stage, alarm: String) async throws {
        let arguments = ["alarms", "backtest"] + (try alarmArguments(stage)) + ["--since", "15m", "--format", "json"]
        let json = try JSONValue.parse(Array(try await stage.expect(1, arguments).utf8))
        var changes: [String: [String]] = [:]
        for entry in json["alarms"]?.arrayValue ?? [] where entry["number"]?.stringValue == "4" {
            changes[try #require(entry["name"]?.stringValue)] = (entry["transitions"]?.arrayValue ?? []).map {
                "\($0["from"]?.stringValue ?? "?") → \($0["to"]?.stringValue ?? "?")"
            }
        }
        #expect(changes[alarm] == ["INSUFFICIENT_DATA → OK", "OK → ALARM", "ALARM → OK"])
        let failing = Set(try stage.tally().keys.filter { !isGood($0) }.map { String($0.split(separator: " ")[1]) })
        let unhurt = changes.filter { name, _ in !failing.contains { name.hasSuffix("/pattern/\($0)/failed-calls") } }
        #expect(unhurt.count >= 5, "too few patterns were spared: \(failing)")
        #expect(unhurt.values.allSatisfy { !$0.contains { $0.hasSuffix("ALARM") } }, "no alarm without a failed call")
    }
}
