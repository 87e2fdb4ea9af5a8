import AWSCore
import CloudWatch
import CurlTransport
import Foundation
import TestSupport
import Testing

/// What one test plays on: an account of its own in the local AWS with a proxy in front, directories of its own, and
/// every process that it starts.
final class Stage {
    /// The local AWS keeps accounts apart by such an access key: tables, metrics and alarms of tests never meet.
    let account = String(UInt64.random(in: 100_000_000_000...999_999_999_999))
    /// Stands nowhere but in the environment of the processes, so that it can be looked for everywhere else.
    let secret = "SECRET/\(UUID().uuidString)"
    let service = "bikes"
    let folder: TemporaryDirectory
    let telemetry: String
    let proxy: FaultProxy
    private var children: [ChildProcess] = []

    private init() async throws {
        folder = try TemporaryDirectory()
        telemetry = "/dev/shm/tidemark-e2e-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: telemetry, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        do {
            proxy = try await FaultProxy(upstream: try #require(LocalAWS.endpoint), folder: folder)
        } catch {
            try? FileManager.default.removeItem(atPath: telemetry)
            throw error
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: telemetry) }

    /// Runs a test on a stage and clears the stage whatever comes of it.
    static func play(_ test: (Stage) async throws -> Void) async throws {
        let stage = try await Stage()
        let result: Result<Void, any Error>
        do {
            try await test(stage)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await stage.clear()
        try result.get()
    }

    private func clear() async {
        for child in children.reversed() { child.signal(SIGTERM) }
        for child in children {
            if (try? await child.end(limit: .seconds(10))) == nil { child.signal(SIGKILL) }
        }
        try? await proxy.stop()
    }

    // MARK: Processes

    /// The environment of a process: this stage's AWS and directories, and nobody's profile.
    var environment: [String: String] {
        let inherited = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("AWS_") && !$0.key.hasPrefix("TIDEMARK_")
        }
        let own = [
            "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": LocalAWS.region,
            "AWS_ENDPOINT_URL": proxy.url, "AWS_CONFIG_FILE": folder.path("no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": folder.path("no-credentials"), "AWS_EC2_METADATA_DISABLED": "true",
            "TIDEMARK_DIR": telemetry, "TIDEMARK_DATA": data, "TIDEMARK_SERVICE": service,
            "TIDEMARK_ENVIRONMENT": "test", "NO_COLOR": "1", "HOME": folder.path,
        ]
        return inherited.merging(own) { $1 }
    }

    /// The agent's data directory.
    var data: String { folder.path("data") }

    /// Starts `tidemark`. A variable that is nil is left out of its environment.
    func start(_ arguments: [String], environment changes: [String: String?] = [:]) throws -> ChildProcess {
        var environment = environment
        for (name, value) in changes { environment[name] = value }
        let name = "\(children.count)-\(arguments.first ?? "none")"
        let child = try ChildProcess(
            Binary.path, arguments, environment: environment, logs: folder.path(name))
        children.append(child)
        return child
    }

    /// Runs `tidemark` to its end.
    func run(_ arguments: [String], environment changes: [String: String?] = [:]) async throws -> ChildProcess.End {
        try await start(arguments, environment: changes).end()
    }

    /// Runs `tidemark` to its end, which must be this one; what it printed.
    @discardableResult
    func expect(_ status: Int32 = 0, _ arguments: [String]) async throws -> String {
        let end = try await run(arguments)
        try #require(end.status == status, "tidemark \(arguments.joined(separator: " ")): \(end.errors)\(end.output)")
        return end.output
    }

    // MARK: What most tests do

    /// Creates the example's tables and stores an item for every key of its trace.
    func prepareTables() async throws {
        try await expect(0, ["tables", "apply", Example.contract])
        try await expect(0, ["replay", Example.trace, "--contract"] + Example.documents + ["--seed", "--limit", "0"])
    }

    /// Starts an agent with periods of 10 seconds and waits until it works.
    func startAgent(_ more: [String] = [], environment changes: [String: String?] = [:]) async throws -> ChildProcess {
        let agent = try start(
            ["agent", "--period", "10", "--contract"] + Example.documents + more, environment: changes)
        try await eventually("the agent's first line") { agent.errors.contains("agent started") || !agent.isRunning }
        try #require(agent.isRunning, "the agent ended: \(agent.errors)")
        return agent
    }

    /// Starts a replay of the example's trace. Its tally is in `replays` when it has ended.
    func startReplay(calls: Int, rate: Double? = nil, _ more: [String] = []) throws -> ChildProcess {
        tallies.append(folder.path("tally\(tallies.count).json"))
        let pace = rate.map { ["--rate", String($0)] } ?? []
        return try start(
            ["replay", Example.trace, "--contract"] + Example.documents
                + ["--limit", String(calls), "--concurrency", "16", "--tally", tallies[tallies.count - 1]] + pace + more
        )
    }

    /// Where the replays of this stage write their tallies.
    private(set) var tallies: [String] = []

    /// The account's CloudWatch, not through the proxy.
    func cloudWatch() throws -> CloudWatchClient {
        let endpoint = AWSEndpoint(url: try #require(LocalAWS.endpoint), region: LocalAWS.region)
        return CloudWatchClient(
            caller: AWSCaller(
                transport: try CurlTransport(), signer: SigV4Signer(service: "monitoring", region: endpoint.region),
                credentials: StaticCredentials(Credentials(accessKeyID: account, secretAccessKey: "local")),
                endpoint: endpoint))
    }
}
