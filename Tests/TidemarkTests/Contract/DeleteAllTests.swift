import GeneratedRepositories
import JSONBytes
import TestSupport
import Testing
import Tidemark

/// Deletions of many items take those that are named and no others.
struct DeleteAllTests {
    private static let page =
        #"{"Items":[{"PK":{"S":"RIDER#r-1"},"SK":{"S":"RIDE#2026-05-04"}}],"Count":1,"ScannedCount":3}"#

    @Test func whatDoesNotMeetTheFilterStays() async throws {
        let harness = try Harness { _, number in answer(number == 1 ? Self.page : "{}") }
        let count = try await RideRepository(client: harness.client).items.deleteAll(
            ["rider_id": "r-1"], filter: Path("bike_id") == "b-7", pattern: "AP1")
        #expect(count == 1)
        let query = try harness.body(0)
        #expect(query["FilterExpression"]?.stringValue != nil && query["ConsistentRead"]?.boolValue == true)
        #expect(query["ExpressionAttributeNames"]?.objectValue?.contains { $0.value.stringValue == "bike_id" } == true)
        let writes = try harness.body(1)["RequestItems"]?.objectValue?.first?.value.arrayValue ?? []
        #expect(
            writes.compactMap { $0["DeleteRequest"]?["Key"]?["SK"]?["S"]?.stringValue } == ["RIDE#2026-05-04"])
    }

    @Test func whatIsKnownOfTheSortKeyStandsInTheKeyCondition() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        let count = try await RideRepository(client: harness.client).items.deleteAll(
            ["rider_id": "r-1", "ride_id": "2026-05-04"], pattern: "AP1")
        #expect(count == 0 && harness.transport.requests.count == 1)
        let query = try harness.body(0)
        #expect(query["KeyConditionExpression"]?.stringValue == "#0 = :0 AND #1 = :1")
        #expect(query["FilterExpression"] == nil)
    }
}
