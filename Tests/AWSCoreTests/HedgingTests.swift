import AWSCore
import TestSupport
import Testing

struct HedgeStateTests {
    @Test func nothingIsHedgedBeforeEnoughIsKnown() {
        var state = HedgeState(policy: Hedging(minimumSamples: 100))
        for _ in 0..<99 { state.observed(.milliseconds(5)) }
        #expect(state.begin() == nil)
        state.observed(.milliseconds(5))
        #expect(state.begin() != nil)
    }

    @Test func theSecondAttemptGoesAfterTheQuantileWithinASixteenth() throws {
        var generator = SeededGenerator(seed: 5)
        var state = HedgeState(policy: Hedging(quantile: 0.95))
        var times: [Double] = []
        for _ in 0..<2_000 {
            let time = 1 + generator.nextUnit() * 99
            times.append(time)
            state.observed(.seconds(time / 1_000))
        }
        let wanted = times.sorted()[1_900]
        let begun = state.begin()
        let delay = try #require(begun) / .milliseconds(1)
        #expect(delay >= wanted * 0.99 && delay <= wanted * 1.09)
    }

    /// A comparison with what is no number is false.
    @Test func whatIsNoNumberCountsAsTheDefault() {
        #expect(Hedging(quantile: .nan, maximumShare: .nan) == Hedging())
        #expect(Hedging(quantile: .infinity, maximumShare: -1) == Hedging(quantile: 1, maximumShare: 0))
    }

    @Test func olderTimesFade() {
        var state = HedgeState(policy: Hedging())
        for _ in 0..<4_000 { state.observed(.milliseconds(100)) }
        for _ in 0..<30_000 { state.observed(.milliseconds(2)) }
        let delay = state.begin() ?? .zero
        #expect(delay > .milliseconds(1) && delay < .milliseconds(3))
    }

    /// However many want to go: no more than the share of the calls, and never more than ten at once.
    @Test func theExtraLoadIsBounded() {
        var state = HedgeState(policy: Hedging(maximumShare: 0.05))
        var taken = 0
        for _ in 0..<10_000 {
            _ = state.begin()
            if state.take() { taken += 1 }
        }
        #expect(taken == 500 || taken == 499)
        for _ in 0..<10_000 { _ = state.begin() }
        var atOnce = 0
        while atOnce < 100, state.take() { atOnce += 1 }
        #expect(atOnce == 10)
    }

    /// Else a service in trouble, whose reads are tried three times, would get three times the extra load.
    @Test func aReadThatIsTriedAgainPaysOnce() {
        var state = HedgeState(policy: Hedging(maximumShare: 0.05))
        var taken = 0
        for _ in 0..<1_000 {
            for attempt in 1...3 {
                _ = state.begin(isFirst: attempt == 1)
                if state.take() { taken += 1 }
            }
        }
        #expect(taken == 50 || taken == 49)
    }
}

struct HedgedCallTests {
    /// Attempts of one call that a test lets answer one by one.
    private final class Gate: Transport {
        struct Waiting {
            var continuation: CheckedContinuation<Result<HTTPResponse, TransportError>, Never>?
        }

        let waiting = Lock<[Waiting]>([])
        let requests = Lock<[HTTPRequest]>([])

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            let number = requests.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    waiting.withLock { waiting in
                        while waiting.count <= number { waiting.append(Waiting()) }
                        waiting[number].continuation = continuation
                    }
                    // A cancellation from before this has found nobody.
                    if Task.isCancelled { answer(number, Self.cancelled) }
                }
            } onCancel: {
                answer(number, Self.cancelled)
            }
            return try result.get()
        }

        private static let cancelled = Result<HTTPResponse, TransportError>.failure(
            TransportError(code: .cancelled, message: "cancelled"))

        func answer(_ number: Int, _ result: Result<HTTPResponse, TransportError>) {
            let continuation = waiting.withLock {
                waiting -> CheckedContinuation<Result<HTTPResponse, TransportError>, Never>? in
                guard number < waiting.count else { return nil }
                defer { waiting[number].continuation = nil }
                return waiting[number].continuation
            }
            continuation?.resume(returning: result)
        }

        func wait(for count: Int) async throws {
            try await waitUntil("\(count) attempts") { self.waiting.withLock { $0.count >= count } }
        }
    }

    private struct Stage {
        let gate = Gate()
        let clock = ManualClock()
        let hedge: SharedHedge
        let told = Lock<[FailureClass?]>([])
        let caller: AWSCaller

        init(minimumSamples: Int = 1, maximumShare: Double = 1, retry: RetryPolicy = .never) {
            hedge = SharedHedge(policy: Hedging(maximumShare: maximumShare, minimumSamples: minimumSamples))
            let clock = clock
            caller = AWSCaller(
                transport: gate, signer: SigV4Signer(service: "dynamodb", region: "r"),
                credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "S")),
                endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"), retry: retry,
                hooks: CallHooks(
                    now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds },
                    sleep: { try await clock.sleep(for: $0) }, random: { 0 }))
        }

        /// Lets the delay before a second attempt pass, once so many requests have gone.
        func passDelay(of requests: Int, milliseconds: Int = 6) async throws {
            try await gate.wait(for: requests)
            try await clock.waitForSleepers()
            clock.advance(by: .milliseconds(milliseconds))
        }

        /// One call whose only attempt comes to this, the one of this number.
        func answered(_ number: Int, after time: Duration, _ status: Int) async throws {
            let task = call()
            try await gate.wait(for: number + 1)
            clock.advance(by: time)
            gate.answer(number, .success(HTTPResponse(status: status)))
            #expect(await task.value?.status == (status == 200 ? nil : status))
        }

        func call(retry: RetryPolicy? = nil, timeout: Duration = .seconds(10)) -> Task<AWSFailure?, Never> {
            let (caller, told, hedge) = (caller, told, hedge)
            return Task {
                do throws(AWSFailure) {
                    try await caller.perform(
                        CallRequest(
                            target: "X", body: [], timeouts: Timeouts(), callTimeout: timeout, retry: retry,
                            hedge: hedge),
                        onAttempt: { outcome in told.withLock { $0.append(outcome.failure) } },
                        accept: { response throws(AWSFailure) in
                            guard response.body != Array("unreadable".utf8) else {
                                throw AWSFailure(
                                    class: .malformedResponse, code: "X", message: "", status: 200,
                                    retryKind: .transient)
                            }
                        })
                    return nil
                } catch {
                    return error
                }
            }
        }

        /// One call that teaches how long a read takes.
        func warmUp() async throws {
            let task = call()
            try await gate.wait(for: 1)
            clock.advance(by: .milliseconds(5))
            gate.answer(0, .success(HTTPResponse(status: 200)))
            #expect(await task.value?.class == nil)
            told.withLock { $0 = [] }
        }
    }

    @Test func aSlowReadGetsASecondAttemptWhichWins() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call()
        try await stage.passDelay(of: 2)
        try await stage.gate.wait(for: 3)
        stage.gate.answer(2, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.told.withLock { $0 } == [.cancelled, nil])
        let requests = stage.gate.requests.withLock { $0 }
        #expect(requests[1].header("amz-sdk-invocation-id") == requests[2].header("amz-sdk-invocation-id"))
    }

    /// Else a hedged call could take longer than its own limit.
    @Test func theSecondAttemptEndsWithTheFirstOneAtTheLatest() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call(timeout: .milliseconds(500))
        try await stage.passDelay(of: 2, milliseconds: 200)
        try await stage.gate.wait(for: 3)
        stage.gate.answer(2, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        let limits = stage.gate.requests.withLock { $0.map(\.timeouts) }
        let (half, rest) = (Duration.milliseconds(500), Duration.milliseconds(300))
        #expect(limits[1] == Timeouts(connect: half, firstByte: half, attempt: half))
        #expect(limits[2] == Timeouts(connect: rest, firstByte: rest, attempt: rest))
    }

    /// No second attempt that would have no time.
    @Test func aFirstAttemptWhoseTimeIsOverGetsNone() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call(timeout: .milliseconds(500))
        try await stage.passDelay(of: 2, milliseconds: 500)
        try await waitUntil("the end of the delay") { stage.clock.sleeperCount == 0 }
        stage.gate.answer(1, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.gate.requests.withLock { $0.count } == 2)
    }

    /// In adaptive mode the client's own rate holds for second attempts too: there is a token for the call, and none for another.
    @Test func aSecondAttemptGoesOnlyWhereItsTurnIsNow() async throws {
        let stage = Stage(retry: RetryPolicy(maximumAttempts: 1, mode: .adaptive))
        try await stage.warmUp()
        try await stage.answered(1, after: .milliseconds(5), 429)
        stage.clock.advance(by: .seconds(4))
        let task = stage.call()
        try await stage.passDelay(of: 3)
        try await waitUntil("the end of the delay") { stage.clock.sleeperCount == 0 }
        stage.gate.answer(2, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.gate.requests.withLock { $0.count } == 3)
    }

    @Test func theThrottleOfTheSlowerAttemptHoldsTheClientBackToo() async throws {
        let stage = Stage(retry: RetryPolicy(maximumAttempts: 1, mode: .adaptive))
        try await stage.warmUp()
        let task = stage.call()
        try await stage.passDelay(of: 2)
        try await stage.gate.wait(for: 3)
        stage.gate.answer(2, .success(HTTPResponse(status: 429)))
        stage.gate.answer(1, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        let next = stage.call()
        try await stage.clock.waitForSleepers()
        // Not the delay of a second attempt: the first one waits for its turn.
        #expect(stage.clock.sleeps.last == .milliseconds(250))
        next.cancel()
        #expect(await next.value?.class == .cancelled)
        #expect(stage.gate.requests.withLock { $0.count } == 3)
    }

    @Test func aQuickReadGetsNone() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call()
        try await stage.gate.wait(for: 2)
        stage.gate.answer(1, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.told.withLock { $0 } == [nil])
        #expect(stage.clock.sleeperCount == 0)
    }

    @Test func aFailureWaitsForTheOtherAttempt() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call()
        try await stage.passDelay(of: 2)
        try await stage.gate.wait(for: 3)
        stage.gate.answer(2, .success(HTTPResponse(status: 503)))
        stage.gate.answer(1, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.told.withLock { $0 } == [.server, nil])
    }

    /// An answer whose status says success may be a fault all the same: damaged on the way, or of something in between.
    @Test(arguments: [
        HTTPResponse(status: 200, headers: [HTTPHeader(name: "x-amz-crc32", value: "1")], body: Array("{}".utf8)),
        HTTPResponse(status: 206, body: Array("{}".utf8)), HTTPResponse(status: 200, body: Array("unreadable".utf8)),
    ])
    func aDamagedAnswerWaitsForTheOtherAttempt(damaged: HTTPResponse) async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call()
        try await stage.passDelay(of: 2)
        try await stage.gate.wait(for: 3)
        stage.gate.answer(2, .success(damaged))
        stage.gate.answer(1, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.told.withLock { $0 } == [.malformedResponse, nil])
    }

    /// What a slow failure took says nothing of how long answers take: a service in trouble would put hedging off.
    @Test func failuresOfLoneAttemptsAreNotTimed() async throws {
        let stage = Stage(minimumSamples: 2)
        try await stage.answered(0, after: .seconds(1), 503)
        try await stage.answered(1, after: .milliseconds(5), 200)
        // Two were made, and one of them is known: no second attempt is due.
        let lone = stage.call()
        try await stage.gate.wait(for: 3)
        #expect(stage.clock.sleeperCount == 0)
        stage.clock.advance(by: .milliseconds(5))
        stage.gate.answer(2, .success(HTTPResponse(status: 200)))
        #expect(await lone.value?.class == nil)
        let hedged = stage.call()
        try await stage.passDelay(of: 4)
        try await stage.gate.wait(for: 5)
        stage.gate.answer(4, .success(HTTPResponse(status: 200)))
        #expect(await hedged.value?.class == nil)
    }

    @Test func failuresOfHedgedAttemptsAreNotTimed() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let failing = stage.call()
        try await stage.passDelay(of: 2)
        try await stage.gate.wait(for: 3)
        stage.clock.advance(by: .seconds(1))
        for number in [1, 2] { stage.gate.answer(number, .success(HTTPResponse(status: 503))) }
        #expect(await failing.value?.class == .server)
        let next = stage.call()
        try await stage.passDelay(of: 4)
        try await stage.gate.wait(for: 5)
        stage.gate.answer(4, .success(HTTPResponse(status: 200)))
        #expect(await next.value?.class == nil)
    }

    @Test func aFailureBeforeTheTimeIsRetriedLikeAnyOther() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call(retry: RetryPolicy(maximumAttempts: 2))
        try await stage.gate.wait(for: 2)
        stage.gate.answer(1, .failure(TransportError(code: .connectionReset, message: "reset")))
        try await stage.gate.wait(for: 3)
        stage.gate.answer(2, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.told.withLock { $0 } == [.network, nil])
    }

    /// Two calls have paid half a second attempt each: the one that there is for it is spent in the second call's first
    /// attempt, and its second one gets none.
    @Test func anAttemptThatIsMadeAgainHasPaidAlready() async throws {
        let stage = Stage(maximumShare: 0.5)
        try await stage.warmUp()
        let task = stage.call(retry: RetryPolicy(maximumAttempts: 3))
        try await stage.passDelay(of: 2)
        try await stage.gate.wait(for: 3)
        for number in [1, 2] { stage.gate.answer(number, .success(HTTPResponse(status: 503))) }
        try await stage.passDelay(of: 4)
        try await waitUntil("the end of the delay") { stage.clock.sleeperCount == 0 }
        stage.gate.answer(3, .success(HTTPResponse(status: 503)))
        try await stage.passDelay(of: 5)
        try await waitUntil("the end of the delay") { stage.clock.sleeperCount == 0 }
        stage.gate.answer(4, .success(HTTPResponse(status: 200)))
        #expect(await task.value?.class == nil)
        #expect(stage.gate.requests.withLock { $0.count } == 5)
    }

    @Test func cancellingTheCallCancelsBothAttempts() async throws {
        let stage = Stage()
        try await stage.warmUp()
        let task = stage.call()
        try await stage.passDelay(of: 2)
        try await stage.gate.wait(for: 3)
        task.cancel()
        #expect(await task.value?.class == .cancelled)
        #expect(stage.told.withLock { $0 } == [.cancelled, .cancelled])
    }
}
