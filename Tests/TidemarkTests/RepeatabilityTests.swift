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
                + ##","ExpressionAttributeNames":{"#c":"count","#v":"version","#d":"a.b"},"ExpressionAttributeValues":{":n":{"N":"1"},"##
                + #"":xy":{"SS":["x","y"]},":yx":{"SS":["y","x"]},":m1":{"M":{"x":{"N":"1"}}},":m2":{"M":{"x":{"N":"1.0"}}},"#
                + #"":l1":{"L":[{"SS":["x","y"]}]},":l2":{"L":[{"SS":["y","x"]}]},":b1":{"B":"AQ=="},":b2":{"B":"AR=="},"#
                + #"":t":{"BOOL":true},":f":{"BOOL":false},":huge":{"N":"1e30"},"#
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

    /// An update of an item that must not be there makes it, whatever else it does; `id` is the key.
    static let creations: [Case] = [
        update("ADD #c :n", if: "attribute_not_exists(id)", true),
        update("ADD #c :n", if: "a = :a AND attribute_not_exists(id)", true),
        update("SET l = list_append(l, :a), items[0] = :a", if: "attribute_not_exists(id)", true),
        update("ADD #c :n", if: "attribute_not_exists(id)", more: #","ReturnValues":"ALL_OLD""#, true),
        update("ADD #c :n", if: "attribute_not_exists(id.x)", false),
        update("ADD #c :n", if: "attribute_not_exists(id[0])", false),
        update("ADD #c :n", if: "attribute_not_exists(other)", false),
        update("ADD #c :n", if: "attribute_not_exists(id) OR a = :a", false),
        update("ADD #c :n", if: "NOT attribute_not_exists(id)", false),
    ]

    /// A path into a list means another element once the write is done.
    static let listCases: [Case] = [
        update("REMOVE items[0]", if: "attribute_exists(items[0])", false),
        update("REMOVE items[0]", if: "items[0] = :a", false),
        update("REMOVE items[0]", if: "(:a = items[0])", false),
        update("REMOVE #c[0]", if: "attribute_exists(count[0])", false),
        update("REMOVE m.items[0]", if: "m.items[0] = :a", false),
        update("REMOVE items[0].lock", if: "attribute_exists(items[0].lock)", false),
        update("REMOVE items[1] SET items[0].done = :a", if: "attribute_not_exists(items[0].done)", false),
        update("SET items[9] = :a", if: "attribute_not_exists(items[9])", false),
        update("SET items[0] = :b", if: "items[0] = :a", false),
        update("SET items[0] = items[0] + :n", if: "items[0] = :n", false),
        update("SET l = list_append(l, :a)", if: "attribute_not_exists(l[3])", false),
        update("SET l = list_append(l, :a)", if: "size(l) = :n", false),
        update("SET l = list_append(l, :a)", if: "contains(l, :b)", false),
        // What guards elsewhere guards a list too.
        update("REMOVE items[0] SET #v = :m", if: "#v = :n AND attribute_exists(items[0])", true),
        update("SET items[9] = :a, done = :a", if: "attribute_not_exists(done)", true),
        update("SET first = items[0]", true), update("SET items = items[0]", false),
        put(#"{"items":{"L":[{"S":"x"}]}}"#, if: "attribute_exists(items[0])", false),
        put(#"{"items":{"L":[{"S":"b"}]}}"#, if: "items[0] = :a", false),
        put(#"{"items":{"L":[]}}"#, if: "attribute_not_exists(items[0])", false),
        put(#"{"items":{"L":[]},"v":{"N":"2"}}"#, if: "items[0] = :a AND v = :n", true),
        Case(
            "DeleteItem", #"{"ReturnValues":"ALL_OLD","ConditionExpression":"attribute_exists(items[0])"}"#, true),
    ]

    /// A put that gives the old item back: its own item must not hold what the condition asks for.
    private static func put(_ item: String, if condition: String, _ is: Bool) -> Case {
        Case(
            "PutItem",
            #"{"Item":\#(item),"ReturnValues":"ALL_OLD","ConditionExpression":"\#(condition)","#
                + ##""ExpressionAttributeNames":{"#d":"a.b"},"ExpressionAttributeValues":{":n":{"N":"1"},":a":{"S":"a"},"##
                + #"":s":{"SS":["x","y"]},":l":{"L":[{"N":"1"}]},":e":{"N":"1e0"}}}"#, `is`)
    }

    /// Conditions that look as if the write broke them.
    static let lookalikes: [Case] = [
        // One set, one number.
        update("SET #c = #c + :n, tags = :yx", if: "tags = :xy", false),
        update("SET #c = #c + :n, m = :m1", if: "m = :m2", false),
        update("SET #c = #c + :n, l = :l1", if: "l = :l2", false),
        update("SET #c = #c + :n, bin = :b1", if: "bin = :b2", false),
        update("SET #c = #c + :n, tags = :a", if: "tags = :xy", true),
        update("SET #c = #c + :n, done = :t", if: "done = :f", true),
        update("SET #c = #c + :n, done = :t", if: "done = :t", false),
        // A step that is lost beside the number, or is not one.
        update("ADD #c :z", if: "#c = :n", true), update("SET #c = #c + :n", if: "#c = :huge", false),
        update("SET #c = #c + :n", if: "#c = :n", true),
        update("ADD #c :n, b :z", if: "b = :n", false),
        update("ADD #c :n, tags :s", if: "tags = :xy", false), update("ADD #c :n, #v :n", if: "#v = :a", false),
        // Functions of a path, and names that read like them.
        update("ADD #c :n SET sizel = :m", if: "size(l) = :n", false),
        update("ADD #c :n SET l = :a", if: "size(l) = :n", false),
        update("ADD #c :n SET a = :b", if: "begins_with(a, :a)", false),
        update("ADD #c :n SET a = :b", if: "contains(a, :a)", false),
        update("ADD #c :n SET a = :n", if: "attribute_type(a, :a)", false),
        update("ADD #c :n SET #v = :m", if: "#v BETWEEN :n AND :m", false),
        update("ADD #c :n SET #v = :m", if: "#v BETWEEN :z AND :n AND a = :a", false),
        update("ADD #c :n SET #v = :m", if: "#v IN (:n, :m)", false),
        update("ADD #c :n SET #v = :m", if: "#v <> :m", false), update("ADD #c :n SET #v = :m", if: "#v <= :n", false),
        update("ADD #c :n SET #v = :m", if: "#v = a", false),
        update("ADD #c :n SET #v = :m", if: "(a = :a AND #v = :n) or b = :b", false),
        update("ADD #c :n SET #v = :m", if: "NOT (attribute_not_exists(#v))", false),
        update("ADD #c :n DELETE tags :s", if: "attribute_exists(tags)", false),
        // A name with a dot in it is not a path through a map.
        update("SET #c = #c + :n, #d = :a", if: "attribute_not_exists(a.b)", false),
        update("SET #c = #c + :n, a.b = :a", if: "attribute_not_exists(#d)", false),
        update("SET #c = #c + :n, #d = :a", if: "attribute_not_exists(#d)", true),
        update("SET #c = #c + :n, a.b = :a", if: "attribute_not_exists(a.b)", true),
        update("SET a.b = if_not_exists(#d, :a), #d = :b", false),
        // Of a map's other parts and of the map as a whole nothing follows.
        update("SET #c = #c + :n, m.x = :a", if: "attribute_not_exists(m)", false),
        update("SET #c = #c + :n, m = :m1", if: "m.x = :n", false),
        update("SET #c = #c + :n REMOVE m", if: "attribute_exists(m.x)", false),
        update("SET a = if_not_exists(a.x, :a)", false), update("SET a = b.x, b = :a", false),
        update("SET a = if_not_exists(b, :a) REMOVE b", false),

        put(#"{"tags":{"SS":["y","x"]}}"#, if: "tags = :s", false),
        put(#"{"l":{"L":[{"N":"1.0"}]}}"#, if: "l = :l", false), put(#"{"v":{"N":"1"}}"#, if: "v = :e", false),
        put(#"{"a.b":{"S":"a"}}"#, if: "attribute_not_exists(a.b)", false),
        put(#"{"a.b":{"S":"a"}}"#, if: "attribute_not_exists(#d)", true),
        put(#"{"a":{"M":{"b":{"S":"x"}}}}"#, if: "attribute_not_exists(a.b)", true),
        put(#"{"a":{"M":{"b":{"S":"a"}}}}"#, if: "a.b = :a", false),
        put(#"{"a":{"M":{"b":{"S":"x"}}}}"#, if: "a.b = :a", true), put(#"{"a":{"S":"x"}}"#, if: "a.b = :a", true),
        put(#"{"l":{"L":[]}}"#, if: "size(l) = :n", false), put(#"{"l":{"L":[]}}"#, if: "contains(l, :a)", false),

        Case("ExecuteStatement", #"{"Statement":"DELETE FROM T WHERE id='1'RETURNING ALL OLD *"}"#, false),
        // A refusal inside of a success would not be known for the call's own work.
        Case("BatchExecuteStatement", #"{"Statements":[{"Statement":"INSERT INTO T VALUE {'id':'1'}"}]}"#, false),
        Case("BatchExecuteStatement", #"{"Statements":[{"Statement":"DELETE FROM T WHERE id='1' AND v=1"}]}"#, false),
        Case("BatchExecuteStatement", #"{"Statements":[{"Statement":"select * from T where id='1'"}]}"#, true),
    ]

    @Test(arguments: cases + creations + listCases + lookalikes)
    func theShapeOfTheRequestDecides(written: Case) {
        let body = Array(written.body.utf8)
        let limit = Repeatability.limit(target: "DynamoDB_20120810.\(written.operation)", body: body)
        #expect((limit != .never) == written.isRepeatable)
        let isByToken = ["TransactWriteItems", "ExecuteTransaction"].contains(written.operation)
        #expect(limit == .never || limit == (isByToken ? .within(.seconds(540)) : .always))
    }

    // MARK: The client

    private static func lost() -> TransportError {
        TransportError(
            code: .connectionReset, message: "reset", sent: .all)
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

    /// DynamoDB knows a token for ten minutes.
    @Test func aTransactionIsNotSentAgainAfterItsTokensLife() async throws {
        let clock = Lock<ManualClock?>(nil)
        let harness = try Harness { _, number throws(TransportError) in
            clock.withLock { $0 }?.advance(by: .seconds(number == 1 ? 400 : 200))
            if number == 2 { return refusal("ThrottlingException") }
            throw Self.lost()
        }
        clock.withLock { $0 = harness.clock }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.transactWriteItems(
                [.put(table: "T", item: ["id": "1"])], token: "mine",
                options: CallOptions(callTimeout: .seconds(3_600)))
        }
        // The second attempt goes after 400 s and is throttled; after 600 s none does, nor after nine minutes.
        #expect(harness.transport.requests.count == 2)
        #expect(error.code == .throttled && error.retryEnd == .notRepeatable)
        #expect(error.mayHaveBeenApplied && !error.isRetryable)
    }

    /// Its attempts share a token; another call would have another.
    @Test(arguments: [nil, "mine"])
    func aTransactionIsTheSameCallOnlyByItsOwnersToken(token: String?) async throws {
        let harness = try Harness { _, _ throws(TransportError) in throw Self.lost() }
        let errors = [
            await failure { () throws(TidemarkError) in
                try await harness.client.transactWriteItems([.put(table: "T", item: ["id": "1"])], token: token)
            },
            await failure { () throws(TidemarkError) in
                try await harness.client.executeTransaction(
                    [PartiQLStatement("UPDATE T SET a=1 WHERE id='1'")], token: token)
            },
        ]
        #expect(harness.transport.requests.count == 8)
        for error in errors { #expect(error.mayHaveBeenApplied && error.isRetryable == (token != nil)) }
    }

    @Test func anElementOfAListIsNotRemovedTwiceNorAnOldItemInvented() async throws {
        let harness = try Harness { _, _ throws(TransportError) in throw Self.lost() }
        _ = await failure { () throws(TidemarkError) in
            try await harness.client.updateItem(
                table: "T", key: ["id": "1"], update: [.remove(Path("items")[0])],
                condition: .exists(Path("items")[0]))
        }
        _ = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(
                table: "T", item: ["id": "1", "items": ["job"]], condition: .exists(Path("items")[0]),
                returning: .allOld)
        }
        #expect(harness.transport.requests.count == 2)
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
