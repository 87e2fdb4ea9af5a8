import AWSCore
import TestSupport
import Testing
import Tidemark

/// Which writes may be sent again after an answer that was lost.
struct RepeatabilityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var operation: String
        var body: String
        var isRepeatable: Bool

        init(_ operation: String, _ body: String, _ isRepeatable: Bool) {
            (self.operation, self.body, self.isRepeatable) = (operation, body, isRepeatable)
        }

        var testDescription: String { "\(operation) \(body.prefix(90))" }
    }

    /// An update with that text, and condition; `:n` is 1, `:z` 0, `:a` and `:b` are strings, `:s` is a set.
    private static func update(_ text: String, if condition: String? = nil, more: String = "", _ is: Bool) -> Case {
        let condition = condition.map { #","ConditionExpression":"\#($0)""# } ?? ""
        return Case(
            "UpdateItem",
            #"{"TableName":"T","Key":{"id":{"S":"1"}},"UpdateExpression":"\#(text)""# + condition + more
                + ##","ExpressionAttributeNames":{"#c":"count","#v":"version"},"ExpressionAttributeValues":{":n":{"N":"1"},"##
                + #"":one":{"N":"1.0"},":m":{"N":"2"},":z":{"N":"0"},":a":{"S":"a"},":b":{"S":"b"},":s":{"SS":["x"]}}}"#,
            `is`)
    }

    static let cases: [Case] = [
        Case("PutItem", #"{"Item":{"id":{"S":"1"}}}"#, true),
        Case("PutItem", #"{"Item":{"id":{"S":"1"}},"ReturnValues":"NONE"}"#, true),
        Case("PutItem", #"{"Item":{"id":{"S":"1"}},"ReturnValues":"ALL_OLD"}"#, false),
        Case(
            "PutItem",
            #"{"Item":{"id":{"S":"1"}},"ReturnValues":"ALL_OLD","ConditionExpression":"attribute_not_exists(id)"}"#,
            true),
        Case(
            "PutItem",
            #"{"Item":{"v":{"N":"2"}},"ReturnValues":"ALL_OLD","ConditionExpression":"v = :v","#
                + #""ExpressionAttributeValues":{":v":{"N":"1"}}}"#, true),
        Case(
            "PutItem",
            #"{"Item":{"v":{"N":"1.0"}},"ReturnValues":"ALL_OLD","ConditionExpression":"v = :v","#
                + #""ExpressionAttributeValues":{":v":{"N":"1"}}}"#, false),
        Case("DeleteItem", #"{"Key":{"id":{"S":"1"}}}"#, true),
        Case("DeleteItem", #"{"Key":{"id":{"S":"1"}},"ReturnValues":"ALL_OLD"}"#, false),
        Case(
            "DeleteItem",
            #"{"Key":{"id":{"S":"1"}},"ReturnValues":"ALL_OLD","ConditionExpression":"attribute_exists(id)"}"#, true),
        Case("BatchWriteItem", "{}", true),
        Case("TransactWriteItems", #"{"TransactItems":[],"ClientRequestToken":"t"}"#, true),
        Case("TransactWriteItems", #"{"TransactItems":[]}"#, false),
        Case("ExecuteTransaction", #"{"ClientRequestToken":"t"}"#, true),
        Case("ExecuteStatement", #"{"Statement":"INSERT INTO \"T\" VALUE {'id':'1'}"}"#, true),
        Case("ExecuteStatement", #"{"Statement":"  delete from \"T\" where id='1'"}"#, true),
        Case("ExecuteStatement", #"{"Statement":"DELETE FROM T WHERE id='1' RETURNING ALL OLD *"}"#, false),
        Case("ExecuteStatement", #"{"Statement":"UPDATE T SET n=n+1 WHERE id='1'"}"#, false),
        Case(
            "BatchExecuteStatement", #"{"Statements":[{"Statement":"INSERT INTO T"},{"Statement":"UPDATE T"}]}"#, false),
        Case("CreateTable", "{}", true), Case("CreateBackup", "{}", false), Case("UpdateItem", "no JSON", false),

        update("SET a = :a", true), update("set a = :a, #c = :n REMOVE b", true),
        update("SET a = :a ADD tags :s", true),
        update("DELETE tags :s", true), update("SET a = if_not_exists(a, :a)", true), update("SET a = b", true),
        update("SET m.x = :a", true), update("ADD #c :z", true),
        update("SET a = b, b = a", false), update("SET a = if_not_exists(b, :a), b = :b", false),
        update("SET #c = #c + :n", false), update("SET #c = #c - :n", false), update("SET #c = :n + #c", false),
        update("ADD #c :n", false), update("add #c :n", false), update("SET l = list_append(l, :a)", false),
        update("SET #c = if_not_exists(#c, :z) + :n", false), update("SET l[5] = :a", false),
        update("REMOVE l[0]", false), update("SET a = :a, #c = #c + :n", false),
        update("SET a = :a", more: #","ReturnValues":"ALL_NEW""#, true),
        update("SET a = :a", more: #","ReturnValues":"UPDATED_OLD""#, false),

        update("ADD #c :n", if: "attribute_exists(id)", false),
        update("ADD #c :n SET #v = :m", if: "#v = :n", true),
        update("ADD #c :n SET version = :m", if: "(:n = version) AND a > :a", true),
        update("ADD #c :n SET #v = :one", if: "#v = :n", false),
        update("ADD #c :n SET #v = :m", if: "#v = :n OR a = :a", false),
        update("ADD #c :n SET #v = :m", if: "NOT #v = :n", false),
        update("ADD #c :n SET #v = :m", if: "#v >= :n", false),
        update("ADD #c :n, #v :n", if: "version = :n", true),
        update("SET #v = #v + :n, l = list_append(l, :a)", if: "#v = :n", true),
        update("SET #c = #c + :n, done = :a", if: "attribute_not_exists(done)", true),
        update("SET #c = #c + :n REMOVE lock", if: "attribute_exists(lock)", true),
        update("SET #c = #c + :n REMOVE lock", if: "lock = :a", true),
        update("SET a = :b", if: "a = :a", more: #","ReturnValues":"ALL_OLD""#, true),
    ]

    @Test(arguments: cases)
    func theShapeOfTheRequestDecides(written: Case) {
        let body = Array(written.body.utf8)
        #expect(
            Repeatability.isRepeatable(target: "DynamoDB_20120810.\(written.operation)", body: body)
                == written.isRepeatable)
    }

    // MARK: The client

    private static func lost() -> TransportError {
        TransportError(
            code: .connectionReset, message: "reset", requestMayHaveReachedServer: true, requestWasSent: true)
    }

    @Test func anUpdateThatCountsIsNotSentAgainAfterALostAnswer() async throws {
        let harness = try Harness { _, _ throws(TransportError) in throw Self.lost() }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.updateItem(table: "T", key: ["id": "1"], update: [.add(1, to: "n")])
        }
        #expect(harness.transport.requests.count == 1)
        #expect(error.code == .network && error.mayHaveBeenApplied && !error.isRetryable)
        #expect(error.networkPhase == .receive)
        #expect("\(error)".hasSuffix("may have been applied]"))
    }

    @Test func whatNeverLeftIsSentAgain() async throws {
        let harness = try Harness { _, number throws(TransportError) in
            if number == 1 { throw TransportError(code: .connect, message: "refused") }
            if number == 2 { return refusal("ThrottlingException") }
            return answer("{}")
        }
        try await harness.client.updateItem(table: "T", key: ["id": "1"], update: [.add(1, to: "n")])
        #expect(harness.transport.requests.count == 3)
    }

    @Test(arguments: [true, false])
    func theSettingAndTheCallMayAskForAllRetries(byCall: Bool) async throws {
        let harness = try Harness(configure: { $0.retriesUnsafeWrites = !byCall }) { _, number throws(TransportError) in
            if number < 3 { throw Self.lost() }
            return answer("{}")
        }
        try await harness.client.updateItem(
            table: "T", key: ["id": "1"], update: [.add(1, to: "n")],
            options: CallOptions(retriesUnsafeWrites: byCall ? true : nil))
        #expect(harness.transport.requests.count == 3)
    }

    @Test func aConditionThatFailsAfterALostAnswerMayBeTheCallsOwnWork() async throws {
        let harness = try Harness { _, number throws(TransportError) in
            if number == 1 { throw Self.lost() }
            return refusal("ConditionalCheckFailedException")
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(table: "T", item: ["id": "1"], condition: .notExists("id"))
        }
        #expect(harness.transport.requests.count == 2)
        #expect(error.code == .conditionFailed && error.mayHaveBeenApplied)
    }

    @Test func aServiceFaultLeavesAWriteOpenAndAThrottleDoesNot() async throws {
        for (code, status, isOpen) in [("InternalServerError", 500, true), ("ThrottlingException", 400, false)] {
            let harness = try Harness { _, _ in refusal(code, status: status) }
            let error = await failure { () throws(TidemarkError) in
                try await harness.client.updateItem(table: "T", key: ["id": "1"], update: [.add(1, to: "n")])
            }
            #expect(error.mayHaveBeenApplied == isOpen)
            #expect(harness.transport.requests.count == (isOpen ? 1 : 4))
        }
    }

    @Test func aReadIsNeverSaidToHaveBeenApplied() async throws {
        let harness = try Harness { _, _ throws(TransportError) in throw Self.lost() }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(harness.transport.requests.count == 4 && !error.mayHaveBeenApplied && error.isRetryable)
    }
}
