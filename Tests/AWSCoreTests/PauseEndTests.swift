import AWSCore
import TestSupport
import Testing

/// A shutdown does not wait for calls that wait themselves.
@Suite struct PauseEndTests {
    private struct Failing: Transport {
        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            HTTPResponse(status: 500, body: Array("{}".utf8))
        }
    }

    private func caller(
        _ pauses: Lock<Int>, retry: RetryPolicy = .standard,
        credentials: any CredentialProvider = StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "S"))
    ) -> AWSCaller {
        AWSCaller(
            transport: Failing(), signer: SigV4Signer(service: "dynamodb", region: "eu-west-1"),
            credentials: credentials,
            endpoint: AWSEndpoint(url: "http://127.0.0.1:9/", region: "eu-west-1"), retry: retry,
            hooks: CallHooks(sleep: { _ in
                pauses.withLock { $0 += 1 }
                try await Task.sleep(for: .seconds(86_400))
            }))
    }

    private func failure(_ caller: AWSCaller) async -> AWSFailure? {
        do throws(AWSFailure) {
            _ = try await caller.call(target: "T", body: [], callTimeout: .seconds(200_000))
            return nil
        } catch {
            return error
        }
    }

    @Test func callsInAPauseEndAtOnceAndSayWhy() async throws {
        let pauses = Lock(0)
        let caller = caller(pauses)
        let calls = (0..<20).map { _ in Task { await failure(caller) } }
        try await waitUntil("20 calls in their pause") { pauses.withLock { $0 } == 20 }
        caller.endPauses()
        for call in calls {
            let failure = await call.value
            #expect(failure?.code == "TransportShutDown" && failure?.class == .client && failure?.attempts == 1)
        }
    }

    /// A source in trouble must not keep a service from stopping either.
    @Test(arguments: [false, true])
    func callsThatWaitForCredentialsEndAtOnceAndSayWhy(isKept: Bool) async throws {
        struct Silent: CredentialProvider {
            let asked: Lock<Int>
            func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
                asked.withLock { $0 += 1 }
                try? await Task.sleep(for: .seconds(86_400))
                throw AWSConfigurationError(cause: "nothing came", fix: "ask again")
            }
        }
        let silent = Silent(asked: Lock(0))
        let source: any CredentialProvider =
            isKept
            ? RefreshingCredentials { now throws(AWSConfigurationError) in
                FetchedCredentials(try await silent.credentials(now: now))
            } : silent
        let caller = caller(Lock(0), credentials: source)
        let calls = (0..<5).map { _ in Task { await failure(caller) } }
        try await waitUntil("the source to be asked") { silent.asked.withLock { $0 } >= (isKept ? 1 : 5) }
        caller.endPauses()
        for call in calls { #expect(await call.value?.code == "TransportShutDown") }
    }

    @Test func noLaterPauseBegins() async throws {
        let caller = caller(Lock(0))
        caller.endPauses()
        let failure = await failure(caller)
        #expect(failure?.code == "TransportShutDown" && failure?.attempts == 1)
    }

    @Test func aCancelledCallIsCancelledStill() async throws {
        let pauses = Lock(0)
        let caller = caller(pauses)
        let call = Task { await failure(caller) }
        try await waitUntil("a call in its pause") { pauses.withLock { $0 } == 1 }
        call.cancel()
        #expect(await call.value?.class == .cancelled)
    }

    /// `.seconds(.max)` is how people say that there is no limit.
    @Test func noDurationIsTooLongToSleep() async throws {
        let sleeping = Task { try await CallHooks.sleep(.seconds(Int64.max)) }
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
    }

    @Test func noTimeoutIsTooLongForASourceOfCredentials() async throws {
        struct Source: CredentialProvider {
            func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
                await Task.yield()
                return Credentials(accessKeyID: "A", secretAccessKey: "S")
            }
        }
        let found = try await Source().credentials(now: Timestamp.now(), within: .seconds(Int64.max))
        #expect(found.accessKeyID == "A")
    }
}
