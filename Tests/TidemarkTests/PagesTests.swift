import AWSCore
import JSONBytes
import TestSupport
import Testing
import Tidemark

struct PagesTests {
    /// Page n of a script that has so many.
    private static func page(_ number: Int, of count: Int) -> HTTPResponse {
        let last = number < count ? #","LastEvaluatedKey":{"id":{"S":"k\#(number)"}}"# : ""
        return answer(#"{"Items":[{"id":{"S":"\#(number)"}}],"Count":1,"ScannedCount":1\#(last)}"#)
    }

    private static let condition = Expression("c = :c", values: [":c": "x"])

    @Test func everyPageOfAQueryIsReadFromTheLastOnesKey() async throws {
        let harness = try Harness { _, number in Self.page(number, of: 3) }
        var ids: [AttributeValue?] = []
        for try await page in harness.client.queryPages(
            table: "T", index: "G", keyCondition: Self.condition, pageSize: 1, startAfter: ["id": "k0"],
            ascending: false)
        {
            ids += page.items.map { $0["id"] }
        }
        #expect(ids == ["1", "2", "3"])
        let starts = try (0..<3).map { try harness.body($0)["ExclusiveStartKey"]?["id"]?["S"]?.stringValue }
        #expect(starts == ["k0", "k1", "k2"])
        #expect(try harness.body(2)["ScanIndexForward"]?.boolValue == false)
        #expect(try harness.body(2)["Limit"]?.intValue == 1)
    }

    @Test func aPageIsFetchedOnlyWhenItIsAskedFor() async throws {
        let harness = try Harness { _, number in Self.page(number, of: 100) }
        let pages = harness.client.scanPages(table: "T")
        #expect(harness.transport.requests.isEmpty)
        var iterator = pages.items.makeAsyncIterator()
        #expect(try await iterator.next() == ["id": "1"])
        #expect(harness.transport.requests.count == 1)
        #expect(try await iterator.next() == ["id": "2"])
        #expect(harness.transport.requests.count == 2)
    }

    @Test func aPageWithoutItemsIsPassedOver() async throws {
        let harness = try Harness { _, number in
            number < 3
                ? answer(#"{"Items":[],"Count":0,"ScannedCount":9,"LastEvaluatedKey":{"id":{"S":"k"}}}"#)
                : Self.page(3, of: 3)
        }
        var items: [Item] = []
        for try await item in harness.client.scanPages(table: "T").items { items.append(item) }
        #expect(items == [["id": "3"]])
    }

    @Test func aFailureEndsTheSequence() async throws {
        let harness = try Harness { _, number in number == 2 ? refusal("AccessDeniedException") : Self.page(1, of: 9) }
        var iterator = harness.client.scanPages(table: "T").makeAsyncIterator()
        _ = try await iterator.next()
        await #expect(throws: TidemarkError.self) { _ = try await iterator.next() }
        #expect(try await iterator.next() == nil)
        #expect(harness.transport.requests.count == 2)
    }

    @Test func statementsAreReadByTheirTokens() async throws {
        let harness = try Harness { _, number in
            answer(#"{"Items":[{"n":{"N":"\#(number)"}}]\#(number < 3 ? #","NextToken":"t\#(number)""# : "")}"#)
        }
        var items: [Item] = []
        for try await item in harness.client.statementPages("SELECT * FROM Orders", pageSize: 1).items {
            items.append(item)
        }
        #expect(items == [["n": 1], ["n": 2], ["n": 3]])
        #expect(try harness.body(2)["NextToken"]?.stringValue == "t2")
    }

    // MARK: Parallel scan

    /// Answers each segment's pages until it has had so many.
    private static func segments(pages: Int) -> ScriptedTransport.Script {
        let served = Lock<[Int: Int]>([:])
        return { request, _ throws(TransportError) in
            let body = try? JSONValue.parse(request.body)
            let segment = body?["Segment"]?.intValue ?? -1
            let number = served.withLock { served in
                served[segment, default: 0] += 1
                return served[segment] ?? 0
            }
            let last = number < pages ? #","LastEvaluatedKey":{"id":{"S":"\#(number)"}}"# : ""
            return answer(
                #"{"Items":[{"id":{"S":"\#(segment)-\#(number)"}}],"Count":1,"ScannedCount":1\#(last)}"#)
        }
    }

    @Test func everySegmentIsReadToItsEnd() async throws {
        let harness = try Harness(Self.segments(pages: 5))
        var ids: [String] = []
        for try await item in harness.client.parallelScan(table: "T", segments: 4).items {
            ids.append(item["id"]?.stringValue ?? "")
        }
        #expect(ids.sorted() == (0..<4).flatMap { segment in (1...5).map { "\(segment)-\($0)" } })
        #expect(harness.transport.requests.count == 20)
        #expect(try harness.body()["TotalSegments"]?.intValue == 4)
    }

    @Test func aSlowReaderHoldsTheSegmentsUp() async throws {
        let harness = try Harness(Self.segments(pages: 1_000))
        let iterator = harness.client.parallelScan(table: "T", segments: 3).makeAsyncIterator()
        for taken in 1...30 {
            _ = try await iterator.next()
            // A page a segment at most beyond what was taken.
            #expect(harness.transport.requests.count <= taken + 3)
        }
        try await waitUntil("the segments have read ahead") { harness.transport.requests.count == 33 }
    }

    @Test func anIteratorThatIsDroppedStopsItsSegments() async throws {
        let clock = ManualClock()
        let harness = try Harness { request, _ throws(TransportError) in
            if (try? JSONValue.parse(request.body))?["Segment"]?.intValue == 0 { return Self.page(1, of: 1) }
            do {
                try await clock.sleep(for: .seconds(1))
                return answer("{}")
            } catch {
                throw TransportError(code: .cancelled, message: "cancelled")
            }
        }
        for try await page in harness.client.parallelScan(table: "T", segments: 3) {
            #expect(page.count == 1)
            try await clock.waitForSleepers(2)
            break
        }
        try await waitUntil("the other segments have stopped") { clock.sleeperCount == 0 }
    }

    @Test func aCancelledReaderStopsItsSegments() async throws {
        let cancelled = Lock(0)
        let clock = ManualClock()
        let harness = try Harness { _, _ throws(TransportError) in
            do {
                try await clock.sleep(for: .seconds(1))
                return answer("{}")
            } catch {
                cancelled.withLock { $0 += 1 }
                throw TransportError(code: .cancelled, message: "cancelled")
            }
        }
        let client = harness.client
        let task = Task { () -> TidemarkError.Code? in
            do throws(TidemarkError) {
                for try await _ in client.parallelScan(table: "T", segments: 3) {}
                return nil
            } catch {
                return error.code
            }
        }
        try await clock.waitForSleepers(3)
        task.cancel()
        #expect(await task.value == .cancelled)
        try await waitUntil("all segments have stopped") { cancelled.withLock { $0 } == 3 }
        #expect(clock.sleeperCount == 0)
    }

    @Test func aSegmentsFailureEndsTheScanAndStopsTheOthers() async throws {
        let clock = ManualClock()
        let harness = try Harness { request, _ throws(TransportError) in
            if (try? JSONValue.parse(request.body))?["Segment"]?.intValue == 1 {
                return refusal("AccessDeniedException")
            }
            do {
                try await clock.sleep(for: .seconds(1))
                return answer("{}")
            } catch {
                throw TransportError(code: .cancelled, message: "cancelled")
            }
        }
        let iterator = harness.client.parallelScan(table: "T", segments: 3).makeAsyncIterator()
        let error = await failure { () throws(TidemarkError) in _ = try await iterator.next() }
        #expect(error.code == .accessDenied)
        #expect(try await iterator.next() == nil)
        try await waitUntil("the other segments have stopped") { clock.sleeperCount == 0 }
    }

    @Test func noSegmentsAtAllIsRefused() async throws {
        let harness = try Harness { _, _ in answer("{}") }
        let iterator = harness.client.parallelScan(table: "T", segments: 0).makeAsyncIterator()
        #expect(await failure { () throws(TidemarkError) in _ = try await iterator.next() }.code == .validation)
        #expect(harness.transport.requests.isEmpty)
    }
}
