import AWSCore
import AgentCore
import CloudWatch
import Monitoring
import Telemetry
import TestSupport

/// A CloudWatch that behaves: it takes datums unless told otherwise, and knows exactly what it counted.
actor FakeCloudWatch: MetricSink {
    /// What happens to a request.
    enum Behaviour: Sendable {
        case take
        case takeAndLoseTheAnswer
        case loseTheRequest
        case throttle
        case refuse(metric: String, pattern: String)
        /// Server failures, for requests with one datum or for all.
        case fail(metric: String, pattern: String)
        case failAll
        case failPattern(String)
        /// Not let through, for no reason that says what is at fault.
        case forbid(metric: String, pattern: String)
        /// The connection ends without an answer.
        case cutOff(metric: String, pattern: String)
        case tooLarge(beyond: Int)
        case tooLargeWith(metric: String, pattern: String)
    }

    /// How far this CloudWatch's clock is ahead of the agent's.
    private(set) var clockOffset: Duration? = .zero
    private(set) var taken: [MetricDatum] = []
    private(set) var requests: [[MetricDatum]] = []
    private var behaviours: [Behaviour] = []
    private var standing = Behaviour.take

    func setClock(ahead offset: Duration) { clockOffset = offset }
    func always(_ behaviour: Behaviour) { standing = behaviour }
    func next(_ list: Behaviour...) { behaviours += list }

    func send(_ datums: [MetricDatum]) async -> SendOutcome {
        requests.append(datums)
        switch behaviours.isEmpty ? standing : behaviours.removeFirst() {
        case .take:
            taken += datums
            return .acknowledged
        case .takeAndLoseTheAnswer:
            taken += datums
            return .lost(reason: "no answer")
        case .loseTheRequest: return .lost(reason: "no answer")
        case .throttle: return .later(reason: "Throttling", mayHaveCounted: false)
        case .failAll: return Self.failure
        case .failPattern(let pattern): return take(datums, but: nil, pattern, Self.failure)
        case .refuse(let metric, let pattern):
            return take(datums, but: metric, pattern, .refused(reason: "InvalidParameterValue"))
        case .fail(let metric, let pattern): return take(datums, but: metric, pattern, Self.failure)
        case .forbid(let metric, let pattern):
            return take(datums, but: metric, pattern, .later(reason: "HTTP 403: a page", mayHaveCounted: false))
        case .cutOff(let metric, let pattern): return take(datums, but: metric, pattern, .lost(reason: "no answer"))
        case .tooLargeWith(let metric, let pattern):
            return take(datums, but: metric, pattern, .tooLarge(reason: "HTTP 413: too large"))
        case .tooLarge(let most) where datums.count > most: return .tooLarge(reason: "HTTP 413: too large")
        case .tooLarge:
            taken += datums
            return .acknowledged
        }
    }

    private static let failure = SendOutcome.later(reason: "InternalFailure: it failed", mayHaveCounted: true)

    private func take(
        _ datums: [MetricDatum], but metric: String?, _ pattern: String, _ outcome: SendOutcome
    ) -> SendOutcome {
        let isBad = datums.contains { datum in
            (metric == nil || datum.name == metric)
                && datum.dimensions.contains { $0.name == "Pattern" && $0.value == pattern }
        }
        if isBad { return outcome }
        taken += datums
        return .acknowledged
    }

    /// What CloudWatch would answer for the sum of a metric, over all its dimension sets or one pattern.
    func sum(_ metric: String, pattern: String? = nil) -> UInt64 {
        taken.filter { datum in
            datum.name == metric
                && (pattern == nil || datum.dimensions.contains { $0.name == "Pattern" && $0.value == pattern })
        }.reduce(0) { $0 + UInt64($1.sum) }
    }

    func datums(_ metric: String) -> [MetricDatum] { taken.filter { $0.name == metric } }
}

/// Directories, a clock, and services that write telemetry.
final class AgentFixture {
    let directory: TemporaryDirectory
    let clock: ManualClock
    let cloudWatch = FakeCloudWatch()
    var configuration: AgentConfiguration

    init() throws {
        directory = try TemporaryDirectory()
        clock = ManualClock()
        configuration = AgentConfiguration(
            telemetryDirectory: directory.path("telemetry"), dataDirectory: directory.path("data"))
        configuration.publishPeriod = .tenSeconds
    }

    var agentClock: AgentClock {
        let clock = clock
        return AgentClock(
            now: { clock.timestamp }, sleep: { try await clock.sleep(for: $0) }, random: { 0.5 })
    }

    func agent(
        failing step: AgentStep? = nil, publishing: Bool = true, spreadsSending: Bool = false
    ) throws -> Agent {
        try Agent(
            configuration: configuration, sink: publishing ? cloudWatch : nil, clock: agentClock,
            spreadsSending: spreadsSending, failpoint: { if $0 == step { throw InjectedCrash() } })
    }

    func service(_ name: String = "checkout", id: UInt64 = 1, keyEvents: Int = 8_192) -> FakeService {
        var writer = TelemetryWriter.Configuration(
            directory: configuration.telemetryDirectory, service: name, environment: "test", maximumBytes: 32 << 20,
            keyEventCapacity: keyEvents)
        writer.startedAtNanoseconds = UInt64(clock.timestamp.nanosecondsSince1970)
        writer.identifier = (7, id)
        return FakeService(TelemetryWriter.open(writer))
    }

    func store() throws -> AgentStore { try AgentStore.openReadOnly(dataDirectory: configuration.dataDirectory) }

    /// An agent is there for one period, in which something happens, and gone after it, as if it had been killed.
    func agentWorksOnce(failing step: AgentStep? = nil, _ happen: () throws -> Void) async throws {
        let agent = try agent(failing: step)
        try happen()
        await pass(1, agent)
    }

    /// Lets whole periods pass, with a tick at each period's end.
    func pass(_ periods: Int = 1, _ agent: Agent) async {
        for _ in 0..<periods {
            // A simulated day is minutes of work: other tests get their turn.
            await Task.yield()
            clock.advance(by: configuration.publishPeriod.duration)
            await agent.tick()
        }
    }
}

struct InjectedCrash: Error {}

/// A service that makes calls and remembers them by itself.
final class FakeService {
    let writer: TelemetryWriter
    private(set) var made: UInt64 = 0

    init(_ writer: TelemetryWriter) { self.writer = writer }

    func call(
        _ table: String = "Orders", _ operation: String = "GetItem", pattern: String = "AP1",
        outcome: CallOutcome = .success, milliseconds: UInt64 = 3, times: Int = 1, units: UInt64 = 500,
        key: String? = nil,
        throttled: Bool = false
    ) {
        let slot = writer.slot(for: SeriesKey(table: table, operation: operation, pattern: pattern))
        let isWrite = operation.hasPrefix("Put") || operation.hasPrefix("Update")
        for _ in 0..<times {
            let causes = throttled ? ThrottleCause.tableReadKeyRangeThroughput.mask : 0
            writer.record(
                attempt: AttemptRecord(
                    durationNanoseconds: milliseconds * 1_000_000, outcome: throttled ? .throttled : outcome,
                    throttleCauses: causes),
                in: slot)
            writer.record(
                consumptionIn: slot, readMilliUnits: isWrite ? 0 : units, writeMilliUnits: isWrite ? units : 0)
            if let key {
                Array(key.utf8).withUnsafeBytes { bytes in
                    writer.record(
                        key: bytes, in: slot, readMilliUnits: isWrite ? 0 : units, writeMilliUnits: isWrite ? units : 0,
                        throttled: throttled)
                }
            }
            writer.record(
                call: CallRecord(durationNanoseconds: milliseconds * 1_000_000, outcome: outcome), in: slot)
            made += 1
        }
    }

    func end() { writer.close() }
}

extension AgentStore {
    /// All calls that the store has counted.
    func callCount() throws -> UInt64 { try totals().reduce(0) { $0 + $1.counters.calls } }
}
