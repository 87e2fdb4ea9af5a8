import AWSCore
import AgentCore
import CloudWatch
import Glibc
import Monitoring
import Telemetry
import TestSupport
import Testing

/// What is deleted, taken or named by others while the agent works.
@Suite struct TakenGroundTests {
    private let locks = ["telemetry", "data"]

    @Test func aDataDirectoryThatOthersMayLookIntoIsSaid() throws {
        let fixture = try AgentFixture()
        let path = fixture.configuration.dataDirectory
        func said() throws -> [String] {
            let log = LineLog()
            _ = try Agent(
                configuration: fixture.configuration, sink: nil, clock: fixture.agentClock, logger: log.logger)
            return log.lines.filter { $0.contains("this data directory has mode") }
        }
        #expect(try said().isEmpty)
        chmod(path, 0o755)
        #expect(
            try said() == ["\(path): this data directory has mode 0755: others may look at what is in it; chmod 0700"])
    }

    @Test func aLockThatWasDeletedIsTakenAgain() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        for name in locks { #expect(unlink(fixture.directory.path(name) + "/agent.lock") == 0) }
        await fixture.pass(1, agent)
        for name in locks { #expect(access(fixture.directory.path(name) + "/agent.lock", F_OK) == 0) }
        let error = #expect(throws: AgentError.self) { try fixture.agent() }
        #expect(error?.code == .alreadyRunning)
    }

    @Test func aDataDirectoryThatIsDeletedUnderTheAgentIsMadeAgainWithAllThatItHeld() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5, key: "k1")
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.throttle)
        service.call(times: 4, key: "k1")
        await fixture.pass(1, agent)
        let data = fixture.configuration.dataDirectory
        let secret = try fixture.directory.read("data/hotkey.secret")
        for name in ["agent.lock", "hotkey.secret", "tidemark.sqlite", "tidemark.sqlite-wal", "tidemark.sqlite-shm"] {
            #expect(unlink(data + "/" + name) == 0, "\(name)")
        }
        #expect(rmdir(data) == 0)
        service.call(times: 3, key: "k1")
        await fixture.pass(1, agent)
        var facts = stat()
        #expect(stat(data, &facts) == 0 && facts.st_mode & 0o777 == 0o700)
        for name in ["agent.lock", "hotkey.secret", "tidemark.sqlite"] {
            #expect(stat(data + "/" + name, &facts) == 0 && facts.st_mode & 0o777 == 0o600, "\(name)")
        }
        #expect(try fixture.directory.read("data/hotkey.secret") == secret)
        let error = #expect(throws: AgentError.self) { try fixture.agent() }
        #expect(error?.code == .alreadyRunning)
        await fixture.cloudWatch.always(.take)
        fixture.clock.advance(by: .seconds(600))
        await agent.tick()
        let store = try fixture.store()
        let ledger = try store.ledger()
        #expect(ledger.isBalanced && ledger.calls.recorded == 12 && ledger.calls.acknowledged == 12)
        #expect(await fixture.cloudWatch.sum("Calls") == 12)
        let kinds = try store.notices(since: Timestamp(secondsSince1970: 0)).map(\.kind)
        #expect(kinds.sorted() == ["directoryRestored", "publishRefused", "storeReplaced"])
        #expect(await agent.vitalSigns().troubles == [])
    }

    /// Of a store of its own the other agent leaves no trace that the first would meet: its lock file, locked or not, is one.
    @Test(arguments: [true, false])
    func anAgentThatLostItsDirectoryToAnotherCountsNothingTwice(otherStays: Bool) async throws {
        let fixture = try AgentFixture()
        let first = try fixture.agent()
        let service = fixture.service()
        #expect(unlink(fixture.configuration.telemetryDirectory + "/agent.lock") == 0)
        let firstStore = fixture.configuration.dataDirectory
        fixture.configuration.dataDirectory = fixture.directory.path("other")
        var second: Agent? = try fixture.agent()
        service.call(times: 5)
        fixture.clock.advance(by: .seconds(10))
        if otherStays {
            await first.tick()
            await second?.tick()
        } else {
            await second?.shutdown()
            second = nil
            await first.tick()
        }
        #expect(
            await first.loss?.message.contains("this lock file was deleted or replaced while its agent worked") == true)
        #expect(try fixture.store().ledger().calls.recorded == 5)
        #expect(try AgentStore.openReadOnly(dataDirectory: firstStore).ledger().calls.recorded == 0)
        #expect(await fixture.cloudWatch.sum("Calls") == 5)
    }

    /// The other agent may have gone again before this one looks.
    @Test(arguments: [true, false]) func anAgentWhosePlaceWasTakenEndsAndTheNextCountsOn(otherStays: Bool) async throws
    {
        let fixture = try AgentFixture()
        let first = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5)
        await fixture.pass(1, first)
        for name in locks { #expect(unlink(fixture.directory.path(name) + "/agent.lock") == 0) }
        var second: Agent? = try fixture.agent()
        service.call(times: 7)
        await fixture.pass(1, try #require(second))
        if !otherStays {
            await second?.shutdown()
            second = nil
        }
        service.call(times: 11)
        await fixture.pass(2, first)
        #expect(try fixture.store().ledger().calls.recorded == 12, "the first counts nothing more")
        try #require(await first.loss != nil, "else it would run on")
        let error = await #expect(throws: AgentError.self) { try await first.run() }
        #expect(error?.code == .alreadyRunning && error?.message.contains("this one ends") == true)
        await first.shutdown()
        // It has let go of what it held: its successor starts while it still exists.
        let last = try second ?? fixture.agent()
        await fixture.pass(1, last)
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.recorded == 23 && ledger.calls.acknowledged == 23)
        #expect(await fixture.cloudWatch.sum("Calls") == 23)
        withExtendedLifetime(first) {}
    }

    /// The traces of the other agent were deleted as well: the store itself says whose it is.
    @Test func aStoreThatAnotherAgentClaimedTakesNothingOfTheFirst() async throws {
        let fixture = try AgentFixture()
        let first = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5)
        await fixture.pass(1, first)
        for name in locks { #expect(unlink(fixture.directory.path(name) + "/agent.lock") == 0) }
        var second: Agent? = try fixture.agent()
        service.call(times: 7)
        await fixture.pass(1, try #require(second))
        await second?.shutdown()
        second = nil
        for name in locks { #expect(unlink(fixture.directory.path(name) + "/agent.lock") == 0) }
        service.call(times: 11)
        await fixture.pass(2, first)
        #expect(await first.loss?.message.contains("has taken this store") == true)
        #expect(try fixture.store().ledger().calls.recorded == 12)
        let last = try fixture.agent()
        await fixture.pass(1, last)
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.recorded == 23 && ledger.calls.acknowledged == 23)
        #expect(await fixture.cloudWatch.sum("Calls") == 23)
    }

    @Test func aFileThatIsDeletedWhileItIsWrittenIsCountedAndNamed() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5)
        await fixture.pass(1, agent)
        for path in TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory) {
            #expect(unlink(path) == 0)
        }
        service.call(times: 3)
        await fixture.pass(2, agent)
        let store = try fixture.store()
        #expect(try store.ledger().calls.recorded == 8)
        let notices = try store.notices(since: fixture.clock.timestamp.advanced(by: .seconds(-100)))
        #expect(notices.filter { $0.kind == "deletedWhileWritten" && $0.message.contains("checkout") }.count == 1)
    }

    /// The only file, which its service has closed, and the bytes that it had at the end.
    private func closed(_ service: FakeService, _ fixture: AgentFixture) throws -> (name: String, bytes: [UInt8]) {
        service.writer.close()
        let paths = TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory)
        #expect(paths.count == 1)
        let name = paths.first?.split(separator: "/").last.map(String.init) ?? ""
        return ("telemetry/" + name, try fixture.directory.read("telemetry/" + name))
    }

    @Test func aFileThatIsBroughtBackAfterItWasCountedIsSetAside() async throws {
        let fixture = try AgentFixture()
        var agent: Agent? = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5)
        let file = try closed(service, fixture)
        await fixture.pass(1, try #require(agent))
        let path = fixture.directory.path(file.name)
        #expect(access(path, F_OK) != 0, "it was counted and deleted")
        for round in 1...2 {
            try fixture.directory.write(file.bytes, to: file.name)
            await fixture.pass(2, try #require(agent))
            #expect(try fixture.store().ledger().calls.recorded == 5, "round \(round)")
            #expect(access(path, F_OK) != 0 && unlink(path + ".refused") == 0)
            // The next agent knows it too, and housekeeping has come by.
            fixture.clock.advance(by: .seconds(7_200))
            await agent?.shutdown()
            agent = nil
            agent = try fixture.agent()
        }
        let notices = try fixture.store().notices(since: Timestamp(secondsSince1970: 0))
        #expect(notices.filter { $0.kind == "fileRefused" && $0.message.contains("would count twice") }.count == 2)
    }

    /// Such a file was brought there or changed; once that is put right, it is counted after all.
    @Test func aFileThatOthersMayHaveWrittenIsNotCountedUntilThatIsPutRight() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5)
        let path = try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
        var says = ["mode 0666 lets others write it", "mode 0620 lets others write it"]
        for mode: mode_t in [0o666, 0o620] {
            #expect(chmod(path, mode) == 0)
            await fixture.pass(2, agent)
            #expect(try fixture.store().callCount() == 0, "mode 0\(String(mode, radix: 8))")
        }
        #expect(chmod(path, 0o600) == 0)
        // Only root may give a file away.
        if geteuid() == 0 {
            #expect(chown(path, 4_711, 4_711) == 0)
            await fixture.pass(2, agent)
            #expect(try fixture.store().callCount() == 0)
            #expect(chown(path, 0, 0) == 0)
            says.append("it belongs to user 4711")
        }
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 5)
        let notices = try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).map(\.message)
            .filter { $0.contains("it is not counted") }
        for words in says { #expect(notices.contains { $0.contains(words) }, "\(words)") }
        #expect(notices.count == says.count, "once each: \(notices)")
    }

    @Test func aSharedDirectorysFilesAreItsGroups() async throws {
        let fixture = try AgentFixture()
        let directory = fixture.configuration.telemetryDirectory
        #expect(mkdir(directory, 0o700) == 0 && chmod(directory, 0o2770) == 0)
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 5)
        let path = try #require(TelemetryDirectory.files(in: directory).first)
        #expect(chmod(path, 0o662) == 0)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 0)
        #expect(chmod(path, 0o660) == 0)
        if geteuid() == 0 {
            #expect(chown(path, 4_711, 4_711) == 0)
            await fixture.pass(1, agent)
            #expect(try fixture.store().callCount() == 0)
            // Another user of the group is whom the directory is for.
            #expect(chown(path, 4_711, getegid()) == 0)
        }
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 5)
    }

    /// Under a small budget the eldest are forgotten: what is remembered has a limit.
    @Test func theNewestOfTheCountedFilesAreRemembered() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.storeBudgetInBytes = 50_000
        let agent = try fixture.agent()
        var files: [(name: String, bytes: [UInt8])] = []
        for number in 1...6 {
            let service = fixture.service(id: UInt64(number))
            service.call(times: 1)
            files.append(try closed(service, fixture))
            await fixture.pass(1, agent)
        }
        #expect(try fixture.store().ledger().calls.recorded == 6)
        for file in files { try fixture.directory.write(file.bytes, to: file.name) }
        await fixture.pass(2, agent)
        #expect(try fixture.store().ledger().calls.recorded == 7)
    }

    @Test func aServiceWhoseFileWasDeletedIsCountedOnceAndAlsoByALaterAgent() async throws {
        let fixture = try AgentFixture()
        let directory = fixture.configuration.telemetryDirectory
        let service = fixture.service()
        var agent: Agent? = try fixture.agent()
        service.call(times: 5)
        await fixture.pass(1, try #require(agent))
        for path in TelemetryDirectory.files(in: directory) { #expect(unlink(path) == 0) }
        service.call(times: 3)
        service.writer.look()
        service.call(times: 4)
        service.writer.look()
        // The old file has let go, the new one is found: both are counted, once.
        await fixture.pass(3, try #require(agent))
        #expect(try fixture.store().ledger().calls.recorded == service.made && service.made == 12)
        #expect(TelemetryDirectory.files(in: directory).count == 1)
        await agent?.shutdown()
        agent = nil
        service.call(times: 6)
        let later = try fixture.agent()
        await fixture.pass(2, later)
        #expect(try fixture.store().ledger().calls.recorded == service.made && service.made == 18)
    }

    @Test func namesCannotForgeALineOrMoveACursor() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service("evil\nforged \u{1B}[31m")
        service.call("Or\u{7}ders", pattern: "AP\r1", outcome: .server, times: 5)
        await fixture.pass(1, agent)
        let now = fixture.clock.timestamp
        let summary = try Summary.make(
            from: try fixture.store(), since: now.advanced(by: .seconds(-100)), now: now, alarms: [])
        let text = summary.text(style: .plain)
        #expect(text.contains("evil\\u{a}forged \\u{1b}[31m") && text.contains("AP\\u{d}1"))
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F })
    }
}
