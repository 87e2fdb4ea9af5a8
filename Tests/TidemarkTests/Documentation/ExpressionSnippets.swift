import ContractModel
import Tidemark

/// What Expressions.md shows.
enum ExpressionSnippets {
    static func update(_ client: DynamoDBClient) async throws {
        // snippet: update
        try await client.updateItem(
            table: "Stations", key: ["station_id": "st-021"],
            update: [.set("bikes_available", to: Path("bikes_available") - 1), .remove("note")],
            condition: "bikes_available" > 0 && "status" == "open")
        // snippet-end
    }

    static func paths() -> [Expression] {
        // snippet: paths
        let inTown: Expression = Path("address")["city"] == "Leipzig"
        let startsHere: Expression = Path("stops")[0] == "st-021"
        let isPopular: Expression = Path("tags").size > 3
        let hasRoom: Expression = "bikes_available" < Path("capacity")
        // snippet-end
        return [inTown, startsHere, isPopular, hasRoom]
    }

    static func conditions() -> [Expression] {
        // snippet: conditions
        let isNew: Expression = .notExists("station_id")
        let isNear: Expression = .in("district_id", ["d-1", "d-2"])
        let isHalfFull: Expression = .between("bikes_available", 5, and: 15)
        let isSheltered: Expression = .contains("tags", "indoor") || .beginsWith("station_name", "Hall")
        let isText: Expression = .type(of: "note", is: .S)
        // snippet-end
        return [isNew, isNear, isHalfFull, isSheltered, isText]
    }

    static func updates() -> Expression {
        // snippet: updates
        let update: Expression = [
            .set("status", to: "open"),
            .set("rides", to: Path("rides").ifNotExists(0) + 1),
            .set("log", to: Path("log").ifNotExists([String]()).appending(["opened"])),
            .add(1, to: "version"),
            .add(Set(["indoor"]), to: "tags"),
            .delete(Set(["closed"]), from: "labels"),
            .remove(Path("address")["note"]),
        ]
        // snippet-end
        return update
    }

    static func query(_ client: DynamoDBClient, rider: String) async throws -> Page {
        // snippet: query
        let rides = try await client.query(
            table: "Rides", keyCondition: "rider_id" == rider && .beginsWith("started", "2026-11"),
            filter: "minutes" > 30, projection: .attributes(["started", "minutes", Path("from")["name"]]),
            ascending: false)
        // snippet-end
        return rides
    }

    static func refused(_ client: DynamoDBClient) async -> TidemarkError? {
        // snippet: refused
        do {
            try await client.updateItem(
                table: "Stations", key: ["station_id": "st-021"],
                update: [.set("status", to: "open"), .remove("status")])
        } catch {
            // error.code == .validation: one path stands twice, and nothing was sent.
            return error
        }
        // snippet-end
        return nil
    }

    static func text() -> Expression {
        // snippet: text
        let long = Expression("#m > :long", names: ["#m": "minutes"], values: [":long": 30])
        let filter = long && "status" == "paid"
        // snippet-end
        return filter
    }
}
