import TestSupport
import Testing

@testable import AWSCore

func nanoseconds(_ milliseconds: Int) -> UInt64 { UInt64(milliseconds) * 1_000_000 }

extension CircuitBoard {
    /// The same with a given time and the middle of the jitter.
    func settle(
        _ key: CircuitKey, _ admission: CircuitBreaker.Admission, _ verdict: CircuitBreaker.Verdict, now: UInt64
    ) -> CircuitBreaker.Transition? {
        let failure: AWSFailure? =
            switch verdict {
            case .alive: nil
            case .failed: AWSFailure(class: .server, code: "Fault", message: "")
            case .silent: AWSFailure(class: .cancelled, code: "Cancelled", message: "")
            }
        return settle(
            key, admission, failure, hooks: CallHooks(uptimeNanoseconds: { now }, random: { 0.5 }))
    }
}

/// A caller with a circuit, over a service that does as it is told.
struct CircuitStage {
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

    /// Asked to wait for no time at all, a caller's loop would turn as fast as it can.
    @Test func whileAProbeIsUnderWayNoTimeIsAskedFor() async {
        let stage = CircuitStage { HTTPResponse(status: 500) }
        for _ in 0..<4 { await stage.call() }
        stage.clock.advance(by: .seconds(1))
        let now = stage.clock.nanoseconds
        #expect(
            stage.caller.circuits?.admit(stage.key, now: { now }) == .firstProbe(CircuitBreaker.Round(begunAt: now)))
        let failure = await stage.call()
        #expect(failure?.class == .circuitOpen && failure?.retryAfter == nil)
        #expect(failure?.message.hasSuffix("held back for a moment: a probe is under way") == true)
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

    @Test func fewFailuresAmongManyAnswersOpenNothing() async {
        let stage = CircuitStage { HTTPResponse(status: 200) }
        for _ in 0..<2_000 { await stage.call() }
        stage.answer.withLock { $0 = { HTTPResponse(status: 500) } }
        for _ in 0..<12 { #expect(await stage.call()?.class == .server) }
        #expect(stage.caller.circuits?.state(of: stage.key) == .closed)
        // Another table's answers are its own.
        for _ in 0..<4 { await stage.call(table: "U") }
        #expect(await stage.call(table: "U")?.class == .circuitOpen)
    }

    /// The answers from before it opened count no more once it has closed.
    @Test func aCircuitThatClosedBeginsAnew() {
        let (board, key) = (
            CircuitBoard(policy: CircuitPolicy(minimumFailures: 4)), CircuitKey(table: "T", isWrite: true)
        )
        for _ in 0..<4 { _ = board.settle(key, .pass, .alive, now: 1) }
        for _ in 0..<4 { _ = board.settle(key, .pass, .failed, now: 2) }
        #expect(board.state(of: key) == .open(until: 1_000_000_002))
        let later = nanoseconds(1_100)
        for expected in [CircuitBreaker.Transition?.none, nil, .closed] {
            #expect(board.settle(key, board.admit(key, now: { later }), .alive, now: later) == expected)
        }
        #expect(board.settle(key, .pass, .alive, now: later) == nil)
        for _ in 0..<3 { #expect(board.settle(key, .pass, .failed, now: later) == nil) }
        #expect(board.settle(key, .pass, .failed, now: later) == .opened)
    }

    /// Tables whose names are made at run time, each of which fails and is never asked for again.
    @Test(arguments: [CircuitBreaker.Verdict.alive, .failed])
    func circuitsThatNobodyAsksForAreForgottenWhenAnyTableIs(verdict: CircuitBreaker.Verdict) {
        let (board, told) = (CircuitBoard(policy: CircuitPolicy(minimumFailures: 4)), Lock<[String]>([]))
        for number in 0..<1_000 {
            let key = CircuitKey(table: "table-\(number)", isWrite: true)
            for _ in 0..<4 { _ = board.settle(key, .pass, .failed, now: 1) }
            board.whenForgotten(key) { told.withLock { $0.append(key.table) } }
        }
        let other = CircuitKey(table: "other", isWrite: false)
        _ = board.settle(other, .pass, verdict, now: nanoseconds(60_999))
        #expect(board.count >= 1_000 && told.withLock { $0.isEmpty })
        _ = board.settle(other, .pass, verdict, now: nanoseconds(62_001))
        #expect(board.count == (verdict == .alive ? 0 : 1))
        _ = board.settle(other, .pass, verdict, now: nanoseconds(70_000))
        #expect(told.withLock { Set($0).count } == 1_000 && told.withLock { $0.count } == 1_000)
        let key = CircuitKey(table: "table-7", isWrite: true)
        #expect(board.state(of: key) == .closed && board.admit(key, now: { 0 }) == .pass)
    }

    /// Neither failures nor answers from before it was forgotten count.
    @Test func aForgottenCircuitBeginsAnew() {
        let policy = CircuitPolicy(window: .seconds(600), minimumFailures: 4, forgetAfter: .seconds(5))
        let (board, key) = (CircuitBoard(policy: policy), CircuitKey(table: "T", isWrite: true))
        for _ in 0..<4 { _ = board.settle(key, .pass, .failed, now: 1) }
        // Of attempts that were under way when it opened.
        for _ in 0..<9 { _ = board.settle(key, .pass, .alive, now: 2) }
        _ = board.settle(CircuitKey(table: "U", isWrite: false), .pass, .alive, now: nanoseconds(6_001))
        #expect(board.count == 0)
        for _ in 0..<3 { #expect(board.settle(key, .pass, .failed, now: nanoseconds(6_002)) == nil) }
        #expect(board.settle(key, .pass, .failed, now: nanoseconds(6_002)) == .opened)
    }

    /// Also of more tables than have a place of their own, whose answers count from their first failure on.
    @Test func eachOfManyTablesHasItsOwnCircuits() {
        let board = CircuitBoard(policy: CircuitPolicy(minimumFailures: 4))
        let keys = (0..<AnswerDirectory.maximumTables + 50).flatMap { number in
            [false, true].map { CircuitKey(table: "table-\(number)", isWrite: $0) }
        }
        for key in keys { for _ in 0..<5 { _ = board.settle(key, .pass, .alive, now: 1) } }
        for (place, key) in keys.enumerated() {
            for _ in 0..<4 { _ = board.settle(key, .pass, .failed, now: 2) }
            let hasPlace = place < 2 * AnswerDirectory.maximumTables
            #expect((board.state(of: key) == .closed) == hasPlace, "\(key)")
        }
    }

    @Test func noAnswerIsLostWhileManyAreCounted() async {
        let (answers, key) = (AnswerDirectory(), CircuitKey(table: "T", isWrite: false))
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<5_000 {
                        answers.counts(of: key)?.add(part: 7)
                        answers.counts(of: CircuitKey(table: "\(number % 300)", isWrite: task % 2 == 0))?.add(part: 7)
                    }
                }
            }
        }
        #expect(answers.counts(of: key)?.sum(part: 7) == 40_000)
        #expect(answers.counts(of: key)?.sum(part: 16) == 40_000 && answers.counts(of: key)?.sum(part: 17) == 0)
    }

    @Test func aCallThatOpensItEndsWithWhatItMet() async {
        let stage = CircuitStage { HTTPResponse(status: 503) }
        let failure = await stage.call(retry: RetryPolicy(maximumAttempts: 10))
        #expect(failure?.class == .server && failure?.attempts == 4 && failure?.retryEnd == .circuitOpened)
        #expect(stage.sent.withLock { $0 } == 4)
        // Three retries went; the fourth was not sent, and costs nothing.
        #expect(stage.caller.quota.available == RetryQuota.capacity - 3 * RetryCosts.rules2026.transient)
    }
}
