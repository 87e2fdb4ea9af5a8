import AWSCore
import CurlTransport
import Logging
import Telemetry
import TestSupport
import Tidemark

/// The client, its server of faults, and what became of the calls.
final class FaultSoak: Sendable {
    struct Tally {
        var ended = 0
        var counted: UInt64 = 0
        var attempts: UInt64 = 0
        var outcomes: [String: Int] = [:]
    }

    private static let workers = 32
    private static let connections = 16
    /// Growth over four fifths of the calls that is taken for noise of the allocator: a leak of 100 bytes a call is more.
    private static let allowedGrowthKilobytes = 6 * 1_024

    private let server: LoopbackServer
    private let transport: CurlTransport
    private let client: DynamoDBClient
    private let directory: TemporaryDirectory
    private let seeds: Lock<SeededGenerator>
    private let outcomes = Lock<[String: Int]>([:])

    init(seed: UInt64) throws {
        let answers = Lock(SeededGenerator(seed: seed))
        server = try LoopbackServer(keepsRequests: false) { request in
            FaultSoak.answer(to: request, answers.withLock { $0.next() })
        }
        seeds = Lock(SeededGenerator(seed: seed &+ 1))
        var settings = CurlTransport.Configuration()
        settings.usesProxyFromEnvironment = false
        settings.maximumConnections = FaultSoak.connections
        transport = try CurlTransport(configuration: settings)
        directory = try TemporaryDirectory()
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: server.url, region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "x")),
            service: "soak", environment: "test")
        configuration.logger = Logger(label: "soak") { _ in SwiftLogNoOpLogHandler() }
        configuration.timeouts = Timeouts(
            connect: .seconds(5), firstByte: .milliseconds(30), attempt: .milliseconds(60))
        configuration.retry = RetryPolicy(
            maximumAttempts: 3, transientBase: .milliseconds(1), throttlingBase: .milliseconds(2))
        configuration.circuit = CircuitPolicy(minimumFailures: 40, failureShare: 0.6, openFor: .milliseconds(20))
        configuration.hedging = Hedging(minimumDelay: .microseconds(200))
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(directory: directory.path, service: "soak", environment: "test"))
        client = DynamoDBClient(configuration: configuration, transport: transport, telemetry: writer)
    }

    /// Two thirds good, and of everything else some.
    private static func answer(to request: RecordedRequest, _ random: UInt64) -> LoopbackAnswer {
        let (kind, body) = (random % 60, Array(#"{"Item":{"id":{"S":"1"}}}"#.utf8))
        switch kind {
        case 0: return .failing(.reset)
        case 1: return .failing(.closeBeforeAnswer)
        case 2: return .failing(.closeInsideHead(bytes: 20))
        case 3: return LoopbackAnswer(body: body, course: .closeInsideBody(bytes: 5))
        case 4: return LoopbackAnswer(body: body, course: .hangInsideBody(bytes: 5))
        case 5: return .failing(.never)
        case 6: return LoopbackAnswer(body: body, course: .completeThenClose)
        case 7: return .failing(.garbage(Array("nonsense\r\n".utf8)))
        case 8: return LoopbackAnswer(headers: [("x-amz-crc32", "1")], body: body)
        case 9...11: return .error(500, type: "InternalServerError")
        case 12...15: return .error(400, type: "ThrottlingException")
        case 16: return .error(400, type: "ConditionalCheckFailedException")
        case 17: return .error(400, type: "ValidationException")
        case 18: return LoopbackAnswer(status: 302)
        case 19, 20: return LoopbackAnswer(body: body, delay: .milliseconds(5))
        default: return LoopbackAnswer(body: body)
        }
    }

    /// Makes so many calls; each worker one after the other.
    func run(calls: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<FaultSoak.workers {
                let count = calls / FaultSoak.workers + (worker < calls % FaultSoak.workers ? 1 : 0)
                var random = seeds.withLock { SeededGenerator(seed: $0.next()) }
                group.addTask { for _ in 0..<count { await self.call(&random) } }
            }
        }
    }

    private func call(_ random: inout SeededGenerator) async {
        let kind = random.next() % 6
        let task = Task {
            do throws(TidemarkError) {
                try await self.call(kind)
                return "success"
            } catch {
                return "\(error.code)"
            }
        }
        if random.next() % 5 == 0 {
            let pause = Duration.microseconds(Int64(random.next() % 2_000))
            try? await Task.sleep(for: pause)
            task.cancel()
        }
        let outcome = await task.value
        outcomes.withLock { $0[outcome, default: 0] += 1 }
    }

    private func call(_ kind: UInt64) async throws(TidemarkError) {
        let key: Item = ["id": "1"]
        switch kind {
        case 0: try await client.putItem(table: "T", item: key)
        case 1: try await client.updateItem(table: "T", key: key, update: [.add(1, to: "n")])
        case 2: try await client.transactWriteItems([.delete(table: "U", key: key)])
        case 3: _ = try await client.query(table: "T", keyCondition: "id" == "1")
        default: _ = try await client.getItem(table: "T", key: key)
        }
    }

    func tally() -> Tally {
        var tally = Tally(outcomes: outcomes.withLock { $0 })
        tally.ended = tally.outcomes.values.reduce(0, +)
        if case .recording(let path) = client.telemetry.status, let reader = try? TelemetryReader(path: path),
            let snapshot = try? reader.snapshot()
        {
            for series in snapshot.series {
                tally.counted += series.counters.calls
                tally.attempts += series.counters.attempts
            }
        }
        return tally
    }

    /// Closes everything; a sentence for each thing that was leaked.
    func end(
        calls: Int, before: ProcessState, early: ProcessState, late: ProcessState, judgesMemory: Bool
    ) async -> [String] {
        var findings: [String] = []
        let tally = tally()
        if tally.ended != calls { findings.append("\(calls - tally.ended) calls did not end") }
        if tally.counted != UInt64(calls) { findings.append("\(tally.counted) of \(calls) calls are counted") }
        if late.descriptors > before.descriptors + 2 * 3 * FaultSoak.connections {
            findings.append("descriptors grew from \(before.descriptors) to \(late.descriptors)")
        }
        let growth = late.anonymousKilobytes - early.anonymousKilobytes
        if judgesMemory, growth > FaultSoak.allowedGrowthKilobytes {
            findings.append("memory grew by \(growth) KB after the first fifth")
        }
        await client.shutdown()
        transport.shutdown()
        let server = server
        do {
            try await waitUntil("no connection is open") { server.openConnectionCount == 0 }
        } catch {
            findings.append("\(server.openConnectionCount) connections are open after the end")
        }
        server.stop()
        do {
            try await waitUntil("descriptors are back") { ProcessState.now().descriptors <= before.descriptors }
        } catch {
            findings.append(
                "\(ProcessState.now().descriptors) descriptors after the end, \(before.descriptors) before: "
                    + ProcessState.descriptorNames().joined(separator: " "))
        }
        return findings
    }
}
