import AWSCore
import Glibc
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// What the agent has noted of a state says since when it was so and, once it is over, until when: in every report.
@Suite struct NoticeEndTests {
    private let start = Timestamp(secondsSince1970: 0)

    private func notices(_ fixture: AgentFixture, _ kind: CollectorNotice.Kind) throws -> [StoredNotice] {
        try fixture.store().notices(since: start).filter { $0.kind == kind.rawValue }
    }

    private func summary(_ fixture: AgentFixture) throws -> Summary {
        try Summary.make(from: fixture.store(), since: start, now: fixture.clock.timestamp)
    }

    private func path(_ fixture: AgentFixture) throws -> String {
        try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
    }

    @Test func whatIsPutRightIsToldAsOver() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        let path = try path(fixture)
        chmod(path, 0o666)
        await fixture.pass(3, agent)
        let began = try #require(try notices(fixture, .fileUnreadable).first)
        #expect(began.until == nil)
        #expect(try !summary(fixture).findings.contains { $0.until != nil })
        chmod(path, 0o600)
        await fixture.pass(1, agent)
        let ended = fixture.clock.timestamp
        await fixture.pass(5, agent)
        let told = try notices(fixture, .fileUnreadable)
        #expect(told.count == 1 && told[0].at == began.at && told[0].until == ended && told[0].message == began.message)
        let summary = try summary(fixture)
        let finding = try #require(summary.findings.first { $0.what.contains("lets others write it") })
        #expect(finding.severity == .note && finding.since == began.at && finding.until == ended)
        #expect(finding.what.hasPrefix("This is over. The agent said then: "))
        let json = String(decoding: summary.json(), as: UTF8.self)
        for report in [summary.text(), summary.markdown(), summary.html(), json] {
            #expect(report.contains("until") && report.contains(ended.iso8601), "\(report)")
        }
    }

    /// An agent that comes later goes on with the same notice, or writes down its end.
    @Test(arguments: [false, true])
    func aRestartNeitherDoublesItNorForgetsItsEnd(isPutRight: Bool) async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        service.call()
        let path = try path(fixture)
        chmod(path, 0o666)
        try await fixture.agentWorksOnce {}
        if isPutRight { chmod(path, 0o600) }
        try await fixture.agentWorksOnce { fixture.clock.advance(by: .seconds(60)) }
        let told = try notices(fixture, .fileUnreadable)
        #expect(told.count == 1 && (told[0].until == nil) != isPutRight, "\(told)")
    }

    @Test func aDiskThatWasFullIsToldAfterwards() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await fixture.pass(1, agent)
        await agent.limitStore(toPages: 1)
        for index in 0..<400 { service.call("Table\(index)") }
        await fixture.pass(1, agent)
        let began = fixture.clock.timestamp
        await fixture.pass(4, agent)
        #expect(try notices(fixture, .storeRefused).isEmpty, "there is no room for it")
        await agent.limitStore(toPages: 1 << 20)
        await fixture.pass(2, agent)
        let told = try notices(fixture, .storeRefused)
        #expect(told.count == 1 && told[0].at == began, "\(told)")
        #expect(told[0].until.map { $0 > began } == true && told[0].message.contains("the disk is full"))
        let finding = try #require(try summary(fixture).findings.first { $0.what.contains("the disk is full") })
        #expect(finding.severity == .note && finding.what.hasPrefix("This is over.") && finding.since == began)
    }

    /// A throttle now and then is no news.
    @Test(arguments: [(2, false), (20, true)])
    func anOutageOfCloudWatchIsToldAfterwards(periods: Int, isTold: Bool) async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.pass(1, agent)
        await fixture.cloudWatch.always(.throttle)
        for _ in 0..<periods {
            service.call()
            await fixture.pass(1, agent)
        }
        await fixture.cloudWatch.always(.take)
        await fixture.pass(60, agent)
        let told = try notices(fixture, .publishRefused)
        #expect(told.count == (isTold ? 1 : 0), "\(told)")
        #expect(told.allSatisfy { $0.until != nil && $0.message.contains("Throttling") })
    }

    /// Two series, so that neither sentence takes the other's place at each commit.
    @Test func countersThatHaveCaughtUpAreToldAsOver() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        let path = try path(fixture)
        func record() { for table in ["A", "B"] { service.call(table) } }
        record()
        let early = try bytes(path)
        record()
        await fixture.pass(1, agent)
        let late = try bytes(path)
        try put(early, path)
        await fixture.pass(3, agent)
        #expect(try notices(fixture, .counterWentBackward).count == 2)
        #expect(await agent.vitalSigns().status.contains("went backward"))
        try put(late, path)
        record()
        await fixture.pass(1, agent)
        #expect(try notices(fixture, .counterWentBackward).allSatisfy { $0.until == fixture.clock.timestamp })
        #expect(await !agent.vitalSigns().status.contains("went backward"))
        #expect(try fixture.store().callCount() == 6)
    }

    private func bytes(_ path: String) throws -> [UInt8] { try #require(FileSystem.read(path, maximumBytes: 64 << 20)) }

    /// In place, as nobody should.
    private func put(_ bytes: [UInt8], _ path: String) throws {
        let file = open(path, O_WRONLY)
        defer { close(file) }
        #expect(pwrite(file, bytes, bytes.count, 0) == bytes.count)
    }

    @Test func everyKindHasItsAdvice() {
        for kind in CollectorNotice.Kind.allCases {
            let advice = NoticeAdvice(kind.rawValue)
            #expect(!advice.cause.isEmpty && !advice.next.isEmpty && advice.cause != NoticeAdvice("another").cause)
            #expect(!kind.rawValue.contains(" "), "the store writes the time of the end behind it")
        }
    }
}
