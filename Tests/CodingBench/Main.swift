import GeneratedRepositories
import Tidemark

/// Encodes or decodes one and the same item again and again: `coding-bench MODE COUNT`.
///
/// The modes are `plain-encode` and `plain-decode`, the client's own item codec on a dictionary, and `typed-encode` and
/// `typed-decode`, the generated type straight to and from the wire. Prints a checksum, so that nothing is left out.
@main
enum Main {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 2, let count = Int(arguments[1]) else {
            return print("usage: coding-bench plain-encode|plain-decode|typed-encode|typed-decode COUNT")
        }
        let ride = Ride(
            rideID: "2026-05-04T07:00:00Z-81734", riderID: "r-20713", bikeID: "b-07114", startStationID: "st-021",
            startedAt: "2026-05-04T07:00:00Z", startStationName: "Central Station", endStationID: "st-107",
            endStationName: "Harbour, east side", distanceM: 4_312, fareCents: 275)
        let item = try ride.item()
        let bytes = ItemCodec.encode(item)
        let encoder = ItemEncoder<Ride>()
        var sum = 0
        switch arguments[0] {
        case "plain-encode": for _ in 0..<count { sum &+= ItemCodec.encode(item).count }
        case "plain-decode": for _ in 0..<count { sum &+= try ItemCodec.decode(bytes).count }
        case "typed-encode": for _ in 0..<count { sum &+= try encoder.bytes(of: ride).count }
        case "typed-decode": for _ in 0..<count { sum &+= try Ride.decode(bytes).rideID.utf8.count }
        default: print("unknown mode \(arguments[0])")
        }
        print(sum)
    }
}
