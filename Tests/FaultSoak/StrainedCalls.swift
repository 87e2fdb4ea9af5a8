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
        if leaving > 0 { takeDescriptors(leaving: leaving) }
        let outcomes = await withTaskGroup(of: String.self) { group in
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
        for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) { print("\(outcome) \(count)") }
        transport.shutdown()
    }

    private static func takeDescriptors(leaving count: Int) {
        var taken: [Int32] = []
        while case let descriptor = dup(0), descriptor >= 0 { taken.append(descriptor) }
        for descriptor in taken.suffix(count) { close(descriptor) }
    }
}
