import AWSCore
import TestSupport
import Testing

private func nanoseconds(_ milliseconds: Int) -> UInt64 { UInt64(milliseconds) * 1_000_000 }

struct CircuitBreakerTests {
    private static let policy = CircuitPolicy(
        window: .seconds(10), minimumFailures: 4, openFor: .seconds(1), maximumOpen: .seconds(4), successesToClose: 2)

    /// An open circuit, opened at that time.
    private static func opened(at now: Int = 0, random: Double = 0.5) -> CircuitBreaker {
        var breaker = CircuitBreaker(policy: policy, now: nanoseconds(now))
        for _ in 0..<4 { _ = breaker.settle(.pass, .failed, now: nanoseconds(now), random: random) }
        return breaker
    }

    @Test func enoughFailuresOfEnoughAttemptsOpenIt() {
        var breaker = CircuitBreaker(policy: Self.policy, now: 0)
        for _ in 0..<3 { #expect(breaker.settle(.pass, .failed, now: 1, random: 0.5) == nil) }
        #expect(breaker.state == .closed && breaker.admit(now: 1) == .pass)
        #expect(breaker.settle(.pass, .failed, now: 1, random: 0.5) == .opened)
        #expect(breaker.state == .open(until: nanoseconds(1_000) + 1))
        #expect(breaker.admit(now: 2) == .refused(until: nanoseconds(1_000) + 1))
    }

    @Test func answersKeepItClosedHoweverManyFail() {
        var breaker = CircuitBreaker(policy: Self.policy, now: 0)
        for _ in 0..<1_000 {
            for verdict in [CircuitBreaker.Verdict.alive, .alive, .failed, .silent, .silent] {
                #expect(breaker.settle(.pass, verdict, now: 1, random: 0.5) == nil)
            }
        }
        #expect(breaker.state == .closed)
    }

    @Test func failuresOfAnOlderWindowAreForgotten() {
        var breaker = CircuitBreaker(policy: Self.policy, now: 0)
        for _ in 0..<3 { _ = breaker.settle(.pass, .failed, now: 1, random: 0.5) }
        #expect(breaker.settle(.pass, .failed, now: nanoseconds(10_001), random: 0.5) == nil)
        #expect(!breaker.isCalm(now: nanoseconds(15_000)) && breaker.isCalm(now: nanoseconds(20_001)))
    }

    @Test func oneProbeAtATimeAndEnoughSuccessesCloseIt() {
        var breaker = Self.opened()
        #expect(breaker.admit(now: nanoseconds(1_000)) == .firstProbe)
        #expect(breaker.admit(now: nanoseconds(1_001)) == .refused(until: nanoseconds(1_001)))
        #expect(breaker.settle(.probe, .alive, now: nanoseconds(1_002), random: 0.5) == nil)
        #expect(breaker.admit(now: nanoseconds(1_003)) == .probe)
        #expect(breaker.settle(.probe, .alive, now: nanoseconds(1_004), random: 0.5) == .closed)
        #expect(breaker.state == .closed)
    }

    @Test func aProbeThatIsGivenUpLetsTheNextOneGo() {
        var breaker = Self.opened()
        #expect(breaker.admit(now: nanoseconds(1_000)) == .firstProbe)
        #expect(breaker.settle(.probe, .silent, now: nanoseconds(1_001), random: 0.5) == nil)
        #expect(breaker.admit(now: nanoseconds(1_002)) == .probe)
    }

    @Test func eachFailedProbeDoublesTheWaitUpToTheLongest() {
        var breaker = Self.opened()
        var now = 1_000
        for wait in [2_000, 4_000, 4_000] {
            #expect(breaker.admit(now: nanoseconds(now)) == .firstProbe)
            #expect(breaker.settle(.probe, .failed, now: nanoseconds(now), random: 0.5) == .reopened)
            #expect(breaker.state == .open(until: nanoseconds(now + wait)))
            now += wait
        }
    }

    @Test func reopeningIsSpreadByHalfEitherWay() {
        #expect(Self.opened(random: 0).state == .open(until: nanoseconds(500)))
        #expect(Self.opened(random: 1).state == .open(until: nanoseconds(1_500)))
    }

    @Test func whatWasUnderWayBeforeTheStateChangedSaysNothing() {
        var breaker = Self.opened()
        #expect(breaker.settle(.pass, .alive, now: nanoseconds(10), random: 0.5) == nil)
        #expect(breaker.settle(.pass, .failed, now: nanoseconds(10), random: 0.5) == nil)
        #expect(breaker.state == .open(until: nanoseconds(1_000)))
        _ = breaker.admit(now: nanoseconds(1_000))
        #expect(breaker.settle(.pass, .failed, now: nanoseconds(1_001), random: 0.5) == nil)
        #expect(breaker.state == .halfOpen(probing: 1, successes: 0))
    }

    /// Any sequence of events: never more probes than allowed, an open circuit never admits, time only moves it on.
    @Test func noSequenceOfEventsBreaksTheLaws() {
        for seed in UInt64(1)...40 {
            var generator = SeededGenerator(seed: seed)
            var breaker = CircuitBreaker(policy: Self.policy, now: 0)
            var (now, probing) = (UInt64(0), 0)
            for _ in 0..<2_000 {
                now += UInt64.random(in: 0..<400_000_000, using: &generator)
                let before = breaker.state
                let admission = breaker.admit(now: now)
                switch (before, admission) {
                case (.closed, .pass), (.halfOpen, .refused): break
                case (.open(let until), .refused(let said)): #expect(now < until && said == until)
                case (.open(let until), .firstProbe):
                    #expect(now >= until)
                    probing = 1
                case (.halfOpen, .probe): probing += 1
                default: Issue.record("seed \(seed): \(before) admitted \(admission)")
                }
                #expect(probing <= 1)
                guard admission == .pass || admission == .firstProbe || admission == .probe else { continue }
                let verdict = [CircuitBreaker.Verdict.alive, .failed, .failed, .silent].randomElement(using: &generator)
                _ = breaker.settle(admission, verdict ?? .failed, now: now, random: generator.nextUnit())
                if admission != .pass { probing = 0 }
            }
        }
    }

    @Test(arguments: [
        (FailureClass.server, CircuitBreaker.State.open(until: nanoseconds(1_000))), (.throttled, .closed),
        (.validation, .closed), (.conditionFailed, .closed), (.accessDenied, .closed), (.notFound, .closed),
    ])
    func onlyFaultsOfTheServiceOpenAClientsCircuit(meets: FailureClass, state: CircuitBreaker.State) async {
        let codes: [FailureClass: (String, Int)] = [
            .server: ("InternalServerError", 500), .throttled: ("ThrottlingException", 400),
            .validation: ("ValidationException", 400), .conditionFailed: ("ConditionalCheckFailedException", 400),
            .accessDenied: ("AccessDeniedException", 400), .notFound: ("ResourceNotFoundException", 400),
        ]
        let (code, status) = codes[meets] ?? ("", 400)
        let stage = CircuitStage { HTTPResponse(status: status, body: Array(#"{"__type":"x#\#(code)"}"#.utf8)) }
        for _ in 0..<20 { await stage.call() }
        #expect(stage.caller.circuits?.state(of: stage.key) == state)
    }
}

/// A caller with a circuit, over a service that does as it is told.
private struct CircuitStage {
    let caller: AWSCaller
    let clock = ManualClock()
    let key = CircuitKey(table: "T", isWrite: false)
    let answer: Lock<@Sendable () throws(TransportError) -> HTTPResponse>
    let sent = Lock(0)

    struct Service: Transport {
        let answer: Lock<@Sendable () throws(TransportError) -> HTTPResponse>
        let sent: Lock<Int>
        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            sent.withLock { $0 += 1 }
            return try answer.withLock { $0 }()
        }
    }

    init(_ answer: @escaping @Sendable () throws(TransportError) -> HTTPResponse) {
        self.answer = Lock(answer)
        let clock = clock
        let hooks = CallHooks(
            now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds }, sleep: { clock.advance(by: $0) },
            random: { 0.5 })
        caller = AWSCaller(
            transport: Service(answer: self.answer, sent: sent), signer: SigV4Signer(service: "dynamodb", region: "r"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "S")),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"), retry: .never, hooks: hooks,
            circuit: CircuitPolicy(minimumFailures: 4))
    }

    @discardableResult
    func call(
        table: String = "T", retry: RetryPolicy? = nil, told: Lock<[AttemptOutcome]> = Lock([])
    ) async -> AWSFailure? {
        do throws(AWSFailure) {
            try await caller.perform(
                CallRequest(
                    target: "X", body: [], timeouts: Timeouts(), callTimeout: .seconds(10), retry: retry,
                    circuit: CircuitKey(table: table, isWrite: false)),
                onAttempt: { outcome in told.withLock { $0.append(outcome) } }, accept: { _ throws(AWSFailure) in })
            return nil
        } catch {
            return error
        }
    }
}

struct CircuitBoardTests {
    @Test func anOpenCircuitSendsNothingAndSaysWhenItProbes() async {
        let stage = CircuitStage { HTTPResponse(status: 500) }
        let told = Lock<[AttemptOutcome]>([])
        for _ in 0..<4 { await stage.call(told: told) }
        let failure = await stage.call(told: told)
        #expect(failure?.class == .circuitOpen && failure?.attempts == 0 && failure?.isRetryable == false)
        #expect(failure?.retryAfter == .seconds(1))
        #expect(
            failure?.message
                == "reads of T failed too often (at last: HTTP500, HTTP 500) and are held back for a moment: "
                + "the next probe goes in 1.000 s")
        #expect(stage.sent.withLock { $0 } == 4)
        #expect(told.withLock { $0.map(\.circuit) } == [[], [], [], [.opened]])
        // Another table's calls go on.
        #expect(await stage.call(table: "U")?.class == .server)
    }

    @Test func itClosesWhenTheServiceIsBackAndIsForgotten() async {
        let stage = CircuitStage { () throws(TransportError) in
            throw TransportError(code: .connect, message: "refused")
        }
        for _ in 0..<4 { await stage.call() }
        stage.answer.withLock { $0 = { HTTPResponse(status: 200) } }
        stage.clock.advance(by: .seconds(1))
        let told = Lock<[AttemptOutcome]>([])
        for _ in 0..<3 { #expect(await stage.call(told: told)?.class == nil) }
        #expect(told.withLock { $0.map(\.circuit) } == [[.halfOpened], [], [.closed]])
        #expect(stage.caller.circuits?.count == 1)
        stage.clock.advance(by: .seconds(11))
        _ = await stage.call()
        #expect(stage.caller.circuits?.count == 0)
    }

    @Test func aCallThatOpensItEndsWithWhatItMet() async {
        let stage = CircuitStage { HTTPResponse(status: 503) }
        let failure = await stage.call(retry: RetryPolicy(maximumAttempts: 10))
        #expect(failure?.class == .server && failure?.attempts == 4 && failure?.retryEnd == .circuitOpened)
        #expect(stage.sent.withLock { $0 } == 4)
    }
}
