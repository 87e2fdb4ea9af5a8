import ContractModel
import GeneratedRepositories
import Tidemark

// snippet: extension
extension RideRepository {
    func isOpen(riderID: String, rideID: String) async throws(TidemarkError) -> Bool {
        try await items.get(["rider_id": riderID, "ride_id": rideID], pattern: "AP8").map { $0.endedAt == nil } ?? false
    }
}
// snippet-end

/// What Repositories.md shows.
enum RepositorySnippets {
    static func generated(_ client: DynamoDBClient) async throws {
        // snippet: generated
        let rides = RideRepository(client: client)
        try await rides.startRide(
            Ride(
                rideID: "2026-05-04T07:00:00Z-1", riderID: "r-1", bikeID: "b-7", startStationID: "st-021",
                startedAt: "2026-05-04T07:00:00Z"))
        for try await ride in rides.listRiderRides(riderID: "r-1", from: "2026-05", ascending: false).values {
            print(ride.startStationID)
        }
        // snippet-end
    }

    static func updates(_ client: DynamoDBClient, rideID: String) async throws {
        let rides = RideRepository(client: client)
        let bikes = BikeRepository(client: client)
        // snippet: updates
        var end = Ride.Changes()
        end.endedAt = "2026-05-04T07:20:00Z"
        end.fareCents = 250
        try await rides.endRide([
            try rides.items.transactUpdate(
                ["rider_id": "r-1", "ride_id": rideID], end.item, condition: .notExists("ended_at")),
            try bikes.items.transactUpdate(["bike_id": "b-7"], [.add(4_300, to: "odometer_m")]),
        ])
        // snippet-end
    }

    static func serviced(_ bikes: BikeRepository) async throws {
        // snippet: serviced
        try await bikes.markBikeAsServiced(bikeID: "b-7") { $0.odometerM = 0 }
        // snippet-end
    }

    static func byHand(_ client: DynamoDBClient, _ contract: MigrationContract) async throws -> Item? {
        // snippet: by-hand
        let passes = try ContractRepository(client: client, contract: contract, table: "Riders", entity: "PASS")
        try await passes.put(["rider_id": "r-1", "pass_id": "p-1", "minutes_left": 600], pattern: "AP4")
        let pass = try await passes.get(["rider_id": "r-1", "pass_id": "p-1"], pattern: "AP3")
        // snippet-end
        return pass
    }

    static func rows(_ table: ContractTable, _ entity: ContractEntity) throws -> (Item, RestoredRow) {
        // snippet: rows
        let mapping = SourceMapping(table: table, entity: entity)
        let item = try mapping.item(
            from: [
                "bike_id": .text("b-7"), "station_id": .null, "model_id": .integer(3), "odometer_m": .integer(120_500),
            ],
            related: ["models": [["model_id": .integer(3), "name": .text("Cargo")]]])
        let restored = try mapping.restore(item, types: ["odometer_m": .integer])
        // snippet-end
        return (item, restored)
    }
}
