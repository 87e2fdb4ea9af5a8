import AWSCore
import CurlTransport
import Foundation
import Logging
import Telemetry
import Tidemark

/// Calls at a time of a process that its surroundings strain: one attempt each; prints what they came to.
enum StrainedCalls {
    static func run(url: String, calls: Int, seconds: Int, leaving: Int) async throws {
        var settings = CurlTransport.Configuration()
        settings.usesProxyFromEnvironment = false
        settings.maximumConnections = 1_000
        let transport = try CurlTransport(configuration: settings)
        var configuration = try TidemarkConfiguration(
            endpoint: AWSEndpoint(url: url, region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "x")),
            service: "strained", environment: "test")
        configuration.retry.maximumAttempts = 1
        configuration.timeouts = Timeouts(connect: .seconds(60), firstByte: .seconds(seconds), attempt: .seconds(60))
        configuration.callTimeout = .seconds(60)
        configuration.logger = Logger(label: "strained") { _ in SwiftLogNoOpLogHandler() }
        var recording = TelemetryWriter.Configuration(directory: nil, service: "strained", environment: "test")
        recording.isEnabled = false
        let client = DynamoDBClient(
            configuration: configuration, transport: transport, telemetry: TelemetryWriter.open(recording))
        let taken = leaving > 0 ? takeDescriptors(leaving: leaving) : []
        if leaving >= 20 {
            // Some go while descriptors are scarce, and all others when that is over.
            show(await outcomes(of: client, calls: 12))
            for descriptor in taken { close(descriptor) }
            try await Task.sleep(for: .milliseconds(200))
        }
        show(await outcomes(of: client, calls: calls))
        transport.shutdown()
    }

    private static func outcomes(of client: DynamoDBClient, calls: Int) async -> [String: Int] {
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<calls {
                group.addTask {
                    do throws(TidemarkError) {
                        _ = try await client.getItem(table: "Orders", key: ["id": .string("1")])
                        return "ok"
                    } catch {
                        return "\(error.code)/\(error.underlying?.code ?? "")"
                    }
                }
            }
            return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
    }

    private static func show(_ outcomes: [String: Int]) {
        for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) { print("\(outcome) \(count)") }
    }

    private static func takeDescriptors(leaving count: Int) -> [Int32] {
        var taken: [Int32] = []
        while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
        for descriptor in taken.suffix(count) { close(descriptor) }
        return taken.dropLast(count)
    }
}
