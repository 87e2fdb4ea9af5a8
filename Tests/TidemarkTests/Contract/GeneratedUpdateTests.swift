import AWSCore
import GeneratedRepositories
import JSONBytes
import TestSupport
import Testing
import Tidemark

/// What generated updates ask of the item, and where they may be called from.
struct GeneratedUpdateTests {
    private static let left =
        #"{"Attributes":{"bike_id":{"S":"b-7"},"model_id":{"N":"3"},"station_id":{"S":"st-1"}}}"#
    private static let refusal =
        #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}"#

    private func condition(_ body: JSONValue) -> String {
        var text = body["ConditionExpression"]?.stringValue ?? "none"
        for name in body["ExpressionAttributeNames"]?.objectValue ?? [] {
            text = text.replacing(name.name, with: name.value.stringValue ?? "?")
        }
        return text
    }

    @Test func anUpdateAsksThatTheItemIsThere() async throws {
        let harness = try Harness { _, _ in answer(Self.left) }
        let bikes = BikeRepository(client: harness.client)
        try await bikes.markBikeAsServiced(bikeID: "b-7") { $0.odometerM = 0 }
        try await bikes.markBikeAsServiced(bikeID: "b-7", condition: "odometer_m > 5") { $0.odometerM = 0 }
        try await bikes.markBikeAsServiced(bikeID: "b-7", createIfMissing: true) { $0.odometerM = 0 }
        try await bikes.markBikeAsServiced(
            bikeID: "b-7", condition: .exists("a") || .exists("b"), createIfMissing: false
        ) { $0.odometerM = 0 }
        #expect(condition(try harness.body(0)) == "attribute_exists(bike_id)")
        #expect(condition(try harness.body(1)) == "attribute_exists(bike_id) AND (odometer_m > 5)")
        #expect(condition(try harness.body(2)) == "none")
        #expect(
            condition(try harness.body(3))
                == "attribute_exists(bike_id) AND (attribute_exists(a) OR attribute_exists(b))")
    }

    @Test func anItemThatIsNotThereFailsTheCondition() async throws {
        let harness = try Harness { _, _ in answer(Self.refusal, status: 400) }
        let bikes = BikeRepository(client: harness.client)
        let error = await failure { () throws(TidemarkError) in
            try await bikes.markBikeAsServiced(bikeID: "nobody's") { $0.odometerM = 0 }
        }
        #expect(error.code == .conditionFailed)
    }

    @Test func aTransactionsUpdateAsksTheSame() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let items = BikeRepository(client: harness.client).items
        var changes = Bike.Changes()
        changes.odometerM = 1
        try await items.transact(
            [
                items.transactUpdate(["bike_id": "b-7"], changes.item),
                items.transactUpdate(["bike_id": "b-8"], [.add(1, to: "odometer_m")], condition: .exists("model_id")),
                items.transactUpdate(["bike_id": "b-9"], [.add(1, to: "odometer_m")], createIfMissing: true),
            ], pattern: "AP16")
        let writes = try harness.body()["TransactItems"]?.arrayValue ?? []
        #expect(
            writes.map { condition($0["Update"] ?? .null) } == [
                "attribute_exists(bike_id)", "attribute_exists(bike_id) AND attribute_exists(model_id)", "none",
            ])
    }

    @MainActor final class Screen {
        var metres = 12
        func save(_ bikes: BikeRepository) async throws {
            try await bikes.reportPositionAndBattery(bikeID: "b-7") { $0.odometerM = metres }
        }
    }

    actor Garage {
        var metres = 13
        func save(_ bikes: BikeRepository) async throws {
            try await bikes.reportPositionAndBattery(bikeID: "b-7") { $0.odometerM = metres }
        }
    }

    @Test func actorsAndTheMainActorCallUpdatesWithWhatTheyHold() async throws {
        let harness = try Harness { _, _ in answer(Self.left) }
        let bikes = BikeRepository(client: harness.client)
        try await Screen().save(bikes)
        try await Garage().save(bikes)
        func metres(_ number: Int) throws -> String? {
            try harness.body(number)["ExpressionAttributeValues"]?[":0"]?["N"]?.stringValue
        }
        #expect(try [metres(0), metres(1)] == ["12", "13"])
    }
}
