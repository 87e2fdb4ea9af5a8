import Foundation
import JSONBytes
import TestSupport
import Testing

/// Directories, a configuration file, and the processes that a test starts.
final class AgentHost {
    let folder: TemporaryDirectory
    let telemetry: String
    private(set) var children: [ChildProcess] = []

    init() throws {
        folder = try TemporaryDirectory()
        telemetry = "/dev/shm/tidemark-e2e-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: telemetry, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: telemetry) }

    /// The data directory; another one where a test has one.
    lazy var data = folder.path("data")
    var file: String { folder.path("agent.yaml") }

    func configure(_ more: String = "") throws {
        try folder.write(
            "telemetry-directory: \(telemetry)\ndata-directory: \(data)\npublish: false\nperiod: 10\n\(more)\n",
            to: "agent.yaml")
    }

    /// Starts `tidemark`, or another program.
    /// - Parameter launcher: a program with its arguments that becomes the other one.
    func start(
        _ arguments: [String], environment: [String: String] = [:], program: String = Binary.path,
        through launcher: [String] = []
    ) throws -> ChildProcess {
        let words = launcher + [program] + arguments
        let child = try ChildProcess(
            words[0], Array(words.dropFirst()),
            environment: environment.merging(["HOME": folder.path]) { own, _ in own },
            logs: folder.path("process\(children.count)"))
        children.append(child)
        return child
    }

    func run(_ arguments: [String]) async throws -> ChildProcess.End { try await start(arguments).end() }

    /// An agent that works.
    func startAgent(environment: [String: String] = [:]) async throws -> ChildProcess {
        let agent = try start(["agent", "--config", file], environment: environment)
        try await eventually("the agent's first line") {
            agent.errors.contains("agent started") || !agent.isRunning
        }
        try #require(agent.isRunning, "the agent ended: \(agent.errors)")
        return agent
    }

    func recordedCalls() async throws -> Int {
        let ledger = try await run(["ledger", "--data", data, "--format", "json"])
        #expect(ledger.status == 0, "\(ledger.errors)")
        return try JSONValue.parse(Array(ledger.output.utf8))["calls"]?["recorded"]?.intValue ?? -1
    }
}
