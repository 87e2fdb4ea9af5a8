import TestSupport
import Testing

@testable import AWSCore

/// Answers by a script and remembers what it was sent.
private final class ScriptedTransport: Transport {
    typealias Script = @Sendable (HTTPRequest, Int) async throws(TransportError) -> HTTPResponse

    private let script: Script
    private let sent = Lock<[HTTPRequest]>([])

    init(_ script: @escaping Script) { self.script = script }

    var requests: [HTTPRequest] { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let number = sent.withLock { sent in
            sent.append(request)
            return sent.count
        }
        return try await script(request, number)
    }
}

private func refusal(_ code: String, status: Int = 400, date: String? = nil) -> HTTPResponse {
    HTTPResponse(
        status: status, headers: date.map { [HTTPHeader(name: "Date", value: $0)] } ?? [],
        body: Array(#"{"__type":"x#\#(code)","message":"m"}"#.utf8))
}

private func outcomes(of log: Lock<[AttemptOutcome]>) -> [FailureClass?] { log.withLock { $0.map(\.failure) } }

struct AttemptLoopTests {
    private static let credentials = StaticCredentials(
        Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI"))

    private static func makeCaller(
        _ transport: ScriptedTransport, clock: ManualClock, retry: RetryPolicy = .dynamoDB,
        quota: RetryQuota = RetryQuota(),
        sleeps: Bool = false, random: Double = 0.5
    ) -> AWSCaller {
        let hooks = CallHooks(
            now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds },
            sleep: { pause in
                if sleeps {
                    try await clock.sleep(for: pause)
                } else {
                    try Task.checkCancellation()
                    clock.advance(by: pause)
                }
            }, random: { random })
        return AWSCaller(
            transport: transport, signer: SigV4Signer(service: "dynamodb", region: "eu-west-1"),
            credentials: credentials, endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "eu-west-1"),
            retry: retry, hooks: hooks, quota: quota)
    }

    private static func call(
        _ caller: AWSCaller, callTimeout: Duration = .seconds(10), log: Lock<[AttemptOutcome]> = Lock([])
    ) async throws(AWSFailure) -> HTTPResponse {
        try await caller.call(
            target: "DynamoDB_20120810.GetItem", body: Array("{}".utf8), timeouts: Timeouts(), callTimeout: callTimeout
        ) { outcome in
            log.withLock { $0.append(outcome) }
        }
    }

    @Test func passingFaultsAreRepeatedAndEachAttemptIsSignedAnew() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, number throws(TransportError) in
            clock.advance(by: .seconds(1))
            if number == 1 { throw TransportError(code: .connectionReset, message: "reset") }
            return number == 2 ? refusal("InternalServerError", status: 500) : HTTPResponse(status: 200)
        }
        let log = Lock<[AttemptOutcome]>([])
        let response = try await Self.call(Self.makeCaller(transport, clock: clock), log: log)
        #expect(response.status == 200)
        #expect(outcomes(of: log) == [.network, .server, nil])
        #expect(log.withLock { $0.map(\.number) } == [1, 2, 3])
        #expect(log.withLock { $0.map(\.duration) } == [.seconds(1), .seconds(1), .seconds(1)])
        let requests = transport.requests
        #expect(Set(requests.compactMap { $0.header("Authorization") }).count == 3)
        #expect(Set(requests.compactMap { $0.header("amz-sdk-invocation-id") }).count == 1)
        #expect(requests.map { $0.header("amz-sdk-request") } == (1...3).map { "attempt=\($0); max=4" })
    }

    /// The machine is an hour slow, then its clock is mended: both times the service's own time settles it, even where the
    /// policy allows one attempt only.
    @Test(arguments: [1, 4])
    func aClockIsCorrectedAndTheCorrectionTakenBack(maximumAttempts: Int) async throws {
        let hour = Lock(13)
        let transport = ScriptedTransport { request, _ in
            let hour = hour.withLock { $0 }
            return request.header("X-Amz-Date")?.hasPrefix("20261123T\(hour)") == true
                ? HTTPResponse(status: 200)
                : refusal("InvalidSignatureException", date: "Mon, 23 Nov 2026 \(hour):00:00 GMT")
        }
        var caller = Self.makeCaller(transport, clock: ManualClock())
        caller.retry.maximumAttempts = maximumAttempts
        #expect(try await Self.call(caller).status == 200)
        hour.withLock { $0 = 12 }
        #expect(try await Self.call(caller).status == 200)
        #expect(transport.requests.count == 4)
    }

    @Test func whatCannotHelpIsSentOnce() async {
        let transport = ScriptedTransport { _, _ in refusal("ValidationException") }
        let error = await #expect(throws: AWSFailure.self) {
            try await Self.call(Self.makeCaller(transport, clock: ManualClock()))
        }
        #expect(error?.class == .validation && error?.retryEnd == .pointless)
        #expect(error?.attempts == 1)
        #expect(transport.requests.count == 1)
    }

    @Test func attemptsEndWithThePolicy() async {
        let transport = ScriptedTransport { _, _ in refusal("ThrottlingException") }
        let log = Lock<[AttemptOutcome]>([])
        let error = await #expect(throws: AWSFailure.self) {
            try await Self.call(Self.makeCaller(transport, clock: ManualClock()), log: log)
        }
        #expect(error?.class == .throttled && error?.retryEnd == .attemptsUsedUp)
        #expect(error?.attempts == 4)
        #expect(error?.description == "ThrottlingException (400): m [4 attempts, attempts used up]")
        #expect(outcomes(of: log) == [.throttled, .throttled, .throttled, .throttled])
    }

    @Test func anEmptyQuotaEndsTheCall() async {
        let transport = ScriptedTransport { _, _ in refusal("InternalServerError", status: 500) }
        let error = await #expect(throws: AWSFailure.self) {
            try await Self.call(
                Self.makeCaller(
                    transport, clock: ManualClock(), quota: RetryQuota(tokens: RetryCosts.rules2026.transient)))
        }
        #expect(error?.class == .server && error?.retryEnd == .quotaUsedUp)
        #expect(error?.attempts == 2)
        #expect(transport.requests.count == 2)
    }

    @Test func aSuccessAfterARetryGivesItsTokensBack() async throws {
        let quota = RetryQuota(tokens: 100)
        let transport = ScriptedTransport { _, number in
            number == 1 ? refusal("InternalServerError", status: 500) : HTTPResponse(status: 200)
        }
        _ = try await Self.call(Self.makeCaller(transport, clock: ManualClock(), quota: quota))
        #expect(quota.available == 100)
    }

    /// The retry that was paid for never went.
    @Test func aCallThatIsCancelledInItsPauseGivesTheRetrysTokensBack() async {
        let quota = RetryQuota(tokens: 100)
        let transport = ScriptedTransport { _, _ in refusal("InternalServerError", status: 500) }
        let caller = AWSCaller(
            transport: transport, signer: SigV4Signer(service: "dynamodb", region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "s")),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:1/", region: "eu-west-1"),
            hooks: CallHooks(sleep: { _ in throw CancellationError() }, random: { 0.5 }), quota: quota)
        let error = await #expect(throws: AWSFailure.self) { try await Self.call(caller) }
        #expect(error?.class == .cancelled && transport.requests.count == 1)
        #expect(quota.available == 100)
    }

    /// The same where the call's time ends in the pause, which a busy machine made longer.
    @Test func aRetryThatTheCallsTimeLeavesUnsentIsNotPaidFor() async {
        let (quota, clock) = (RetryQuota(tokens: 100), ManualClock())
        let transport = ScriptedTransport { _, _ in refusal("InternalServerError", status: 500) }
        let caller = AWSCaller(
            transport: transport, signer: SigV4Signer(service: "dynamodb", region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "s")),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:1/", region: "eu-west-1"),
            hooks: CallHooks(
                uptimeNanoseconds: { clock.nanoseconds }, sleep: { _ in clock.advance(by: .seconds(11)) },
                random: { 0.5 }), quota: quota)
        let error = await #expect(throws: AWSFailure.self) { try await Self.call(caller) }
        #expect(error?.code == AWSFailure.callTimeoutCode && transport.requests.count == 1)
        #expect(quota.available == 100)
    }

    /// A retry that was decided in time and then waited too long, such as in a pause that a sleeping machine made longer.
    @Test(arguments: [(599, 2), (600, 1), (700, 1)])
    func aRetryThatWouldComeAfterItsTokensLifeDoesNotGo(seconds: Int, requests: Int) async {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, number throws(TransportError) in
            if number == 1 { throw TransportError(code: .connectionReset, message: "reset", sent: .all) }
            return HTTPResponse(status: 200)
        }
        let caller = AWSCaller(
            transport: transport, signer: SigV4Signer(service: "dynamodb", region: "eu-west-1"),
            credentials: Self.credentials, endpoint: AWSEndpoint(url: "http://127.0.0.1:1/", region: "eu-west-1"),
            hooks: CallHooks(
                now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds },
                sleep: { _ in clock.advance(by: .seconds(seconds)) }, random: { 0.5 }))
        let call = CallRequest(
            target: "X", body: [], timeouts: Timeouts(attempt: .seconds(5)), callTimeout: .seconds(3_600),
            repetition: .write { _, _ in .within(.seconds(600)) })
        var failure: AWSFailure?
        do throws(AWSFailure) {
            try await caller.perform(call, onAttempt: { _ in }, accept: { _ throws(AWSFailure) in })
        } catch {
            failure = error
        }
        #expect(transport.requests.count == requests)
        guard requests == 1 else { return }
        #expect(failure?.code == "ConnectionReset" && failure?.retryEnd == .notRepeatable)
        #expect(failure?.mayHaveBeenApplied == true && failure?.isRepeatable == false)
        #expect(caller.quota.available == RetryQuota.capacity)
    }

    @Test func aWrongClockIsCorrectedOnceAndRemembered() async throws {
        let clock = ManualClock()
        let serverDate = "Mon, 23 Nov 2026 13:00:00 GMT"
        let transport = ScriptedTransport { request, _ in
            request.header("X-Amz-Date")?.hasPrefix("20261123T13") == true
                ? HTTPResponse(status: 200) : refusal("InvalidSignatureException", date: serverDate)
        }
        let caller = Self.makeCaller(transport, clock: clock)
        _ = try await Self.call(caller)
        #expect(transport.requests.count == 2)
        _ = try await Self.call(caller)
        #expect(transport.requests.count == 3)
    }

    /// What follows without a pause is held against the call's time too.
    @Test func noAttemptBeginsAfterTheCallsTime() async {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, number in
            clock.advance(by: .seconds(11))
            return number == 1
                ? refusal("InvalidSignatureException", date: "Mon, 23 Nov 2026 13:00:00 GMT")
                : HTTPResponse(status: 200)
        }
        let failure = await #expect(throws: AWSFailure.self) {
            try await Self.call(Self.makeCaller(transport, clock: clock))
        }
        #expect(failure?.code == AWSFailure.callTimeoutCode && failure?.attempts == 1)
        #expect(failure?.retryEnd == .noTimeLeft)
        #expect(transport.requests.count == 1)
    }

    @Test func aWrongKeyIsNotTakenForAWrongClock() async {
        let transport = ScriptedTransport { _, _ in
            refusal("InvalidSignatureException", date: "Mon, 23 Nov 2026 12:00:01 GMT")
        }
        let error = await #expect(throws: AWSFailure.self) {
            try await Self.call(Self.makeCaller(transport, clock: ManualClock()))
        }
        #expect(error?.class == .credentials)
        #expect(transport.requests.count == 1)
    }

    @Test func aWrongChecksumIsRepeatedAndARightOneTaken() async throws {
        let transport = ScriptedTransport { _, number in
            HTTPResponse(
                status: 200, headers: [HTTPHeader(name: "x-amz-crc32", value: number == 1 ? "1" : "3421780262")],
                body: Array("123456789".utf8))
        }
        let log = Lock<[AttemptOutcome]>([])
        _ = try await Self.call(Self.makeCaller(transport, clock: ManualClock()), log: log)
        #expect(outcomes(of: log) == [.malformedResponse, nil])
    }

    @Test func theAttemptsLimitsShrinkWithTheCallsTime() async {
        let clock = ManualClock()
        let transport = ScriptedTransport { request, _ throws(TransportError) in
            clock.advance(by: request.timeouts.attempt)
            throw TransportError(code: .timeout(.attempt), message: "late")
        }
        let error = await #expect(throws: AWSFailure.self) {
            try await Self.call(Self.makeCaller(transport, clock: clock, random: 0), callTimeout: .seconds(7))
        }
        #expect(error?.class == .timeout && error?.retryEnd == .noTimeLeft)
        #expect(transport.requests.map(\.timeouts.attempt) == [.seconds(5), .seconds(2)])
        #expect(transport.requests.last?.timeouts.firstByte == .seconds(2))
    }

    @Test func aCancelledSleepEndsTheCallAtOnce() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, _ in refusal("ThrottlingException") }
        let caller = Self.makeCaller(transport, clock: clock, sleeps: true)
        let task = Task { () -> AWSFailure? in
            do throws(AWSFailure) {
                _ = try await Self.call(caller)
                return nil
            } catch {
                return error
            }
        }
        try await clock.waitForSleepers()
        task.cancel()
        let failure = await task.value
        #expect(failure?.class == .cancelled && failure?.retryEnd == nil)
        #expect(failure?.attempts == 1)
        #expect(transport.requests.count == 1)
    }

    @Test func aCancelledTaskSendsNothing() async {
        let transport = ScriptedTransport { _, _ in HTTPResponse(status: 200) }
        let caller = Self.makeCaller(transport, clock: ManualClock())
        let task = Task { () -> AWSFailure? in
            while !Task.isCancelled { await Task.yield() }
            do throws(AWSFailure) {
                _ = try await Self.call(caller)
                return nil
            } catch {
                return error
            }
        }
        task.cancel()
        let failure = await task.value
        #expect(failure?.class == .cancelled)
        #expect(failure?.attempts == 0)
        #expect(transport.requests.isEmpty)
    }

    // MARK: Credentials that the service refuses

    private static func renewingCaller(
        _ transport: ScriptedTransport, keys: [String], fetches: Lock<Int>
    ) -> AWSCaller {
        let clock = ManualClock()
        let source = RefreshingCredentials { now throws(AWSConfigurationError) in
            let number = fetches.withLock { count in
                count += 1
                return count
            }
            return FetchedCredentials(
                Credentials(
                    accessKeyID: keys[min(number, keys.count) - 1], secretAccessKey: "S", sessionToken: "T",
                    expiration: now.advanced(by: .seconds(3_600))))
        }
        let hooks = CallHooks(
            now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds }, sleep: { clock.advance(by: $0) },
            random: { 0.5 })
        return AWSCaller(
            transport: transport, signer: SigV4Signer(service: "dynamodb", region: "r"), credentials: source,
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"), retry: .never, hooks: hooks)
    }

    /// Revoked, or of a role whose sessions were ended: their expiration says nothing of it.
    @Test(arguments: ["ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId"])
    func credentialsThatAreRefusedAreRenewedAndTheCallMadeAgain(code: String) async throws {
        let transport = ScriptedTransport { request, _ in
            let authorization = request.headers.first { $0.name == "Authorization" }?.value ?? ""
            return authorization.contains("OLD") ? refusal(code) : HTTPResponse(status: 200)
        }
        let fetches = Lock(0)
        let caller = Self.renewingCaller(transport, keys: ["OLD", "NEW"], fetches: fetches)
        let log = Lock<[AttemptOutcome]>([])
        _ = try await Self.call(caller, log: log)
        #expect(outcomes(of: log) == [.credentials, nil])
        for _ in 0..<3 { _ = try await Self.call(caller) }
        #expect(fetches.withLock { $0 } == 2 && transport.requests.count == 5)
    }

    @Test func credentialsThatAreRefusedAgainEndTheCall() async {
        let transport = ScriptedTransport { _, _ in refusal("ExpiredTokenException") }
        let fetches = Lock(0)
        let caller = Self.renewingCaller(transport, keys: ["OLD", "NEW"], fetches: fetches)
        let failure = await #expect(throws: AWSFailure.self) { try await Self.call(caller) }
        #expect(failure?.code == "ExpiredTokenException" && failure?.attempts == 2)
        #expect(fetches.withLock { $0 } == 2)
    }

    @Test func keysThatHaveNoSuccessorsAreNotTriedTwice() async {
        let transport = ScriptedTransport { _, _ in refusal("UnrecognizedClientException") }
        let failure = await #expect(throws: AWSFailure.self) {
            try await Self.call(Self.makeCaller(transport, clock: ManualClock()))
        }
        #expect(failure?.attempts == 1 && transport.requests.count == 1 && failure?.retryEnd == .pointless)
    }

    @Test(arguments: [true, false])
    func missingCredentialsAreNoAttempt(sourceIsInTrouble: Bool) async {
        struct NoCredentials: CredentialProvider {
            var isPassing: Bool
            func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
                throw AWSConfigurationError(cause: "there are none", fix: "set AWS_ACCESS_KEY_ID", isPassing: isPassing)
            }
        }
        let transport = ScriptedTransport { _, _ in HTTPResponse(status: 200) }
        let caller = AWSCaller(
            transport: transport, signer: SigV4Signer(service: "dynamodb", region: "r"),
            credentials: NoCredentials(isPassing: sourceIsInTrouble),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"))
        let error = await #expect(throws: AWSFailure.self) { try await Self.call(caller) }
        #expect(error?.class == .credentials)
        #expect(error?.message == "there are none: set AWS_ACCESS_KEY_ID")
        #expect(error?.attempts == 0 && error?.isRetryable == sourceIsInTrouble)
    }
}

struct IDSourceTests {
    @Test func idsDoNotRepeatAndHaveTheFormOfUUIDs() {
        let source = IDSource()
        let ids = (0..<10_000).map { _ in source.nextUUID() }
        #expect(Set(ids).count == ids.count)
        for id in ids.prefix(100) {
            let parts = id.split(separator: "-").map(\.count)
            #expect(parts == [8, 4, 4, 4, 12])
            #expect(Array(id)[14] == "4")
            #expect("89ab".contains(Array(id)[19]))
        }
        #expect(source.nextHex().count == 16)
    }
}
