import Tidemark

/// Prints how many bikes stand at a station: `bikes st-021`.
@main
enum Main {
    static func main() async throws {
        guard let stationID = CommandLine.arguments.dropFirst().first else { return print("usage: bikes STATION") }
        let client = try DynamoDBClient(configuration: .fromEnvironment())
        let stations: any StationStore = StationRepository(client: client)
        let count = try await stations.bikesAvailable(at: stationID)
        print(count.map { "\($0) bikes" } ?? "no such station")
        await client.shutdown()
    }
}
