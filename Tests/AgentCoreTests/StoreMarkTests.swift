import AWSCore
import AgentCore
import Foundation
import Glibc
import Monitoring
import TestSupport
import Testing

/// A bit that flips in a name or an amount is damage: it never makes a call another service's.
@Suite struct StoreMarkTests {
    private let start = Timestamp(secondsSince1970: 0)

    /// A store with published, frozen and waiting windows, hot keys and a notice.
    private func prepared(_ fixture: AgentFixture, _ service: FakeService) async throws {
        let agent = try fixture.agent()
        for period in 0..<8 {
            if period == 4 { await fixture.cloudWatch.always(.throttle) }
            for pattern in ["PATTERN-ONE", "PATTERN-TWO"] { service.call(pattern: pattern, times: 3, key: "k1") }
            await fixture.pass(1, agent)
        }
        try fixture.directory.write("no telemetry", to: "telemetry/2.tidemark")
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.take)
    }

    private func notices(_ fixture: AgentFixture) throws -> [String] {
        try fixture.store().notices(since: start).filter { $0.kind == "storeReplaced" }.map(\.message)
    }

    @Test(arguments: [
        ("series", "pattern = 'PATTERN-TEN'"), ("series", "service = 'check0ut'"), ("total", "series = 1000"),
        ("process", "service = 'other'"), ("process", "keyPosition = keyPosition + 1"),
        ("span", "recorded = recorded + 1"), ("span", "endedAt = endedAt + 1"), ("span", "publish = 1 - publish % 2"),
        ("batch", "datums = datums + 1"), ("batch", "ambiguousSends = 1"),
        ("ledgerCalls", "amount = amount + 1"), ("ledgerCalls", "pattern = 'PATTERN-TEN'"),
        ("ledgerDatums", "amount = amount + 1"), ("agentFact", "value = '7'"), ("notice", "message = 'all is well'"),
        ("hotKeySpan", "consumed = consumed + 1"), ("hotKey", "estimate = estimate + 1"),
    ])
    func aChangedColumnIsDamage(table: String, change: String) async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await prepared(fixture, service)
        try alter(fixture, table, change)
        let agent = try fixture.agent()
        #expect(try notices(fixture).contains { $0.contains("a wrong checksum in \(table)") }, "\(table), \(change)")
        service.call(pattern: "PATTERN-ONE", times: 2)
        await fixture.pass(3, agent)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced, "\(table), \(change): \(ledger.calls)")
        #expect(ledger.calls.recorded <= service.made)
        #expect(ledger.calls.pending == 0)
        #expect(ledger.entries.allSatisfy { $0.scope.service == "checkout" && $0.pattern != "PATTERN-TEN" })
        #expect(await fixture.cloudWatch.sum("Calls") <= service.made)
    }

    /// The name is in the table, in its index, and in blobs.
    @Test func aBitFlippedInAnyCopyOfANameMovesNoCall() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await prepared(fixture, service)
        let sound = try fixture.directory.read("data/tidemark.sqlite")
        let name = Array("PATTERN-TWO".utf8)
        let places = sound.indices.filter { sound[$0...].starts(with: name) }
        #expect(places.count > 4)
        for place in places {
            var file = sound
            file[place + name.count - 1] ^= 1
            for suffix in ["-wal", "-shm"] { unlink(fixture.directory.path("data/tidemark.sqlite") + suffix) }
            try fixture.directory.write(file, to: "data/tidemark.sqlite")
            chmod(fixture.directory.path("data/tidemark.sqlite"), 0o600)
            let agent = try fixture.agent(publishing: false)
            let ledger = try fixture.store().ledger(periodsSince: start)
            #expect(ledger.isBalanced, "at \(place)")
            #expect(ledger.entries.allSatisfy { ["PATTERN-ONE", "PATTERN-TWO"].contains($0.pattern) }, "at \(place)")
            #expect(try fixture.store().totals().allSatisfy { $0.series.pattern != "PATTERN-TWN" }, "at \(place)")
            _ = agent
        }
    }

    @Test func anAmountThatChangesUnderTheAgentIsNotSignedAnew() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let agent = try fixture.agent()
        service.call(times: 5)
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.throttle)
        service.call(times: 2)
        await fixture.pass(1, agent)
        // The batch that waits is acknowledged, by an addition to this row, before anything reads it.
        try alter(fixture, "ledgerCalls", "amount = amount + 1000")
        await fixture.cloudWatch.always(.take)
        for _ in 0..<8 {
            service.call(times: 2)
            await fixture.pass(1, agent)
        }
        #expect(try notices(fixture).count == 1)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.recorded == service.made)
        #expect(ledger.calls.acknowledged + ledger.calls.droppedInAll == service.made)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
    }

    /// The mark of the last commit is believed then, and not replaced before it is read.
    @Test func aProcessWhoseRowIsLostUnderTheAgentIsNotCountedAgain() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        do {
            let agent = try fixture.agent()
            service.call(times: 5)
            await fixture.pass(1, agent)
        }
        let agent = try fixture.agent()
        try alter(fixture, "process", "pid = pid + 1")
        service.call(times: 2)
        await fixture.pass(3, agent)
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.recorded == 7)
        #expect(await fixture.cloudWatch.sum("Calls") == 7)
        #expect(try notices(fixture).count == 1)
    }

    /// One name in a thousand costs its own calls, not those of the windows that wait with them.
    @Test func aLostNameCostsItsOwnCallsAlone() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        await fixture.cloudWatch.always(.throttle)
        do {
            let agent = try fixture.agent()
            service.call(pattern: "WARM")
            await fixture.pass(1, agent)
            service.call(pattern: "PATTERN-ONE", times: 40)
            service.call(pattern: "PATTERN-TWO", times: 3)
            await fixture.pass(1, agent)
        }
        try alter(fixture, "series", "pattern = 'PATTERN-TEN'", where: "pattern = 'PATTERN-TWO'")
        await fixture.cloudWatch.always(.take)
        let agent = try fixture.agent()
        let notice = try #require(try notices(fixture).first)
        #expect(notice.contains("The names of 1 series were lost, and with them 3 calls that waited."), "\(notice)")
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
        let ledger = try fixture.store().ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.acknowledged == 41)
        #expect(ledger.periods.reduce(0) { $0 + $1.calls.droppedInAll } == 3)
        #expect(await fixture.cloudWatch.sum("Calls") == 41)
        #expect(try fixture.store().notices(since: start).allSatisfy { $0.kind != "ledgerGap" })
    }

    @Test func aStoreOfTheVersionBeforeIsTakenOverWithoutLoss() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        try await prepared(fixture, service)
        let before = try fixture.store().ledger(periodsSince: start)
        #expect(before.calls.pending > 0)
        let notes = try fixture.store().notices(since: start)
        let keys = try fixture.store().hotKeys(since: start)
        try python(
            fixture,
            """
            import re
            old, new = store, sqlite3.connect(sys.argv[1] + ".v2")
            texts = [t for (t,) in old.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type != 'trigger' AND name NOT LIKE 'sqlite_%'")]
            for text in texts:
                new.execute(re.sub(r",\\s*mark INTEGER NOT NULL AS \\(tidemark_mark\\(.*\\)\\) STORED", "", text))
            for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                columns = [c[1] for c in new.execute(f"PRAGMA table_info({name})")]
                rows = old.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
                new.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
            new.execute("PRAGMA user_version = 2")
            assert not any("mark INTEGER" in t for (t,) in new.execute("SELECT sql FROM sqlite_master WHERE sql > ''"))
            new.commit()
            import os
            os.replace(sys.argv[1] + ".v2", sys.argv[1])
            """)
        for suffix in ["-wal", "-shm"] { unlink(fixture.directory.path("data/tidemark.sqlite") + suffix) }
        let agent = try fixture.agent()
        let store = try fixture.store()
        #expect(try store.ledger(periodsSince: start) == before)
        #expect(try store.hotKeys(since: start) == keys)
        let notices = try store.notices(since: start)
        #expect(Array(notices.dropFirst()) == notes)
        #expect(notices.first?.kind == "storeUpgraded")
        #expect(notices.first?.message.contains("Not all") == false, "\(notices.first?.message ?? "")")
        service.call(pattern: "PATTERN-ONE")
        await fixture.pass(1, agent)
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
        let ledger = try store.ledger(periodsSince: start)
        #expect(ledger.isBalanced)
        #expect(ledger.calls.acknowledged == service.made)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
    }

    // MARK: Another hand in the store

    /// Changes a row and leaves its checksum as it was.
    private func alter(
        _ fixture: AgentFixture, _ table: String, _ change: String, where condition: String = "1"
    ) throws {
        try python(
            fixture,
            """
            row, mark = store.execute("SELECT rowid, mark FROM \(table) WHERE \(condition) LIMIT 1").fetchone()
            store.create_function("tidemark_mark", -1, lambda *values: mark, deterministic=True)
            store.execute("UPDATE \(table) SET \(change) WHERE rowid = ?", [row])
            store.commit()
            """)
    }

    private func python(_ fixture: AgentFixture, _ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c", "import sqlite3, sys\nstore = sqlite3.connect(sys.argv[1])\n" + script,
            fixture.configuration.dataDirectory + "/tidemark.sqlite",
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
