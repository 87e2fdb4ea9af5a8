import Tidemark

/// What this service's pages need of stations, whatever they are stored in.
protocol StationStore: Sendable {
    /// How many bikes stand at a station; nil for one that does not exist.
    func bikesAvailable(at stationID: String) async throws -> Int?
}

extension StationRepository {
    func bikesAvailable(at stationID: String) async throws -> Int? {
        try await showStation(stationID: stationID)?.bikesAvailable
    }
}
