import TestSupport
import Testing

@testable import AWSCore

/// What a call's own limit that cuts an attempt short says of the service, in virtual time.
struct CircuitStallTests {
    /// A service that reads requests and never answers; each attempt ends with the first of its limits.
    private struct StalledService: Transport {
        let clock: ManualClock
        var connecting = Duration.zero
        var received = 0
        var part = TransportError.SentPart.all
        /// What signing, a busy machine and the like take of a call's time before its attempt begins.
        var overhead = Duration.zero
        let sent = Lock(0)

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            sent.withLock { $0 += 1 }
            let limits = request.timeouts.reduced(by: overhead)
            let isConnected = connecting < limits.connect
            let wait = isConnected ? min(connecting + limits.firstByte, limits.attempt) : limits.connect
            clock.advance(by: wait)
            throw TransportError(
                code: .timeout(isConnected ? .firstByte : .connect), message: "nothing came",
                phases: AttemptPhases(
                    connect: min(connecting, wait), firstByte: isConnected ? wait - connecting : .zero, total: wait,
                    bytesReceived: received),
                sent: isConnected ? part : .nothing)
        }
    }

    private let clock = ManualClock()
    private let key = CircuitKey(table: "T", isWrite: false)

    private func caller(_ service: StalledService, ofCallsGiven limit: Duration = .seconds(10)) -> AWSCaller {
        let clock = clock
        let hooks = CallHooks(
            now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds }, sleep: { clock.advance(by: $0) },
            random: { 0.5 })
        return AWSCaller(
            transport: service, signer: SigV4Signer(service: "dynamodb", region: "r"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "S")),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"), retry: .dynamoDB, hooks: hooks,
            circuit: CircuitPolicy(window: .seconds(60)).fitting(callTimeout: limit))
    }

    /// The classes of so many calls with this limit.
    private func calls(_ count: Int, _ caller: AWSCaller, limit: Duration) async -> [FailureClass?] {
        var classes: [FailureClass?] = []
        for _ in 0..<count {
            do throws(AWSFailure) {
                try await caller.perform(
                    CallRequest(target: "X", body: [], timeouts: Timeouts(), callTimeout: limit, circuit: key),
                    onAttempt: { _ in }, accept: { _ throws(AWSFailure) in })
                classes.append(nil)
            } catch {
                classes.append(error.class)
            }
        }
        return classes
    }

    /// The documentation's `call-timeout-ms: 2000` is shorter than the three seconds that an attempt may wait for its answer.
    @Test(arguments: [500, 1_000, 2_000, 4_000])
    func aServiceThatDoesNotAnswerOpensTheCircuitOfCallsInOrdinaryHurry(milliseconds: Int) async {
        let service = StalledService(clock: clock, connecting: .milliseconds(50), overhead: .milliseconds(20))
        let met = await calls(30, caller(service), limit: .milliseconds(milliseconds))
        #expect(met.prefix(5).allSatisfy { $0 == .timeout })
        #expect(met.contains(.circuitOpen))
        #expect(service.sent.withLock { $0 } < 30)
    }

    /// To a client whose every call has so little time, a service that is silent for nearly all of it has failed.
    @Test(arguments: [125, 200, 300, 450])
    func aServiceThatDoesNotAnswerOpensTheCircuitOfAHurriedClient(milliseconds: Int) async {
        let limit = Duration.milliseconds(milliseconds)
        let service = StalledService(clock: clock, overhead: limit / 10)
        #expect(await calls(30, caller(service, ofCallsGiven: limit), limit: limit).contains(.circuitOpen))
    }

    @Test(arguments: [1, 50, 99])
    func silenceOfAMomentSaysNothingEvenToAHurriedClient(milliseconds: Int) async {
        let limit = Duration.milliseconds(milliseconds)
        let caller = caller(StalledService(clock: clock), ofCallsGiven: limit)
        #expect(await calls(200, caller, limit: limit).allSatisfy { $0 == .timeout })
    }

    /// Nor does what took the client long to send.
    @Test func aRequestThatWasNotWhollySentIsNoStall() async {
        let caller = caller(StalledService(clock: clock, part: .part))
        _ = await calls(30, caller, limit: .seconds(2))
        #expect(caller.circuits?.state(of: key) == .closed)
    }

    @Test(arguments: [1, 100, 399])
    func callersInAGreaterHurryOpenNothingForOthers(milliseconds: Int) async {
        let caller = caller(StalledService(clock: clock))
        #expect(await calls(200, caller, limit: .milliseconds(milliseconds)).allSatisfy { $0 == .timeout })
        #expect(caller.circuits?.state(of: key) == .closed)
    }

    @Test func anAnswerThatHasBegunIsNoStall() async {
        let caller = caller(StalledService(clock: clock, received: 1))
        _ = await calls(30, caller, limit: .seconds(2))
        #expect(caller.circuits?.state(of: key) == .closed)
    }

    @Test func theTimeThatAConnectionTookIsNotTheAnswers() async {
        let caller = caller(StalledService(clock: clock, connecting: .milliseconds(400)))
        _ = await calls(30, caller, limit: .milliseconds(700))
        #expect(caller.circuits?.state(of: key) == .closed)
    }

    /// The client's own queue is none of the service.
    @Test func theTimeThatAnAttemptWaitedForAConnectionIsNotTheServices() {
        let timeout = TransportError(
            code: .timeout(.connect), message: "no connection",
            phases: AttemptPhases(queue: .milliseconds(150), total: .milliseconds(500)))
        #expect(timeout.showsSilence(ofAtLeast: .milliseconds(350)))
        #expect(!timeout.showsSilence(ofAtLeast: .milliseconds(351)))
    }

    @Test func aConnectionThatIsNotMadeIsAStallToo() async {
        let hurried = caller(StalledService(clock: clock, connecting: .seconds(9)))
        _ = await calls(30, hurried, limit: .milliseconds(300))
        #expect(hurried.circuits?.state(of: key) == .closed)
        let patient = caller(StalledService(clock: clock, connecting: .seconds(9)))
        #expect(await calls(30, patient, limit: .milliseconds(800)).contains(.circuitOpen))
    }
}

extension Timeouts {
    fileprivate func reduced(by overhead: Duration) -> Timeouts {
        Timeouts(connect: connect - overhead, firstByte: firstByte - overhead, attempt: attempt - overhead)
    }
}
