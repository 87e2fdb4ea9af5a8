import AWSCore
import JSONBytes
import Logging
import TestSupport
import Testing
import Tidemark

struct WaiterTests {
    private static func table(_ status: String, index: String? = nil) -> HTTPResponse {
        let indexes = index.map {
            #","GlobalSecondaryIndexes":[{"IndexName":"I","IndexStatus":"\#($0)","KeySchema":[{"AttributeName":"x","KeyType":"HASH"}]}]"#
        }
        return answer(#"{"Table":{"TableName":"T","TableStatus":"\#(status)"\#(indexes ?? "")}}"#)
    }

    // MARK: The loop

    @Test func pausesGrowByHalfUpToTheirLimitAndEndWithTheTime() {
        let limits = WaitLimits(timeout: .seconds(20), interval: .seconds(1), maximumInterval: .seconds(3))
        var loop = WaitLoop(limits: limits)
        var elapsed = Duration.zero
        var pauses: [Duration] = []
        while case .lookAgain(let pause) = loop.next(after: .onTheWay("X"), elapsed: elapsed, random: 0.5) {
            pauses.append(pause)
            elapsed += pause
        }
        #expect(pauses.prefix(4) == [.seconds(1), .milliseconds(1_500), .milliseconds(2_250), .seconds(3)])
        #expect(elapsed == .seconds(20))
        guard case .giveUp(.timeout, let message) = loop.next(after: .onTheWay("X"), elapsed: elapsed, random: 0)
        else {
            Issue.record("it did not give up")
            return
        }
        #expect(message.contains("X"))
    }

    @Test func chanceMovesAPauseByAQuarter() {
        for (random, expected) in [(0.0, 750), (0.5, 1_000), (1.0, 1_250), (7.0, 1_250)] {
            var loop = WaitLoop(limits: WaitLimits())
            #expect(
                loop.next(after: .onTheWay(""), elapsed: .zero, random: random)
                    == .lookAgain(after: .milliseconds(expected)))
        }
    }

    @Test func aLimitOfNothingLooksOnce() {
        var loop = WaitLoop(limits: WaitLimits(timeout: .zero, interval: .zero, maximumInterval: .zero))
        guard case .giveUp(.timeout, _) = loop.next(after: .onTheWay(""), elapsed: .zero, random: 0.5) else {
            Issue.record("it did not give up")
            return
        }
    }

    // MARK: The waiters

    @Test func progressIsToldOfEachLook() async throws {
        let harness = try Harness { _, number in
            switch number {
            case 1: refusal("ResourceNotFoundException")
            case 2: Self.table("CREATING")
            case 3: Self.table("ACTIVE", index: "CREATING")
            default: Self.table("ACTIVE", index: "ACTIVE")
            }
        }
        let told = Lock<[WaitProgress]>([])
        try await harness.client.waitUntilActive("T") { progress in told.withLock { $0.append(progress) } }
        let progress = told.withLock { $0 }
        #expect(progress.map(\.looks) == [1, 2, 3, 4])
        #expect(progress.map(\.state) == ["", "CREATING", "I CREATING", ""])
        #expect(progress.map(\.elapsed) == [.zero, .seconds(1), .milliseconds(2_500), .milliseconds(4_750)])
    }

    @Test(arguments: ["DELETING", "ARCHIVED", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"])
    func aTableThatNeverBecomesActiveIsNotWaitedFor(_ status: String) async throws {
        let harness = try Harness { _, _ in Self.table(status) }
        let error = await failure { () throws(TidemarkError) in try await harness.client.waitUntilActive("T") }
        #expect(error.code == .client)
        #expect(error.table == "T" && error.operation == "DescribeTable")
        #expect(harness.transport.requests.count == 1)
    }

    @Test func aTableIsGoneWhenItIsNotFound() async throws {
        let harness = try Harness(logLevel: .info) { _, number in
            number < 4 ? Self.table(number < 2 ? "ACTIVE" : "DELETING") : refusal("ResourceNotFoundException")
        }
        try await harness.client.waitUntilGone("T")
        #expect(harness.transport.requests.count == 4)
        #expect(harness.log.lines.withLock { $0.isEmpty })
    }

    @Test func aTableThatNobodyDeletesIsNotWaitedFor() async throws {
        let harness = try Harness { _, _ in Self.table("ACTIVE") }
        let error = await failure { () throws(TidemarkError) in try await harness.client.waitUntilGone("T") }
        #expect(error.code == .client)
        #expect(harness.clock.now.offset >= .seconds(30) && harness.clock.now.offset < .seconds(45))
    }

    @Test func anIndexIsWaitedForUntilItServesOrIsGone() async throws {
        let harness = try Harness { _, number in
            Self.table("ACTIVE", index: number < 3 ? "CREATING" : number < 4 ? "ACTIVE" : number < 6 ? "DELETING" : nil)
        }
        try await harness.client.waitUntilIndexActive("T", index: "I")
        #expect(harness.transport.requests.count == 3)
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.waitUntilIndexActive("T", index: "I")
            try await harness.client.waitUntilIndexActive("T", index: "I")
        }
        #expect(error.code == .client)
        try await harness.client.waitUntilIndexGone("T", index: "I")
        #expect(harness.transport.requests.count == 6)
        let missing = await failure { () throws(TidemarkError) in
            try await harness.client.waitUntilIndexActive("T", index: "I")
        }
        #expect(missing.code == .notFound)
    }

    @Test func settingsAreWaitedFor() async throws {
        let harness = try Harness { request, number in
            let target = request.header("X-Amz-Target") ?? ""
            let state = number % 2 == 1 ? "ENABLING" : "ENABLED"
            if target.hasSuffix("TimeToLive") {
                return answer(#"{"TimeToLiveDescription":{"TimeToLiveStatus":"\#(state)","AttributeName":"ttl"}}"#)
            }
            if target.hasSuffix("Insights") {
                return answer(#"{"TableName":"T","ContributorInsightsStatus":"\#(state)"}"#)
            }
            let recovery = number % 2 == 1 ? "DISABLED" : "ENABLED"
            return answer(
                #"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","#
                    + #""PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"\#(recovery)"}}}"#)
        }
        #expect(try await harness.client.waitUntilTimeToLive("T").attribute == "ttl")
        #expect(try await harness.client.waitUntilContributorInsights("T", isEnabled: true).status == "ENABLED")
        #expect(
            try await harness.client.waitUntilPointInTimeRecovery("T", isEnabled: true).isPointInTimeRecoveryEnabled)
        #expect(harness.transport.requests.count == 6)
    }

    @Test func insightsThatFailedAreNotWaitedFor() async throws {
        let harness = try Harness { _, _ in
            answer(
                #"{"TableName":"T","ContributorInsightsStatus":"FAILED","#
                    + #""FailureException":{"ExceptionName":"X","ExceptionDescription":"no role"}}"#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.waitUntilContributorInsights("T", isEnabled: true)
        }
        #expect(error.code == .client && error.message.contains("no role"))
    }

    @Test func aFailureOfDynamoDBIsWaitedOutAndARefusalIsNot() async throws {
        let harness = try Harness { _, number in
            number <= 4
                ? refusal("InternalServerError", status: 500)
                : number == 5 ? Self.table("ACTIVE") : refusal("AccessDeniedException")
        }
        try await harness.client.waitUntilActive("T")
        #expect(harness.transport.requests.count == 5)
        let error = await failure { () throws(TidemarkError) in try await harness.client.waitUntilActive("T") }
        #expect(error.code == .accessDenied)
    }

    @Test func aWaitCanBeCancelled() async throws {
        let harness = try Harness(waits: true) { _, _ in Self.table("CREATING") }
        let client = harness.client
        let task = Task {
            await failure { () throws(TidemarkError) in try await client.waitUntilActive("T") }
        }
        try await harness.clock.waitForSleepers()
        task.cancel()
        #expect(await task.value.code == .cancelled)
        #expect(harness.transport.requests.count == 1)
    }

    @Test func aBlipOfTheNetworkOrAnOpenCircuitIsWaitedOut() async throws {
        let harness = try Harness(configure: {
            $0.retry = .never
            $0.circuit = CircuitPolicy(minimumFailures: 3, successesToClose: 1)
        }) { _, number throws(TransportError) in
            switch number {
            case 1: throw TransportError(code: .connectionReset, message: "reset")
            case 2: throw TransportError(code: .timeout(.firstByte), message: "nothing came", sent: .all)
            case 3: throw TransportError(code: .dns, message: "no such name")
            default: return Self.table("ACTIVE")
            }
        }
        let told = Lock<[String]>([])
        try await harness.client.waitUntilActive("T", interval: .milliseconds(10)) { progress in
            told.withLock { $0.append(progress.state) }
        }
        #expect(told.withLock { Array($0.prefix(4)) } == ["network", "timeout", "network", "circuitOpen"])
        #expect(harness.transport.requests.count == 4)
        // It waited as long as the circuit said, and not in a hundred looks.
        #expect(told.withLock { $0.count } == 5 && harness.clock.now.offset >= .seconds(1))
    }

    @Test func aCertificateThatIsRefusedEndsTheWait() async throws {
        let harness = try Harness { _, _ throws(TransportError) in
            throw TransportError(code: .certificate, message: "expired")
        }
        let error = await failure { () throws(TidemarkError) in try await harness.client.waitUntilActive("T") }
        #expect(error.code == .network && harness.transport.requests.count == 1)
    }

    @Test func itemsAndTablesSettingsHaveCircuitsOfTheirOwn() async throws {
        let harness = try Harness(configure: {
            $0.retry = .never
            $0.circuit = CircuitPolicy(minimumFailures: 2)
        }) { request, _ in
            request.header("X-Amz-Target")?.hasSuffix("GetItem") == true
                ? refusal("InternalServerError", status: 500) : Self.table("ACTIVE")
        }
        func read() async -> TidemarkError.Code {
            await failure { () throws(TidemarkError) in
                _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
            }.code
        }
        let codes = [await read(), await read(), await read()]
        #expect(codes == [.server, .server, .circuitOpen])
        #expect(try await harness.client.describeTable("T").isActive)
    }
}
