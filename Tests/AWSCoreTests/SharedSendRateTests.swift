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
        while try await rate.wait(hooks: hooks, limit: .zero) {}
        for _ in 0..<refused { #expect(try await rate.wait(hooks: hooks, limit: .zero) == false) }
        #expect(try await rate.wait(hooks: hooks, limit: .seconds(3_600)))
        return slept.withLock { $0 }
    }

    @Test func whoLeavesTheLineMakesNobodyWait() async throws {
        let alone = try await wait(after: 0)
        #expect(alone > .zero)
        #expect(try await wait(after: 5) == alone)
    }
}
