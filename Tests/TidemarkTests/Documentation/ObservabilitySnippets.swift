import Instrumentation
import Logging
import Tidemark
import Tracing

/// What Observability.md shows.
enum ObservabilitySnippets {
    static func logging(_ configuration: inout TidemarkConfiguration, hotKeySecret: [UInt8]) {
        // snippet: logging
        configuration.logging.successSampling = 1  // every success, at information level
        configuration.logging.keySecret = hotKeySecret  // keys named as `tidemark hotkeys` names them
        configuration.slowCallThreshold = .milliseconds(50)
        // snippet-end
    }

    static func bootstrap(_ tracer: any Tracer) {
        // snippet: bootstrap
        InstrumentationSystem.bootstrap(MultiplexInstrument([tracer, CorrelationInstrument()]))
        // snippet-end
    }

    static func handle(orderID: String, _ client: DynamoDBClient) async throws -> Item? {
        // snippet: context
        var context = ServiceContext.current ?? .topLevel
        context.correlationID = "order-\(orderID)"
        return try await ServiceContext.withValue(context) {
            try await client.getItem(table: "Orders", key: ["id": .string(orderID)], options: .pattern("AP1")).item
        }
        // snippet-end
    }
}
