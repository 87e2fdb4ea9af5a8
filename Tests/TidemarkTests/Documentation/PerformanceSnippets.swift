import AWSCore
import CurlTransport
import Tidemark

/// What Performance.md shows.
enum PerformanceSnippets {
    static func onTheLoop(_ client: DynamoDBClient, ids: [String]) async throws -> [Item] {
        // snippet: on-the-loop
        let stations = try await withTaskExecutorPreference(client.taskExecutor) {
            try await withThrowingTaskGroup(of: Item?.self) { group in
                for id in ids {
                    group.addTask { try await client.getItem(table: "Stations", key: ["station_id": .string(id)]).item }
                }
                var found: [Item] = []
                for try await item in group { if let item { found.append(item) } }
                return found
            }
        }
        // snippet-end
        return stations
    }

    static func offTheLoop(
        _ client: DynamoDBClient, render: @escaping @Sendable ([Item]) -> String
    ) async throws -> String {
        // snippet: off-the-loop
        let report = try await withTaskExecutorPreference(client.taskExecutor) {
            let page = try await client.query(table: "Rides", keyCondition: "rider_id" == "u-1")
            return await withTaskExecutorPreference(globalConcurrentExecutor) { render(page.items) }
        }
        // snippet-end
        return report
    }

    static func configured(_ environment: [String: String]) throws -> TidemarkConfiguration {
        // snippet: connections
        var configuration = try TidemarkConfiguration.fromEnvironment(environment)
        configuration.transport.maximumConnections = 128
        configuration.transport.maximumConnectionsPerHost = 96
        configuration.transport.maximumIdleConnections = 32
        configuration.transport.maximumQueuedRequests = 256
        configuration.transport.idleConnectionLifetime = .seconds(30)
        configuration.transport.connectionLifetime = .seconds(120)
        // snippet-end
        // snippet: timeouts
        configuration.timeouts.connect = .milliseconds(500)
        configuration.timeouts.firstByte = .seconds(1)
        configuration.timeouts.attempt = .seconds(2)
        configuration.callTimeout = .seconds(4)
        configuration.retry.maximumAttempts = 3
        // snippet-end
        return configuration
    }

    static func oneCall(_ client: DynamoDBClient) async throws -> GetItemOutput {
        // snippet: one-call
        let found = try await client.getItem(
            table: "Stations", key: ["station_id": "st-021"],
            options: CallOptions(callTimeout: .milliseconds(300), retry: .never))
        // snippet-end
        return found
    }
}
