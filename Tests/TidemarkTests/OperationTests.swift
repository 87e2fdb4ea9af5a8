import AWSCore
import ContractModel
import JSONBytes
import Logging
import TestSupport
import Testing
import Tidemark

struct OperationTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    @Test func getItemSendsItsKeyAndReadsItsItem() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":1.5},"Item":{"id":{"S":"1"},"n":{"N":"2"}},"New":[1]}"#
            )
        }
        let output = try await harness.client.getItem(
            table: "T", key: ["id": "1"], projection: Expression("#n", names: ["#n": "n"]), options: .consistent)
        #expect(output.item == ["id": "1", "n": 2])
        #expect(output.consumed == [ConsumedCapacity(table: "T", tableUnits: CapacityUnits(readMilliUnits: 1_500))])
        #expect(
            try harness.body()
                == json(
                    #"{"ReturnConsumedCapacity":"INDEXES","TableName":"T","Key":{"id":{"S":"1"}},"ConsistentRead":true,"#
                        + ##""ProjectionExpression":"#n","ExpressionAttributeNames":{"#n":"n"}}"##))
        let request = harness.transport.requests[0]
        #expect(request.header("X-Amz-Target") == "DynamoDB_20120810.GetItem")
        #expect(request.header("Content-Type") == "application/x-amz-json-1.0")
        #expect(request.header("Authorization")?.contains("/eu-west-1/dynamodb/aws4_request") == true)
    }

    @Test func anItemThatIsNotThereIsNil() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        #expect(try await harness.client.getItem(table: "T", key: ["id": "1"]).item == nil)
    }

    @Test func putItemSendsItemConditionAndWhatItWantsBack() async throws {
        let harness = try Harness { _, _ in answer(#"{"Attributes":{"id":{"S":"1"}}}"#) }
        let output = try await harness.client.putItem(
            table: "T", item: ["id": "1"], condition: "attribute_not_exists(id)", returning: .allOld,
            returnItemOnConditionFailure: true)
        #expect(output.attributes == ["id": "1"])
        #expect(
            try harness.body()
                == json(
                    #"{"ReturnConsumedCapacity":"INDEXES","TableName":"T","Item":{"id":{"S":"1"}},"#
                        + #""ConditionExpression":"attribute_not_exists(id)","ReturnValues":"ALL_OLD","#
                        + #""ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#))
    }

    @Test func updateAndDeleteShareTheirForm() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        try await harness.client.updateItem(
            table: "T", key: ["id": "1"], update: Expression("SET n = :n", values: [":n": 1]), returning: .updatedNew)
        try await harness.client.deleteItem(table: "T", key: ["id": "1"])
        #expect(
            try harness.body(0)
                == json(
                    #"{"ReturnConsumedCapacity":"INDEXES","TableName":"T","Key":{"id":{"S":"1"}},"UpdateExpression":"SET n = :n","#
                        + #""ExpressionAttributeValues":{":n":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}"#))
        #expect(
            try harness.body(1)
                == json(#"{"ReturnConsumedCapacity":"INDEXES","TableName":"T","Key":{"id":{"S":"1"}}}"#))
    }

    @Test func queryReadsAPage() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"Items":[{"id":{"S":"1"}}],"Count":1,"ScannedCount":7,"LastEvaluatedKey":{"id":{"S":"1"}}}"#)
        }
        let page = try await harness.client.query(
            table: "T", index: "G", keyCondition: Expression("c = :c", values: [":c": "x"]),
            filter: Expression("n > :n", values: [":n": 1]), limit: 10, startAfter: ["id": "0"], ascending: false)
        #expect(page.items == [["id": "1"]])
        #expect(page.scannedCount == 7)
        #expect(page.lastKey == ["id": "1"])
        let body = try harness.body()
        #expect(body["IndexName"]?.stringValue == "G")
        #expect(body["ScanIndexForward"]?.boolValue == false)
        #expect(body["Limit"]?.intValue == 10)
        #expect(body["ExclusiveStartKey"]?["id"]?["S"]?.stringValue == "0")
        #expect(body["ExpressionAttributeValues"]?.objectValue?.count == 2)
    }

    @Test func scanReadsASegment() async throws {
        let harness = try Harness { _, _ in answer(#"{"Count":3,"ScannedCount":3}"#) }
        let page = try await harness.client.scan(table: "T", segment: (1, of: 4), countOnly: true)
        #expect(page.count == 3)
        let body = try harness.body()
        #expect(body["Segment"]?.intValue == 1)
        #expect(body["TotalSegments"]?.intValue == 4)
        #expect(body["Select"]?.stringValue == "COUNT")
    }

    @Test func batchGetGivesBackTheKeysThatWereLeft() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"Responses":{"T":[{"id":{"S":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"id":{"S":"2"}}],"ConsistentRead":false}}}"#
            )
        }
        let output = try await harness.client.batchGetItem([BatchGet(table: "T", keys: [["id": "1"], ["id": "2"]])])
        #expect(output.items == ["T": [["id": "1"]]])
        #expect(output.unprocessed == [BatchGet(table: "T", keys: [["id": "2"]])])
        #expect(try harness.body()["RequestItems"]?["T"]?["Keys"]?.arrayValue?.count == 2)
    }

    @Test func batchWriteGivesBackTheWritesThatWereLeft() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"id":{"S":"1"}}}}],"U":[{"DeleteRequest":{"Key":{"k":{"N":"1"}}}}]}}"#
            )
        }
        let output = try await harness.client.batchWriteItem([
            .put(table: "T", item: ["id": "1"]), .delete(table: "U", key: ["k": 1]),
        ])
        #expect(output.unprocessed == [.put(table: "T", item: ["id": "1"]), .delete(table: "U", key: ["k": 1])])
    }

    @Test func batchGetAllAsksAgainForWhatWasLeft() async throws {
        let harness = try Harness { _, number in
            number == 1
                ? answer(#"{"Responses":{"T":[]},"UnprocessedKeys":{"T":{"Keys":[{"id":{"S":"2"}}]}}}"#)
                : answer(#"{"Responses":{"T":[{"id":{"S":"2"}}]},"UnprocessedKeys":{}}"#)
        }
        let keys = (0..<150).map { ["id": AttributeValue.string("\($0)")] }
        let items = try await harness.client.batchGetAll(BatchGet(table: "T", keys: keys))
        #expect(items == [["id": "2"], ["id": "2"]])
        #expect(harness.transport.requests.count == 3)
        #expect(harness.clock.now.offset == .milliseconds(500))
    }

    @Test func batchWriteAllEndsWithThePolicy() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"UnprocessedItems":{"T":[{"DeleteRequest":{"Key":{"id":{"S":"1"}}}}]}}"#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.batchWriteAll([.delete(table: "T", key: ["id": "1"])])
        }
        #expect(error.code == .throttled)
        #expect(harness.transport.requests.count == 4)
    }

    @Test func transactGetKeepsTheOrder() async throws {
        let harness = try Harness { _, _ in answer(#"{"Responses":[{"Item":{"id":{"S":"1"}}},{},null]}"#) }
        let get = TransactGet(table: "T", key: ["id": "1"])
        let output = try await harness.client.transactGetItems([get, get, get])
        #expect(output.items == [["id": "1"], nil, nil])
    }

    @Test func aTransactionsTokenIsKeptAcrossAttempts() async throws {
        let harness = try Harness { _, number in
            number % 2 == 1 ? refusal("InternalServerError", status: 500) : answer("{}")
        }
        for _ in 0..<2 {
            try await harness.client.transactWriteItems([
                .put(table: "T", item: ["id": "1"]),
                .update(table: "T", key: ["id": "2"], update: Expression("SET n = :n", values: [":n": 1])),
                .delete(table: "T", key: ["id": "3"]),
                .check(table: "U", key: ["id": "4"], condition: "attribute_exists(id)"),
            ])
        }
        let tokens = try (0..<4).map { try harness.body($0)["ClientRequestToken"]?.stringValue ?? "" }
        #expect(tokens[0] == tokens[1])
        #expect(tokens[2] == tokens[3])
        #expect(tokens[0] != tokens[2])
        let items = try #require(try harness.body()["TransactItems"]?.arrayValue)
        #expect(items.map { $0.objectValue?.first?.name } == ["Put", "Update", "Delete", "ConditionCheck"])
    }

    @Test func aCancelledTransactionSaysWhichItemWasAtFault() async throws {
        let harness = try Harness { _, _ in
            refusal(
                "TransactionCanceledException",
                more: #","CancellationReasons":[{"Code":"None","Message":null},{"Code":"ConditionalCheckFailed","#
                    + #""Message":"no","Item":{"id":{"S":"secret"}}}]"#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.transactWriteItems([
                .delete(table: "T", key: ["id": "1"]), .delete(table: "T", key: ["id": "2"]),
            ])
        }
        #expect(error.code == .conditionFailed)
        #expect(error.cancellationReasons.map(\.code) == ["None", "ConditionalCheckFailed"])
        #expect(error.cancellationReasons[1].item == ["id": "secret"])
        #expect(!"\(error)\(error.cancellationReasons)".contains("secret"))
    }

    static let orders = ContractTable(
        name: "Orders", partitionKey: KeyAttribute(name: "id"), sortKey: KeyAttribute(name: "at", type: .N),
        indexes: [
            ContractIndex(
                name: "ByCustomer", partitionKey: KeyAttribute(name: "customer"),
                sortKey: KeyAttribute(name: "at", type: .N),
                projection: .include(["total"]))
        ])

    @Test func createTableNamesEachKeyAttributeOnce() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"TableDescription":{"TableName":"Orders","TableStatus":"CREATING"}}"#)
        }
        let description = try await harness.client.createTable(Self.orders)
        #expect(description.status == "CREATING")
        #expect(!description.isActive)
        #expect(
            try harness.body()
                == json(
                    #"{"TableName":"Orders","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},"#
                        + #"{"AttributeName":"at","AttributeType":"N"},{"AttributeName":"customer","AttributeType":"S"}],"#
                        + #""KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],"#
                        + #""GlobalSecondaryIndexes":[{"IndexName":"ByCustomer","KeySchema":[{"AttributeName":"customer","KeyType":"HASH"},"#
                        + #"{"AttributeName":"at","KeyType":"RANGE"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["total"]}}]}"#
                ))
    }

    static let described =
        #"{"Table":{"TableName":"Orders","TableStatus":"ACTIVE","ItemCount":3,"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"#
        + #""AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"},{"AttributeName":"customer","AttributeType":"S"}],"#
        + #""KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],"#
        + #""GlobalSecondaryIndexes":[{"IndexName":"ByCustomer","IndexStatus":"STATUS","KeySchema":[{"AttributeName":"customer","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["total"]}}]}}"#

    static func described(indexStatus: String) -> String {
        let parts = described.split(separator: "STATUS\",\"KeySchema", omittingEmptySubsequences: false)
        return parts.joined(separator: "\(indexStatus)\",\"KeySchema")
    }

    @Test func waitingEndsWhenTableAndIndexesAreActive() async throws {
        let harness = try Harness { _, number in
            number == 1
                ? refusal("ResourceNotFoundException")
                : answer(Self.described(indexStatus: number == 2 ? "CREATING" : "ACTIVE"))
        }
        let description = try await harness.client.waitUntilActive("Orders")
        #expect(description.table == Self.orders)
        #expect(description.billingMode == "PAY_PER_REQUEST")
        #expect(harness.transport.requests.count == 3)
        // Half as long again, each time.
        #expect(harness.clock.now.offset == .milliseconds(2_500))
    }

    @Test func waitingIsBounded() async throws {
        let harness = try Harness { _, _ in refusal("ResourceNotFoundException") }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.waitUntilActive("Orders", timeout: .seconds(5))
        }
        #expect(error.code == .timeout)
        #expect(harness.clock.now.offset == .seconds(5))
    }

    @Test func aTableThatNeverAppearsIsNotWaitedFor() async throws {
        let harness = try Harness(logLevel: .info) { _, _ in refusal("ResourceNotFoundException") }
        let error = await failure { () throws(TidemarkError) in try await harness.client.waitUntilActive("Orders") }
        #expect(error.code == .notFound)
        #expect(harness.clock.now.offset >= .seconds(30))
        #expect(harness.clock.now.offset < .seconds(40))
        // The last look alone: those before were expected to find nothing.
        #expect(harness.log.lines.withLock { $0.count } == 1)
    }

    @Test func listTablesReadsEveryPage() async throws {
        let harness = try Harness { _, number in
            number == 1
                ? answer(#"{"TableNames":["A"],"LastEvaluatedTableName":"A"}"#) : answer(#"{"TableNames":["B"]}"#)
        }
        #expect(try await harness.client.listTables() == ["A", "B"])
        #expect(try harness.body(1)["ExclusiveStartTableName"]?.stringValue == "A")
    }
}
