import AWSCore
import ContractModel
import JSONBytes
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

struct BatchTests {
    // MARK: Twice the same item

    @Test(arguments: [("1", "1.0"), ("0", "-0.00"), ("100", "1E2"), ("0.001", "1e-3"), ("+12.50", "0012.5")])
    func numbersThatAreOneKeyAreOne(_ left: String, _ right: String) {
        #expect(AttributeValue.number(left).keyIdentity == AttributeValue.number(right).keyIdentity)
    }

    @Test(arguments: [("1", "-1"), ("1", "10"), ("12", "21"), ("1e5", "1e-5"), ("1.1", "11"), ("0", "1")])
    func numbersThatAreTwoKeysAreTwo(_ left: String, _ right: String) {
        #expect(AttributeValue.number(left).keyIdentity != AttributeValue.number(right).keyIdentity)
    }

    @Test func aBatchThatNamesAnItemTwiceIsNotSent() async throws {
        let harness = try Harness(configure: {
            $0.contract = RecordingTests.contract
            $0.tablesOutsideContract = .allowed
        }) { _, _ in answer("{}") }
        let client = harness.client
        let get = BatchGet(table: "T", keys: [["n": .number("1")], ["n": .number("1.0")]])
        let order: (Int, String) -> Item = { ["id": "o-1", "at": .number($0), "note": .string($1)] }
        let batches: [[BatchWrite]] = [
            [.put(table: "Orders", item: order(5, "a")), .put(table: "Orders", item: order(5, "b"))],
            [.put(table: "Orders", item: order(5, "a")), .delete(table: "Orders", key: ["id": "o-1", "at": 5])],
            // Without a schema, the other item's key says what is key.
            [.delete(table: "T", key: ["k": "1"]), .put(table: "T", item: ["k": "1", "x": "y"])],
        ]
        var errors = [await failure { () throws(TidemarkError) in _ = try await client.batchGetItem([get]) }]
        for batch in batches {
            errors.append(await failure { () throws(TidemarkError) in try await client.batchWriteItem(batch) })
            errors.append(await failure { () throws(TidemarkError) in try await client.batchWriteAll(batch) })
        }
        #expect(errors.allSatisfy { $0.code == .validation && !$0.correlationID.isEmpty })
        #expect(harness.transport.requests.isEmpty)
        let calls = try harness.counters()[SeriesKey(table: "Orders", operation: "BatchWriteItem")]
        #expect(calls?.calls(.validation) == 4)
        try await client.batchWriteItem([
            .put(table: "Orders", item: order(5, "a")), .put(table: "Orders", item: order(6, "a")),
            .put(table: "U", item: ["id": "o-1", "at": 5]), .put(table: "U", item: ["id": "o-1", "at": 5]),
        ])
    }

    @Test func aTransactionThatNamesAnItemTwiceIsNotSent() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.transactWriteItems([
                .put(table: "T", item: ["id": "1", "x": 1]),
                .check(table: "T", key: ["id": "1"], condition: "attribute_exists(id)"),
            ])
        }
        #expect(error.code == .validation)
        #expect(harness.transport.requests.isEmpty)
    }

    // MARK: Cutting to size

    @Test func writesAreCutByNumberAndByBytes() {
        let small = (0..<60).map { BatchWrite.put(table: "T", item: ["id": .number($0)]) }
        #expect(BatchChunks.requests(small).map(\.count) == [25, 25, 10])
        #expect(BatchChunks.requests(small).flatMap { $0 } == small)
        // 2 bytes each in the item, 14 on the wire.
        let nulls = AttributeValue.list(Array(repeating: .null, count: 2_000))
        let large = (0..<7).map { BatchWrite.put(table: "T", item: ["id": .number($0), "l": nulls]) }
        #expect(BatchChunks.requests(large, maximumBytes: 160_000).map(\.count) == [5, 2])
        #expect(BatchChunks.requests([BatchWrite]()).isEmpty)
    }

    @Test func aRequestOf16MegabytesFitsAndAByteMoreDoesNot() {
        #expect(BatchChunks.fits(16 << 20))
        #expect(!BatchChunks.fits((16 << 20) + 1))
    }

    @Test func keysOfSeveralTablesShareRequestsAndAreAskedForOnce() {
        func keys(_ range: Range<Int>) -> [Item] { range.map { ["id": .number($0)] } }
        let requests = BatchChunks.requests([
            BatchGet(table: "A", keys: keys(0..<130) + keys(0..<130)), BatchGet(table: "B", keys: keys(0..<80)),
            BatchGet(table: "B", keys: keys(80..<81), projection: "id"),
        ])
        #expect(requests.map { $0.map { $0.keys.count } } == [[100], [30, 70], [10], [1]])
        #expect(requests.map { $0.map(\.table) } == [["A"], ["A", "B"], ["B"], ["B"]])
        #expect(requests.last?.first?.projection == "id")
    }

    @Test func severalTablesAreReadAtOnce() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"Responses":{"A":[{"id":{"S":"1"}}],"B":[{"id":{"S":"2"}}]}}"#)
        }
        let found = try await harness.client.batchGetAll([
            BatchGet(table: "A", keys: [["id": "1"]]), BatchGet(table: "B", keys: [["id": "2"]]),
        ])
        #expect(found == ["A": [["id": "1"]], "B": [["id": "2"]]])
        #expect(harness.transport.requests.count == 1)
    }

    // MARK: What is left

    @Test func givingUpIsOneFailedCallMoreAndNothingIsConsumedTwice() async throws {
        let harness = try Harness(logLevel: .warning) { _, _ in
            answer(
                #"{"UnprocessedItems":{"T":[{"DeleteRequest":{"Key":{"id":{"S":"1"}}}}]},"#
                    + #""ConsumedCapacity":[{"TableName":"T","CapacityUnits":0}]}"#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.batchWriteAll([.delete(table: "T", key: ["id": "1"])])
        }
        #expect(error.code == .throttled)
        let series = try #require(try harness.counters()[SeriesKey(table: "T", operation: "BatchWriteItem")])
        #expect(series.calls == 5)
        #expect(series.calls(.success) == 4)
        #expect(series.calls(.throttled) == 1)
        #expect(series.attempts == 4)
        #expect(series.writeMilliUnits == 0)
        #expect(harness.log.lines.withLock { $0.map(\.metadata["correlation_id"]) } == ["\(error.correlationID)"])
        let events = try harness.keyEvents()
        #expect(events.map(\.key) == ["1", "1", "1", "1"])
        #expect(events.allSatisfy { $0.throttled && $0.writeMilliUnits == 1_000 })
    }

    @Test func aBatchThatGetsOnIsNotGivenUp() async throws {
        // Each answer does one of twelve: more rounds than the policy has attempts.
        let harness = try Harness { _, number in
            let left = (number..<12).map { #"{"id":{"S":"\#($0)"}}"# }.joined(separator: ",")
            return answer(
                #"{"Responses":{"T":[{"id":{"S":"\#(number - 1)"}}]}"#
                    + (number < 12 ? #","UnprocessedKeys":{"T":{"Keys":[\#(left)]}}}"# : "}"))
        }
        let keys = (0..<12).map { ["id": AttributeValue.string("\($0)")] }
        #expect(try await harness.client.batchGetAll(BatchGet(table: "T", keys: keys)) == keys)
        #expect(harness.transport.requests.count == 12)
    }

    @Test func theCallsOwnPolicyDecides() async throws {
        let harness = try Harness { _, _ in
            answer(#"{"UnprocessedKeys":{"T":{"Keys":[{"id":{"S":"1"}}]}}}"#)
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.batchGetAll(
                BatchGet(table: "T", keys: [["id": "1"]]), options: CallOptions(retry: .never))
        }
        #expect(error.code == .throttled)
        #expect(harness.transport.requests.count == 1)
        #expect(harness.clock.now.offset == .zero)
    }

    @Test func whatIsLeftForTheAnswersSizeIsNoThrottle() {
        var loop = LeftoverLoop(policy: .dynamoDB, count: 100)
        let throttle = AWSFailure(class: .throttled, code: "c", message: "m", retryKind: .throttling)
        #expect(loop.next(left: 60, isFull: true, failure: throttle, random: 0.5) == .again(after: .zero))
        #expect(loop.next(left: 50, isFull: false, failure: throttle, random: 0.5) == .again(after: .milliseconds(500)))
        #expect(loop.next(left: 50, isFull: true, failure: throttle, random: 0.5) == .again(after: .seconds(1)))
        #expect(loop.next(left: 50, isFull: false, failure: throttle, random: 0.5) == .again(after: .seconds(2)))
        #expect(loop.next(left: 50, isFull: false, failure: throttle, random: 0.5) == .giveUp)
        #expect(!BatchChunks.isFull(40 * 400_000))
        #expect(BatchChunks.isFull(16 << 20) && BatchChunks.isFull(41 * 400_000))
    }

    @Test func aWaitBetweenRequestsCanBeCancelledAndIsMeasured() async throws {
        let harness = try Harness(waits: true) { _, _ in
            answer(#"{"UnprocessedKeys":{"T":{"Keys":[{"id":{"S":"1"}}]}}}"#)
        }
        let client = harness.client
        let task = Task {
            await failure { () throws(TidemarkError) in
                _ = try await client.batchGetAll(BatchGet(table: "T", keys: [["id": "1"]]))
            }
        }
        try await harness.clock.waitForSleepers()
        task.cancel()
        #expect(await task.value.code == .cancelled)
        let series = try #require(try harness.counters()[SeriesKey(table: "T", operation: "BatchGetItem")])
        #expect(series.calls(.cancelled) == 1)
        #expect(series.calls(.success) == 1)
    }
}
