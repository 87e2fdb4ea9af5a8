import AWSCore
import GeneratedRepositories
import JSONBytes
import Telemetry
import TestSupport
import Testing
import Tidemark

/// The generated types and repositories of the example, against a scripted DynamoDB.
struct GeneratedItemTests {
    static let ride = Ride(
        rideID: "2026-05-04T07:00:00Z-1", riderID: "r-1", bikeID: "b-7", startStationID: "st-021",
        startedAt: "2026-05-04T07:00:00Z", startStationName: "Central", distanceM: 1_200, fareCents: -5)

    @Test func keysAndIndexKeysAreFilledIn() throws {
        #expect(
            try Self.ride.item() == [
                "PK": "RIDER#r-1", "SK": "RIDE#2026-05-04T07:00:00Z-1", "ride_id": "2026-05-04T07:00:00Z-1",
                "rider_id": "r-1", "bike_id": "b-7", "open_bike_id": "b-7", "start_station_id": "st-021",
                "start_station_name": "Central", "started_at": "2026-05-04T07:00:00Z", "distance_m": 1_200,
                "fare_cents": -5,
            ])
    }

    @Test func aSparseIndexsKeyGoesWithWhatItIsMadeOf() throws {
        var ended = Self.ride
        ended.endedAt = "2026-05-04T07:20:00Z"
        #expect(try ended.item()["open_bike_id"] == nil)
        #expect(try ended.item()["started_at"] == "2026-05-04T07:00:00Z")
    }

    @Test func itemsReadBackAsTheyWere() throws {
        #expect(try Ride(item: Self.ride.item()) == Self.ride)
        let pass = Pass(passID: "p#1", riderID: "r-1", minutesLeft: 3)
        #expect(try Pass(item: pass.item()) == pass)
        #expect(try pass.item()["rider_id"] == nil)
        let station = Station(
            stationID: "st-021", stationName: "Zürich \"HB\"\n", districtID: "d-1", bikesAvailable: 12,
            docksAvailable: 3, latitude: DynamoDBNumber("47.378177"), hasCharger: true,
            openingHours: ["opens": "05:00", "closes": .null])
        #expect(try Station(item: station.item()) == station)
    }

    @Test func theGeneratedCodeDoesWhatTheLayoutSays() throws {
        let rides = [Self.ride, try Ride(item: Self.ride.item())]
        for ride in rides {
            let item = try ride.item()
            var fields = Ride.layout.fields(of: item)
            #expect(fields["open_bike_id"] == nil && fields["PK"] == nil)
            fields["distance_m"] = 1_200
            #expect(try Ride.layout.stored(fields) == item)
        }
        let pass = Pass(passID: "p-1", riderID: "r-1")
        let fields = try Pass.layout.fields(of: pass.item())
        #expect(fields == ["pass_id": "p-1", "rider_id": "r-1"])
        #expect(try Pass.layout.stored(fields) == pass.item())
    }

    @Test(
        arguments: [
            ("ride_id", nil, "attribute 'ride_id' is missing"),
            ("ride_id", 5, "attribute 'ride_id' is N, and the type takes S"),
            ("distance_m", "far", "attribute 'distance_m' is S, and the type takes N"),
            ("distance_m", .number("1.5"), "attribute 'distance_m' is a number that Int cannot hold"),
            ("distance_m", .number("1E+30"), "attribute 'distance_m' is a number that Int cannot hold"),
        ] as [(String, AttributeValue?, String)])
    func whatIsNoSuchItemIsNamed(name: String, value: AttributeValue?, message: String) throws {
        var item = try Self.ride.item()
        item[name] = value
        let error = #expect(throws: ItemCodingError.self) { try Ride(item: item) }
        #expect(error?.description == message)
    }

    @Test func nullIsNoValueAndWhatIsUnknownIsSkipped() throws {
        var item = try Self.ride.item()
        item["fare_cents"] = .null
        item["colour"] = .map(["deep": .list([1, .binary([0, 255])])])
        item["distance_m"] = .number("12.0E1")
        let read = try Ride(item: item)
        #expect(read.fareCents == nil && read.distanceM == 120)
    }

    @Test(arguments: [
        (
            Ride(rideID: "", riderID: "r", bikeID: "b", startStationID: "s", startedAt: "t"),
            TidemarkError.Code.contract, "Riders RIDE: a key is made of 'ride_id', which is empty"
        ),
        (
            Ride(rideID: "1", riderID: "r", bikeID: "", startStationID: "s", startedAt: "t"),
            .validation, "the key attribute 'open_bike_id' is empty, which DynamoDB refuses"
        ),
        (
            Ride(
                rideID: String(repeating: "x", count: 1_020), riderID: "r", bikeID: "b", startStationID: "s",
                startedAt: "t"),
            .validation, "the key attribute 'SK' has 1025 bytes, more than DynamoDB's 1024 for such a key"
        ),
        (
            Ride(
                rideID: "1", riderID: "r", bikeID: "b", startStationID: "s", startedAt: "t",
                endedAt: String(repeating: "x", count: 409_600)),
            .validation,
            "the item has 409678 bytes, more than DynamoDB's 409600: split it, or keep the large part elsewhere"
        ),
    ])
    func aValueThatCannotBeStoredIsRefusedBeforeTheWire(ride: Ride, code: TidemarkError.Code, message: String)
        async throws
    {
        let harness = try Harness { _, _ in answer("{}") }
        let rides = RideRepository(client: harness.client)
        let error = await failure { () throws(TidemarkError) in
            try await rides.items.put(ride, pattern: "AP6")
        }
        #expect(error.code == code && error.message == message)
        #expect(harness.transport.requests.isEmpty)
        let series = try harness.counters()[SeriesKey(table: "Riders", operation: "PutItem", pattern: "AP6")]
        #expect(series?.calls == 1)
    }

    @Test func aTypedPutIsTheRequestOfAnUntypedOne() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"ConsumedCapacity":{"TableName":"Riders","CapacityUnits":1,"Table":{"CapacityUnits":1}}}"#)
        }
        let passes = PassRepository(client: harness.client)
        let pass = Pass(passID: "p-1", riderID: "r-1", productName: "Month", minutesLeft: 600)
        try await passes.buyPass(pass)
        try await passes.items.untyped.put(pass.item(), pattern: "AP4")
        let (typed, untyped) = (try harness.body(0), try harness.body(1))
        #expect(typed["TableName"] == untyped["TableName"])
        #expect(ItemMembers(typed["Item"]) == ItemMembers(untyped["Item"]))
        let series = try harness.counters()[SeriesKey(table: "Riders", operation: "PutItem", pattern: "AP4")]
        #expect(series?.calls == 2)
        #expect(series?.items == 2)
        let events = try harness.keyEvents()
        #expect(events.count == 2 && Set(events.map(\.keyHash)).count == 1)
    }

    @Test func methodsNameTheirPatternAndMakeTheirKeys() async throws {
        let item = #"{"PK":{"S":"RIDER#r-1"},"SK":{"S":"PASS#p-1"},"pass_id":{"S":"p-1"}}"#
        let harness = try Harness { _, number in
            number == 1
                ? answer(
                    #"{"Items":[\#(item),\#(item)],"Count":2,"LastEvaluatedKey":{"PK":{"S":"RIDER#r-1"},"SK":{"S":"PASS#p-1"}}}"#
                )
                : answer(#"{"Items":[\#(item)],"Count":1}"#)
        }
        let passes = PassRepository(client: harness.client)
        var found: [Pass] = []
        for try await pass in passes.listRiderPasses(riderID: "r-1", pageSize: 2).values { found.append(pass) }
        #expect(found == Array(repeating: Pass(passID: "p-1", riderID: "r-1"), count: 3))
        #expect(try harness.body(0)["KeyConditionExpression"]?.stringValue == "#0 = :0 AND begins_with(#1, :1)")
        #expect(try harness.body(0)["ExpressionAttributeValues"]?[":1"]?["S"]?.stringValue == "PASS#")
        #expect(try harness.body(1)["ExclusiveStartKey"]?["SK"]?["S"]?.stringValue == "PASS#p-1")
        #expect(try harness.counters()[SeriesKey(table: "Riders", operation: "Query", pattern: "AP3")]?.calls == 2)
        #expect(try harness.counters()[SeriesKey(table: "Riders", operation: "Query", pattern: "AP3")]?.items == 3)
    }

    @Test func aRangeIsReadBetweenItsEndsIncluded() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        let rides = RideRepository(client: harness.client)
        _ = try await rides.listRiderRides(riderID: "r-1", from: "2026-05", through: "2026-06").all()
        _ = try await rides.listRiderRides(riderID: "r-1", from: "2026-05").all()
        _ = try await rides.listRiderRides(riderID: "r-1", beginning: "2026-05").all()
        func values(_ number: Int) throws -> [String?] {
            let values = try harness.body(number)["ExpressionAttributeValues"]
            return [values?[":1"]?["S"]?.stringValue, values?[":2"]?["S"]?.stringValue]
        }
        // The last month as a whole: a ride of its last day begins as it does.
        #expect(try values(0) == ["RIDE#2026-05", "RIDE#2026-06\u{10FFFF}"])
        #expect(try values(1) == ["RIDE#2026-05", "RIDE#\u{10FFFF}"])
        #expect(try values(2) == ["RIDE#2026-05", nil])
        #expect(try harness.body(0)["KeyConditionExpression"]?.stringValue == "#0 = :0 AND #1 BETWEEN :1 AND :2")
    }

    @Test func anUpdateBringsIndexKeysAlongOrIsRefused() async throws {
        let left =
            #"{"Attributes":{"PK":{"S":"RIDER#r-1"},"SK":{"S":"RIDE#1"},"ride_id":{"S":"1"},"rider_id":{"S":"r-1"},"bike_id":{"S":"b"},"start_station_id":{"S":"s"},"started_at":{"S":"t"}}}"#
        let harness = try Harness { _, _ in answer(left) }
        let rides = RideRepository(client: harness.client)
        let key = Ride.Key(riderID: "r-1", rideID: "1").values
        var changes = Ride.Changes()
        changes.endedAt = "2026-05-04T07:20:00Z"
        changes.fareCents = 250
        #expect(try await rides.items.update(key, changes.item, pattern: "AP7")?.bikeID == "b")
        #expect(
            try harness.body()["UpdateExpression"]?.stringValue == "SET #0 = :0, #1 = :1 REMOVE #2")
        #expect(try harness.body()["ExpressionAttributeNames"]?["#2"]?.stringValue == "open_bike_id")
        changes = Ride.Changes()
        changes.bikeID = "b-8"
        let item = changes.item
        let error = await failure { () throws(TidemarkError) in
            try await rides.items.update(key, item, pattern: "AP7")
        }
        #expect(error.code == .contract)
        #expect(
            error.message
                == "'bike_id' of Riders RIDE stands in 'open_bike_id', a key of an index, and so does 'ended_at': "
                + "change both, so that the index stays right")
        #expect(harness.transport.requests.count == 1)
    }

    @Test func anItemOfAnotherFormIsADecodingErrorOfACallThatSucceeded() async throws {
        let harness = try Harness { _, _ in answer(#"{"Item":{"PK":{"S":"RIDER#r-1"},"balance_cents":{"S":"x"}}}"#) }
        let riders = RiderRepository(client: harness.client)
        let error = await failure { () throws(TidemarkError) in _ = try await riders.getRiderProfile(riderID: "r-1") }
        #expect(error.code == .decoding)
        #expect(error.message == "the item is no Rider: attribute 'balance_cents' is S, and the type takes N")
        let series = try harness.counters()[SeriesKey(table: "Riders", operation: "GetItem", pattern: "AP2")]
        #expect(series?.calls(.success) == 1 && series?.items == 1)
    }

    @Test func whatIsNoJSONOfDynamoDBsIsAMalformedAnswer() async throws {
        let harness = try Harness(configure: { $0.retry.maximumAttempts = 1 }) { _, _ in answer(#"{"Item":{"PK":{"S":"#)
        }
        let riders = RiderRepository(client: harness.client)
        let error = await failure { () throws(TidemarkError) in _ = try await riders.getRiderProfile(riderID: "r-1") }
        #expect(error.code == .malformedResponse)
    }
}

/// An item's members without their order.
struct ItemMembers: Equatable {
    var members: [String: String] = [:]

    init(_ json: JSONValue?) {
        for member in json?.objectValue ?? [] {
            var writer = JSONWriter()
            writer.value(member.value)
            members[member.name] = writer.text
        }
    }
}
