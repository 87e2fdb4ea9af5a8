import Logging
import ServiceLifecycle
import Tidemark
import TidemarkAgent
import UnixSignals

// What docs/AGENT.md shows.

// snippet: embedded
/// A service that publishes its own measurements.
func runShop(_ server: any Service) async throws {
    var runtime = try TidemarkConfiguration.fromEnvironment()
    var settings = AgentConfiguration.embedded(in: &runtime)
    settings.budgetInDollarsAMonth = 20
    let client = try DynamoDBClient(configuration: runtime)
    let agent = try EmbeddedAgent(configuration: settings, closing: client)
    let group = ServiceGroup(
        services: [agent, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "shop"))
    try await group.run()
}
// snippet-end

// snippet: emf
/// A function whose platform reads metrics from its log.
struct Handler {
    let client: DynamoDBClient
    let reporter: EMFReporter

    init() throws {
        var runtime = try TidemarkConfiguration.fromEnvironment()
        runtime.telemetryDirectory = "/tmp/tidemark"
        var settings = AgentConfiguration.embedded(in: &runtime)
        settings.dataDirectory = "/tmp/tidemark-store"
        client = try DynamoDBClient(configuration: runtime)
        reporter = try EMFReporter(configuration: settings)
    }

    func handle(_ order: String) async throws -> Item? {
        try await reporter.invocation {
            try await client.getItem(table: "Orders", key: ["id": .string(order)], options: .pattern("AP1")).item
        }
    }
}
// snippet-end
