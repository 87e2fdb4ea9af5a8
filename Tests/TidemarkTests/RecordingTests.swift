import AWSCore
import ContractModel
import Glibc
import JSONBytes
import Logging
import Telemetry
import TestSupport
import Testing
import Tidemark

struct RecordingTests {
    static let contract = MigrationContract(tables: [OperationTests.orders])

    private static func index(_ key: SeriesKey, _ counters: [SeriesKey: SeriesCounters]) throws -> SeriesCounters {
        try #require(counters[key])
    }

    @Test func aCallIsCountedOnceUnderItsPattern() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"ConsumedCapacity":{"TableName":"T","CapacityUnits":0.5},"Item":{"id":{"S":"1"},"n":{"N":"12"}}}"#)
        }
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"], options: .pattern("AP11"))
        let counters = try harness.counters()
        #expect(counters.count == 1)
        let series = try Self.index(SeriesKey(table: "T", operation: "GetItem", pattern: "AP11"), counters)
        #expect(series.calls == 1)
        #expect(series.calls(.success) == 1)
        #expect(series.attempts == 1)
        #expect(series.readMilliUnits == 500)
        #expect(series.items == 1)
        #expect(series.itemBytes == 6)
    }

    @Test func aTelemetryFileThatWasDeletedHasASuccessorByALaterCall() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        let path = try #require(TelemetryDirectory.files(in: harness.directory.path).first)
        let old = try TelemetryReader(path: path)
        #expect(unlink(path) == 0)
        try await waitUntil("a new telemetry file") {
            // A look is due once a second of the clock, which the calls of this test do not move by themselves.
            harness.clock.advance(by: .seconds(1))
            _ = try? await harness.client.getItem(table: "T", key: ["id": "1"])
            return !TelemetryDirectory.files(in: harness.directory.path).isEmpty
        }
        let key = SeriesKey(table: "T", operation: "GetItem")
        let both = try old.snapshot().series.first { $0.key == key }?.counters.calls ?? 0
        #expect(try both + (harness.counters()[key]?.calls ?? 0) == UInt64(harness.transport.requests.count))
    }

    @Test func whatNeverLeftTheQueueIsACallWithoutAnAttempt() async throws {
        let harness = try Harness { _, _ throws(TransportError) in
            throw TransportError(code: .queueFull, message: "full", wasTried: false)
        }
        let error = await #expect(throws: TidemarkError.self) {
            try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error?.attempts == 0)
        let series = try #require(try harness.counters()[SeriesKey(table: "T", operation: "GetItem")])
        #expect(series.calls == 1 && series.calls(.client) == 1)
        #expect(series.attempts == 0)
    }

    @Test func anIndexsShareIsFiledUnderTheIndex() async throws {
        let harness = try Harness(configure: { $0.contract = Self.contract }) { _, _ in
            answer(
                #"{"ConsumedCapacity":{"TableName":"Orders","CapacityUnits":18,"Table":{"CapacityUnits":9},"#
                    + #""GlobalSecondaryIndexes":{"ByCustomer":{"CapacityUnits":9}}}}"#)
        }
        try await harness.client.putItem(
            table: "Orders", item: ["id": "o-1", "at": 5, "customer": "c-7"], options: .pattern("AP2"))
        let counters = try harness.counters()
        let table = SeriesKey(table: "Orders", operation: "PutItem", pattern: "AP2")
        let index = SeriesKey(table: "Orders", index: "ByCustomer", operation: "PutItem", pattern: "AP2")
        #expect(try Self.index(table, counters).writeMilliUnits == 9_000)
        #expect(try Self.index(index, counters).writeMilliUnits == 9_000)
        #expect(try Self.index(index, counters).calls == 0)
        let events = try harness.keyEvents()
        #expect(Set(events.map(\.series)) == [table, index])
        #expect(events.first { $0.series == table }?.key == "o-1")
        #expect(events.first { $0.series == index }?.key == "c-7")
        #expect(events.map(\.writeMilliUnits) == [9_000, 9_000])
    }

    @Test func aQueryOfAnIndexNamesTheIndexsKey() async throws {
        let harness = try Harness(configure: { $0.contract = Self.contract }) { _, _ in
            answer(
                #"{"Count":0,"ScannedCount":0,"ConsumedCapacity":{"TableName":"Orders","CapacityUnits":2,"Table":{"CapacityUnits":0},"#
                    + #""GlobalSecondaryIndexes":{"ByCustomer":{"CapacityUnits":2}}}}"#)
        }
        _ = try await harness.client.query(
            table: "Orders", index: "ByCustomer",
            keyCondition: Expression(
                "#at > :at AND customer = :c", names: ["#at": "at"], values: [":at": 1, ":c": "c-7"]))
        let series = SeriesKey(table: "Orders", index: "ByCustomer", operation: "Query")
        let events = try harness.keyEvents()
        #expect(events.map(\.series) == [series])
        #expect(events.map(\.key) == ["c-7"])
        #expect(events.map(\.readMilliUnits) == [2_000])
        #expect(try harness.counters()[series]?.calls == 1)
    }

    /// DynamoDB does not say which of its keys was at fault.
    @Test func ofAThrottledTransactionNoKeyIsBlamed() async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ in
            refusal("ProvisionedThroughputExceededException")
        }
        _ = await failure { () throws(TidemarkError) in
            _ = try await harness.client.transactWriteItems([.delete(table: "T", key: ["id": "1"])])
        }
        #expect(try harness.keyEvents().isEmpty)
    }

    @Test func throttledAttemptsWeighTheirEstimateAndNameTheIndexAtFault() async throws {
        let harness = try Harness(configure: { $0.contract = Self.contract }) { _, number in
            guard number < 3 else { return answer("{}") }
            let resource = "arn:aws:dynamodb:eu-west-1:1:table/Orders" + (number == 2 ? "/index/ByCustomer" : "")
            let kind = number == 2 ? "Index" : "Table"
            return refusal(
                "ThrottlingException",
                more:
                    #","throttlingReasons":[{"reason":"\#(kind)WriteKeyRangeThroughputExceeded","resource":"\#(resource)"}]"#
            )
        }
        try await harness.client.putItem(
            table: "Orders",
            item: ["id": "o-1", "at": 5, "customer": "c-7", "text": .string(String(repeating: "x", count: 2_500))])
        let series = SeriesKey(table: "Orders", operation: "PutItem")
        let counters = try Self.index(series, try harness.counters())
        #expect(counters.throttledAttempts == 2)
        #expect(counters.attempts == 3)
        #expect(counters.retries == 2)
        #expect(counters.throttleCauses[Int(ThrottleCause.tableWriteKeyRangeThroughput.rawValue)] == 1)
        #expect(counters.throttleCauses[Int(ThrottleCause.indexWriteKeyRangeThroughput.rawValue)] == 1)
        let events = try harness.keyEvents()
        #expect(events.map(\.key) == ["o-1", "c-7"])
        #expect(events.map(\.series.index) == ["", "ByCustomer"])
        #expect(events.map(\.writeMilliUnits) == [3_000, 3_000])
        #expect(events.allSatisfy { $0.throttled })
    }

    @Test func aBatchsCapacityIsDividedByWhatWasFound() async throws {
        let big = String(repeating: "x", count: 5_000)
        let harness = try Harness { _, _ in
            answer(
                #"{"Responses":{"T":[{"id":{"S":"b"},"t":{"S":"\#(big)"}},{"id":{"S":"a"}}]},"UnprocessedKeys":{"T":{"Keys":[{"id":{"S":"c"}}]}},"#
                    + #""ConsumedCapacity":[{"TableName":"T","CapacityUnits":1.5,"Table":{"CapacityUnits":1.5}}]}"#)
        }
        _ = try await harness.client.batchGetItem([BatchGet(table: "T", keys: [["id": "a"], ["id": "b"], ["id": "c"]])])
        let events = try harness.keyEvents()
        // The key that was left consumed nothing: it was throttled, and weighs what it was expected to take.
        #expect(events.map(\.key) == ["a", "b", "c"])
        #expect(events.map(\.throttled) == [false, false, true])
        #expect(events.map(\.readMilliUnits) == [500, 1_000, 500])
    }

    @Test func aBatchOverTwoTablesFilesEachTablesShare() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"A","CapacityUnits":3},{"TableName":"B","CapacityUnits":1}]}"#
            )
        }
        try await harness.client.batchWriteItem([
            .delete(table: "A", key: ["id": "1"]), .delete(table: "A", key: ["id": "2"]),
            .delete(table: "B", key: ["id": "3"]),
        ])
        let counters = try harness.counters()
        #expect(counters[SeriesKey(table: "", operation: "BatchWriteItem")]?.calls == 1)
        #expect(counters[SeriesKey(table: "A", operation: "BatchWriteItem")]?.writeMilliUnits == 3_000)
        #expect(counters[SeriesKey(table: "B", operation: "BatchWriteItem")]?.writeMilliUnits == 1_000)
        #expect(try harness.keyEvents().map(\.writeMilliUnits) == [1_500, 1_500, 1_000])
    }

    @Test func capacityIsSplitExactly() {
        #expect(TouchedKey.split(10, by: [1, 1, 1]) == [3, 3, 4])
        #expect(TouchedKey.split(5, by: []) == [])
        #expect(TouchedKey.split(5, by: [0, 0]) == [5, 0])
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let weights = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                UInt64.random(in: 0...400_000, using: &generator)
            }
            let total = UInt64.random(in: 0...(.max / 2), using: &generator)
            #expect(TouchedKey.split(total, by: weights).reduce(0, +) == total)
        }
    }

    @Test func transactionsGiveReadsAndWritesApart() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"ConsumedCapacity":[{"TableName":"T","CapacityUnits":4,"ReadCapacityUnits":2,"WriteCapacityUnits":2}]}"#
            )
        }
        try await harness.client.transactWriteItems([.delete(table: "T", key: ["id": "1"])])
        let series = try Self.index(SeriesKey(table: "T", operation: "TransactWriteItems"), try harness.counters())
        #expect(series.readMilliUnits == 2_000)
        #expect(series.writeMilliUnits == 2_000)
    }

    // MARK: Every exit

    @Test func aRefusalBeforeTheWireIsACallWithoutAttempts() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(table: "T", item: ["id": "1", "set": .stringSet([])])
        }
        #expect(error.code == .validation)
        #expect(error.attempts == 0)
        #expect(harness.transport.requests.isEmpty)
        let series = try Self.index(SeriesKey(table: "T", operation: "PutItem"), try harness.counters())
        #expect(series.calls(.validation) == 1)
        #expect(series.attempts == 0)
    }

    @Test func anAnswerThatCannotBeReadIsThatAttemptsFailure() async throws {
        let harness = try Harness { _, _ in answer(#"{"Item":{"id":{"S":"1"#) }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.code == .malformedResponse)
        #expect(error.attempts == 1)
        let series = try Self.index(SeriesKey(table: "T", operation: "GetItem"), try harness.counters())
        #expect(series.attemptOutcomes[Int(CallOutcome.malformedResponse.rawValue)] == 1)
        #expect(series.calls(.malformedResponse) == 1)
    }

    @Test func aCallThatIsCancelledAsleepIsCountedOnce() async throws {
        let harness = try Harness(waits: true) { _, _ in refusal("ThrottlingException") }
        let client = harness.client
        let task = Task {
            await failure { () throws(TidemarkError) in _ = try await client.getItem(table: "T", key: ["id": "1"]) }
        }
        try await harness.clock.waitForSleepers()
        task.cancel()
        #expect(await task.value.code == .cancelled)
        let series = try Self.index(SeriesKey(table: "T", operation: "GetItem"), try harness.counters())
        #expect(series.calls == 1)
        #expect(series.calls(.cancelled) == 1)
        #expect(series.attempts == 1)
        #expect(series.throttledAttempts == 1)
    }

    @Test func aCallThatIsCancelledInTransferIsCountedOnce() async throws {
        let clock = ManualClock()
        let harness = try Harness { _, _ throws(TransportError) in
            do {
                try await clock.sleep(for: .seconds(1))
                return answer("{}")
            } catch {
                throw TransportError(code: .cancelled, message: "cancelled")
            }
        }
        let client = harness.client
        let task = Task {
            await failure { () throws(TidemarkError) in _ = try await client.getItem(table: "T", key: ["id": "1"]) }
        }
        try await clock.waitForSleepers()
        task.cancel()
        #expect(await task.value.code == .cancelled)
        let series = try Self.index(SeriesKey(table: "T", operation: "GetItem"), try harness.counters())
        #expect(series.calls == 1)
        #expect(series.calls(.cancelled) == 1)
        #expect(series.attemptOutcomes[Int(CallOutcome.cancelled.rawValue)] == 1)
    }

    @Test func aSlowCallIsNotedWithItsCorrelationID() async throws {
        let clock = Lock<ManualClock?>(nil)
        let harness = try Harness { _, _ in
            clock.withLock { $0 }?.advance(by: .milliseconds(150))
            return answer("{}")
        }
        clock.withLock { $0 = harness.clock }
        _ = try await harness.client.getItem(
            table: "T", key: ["id": "1"], options: CallOptions(pattern: "AP1", correlationID: "order-17"))
        let slow = try harness.reader().slowCalls()
        #expect(slow.map(\.correlationID) == ["order-17"])
        #expect(slow.map(\.series) == [SeriesKey(table: "T", operation: "GetItem", pattern: "AP1")])
    }

    @Test func theTwoListsOfOutcomesAndOfCausesAgree() {
        #expect(CallOutcome.allCases.count == FailureClass.allCases.count + 1)
        for failure in FailureClass.allCases { #expect("\(CallOutcome(failure))" == "\(failure)") }
        #expect(CallOutcome(nil) == .success)
        #expect(ThrottleCause.allCases.count == ThrottleReason.allCases.count)
        for (cause, reason) in zip(ThrottleCause.allCases, ThrottleReason.allCases) {
            #expect(cause.rawValue == reason.rawValue)
            #expect(cause.wireName == reason.wireName)
        }
    }
}
