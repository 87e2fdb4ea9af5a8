import AWSCore
import Tidemark

/// What ErrorsAndRetries.md shows.
enum ErrorSnippets {
    static func handle(_ client: DynamoDBClient, _ logged: (String) -> Void) async throws -> Item? {
        // snippet: handle
        do {
            return try await client.requireItem(table: "Stations", key: ["station_id": "st-021"])
        } catch {
            switch error.code {
            case .itemNotFound: return nil
            case .throttled: logged("throttled: \(error.throttleReasons.map(\.reason.wireName))")
            case .network: logged("the network failed: \(error.networkPhase?.rawValue ?? "")")
            case .timeout: logged("too slow: \(error.timeLimit?.rawValue ?? "")")
            default: logged("\(error)")
            }
            throw error
        }
        // snippet-end
    }

    static func lostAnswer(_ client: DynamoDBClient) async throws -> Bool {
        // snippet: lost-answer
        do {
            try await client.updateItem(
                table: "Stations", key: ["station_id": "st-021"], update: [.add(-1, to: "bikes_available")])
            return true
        } catch {
            guard error.mayHaveBeenApplied else { throw error }
            // Read the item before trying again: the bike may be gone already.
            return false
        }
        // snippet-end
    }

    static func guarded(_ client: DynamoDBClient, version: Int) async throws {
        // snippet: guarded
        try await client.updateItem(
            table: "Stations", key: ["station_id": "st-021"],
            update: [.add(-1, to: "bikes_available"), .set("version", to: version + 1)],
            condition: "version" == version)
        // snippet-end
    }

    static func settings(_ configuration: inout TidemarkConfiguration) {
        // snippet: settings
        configuration.retry.maximumAttempts = 3
        configuration.retry.mode = .adaptive
        configuration.retriesUnsafeWrites = true
        configuration.circuit = CircuitPolicy(minimumFailures: 20, openFor: .milliseconds(500))
        configuration.hedging = Hedging(maximumShare: 0.02)
        // snippet-end
    }

    static func report(_ client: DynamoDBClient) async throws -> String {
        // snippet: report
        let found = try await client.getItem(table: "Stations", key: ["station_id": "st-021"])
        return "\(found.attempts) attempts, \(found.duration), request \(found.requestID ?? "–")"
        // snippet-end
    }
}
