import AWSCore
import CurlTransport
import Logging
import Telemetry
import TestSupport
import Tidemark

/// What hedged reads do to the slow tail: the same server, rounds with and without, one after the other.
///
/// Two answers of a hundred come after 50 ms, the others at once.
enum HedgingComparison {
    private static let rounds = 5
    private static let workers = 4

    static func run(calls: Int) async throws {
        let dice = Lock(SeededGenerator(seed: 7))
        let server = try LoopbackServer(keepsRequests: false) { _ in
            let isSlow = dice.withLock { $0.nextUnit() } < 0.02
            return LoopbackAnswer(delay: isSlow ? .milliseconds(50) : .zero)
        }
        var settings = CurlTransport.Configuration()
        settings.usesProxyFromEnvironment = false
        let transport = try CurlTransport(configuration: settings)
        let (plain, hedged) = (
            try client(server, transport, hedging: nil), try client(server, transport, hedging: Hedging())
        )
        _ = try await times(plain, calls: calls / 10)
        _ = try await times(hedged, calls: calls / 10)
        var ratios: [Double] = []
        for round in 1...rounds {
            let without = try await times(plain, calls: calls)
            let with = try await times(hedged, calls: calls)
            ratios.append(with.p99 / without.p99)
            print(
                "round \(round): p50 \(text(without.p50)) and \(text(with.p50)), p99 \(text(without.p99)) and "
                    + "\(text(with.p99)); \(text(100 * with.extraShare))% more requests")
        }
        ratios.sort()
        print("p99 with over without: \(text(ratios[rounds / 2])) (\(text(ratios[0]))–\(text(ratios[rounds - 1])))")
        transport.shutdown()
    }

    private static func client(
        _ server: LoopbackServer, _ transport: CurlTransport, hedging: Hedging?
    ) throws -> DynamoDBClient {
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: server.url, region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "x")),
            service: "hedging", environment: "test")
        configuration.hedging = hedging
        configuration.logger = Logger(label: "hedging") { _ in SwiftLogNoOpLogHandler() }
        var recording = TelemetryWriter.Configuration(directory: nil, service: "hedging", environment: "test")
        recording.isEnabled = false
        return DynamoDBClient(
            configuration: configuration, transport: transport, telemetry: TelemetryWriter.open(recording))
    }

    private static func times(
        _ client: DynamoDBClient, calls: Int
    ) async throws -> (p50: Double, p99: Double, extraShare: Double) {
        try await withThrowingTaskGroup(of: [(milliseconds: Double, attempts: Int)].self) { group in
            for _ in 0..<workers {
                group.addTask {
                    var seen: [(milliseconds: Double, attempts: Int)] = []
                    for _ in 0..<calls / workers {
                        let found = try await client.getItem(table: "T", key: ["id": "1"])
                        seen.append((found.duration / .milliseconds(1), found.attempts))
                    }
                    return seen
                }
            }
            var all: [(milliseconds: Double, attempts: Int)] = []
            for try await part in group { all += part }
            let sorted = all.map(\.milliseconds).sorted()
            let attempts = all.reduce(0) { $0 + $1.attempts }
            return (
                sorted[sorted.count / 2], sorted[sorted.count * 99 / 100],
                Double(attempts - all.count) / Double(all.count)
            )
        }
    }

    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
