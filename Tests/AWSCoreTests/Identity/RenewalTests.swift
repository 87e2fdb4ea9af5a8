import AWSCore
import TestSupport
import Testing

/// A source whose fetches a test counts, holds back and answers.
private final class ScriptedSource: Sendable {
    private struct State {
        var fetches = 0
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var answer: Result<FetchedCredentials, AWSConfigurationError>
    }

    private let state: Lock<State>

    init(_ answer: Result<FetchedCredentials, AWSConfigurationError>) { state = Lock(State(answer: answer)) }

    var fetches: Int { state.withLock { $0.fetches } }
    func answer(_ answer: Result<FetchedCredentials, AWSConfigurationError>) { state.withLock { $0.answer = answer } }
    func hold() { state.withLock { $0.isHeld = true } }
    func release() {
        let waiting = state.withLock { state in
            state.isHeld = false
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0.resume() }
    }

    var provider: RefreshingCredentials {
        RefreshingCredentials { [self] _ throws(AWSConfigurationError) in
            await withCheckedContinuation { continuation in
                let isHeld = state.withLock { state in
                    state.fetches += 1
                    if state.isHeld { state.waiting.append(continuation) }
                    return state.isHeld
                }
                if !isHeld { continuation.resume() }
            }
            return try state.withLock { $0.answer }.get()
        }
    }
}

@Suite struct RenewalTests {
    private let clock = ManualClock()

    private func keys(_ id: String, minutes: Int?, reread: Duration? = nil) -> Result<
        FetchedCredentials, AWSConfigurationError
    > {
        let end = minutes.map { clock.timestamp.advanced(by: .seconds($0 * 60)) }
        return .success(
            FetchedCredentials(
                Credentials(accessKeyID: id, secretAccessKey: "planted", expiration: end), rereadInterval: reread))
    }

    private func id(_ provider: RefreshingCredentials) async -> String {
        do { return try await provider.credentials(now: clock.timestamp).accessKeyID } catch { return error.message }
    }

    private static let down = AWSConfigurationError(cause: "the source is down", fix: "mend it")

    @Test func credentialsAreFetchedOnceAndKept() async {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        for _ in 0..<10 { #expect(await id(provider) == "A") }
        #expect(source.fetches == 1)
    }

    @Test func aThousandCallersAtTheEndMakeOneRenewal() async throws {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        clock.advance(by: .seconds(3_600))
        source.answer(keys("B", minutes: 60))
        source.hold()
        let now = clock.timestamp
        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<1_000 { group.addTask { try await provider.credentials(now: now).accessKeyID } }
            try await waitUntil("the renewal") { source.fetches == 2 }
            source.release()
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(found == ["B": 1_000])
        #expect(source.fetches == 2)
    }

    @Test func aThousandCallersAtTheStartMakeOneFetchAndShareItsFailure() async throws {
        let source = ScriptedSource(.failure(Self.down))
        let provider = source.provider
        let now = clock.timestamp
        source.hold()
        let said = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    do { return try await provider.credentials(now: now).accessKeyID } catch { return "\(error)" }
                }
            }
            try await waitUntil("the fetch") { source.fetches == 1 }
            source.release()
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(said == ["the source is down: mend it": 1_000])
        #expect(source.fetches == 1)
    }

    // MARK: Credentials that AWS refused

    private func refused(_ id: String) -> Credentials { Credentials(accessKeyID: id, secretAccessKey: "planted") }

    @Test func refusedCredentialsAreRenewedOnceForAllCallers() async throws {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        source.answer(keys("B", minutes: 60))
        source.hold()
        // Whoever is refused before, while and after they are renewed is served by the one renewal.
        for _ in 0..<3 { #expect(provider.discard(refused("A"), now: clock.timestamp)) }
        let (now, refusal) = (clock.timestamp, refused("A"))
        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    #expect(provider.discard(refusal, now: now))
                    return try await provider.credentials(now: now).accessKeyID
                }
            }
            try await waitUntil("the renewal") { source.fetches == 2 }
            source.release()
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(found == ["B": 50])
        #expect(provider.discard(refused("A"), now: clock.timestamp))
        #expect(await id(provider) == "B")
        #expect(source.fetches == 2)
    }

    @Test func aSourceThatGivesTheRefusedOnesAgainIsNotAskedAgainAtOnce() async {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        #expect(provider.discard(refused("A"), now: clock.timestamp))
        #expect(await id(provider) == "A")
        #expect(!provider.discard(refused("A"), now: clock.timestamp))
        #expect(await id(provider) == "A")
        #expect(source.fetches == 2)
        clock.advance(by: .seconds(31))
        #expect(provider.discard(refused("A"), now: clock.timestamp))
        _ = await id(provider)
        #expect(source.fetches == 3)
    }

    @Test func whereTheSourceFailsRefusedCredentialsAreKept() async {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        source.answer(.failure(Self.down))
        #expect(provider.discard(refused("A"), now: clock.timestamp))
        #expect(await id(provider) == "A")
        #expect(!provider.discard(refused("A"), now: clock.timestamp))
        #expect(source.fetches == 2)
    }

    @Test func inTheAdvisoryWindowCallersKeepTheOldOnesAndDoNotWait() async throws {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        clock.advance(by: .seconds(45 * 60 - 1))
        _ = await id(provider)
        #expect(source.fetches == 1)
        clock.advance(by: .seconds(1))
        source.answer(keys("B", minutes: 60))
        source.hold()
        for _ in 0..<5 { #expect(await id(provider) == "A") }
        try await waitUntil("the renewal") { source.fetches == 2 }
        source.release()
        try await waitUntil("the new ones") { await id(provider) == "B" }
        #expect(source.fetches == 2)
    }

    @Test func inTheMandatoryWindowCallersWait() async {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        clock.advance(by: .seconds(50 * 60))
        source.answer(keys("B", minutes: 60))
        #expect(await id(provider) == "B")
    }

    @Test func aRenewalThatFailsLeavesTheUsableOnesAndIsTriedAgainAfterAPause() async throws {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        clock.advance(by: .seconds(50 * 60))
        source.answer(.failure(Self.down))
        #expect(await id(provider) == "A")
        #expect(await id(provider) == "A")
        #expect(source.fetches == 2)
        clock.advance(by: .seconds(1))
        #expect(await id(provider) == "A")
        #expect(source.fetches == 3)
        clock.advance(by: .seconds(1))
        #expect(await id(provider) == "A")
        #expect(source.fetches == 3)
        // At their end there is nothing left to use.
        clock.advance(by: .seconds(10 * 60))
        #expect(await id(provider) == "the source is down: mend it")
        source.answer(keys("B", minutes: 60))
        clock.advance(by: .seconds(4))
        #expect(await id(provider) == "B")
    }

    @Test func aFailureIsNotAskedForAgainByEveryCall() async {
        let source = ScriptedSource(.failure(Self.down))
        let provider = source.provider
        for _ in 0..<100 { _ = await id(provider) }
        #expect(source.fetches == 1)
        clock.advance(by: .seconds(1))
        for _ in 0..<100 { _ = await id(provider) }
        #expect(source.fetches == 2)
    }

    @Test func credentialsThatComeWithLittleTimeLeftAreNotRenewedByEveryCall() async throws {
        let source = ScriptedSource(keys("A", minutes: 9))
        let provider = source.provider
        for _ in 0..<100 { _ = await id(provider) }
        #expect(source.fetches == 1)
        clock.advance(by: .seconds(6 * 60))
        source.answer(keys("B", minutes: 60))
        #expect(await id(provider) == "B")
    }

    @Test func expiredOnesAreRefusedWithTheTime() async {
        let source = ScriptedSource(keys("A", minutes: 0))
        #expect(await id(source.provider).contains("had expired at 2026-11-23T12:00:00Z already"))
    }

    @Test func onesWithoutAnEndAreKeptForEver() async {
        let source = ScriptedSource(keys("A", minutes: nil))
        let provider = source.provider
        _ = await id(provider)
        clock.advance(by: .seconds(10_000_000))
        _ = await id(provider)
        #expect(source.fetches == 1)
    }

    @Test func aCallerThatIsCancelledLeavesAndTheOthersGetTheirs() async throws {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        let now = clock.timestamp
        source.hold()
        let staying = Task { try await provider.credentials(now: now).accessKeyID }
        let leaving = Task {
            do { return try await provider.credentials(now: now).accessKeyID } catch { return "\(error)" }
        }
        try await waitUntil("the fetch") { source.fetches == 1 }
        leaving.cancel()
        #expect(await leaving.value.contains("cancelled"))
        source.release()
        #expect(try await staying.value == "A")
    }

    /// Cancelled before it waits, while it comes to wait, and while it waits: each leaves, though the source never answers.
    @Test func callersThatAreCancelledAtAnyMomentLeave() async throws {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        let (now, left) = (clock.timestamp, Lock(0))
        source.hold()
        defer { source.release() }
        let callers = (0..<200).map { number in
            Task {
                if number % 4 == 0 { withUnsafeCurrentTask { $0?.cancel() } }
                do {
                    _ = try await provider.credentials(now: now)
                } catch {
                    if "\(error)".contains("cancelled") { left.withLock { $0 += 1 } }
                }
            }
        }
        try await waitUntil("those that were cancelled already") { left.withLock { $0 } == 50 }
        callers.forEach { $0.cancel() }
        try await waitUntil("all others") { left.withLock { $0 } == 200 }
        #expect(source.fetches == 1)
    }

    @Test func aClockThatIsSetBackByHoursAsksAgain() async throws {
        let source = ScriptedSource(keys("A", minutes: 60))
        let provider = source.provider
        _ = await id(provider)
        source.answer(keys("B", minutes: 60))
        _ = try await provider.credentials(now: clock.timestamp.advanced(by: .seconds(-7_200)))
        try await waitUntil("the new ones") { await id(provider) == "B" }
    }
}
