import Testing

@testable import AWSCore

/// The client's own rate, as calls wait for it.
struct SharedSendRateTests {
    /// How long the next call waits after so many left the line because their turn would have come too late.
    private func wait(after refused: Int) async throws -> Duration {
        let slept = Lock(Duration.zero)
        let hooks = CallHooks(
            uptimeNanoseconds: { slept.withLock { UInt64($0 / .nanoseconds(1)) } + 1_000_000_000 },
            sleep: { pause in slept.withLock { $0 += pause } })
        let rate = SharedSendRate()
        rate.received(throttled: true, hooks: hooks)
        func goes(within limit: Duration) async throws -> Bool {
            if case .now = try await rate.wait(hooks: hooks, limit: limit) { true } else { false }
        }
        while try await goes(within: .zero) {}
        for _ in 0..<refused { #expect(try await !goes(within: .zero)) }
        #expect(try await goes(within: .seconds(3_600)))
        return slept.withLock { $0 }
    }

    @Test func whoTakesNoPlaceInTheLineGoesAtOnceOrNotAtAll() async throws {
        let seconds = Lock(1.0)
        let hooks = CallHooks(uptimeNanoseconds: { seconds.withLock { UInt64($0 * 1e9) } })
        let rate = SharedSendRate()
        #expect(rate.takeAtOnce(hooks: hooks))
        rate.received(throttled: true, hooks: hooks)
        for _ in 0..<5 { #expect(!rate.takeAtOnce(hooks: hooks)) }
        // One request in two seconds is always let through; those that were refused took nothing.
        seconds.withLock { $0 = 3 }
        #expect(rate.takeAtOnce(hooks: hooks) && !rate.takeAtOnce(hooks: hooks))
    }

    @Test func whoLeavesTheLineMakesNobodyWait() async throws {
        let alone = try await wait(after: 0)
        #expect(alone > .zero)
        #expect(try await wait(after: 5) == alone)
    }
}
