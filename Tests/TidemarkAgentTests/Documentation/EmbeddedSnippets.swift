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
