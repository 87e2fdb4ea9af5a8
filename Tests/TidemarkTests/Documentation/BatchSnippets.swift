import Tidemark

/// What BatchesAndTransactions.md shows.
enum BatchSnippets {
    static func batchGet(_ client: DynamoDBClient, ids: [String]) async throws -> [Item] {
        // snippet: batch-get
        let keys = ids.map { ["station_id": .string($0)] as Item }
        let stations = try await client.batchGetAll(BatchGet(table: "Stations", keys: keys))
        // snippet-end
        return stations
    }

    static func batchWrite(_ client: DynamoDBClient, rides: [Item]) async throws {
        // snippet: batch-write
        try await client.batchWriteAll(
            rides.map { .put(table: "Rides", item: $0) } + [.delete(table: "Open", key: ["ride_id": "r-7"])])
        // snippet-end
    }

    static func transaction(_ client: DynamoDBClient, orderID: String) async throws {
        // snippet: transaction
        do {
            try await client.transactWriteItems(
                [
                    .update(
                        table: "Stations", key: ["station_id": "st-021"], update: [.add(-1, to: "bikes_available")],
                        condition: "bikes_available" > 0),
                    .put(
                        table: "Rides", item: ["ride_id": "r-7", "rider_id": "u-1"], condition: .notExists("ride_id")),
                    .check(table: "Riders", key: ["rider_id": "u-1"], condition: "status" == "active"),
                ], token: orderID)
        } catch {
            for (place, reason) in error.cancellationReasons.enumerated() where reason.isAtFault {
                print("write \(place): \(reason.code)")
            }
            throw error
        }
        // snippet-end
    }

    static func moment(_ client: DynamoDBClient) async throws -> [Item?] {
        // snippet: transact-get
        let both = try await client.transactGetItems([
            TransactGet(table: "Stations", key: ["station_id": "st-021"]),
            TransactGet(table: "Riders", key: ["rider_id": "u-1"], projection: .attributes(["status"])),
        ])
        // snippet-end
        return both.items
    }
}
