import AWSCore
import AgentCore
import Foundation
import Glibc
import Telemetry
import TestSupport
import Testing

/// A store that something has happened to: set aside, saved from, never a reason not to start.
@Suite struct StoreDamageTests {
    /// What happens to the file, in its own way for each seed.
    enum Damage: String, CaseIterable, Sendable {
        case flippedBits, tornPages, cutShort, zeroed, zeroedHeader, laterFormat, garbageLog, cutLog
    }

    private let start = Timestamp(secondsSince1970: 0)

    /// A store with published, frozen and waiting windows, as a killed agent leaves it.
    private func prepared(_ fixture: AgentFixture, _ service: FakeService) async throws {
        let agent = try fixture.agent()
        for period in 0..<12 {
            if period == 6 { await fixture.cloudWatch.always(.throttle) }
            for pattern in 0..<30 {
                service.call(pattern: "AP\(pattern)", milliseconds: UInt64(1 + pattern), times: 2, key: "k\(pattern)")
            }
            await fixture.pass(1, agent)
        }
        await fixture.cloudWatch.always(.take)
    }

    private func hurt(_ fixture: AgentFixture, _ damage: Damage, _ random: inout SeededGenerator) throws {
        var file = try fixture.directory.read("data/tidemark.sqlite")
        switch damage {
        case .flippedBits:
            for _ in 0..<20 {
                file[Int.random(in: 100..<file.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
        case .tornPages:
            for _ in 0..<4 {
                let page = Int.random(in: 1..<(file.count / 4_096), using: &random)
                for byte in 0..<2_048 { file[page * 4_096 + byte] = 0 }
            }
        case .cutShort: file = Array(file.prefix(Int.random(in: 1..<file.count, using: &random)))
        case .zeroed: file = [UInt8](repeating: 0, count: file.count)
        case .zeroedHeader: for byte in 0..<100 { file[byte] = 0 }
        case .laterFormat: file[Int.random(in: 18...19, using: &random)] ^= 1 << UInt8.random(in: 2...7, using: &random)
        case .garbageLog, .cutLog:
            let length = damage == .garbageLog ? 100_000 : 4_127
            try fixture.directory.write(
                (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) },
                to: "data/tidemark.sqlite-wal")
        }
        try fixture.directory.write(file, to: "data/tidemark.sqlite")
        chmod(fixture.configuration.dataDirectory + "/tidemark.sqlite", 0o600)
    }

    @Test(arguments: Damage.allCases, [UInt64](1...4))
    func aDamagedStoreIsReplacedAndTheAgentGoesOn(damage: Damage, seed: UInt64) async throws {
        let fixture = try AgentFixture()
        var random = SeededGenerator(seed: seed)
        let service = fixture.service()
        try await prepared(fixture, service)
        try hurt(fixture, damage, &random)
        let agent = try fixture.agent()
        let before = try fixture.store().callCount()
        let sent = await fixture.cloudWatch.sum("Calls")
        service.call(pattern: "AP1", times: 7)
        await fixture.pass(3, agent)
        let store = try fixture.store()
        // What waited is sent now, or named.
        let named = try store.ledger().calls.dropped.values.reduce(0, +)
        #expect(
            await fixture.cloudWatch.sum("Calls") - sent + named >= service.made - sent, "\(damage), seed \(seed)")
        #expect(try store.callCount() == before + 7, "\(damage), seed \(seed)")
        let ledger = try store.ledger(periodsSince: start)
        #expect(ledger.isBalanced, "\(damage), seed \(seed): \(ledger.calls)")
        #expect(ledger.calls.pending == 0, "\(damage), seed \(seed)")
        #expect(ledger.calls.recorded <= service.made, "\(damage), seed \(seed)")
        #expect(await fixture.cloudWatch.sum("Calls") <= service.made, "\(damage), seed \(seed)")
        let aside = try FileManager.default.contentsOfDirectory(atPath: fixture.configuration.dataDirectory)
            .filter { $0.contains(".damaged-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        let notices = try store.notices(since: start).filter { $0.kind == "storeReplaced" }
        #expect(aside.count == notices.count, "\(damage), seed \(seed)")
        if damage == .zeroedHeader || damage == .zeroed { #expect(aside.count == 1) }
    }

    @Test(arguments: [Damage.zeroed, .zeroedHeader])
    func whatWaitedInAStoreOfWhichNothingCanBeReadIsNamedOnce(damage: Damage) async throws {
        let fixture = try AgentFixture()
        var random = SeededGenerator(seed: 1)
        let service = fixture.service()
        try await prepared(fixture, service)
        try hurt(fixture, damage, &random)
        // The first six of twelve periods were taken.
        let waited = service.made / 2
        for _ in 0..<2 {
            let agent = try fixture.agent()
            await fixture.pass(1, agent)
            let ledger = try fixture.store().ledger()
            #expect(ledger.calls.dropped == ["lost with a damaged store": waited])
            #expect(ledger.calls.recorded == waited && ledger.isBalanced)
        }
        let notice = try #require(try fixture.store().notices(since: start).first { $0.kind == "storeReplaced" })
        #expect(notice.message.contains("\(waited) calls that waited are lost"))
    }

    @Test func aDamagedWindowIsGivenUpAloneWhenOthersAreMergedIntoIt() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.publishPeriod = .sixtySeconds
        fixture.configuration.history.fineHours = 1
        let service = fixture.service()
        do {
            let agent = try fixture.agent()
            // Five minutes that begin with a period that is old enough for it, when the others are not.
            let begun = fixture.agentClock.now().nanosecondsSince1970 / 1_000_000_000
            fixture.clock.advance(by: .seconds(300 - begun % 300))
            await agent.tick()
            for calls in [40, 3, 5] {
                service.call(times: calls)
                await fixture.pass(1, agent)
            }
            fixture.clock.advance(by: .seconds(3_600 - 120))
            await agent.tick()
        }
        let levels = try fixture.store().windows(since: start).map(\.level)
        #expect(levels.filter { $0 == 1 }.count == 1)
        try flipABit(inDataOfLevel: 1, fixture)
        let agent = try fixture.agent()
        await fixture.pass(4, agent)
        var calls: UInt64 = 0
        try fixture.store().forEachSeries(since: start) { _, _, totals in calls += totals.counters.calls }
        #expect(calls == 8)
        let notices = try fixture.store().notices(since: start).filter { $0.kind == "damagedWindow" }
        #expect(notices.count == 1)
        #expect(try fixture.store().callCount() == 48)
    }

    /// In the middle of a window's data, past what names it.
    private func flipABit(inDataOfLevel level: Int, _ fixture: AgentFixture) throws {
        let path = fixture.configuration.dataDirectory + "/tidemark.sqlite"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sqlite3, sys
            store = sqlite3.connect(sys.argv[1])
            rows = store.execute("SELECT data FROM spanData WHERE span IN (SELECT id FROM span WHERE level = ?)", [sys.argv[2]])
            blobs = [row[0] for row in rows]
            assert len(blobs) == 1
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.close()
            file = bytearray(open(sys.argv[1], "rb").read())
            place = file.index(blobs[0])
            file[place + len(blobs[0]) // 2] ^= 1
            open(sys.argv[1], "wb").write(file)
            """, path, "\(level)",
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func rowsOnBothSidesOfATornPageAreSaved() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await prepared(fixture, service)
        let made = service.made
        // The data of one window: its page's header says that it is no page at all.
        var file = try fixture.directory.read("data/tidemark.sqlite")
        let page = try #require(try Self.leafPage(ofTable: "spanData", in: fixture))
        for byte in 0..<8 { file[(page - 1) * 4_096 + byte] = 0xFF }
        try fixture.directory.write(file, to: "data/tidemark.sqlite")
        let agent = try fixture.agent()
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.recorded == made)
        // Totals, baselines and the other windows are untouched.
        #expect(try fixture.store().callCount() == made)
        let notice = try #require(try fixture.store().notices(since: start).first { $0.kind == "storeReplaced" })
        #expect(notice.message.contains("set aside as"))
        #expect(notice.message.contains("12 windows"))
        #expect(notice.message.contains("Not all could be read of: spanData"))
        #expect(try fixture.store().windows(since: start).count > 4)
        service.call(times: 1)
        await fixture.pass(2, agent)
        #expect(try fixture.store().ledger().calls.recorded == made + 1)
        let lost = try fixture.store().ledger().calls.dropped["lost with a damaged store"] ?? 0
        #expect(await fixture.cloudWatch.sum("Calls") == made + 1 - lost)
    }

    @Test func damageThatIsMetWhileRunningIsReplacedToo() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let agent = try fixture.agent()
        service.call(times: 5)
        await fixture.pass(3, agent)
        try await agent.damageStore()
        service.call(times: 4)
        await fixture.pass(3, agent)
        fixture.clock.advance(by: .seconds(30))
        await agent.tick()
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.recorded == 9)
        #expect(try fixture.store().notices(since: start).contains { $0.kind == "storeReplaced" })
    }

    @Test func anotherVersionsStoreIsSetAsideAndKept() async throws {
        let fixture = try AgentFixture()
        do { _ = try fixture.agent() }
        try Self.sqlite(fixture, "PRAGMA user_version = 1; CREATE TABLE other (a); INSERT INTO other VALUES (1)")
        let agent = try fixture.agent()
        fixture.service().call(times: 2)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 2)
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.configuration.dataDirectory)
        #expect(files.contains { $0.contains(".damaged-") })
        let notice = try #require(try fixture.store().notices(since: start).first)
        #expect(notice.message.contains("another version"))
    }

    /// What an agent leaves that was killed while it made its store.
    @Test(arguments: ["", "CREATE TABLE series (id INTEGER);"])
    func aStoreWhoseMakingWasBrokenOffIsCalledUnfinished(script: String) async throws {
        let fixture = try AgentFixture()
        try fixture.directory.write("", to: "data/tidemark.sqlite")
        if !script.isEmpty { try Self.sqlite(fixture, script) }
        let error = #expect(throws: AgentError.self) { try fixture.store() }
        #expect(error?.message.contains("the store is not finished yet") == true, "\(error?.message ?? "")")
        #expect(chmod(fixture.configuration.dataDirectory, 0o700) == 0)
        let agent = try fixture.agent()
        fixture.service().call(times: 2)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 2)
    }

    /// By it a window's hot keys are found; the quick check does not follow it.
    @Test func aBitThatFlippedInTheIndexOfTheHotKeysIsSeenAtTheStart() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { for key in 0..<5 { service.call(times: 2 + key, key: "key-\(key)") } }
        let page = (try Self.rootPage("sqlite_autoindex_hotKey_1", in: fixture) - 1) * 4_096
        let bytes = try fixture.directory.read("data/tidemark.sqlite")
        // The last entry that was made: its last byte is the number of its row.
        let entry = page + (Int(bytes[page + 5]) << 8 | Int(bytes[page + 6]))
        let place = entry + Int(bytes[entry])
        let file = open(fixture.configuration.dataDirectory + "/tidemark.sqlite", O_WRONLY)
        defer { close(file) }
        var flipped = bytes[place] ^ 0x40
        #expect(bytes[page] == 10 && pwrite(file, &flipped, 1, off_t(place)) == 1)
        _ = try fixture.agent()
        #expect(try fixture.store().notices(since: start).contains { $0.kind == "storeReplaced" })
    }

    @Test func totalsThatWereLostShowAsRecordedAndNotAsAGap() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await fixture.agentWorksOnce { service.call(times: 5) }
        // A flipped bit in the sum of a series, and a structure that makes the whole file be looked at.
        try Self.sqlite(
            fixture,
            "UPDATE total SET data = x'0102030405'; PRAGMA writable_schema = ON; "
                + "UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'quarantine'")
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.recorded == 5)
        #expect(ledger.calls.acknowledged == 5)
        #expect(ledger.isBalanced)
    }

    private static func sqlite(_ fixture: AgentFixture, _ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sqlite3, sys
            store = sqlite3.connect(sys.argv[1])
            store.create_function("tidemark_mark", -1, lambda *values: 0, deterministic=True)
            store.executescript(sys.argv[2])
            store.commit()
            store.close()
            """, fixture.configuration.dataDirectory + "/tidemark.sqlite", script,
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// A page in the middle of a table's rows, found by the text of its b-tree.
    private static func leafPage(ofTable table: String, in fixture: AgentFixture) throws -> Int? {
        let file = try fixture.directory.read("data/tidemark.sqlite")
        let offset = (try rootPage(table, in: fixture) - 1) * 4_096
        // An inner page lists its children; the second of them lies between others.
        guard file[offset] == 5 else { return nil }
        let cells = Int(file[offset + 3]) << 8 | Int(file[offset + 4])
        guard cells > 1 else { return nil }
        let cell = offset + (Int(file[offset + 14]) << 8 | Int(file[offset + 15]))
        return (0..<4).reduce(0) { $0 << 8 | Int(file[cell + $1]) }
    }

    /// The first page of a table or an index.
    private static func rootPage(_ name: String, in fixture: AgentFixture) throws -> Int {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.standardOutput = output
        process.arguments = [
            "python3", "-c",
            """
            import sqlite3, sys
            store = sqlite3.connect(sys.argv[1])
            print(store.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [sys.argv[2]]).fetchone()[0])
            """, fixture.configuration.dataDirectory + "/tidemark.sqlite", name,
        ]
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}
