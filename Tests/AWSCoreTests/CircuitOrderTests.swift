import TestSupport
import Testing

@testable import AWSCore

/// A call asks its circuit before it waits for anything, and what it does not use in the end is others'.
struct CircuitOrderTests {
    private static let adaptive = RetryPolicy(maximumAttempts: 1, mode: .adaptive)

    /// A caller whose keys come from this source, and whose sleeps take no time.
    private struct Stage: Transport, CredentialProvider {
        let status = Lock(200)
        let clock = ManualClock()
        let asked = Lock(0)
        let hasKeys = Lock(true)
        let circuits = CircuitPolicy(minimumFailures: 4)

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            HTTPResponse(status: status.withLock { $0 })
        }

        func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
            asked.withLock { $0 += 1 }
            guard hasKeys.withLock({ $0 }) else { throw AWSConfigurationError(message: "there are none") }
            return Credentials(accessKeyID: "A", secretAccessKey: "S")
        }

        func credentials(now: Timestamp, within limit: Duration) async throws(AWSConfigurationError) -> Credentials {
            try await credentials(now: now)
        }

        func makeCaller() -> AWSCaller {
            let clock = clock
            return AWSCaller(
                transport: self, signer: SigV4Signer(service: "dynamodb", region: "r"), credentials: self,
                endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"), retry: .never,
                hooks: CallHooks(
                    now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds },
                    sleep: { clock.advance(by: $0) }, random: { 0.5 }), circuit: circuits)
        }

        /// One call: what it met, and how long it took.
        func call(_ caller: AWSCaller, table: String, retry: RetryPolicy = .never) async -> (String?, Duration) {
            let before = clock.now
            var code: String?
            do throws(AWSFailure) {
                try await caller.perform(
                    CallRequest(
                        target: "X", body: [], timeouts: Timeouts(), callTimeout: .seconds(60), retry: retry,
                        circuit: CircuitKey(table: table, isWrite: false)), onAttempt: { _ in },
                    accept: { _ throws(AWSFailure) in })
            } catch {
                code = error.code
            }
            return (code, before.duration(to: clock.now))
        }

        /// The circuit of "T" is open, and the client's own rate lets a call go each two seconds.
        func openAndThrottle(_ caller: AWSCaller) async {
            status.withLock { $0 = 429 }
            _ = await call(caller, table: "U", retry: CircuitOrderTests.adaptive)
            status.withLock { $0 = 500 }
            for _ in 0..<4 { _ = await call(caller, table: "T") }
            status.withLock { $0 = 200 }
        }
    }

    @Test func anOpenCircuitRefusesBeforeTheCallWaitsForItsTurn() async {
        let (stage, other) = (Stage(), Stage())
        let (caller, alone) = (stage.makeCaller(), other.makeCaller())
        await stage.openAndThrottle(caller)
        await other.openAndThrottle(alone)
        for _ in 0..<6 {
            #expect(await stage.call(caller, table: "T", retry: Self.adaptive) == ("CircuitOpen", .zero))
        }
        // Nor did they take a turn from another table's call.
        let wait = await stage.call(caller, table: "U", retry: Self.adaptive).1
        #expect(await other.call(alone, table: "U", retry: Self.adaptive).1 == wait && wait > .zero)
    }

    @Test func anOpenCircuitRefusesBeforeCredentialsAreAskedFor() async {
        let stage = Stage()
        let caller = stage.makeCaller()
        await stage.openAndThrottle(caller)
        let asked = stage.asked.withLock { $0 }
        #expect(await stage.call(caller, table: "T").0 == "CircuitOpen")
        #expect(stage.asked.withLock { $0 } == asked)
    }

    /// A call that has waited for its turn and finds no credentials is no probe, and its turn is the next call's.
    @Test func whatACallDoesNotUseIsTheNextOnes() async {
        let (stage, other) = (Stage(), Stage())
        let (caller, alone) = (stage.makeCaller(), other.makeCaller())
        await stage.openAndThrottle(caller)
        await other.openAndThrottle(alone)
        stage.hasKeys.withLock { $0 = false }
        for stage in [stage, other] { stage.clock.advance(by: .seconds(5)) }
        for _ in 0..<5 {
            #expect(await stage.call(caller, table: "T", retry: Self.adaptive) == ("NoCredentials", .zero))
        }
        stage.hasKeys.withLock { $0 = true }
        for expected in [0, 1, 2] {
            let first = await stage.call(caller, table: "T", retry: Self.adaptive)
            let same = await other.call(alone, table: "T", retry: Self.adaptive)
            #expect(first.0 == nil && first.1 == same.1, "call \(expected)")
        }
        #expect(caller.circuits?.state(of: CircuitKey(table: "T", isWrite: false)) == .closed)
    }
}
