import AWSCore
import AgentCore
import CloudWatch
import JSONBytes
import TestSupport
import Testing

/// What `tidemark ledger --by-period` prints of a store with everything in it.
@Suite struct LedgerReportTests {
    /// Acknowledged, refused, ambiguous and pending periods, and one that the agent slept through.
    private func ledger() async throws -> Ledger {
        let fixture = try AgentFixture()
        fixture.configuration.resendAmbiguous = false
        let (checkout, billing) = (fixture.service(), fixture.service("billing", id: 2))
        do {
            let agent = try fixture.agent()
            checkout.call(times: 1_200)
            billing.call("Invoices", "PutItem", pattern: "AP7", times: 30)
            await fixture.pass(1, agent)
            await fixture.cloudWatch.next(.takeAndLoseTheAnswer)
            checkout.call(times: 50)
            await fixture.pass(1, agent)
            await fixture.cloudWatch.always(.refuse(metric: "Calls", pattern: "AP7"))
            billing.call("Invoices", "PutItem", pattern: "AP7", times: 4)
            await fixture.pass(6, agent)
        }
        fixture.clock.advance(by: .seconds(95))
        let agent = try fixture.agent()
        await fixture.cloudWatch.always(.throttle)
        checkout.call(times: 7)
        await fixture.pass(2, agent)
        return try fixture.store().ledger(periodsSince: Timestamp(secondsSince1970: 0))
    }

    @Test func theTableIsPrintedAsItAlwaysWas() async throws {
        let ledger = try await ledger()
        #expect(ledger.isBalanced)
        let text = ledger.text(style: .plain)
        #expect(text == (try golden("Examples/reports/ledger-by-period.txt", actual: text)))
    }

    @Test func theJSONIsStable() async throws {
        let bytes = try await ledger().json()
        let json = try JSONValue.parse(bytes)
        let (calls, periods) = (json["calls"], try #require(json["periods"]?.arrayValue))
        #expect(calls?["recorded"]?.intValue == 1_291)
        #expect(periods.reduce(0) { $0 + ($1["calls"]?["recorded"]?.intValue ?? 0) } == 1_291)
        #expect(periods.contains { $0["isGap"] == .bool(true) })
        let text = String(decoding: bytes, as: UTF8.self).replacing("},{", with: "},\n{") + "\n"
        #expect(text == (try golden("Examples/reports/ledger-by-period.json", actual: text)))
    }

    /// A store that somebody changed: the period is marked, and the exit status is that of a finding.
    @Test func aPeriodThatDoesNotBalanceIsMarked() async throws {
        var ledger = try await ledger()
        ledger.periods[0].calls.acknowledged -= 1
        #expect(!ledger.isBalanced)
        #expect(ledger.text(style: .plain).contains("does not balance"))
    }

    @Test func missingCallsAndThoseThatStandTwiceAreToldApart() async throws {
        var ledger = try await ledger()
        ledger.entries[0].calls.acknowledged += 1_500
        #expect(
            ledger.text(style: .plain).contains(
                "does not balance: 1,500 calls are accounted for more often than they were recorded."))
        ledger.entries[1].calls.acknowledged -= 3
        #expect(ledger.gapText.hasPrefix("3 calls are missing, and 1,500 calls are accounted for more often"))
        #expect(ledger.gapInCalls == 1_503)
    }
}
