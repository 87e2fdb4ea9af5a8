import AWSCore
import AgentCore
import Foundation
import TestSupport
import Testing

/// A copy of a telemetry file in the directory: the one that the service holds is counted, whichever name comes first.
@Suite struct TelemetryCopyTests {
    @Test(arguments: ["0.tidemark", "zz.tidemark"], [false, true])
    func aCopyOfALivingServicesFileIsSetAsideAndNotTheOriginal(name: String, wasThere: Bool) async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let original = try #require(try files(fixture).first)
        if wasThere { try await fixture.agentWorksOnce { service.call(times: 5, key: "k") } }
        try FileManager.default.copyItem(
            atPath: fixture.directory.path("telemetry/" + original), toPath: fixture.directory.path("telemetry/" + name)
        )
        service.call(times: 3, key: "k")
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        service.call(times: 2)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == service.made)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
        #expect(try files(fixture) == [original, name + ".refused"].sorted())
        let notices = try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).map(\.message)
        #expect(notices.count == 1 && notices[0].contains("/\(name): it is set aside"), "\(notices)")
        // And to the end, by the file that is left.
        service.call(times: 4)
        service.end()
        await fixture.pass(1, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
    }

    @Test(arguments: ["0.tidemark", "zz.tidemark"])
    func ofTwoFilesOfAnEndedProcessTheOneThatWentOnIsCounted(name: String) async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let original = try #require(try files(fixture).first)
        service.call(times: 5, key: "k")
        try FileManager.default.copyItem(
            atPath: fixture.directory.path("telemetry/" + original), toPath: fixture.directory.path("telemetry/" + name)
        )
        service.call(times: 7, key: "k")
        service.end()
        let agent = try fixture.agent()
        await fixture.pass(2, agent)
        #expect(try fixture.store().callCount() == service.made)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
        #expect(try files(fixture) == [name + ".refused"])
    }

    @Test func aFileThatIsRenamedWhileAnAgentReadsItIsFollowed() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        let agent = try fixture.agent()
        let original = try #require(try files(fixture).first)
        service.call(times: 5)
        await fixture.pass(1, agent)
        try FileManager.default.moveItem(
            atPath: fixture.directory.path("telemetry/" + original),
            toPath: fixture.directory.path("telemetry/old-" + original))
        service.call(times: 3)
        await fixture.pass(1, agent)
        #expect(try fixture.store().callCount() == service.made)
        #expect(try files(fixture) == ["old-" + original])
        #expect(try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).isEmpty)
        service.call(times: 2)
        service.end()
        await fixture.pass(2, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
        #expect(try files(fixture) == [])
    }

    private func files(_ fixture: AgentFixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.configuration.telemetryDirectory)
            .filter { $0.contains(".tidemark") }.sorted()
    }
}
