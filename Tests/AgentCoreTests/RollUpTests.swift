import AWSCore
import AgentCore
import CloudWatch
import Glibc
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
            for pattern in 0..<20 { service.call(pattern: "AP\(pattern)", milliseconds: UInt64(1 + step % 40)) }
            fixture.clock.advance(by: .seconds(540))
            await agent.tick()
            await fixture.pass(1, agent)
            if step % 36 == 35 { pages.append(try await agent.storePages().all) }
        }
        // For a day it grows; then what goes makes room for what comes.
        let settled = pages[5...]
        #expect((settled.max() ?? 0) - (settled.min() ?? 0) <= 8, "\(pages)")
        #expect(try fixture.store().callCount() == service.made)
        #expect(try fixture.store().ledger().isBalanced)
    }

    @Test func aLongOutageUnderASmallBudgetLosesNoTotalAndArrivesNewestFirst() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.storeBudgetInBytes = 1 << 20
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        for _ in 0..<400 {
            for pattern in 0..<60 { service.call(pattern: "AP\(pattern)", milliseconds: UInt64(1 + pattern), times: 2) }
            await fixture.pass(1, agent)
        }
        let pages = try await agent.storePages()
        #expect(pages.inUse * 4_096 < 1 << 20)
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

    /// Every byte that the store has on the disk, at its greatest, whether CloudWatch takes everything or nothing.
    @Test(arguments: [true, false])
    func thousandsOfWindowsStayWithinASmallBudget(isTaking: Bool) async throws {
        let fixture = try AgentFixture()
        let budget = 1 << 20
        fixture.configuration.storeBudgetInBytes = budget
        let agent = try fixture.agent()
        let service = fixture.service()
        if !isTaking { await fixture.cloudWatch.always(.throttle) }
        var (greatest, early, late) = (0, 0, 0)
        for period in 0..<1_200 {
            for pattern in 0..<12 {
                let milliseconds = UInt64(1 + (period * 7 + pattern * 31) % 400)
                service.call(pattern: "AP\(pattern)", milliseconds: milliseconds, key: "k\(pattern)")
            }
            await fixture.pass(1, agent)
            let size = storeBytes(fixture)
            greatest = max(greatest, size)
            if period == 600 { early = greatest }
            late = size
        }
        // The datums of one window may lie in the log besides.
        #expect(greatest <= budget + budget / 16, "\(greatest), \(late) at the end")
        // As much history as there is room for, and no more in the second half than in the first.
        #expect(greatest > budget / 2 && greatest - early <= budget / 16, "\(early), \(greatest)")
        let store = try fixture.store()
        #expect(try store.callCount() == service.made)
        var ledger = try store.ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.droppedInAll == 0)
        #expect(isTaking ? ledger.calls.acknowledged == service.made : ledger.calls.pending == service.made)
        var stored: UInt64 = 0
        try store.forEachSeries(since: start) { _, _, totals in stored += totals.counters.calls }
        #expect(stored == service.made)
        guard !isTaking else { return }
        await fixture.cloudWatch.always(.take)
        for _ in 0..<40 { await fixture.pass(1, agent) }
        ledger = try store.ledger(periodsSince: start)
        #expect(ledger.calls.acknowledged == service.made)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
    }

    @Test func aBudgetThatIsLoweredGivesRoomBack() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        for period in 0..<300 {
            for pattern in 0..<40 { service.call(pattern: "AP\(pattern)", milliseconds: UInt64(1 + period % 200)) }
            await fixture.pass(1, agent)
        }
        let before = storeBytes(fixture)
        #expect(before > 5 << 19)
        var changed = fixture.configuration
        changed.storeBudgetInBytes = 2 << 20
        try await agent.reconfigure(changed, sink: nil)
        for _ in 0..<40 { await fixture.pass(1, agent) }
        #expect(storeBytes(fixture) <= 2 << 20, "\(before)")
        #expect(try fixture.store().callCount() == service.made)
    }

    @Test func aBudgetThatNoMergingKeepsIsSaid() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.storeBudgetInBytes = 150_000
        let agent = try fixture.agent()
        let service = fixture.service()
        for _ in 0..<8 {
            for pattern in 0..<40 { service.call(pattern: "AP\(pattern)") }
            await fixture.pass(1, agent)
        }
        let troubles = await agent.vitalSigns().troubles
        #expect(troubles.contains { $0.contains("MB; raise `store-budget-mb`") }, "\(troubles)")
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
    }

    private func storeBytes(_ fixture: AgentFixture) -> Int {
        ["", "-wal"].reduce(0) { sum, suffix in
            var facts = stat()
            let path = fixture.configuration.dataDirectory + "/" + AgentStore.fileName + suffix
            return sum + (stat(path, &facts) == 0 ? Int(facts.st_size) : 0)
        }
    }

    @Test func whatCannotBeKeptAtAllIsDroppedUnderItsReason() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.storeBudgetInBytes = 200_000
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        for _ in 0..<150 {
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
