import AWSCore
import TestSupport
import Testing

@Suite struct HTTPTests {
    @Test func headerNamesCompareWithoutCase() {
        let response = HTTPResponse(status: 200, headers: [HTTPHeader(name: "X-Amz-CRC32", value: "1")])
        #expect(response.header("x-amz-crc32") == "1")
        #expect(response.header("x-amz-crc3") == nil)
    }

    /// As a result of a call has them: bytes help nobody, and a value may be anything.
    @Test func rawHeadersAreShownByTheirNames() {
        let response = HTTPResponse(
            status: 200, head: ResponseHead(lines: Array("Server: planted\nX-Amzn-RequestId: planted\n".utf8)),
            body: [],
            phases: AttemptPhases())
        var dumped = ""
        dump(response.head, to: &dumped)
        for text in [dumped, "\(response.head)", String(reflecting: response.head)] {
            #expect(text.contains("Server") && text.contains("X-Amzn-RequestId"), "\(text)")
            #expect(!text.contains("planted") && !text.contains("83"), "\(text)")
        }
        #expect(response.header("server") == "planted")
    }

    /// A transport of the program's own gets it, and may log it.
    @Test func aRequestShowsNeitherWhatItsHeadersSayNorItsBody() {
        let request = HTTPRequest(
            url: "https://dynamodb.eu-central-1.amazonaws.com/",
            headers: [HTTPHeader(name: "Authorization", value: "planted")], body: Array("planted".utf8))
        var dumped = ""
        dump(request, to: &dumped)
        for text in [dumped, "\(request.headers)", String(reflecting: request.headers)] {
            #expect(text.contains("Authorization") && !text.contains("planted"), "\(text)")
        }
        for text in ["\(request)", String(reflecting: request)] {
            #expect(text == "POST https://dynamodb.eu-central-1.amazonaws.com/, 1 headers, 7 bytes")
        }
        // "p" as a number.
        #expect(!dumped.contains("112"))
    }

    @Test func settingAHeaderReplacesAllOfItsName() {
        var request = HTTPRequest(
            url: "http://x/",
            headers: [
                HTTPHeader(name: "A", value: "1"), HTTPHeader(name: "B", value: "2"), HTTPHeader(name: "a", value: "3"),
            ])
        request.setHeader("A", "4")
        #expect(request.headers.map(\.value) == ["4", "2"])
        request.setHeader("C", "5")
        #expect(request.headers.count == 3)
    }

    @Test func environmentOfTheProcessIsRead() {
        #expect(ProcessEnvironment.current()["PATH"]?.isEmpty == false)
    }

    @Test func manualClockWakesSleepersInOrderAndCancels() async throws {
        let clock = ManualClock()
        let order = Lock<[Int]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seconds in [2, 1] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    order.withLock { $0.append(seconds) }
                }
            }
            let cancelled = Task { try await clock.sleep(for: .seconds(9)) }
            try await clock.waitForSleepers(3)
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            clock.advance(by: .seconds(1))
            _ = try await group.next()
            clock.advance(by: .seconds(1))
            try await group.waitForAll()
        }
        #expect(order.withLock { $0 } == [1, 2])
        #expect(clock.timestamp.iso8601 == "2026-11-23T12:00:02Z")
    }
}
