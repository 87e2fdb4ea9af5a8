import AWSCore
import AgentCore
import CloudWatch
import Glibc
import Logging
import ServiceLifecycle
import Telemetry
import TestSupport
import Testing
import Tidemark
import TidemarkAgent

/// A CloudWatch that takes everything and adds it up.
private actor RecordingCloudWatch: MetricSink {
    private(set) var calls = 0.0

    func send(_ datums: [MetricDatum]) async -> SendOutcome {
        calls += datums.filter { $0.name == "Calls" }.reduce(0) { $0 + $1.sum }
        return .acknowledged
    }
}

/// A DynamoDB that finds an item.
private struct StubDynamoDB: Transport {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        HTTPResponse(status: 200, body: Array(#"{"Item": {"id": {"S": "1"}}}"#.utf8))
    }
}

/// Makes its calls, says so, and waits for the end.
private struct Caller: Service {
    let client: DynamoDBClient
    let count: Int
    let isDone: @Sendable () -> Void

    func run() async throws {
        for _ in 0..<count { _ = try await client.getItem(table: "Orders", key: ["id": "1"], options: .pattern("AP1")) }
        isDone()
        try? await gracefulShutdown()
    }
}

@Suite struct EmbeddedAgentTests {
    private struct Stage {
        let folder: TemporaryDirectory
        let cloudWatch = RecordingCloudWatch()
        var runtime: TidemarkConfiguration
        var settings: AgentConfiguration
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

        init() throws {
            folder = try TemporaryDirectory()
            runtime = try TidemarkConfiguration(
                endpoint: AWSEndpoint(url: "http://127.0.0.1:1/", region: "us-east-1"),
                credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "B")), service: "shop",
                environment: "test")
            runtime.telemetryDirectory = folder.path("telemetry")
            runtime.environmentVariables = ["TIDEMARK_DATA": folder.path("data")]
            settings = AgentConfiguration.embedded(in: &runtime)
            settings.publishPeriod = .tenSeconds
        }

        func client() -> DynamoDBClient {
            let writer = TelemetryWriter.open(
                TelemetryWriter.Configuration(
                    directory: runtime.telemetryDirectory, service: runtime.service, environment: runtime.environment))
            return DynamoDBClient(configuration: runtime, transport: StubDynamoDB(), telemetry: writer)
        }

        func agent(closing client: DynamoDBClient) -> EmbeddedAgent {
            let (settings, cloudWatch) = (settings, cloudWatch)
            return EmbeddedAgent(configuration: settings, closing: client, clock: .system, logger: logger) {
                try Agent(configuration: settings, sink: cloudWatch, clock: .system)
            }
        }

        func ledger() throws -> Ledger {
            try AgentStore.openReadOnly(dataDirectory: settings.dataDirectory).ledger()
        }
    }

    /// Runs agent and callers in one process until every call is made, and ends them in good order.
    private func run(_ agent: EmbeddedAgent, _ client: DynamoDBClient, calls: Int, _ stage: Stage) async throws {
        let (done, signal) = AsyncStream.makeStream(of: Void.self)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [agent, Caller(client: client, count: calls, isDone: { signal.finish() })],
                logger: stage.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in done {}
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func aServiceAndItsAgentInOneProcessCountExactly() async throws {
        let stage = try Stage()
        let client = stage.client()
        try await run(stage.agent(closing: client), client, calls: 731, stage)
        let ledger = try stage.ledger()
        #expect(ledger.calls.recorded == 731 && ledger.isBalanced)
        #expect(ledger.calls.acknowledged == 731, "the last request of a graceful end")
        #expect(await stage.cloudWatch.calls == 731)
        #expect(
            TelemetryDirectory.files(in: stage.settings.telemetryDirectory).isEmpty,
            "it was counted in full and is gone")
    }

    /// Two processes of one host, as two agents on one directory: the second stands by, and its calls are counted all the same.
    @Test func theSecondProcessStandsByAndIsCountedByTheFirst() async throws {
        let stage = try Stage()
        let (first, second) = (stage.client(), stage.client())
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let leader = ServiceGroup(
                configuration: ServiceGroupConfiguration(services: [stage.agent(closing: first)], logger: stage.logger))
            tasks.addTask { try await leader.run() }
            try await waitUntil("the first agent's store") { (try? stage.ledger()) != nil }
            try await self.run(stage.agent(closing: second), second, calls: 5, stage)
            await leader.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(try stage.ledger().calls.recorded == 5)
        #expect(await stage.cloudWatch.calls == 5)
    }

    /// Another process's agent has made a lock file and is gone: what this one held in memory is behind what that one has stored.
    @Test func anAgentWhoseLockWasTakenBeginsAnewAndCountsOnce() async throws {
        let stage = try Stage()
        let client = stage.client()
        let made = AWSCore.Lock<[Agent]>([])
        let (settings, cloudWatch) = (stage.settings, stage.cloudWatch)
        let agent = EmbeddedAgent(configuration: settings, closing: client, clock: .system, logger: stage.logger) {
            let agent = try Agent(configuration: settings, sink: cloudWatch, clock: .system)
            made.withLock { $0.append(agent) }
            return agent
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [agent], logger: stage.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await waitUntil("the first agent") { !made.withLock { $0.isEmpty } }
            _ = try await client.getItem(table: "Orders", key: ["id": "1"], options: .pattern("AP1"))
            // At once, so that the agent does not make its own again before.
            try stage.folder.putLockOfAnother(in: settings.telemetryDirectory)
            try await waitUntil("the second agent") { made.withLock { $0.count } == 2 }
            for _ in 0..<4 {
                _ = try await client.getItem(table: "Orders", key: ["id": "1"], options: .pattern("AP1"))
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        let ledger = try stage.ledger()
        #expect(ledger.isBalanced && ledger.calls.recorded == 5 && ledger.calls.acknowledged == 5)
        #expect(await stage.cloudWatch.calls == 5)
    }

    /// As an agent of its own process does: the services of a fleet do not all send at the same moment.
    @Test func itSendsAtItsOwnMomentWithinThePeriod() async throws {
        let stage = try Stage()
        var settings = stage.settings
        settings.cloudWatchEndpoint = "http://127.0.0.1:9/"
        settings.region = "us-east-1"
        let embedded = try EmbeddedAgent(configuration: settings, environment: [:], logger: stage.logger)
        let agent = try embedded.make()
        let phase = await agent.sendPhase
        #expect(phase > .zero && phase < settings.publishPeriod.duration)
    }

    /// A CloudWatch that takes the request and never answers holds no service up, and costs no call.
    @Test(.timeLimit(.minutes(10))) func aServiceEndsThoughCloudWatchHangs() async throws {
        let stage = try Stage()
        let client = stage.client()
        let server = try LoopbackServer(answers: [LoopbackAnswer.failing(.never)])
        var settings = stage.settings
        settings.cloudWatchEndpoint = server.url
        settings.region = "us-east-1"
        let agent = try EmbeddedAgent(
            configuration: settings, closing: client,
            environment: ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"], logger: stage.logger)
        try await run(agent, client, calls: 25, stage)
        try await server.waitForAbandoned(1)
        let ledger = try stage.ledger()
        #expect(ledger.isBalanced && ledger.calls.recorded == 25 && ledger.calls.acknowledged == 0)
        #expect(TelemetryDirectory.files(in: settings.telemetryDirectory).isEmpty)
        // The next process sends what this one could not.
        let next = stage.client()
        try await run(stage.agent(closing: next), next, calls: 0, stage)
        #expect(try stage.ledger().calls.acknowledged == 25)
        #expect(await stage.cloudWatch.calls == 25)
    }

    @Test func aDirectoryThatCannotBeUsedIsAnError() async throws {
        var stage = try Stage()
        try stage.folder.write("a file", to: "telemetry")
        stage.settings.telemetryDirectory = stage.folder.path("telemetry")
        let client = stage.client()
        let agent = stage.agent(closing: client)
        await #expect(throws: AgentError.self) { try await agent.run() }
        await client.shutdown()
    }

    @Test func clientAndAgentShareADirectoryOfTheServicesOwn() throws {
        var runtime = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: "http://127.0.0.1:1/", region: "us-east-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "B")), service: "web/shop 2",
            environment: "test")
        runtime.environmentVariables = ["TIDEMARK_DATA": "/d"]
        let settings = AgentConfiguration.embedded(in: &runtime)
        #expect(
            settings.telemetryDirectory.hasSuffix("-web-shop-2")
                && settings.telemetryDirectory == runtime.telemetryDirectory)
        #expect(settings.dataDirectory == "/d/web-shop-2")
    }
}
