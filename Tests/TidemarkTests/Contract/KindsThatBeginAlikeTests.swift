import GeneratedAccounts
import JSONBytes
import TestSupport
import Testing
import Tidemark

/// Generated repositories of kinds whose sort keys begin alike: `ORDER#{order_id}` and `ORDER#{order_id}#LINE#{line_no}`.
struct KindsThatBeginAlikeTests {
    private static let page = """
        {"Count": 3, "Items": [
          {"PK":{"S":"CUST#1"},"SK":{"S":"ORDER#o1"},"customer_id":{"S":"1"},"order_id":{"S":"o1"},"order_status":{"S":"NEW"}},
          {"PK":{"S":"CUST#1"},"SK":{"S":"ORDER#o1#LINE#1"},"customer_id":{"S":"1"},"order_id":{"S":"o1"},"line_no":{"N":"1"},
           "sku":{"S":"s"}},
          {"PK":{"S":"CUST#1"},"SK":{"S":"ORDER#o2"},"customer_id":{"S":"1"},"order_id":{"S":"o2"},"order_status":{"S":"NEW"}}]}
        """

    @Test func aListOfOrdersHasNoLines() async throws {
        let harness = try Harness { _, _ in answer(Self.page) }
        let orders = try await OrderRepository(client: harness.client).listOrdersOfCustomer(customerID: "1").all()
        #expect(orders.map(\.orderID) == ["o1", "o2"])
        let lines = try await OrderLineRepository(client: harness.client).linesOfOrder(customerID: "1", orderID: "o1")
            .all()
        #expect(lines.map(\.lineNo) == [1])
    }

    @Test func theLinesOfAnOrderAreReadByWhatTheirKeysBeginWith() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        _ = try await OrderLineRepository(client: harness.client).linesOfOrder(customerID: "1", orderID: "o1").all()
        let values = try harness.body()["ExpressionAttributeValues"]?.objectValue?.compactMap {
            $0.value["S"]?.stringValue
        }
        // With what stands behind the order's number: "o1" is not the beginning of "o10".
        #expect(values.map(Set.init) == ["CUST#1", "ORDER#o1#LINE#"])
        #expect(try harness.body()["KeyConditionExpression"]?.stringValue?.contains("begins_with(") == true)
    }

    @Test func whoDeletesAllOrdersDeletesNoLines() async throws {
        let harness = try Harness { _, number in answer(number == 1 ? Self.page : "{}") }
        let count = try await OrderRepository(client: harness.client).clearAllOrdersOfCustomer(customerID: "1")
        #expect(count == 2)
        let deleted = try harness.body(1)["RequestItems"]?["Shop"]?.arrayValue?.compactMap {
            $0["DeleteRequest"]?["Key"]?["SK"]?["S"]?.stringValue
        }
        #expect(deleted.map(Set.init) == ["ORDER#o1", "ORDER#o2"])
    }

    @Test func anEntryOfKeysAloneIsReadOutOfThem() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"Count":1,"Items":[{"PK":{"S":"P#ann"},"SK":{"S":"F#bob"}}]}"#)
        }
        let entries = try await FollowRepository(client: harness.client)
            .listFollowersOfPerson(followeeID: "bob").all()
        #expect(entries.map { [$0.followerID, $0.followeeID] } == [["ann", "bob"]])
    }

    @Test func aBinaryKeyIsSentAsItsBytes() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        _ = try await BlobRepository(client: harness.client).getBlob(blobHash: [1, 2, 3])
        #expect(try harness.body()["Key"]?["blob_hash"]?["B"]?.stringValue == "AQID")
    }

    @Test func theLatestIsReadConsistentlyAndAlone() async throws {
        let harness = try Harness { _, _ in answer(#"{"Items":[],"Count":0}"#) }
        _ = try await ReadingRepository(client: harness.client).latestReadingOfDevice(deviceID: "d").all()
        #expect(try harness.body()["Limit"]?.intValue == 1)
        #expect(try harness.body()["ConsistentRead"]?.boolValue == true)
        #expect(try harness.body()["ScanIndexForward"]?.boolValue == false)
    }
}
