import AWSCore
import JSONBytes
import Telemetry
import TestSupport
import Testing
import Tidemark

struct PartiQLTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    // MARK: Where a statement goes

    @Test(arguments: [
        (#"SELECT * FROM "Orders" WHERE id = ?"#, "SELECT", "Orders", ""),
        (#"select id, n from "Orders"."ByDay" where d = 'FROM "Wrong"'"#, "SELECT", "Orders", "ByDay"),
        ("SELECT 'it''s FROM x' FROM Orders.ByDay", "SELECT", "Orders", "ByDay"),
        ("SELECT -- FROM Wrong\n * FROM Orders", "SELECT", "Orders", ""),
        (#"SELECT "FROM" FROM "a.b-c_1""#, "SELECT", "a.b-c_1", ""),
        (#"INSERT INTO "Orders" VALUE {'id': ?}"#, "INSERT", "Orders", ""),
        (#"  UPDATE "Orders" SET n = ? WHERE id = ?"#, "UPDATE", "Orders", ""),
        (#"DELETE FROM "Orders" WHERE id = ?"#, "DELETE", "Orders", ""),
        (#"EXISTS(SELECT * FROM "Orders" WHERE id = ?)"#, "EXISTS", "Orders", ""),
        // Not plain: no series may be made of it.
        (#"SELECT * FROM "bad name""#, "SELECT", "", ""), ("SELECT * FROM \"Ord", "SELECT", "", ""),
        ("SELECT * FROM ?", "SELECT", "", ""), ("INSERT", "INSERT", "", ""), ("DROP TABLE Orders", "DROP", "", ""),
        ("", "", "", ""), ("'", "", "", ""), ("SELECT * FROM ab", "SELECT", "", ""),
    ])
    func theTableIsReadWhereItShowsPlainly(_ text: String, _ verb: String, _ table: String, _ index: String) {
        #expect(
            PartiQLStatement(text).target == PartiQLStatement.Target(verb: verb, table: table, index: index))
    }

    // MARK: One statement

    @Test func aStatementSendsItsParametersAndReadsAPage() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"Items":[{"id":{"S":"1"}}],"NextToken":"t2","LastEvaluatedKey":{"id":{"S":"1"}},"#
                    + #""ConsumedCapacity":{"TableName":"Orders","CapacityUnits":0.5}}"#)
        }
        let page = try await harness.client.executeStatement(
            PartiQLStatement(#"SELECT * FROM "Orders"."ByDay" WHERE d = ?"#, parameters: ["x"]), limit: 5,
            nextToken: "t1", options: CallOptions(consistentRead: true, pattern: "AP9"))
        #expect(page.items == [["id": "1"]])
        #expect(page.nextToken == "t2")
        #expect(page.lastKey == ["id": "1"])
        #expect(
            try harness.body()
                == json(
                    #"{"ReturnConsumedCapacity":"INDEXES","Statement":"SELECT * FROM \"Orders\".\"ByDay\" WHERE d = ?","#
                        + #""Parameters":[{"S":"x"}],"ConsistentRead":true,"Limit":5,"NextToken":"t1"}"#))
        let counters = try harness.counters()
        let call = SeriesKey(table: "Orders", index: "ByDay", operation: "ExecuteStatement", pattern: "AP9")
        #expect(counters[call]?.calls == 1)
        #expect(counters[call]?.items == 1)
        let table = SeriesKey(table: "Orders", operation: "ExecuteStatement", pattern: "AP9")
        #expect(counters[table]?.readMilliUnits == 500)
    }

    @Test func aWritesCapacityIsWriteCapacity() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"Items":[],"ConsumedCapacity":{"TableName":"Orders","CapacityUnits":2}}"#)
        }
        try await harness.client.executeStatement(
            PartiQLStatement("DELETE FROM Orders WHERE id = ?", parameters: ["1"], returnItemOnConditionFailure: true))
        let series = try #require(try harness.counters()[SeriesKey(table: "Orders", operation: "ExecuteStatement")])
        #expect(series.writeMilliUnits == 2_000)
        #expect(series.readMilliUnits == 0)
        #expect(try harness.body()["ReturnValuesOnConditionCheckFailure"]?.stringValue == "ALL_OLD")
    }

    @Test func whatCannotBeStoredIsRefusedBeforeTheWire() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let half = AttributeValue.string(String(repeating: "x", count: 210_000))
        let refused: [PartiQLStatement] = [
            "", PartiQLStatement(String(repeating: " ", count: 8_193)),
            PartiQLStatement("INSERT INTO Orders VALUE {'a': ?, 'b': ?}", parameters: [half, half]),
            PartiQLStatement("UPDATE Orders SET a = ?", parameters: [.stringSet([])]),
            PartiQLStatement("UPDATE Orders SET a = ?", parameters: [.number("1e400")]),
        ]
        for statement in refused {
            let error = await failure { () throws(TidemarkError) in
                try await harness.client.executeStatement(statement)
            }
            #expect(error.code == .validation, "\(statement.text.prefix(40))")
        }
        #expect(harness.transport.requests.isEmpty)
        // Two values of a condition need not fit one item.
        try await harness.client.executeStatement(
            PartiQLStatement("SELECT * FROM Orders WHERE a = ? OR a = ?", parameters: [half, half]))
    }

    // MARK: Batches and transactions

    @Test func aBatchGivesEachStatementItsResult() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"Responses":[{"TableName":"Orders","Item":{"id":{"S":"1"}}},{"TableName":"Orders"},"#
                    + #"{"Error":{"Code":"DuplicateItem","Message":"no","Item":{"id":{"S":"secret"}}},"TableName":"Orders"},"#
                    + #"{"Error":{"Code":"ThrottlingError"}}],"#
                    + #""ConsumedCapacity":[{"TableName":"Orders","CapacityUnits":3}]}"#)
        }
        let output = try await harness.client.batchExecuteStatement(
            (1...4).map { PartiQLStatement("UPDATE Orders SET a = 1 WHERE id = ?", parameters: [.number($0)]) })
        #expect(output.results.map(\.item) == [["id": "1"], nil, nil, nil])
        #expect(output.results.map { $0.failure?.code } == [nil, nil, .conditionFailed, .throttled])
        #expect(output.results[2].failure?.item == ["id": "secret"])
        #expect(!"\(output.results)".contains("secret"))
        let series = try #require(
            try harness.counters()[SeriesKey(table: "Orders", operation: "BatchExecuteStatement")])
        #expect(series.writeMilliUnits == 3_000)
        #expect(series.calls(.success) == 1)
    }

    @Test func aBatchThatIsTooLongIsRefusedAndOneThatIsAnsweredShortIsMalformed() async throws {
        let harness = try Harness { _, _ in answer(#"{"Responses":[{}]}"#) }
        let statement: PartiQLStatement = "SELECT * FROM Orders"
        for (count, code) in [(0, TidemarkError.Code.validation), (26, .validation), (2, .malformedResponse)] {
            let error = await failure { () throws(TidemarkError) in
                _ = try await harness.client.batchExecuteStatement(Array(repeating: statement, count: count))
            }
            #expect(error.code == code)
        }
    }

    @Test func aTransactionKeepsItsTokenAndSaysWhoWasAtFault() async throws {
        let harness = try Harness { _, number in
            number == 1
                ? refusal("InternalServerError", status: 500)
                : refusal(
                    "TransactionCanceledException",
                    more: #","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]"#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.executeTransaction([
                PartiQLStatement("INSERT INTO Orders VALUE {'id': ?}", parameters: ["1"]),
                PartiQLStatement("UPDATE Others SET a = 1 WHERE id = ?", parameters: ["2"]),
            ])
        }
        #expect(error.code == .conditionFailed)
        #expect(error.table == "")
        #expect(error.cancellationReasons.map(\.isAtFault) == [false, true])
        let tokens = try (0..<2).map { try harness.body($0)["ClientRequestToken"]?.stringValue }
        #expect(tokens[0] != nil && tokens[0] == tokens[1])
        #expect(try harness.body()["TransactStatements"]?.arrayValue?.count == 2)
    }

    @Test func aTransactionOfReadsGivesItemsInOrder() async throws {
        let harness = try Harness { _, _ in answer(#"{"Responses":[{"Item":{"id":{"S":"1"}}},{},null]}"#) }
        let read: PartiQLStatement = "SELECT * FROM Orders WHERE id = 1"
        let output = try await harness.client.executeTransaction([read, read, read], token: "mine")
        #expect(output.results.map(\.item) == [["id": "1"], nil, nil])
        #expect(try harness.body()["ClientRequestToken"]?.stringValue == "mine")
    }
}
