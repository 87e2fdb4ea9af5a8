import Foundation
import Tidemark
import TidemarkFoundation

/// What CodableItems.md shows.
enum CodableSnippets {
    // snippet: type
    struct Station: Codable, Sendable {
        enum Status: String, Codable { case open, closed }

        enum CodingKeys: String, CodingKey {
            case id = "station_id"
            case status, bikes, tags, note
        }

        var id: String
        var status: Status
        var bikes: Int
        var tags: Set<String>
        var note: String?
    }
    // snippet-end

    static func calls(_ client: DynamoDBClient) async throws -> (Station?, TypedPage<Station>) {
        // snippet: calls
        let new = Station(id: "st-021", status: .open, bikes: 12, tags: ["indoor"])
        try await client.put(new, into: "Stations", condition: .notExists("station_id"))

        let found = try await client.get(Station.self, from: "Stations", key: ["station_id": "st-021"])
        let page = try await client.query(
            Station.self, from: "Stations", index: "ByDistrict", keyCondition: "district_id" == "d-1")
        // snippet-end
        return (found, page)
    }

    static func coder(_ client: DynamoDBClient) async throws -> [Station] {
        // snippet: coder
        let coder = ItemCoder()
        var stations: [Station] = []
        for try await item in client.scanPages(table: "Stations").items {
            stations.append(try coder.decode(Station.self, from: item))
        }
        // snippet-end
        return stations
    }

    // snippet: representable
    struct Money: Codable, Sendable, AttributeRepresentable {
        var cents: Int

        var attributeValue: AttributeValue { .number(cents) }

        init(cents: Int) { self.cents = cents }

        init(attributeValue: AttributeValue, for coder: ItemCoder) throws(ItemCodingError) {
            cents = try Int(attributeValue: attributeValue, for: coder)
        }
    }
    // snippet-end

    static func cheap() -> Tidemark.Expression {
        // snippet: representable-in-expression
        let isCheap: Tidemark.Expression = "price" < Money(cents: 500)
        // snippet-end
        return isCheap
    }

    // snippet: dates
    struct Session: Codable, Sendable {
        var id: String
        var started: Date
        var paid: Decimal
        @EpochSeconds var expires: Date
    }
    // snippet-end

    static func dates(_ session: Session) throws -> Item {
        // snippet: date-form
        let coder = ItemCoder(dates: .iso8601(fractionDigits: 3))
        let item = try coder.encode(session)
        // snippet-end
        return item
    }
}
