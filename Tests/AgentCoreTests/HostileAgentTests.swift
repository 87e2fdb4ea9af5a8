import AWSCore
import Glibc
import Monitoring
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// Files with extreme words through the whole agent: collected, committed, published and reported. Whatever they hold, the agent
/// lives, every report can be made, and those who count soundly are counted to the call. The same on every run.
@Suite struct HostileAgentTests {
    @Test(arguments: UInt64(1)...6) func extremeWordsEndNoAgentAndNoReport(seed: UInt64) async throws {
        let fixture = try AgentFixture()
        fixture.configuration.metrics = MetricGrouping.allCases
        fixture.configuration.budgetInDollarsAMonth = seed.isMultiple(of: 2) ? 40 : nil
        var random = SeededGenerator(seed: seed)
        let sound = fixture.service("sound", id: 1)
        var agent: Agent? = try fixture.agent()
        var held: [Int32] = []
        for round in 0..<10 as Range<UInt64> {
            for number in 0..<5 as Range<UInt64> {
                var file = try HostileFile(
                    number == 0 ? "sound-too" : "hostile", id: 100 * round + number, startedAt: fixture.now
                ) { process in
                    for key in 0..<4 { process.call(times: 2, key: "key-\(key)") }
                }
                for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&file, &random) }
                let lives = Int.random(in: 0..<3, using: &random) == 0
                if lives { file.put(0, at: 80) }
                try file.place(in: fixture)
                if lives { held.append(lockAsOwner(fixture.directory.path("telemetry/\(file.name)"))) }
            }
            sound.call(times: 3, key: "k")
            await agent?.tick()
            await fixture.pass(1, try #require(agent))
            if round % 3 == 2 {
                let hours = Int64.random(in: -3...3, using: &random)
                await agent?.moved(by: hours * 3_600_000_000_000)
            }
            if round % 4 == 3 {
                agent = nil
                agent = try fixture.agent()
            }
            try report(fixture)
        }
        for descriptor in held { close(descriptor) }
        await fixture.pass(2, try #require(agent))
        try report(fixture)
        let counted = try fixture.store().totals().filter { $0.series.service == "sound" }.reduce(0) {
            $0 + $1.counters.calls
        }
        #expect(counted == sound.made)
        #expect(try fixture.store().ledger().isBalanced)
        #expect(await agent?.troubles[.store] == nil)
        // Both ways were tried.
        #expect(try fixture.notices("fileRefused").count > 10)
        #expect(try fixture.store().callCount() > sound.made)
    }

    private func damage(_ file: inout HostileFile, _ random: inout SeededGenerator) {
        let word =
            HostileFile.extremes[Int.random(in: HostileFile.extremes.indices, using: &random)]
            &- UInt64.random(in: 0...1, using: &random)
        let event = HostileFile.event + 128 * Int.random(in: 0..<8, using: &random)
        let place =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: HostileFile.header[Int.random(in: HostileFile.header.indices, using: &random)]
            case 1: event + 8 * Int.random(in: 0..<6, using: &random)
            // Counters, then units and sums, which lead nowhere and are added up.
            case 2: file.block + 8 * Int.random(in: 0..<65, using: &random)
            default: file.block + [8, 16, 24, 32, 200, 216, 224, 576, 584][Int.random(in: 0..<9, using: &random)]
            }
        file.put(word, at: place)
    }

    /// What `hotkeys`, `summary`, `ledger`, the page and its probe read.
    private func report(_ fixture: AgentFixture) throws {
        let (store, since, now) = (try fixture.store(), Timestamp(secondsSince1970: 0), fixture.clock.timestamp)
        let keys = try HotKeyReport.make(from: store, since: since, now: now, showKeys: true)
        let summary = try Summary.make(from: store, since: since, now: now)
        #expect(!keys.text().isEmpty && !keys.json().isEmpty && !summary.text().isEmpty && !summary.json().isEmpty)
        #expect(!summary.html().isEmpty && !summary.markdown().isEmpty)
    }
}
