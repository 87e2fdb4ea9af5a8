import AWSCore
import AgentCore
import CloudWatch
import JSONBytes
import Telemetry
import TestSupport
import Testing

@Suite struct ReportFormTests {
    private func summary(_ fixture: AgentFixture) throws -> Summary {
        try Summary.make(
            from: fixture.store(), since: fixture.clock.timestamp.advanced(by: .seconds(-3_600)),
            now: fixture.clock.timestamp, document: .orders)
    }

    /// A bad hour: calls that fail, a partition that throttles, CloudWatch that is not there.
    private func badHour() async throws -> Summary {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service("check<out>")
        await fixture.cloudWatch.always(.throttle)
        for _ in 0..<5 {
            service.call(times: 200, key: "a|b")
            service.call(outcome: .accessDenied, times: 20)
            await fixture.pass(1, agent)
        }
        return try summary(fixture)
    }

    @Test func everyFormShowsTheLedgerAndWhatWaits() async throws {
        let summary = try await badHour()
        #expect(summary.agent.details.pendingPeriods == 5)
        #expect(summary.agent.details.oldestPending != nil)
        let html = summary.html(refreshSeconds: 10)
        for words in [
            "1,100 calls recorded", "1,100 pending", "every call is accounted for", "5 periods, the oldest of ",
        ] {
            #expect(html.contains(words), "\(words)")
        }
        let markdown = summary.markdown()
        #expect(markdown.contains("| 1,100 | 0 | 0 | 1,100 | 0 | 0 |") && markdown.contains("- waiting: 5 periods"))
        let text = summary.text()
        #expect(
            text.contains("waiting           5 periods, the oldest of ") && text.contains("every call is accounted for")
        )
        let json = try JSONValue.parse(summary.json())
        #expect(json["agent"]?["pendingPeriods"]?.intValue == 5)
        #expect(json["ledger"]?["calls"]?["pending"]?.intValue == 1_100)
    }

    @Test func namesFromOutsideAreNoMarkUp() async throws {
        let summary = try await badHour()
        let html = summary.html()
        #expect(!html.contains("<out>") && html.contains("check&lt;out&gt;"))
        #expect(!html.contains("http-equiv"))
        #expect(summary.markdown().contains("check\\<out>"))
    }

    @Test func aGapInTheLedgerIsCriticalInEveryForm() async throws {
        var summary = try await badHour()
        #expect(!summary.findings.contains { $0.what.contains("accounted") })
        summary.ledger.entries[0].calls.recorded += 7
        #expect(!summary.ledger.isBalanced && summary.ledger.gapInCalls == 7)
        #expect(summary.html().contains("7 calls are missing"))
        #expect(summary.text().contains("7 calls are missing"))
        #expect(summary.markdown().contains("| 0 | 7 |"))
        // One entry with too few does not make up for another with too many.
        summary.ledger.entries.append(summary.ledger.entries[0])
        summary.ledger.entries[1].calls.recorded -= 14
        #expect(summary.ledger.gapInCalls == 14)
    }

    @Test func aPeriodThatDoesNotBalanceIsNamed() async throws {
        var summary = try await badHour()
        summary.ledger.periods[2].calls.recorded += 3
        #expect(summary.text().contains("1 of 5 do not balance, 3 calls in all"))
    }

    @Test func figuresFromMergedWindowsAndGapsSayHowCoarseTheyAre() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        let service = fixture.service()
        do {
            let agent = try fixture.agent()
            for _ in 0..<60 {
                service.call()
                await fixture.pass(1, agent)
            }
        }
        #expect(!(try summary(fixture).text().contains("resolution")))
        // The last hour is merged too where the disk budget presses; and then nobody is there for a while.
        fixture.configuration.history.fineHours = 0
        service.call()
        fixture.clock.advance(by: .seconds(960))
        let agent = try fixture.agent()
        await fixture.pass(20, agent)
        let summary = try summary(fixture)
        #expect(summary.agent.mergedWindows > 0 && summary.agent.gaps == 1)
        let coarsest = try #require(summary.agent.coarsestInSeconds)
        #expect(coarsest >= 960)
        let words = "\(coarsest / 60) min at worst (\(summary.agent.mergedWindows) windows merged, 1 window with a gap)"
        let text = summary.text()
        #expect(text.contains("resolution        \(words)"), "\(text)")
        #expect(summary.markdown().contains("resolution: \(words)"))
        #expect(summary.html().contains(words))
        let json = try JSONValue.parse(summary.json())
        #expect(json["agent"]?["coarsestInSeconds"]?.intValue == Int(coarsest))
        #expect(json["agent"]?["mergedWindows"]?.intValue == summary.agent.mergedWindows)
    }

    @Test func aGapIsPublishedForTheAlarm() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.pass(2, agent)
        let datums = await fixture.cloudWatch.datums("AgentLedgerGapCalls")
        #expect(!datums.isEmpty && datums.allSatisfy { $0.sum == 0 })
    }
}
