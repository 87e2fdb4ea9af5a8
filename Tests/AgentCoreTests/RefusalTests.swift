import AWSCore
import Glibc
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// A service whose file was refused, and that makes no other one, as a client does that never asks whether its file is
/// deleted: every agent that comes later says so, until the service ends or somebody has deleted what was set aside.
@Suite struct RefusalTests {
    private func uncounted(_ fixture: AgentFixture) throws -> [UncountedFile] {
        let now = fixture.clock.timestamp
        return try Summary.make(from: fixture.store(), since: now, now: now).agent.uncounted
    }

    private func finding(_ fixture: AgentFixture) throws -> Summary.Finding? {
        let now = fixture.clock.timestamp
        return try Summary.make(from: fixture.store(), since: now, now: now).findings
            .first { $0.what.hasPrefix("A telemetry file is not counted") }
    }

    private func path(_ fixture: AgentFixture) throws -> String {
        try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
    }

    /// - Parameter offset: 136, so many series as there cannot be; or 56, a ring of no size.
    private func damage(_ path: String, at offset: off_t = 136) {
        let file = open(path, O_WRONLY)
        defer { close(file) }
        var word: UInt64 = 5_000
        #expect(pwrite(file, &word, 8, offset) == 8)
    }

    /// An agent that is gone when this ends, having refused the file.
    private func refuse(_ fixture: AgentFixture, damaging offset: off_t = 136) async throws -> String {
        let agent = try fixture.agent()
        let path = try path(fixture)
        if offset != 56 { await fixture.pass(1, agent) }
        damage(path, at: offset)
        await fixture.pass(1, agent)
        #expect(access(path, F_OK) != 0 && access(path + ".refused", F_OK) == 0)
        return path + ".refused"
    }

    @Test func everyLaterAgentNamesItUntilItsServiceEnds() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service("shop")
        service.call()
        _ = try await refuse(fixture)
        let since = fixture.clock.timestamp
        for _ in 0..<2 {
            try await fixture.agentWorksOnce { fixture.clock.advance(by: .seconds(600)) }
            let finding = try #require(try finding(fixture))
            #expect(finding.severity == .warning && finding.since == since, "\(finding)")
            #expect(finding.what.contains("shop in test, process \(getpid())"), "\(finding.what)")
            #expect(finding.cause.contains("5000") && finding.next.contains("restart one"), "\(finding)")
        }
        let agent = try fixture.agent()
        service.end()
        await agent.tick()
        #expect(try uncounted(fixture).isEmpty)
    }

    /// The header itself may be what is damaged: then the name tells the process.
    @Test func aFileThatCannotEvenBeOpenedIsNamedToo() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service("shop")
        service.call()
        _ = try await refuse(fixture, damaging: 56)
        #expect(try uncounted(fixture).map(\.who) == ["process \(getpid())"])
        try await fixture.agentWorksOnce {}
        #expect(try uncounted(fixture).map(\.who) == ["process \(getpid())"])
        #expect(try uncounted(fixture).map(\.state) == [.refused])
        service.end()
    }

    @Test func whoDeletesWhatWasSetAsideHasSeenIt() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service("shop")
        service.call()
        let copy = try await refuse(fixture)
        let agent = try fixture.agent()
        await agent.tick()
        #expect(try uncounted(fixture).count == 1)
        #expect(unlink(copy) == 0)
        await agent.tick()
        #expect(try uncounted(fixture).isEmpty)
        service.end()
    }

    @Test func aServiceThatMakesAnotherFileIsNamedNoMore() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service("shop")
        service.call()
        _ = try await refuse(fixture)
        service.writer.look()
        service.call()
        try await fixture.agentWorksOnce {}
        #expect(try uncounted(fixture).isEmpty)
        #expect(try fixture.store().callCount() == 2)
    }

    /// The agent that had it open counts it to its end; the next one finds no file of that service.
    @Test func aFileThatWasRenamedWhileItsServiceWritesIsNamed() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service("shop")
        let path = try path(fixture)
        do {
            let first = try fixture.agent()
            await first.tick()
            service.call()
            #expect(rename(path, path + ".bak") == 0)
            await fixture.pass(2, first)
        }
        #expect(try uncounted(fixture).isEmpty)
        #expect(try fixture.store().callCount() == 1)
        let agent = try fixture.agent()
        service.call()
        await fixture.pass(1, agent)
        let finding = try #require(try finding(fixture))
        #expect(finding.severity == .critical && finding.what.contains("shop in test, process \(getpid())"))
        #expect(finding.cause.contains("renamed"))
        #expect(rename(path + ".bak", path) == 0)
        await fixture.pass(1, agent)
        #expect(try uncounted(fixture).isEmpty)
        #expect(try fixture.store().callCount() == 2)
    }

    /// The files of processes that have ended, and what others put there, say nothing.
    @Test func whatNobodyHoldsIsNotNamed() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        var file = try HostileFile("hostile", id: 9, startedAt: fixture.now)
        file.put(5_000, at: 136)
        try file.place(in: fixture)
        try fixture.directory.write("notes", to: "telemetry/how-to.tidemark.txt")
        await fixture.pass(2, agent)
        #expect(fixture.telemetryNames.count { $0.hasSuffix(".refused") } == 1)
        #expect(try uncounted(fixture).isEmpty)
    }

    /// What stands at the end of a file is somebody else's word.
    @Test(arguments: [0, 1, 7, 8, 15, 16, 17, 40])
    func aTornRecordIsNone(cut: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("4711-0.tidemark.refused")
        let refusal = Refusal(of: directory.path("4711-0.tidemark"), copy: path, reason: "It is\ttorn.", since: 17)
        try directory.write(Array(repeating: 0, count: 9_000) + refusal.ending, to: "4711-0.tidemark.refused")
        let read = try #require(Refusal(path))
        #expect(
            read.process == 4_711 && read.since == 17 && read.who == "process 4711" && read.reason == refusal.reason)
        try directory.write(Array(refusal.ending.dropLast(cut)), to: "cut.tidemark.refused")
        #expect((Refusal(directory.path("cut.tidemark.refused")) == nil) == (cut > 0))
        try directory.write(Array(refusal.ending.dropFirst(cut)), to: "cut.tidemark.refused")
        #expect((Refusal(directory.path("cut.tidemark.refused")) == nil) == (cut > 0))
    }
}
