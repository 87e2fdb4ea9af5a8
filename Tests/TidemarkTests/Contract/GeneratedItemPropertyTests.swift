import GeneratedRepositories
import TestSupport
import Testing
import Tidemark

/// What must hold of generated code for any values and any bytes, with seeds that are printed.
struct GeneratedItemPropertyTests {
    private static func text(_ random: inout SeededGenerator) -> String {
        let pieces = ["a", "b-7", "#", "RIDE#", "ü", "\"", "\\", "\n", "👋", "0"]
        return (0..<Int.random(in: 0...3, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "a" }
            .joined()
    }

    private static func maybe(_ random: inout SeededGenerator) -> String? {
        Bool.random(using: &random) ? text(&random) : nil
    }

    private static func ride(_ random: inout SeededGenerator) -> Ride {
        Ride(
            rideID: text(&random), riderID: text(&random), bikeID: text(&random), startStationID: text(&random),
            startedAt: text(&random), startStationName: maybe(&random), endStationID: maybe(&random),
            endedAt: maybe(&random),
            distanceM: [nil, 0, 1_200, -10, .min, .max, Int.random(in: .min ... .max, using: &random)]
                .randomElement(using: &random) ?? nil)
    }

    /// The ride as a program without generated code gives it.
    private static func fields(_ ride: Ride) -> Item {
        var fields: Item = [
            "ride_id": .string(ride.rideID), "rider_id": .string(ride.riderID), "bike_id": .string(ride.bikeID),
            "start_station_id": .string(ride.startStationID), "started_at": .string(ride.startedAt),
        ]
        fields["start_station_name"] = ride.startStationName.map(AttributeValue.string)
        fields["end_station_id"] = ride.endStationID.map(AttributeValue.string)
        fields["ended_at"] = ride.endedAt.map(AttributeValue.string)
        fields["distance_m"] = ride.distanceM.map { .number($0) }
        return fields
    }

    @Test(arguments: UInt64(0)..<4) func generatedCodeAndLayoutMakeTheSameItems(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let encoder = ItemEncoder<Ride>()
        var stored = 0
        for _ in 0..<1_000 {
            let ride = Self.ride(&random)
            let byLayout = try? Ride.layout.stored(Self.fields(ride))
            let item = try? ride.item()
            // A key that is no template's is looked at by the client alone, which refuses it when it is empty.
            if let item {
                stored += 1
                #expect(item == byLayout, "seed \(seed): \(ride)")
                #expect(try encoder.sizeInBytes(of: ride) == ItemSize.bytes(of: item), "seed \(seed): \(ride)")
                #expect(try Ride(item: item) == ride, "seed \(seed): \(ride)")
                #expect(Ride.layout.fields(of: item) == Self.fields(ride), "seed \(seed): \(ride)")
            } else {
                #expect(
                    [ride.rideID, ride.riderID, ride.startedAt, ride.endedAt == nil ? ride.bikeID : "x"].contains(""),
                    "seed \(seed): \(ride)")
            }
        }
        #expect(stored > 200)
    }

    @Test(arguments: UInt64(0)..<4) func anyBytesAreReadOrRefusedAsThePlainCodecDoes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bytes = try ItemCodec.encode(GeneratedItemTests.ride.item())
        var read = 0
        for _ in 0..<5_000 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<mutated.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: mutated[place] = UInt8.random(in: 0...255, using: &random)
                case 1: mutated.remove(at: place)
                default: mutated.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                }
            }
            let typed = try? Ride.decode(mutated)
            guard let item = try? ItemCodec.decode(mutated) else { continue }
            read += 1
            #expect(typed == (try? Ride(item: item)), "seed \(seed): \(String(decoding: mutated, as: UTF8.self))")
        }
        #expect(read > 200)
    }
}
