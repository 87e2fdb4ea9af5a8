import AWSCore
import Glibc
import Monitoring
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// Numbers that no process can have counted: whoever wrote them is refused alone, and nobody's report ends by them.
@Suite struct HostileNumbersTests {
    private let start = Timestamp(secondsSince1970: 0)

    private func hotKeys(_ fixture: AgentFixture) throws -> HotKeyReport {
        try HotKeyReport.make(from: fixture.store(), since: start, now: fixture.clock.timestamp, showKeys: true)
    }

    private func summary(_ fixture: AgentFixture) throws -> Summary {
        try Summary.make(from: fixture.store(), since: start, now: fixture.clock.timestamp)
    }

    // MARK: Key events

    /// A client that takes the capacity before from that after has its units negative once.
    @Test func aNegativeConsumptionIsInNoReport() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let sound = fixture.service("sound", id: 1)
        for period in 0..<4 as Range<UInt64> {
            let slip = fixture.service("slip", id: 10 + period)
            slip.call(key: "before")
            let slot = slip.writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
            slip.writer.record(consumptionIn: slot, readMilliUnits: 0 &- 500, writeMilliUnits: 0)
            Array("evil".utf8).withUnsafeBytes {
                slip.writer.record(key: $0, in: slot, readMilliUnits: 0 &- 500, writeMilliUnits: 0, throttled: false)
            }
            sound.call(times: 3, key: "k")
            await fixture.pass(1, agent)
            slip.end()
        }
        let report = try hotKeys(fixture)
        #expect(report.findings.map(\.key) == ["k"])
        #expect(report.findings.first?.unitsPerSecond.upper == 0.15)
        #expect(try summary(fixture).ledger.calls.recorded == 12)
        #expect(try fixture.notices("fileRefused").count == 4)
        #expect(try fixture.notices("fileRefused").allSatisfy { $0.contains("a key event of it claims more capacity") })
    }

    /// What a ring's sum has beyond its events counts as lost, and would widen every bound of the service.
    @Test(arguments: [256, 264, 272]) func aRingThatClaimsMoreThanAnyProcessHadIsRefused(word: Int) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        for period in 0..<3 as Range<UInt64> {
            var file = try HostileFile(id: period, startedAt: fixture.now)
            file.put(1 << 63 - 1, at: word)
            try file.place(in: fixture)
            await fixture.pass(1, agent)
        }
        #expect(try hotKeys(fixture).findings.isEmpty)
        #expect(try summary(fixture).ledger.calls.recorded == 0)
        #expect(try fixture.notices("fileRefused").count == 3)
    }

    /// Of a refused file no event stays: what its service's other processes had in this period is no longer known apart, and
    /// the bounds say so.
    @Test func aRefusedFilesEarlierEventsLeaveTheSketches() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let sound = fixture.service("checkout", id: 1)
        let other = fixture.service("search", id: 2)
        let bad = fixture.service("checkout", id: 3)
        sound.call(times: 4, key: "early")
        other.call(times: 4, key: "elsewhere")
        bad.call(times: 50, key: "evil")
        await agent.tick()
        let slot = bad.writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        Array("evil".utf8).withUnsafeBytes {
            bad.writer.record(key: $0, in: slot, readMilliUnits: .max, writeMilliUnits: 0, throttled: false)
        }
        await agent.tick()
        sound.call(times: 2, key: "late")
        await fixture.pass(1, agent)
        let findings = try hotKeys(fixture).findings
        #expect(Set(findings.map(\.key)) == ["late", "elsewhere"])
        for finding in findings {
            // Truly 2 reads of half a unit in ten seconds; the 4 that are forgotten may have been its, too.
            let isKnown = finding.scope.service == "search"
            #expect(finding.unitsPerSecond.lower <= (isKnown ? 0.2 : 0.1))
            #expect(abs(finding.unitsPerSecond.upper - (isKnown ? 0.2 : 0.3)) < 1e-9)
        }
    }

    /// The same where it is only the counters, at the period's end, that cannot be.
    @Test func aFileThatIsRefusedAtThePeriodsEndLeavesNoKeyEither() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let sound = fixture.service("checkout", id: 1)
        let bad = fixture.service("checkout", id: 3)
        sound.call(times: 4, key: "early")
        bad.call(times: 50, key: "evil")
        let slot = bad.writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        bad.writer.record(consumptionIn: slot, readMilliUnits: 1 << 60, writeMilliUnits: 0)
        await fixture.pass(1, agent)
        #expect(try hotKeys(fixture).findings.isEmpty)
        #expect(try hotKeys(fixture).coverage.map(\.coverage) == [0])
        sound.call(times: 4, key: "early")
        await fixture.pass(1, agent)
        let findings = try hotKeys(fixture).findings
        #expect(findings.map(\.key) == ["early"])
        // Eight reads of half a unit in twenty seconds, of which four are known to have been this key's.
        #expect(findings.first?.unitsPerSecond == HotKeyReport.Bounds(lower: 0.1, upper: 0.2))
    }

    /// A store may have such records already, by an agent that took them.
    @Test func recordsAtTheTopOfTheScaleAreReported() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let end = fixture.clock.timestamp.nanosecondsSince1970
        let top = UInt64(Int64.max)
        let key = HotKeyDraft.Key(
            hash: "h", plain: "evil", estimate: top, error: top, throttled: top, firstSeen: end, peakTenSeconds: top)
        let draft = HotKeyDraft(
            startedAt: end - 1_000_000_000, endedAt: end, scope: MonitoringScope(service: "s", environment: "test"),
            table: "T", index: "", isWrite: false, consumed: top, keyless: top, seen: top, lost: top,
            absentUpperBound: top,
            keyRangeThrottles: top, keys: [key])
        try await agent.store.commit(CommitDraft(hotKeys: [draft, draft, draft]))
        let report = try hotKeys(fixture)
        #expect(report.findings.map(\.key) == ["evil"])
        #expect(!report.text().isEmpty && !report.json().isEmpty)
        let summary = try summary(fixture)
        #expect(!summary.text().isEmpty && !summary.json().isEmpty && !summary.html().isEmpty)
    }

    // MARK: Start

    @Test(arguments: [.max, 1 << 62 + 1, 1 << 62] as [UInt64])
    func aStartThatLiesFarAheadEndsNoAgentWhoseClockIsCorrected(startedAt: UInt64) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service("sound", id: 1).call()
        var file = try HostileFile(id: 1, startedAt: fixture.now)
        file.put(startedAt, at: 40)
        // Its owner lives: it is read again and again.
        file.put(0, at: 80)
        try file.place(in: fixture)
        let descriptor = lockAsOwner(fixture.directory.path("telemetry/\(file.name)"))
        await agent.tick()
        for distance in [10_800_000_000_000, -10_800_000_000_000] as [Int64] { await agent.moved(by: distance) }
        #expect(descriptor >= 0)
        await fixture.pass(2, agent)
        #expect(try fixture.store().callCount() == 2)
        #expect(try fixture.notices("fileRefused").isEmpty)
        close(descriptor)
    }

    // MARK: Sums over files

    /// Each as much as a file may claim: their sums stay at the top or below, nothing traps, all is committed.
    @Test func filesThatArePlausibleOneByOneAreCountedTogether() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.metrics = MetricGrouping.allCases
        fixture.configuration.budgetInDollarsAMonth = 40
        let agent = try fixture.agent()
        for number in 0..<300 as Range<UInt64> {
            var file = try HostileFile("heavy", id: number, startedAt: fixture.now) { $0.call() }
            for place in [0, 64, 40, 192, 256, 248] {
                file.put(number < 290 ? TelemetryBounds.calls : 1, at: file.block + place)
            }
            // So much only as those calls can have consumed.
            for place in [576, 584] where number < 290 {
                file.put(TelemetryBounds.milliUnits, at: file.block + place)
            }
            for place in [8, 200] { file.put(.max, at: file.block + place) }
            try file.place(in: fixture)
        }
        let sound = fixture.service("sound", id: 1)
        sound.call(times: 3)
        await fixture.pass(2, agent)
        #expect(try fixture.notices("fileRefused").isEmpty)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.recorded == 290 * TelemetryBounds.calls + 10 + 3)
        #expect(ledger.isBalanced && ledger.calls.pending == 0)
        let summary = try summary(fixture)
        #expect(!summary.text().isEmpty && !summary.json().isEmpty && !summary.html().isEmpty)
    }

    /// A word alone is told by those beside it; where all fit together, by what any process can have counted.
    @Test(arguments: [
        ([0], "calls, of which 1 have an outcome"), ([576], "read units of 1 attempts"),
        ([32], "retries among 1 attempts"), ([24], "bytes of items of 1 calls"), ([0, 64, 40], "calls or attempts"),
        ([192, 256, 248], "calls or attempts"), ([0, 64, 40, 192, 256, 248, 576], "calls or attempts"),
    ])
    func aFileThatClaimsMoreThanAnyProcessCanIsRefusedAlone(words: [Int], what: String) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service("sound", id: 1).call(times: 3)
        var file = try HostileFile(id: 1, startedAt: fixture.now)
        for word in words { file.put(1 << 57, at: file.block + word) }
        try file.place(in: fixture)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 3)
        let said = try fixture.notices("fileRefused")
        #expect(said.count == 1 && said[0].contains(what) && said[0].contains(file.name), "\(said)")
    }

    /// The other bounds, of files whose calls could have done it.
    @Test(arguments: [
        ([576], 52, "capacity units"), ([16], 57, "bytes and items"), ([32, 208, 384, 392, 400], 44, ""),
    ])
    func aBusyFileIsBoundedToo(words: [Int], bit: UInt64, what: String) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        var file = try HostileFile(id: 1, startedAt: fixture.now)
        for word in [0, 64, 40, 192, 256, 248] { file.put(TelemetryBounds.calls, at: file.block + word) }
        for word in words { file.put(1 << bit, at: file.block + word) }
        try file.place(in: fixture)
        await fixture.pass(1, agent)
        let said = try fixture.notices("fileRefused")
        #expect(what.isEmpty ? said.isEmpty : said.count == 1 && said[0].contains(what), "\(said)")
    }

    /// `inspect` calls nothing good that the agent refuses.
    @Test(arguments: [[0], [0, 64, 40], [-264], [-256]]) func whatTheAgentRefusesIsRefusedByInspect(words: [Int]) throws
    {
        let fixture = try AgentFixture()
        _ = try fixture.agent()
        var file = try HostileFile(id: 1, startedAt: fixture.now)
        func report() throws -> TelemetryFileReport {
            try file.place(in: fixture)
            return try TelemetryFileReport(
                TelemetryReader(path: fixture.directory.path("telemetry/\(file.name)")), showKeys: false)
        }
        #expect(throws: Never.self) { try report() }
        // A negative offset is one of the header.
        for word in words { file.put(1 << 57, at: word < 0 ? -word : file.block + word) }
        let error = #expect(throws: TelemetryError.self) { try report() }
        #expect(error?.code == .damaged)
    }

    /// What the store has of a service is bounded too, over all its processes and for ever.
    @Test func theFileThatFillsAServicesAccountIsRefusedAndNamed() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let scope = MonitoringScope(service: "busy", environment: "test")
        let series = SeriesIdentity(
            service: "busy", environment: "test", table: "Orders", operation: "GetItem", pattern: "AP1")
        var earlier = SeriesTotals()
        earlier.counters.calls = CallAccounts.mostOfAService - 4
        let end = fixture.clock.timestamp.nanosecondsSince1970
        try await agent.store.commit(
            CommitDraft(
                windows: [WindowDraft(startedAt: end - 1, endedAt: end, isGap: false, series: [series: earlier])],
                dropReason: "of a test"))
        #expect(try await agent.store.recordedCalls() == CallAccounts([scope: earlier.counters.calls]))
        fixture.service("sound", id: 1).call(times: 3)
        let fits = fixture.service("busy", id: 2)
        fits.call(times: 4)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == CallAccounts.mostOfAService + 3)
        fits.call(times: 1)
        fixture.service("sound", id: 3).call(times: 2)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == CallAccounts.mostOfAService + 5)
        let said = try fixture.notices("fileRefused")
        #expect(said.count == 1 && said[0].contains("with its 1 calls busy in test would have made"), "\(said)")
    }

    @Test func allServicesTogetherStayWithinWhatAStoreTakes() {
        func scope(_ number: Int) -> MonitoringScope { MonitoringScope(service: "s\(number)", environment: "") }
        var recorded = CallAccounts([
            scope(1): CallAccounts.mostOfAService, scope(2): CallAccounts.mostOfAService - 1,
        ])
        #expect(recorded.add(2, of: scope(3))?.contains("more than it takes") == true)
        #expect(recorded.add(1, of: scope(3)) == nil)
        #expect(recorded.add(.max, of: scope(3)) != nil)
        #expect(recorded.add(0, of: scope(1)) == nil)
        #expect(
            recorded
                == CallAccounts([
                    scope(1): CallAccounts.mostOfAService, scope(2): CallAccounts.mostOfAService - 1, scope(3): 1,
                ]))
    }

    /// With a thousand calls under way at once the sum of times begins anew every seven months.
    @Test func aSumOfTimesThatBeginsAnewIsNoStepBack() {
        func totals(_ calls: UInt64, _ sum: UInt64) -> SeriesTotals {
            let times = HistogramSnapshot(buckets: [.init(index: 900, count: calls)], sumNanoseconds: sum)
            return SeriesTotals(callTime: times)
        }
        #expect(totals(5, 40).since(totals(3, .max - 9)) == totals(2, 50))
        #expect(totals(5, 40).since(totals(3, 50)) == nil)
    }

    // MARK: The commit mark

    /// Whoever can compute a checksum can write any number.
    @Test(arguments: [(UInt64.max, UInt64(2)), (UInt64(2), UInt64.max), (UInt64(2), UInt64.max - 1)])
    func aMarkOfRightChecksumAndWrongNumbersIsNotBelieved(step: UInt64, committedAt: UInt64) async throws {
        let fixture = try AgentFixture()
        do { _ = try fixture.agent() }
        var totals = BlobWriter()
        for number in [1, 0, 0, 1, step, 1, 0, 0] { totals.append(number) }
        var baseline = BlobWriter()
        baseline.append(UInt64(1))
        for text in ["T", "", "GetItem", "AP1"] { baseline.append(text) }
        baseline.append(bytes: totals.bytes)
        var mark = BlobWriter()
        mark.append("tidemark commit mark")
        mark.append(UInt64(1))
        mark.append(UInt64(1))
        mark.append(String(repeating: "0", count: 32))
        for number in [committedAt, 0, 0, 0] { mark.append(number) }
        mark.append(bytes: baseline.seal())
        mark.append(UInt64(0))
        let path = try fixture.directory.write(mark.seal(), to: "telemetry/agent.mark")
        #expect(chmod(path, 0o600) == 0)
        let agent = try fixture.agent()
        fixture.service().call(times: 2)
        await fixture.pass(1, agent)
        await agent.moved(by: 10_800_000_000_000)
        #expect(try fixture.store().callCount() == 2)
        #expect(try fixture.notices("markRefused").count == 1)
    }
}
