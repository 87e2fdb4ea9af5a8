import AWSCore
import Glibc
import Monitoring
import Telemetry
import TestSupport
import Testing

@testable import AgentCore

/// What nobody counts has to be seen by whoever looks: for as long as it lasts, and all of it.
@Suite struct UncountedFileTests {
    private func summary(_ fixture: AgentFixture, seconds: Int = 1) throws -> Summary {
        let now = fixture.clock.timestamp
        return try Summary.make(from: fixture.store(), since: now.advanced(by: .seconds(-seconds)), now: now)
    }

    @Test func servicesThatNobodyCountsAreNamedAsLongAsThatLasts() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let services = (0..<8).map { fixture.service("s\($0)", id: UInt64($0)) }
        for path in TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory) { chmod(path, 0o666) }
        for service in services { service.call() }
        await fixture.pass(30, agent)
        // Long after it was met for the first time.
        let found = try summary(fixture)
        let finding = try #require(found.findings.first { $0.what.contains("8 telemetry files are not counted") })
        #expect(finding.severity == .critical && found.needsAction)
        for name in ["s0 in test", "s4 in test", "and 3 more"] {
            #expect(finding.what.contains(name), "\(finding.what)")
        }
        #expect(finding.cause.contains("lets others write it"))
        #expect(found.agent.uncountedFiles == 8)
        let ledger = try fixture.store().ledger()
        #expect(
            ledger.text(style: .plain).contains(
                "Every call that was read is accounted for.\n  8 telemetry files are not counted"))
        #expect(found.text().contains("every call that was read is accounted for"))
        for path in TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory) { chmod(path, 0o600) }
        await fixture.pass(1, agent)
        #expect(try summary(fixture).agent.uncountedFiles == 0)
        #expect(try !summary(fixture).needsAction)
        #expect(try fixture.store().callCount() == 8)
    }

    @Test func aFileOfAnotherLayoutIsNamedAsLongAsItIsThere() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service("newer")
        service.call()
        let path = try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
        let file = open(path, O_WRONLY)
        defer { close(file) }
        var layout: UInt64 = 2
        #expect(pwrite(file, &layout, 8, 8) == 8)
        await fixture.pass(30, agent)
        let found = try summary(fixture)
        let finding = try #require(found.findings.first { $0.what.hasPrefix("A telemetry file is not counted") })
        #expect(finding.severity == .critical && finding.what.contains("process \(getpid())"))
        #expect(finding.cause.contains("layout 2"))
        unlink(path)
        await fixture.pass(1, agent)
        #expect(try summary(fixture).agent.uncountedFiles == 0)
    }

    @Test func eachIsNamedWithItsOwnReasonWhereTheyDiffer() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        for name in ["open", "newer"] { fixture.service(name, id: name == "open" ? 1 : 2).call() }
        for path in TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory) {
            if try TelemetryReader(path: path).identity.service == "open" {
                chmod(path, 0o666)
            } else {
                let file = open(path, O_WRONLY)
                defer { close(file) }
                var layout: UInt64 = 2
                #expect(pwrite(file, &layout, 8, 8) == 8)
            }
        }
        await fixture.pass(2, agent)
        let finding = try #require(
            try summary(fixture).findings.first { $0.what.contains("2 telemetry files are not counted") })
        #expect(finding.cause.contains("lets others write it") && finding.cause.contains("layout 2"))
    }

    /// A service whose file was refused is named until it has another one.
    @Test func aRefusedServiceIsNamedUntilItHasAnotherFile() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service("shop")
        service.call()
        await fixture.pass(1, agent)
        let path = try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
        let file = open(path, O_WRONLY)
        defer { close(file) }
        var series: UInt64 = 5_000
        #expect(pwrite(file, &series, 8, 136) == 8)
        await fixture.pass(30, agent)
        let finding = try #require(
            try summary(fixture).findings.first { $0.what.hasPrefix("A telemetry file is not counted") })
        #expect(finding.severity == .warning && finding.what.contains("shop in test, process \(getpid())"))
        service.writer.look()
        service.call()
        await fixture.pass(1, agent)
        #expect(try summary(fixture).agent.uncountedFiles == 0)
        #expect(try fixture.store().callCount() == 2)
    }

    /// More was met than is listed: the rest is counted, and its gravity is not lost.
    @Test func noticesThatAreNotListedAreCounted() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        for id in 0..<7 as Range<UInt64> {
            var file = try HostileFile("hostile\(id)", id: id, startedAt: fixture.now)
            file.put(1 << 60, at: file.block)
            try file.place(in: fixture)
        }
        await fixture.pass(1, agent)
        let findings = try summary(fixture, seconds: 60).findings
        #expect(findings.count { $0.what.contains("is set aside as") && $0.severity == .warning } == 5)
        #expect(findings.contains { $0.what == "The agent met 2 more things in this time." && $0.severity == .warning })
        #expect(!findings.contains { $0.cause == "fileRefused" || $0.next == "See the agent's log." })
    }

    /// A second name of a live file, or a copy: nothing is missing, and the message says so.
    @Test func aSecondNameOfALiveFileCostsNothing() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call(times: 3)
        await agent.tick()
        let path = try #require(TelemetryDirectory.files(in: fixture.configuration.telemetryDirectory).first)
        let twin = fixture.configuration.telemetryDirectory + "/z.tidemark"
        #expect(link(path, twin) == 0)
        await agent.tick()
        service.call(times: 2)
        await fixture.pass(1, agent)
        let said = try #require(try fixture.notices("fileRefused").first)
        #expect(said.contains("its process is counted by \(path)") && !said.contains("is not counted"), "\(said)")
        #expect(try fixture.store().callCount() == 5)
    }

    /// A directory that cannot be listed for want of descriptors has not lost its files.
    @Test func noDescriptorIsNoDeletion() throws {
        let fixture = try AgentFixture()
        _ = try fixture.agent()
        let service = fixture.service()
        service.call()
        var files = TelemetryFileSet(
            directory: fixture.configuration.telemetryDirectory, service: nil, environment: nil)
        try files.refresh { _ in nil }
        #expect(files.files.count == 1 && files.takeNotices().isEmpty)
        // Not readable any more, and there: as good as no descriptor for a test.
        let moved = fixture.configuration.telemetryDirectory + "-moved"
        #expect(rename(fixture.configuration.telemetryDirectory, moved) == 0)
        let blocker = open(fixture.configuration.telemetryDirectory, O_CREAT | O_WRONLY, 0o600)
        close(blocker)
        try files.refresh { _ in nil }
        #expect(files.files.count == 1 && files.takeNotices().isEmpty)
        unlink(fixture.configuration.telemetryDirectory)
        #expect(rename(moved, fixture.configuration.telemetryDirectory) == 0)
    }
}

/// Keys are whatever callers choose.
@Suite struct StrangeKeyTests {
    @Test func keysCannotMoveACursorInAnyReport() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        // So many units that it is a finding of the summary, too.
        service.call(times: 300, units: 100_000, key: "\u{1B}[31mred\n\u{202E}k")
        await fixture.pass(1, agent)
        let (start, now) = (Timestamp(secondsSince1970: 0), fixture.clock.timestamp)
        let report = try HotKeyReport.make(from: fixture.store(), since: start, now: now, showKeys: true)
        #expect(report.findings.first?.key == "\u{1B}[31mred\n\u{202E}k")
        let summary = try Summary.make(from: fixture.store(), since: start, now: now, showKeys: true)
        for text in [report.text(), summary.text(), summary.html(), summary.markdown()] {
            #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}") && !text.contains("red\n"))
        }
        #expect(report.text().contains("\\u{1b}[31mred"))
        #expect(summary.findings.contains { $0.cause.contains("\\u{1b}[31mred\\u{a}\\u{202e}k") })
    }
}
