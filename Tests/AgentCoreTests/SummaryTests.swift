import AWSCore
import AgentCore
import CloudWatch
import Foundation
import Glibc
import JSONBytes
import Monitoring
import Telemetry
import TestSupport
import Testing

@Suite struct SummaryTests {
    private func summary(_ fixture: AgentFixture, alarms: [Summary.AlarmLine] = []) throws -> Summary {
        try Summary.make(
            from: fixture.store(), since: fixture.clock.timestamp.advanced(by: .seconds(-3_600)),
            now: fixture.clock.timestamp, document: .orders, alarms: alarms)
    }

    @Test func quietTrafficNeedsNoAction() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(milliseconds: 4, times: 100)
        await fixture.pass(1, agent)
        let summary = try summary(fixture)
        #expect(!summary.needsAction)
        #expect(summary.findings == [])
        #expect(summary.patterns.map(\.calls) == [100])
        let p99 = try #require(summary.patterns.first?.p99Milliseconds)
        #expect(abs(p99 - 4) < 0.04)
        #expect(summary.text().contains("all is well"))
    }

    @Test func failuresSayWhatSinceWhenWhoWhyAndWhatNext() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 50)
        await fixture.pass(1, agent)
        let began = fixture.clock.timestamp
        service.call(times: 40)
        service.call(outcome: .accessDenied, times: 10)
        await fixture.pass(1, agent)
        let summary = try summary(fixture)
        let finding = try #require(summary.findings.first)
        #expect(finding.severity == .critical)
        #expect(finding.what == "AP1 failed 10 of 100 calls (10.0%) after all retries.")
        #expect(finding.since == began)
        #expect(finding.who == "checkout in test: GetItem on Orders.")
        #expect(finding.cause == "10 ended as accessDenied: the role may not do this.")
        #expect(finding.next.contains("policy"))
        #expect(summary.needsAction)
    }

    /// What the client held back is not the fault, even where it is most of what failed.
    @Test func whatOpenedACircuitIsNamedBeforeWhatItHeldBack() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 40)
        service.call(outcome: .server, times: 8)
        service.call(outcome: .circuitOpen, times: 33)
        service.call("Other", pattern: "AP2", outcome: .circuitOpen, times: 10)
        await fixture.pass(1, agent)
        let findings = try summary(fixture).findings.filter { $0.what.contains("failed") }
        #expect(
            findings.map(\.cause) == [
                "8 ended as server: DynamoDB answered with 5xx. 33 more were held back by the circuit that such failures "
                    + "open.",
                "10 ended as circuitOpen: the client held calls back after many failures: its circuit is open.",
            ])
        #expect(findings.first?.next.contains("AWS Health Dashboard") == true)
    }

    @Test func troubleThatIsOverIsAWarning() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(outcome: .timeout, times: 10)
        await fixture.pass(1, agent)
        service.call(times: 10)
        await fixture.pass(3, agent)
        service.call(times: 10)
        await fixture.pass(1, agent)
        let finding = try #require(try summary(fixture).findings.first)
        #expect(finding.severity == .warning)
        #expect(finding.what.contains("until"))
    }

    @Test func aHotPartitionNamesTheReasonAndTheKey() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 90, key: "a")
        service.call(outcome: .throttled, times: 10, key: "hot", throttled: true)
        await fixture.pass(1, agent)
        let summary = try summary(fixture)
        let finding = try #require(summary.findings.first { $0.what.contains("throttled 10 attempts") })
        #expect(finding.cause.contains("TableReadKeyRangeThroughputExceeded"))
        #expect(finding.next.contains("tidemark hotkeys --table Orders"))
        #expect(finding.who == "Patterns AP1 of checkout.")
    }

    @Test func alarmsInAlarmComeFirst() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call()
        await fixture.pass(1, agent)
        let summary = try summary(
            fixture,
            alarms: [
                Summary.AlarmLine(name: "z fine", state: .ok),
                Summary.AlarmLine(name: "a failing", state: .alarm, reason: "Threshold Crossed"),
            ])
        #expect(summary.findings.first?.what == "The alarm a failing is in ALARM.")
        #expect(summary.needsAction)
        #expect(summary.text().contains("1 OK, 1 in ALARM, 0 without data"))
    }

    @Test func anAgentThatHasJustStartedIsNotCalledStopped() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let summary = try summary(fixture)
        #expect(!summary.agent.isStale && summary.agent.isPublishing && !summary.needsAction)
        await agent.shutdown()
    }

    @Test func aTelemetryDirectoryThatServicesRefuseIsRefusedByTheAgentToo() throws {
        let fixture = try AgentFixture()
        let path = fixture.configuration.telemetryDirectory
        #expect(mkdir(path, 0o755) == 0 || errno == EEXIST)
        #expect(chmod(path, 0o755) == 0)
        let error = #expect(throws: AgentError.self) { _ = try fixture.agent() }
        #expect(error?.code == .directory && error?.message.contains("chmod 0700") == true)
    }

    @Test func anAgentThatWasStoppedIsNotCalledAlive() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call()
        await fixture.pass(1, agent)
        #expect(try summary(fixture).text().contains("alive, last commit"))
        await agent.shutdown()
        let stopped = try summary(fixture)
        #expect(stopped.agent.stoppedAt == fixture.clock.timestamp)
        #expect(stopped.findings.contains { $0.what.contains("The agent is stopped") && $0.severity == .warning })
        #expect(stopped.text().contains("stopped, last commit") && !stopped.text().contains("alive"))
    }

    @Test func anAgentThatHasStartedAgainIsNotCalledStopped() async throws {
        let fixture = try AgentFixture()
        await (try fixture.agent()).shutdown()
        let agent = try fixture.agent()
        #expect(try summary(fixture).agent.stoppedAt == nil)
        #expect(try summary(fixture).text().contains("alive"))
        await agent.shutdown()
    }

    /// Not after three periods: as soon as the commit that is due does not come.
    @Test func aFullDiskIsNamedWhenACommitIsDue() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call()
        await fixture.pass(1, agent)
        func made(_ freeBytes: UInt64?) throws -> Summary {
            let now = fixture.clock.timestamp
            return try Summary.make(
                from: fixture.store(), since: now.advanced(by: .seconds(-3_600)), now: now, freeBytes: freeBytes)
        }
        #expect(try !made(0).agent.isDiskFull, "a commit has just been there")
        fixture.clock.advance(by: .seconds(13))
        let full = try made(4_096)
        #expect(full.needsAction && full.findings.first?.what.contains("disk of the agent's store is full") == true)
        #expect(full.text().contains("its disk is full, last commit"))
        #expect(try !made(1 << 30).agent.isDiskFull && !made(nil).agent.isDiskFull)
    }

    @Test func aSilentAgentIsSaidToBeSo() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call()
        await fixture.pass(1, agent)
        fixture.clock.advance(by: .seconds(120))
        let summary = try summary(fixture)
        #expect(summary.agent.isStale)
        #expect(summary.findings.contains { $0.what.contains("committed nothing") })
    }

    @Test func noLineIsWiderThanAHundredColumns() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service("a-service-with-a-rather-long-name")
        service.call(
            "ATableWithAVeryLongNameThatSomebodyMade", pattern: "AP-with-a-long-name", outcome: .throttled,
            times: 2_000,
            units: 90_000, key: String(repeating: "customer#", count: 7), throttled: true)
        service.call("ATableWithAVeryLongNameThatSomebodyMade", "Scan", times: 10, units: 9_000_000)
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.takeAndLoseTheAnswer)
        service.call(outcome: .network, times: 5)
        await fixture.pass(1, agent)
        let lines = try summary(fixture).text().split(separator: "\n")
        #expect(lines.count > 20)
        for line in lines { #expect(line.count <= 100, "\(line)") }
    }

    /// Two services with the same table, keys and pattern, and what the one of them did.
    @Test func severalServicesAreToldApartAndOneCanBeAskedFor() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let (shop, billing) = (fixture.service("shop", id: 1), fixture.service("billing", id: 2))
        shop.call(times: 40, units: 60_000, key: "same")
        billing.call(outcome: .throttled, times: 20, units: 30_000, key: "same", throttled: true)
        billing.call("Orders", "Scan", pattern: "", times: 3, units: 9_000)
        await fixture.pass(1, agent)
        let (store, now) = (try fixture.store(), fixture.clock.timestamp)
        func summary(_ filter: ScopeFilter) throws -> Summary {
            try Summary.make(
                from: store, since: now.advanced(by: .seconds(-3_600)), now: now, document: .orders, alarms: [],
                filter: filter)
        }
        let both = try summary(ScopeFilter())
        #expect(both.resources.count == 2 && both.only.isEmpty)
        for title in ["table   service", "pattern  service"] { #expect(both.text().contains(title), "\(both.text())") }
        #expect(both.text().contains("none: calls that name no access pattern"))
        #expect(both.hotKeys.text().contains("Orders  billing  read") && both.hotKeys.text().contains("Orders  shop "))
        #expect(both.hotKeys.text().contains("Orders of billing: "), "\(both.hotKeys.text())")
        #expect(both.markdown().contains("| Orders | billing | ") && both.html().contains("<small>of billing</small>"))
        for line in both.text().split(separator: "\n") { #expect(line.count <= 100, "\(line)") }

        let one = try summary(ScopeFilter(service: "shop", environment: "test"))
        #expect(one.patterns.map(\.calls) == [40] && one.resources.map(\.scope.service) == ["shop"])
        #expect(Set(one.hotKeys.findings.map(\.scope.service)) == ["shop"])
        #expect(one.text().contains("40 calls of shop in test, 0 failed"))
        #expect(one.text().contains("63 calls of all services recorded"), "\(one.text())")
        #expect(!one.text().contains("billing") && !one.findings.contains { $0.what.contains("throttled") })

        let stranger = try summary(ScopeFilter(service: "shpo"))
        #expect(stranger.patterns.isEmpty && stranger.findings.first?.what == "No call of shpo ended in this time.")
        #expect(stranger.findings.first?.cause.contains("billing in test, shop in test") == true)
    }

    @Test func whoIsHitByAThrottledTableIsNotAnotherServicesPattern() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service("shop", id: 1).call(pattern: "AP7", outcome: .throttled, times: 9, throttled: true)
        fixture.service("billing", id: 2).call(pattern: "AP8", outcome: .throttled, times: 9, throttled: true)
        await fixture.pass(1, agent)
        let who = try summary(fixture).findings.filter { $0.what.contains("Orders throttled") }.map(\.who)
        #expect(who.sorted() == ["Patterns AP7 of shop.", "Patterns AP8 of billing."])
    }

    @Test func numbersInPatternNamesCountAsNumbers() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        for pattern in ["AP10", "AP2", "AP1", "AP010", "B1", "AP2x", "AP"] { service.call(pattern: pattern) }
        await fixture.pass(1, agent)
        let order = ["AP", "AP1", "AP2", "AP2x", "AP010", "AP10", "B1"]
        #expect(try summary(fixture).patterns.map(\.pattern) == order)
        let ledger = try fixture.store().ledger().text(style: .plain)
        let places = order.compactMap { ledger.range(of: " \($0) ")?.lowerBound }
        #expect(places.count == order.count && places == places.sorted(), "\(ledger)")
    }

    @Test func paintingMovesNoColumn() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 30, key: "k")
        service.call(outcome: .timeout, times: 10)
        await fixture.pass(1, agent)
        let summary = try summary(fixture)
        let painted = summary.text(style: TextStyle { text, _ in "\u{1}\(text)\u{2}" })
        #expect(painted.filter { $0 != "\u{1}" && $0 != "\u{2}" } == summary.text())
    }

    @Test func theJSONCarriesTheSameFigures() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 7)
        service.call(outcome: .timeout, times: 3)
        await fixture.pass(1, agent)
        let json = try JSONValue.parse(try summary(fixture).json())
        #expect(json["needsAction"]?.boolValue == true)
        #expect(json["patterns"]?[0]?["calls"]?.intValue == 10)
        #expect(json["patterns"]?[0]?["failures"]?["timeout"]?.intValue == 3)
        #expect(json["ledger"]?["calls"]?["recorded"]?.intValue == 10)
        #expect(json["agent"]?["isStale"]?.boolValue == false)
    }

    /// After a loss every key may have had what was lost: only one that certainly is hot is a finding.
    @Test func aKeyThatIsHotByItsUpperBoundAloneIsNoFinding() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service(keyEvents: 16)
        // 470 units each, of which 32 events are lost: half of what a partition serves in ten seconds.
        for _ in 0..<48 { service.call("Orders", units: 470_000, key: "certain") }
        await agent.tick()
        service.call("Products", key: "doubtful")
        await fixture.pass(1, agent)
        let loads = try HotKeyReport.make(
            from: try fixture.store(), since: Timestamp(secondsSince1970: 0), now: fixture.clock.timestamp
        ).findings.map { ($0.table, $0.loadPercent) }
        #expect(loads.allSatisfy { $0.1.upper >= 50 } && loads.count == 2)
        #expect(loads.contains { $0.0 == "Products" && $0.1.lower < 5 })
        let findings = try summary(fixture).findings.map(\.what).filter { $0.hasPrefix("One key takes") }
        #expect(findings.count == 1 && findings[0].contains("Orders"), "\(findings)")
    }
}
