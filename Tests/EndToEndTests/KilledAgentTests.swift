import CloudWatch
import Foundation
import Monitoring
import TestSupport
import Testing

/// What a kill -9 of the agent costs: nothing of the totals, and of CloudWatch's sum only what was on its way.
@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct KilledAgentTests {
    @Test func anAgentThatIsKilledTwiceLosesNothing() async throws {
        try await Stage.play { stage in
            try await stage.prepareTables()
            try stage.proxy.markLog()
            let replay = try stage.startReplay(calls: 1_600, rate: 40)
            try await traffic(of: 50, stage)
            try await killInTheMiddleOfASend(stage)
            try await killAnywhere(stage)
            let agent = try await stage.startAgent()
            let end = try await replay.end()
            #expect(end.status == 0 && end.errors.isEmpty, "the replay: \(end.errors)")
            try await stage.waitUntilPublished()
            #expect(try await agent.stop().status == 0)
            try await stage.expectConservation()
            try await expectCloudWatchWithinTheLedger(stage)
        }
    }

    /// Waits until so many more requests have reached the proxy.
    private func traffic(of requests: Int, _ stage: Stage) async throws {
        let before = try stage.proxy.seen("DynamoDB")
        try await eventually("\(requests) requests") { try stage.proxy.seen("DynamoDB") >= before + requests }
    }

    /// The answer to the first batch is held back, and the agent dies while it waits; the batch arrives all the same.
    private func killInTheMiddleOfASend(_ stage: Stage) async throws {
        try stage.proxy.inject(
            """
            {"name": "slow", "match": {"operation": "PutMetricData", "times": 1}, "action": {"delay_ms": 1500}}
            """)
        let agent = try await stage.startAgent()
        try await eventually("a batch on its way") { try stage.proxy.seen("CloudWatch") > 0 }
        #expect(try await agent.stop(SIGKILL).status == -SIGKILL)
    }

    /// The next agent dies at no particular moment, and for a while there is none.
    private func killAnywhere(_ stage: Stage) async throws {
        let agent = try await stage.startAgent()
        try await traffic(of: 150, stage)
        #expect(try await agent.stop(SIGKILL).status == -SIGKILL)
        try await traffic(of: 100, stage)
    }

    private func expectCloudWatchWithinTheLedger(_ stage: Stage) async throws {
        let (ledger, calls) = (try await stage.ledger(), try stage.tally().values.reduce(0, +))
        #expect(ledger.recorded == calls)
        #expect(ledger.acknowledged == calls, "what was ambiguous is sent again")
        #expect(ledger.mayHaveCounted > 0, "the batch whose answer never came")
        let sum = try await stage.cloudWatchSum(MetricCatalog.calls)
        let most = ledger.acknowledged + ledger.mayHaveCounted
        print("CloudWatch adds up to \(sum) calls: acknowledged \(ledger.acknowledged), with the ambiguous \(most)")
        #expect((ledger.acknowledged...most).contains(sum))
        let text = try await stage.run(["summary", "--offline"]).output
        let numbers = text.replacing(",", with: "")
        #expect(numbers.contains("CloudWatch's own sum lies between \(ledger.acknowledged) and \(most)"), "\(text)")
    }
}
