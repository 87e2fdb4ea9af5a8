import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import Telemetry
import TestSupport
import Testing

/// Old windows become fewer, totals stay.
@Suite struct RollUpTests {
    private let start = Timestamp(secondsSince1970: 0)

    private func seconds(_ window: StoredWindow) -> Int64 { window.start.duration(to: window.end).components.seconds }

    @Test func oldWindowsAreMergedIntoFiveMinutesAndThenHours() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        fixture.configuration.history.fineHours = 1
        fixture.configuration.history.fiveMinuteDays = 0
        let agent = try fixture.agent()
        let service = fixture.service()
        for minute in 0..<200 {
            service.call(milliseconds: UInt64(1 + minute % 50))
            await fixture.pass(1, agent)
        }
        let store = try fixture.store()
        let windows = try store.windows(since: start)
        #expect(windows.count < 90)
        #expect(Set(windows.map(\.level)).isSubset(of: [0, 1, 2]))
        #expect(windows.contains { $0.level == 2 && seconds($0) == 3_600 })
        #expect(windows.allSatisfy { $0.level > 0 || seconds($0) == 60 })
        var calls: UInt64 = 0
        var longest: UInt64 = 0
        try store.forEachSeries(since: start) { _, _, totals in
            calls += totals.counters.calls
            longest = max(longest, totals.callTime.quantile(1) ?? 0)
        }
        #expect(calls == 200)
        #expect(abs(Double(longest) / 50e6 - 1) < 0.031)
        let ledger = try store.ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.periods.reduce(0) { $0 + $1.calls.acknowledged } == 200)
        #expect(ledger.periods.reduce(0) { $0 + $1.calls.recorded } == 200)
    }

    @Test func theFileStopsGrowingWithoutEverBeingRewritten() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        fixture.configuration.history.fineHours = 1
        fixture.configuration.history.fiveMinuteDays = 0
        fixture.configuration.history.hourDays = 1
        let agent = try fixture.agent()
        let service = fixture.service()
        var pages: [Int] = []
        for step in 0..<(3 * 144) {
            for pattern in 0..<60 { service.call(pattern: "AP\(pattern)", milliseconds: UInt64(1 + step % 40), times: 2) }
            fixture.clock.advance(by: .seconds(540))
            await agent.tick()
            await fixture.pass(1, agent)
            if step % 36 == 35 { pages.append(try await agent.storePages().all) }
        }
        // For a day it grows; then what goes makes room for what comes.
        let settled = pages[5...]
        #expect((settled.max() ?? 0) - (settled.min() ?? 0) <= (settled.min() ?? 0) / 20, "\(pages)")
        #expect(try fixture.store().callCount() == service.made)
        #expect(try fixture.store().ledger().isBalanced)
    }

    @Test func aLongOutageUnderASmallBudgetLosesNoTotalAndArrivesNewestFirst() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.storeBudgetInBytes = 3 << 20
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        for _ in 0..<400 {
            for pattern in 0..<60 { service.call(pattern: "AP\(pattern)", milliseconds: UInt64(1 + pattern), times: 2) }
            await fixture.pass(1, agent)
        }
        let pages = try await agent.storePages()
        #expect(pages.inUse * 4_096 < 3 << 20)
        var ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.pending == service.made)
        let windows = try fixture.store().windows(since: start)
        #expect(windows.contains { $0.level > 0 })
        // The newest keep their resolution.
        #expect(windows.suffix(10).allSatisfy { $0.level == 0 })
        await fixture.cloudWatch.always(.take)
        let before = await fixture.cloudWatch.requests.count
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
        ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.calls.acknowledged == service.made)
        #expect(ledger.calls.dropped == [:])
        #expect(ledger.isBalanced)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
        let newest = await fixture.cloudWatch.requests.dropFirst(before + 1).compactMap { $0.map(\.timestamp).max() }
        #expect(newest == newest.sorted(by: >))
    }

    @Test func whatCannotBeKeptAtAllIsDroppedUnderItsReason() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.storeBudgetInBytes = 200_000
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        for _ in 0..<300 {
            for pattern in 0..<5 { service.call(pattern: "AP\(pattern)") }
            await fixture.pass(1, agent)
        }
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.calls.recorded == service.made)
        #expect(ledger.isBalanced)
        let dropped = ledger.calls.dropped["over the disk budget"] ?? 0
        #expect(dropped > 0)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made - dropped)
        #expect(await fixture.cloudWatch.sum("AgentDroppedDatums") > 0)
    }

    @Test func aMergedBucketIsWithinItsErrorOfEveryTimeInIt() {
        var worst = 0.0
        for index in 0..<LatencyBuckets.count {
            let coarse = HistogramSnapshot(buckets: [.init(index: index, count: 1)], sumNanoseconds: 1).coarser
            let middle = Double(LatencyBuckets.middle(of: coarse.buckets[0].index))
            for bound in [LatencyBuckets.lowerBound(of: index), LatencyBuckets.upperBound(of: index)] {
                worst = max(worst, abs(middle / Double(bound) - 1))
            }
        }
        #expect(worst <= 0.031)
        #expect(worst > 0.01)
    }
}
