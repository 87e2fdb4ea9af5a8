import ContractModel
import Tidemark

/// What README.md and GettingStarted.md show. `scripts/check-docs` holds both against the marked parts.
enum GettingStartedSnippets {
    static func readMe() async throws -> (GetItemOutput, Page) {
        // snippet: readme
        let client = try DynamoDBClient(configuration: .fromEnvironment())
        let station: Item = ["station_id": "st-021", "station_name": "Central", "bikes_available": 12]
        try await client.putItem(table: "Stations", item: station, options: .pattern("AP1"))
        let found = try await client.getItem(
            table: "Stations", key: ["station_id": "st-021"], options: .pattern("AP12"))
        try await client.updateItem(
            table: "Stations", key: ["station_id": "st-021"], update: [.add(-1, to: "bikes_available")],
            condition: "bikes_available" > 0, options: .pattern("AP13"))
        let page = try await client.query(table: "Stations", index: "ByDistrict", keyCondition: "district_id" == "d-1")
        await client.shutdown()
        // snippet-end
        return (found, page)
    }

    static func client() throws -> DynamoDBClient {
        // snippet: client
        var configuration = try TidemarkConfiguration.fromEnvironment()
        configuration.service = "bikes"
        configuration.environment = "production"
        let client = try DynamoDBClient(configuration: configuration)
        // snippet-end
        return client
    }

    static func readAndWrite(_ client: DynamoDBClient) async throws -> Int? {
        // snippet: read-and-write
        let station: Item = ["station_id": "st-021", "station_name": "Central", "bikes_available": 12]
        try await client.putItem(table: "Stations", item: station, options: .pattern("AP1"))

        let found = try await client.getItem(
            table: "Stations", key: ["station_id": "st-021"], options: .pattern("AP12"))
        let bikes = found.item?["bikes_available"]?.intValue
        // snippet-end
        return bikes
    }

    static func options(_ client: DynamoDBClient, requestID: String) async throws -> GetItemOutput {
        // snippet: options
        let found = try await client.getItem(
            table: "Stations", key: ["station_id": "st-021"], projection: .attributes(["bikes_available"]),
            options: CallOptions(
                consistentRead: true, pattern: "AP12", correlationID: requestID, callTimeout: .milliseconds(500)))
        // snippet-end
        return found
    }

    static func makeTable(_ client: DynamoDBClient) async throws {
        // snippet: table
        let stations = ContractTable(name: "Stations", partitionKey: KeyAttribute(name: "station_id"))
        try await client.createTable(stations)
        try await client.waitUntilActive("Stations") { progress in
            print("\(progress.state) after \(progress.elapsed)")
        }
        // snippet-end
    }

    static func anyOperation(_ client: DynamoDBClient) async throws -> [UInt8] {
        // snippet: any-operation
        let answer = try await client.call("DescribeBackup", body: #"{"BackupArn": "arn:aws:dynamodb:…"}"#)
        // snippet-end
        return answer
    }
}

// snippet: failures
/// Takes a bike from the station; false where there is none to take.
func takeBike(from station: String, _ client: DynamoDBClient) async throws(TidemarkError) -> Bool {
    do {
        try await client.updateItem(
            table: "Stations", key: ["station_id": .string(station)], update: [.add(-1, to: "bikes_available")],
            condition: "bikes_available" > 0, options: .pattern("AP13"))
        return true
    } catch {
        switch error.code {
        case .conditionFailed: return false
        default: throw error
        }
    }
}
// snippet-end
