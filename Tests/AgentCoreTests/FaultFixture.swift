import AWSCore
import AgentCore
import CloudWatch
import CurlTransport
import Logging
import LoopbackAWS
import Monitoring
import Telemetry
import TestSupport
import Testing

/// An agent on the real CloudWatch client and the real transport, before a loopback CloudWatch, on one manual clock. It
/// knows what was recorded in which period.
final class FaultFixture {
    let directory: TemporaryDirectory
    let clock: ManualClock
    /// How far this host's wall clock is ahead of the manual one, which shows how time goes.
    let wallLead: Lock<Duration>
    let server: LoopbackCloudWatch
    let wire: DetourTransport
    let keys = RotatingCredentials()
    var configuration: AgentConfiguration
    /// Number in [0, 1) for the agent's back-off.
    var random: @Sendable () -> Double = { 0.5 }
    /// Changed by a test for another boot.
    var bootID = "boot-1"
    var logger = Logger(label: "tidemark.agent")
    private(set) var agent: Agent!
    private(set) var recorded = RecordedCalls()
    /// How many requests had come when each tick began.
    private(set) var requestsAtTick: [Int] = []
    /// Requests that were sent and never came.
    private var missing = 0

    /// What this host's wall clock shows.
    var wall: Timestamp { clock.timestamp.advanced(by: wallLead.withLock { $0 }) }

    /// - Parameters:
    ///   - wallLead: how far the wall clock is ahead of the manual clock at first.
    ///   - serverLead: how far the server's clock is ahead of the agent's.
    ///   - authority: a certificate that TLS connections trust.
    init(
        period: PublishPeriod = .sixtySeconds, wallLead: Duration = .zero, serverLead: Duration = .zero,
        authority: String? = nil
    ) throws {
        directory = try TemporaryDirectory()
        let clock = ManualClock()
        self.clock = clock
        self.wallLead = Lock(wallLead)
        server = try LoopbackCloudWatch { clock.timestamp.advanced(by: serverLead) }
        wire = try DetourTransport(authority: authority)
        configuration = AgentConfiguration(
            telemetryDirectory: directory.path("telemetry"), dataDirectory: directory.path("data"))
        configuration.publishPeriod = period
    }

    /// Starts the agent, anew where there was one, which then dies where it stands.
    func start() throws {
        agent = nil
        let (clock, lead) = (clock, wallLead)
        let wall: @Sendable () -> Timestamp = { clock.timestamp.advanced(by: lead.withLock { $0 }) }
        let caller = AWSCaller(
            transport: wire, signer: SigV4Signer(service: "monitoring", region: "us-east-1"), credentials: keys,
            endpoint: AWSEndpoint(url: server.url, region: "us-east-1"),
            hooks: CallHooks(now: wall, sleep: { try await clock.sleep(for: $0) }, random: { 0.5 }))
        agent = try Agent(
            configuration: configuration, cloudWatch: CloudWatchClient(caller: caller),
            clock: AgentClock(
                now: wall, uptimeNanoseconds: { Int64(clock.nanoseconds) + 100_000_000_000 }, bootID: bootID,
                sleep: { try await clock.sleep(for: $0) }, random: random), logger: logger)
    }

    func service(_ name: String = "checkout", id: UInt64 = 1) -> FakeService {
        var writer = TelemetryWriter.Configuration(
            directory: configuration.telemetryDirectory, service: name, environment: "test", maximumBytes: 32 << 20,
            keyEventCapacity: 256)
        writer.startedAtNanoseconds = UInt64(wall.nanosecondsSince1970)
        writer.identifier = (7, id)
        return FakeService(TelemetryWriter.open(writer))
    }

    /// Makes calls in the period that is under way.
    func call(_ service: FakeService, _ name: String = "checkout", pattern: String = "AP1", times: Int = 1) {
        service.call(pattern: pattern, milliseconds: 2, times: times)
        let length = Int64(configuration.publishPeriod.seconds)
        recorded.add(service: name, pattern: pattern, second: clock.timestamp.seconds / length * length, calls: times)
    }

    /// Lets time pass and the agent tick.
    func tick(after duration: Duration) async {
        // A simulated day is minutes of work: other tests get their turn.
        await Task.yield()
        clock.advance(by: duration)
        requestsAtTick.append(server.requestCount)
        await agent.tick()
        // A request that was given up after milliseconds may come to a busy server when the tick is over, and belongs to it.
        let (server, wire) = (server, wire)
        let missing = missing
        do {
            try await waitUntil("what was sent has come", times: 5_000) {
                server.requestCount >= wire.sent.withLock { $0 } - missing
            }
        } catch {
            self.missing = wire.sent.withLock { $0 } - server.requestCount
        }
    }

    /// Lets whole periods pass.
    func pass(_ periods: Int = 1) async {
        for _ in 0..<periods { await tick(after: configuration.publishPeriod.duration) }
    }

    /// Lets periods pass in calm until nothing waits any more.
    func settle(within periods: Int = 40) async throws {
        server.failAll(with: nil)
        for _ in 0..<periods {
            await pass()
            let calls = try ledger().calls
            if calls.pending == 0 && calls.ambiguous == 0 { return }
        }
        throw WaitingFailed(description: "something still waits after \(periods) quiet periods: \(try ledger().calls)")
    }

    func ledger() throws -> Ledger {
        try AgentStore.openReadOnly(dataDirectory: configuration.dataDirectory).ledger()
    }

    /// Bytes of the store's files.
    func storeSize() throws -> Int {
        try ["", "-wal"].reduce(0) { $0 + (try directory.read("data/\(AgentStore.fileName)\($1)").count) }
    }
}

/// Calls by who made them and when.
struct RecordedCalls {
    struct Name: Hashable {
        var service: String
        var pattern: String

        /// The dimension set under which `Calls` of the pattern is published.
        var dimensions: [String: String] { ["Service": service, "Environment": "test", "Pattern": pattern] }
    }

    private(set) var calls: [Name: [Int64: UInt64]] = [:]

    mutating func add(service: String, pattern: String, second: Int64, calls count: Int) {
        calls[Name(service: service, pattern: pattern), default: [:]][second, default: 0] += UInt64(count)
    }

    var total: UInt64 { calls.values.reduce(0) { $0 + $1.values.reduce(0, +) } }
    func total(_ name: Name) -> UInt64 { calls[name, default: [:]].values.reduce(0, +) }
}

/// The real transport, whose requests a test can send elsewhere or make impatient.
final class DetourTransport: Transport {
    struct Detour: Sendable {
        /// Where requests go instead.
        var url: String?
        /// How long they may take; a test about something else must not fail because the machine is slow.
        var limit = Duration.seconds(60)
    }

    let detour = Lock(Detour())
    /// Requests to the server itself of which something was sent.
    let sent = Lock(0)
    private let transport: CurlTransport

    init(authority: String? = nil) throws {
        var configuration = CurlTransport.Configuration()
        configuration.usesProxyFromEnvironment = false
        configuration.certificateAuthorityFile = authority
        transport = try CurlTransport(configuration: configuration)
    }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let detour = detour.withLock { $0 }
        var request = request
        request.url = detour.url ?? request.url
        request.timeouts = Timeouts(connect: detour.limit, firstByte: detour.limit, attempt: detour.limit)
        do throws(TransportError) {
            let response = try await transport.send(request)
            if detour.url == nil { sent.withLock { $0 += 1 } }
            return response
        } catch {
            if detour.url == nil, error.sent == .all { sent.withLock { $0 += 1 } }
            throw error
        }
    }
}

/// Credentials that a test exchanges.
final class RotatingCredentials: CredentialProvider {
    let current = Lock(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "a-secret"))

    func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials { current.withLock { $0 } }
}
