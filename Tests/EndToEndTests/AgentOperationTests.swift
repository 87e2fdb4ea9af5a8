import Foundation
import JSONBytes
import Telemetry
import TestSupport
import Testing

/// The built agent as an operator handles it, without an AWS: reload, service manager, lock, check and doctor.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: Binary.path), "the command is not built"))
struct AgentOperationTests {
    @Test func countsAreExactAcrossReloads() async throws {
        let host = try AgentHost()
        try host.configure()
        let agent = try await host.startAgent()
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: host.telemetry, service: "shop", environment: "test"))
        let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        var made = 0
        for round in 1...9 {
            for _ in 0..<500 {
                writer.record(call: CallRecord(durationNanoseconds: 2_000_000, outcome: .success), in: slot)
            }
            made += 500
            // Every third one is wrong, and the agent goes on with what it has.
            try host.configure(round % 3 == 0 ? "colour: red" : "store-budget-mb: \(100 + round)")
            agent.signal(SIGHUP)
            try await eventually("the answer to reload \(round)") {
                agent.errors.split(separator: "\n").count { $0.contains("configuration read again") }
                    + agent.errors.split(separator: "\n").count { $0.contains("the old one stays in force") } == round
                    || !agent.isRunning
            }
        }
        #expect(agent.errors.contains("agent.yaml:5:1: `colour` is no setting"), "\(agent.errors)")
        writer.close()
        #expect(try await agent.stop().status == 0)
        #expect(try await host.recordedCalls() == made)
        #expect(TelemetryDirectory.files(in: host.telemetry).isEmpty)
    }

    @Test func whatNeedsARestartIsNamed() async throws {
        let host = try AgentHost()
        try host.configure()
        let agent = try await host.startAgent()
        try host.folder.write(
            "telemetry-directory: /elsewhere\ndata-directory: \(host.data)\npublish: false\nperiod: 20\n",
            to: "agent.yaml")
        agent.signal(SIGHUP)
        try await eventually("the warning") { agent.errors.contains("restart is needed") || !agent.isRunning }
        #expect(agent.errors.contains("a restart is needed for telemetry-directory, period"))
        #expect(try await agent.stop().status == 0)
    }

    @Test func aBudgetBelowTheContractIsRefusedByAReload() async throws {
        let host = try AgentHost()
        let contract = "contract: \(Example.contract)"
        try host.configure(contract)
        let agent = try await host.startAgent()
        try host.configure("\(contract)\nbudget-dollars-a-month: 1")
        agent.signal(SIGHUP)
        try await eventually("the refusal") {
            agent.errors.contains("the old one stays in force") || !agent.isRunning
        }
        #expect(agent.errors.contains("The budget pays for "), "\(agent.errors)")
        #expect(!agent.errors.contains("configuration read again"))
        #expect(try await agent.stop().status == 0)
    }

    /// Before anything is asked of CloudWatch, which is not there in this test.
    @Test func alarmsThatTheAgentPublishesNothingForAreNotApplied() async throws {
        let host = try AgentHost()
        try host.configure("metrics: [operation]")
        let scope = ["--service", "shop", "--environment", "test", "--endpoint", "http://127.0.0.1:9/"]
        let keys = ["AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"]
        for choice in [["--config", host.file], ["--metrics", "operation"]] {
            let end = try await host.start(
                ["alarms", "apply"] + Example.documents + scope + choice, environment: keys
            ).end()
            #expect(end.status == 1 && end.output.isEmpty, "\(end.errors)")
            #expect(end.errors.contains("the agent does not publish FailedCalls by Environment, Pattern, Service"))
            #expect(end.errors.hasSuffix("tidemark: nothing is applied\n"))
        }
        let plan = try await host.start(
            ["alarms", "plan"] + Example.documents + scope + ["--metrics", "operation"], environment: keys
        ).end()
        #expect(plan.errors.contains("does not publish FailedCalls"), "\(plan.errors)")
        let all = try await host.start(
            ["alarms", "apply"] + Example.documents + scope + ["--metrics", "pattern,operation,resource"],
            environment: keys
        ).end()
        #expect(all.status == 3 && !all.errors.contains("does not publish"), "\(all.errors)")
        let wrong = try await host.run(["alarms", "apply"] + Example.documents + scope + ["--metrics", "patern"])
        #expect(wrong.status == 2 && wrong.errors.contains("must be one or more of"))
    }

    @Test func theServiceManagerHearsOfEveryState() async throws {
        let host = try AgentHost()
        try host.configure()
        let socket = try NotifySocket(host.folder.path("notify"))
        let agent = try await host.startAgent(
            environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "1500000"])
        var heard: [String] = []
        func wait(for line: String) async throws {
            try await eventually(line) {
                heard += socket.receive()
                return heard.contains { $0.hasPrefix(line) } || !agent.isRunning
            }
        }
        try await wait(for: "READY=1")
        try await wait(for: "STATUS=reads 0 files")
        try await wait(for: "WATCHDOG=1")
        heard = []
        agent.signal(SIGHUP)
        try await wait(for: "RELOADING=1")
        try await wait(for: "MONOTONIC_USEC=")
        try await wait(for: "READY=1")
        agent.signal(SIGTERM)
        try await wait(for: "STOPPING=1")
        #expect(try await agent.end().status == 0)
    }

    @Test func theWatchdogIsFedByTicksAndNotByATimer() async throws {
        let host = try AgentHost()
        try host.configure()
        let socket = try NotifySocket(host.folder.path("notify"))
        let agent = try await host.startAgent(environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "300000"])
        var feeds = 0
        // Fed every 100 ms if it were fed by a timer; a tick comes once a second, and each feeds once at most.
        let began = Date()
        try await eventually("three feeds") {
            feeds += socket.receive().count { $0 == "WATCHDOG=1" }
            return feeds >= 3 || !agent.isRunning
        }
        let ticks = Int(Date().timeIntervalSince(began)) + 2
        #expect(feeds <= ticks + 1, "\(feeds) feeds in \(ticks) ticks")
        #expect(try await agent.stop().status == 0)
    }

    @Test func oneAgentADirectory() async throws {
        let host = try AgentHost()
        try host.configure()
        let agent = try await host.startAgent()
        let second = try await host.run(["agent", "--config", host.file])
        #expect(second.status == 3)
        #expect(second.errors.contains("another agent (process ") && second.errors.contains("telemetry directory"))
        #expect(try await agent.stop(SIGKILL).status == -SIGKILL)
        let third = try await host.startAgent()
        #expect(try await third.stop().status == 0)
    }

    @Test func checkPrintsWhatHoldsAndWhereItComesFrom() async throws {
        let host = try AgentHost()
        try host.configure("metrics: [pattern]")
        let good = try await host.run(["agent", "--config", host.file, "--period", "20", "--check"])
        #expect(good.status == 0 && good.errors.isEmpty)
        #expect(good.output.contains("20 seconds") && good.output.contains("--period"))
        #expect(good.output.contains("agent.yaml:5"))
        try host.configure("metrics: all\ncolour: red")
        let bad = try await host.run(["agent", "--config", host.file, "--check"])
        #expect(bad.status == 2 && bad.output.isEmpty)
        #expect(bad.errors.contains("agent.yaml:5:10: `metrics` ") && bad.errors.contains("agent.yaml:6:1: `colour` "))
    }

    @Test func theDoctorSeesTheAgentAndSaysWhatIsMissing() async throws {
        let host = try AgentHost()
        try host.configure()
        let before = try await host.run(["doctor", "--config", host.file, "--format", "json"])
        #expect(before.status == 3)
        #expect(
            try self.checks(before.output).contains {
                $0.verdict == "problem" && $0.what.contains("no agent works here")
            })
        let agent = try await host.startAgent()
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: host.telemetry, service: "shop", environment: "test"))
        let during = try checks(try await host.run(["doctor", "--config", host.file, "--format", "json"]).output)
        #expect(during.contains { $0.verdict == "ok" && $0.what.hasPrefix("an agent works here: process ") })
        #expect(during.contains { $0.verdict == "ok" && $0.what == "1 running process writes there: shop" })
        #expect(!during.contains { $0.verdict == "problem" && $0.area != "telemetry directory" }, "\(during)")
        writer.close()
        #expect(try await agent.stop().status == 0)
        try host.configure("period: 7")
        let broken = try await host.run(["doctor", "--config", host.file])
        #expect(broken.status == 3 && broken.output.contains("✗") && broken.output.contains("`period`"))
    }

    @Test func theDoctorAsksTheStatusPage() async throws {
        let host = try AgentHost()
        try host.configure("status-port: 0")
        let agent = try await host.startAgent()
        func words(_ port: UInt16) async throws -> [(area: String, verdict: String, what: String)] {
            let run = try await host.run([
                "doctor", "--config", host.file, "--offline", "--status-port", "\(port)", "--format", "json",
            ])
            return try checks(run.output).filter { $0.area == "status page" }
        }
        let port = try await agent.statusPort()
        try await eventually("a page") { try PlainHTTP.request("/healthz", port: port).status == 200 }
        let page = try await words(port)
        #expect(
            page.map(\.verdict) == ["ok"] && page.first?.what.hasSuffix("/healthz answers that all is well") == true)
        let other = try LoopbackServer { _ in .error(404, type: "NotFound") }
        let wrong = try await words(other.port)
        #expect(wrong.first?.what.contains("status 404, which is not the agent's page") == true, "\(wrong)")
        #expect(try await words(1).first?.what.contains("does not answer") == true)
        #expect(try await agent.stop().status == 0)
        #expect(try await words(1).isEmpty, "an agent that does not run is said once")
    }

    /// The unit as it is shipped, by systemd's own judgement.
    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "no systemd-analyze here"))
    func theUnitFileIsValid() async throws {
        let host = try AgentHost()
        let unit = try String(
            contentsOfFile: "\(SharedFiles.packageRoot)/Examples/systemd/tidemark-agent.service", encoding: .utf8)
        #expect(unit.contains("ExecStart=/usr/local/bin/tidemark agent --config /etc/tidemark/agent.yaml"))
        let path = try host.folder.write(
            unit.replacing("/usr/local/bin/tidemark", with: Binary.path), to: "tidemark-agent.service")
        let judge = try ChildProcess(
            "/usr/bin/systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", path], environment: [:],
            logs: host.folder.path("verify"))
        let complaints = try await judge.end().errors.split(separator: "\n")
            // notify-reload came with systemd 253; the file says what to write before.
            .filter { !$0.contains("Failed to parse service type, ignoring: notify-reload") }
        #expect(complaints.isEmpty, "\(complaints)")
    }

    private func checks(_ output: String) throws -> [(area: String, verdict: String, what: String)] {
        try JSONValue.parse(Array(output.utf8))["checks"]?.arrayValue?.map {
            ($0["area"]?.stringValue ?? "", $0["verdict"]?.stringValue ?? "", $0["what"]?.stringValue ?? "")
        } ?? []
    }
}
