import AWSCore
import AgentCore
import CloudWatch
import JSONBytes
import Telemetry
import TestSupport
import Testing

@Suite struct HotKeyTests {
    private let start = Timestamp(secondsSince1970: 0)

    private func report(_ fixture: AgentFixture, table: String? = nil, showKeys: Bool = false) throws -> HotKeyReport {
        try HotKeyReport.make(
            from: fixture.store(), since: start, now: fixture.clock.timestamp, table: table, showKeys: showKeys)
    }

    @Test func theHottestKeyComesFirstWithItsShare() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 60, key: "product#7965")
        for key in 0..<40 { service.call(key: "product#\(key)") }
        await fixture.pass(1, agent)
        let report = try report(fixture, showKeys: true)
        let hottest = try #require(report.findings.first)
        #expect(hottest.key == "product#7965")
        #expect(hottest.hash.count == 32)
        #expect(hottest.share.lower == 0.6)
        #expect(hottest.share.upper == 0.6)
        // 60 reads of half a unit in ten seconds.
        #expect(hottest.unitsPerSecond == HotKeyReport.Bounds(lower: 3, upper: 3))
        #expect(hottest.loadPercent.upper == 0.1)
        #expect(hottest.shardsNeeded == 1)
        #expect(report.coverage.map(\.coverage) == [1])
    }

    @Test func keysAreHiddenUnlessAskedFor() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(times: 5, key: "customer#secret")
        await fixture.pass(1, agent)
        let report = try report(fixture)
        #expect(report.findings.first?.key == nil)
        #expect(!report.text().contains("secret"))
        #expect(!String(decoding: report.json(), as: UTF8.self).contains("secret"))
    }

    @Test func plainKeysAreNotKeptWhereTheConfigurationForbidsIt() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.keepPlainKeys = false
        let agent = try fixture.agent()
        fixture.service().call(times: 5, key: "customer#secret")
        await fixture.pass(1, agent)
        #expect(try report(fixture, showKeys: true).findings.first?.key == nil)
        for name in ["tidemark.sqlite", "tidemark.sqlite-wal"] {
            let bytes = try fixture.directory.read("data/" + name)
            #expect(!String(decoding: bytes, as: UTF8.self).contains("customer#secret"))
        }
    }

    @Test func theSameKeyHasTheSameNameAfterARestart() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5, key: "k") }
        let agent = try fixture.agent()
        service.call(times: 7, key: "k")
        await fixture.pass(1, agent)
        let report = try report(fixture)
        #expect(report.findings.count == 1)
        // Events that were committed are not read again.
        #expect(report.findings.first?.share.upper == 1)
        #expect(report.coverage.first?.consumedUnits == 6)
        #expect(report.coverage.first?.coverage == 1)
    }

    @Test func readsAndWritesAreApart() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call("Orders", "GetItem", times: 10, key: "r")
        service.call("Orders", "PutItem", pattern: "AP2", times: 20, units: 1_000, key: "w")
        await fixture.pass(1, agent)
        let findings = try report(fixture, showKeys: true).findings
        #expect(findings.map(\.key) == ["w", "r"])
        #expect(findings.map(\.isWrite) == [true, false])
    }

    @Test func scansAreListedApart() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call("Orders", "Scan", pattern: "AP9", times: 2, units: 128_000)
        service.call("Orders", "GetItem", times: 8, key: "k")
        await fixture.pass(1, agent)
        let report = try report(fixture)
        let coverage = try #require(report.coverage.first)
        #expect(coverage.keylessUnits == 256)
        #expect(coverage.consumedUnits == 260)
        #expect(coverage.coverage == 1)
        #expect(report.findings.first?.share.upper == 1)
        #expect(report.text().contains("256 of 260 read units went to scans, which name no key"))
    }

    @Test func overwrittenEventsWidenTheBoundsAndLowerTheCoverage() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service(keyEvents: 16)
        for key in 0..<64 { service.call(key: "k\(key % 4)") }
        await fixture.pass(1, agent)
        let report = try report(fixture)
        let coverage = try #require(report.coverage.first)
        #expect(coverage.coverage == 0.25)
        for finding in report.findings {
            // Truly 16 reads of half a unit in ten seconds each.
            #expect(finding.unitsPerSecond.lower <= 0.8)
            #expect(finding.unitsPerSecond.upper >= 0.8)
        }
    }

    /// What was lost may have been any key's, of tables too that are first seen after the loss.
    @Test func aTableFirstSeenAfterALossHasItsBoundsWidenedToo() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service(keyEvents: 16)
        for _ in 0..<48 { service.call("Orders", key: "k") }
        await agent.tick()
        service.call("Products", key: "p")
        await fixture.pass(1, agent)
        let product = try #require(try report(fixture, table: "Products", showKeys: true).findings.first)
        #expect(product.key == "p")
        // One read of half a unit for certain; the 32 that were lost may have been its, too.
        #expect(product.unitsPerSecond.lower <= 0.05 && product.unitsPerSecond.upper >= 0.05 + 32 * 0.05 - 0.001)
    }

    @Test func aKeyAbovePartitionLimitSaysHowManyShards() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        // 3,000 write units in each of ten seconds: three times what a partition serves.
        service.call("Orders", "PutItem", pattern: "AP2", times: 1_000, units: 30_000, key: "hot")
        await fixture.pass(1, agent)
        let hottest = try #require(try report(fixture).findings.first)
        #expect(hottest.loadPercent.lower == 300)
        #expect(hottest.shardsNeeded == 5)
        let upper = await fixture.cloudWatch.datums("HotKeyLoadUpperPercent")
        #expect(upper.map(\.value) == [.single(300)])
        #expect(try report(fixture).text().contains("5 shards"))
    }

    /// The upper bound of each key holds all that was lost: it is no reason to call one hot.
    @Test func evenlySpreadKeysAreNotCalledHotWhenMostEventsWereLost() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service(keyEvents: 256)
        // 25,600 units in each of ten seconds over fifty keys: a sixth of a partition each.
        for call in 0..<1_280 { service.call(units: 200_000, key: "k\(call % 50)") }
        await fixture.pass(1, agent)
        let report = try report(fixture)
        #expect(report.coverage.first?.coverage == 0.2)
        #expect(
            report.findings.contains { $0.shardsNeeded > 1 } && report.findings.allSatisfy { $0.shardsAtLeast == 1 })
        let text = report.text()
        #expect(!text.contains("has been hot") && !text.contains("shards"))
        #expect(
            text.contains(
                "Orders: whether a key of it is hot is not known: 20% of its read units were seen with their keys."))
    }

    @Test func aKeyThatIsHotForCertainIsCalledSoThoughEventsWereLost() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service(keyEvents: 16)
        for _ in 0..<64 { service.call(units: 2_000_000, key: "hot") }
        await fixture.pass(1, agent)
        let report = try report(fixture, showKeys: true)
        let hottest = try #require(report.findings.first)
        // 16 of 64 reads of 2,000 units were seen: from 3,200 to 12,800 units a second.
        #expect(hottest.shardsAtLeast == 2 && hottest.shardsNeeded == 8)
        #expect(report.text().contains("2 to 8 shards"))
        #expect(!report.text().contains("not known"))
    }

    @Test func aKeyThatStaysHotKeepsItsBeginning() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        let began = fixture.clock.timestamp.advanced(by: .seconds(10))
        for _ in 0..<5 {
            service.call(times: 3, key: "k")
            await fixture.pass(1, agent)
        }
        #expect(try report(fixture).findings.first?.since == began)
    }

    @Test func aKeysPeakIsThatOfItsHeaviestTenSeconds() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        let agent = try fixture.agent()
        let service = fixture.service()
        for times in [20, 60, 0, 0, 20, 0, 0] {
            service.call(times: times, key: "k")
            fixture.clock.advance(by: .seconds(10))
            await agent.tick()
        }
        // 60 reads of half a unit in ten seconds.
        #expect(try report(fixture).findings.first?.peakUnitsPerSecond == 3)
    }

    /// What a key had before it was taken up is known as its error only: its peak may have been all of that.
    @Test func aKeyThatIsTakenUpLateMayHaveHadItsPeakBefore() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        fixture.configuration.hotKeyCapacity = 20
        let agent = try fixture.agent()
        let service = fixture.service()
        for key in 0..<20 { service.call(times: 10, key: "k\(key)") }
        service.call(times: 9, key: "late")
        for times in [0, 2, 0, 0, 0, 0, 0] {
            service.call(times: times, key: "late")
            fixture.clock.advance(by: .seconds(10))
            await agent.tick()
        }
        let late = try #require(try report(fixture, showKeys: true).findings.first { $0.key == "late" })
        // 9 reads of half a unit in the first ten seconds.
        #expect(late.peakUnitsPerSecond >= 0.45)
        #expect(late.peakUnitsPerSecond < 1)
    }

    /// More than is kept count of for ten seconds: the bound is then the key's whole weight, and never less than it had.
    @Test(arguments: [UInt64(4_000_000_000), 5_000_000_000])
    func aPeakBeyondAllMeasureIsBoundedByTheWholeWeight(milliUnits: UInt64) async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        let agent = try fixture.agent()
        let service = fixture.service()
        for _ in 0..<7 {
            service.call("Orders", "Query", units: milliUnits, key: "k")
            fixture.clock.advance(by: .seconds(10))
            await agent.tick()
        }
        let exact = Double(milliUnits) / 10_000
        let peak = try #require(try report(fixture).findings.first?.peakUnitsPerSecond)
        #expect(milliUnits > UInt64(UInt32.max) ? peak > exact : peak == exact)
    }

    /// Below a hundredth of the traffic a key cannot be told from the sketch's error.
    @Test func keysBelowAHundredthOfTheTrafficAreStoredAsThreeAtMost() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        for key in 0..<120 { service.call(key: "k\(key)") }
        for key in 0..<50 { service.call("Products", key: "k\(key)") }
        await fixture.pass(1, agent)
        let stored = try HotKeyReport.make(
            from: fixture.store(), since: start, now: fixture.clock.timestamp, keysPerResource: 100)
        #expect(stored.findings.filter { $0.table == "Orders" }.count == 3)
        #expect(stored.findings.filter { $0.table == "Products" }.count == 20)
    }

    @Test func oneTableMayBeAskedFor() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call("Orders", key: "a")
        service.call("Products", key: "b")
        await fixture.pass(1, agent)
        #expect(try report(fixture, table: "Products").findings.map(\.table) == ["Products"])
    }

    @Test func theJSONReadsBack() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(times: 5, key: "k")
        await fixture.pass(1, agent)
        let json = try JSONValue.parse(try report(fixture, showKeys: true).json())
        let first = json["hotKeys"]?[0]
        #expect(first?["key"]?.stringValue == "k")
        #expect(first?["share"]?["upper"]?.doubleValue == 1)
        #expect(json["resources"]?[0]?["direction"]?.stringValue == "read")
    }
}
