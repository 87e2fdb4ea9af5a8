import AWSCore
import AgentCore
import Foundation
import Telemetry
import TestSupport
import Testing

/// An endpoint that answers with a date, or cannot be reached.
private struct StubEndpoint: Transport {
    var date: String?
    var failure: TransportError?

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if let failure { throw failure }
        #expect(request.method == "GET" && request.body.isEmpty, "the doctor publishes nothing")
        return HTTPResponse(
            status: 404, headers: date.map { [HTTPHeader(name: "Date", value: $0)] } ?? [], body: [],
            phases: AttemptPhases(dns: .milliseconds(1), connect: .milliseconds(2), tls: .milliseconds(12)))
    }
}

private struct NoCredentials: CredentialProvider {
    func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
        throw AWSConfigurationError(message: "no AWS credentials: set AWS_ACCESS_KEY_ID")
    }
}

@Suite struct DoctorTests {
    private func effective(_ fixture: AgentFixture, _ more: String = "") throws -> EffectiveConfiguration {
        let path = try fixture.directory.write(
            "telemetry-directory: \(fixture.configuration.telemetryDirectory)\n"
                + "data-directory: \(fixture.configuration.dataDirectory)\nregion: eu-west-1\n\(more)\n",
            to: "agent.yaml")
        return try EffectiveConfiguration.load(path: path, environment: [:])
    }

    private func host(
        _ fixture: AgentFixture, _ more: String = "", parents: [String] = [], clock: AgentClock? = nil
    ) throws -> [DoctorReport.Check] {
        var doctor = Doctor(
            effective: try effective(fixture, more), environment: [:], clock: clock ?? fixture.agentClock)
        doctor.places.parents = parents
        doctor.places.processes = nil
        return doctor.examineHost()
    }

    private func cloudWatch(
        _ transport: StubEndpoint, credentials: (any CredentialProvider)? = nil, more: String = ""
    ) async throws -> [DoctorReport.Check] {
        let fixture = try AgentFixture()
        let now = fixture.clock.timestamp
        let doctor = Doctor(effective: try effective(fixture, more), environment: [:], clock: fixture.agentClock)
        return await doctor.examineCloudWatch(
            credentials: credentials
                ?? StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hidden")),
            transport: transport, clock: { now })
    }

    private func verdict(_ checks: [DoctorReport.Check], _ words: String) -> DoctorReport.Verdict? {
        checks.first { $0.what.contains(words) }?.verdict
    }

    /// Each unreadable file has a first remedy of its own: to change users would help against none of these.
    @Test func whatIsWrongWithAFileDecidesWhatToDo() async throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        service.call(times: 3)
        service.writer.close()
        let directory = fixture.configuration.telemetryDirectory
        let path = try #require(TelemetryDirectory.files(in: directory).first)
        #expect(symlink(path, directory + "/a.tidemark") == 0)
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        // The layout's number is the header's second word.
        bytes[8] = 2
        for (name, mode) in [("b", 0o600), ("c", 0o666)] as [(String, mode_t)] {
            let copy = try fixture.directory.write(bytes, to: "telemetry/\(name).tidemark")
            #expect(chmod(copy, mode) == 0)
        }
        let checks = try host(fixture)
        func fix(_ words: String) -> String? { checks.first { $0.what.contains(words) }?.fix }
        #expect(fix("it is a symbolic link")?.hasPrefix("Delete the link") == true)
        #expect(fix("layout 2")?.hasPrefix("Run an agent of the version of the newest service") == true, "\(checks)")
        #expect(fix("lets others write it")?.hasPrefix("Delete it, or give it the owner and mode") == true)
        #expect(!checks.contains { $0.fix.contains("as one user") })
    }

    @Test func aHostWithAWorkingAgentHasNoProblem() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 3)
        await fixture.pass(2, agent)
        let checks = try host(fixture)
        #expect(!checks.contains { $0.verdict == .problem }, "\(checks)")
        #expect(verdict(checks, "an agent works here: process \(getpid())") == .ok)
        #expect(verdict(checks, "1 running process writes there: checkout") == .ok)
        #expect(verdict(checks, "the store is whole") == .ok)
        #expect(verdict(checks, "the ledger balances: 3 calls") == .ok)
        withExtendedLifetime((agent, service)) {}
    }

    /// Not there yet is one thing, and never to be there another, also to root.
    @Test func aTelemetryDirectoryThatCannotBeMadeIsAProblem() throws {
        let fixture = try AgentFixture()
        let file = try fixture.directory.write("x", to: "file")
        func checks(_ directory: String) throws -> [DoctorReport.Check] {
            let path = try fixture.directory.write(
                "telemetry-directory: \(directory)\ndata-directory: \(fixture.configuration.dataDirectory)\n"
                    + "region: eu-west-1\n", to: "agent.yaml")
            let effective = try EffectiveConfiguration.load(path: path, environment: [:])
            var doctor = Doctor(effective: effective, environment: [:], clock: fixture.agentClock)
            doctor.places.parents = []
            doctor.places.processes = nil
            return doctor.examineHost()
        }
        #expect(verdict(try checks("\(file)/inside"), "/file/inside cannot be made: Not a directory") == .problem)
        let path = fixture.directory.path("new")
        #expect(verdict(try checks(path), "\(path) is not there") == .warning)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whoEndedDoesNotRunAndWhoIsLeftOutDoesNotWait() async throws {
        let fixture = try AgentFixture()
        let services = [
            fixture.service("shop", id: 1), fixture.service("gone", id: 2), fixture.service("billing", id: 3),
        ]
        services[1].end()
        let all = try host(fixture)
        #expect(verdict(all, "2 running processes write there: billing, shop") == .ok)
        #expect(
            verdict(all, "1 file of ended processes wait for the agent, which counts and deletes them: gone") == .ok)
        let one = try host(fixture, "service: shop")
        #expect(verdict(one, "1 running process writes there: shop") == .ok)
        #expect(
            verdict(one, "2 files are left out by `service` or `environment`: billing in test, gone in test") == .ok)
        #expect(verdict(one, "wait for the agent") == nil)
    }

    /// Other directories are one line each kind: those with an agent, and those that nobody reads.
    @Test func otherDirectoriesAreAProblemOnlyWhereServicesWriteUnread() throws {
        let (fixture, elsewhere) = (try AgentFixture(), try AgentFixture())
        let parent = elsewhere.directory.path("")
        var agent: Agent? = try elsewhere.agent()
        let service = elsewhere.service("lost")
        let read = try host(fixture, parents: [parent])
        #expect(verdict(read, "other agents read another directory: ") == .ok && verdict(read, "elsewhere") == nil)
        withExtendedLifetime(agent) {}
        agent = nil
        let unread = try host(fixture, parents: [parent])
        #expect(verdict(unread, "services write elsewhere, where no agent reads: ") == .problem)
        #expect(unread.count { $0.what.contains(parent) } == 1)
        service.end()
        #expect(verdict(try host(fixture, parents: [parent]), "there is telemetry that no agent reads: ") == .warning)
    }

    @Test(.enabled(if: geteuid() != 0, "root may look anywhere"))
    func aDirectoryOfAnotherUserIsNoProblem() throws {
        let (fixture, elsewhere) = (try AgentFixture(), try AgentFixture())
        let closed = elsewhere.directory.path("tidemark-of-others")
        #expect(mkdir(closed, 0o000) == 0)
        #expect(verdict(try host(fixture, parents: [elsewhere.directory.path]), "is not for this user: ") == .ok)
        #expect(chmod(closed, 0o700) == 0)
    }

    @Test func theBudgetIsALineWithItsFigures() async throws {
        let fixture = try AgentFixture()
        #expect(verdict(try host(fixture), "no budget is set; 7 metrics and their requests are $") == .ok)
        #expect(
            verdict(try host(fixture, "budget-dollars-a-month: 50"), "the budget of $50.00 a month is kept: 8 ") == .ok)
        let services = ["a", "b", "c"].enumerated().map { fixture.service($1, id: UInt64($0)) }
        let checks = try host(fixture, "budget-dollars-a-month: 5")
        #expect(verdict(checks, "the budget of $5.00 a month is exceeded by $") == .problem, "\(checks)")
        #expect(verdict(try host(fixture, "publish: false"), "metrics and their requests") == nil)
        withExtendedLifetime(services) {}
    }

    @Test func aStaleAgentWhoseLockIsHeldIsAProblem() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        await fixture.pass(1, agent)
        fixture.clock.advance(by: .seconds(300))
        #expect(verdict(try host(fixture), "more than three periods") == .problem)
        withExtendedLifetime(agent) {}
    }

    /// The agent goes on by its own time until the new one is confirmed: so does who looks at what it wrote.
    @Test func anAgentIsNotStaleBecauseSomebodySetTheClock() async throws {
        let fixture = try AgentFixture()
        let (steady, lead) = (fixture.clock, Lock(Duration.zero))
        let clock = AgentClock(
            now: { steady.timestamp.advanced(by: lead.withLock { $0 }) },
            uptimeNanoseconds: { steady.timestamp.nanosecondsSince1970 }, bootID: "boot-1",
            sleep: { try await steady.sleep(for: $0) })
        let agent = try Agent(configuration: fixture.configuration, sink: nil, clock: clock)
        for advance in [Duration.zero, .seconds(3_600)] {
            lead.withLock { $0 = advance }
            await fixture.pass(1, agent)
            let checks = try host(fixture, clock: clock)
            #expect(verdict(checks, "the last commit was 0 s ago") == .ok, "\(checks)")
        }
        withExtendedLifetime(agent) {}
    }

    @Test func nothingThereIsAProblemWithAWayOut() throws {
        let checks = try host(try AgentFixture())
        #expect(verdict(checks, "no agent works here") == .problem)
        #expect(checks.filter { $0.verdict != .ok }.allSatisfy { !$0.fix.isEmpty }, "every warning says what to do")
    }

    @Test func modesThatLetOthersInAreNamed() async throws {
        let fixture = try AgentFixture()
        await fixture.pass(1, try fixture.agent())
        chmod(fixture.configuration.telemetryDirectory, 0o777)
        chmod(fixture.configuration.dataDirectory, 0o755)
        let checks = try host(fixture)
        #expect(verdict(checks, "has mode 0777") == .problem)
        #expect(verdict(checks, "has mode 0755: others may look") == .warning)
    }

    @Test func aDamagedStoreIsSeen() async throws {
        let fixture = try AgentFixture()
        await fixture.pass(1, try fixture.agent())
        try fixture.directory.write(String(repeating: "no database", count: 1_000), to: "data/tidemark.sqlite")
        for suffix in ["-wal", "-shm"] { unlink(fixture.configuration.dataDirectory + "/tidemark.sqlite" + suffix) }
        #expect(try host(fixture).contains { $0.area == "data directory" && $0.verdict == .problem })
    }

    @Test func anEndpointThatAnswersIsShownWithItsPhases() async throws {
        let checks = try await cloudWatch(StubEndpoint(date: "Mon, 23 Nov 2026 12:00:00 GMT"))
        #expect(!checks.contains { $0.verdict != .ok }, "\(checks)")
        #expect(verdict(checks, "name 1.0 ms, connection 2.0 ms, TLS 12.0 ms") == .ok)
        #expect(verdict(checks, "agrees with CloudWatch's") == .ok)
        let text = DoctorReport(at: Timestamp(secondsSince1970: 0), checks: checks).text()
        #expect(!text.contains("hidden") && !text.contains("AKIDEXAMPLE"))
    }

    @Test(arguments: [
        ("Mon, 23 Nov 2026 12:00:10 GMT", DoctorReport.Verdict.ok), ("Mon, 23 Nov 2026 12:01:00 GMT", .warning),
        ("Mon, 23 Nov 2026 11:50:00 GMT", .problem),
    ])
    func aClockThatIsOffIsNamed(_ date: String, _ expected: DoctorReport.Verdict) async throws {
        #expect(verdict(try await cloudWatch(StubEndpoint(date: date)), "this host's clock") == expected)
    }

    @Test func whatCannotBeReachedIsAProblem() async throws {
        let checks = try await cloudWatch(
            StubEndpoint(failure: TransportError(code: .other, message: "no such name")), credentials: NoCredentials())
        #expect(verdict(checks, "it cannot be reached: no such name") == .problem)
        #expect(verdict(checks, "no AWS credentials") == .problem)
    }

    @Test func plainHTTPToAnotherMachineIsAWarning() async throws {
        let remote = try await cloudWatch(StubEndpoint(), more: "cloudwatch-endpoint: http://10.0.0.1:4566")
        #expect(verdict(remote, "plain http") == .warning)
        let own = try await cloudWatch(StubEndpoint(), more: "cloudwatch-endpoint: http://127.0.0.1:4566")
        #expect(verdict(own, "plain http") == nil)
    }

    @Test func theReportReadsWell() {
        let report = DoctorReport(
            at: Timestamp(secondsSince1970: 1_795_435_200),
            checks: [
                .init("configuration", .ok, "/etc/agent.yaml is valid"),
                .init("agent", .problem, "no agent works here", fix: "Start it."),
                .init("agent", .warning, "something else", fix: "Look."),
            ])
        #expect(report.verdict == .problem)
        #expect(
            report.text() == """
                Tidemark at 2026-11-23T12:00:00Z: 1 problem and 1 warning

                Configuration
                  ✓ /etc/agent.yaml is valid

                Agent
                  ✗ no agent works here
                    → Start it.
                  ! something else
                    → Look.

                """)
    }
}
