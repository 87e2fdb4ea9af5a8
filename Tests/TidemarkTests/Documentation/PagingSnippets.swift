import Foundation
import Tidemark

/// What Paging.md shows.
enum PagingSnippets {
    static func pages(_ client: DynamoDBClient, rider: String) async throws -> Int {
        // snippet: pages
        var read = 0
        for try await page in client.queryPages(table: "Rides", keyCondition: "rider_id" == rider, pageSize: 100) {
            read += page.scannedCount
        }
        // snippet-end
        return read
    }

    static func items(_ client: DynamoDBClient, rider: String) async throws -> Item? {
        // snippet: items
        var longest: Item?
        for try await ride in client.queryPages(table: "Rides", keyCondition: "rider_id" == rider).items {
            guard let minutes = ride["minutes"]?.intValue else { continue }
            if minutes > longest?["minutes"]?.intValue ?? 0 { longest = ride }
            if minutes >= 1_440 { break }
        }
        // snippet-end
        return longest
    }

    static func parallelScan(_ client: DynamoDBClient) async throws -> Int {
        // snippet: parallel-scan
        var count = 0
        for try await page in client.parallelScan(table: "Rides", segments: 8, countOnly: true) {
            count += page.count
        }
        // snippet-end
        return count
    }

    static func statement(_ client: DynamoDBClient, rider: String) async throws -> [Item] {
        // snippet: statement
        let statement = PartiQLStatement(
            #"SELECT started, minutes FROM "Rides" WHERE rider_id = ?"#, parameters: [.string(rider)])
        var rides: [Item] = []
        for try await ride in client.statementPages(statement).items { rides.append(ride) }
        // snippet-end
        return rides
    }
}

// snippet: one-page
/// One page for a client of ours, and what it sends back to see the next one.
func rides(
    of rider: String, after token: Data?, _ client: DynamoDBClient
) async throws -> (rides: [Item], next: Data?) {
    let start = try token.map { try JSONDecoder().decode(Item.self, from: $0) }
    let page = try await client.query(
        table: "Rides", keyCondition: "rider_id" == rider, limit: 20, startAfter: start)
    return (page.items, try page.lastKey.map { try JSONEncoder().encode($0) })
}
// snippet-end
