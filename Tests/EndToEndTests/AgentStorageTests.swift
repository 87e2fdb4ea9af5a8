import Foundation
import Telemetry
import TestSupport
import Testing

/// The built agent on a disk that is full, and in directories that it may not write.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Binary.path), "the command is not built"))
struct AgentStorageTests {
    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func aFullDiskMakesTheAgentStaleAndCostsNothing() async throws {
        let system = try #require(SmallFileSystem(bytes: 16 << 20))
        let host = try AgentHost()
        host.data = system.path
        try host.configure("status-port: 0")
        let agent = try await host.startAgent()
        let port = try await agent.statusPort()
        let health = { try PlainHTTP.request("/healthz", port: port) }
        try await eventually("a healthy agent") { try health().status == 200 }
        system.fill()
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: host.telemetry, service: "shop", environment: "test"))
        var made = 0
        /// More than fits into what the journal has of room already.
        func record() {
            for pattern in 0..<400 {
                let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP\(pattern)"))
                for step in 1...20 {
                    let time = UInt64(step * (pattern + 1)) * 100_000
                    writer.record(call: CallRecord(durationNanoseconds: time, outcome: .success), in: slot)
                    made += 1
                }
            }
        }
        record()
        try await eventually("the trouble") { agent.errors.contains("the disk is full") || !agent.isRunning }
        record()
        let answer = try health()
        #expect(answer.status == 503 && answer.text.contains("the disk is full"), "at once: \(answer)")
        #expect(agent.errors.split(separator: "\n").count { $0.contains("the disk is full") } == 1, "said once")
        system.free()
        try await eventually("a commit") { agent.errors.contains("takes commits again") || !agent.isRunning }
        try await eventually("a healthy agent") { try health().status == 200 || !agent.isRunning }
        record()
        writer.close()
        #expect(try await agent.stop().status == 0)
        #expect(try await host.recordedCalls() == made)
        #expect(TelemetryDirectory.files(in: host.telemetry).isEmpty)
    }

    @Test func aReportThatAFullDiskSwallowsIsNoSuccess() async throws {
        let host = try AgentHost()
        let words = ["contract", "lint", "--explain", "key-collision"]
        let into = { (place: String) in ["/bin/sh", "-c", "exec \"$@\" > \(place)", "sh"] }
        let full = try await host.start(words, through: into("/dev/full")).end()
        #expect(full.status == 1 && full.errors.contains("could not be written to its end"), "\(full)")
        let kept = try await host.start(words, through: into("/dev/null")).end()
        #expect(kept.status == 0 && kept.errors.isEmpty, "\(kept)")
    }

    @Test func aStoreThatIsNoFileIsRefusedByReports() async throws {
        let host = try AgentHost()
        try FileManager.default.createDirectory(atPath: host.data, withIntermediateDirectories: true)
        #expect(mkfifo(host.data + "/tidemark.sqlite", 0o600) == 0)
        for report in ["ledger", "summary"] {
            let end = try await host.run([report, "--data", host.data])
            #expect(end.status == 3 && end.errors.contains("this is no file"), "\(end)")
        }
    }

    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func aDiskThatTakesNoWritesIsNamedByTheDoctor() async throws {
        let system = try #require(SmallFileSystem(bytes: 1 << 20, isReadOnly: true))
        let host = try AgentHost()
        host.data = system.path
        try host.configure()
        let end = try await host.run(["doctor", "--config", host.file])
        #expect(end.output.contains("takes no writes: it is mounted read-only"), "\(end)")
        #expect(!end.output.contains("Free some space"), "\(end.output)")
    }

    /// A pager that waits, a log driver that hangs.
    @Test func aLogThatNobodyReadsHoldsNothingUp() async throws {
        let host = try AgentHost()
        try host.configure()
        let log = host.folder.path("log")
        #expect(mkfifo(log, 0o600) == 0)
        let reader = open(log, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4_096)
        while write(reader, line, line.count) > 0 {}
        #expect(errno == EAGAIN)
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: host.telemetry, service: "shop", environment: "test"))
        let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        for _ in 1...100 {
            writer.record(call: CallRecord(durationNanoseconds: 1_000_000, outcome: .success), in: slot)
        }
        // What lies there and is no telemetry file is said in the log at once.
        try "junk".write(toFile: host.telemetry + "/1-x.tidemark", atomically: true, encoding: .utf8)
        let agent = try host.start(
            ["agent", "--config", host.file], through: ["/bin/sh", "-c", "exec 2<>\"$0\" \"$@\"", log])
        try await eventually("the file to be set aside") {
            !FileManager.default.fileExists(atPath: host.telemetry + "/1-x.tidemark") || !agent.isRunning
        }
        #expect(try await agent.stop().status == 0)
        #expect(try await host.recordedCalls() == 100)
        writer.close()
    }

    /// The supervisor sees it by the exit code, and the next start takes up what was not committed.
    @Test(.enabled(if: SmallFileSystem.isPossible, "a tmpfs can be mounted by root alone"))
    func anAgentWhoseLastCommitFailsEndsWithThree() async throws {
        let system = try #require(SmallFileSystem(bytes: 16 << 20))
        let host = try AgentHost()
        host.data = system.path
        try host.configure()
        let agent = try await host.startAgent()
        system.fill()
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: host.telemetry, service: "shop", environment: "test"))
        for pattern in 0..<400 {
            let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP\(pattern)"))
            for step in 1...20 {
                let time = UInt64(step * (pattern + 1)) * 100_000
                writer.record(call: CallRecord(durationNanoseconds: time, outcome: .success), in: slot)
            }
        }
        let end = try await agent.stop()
        #expect(end.status == 3, "\(end.errors)")
        let last = end.errors.split(separator: "\n").filter { $0.contains("its last commit failed") }
        #expect(last.count == 1 && last[0].contains("the next agent takes it up"), "\(end.errors)")
        system.free()
        let next = try await host.startAgent()
        writer.close()
        #expect(try await next.stop().status == 0)
        #expect(try await host.recordedCalls() == 8_000)
    }

    /// Agent and services of another user, whose rights on the store are taken and given back while everything lives.
    @Test(.enabled(if: Unprivileged.isPossible, "only root can become another user"))
    func aStoreThatMayNotBeWrittenCostsNothing() async throws {
        let host = try AgentHost()
        try Unprivileged.give([host.folder.path, host.telemetry])
        try host.configure()
        let agent = try await Unprivileged.startAgent(host)
        try await Unprivileged.recordThreeCalls(host)
        try await eventually("the first commit") { TelemetryDirectory.files(in: host.telemetry).isEmpty }
        Unprivileged.setRights(of: host.data, directory: 0o500, files: 0o400)
        try await Unprivileged.recordThreeCalls(host)
        // The open store can still be written, as the kernel sees it; the agent neither fails nor forgets.
        #expect(try await agent.stop().status == 0)
        try await Unprivileged.recordThreeCalls(host)
        let refused = try await Unprivileged.agent(host).end()
        #expect(refused.status == 3, "\(refused.errors)")
        #expect(refused.errors.contains(host.data) && refused.errors.split(separator: "\n").count == 1)
        #expect(!TelemetryDirectory.files(in: host.telemetry).isEmpty, "nothing is deleted that is not committed")
        Unprivileged.setRights(of: host.data, directory: 0o700, files: 0o600)
        #expect(try await Unprivileged.startAgent(host).stop().status == 0)
        #expect(try await host.recordedCalls() == 9)
        let ledger = try await host.run(["ledger", "--data", host.data, "--since", "3h", "--by-period"])
        #expect(ledger.status == 0 && ledger.output.contains("  from  "), "\(ledger.output)\(ledger.errors)")
        #expect(ledger.output.hasSuffix("Every call is accounted for.\n"))
    }
}

/// Processes of the user `nobody`.
private enum Unprivileged {
    private static let user = "65534"
    private static let setpriv = "/usr/bin/setpriv"
    private static let writer = URL(fileURLWithPath: Binary.path).deletingLastPathComponent()
        .appendingPathComponent("telemetry-writer-process").path

    /// Root, `setpriv`, and programs that lie where others may go.
    static let isPossible: Bool = {
        guard geteuid() == 0, [setpriv, writer].allSatisfy(FileManager.default.isExecutableFile) else { return false }
        var folder = URL(fileURLWithPath: Binary.path).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/" {
            var facts = stat()
            guard stat(folder.path, &facts) == 0, facts.st_mode & S_IXOTH != 0 else { return false }
            folder.deleteLastPathComponent()
        }
        return true
    }()

    static func give(_ paths: [String]) throws {
        for path in paths { try #require(chown(path, 65_534, 65_534) == 0) }
    }

    static func agent(_ host: AgentHost) throws -> ChildProcess {
        try host.start(
            ["agent", "--config", host.file],
            through: [setpriv, "--reuid", user, "--regid", user, "--clear-groups"])
    }

    static func startAgent(_ host: AgentHost) async throws -> ChildProcess {
        let agent = try agent(host)
        try await eventually("the agent's first line") { agent.errors.contains("agent started") || !agent.isRunning }
        try #require(agent.isRunning, "the agent ended: \(agent.errors)")
        return agent
    }

    static func recordThreeCalls(_ host: AgentHost) async throws {
        let end = try await host.start(["as", user, user, "write", host.telemetry], program: writer).end()
        try #require(end.status == 0 && end.output == "ready\n", "\(end.output)\(end.errors)")
    }

    static func setRights(of directory: String, directory mode: mode_t, files: mode_t) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            chmod("\(directory)/\(name)", files)
        }
        chmod(directory, mode)
    }
}
