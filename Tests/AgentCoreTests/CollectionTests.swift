import AWSCore
import AgentCore
import CloudWatch
import ContractEngine
import ContractModel
import Foundation
import Glibc
import Monitoring
import Telemetry
import TestSupport
import Testing

@Suite struct CollectionTests {
    @Test func aClockThatIsSetBackADayStopsNothing() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.pass(2, agent)
        fixture.clock.advance(by: .seconds(-86_400))
        await fixture.pass(1, agent)
        service.call()
        await fixture.pass(2, agent)
        #expect(try fixture.store().ledger().calls.recorded == 2)
        #expect(try fixture.store().ledger().calls.acknowledged == 2)
        await agent.shutdown()
    }

    @Test func aCounterThatNoProcessCanHaveReachedIsSetAsideAndTheAgentGoesOn() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let hostile = fixture.service("hostile", id: 1)
        let slot = hostile.writer.slot(for: SeriesKey(table: "T", operation: "GetItem", pattern: "AP"))
        hostile.writer.record(
            call: CallRecord(durationNanoseconds: 1, outcome: .success, attempts: 1), in: slot)
        hostile.writer.record(consumptionIn: slot, readMilliUnits: 1 << 60, writeMilliUnits: 0)
        fixture.service("sound", id: 2).call()
        await fixture.pass(2, agent)
        #expect(try fixture.store().ledger().calls.recorded == 1)
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.configuration.telemetryDirectory)
        #expect(files.count { $0.hasSuffix(".refused") } == 1)
        await agent.shutdown()
    }

    @Test func aFileOfRandomBytesIsSetAsideAndTheAgentGoesOn() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        var random = SeededGenerator(seed: 1)
        let bytes = (0..<100_000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let path = try fixture.directory.write(bytes, to: "telemetry/broken.tidemark")
        fixture.service().call(times: 3)
        await fixture.pass(1, agent)
        #expect(access(path, F_OK) != 0)
        #expect(access(path + ".refused", F_OK) == 0)
        #expect(try fixture.store().callCount() == 3)
        let notices = try fixture.store().notices(since: Timestamp(secondsSince1970: 0))
        #expect(notices.map(\.kind) == ["fileRefused"])
        #expect(notices[0].message.contains("broken.tidemark"))
    }

    @Test func aCopyOfAFileIsNotCountedTwice() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service().call(times: 3)
        let path = try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let copy = try fixture.directory.write(
            try fixture.directory.read("telemetry/" + name), to: "telemetry/zz.tidemark")
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 3)
        #expect(access(copy + ".refused", F_OK) == 0)
    }

    @Test func aSecondAgentIsToldWhoWorksThere() throws {
        let fixture = try AgentFixture()
        let first = try fixture.agent()
        let error = #expect(throws: AgentError.self) { try fixture.agent() }
        #expect(error?.code == .alreadyRunning)
        #expect(error?.message.contains("process \(getpid())") == true)
        withExtendedLifetime(first) {}
    }

    @Test func storeAndSecretAreForThisUserAlone() throws {
        let fixture = try AgentFixture()
        _ = try fixture.agent()
        for name in ["tidemark.sqlite", "hotkey.secret"] {
            var facts = stat()
            #expect(stat(fixture.configuration.dataDirectory + "/" + name, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o600)
        }
        var facts = stat()
        #expect(stat(fixture.configuration.dataDirectory, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o700)
    }

    @Test func whatAKillLeftOfASecretHindersNoStart() throws {
        let fixture = try AgentFixture()
        _ = try fixture.agent()
        let path = fixture.configuration.dataDirectory + "/hotkey.secret"
        let half = path + ".new"
        #expect(unlink(path) == 0)
        let file = open(half, O_WRONLY | O_CREAT, 0o600)
        #expect(write(file, "half a secret", 13) == 13)
        close(file)
        _ = try fixture.agent()
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_size == 32)
        #expect(access(half, F_OK) != 0)
    }

    @Test func aSecretThatIsTooShortIsSetAsideAndSaid() async throws {
        let fixture = try AgentFixture()
        try fixture.directory.write("too short", to: "data/hotkey.secret")
        let log = LineLog()
        let agent = try Agent(
            configuration: fixture.configuration, sink: fixture.cloudWatch, clock: fixture.agentClock,
            logger: log.logger)
        #expect(try fixture.directory.read("data/hotkey.secret").count == 32)
        #expect(try fixture.directory.read("data/hotkey.secret.short") == Array("too short".utf8))
        #expect(
            log.lines.count { $0.contains("this secret is shorter than 32 bytes") && $0.contains("new names") } == 1)
        withExtendedLifetime(agent) {}
    }

    /// The agent would meet its own lock, and say that another agent works there.
    @Test func oneDirectoryForTelemetryAndDataIsRefused() throws {
        let fixture = try AgentFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.configuration.telemetryDirectory, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        fixture.configuration.dataDirectory = fixture.directory.path("link")
        #expect(symlink(fixture.configuration.telemetryDirectory, fixture.configuration.dataDirectory) == 0)
        let error = #expect(throws: AgentError.self) { try fixture.agent() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("are both \(fixture.configuration.telemetryDirectory): name two") == true)
    }

    @Test func aTelemetryDirectoryThatWasDeletedIsNoMatterOfRights() async throws {
        let fixture = try AgentFixture()
        let log = LineLog()
        let agent = try Agent(
            configuration: fixture.configuration, sink: fixture.cloudWatch, clock: fixture.agentClock,
            logger: log.logger)
        try FileManager.default.removeItem(atPath: fixture.configuration.telemetryDirectory)
        await agent.tick()
        let said = try #require(log.lines.first { $0.contains("agent.lock") })
        #expect(
            said.contains("no such file or directory; the directory was deleted") && !said.contains("right"), "\(said)")
    }

    @Test func aDataDirectoryThatCannotBeMadeIsOneSentence() throws {
        let fixture = try AgentFixture()
        fixture.configuration.dataDirectory = "/proc/tidemark"
        let error = #expect(throws: AgentError.self) { try fixture.agent() }
        #expect(error?.code == .directory)
        #expect(error?.message.hasPrefix("/proc/tidemark: ") == true)
    }

    @Test func withoutAStoreAReportSaysHowToGetOne() throws {
        let fixture = try AgentFixture()
        let error = #expect(throws: AgentError.self) { try fixture.store() }
        #expect(error?.code == .store)
    }

    @Test func onlyTheChosenServiceIsRead() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.service = "checkout"
        let agent = try fixture.agent()
        fixture.service("checkout", id: 1).call(times: 2)
        fixture.service("billing", id: 2).call(times: 5)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 2)
    }

    /// A service begins a moment before a window does and its file is there a moment after: nobody was away for that. One
    /// that had been there for long is another matter.
    @Test(arguments: [(300, [false, false]), (1_900, [false, false]), (4_000, [false, true, false])])
    func aServiceThatBeginsBetweenTwoReadingsMakesNoGap(milliseconds: Int, gaps: [Bool]) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        fixture.service("first", id: 1).call()
        await fixture.pass(1, agent)
        var writer = TelemetryWriter.Configuration(
            directory: fixture.configuration.telemetryDirectory, service: "late", environment: "test")
        writer.startedAtNanoseconds =
            UInt64(fixture.clock.timestamp.nanosecondsSince1970) - UInt64(milliseconds) * 1_000_000
        FakeService(TelemetryWriter.open(writer)).call(times: 3)
        fixture.service("second", id: 2).call()
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 5)
        #expect(try fixture.store().windows(since: Timestamp(secondsSince1970: 0)).map(\.isGap) == gaps)
    }

    @Test func theContractsSeriesGetZeros() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.contract = ContractDocument.orders
        let agent = try fixture.agent()
        fixture.service().call(pattern: "AP1", times: 2)
        await fixture.pass(1, agent)
        for metric in ["Calls", "FailedCalls", "Attempts", "ThrottledAttempts", "MisconfiguredCalls"] {
            let datums = await fixture.cloudWatch.datums(metric)
            #expect(datums.count == 2, "\(metric)")
            #expect(
                datums.contains { $0.value == .single(0) && $0.dimensions.contains { $0.value == "AP2" } }, "\(metric)")
        }
        let units = await fixture.cloudWatch.datums("ClientReadUnits")
        #expect(units.contains { $0.value == .single(0) && $0.dimensions.contains { $0.value == "byCustomer" } })
        let loads = await fixture.cloudWatch.datums("HotKeyLoadUpperPercent")
        #expect(loads.count == 2)
        let first = await fixture.cloudWatch.datums("Calls").count
        await fixture.pass(1, agent)
        #expect(await fixture.cloudWatch.datums("Calls").count == first + 2)
    }

    @Test func aConfiguredServiceHasAHeartbeatEvenWithoutAFile() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.service = "checkout"
        fixture.configuration.environment = "test"
        let agent = try fixture.agent()
        await fixture.pass(2, agent)
        #expect(await fixture.cloudWatch.sum("Heartbeat") == 2)
    }

    @Test func aFullDiskKeepsCountsInTheFilesUntilThereIsRoom() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        // Enough series that the commit needs room that the file has not got.
        for pattern in 0..<300 { service.call(pattern: "AP\(pattern)") }
        let limit = try StoreLimit(agent: agent)
        await limit.fill()
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 0)
        await limit.free()
        service.call(times: 1)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == 301)
        let ledger = try fixture.store().ledger()
        #expect(ledger.calls.recorded == 301)
        #expect(ledger.isBalanced)
    }
}

/// Makes SQLite answer "full", as it does on a full disk, by forbidding the file to grow.
struct StoreLimit {
    let agent: Agent

    init(agent: Agent) throws { self.agent = agent }

    func fill() async { await agent.limitStore(toPages: 1) }
    func free() async { await agent.limitStore(toPages: 1 << 30) }
}

extension ContractDocument {
    /// Two patterns on one table with one index.
    static var orders: ContractDocument {
        let key = KeyAttribute(name: "id")
        let table = ContractTable(
            name: "Orders", partitionKey: key,
            indexes: [ContractIndex(name: "byCustomer", partitionKey: key)])
        return ContractDocument(
            contract: MigrationContract(tables: [table]),
            patterns: [
                AccessPattern(
                    id: "AP1", peakRPS: 100, operations: [PatternOperation(operation: "GetItem", table: "Orders")]),
                AccessPattern(
                    id: "AP2", peakRPS: 10, type: .write,
                    operations: [PatternOperation(operation: "PutItem", table: "Orders")]),
            ])
    }
}
