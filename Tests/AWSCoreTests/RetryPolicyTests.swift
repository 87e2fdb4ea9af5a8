import AWSCore
import TestSupport
import Testing

struct RetryPolicyTests {
    static func failure(_ kind: RetryKind, retryAfter: Duration? = nil) -> AWSFailure {
        AWSFailure(class: .server, code: "X", message: "x", retryKind: kind, retryAfter: retryAfter)
    }

    @Test func fullJitterSpreadsFromZeroToTheDoublingBase() {
        let policy = RetryPolicy(maximumAttempts: 10)
        for (attempt, top) in [(1, 25), (2, 50), (3, 100), (4, 200)] {
            let failure = Self.failure(.transient)
            #expect(policy.delay(afterAttempt: attempt, failure: failure, random: 0) == .zero)
            #expect(policy.delay(afterAttempt: attempt, failure: failure, random: 0.5) == .milliseconds(top) / 2)
            #expect(policy.delay(afterAttempt: attempt, failure: failure, random: 1) == .milliseconds(top))
        }
    }

    @Test func throttlingBacksOffFromOneSecond() {
        #expect(RetryPolicy().delay(afterAttempt: 2, failure: Self.failure(.throttling), random: 1) == .seconds(2))
    }

    @Test func noPauseIsLongerThanTheCap() {
        let policy = RetryPolicy(maximumAttempts: 100)
        for attempt in [10, 40, 99] {
            #expect(policy.delay(afterAttempt: attempt, failure: Self.failure(.throttling), random: 1) == .seconds(20))
        }
    }

    @Test func theLastAttemptIsTheLast() {
        #expect(RetryPolicy().delay(afterAttempt: 4, failure: Self.failure(.transient), random: 0) == nil)
        #expect(RetryPolicy.never.delay(afterAttempt: 1, failure: Self.failure(.transient), random: 0) == nil)
    }

    @Test func whatCannotHelpIsNotRepeated() {
        #expect(RetryPolicy().delay(afterAttempt: 1, failure: Self.failure(.never), random: 0) == nil)
    }

    @Test func theServicesHintLengthensAPauseByFiveSecondsAtMost() {
        let policy = RetryPolicy()
        func pause(_ hint: Duration, random: Double) -> Duration? {
            policy.delay(afterAttempt: 1, failure: Self.failure(.throttling, retryAfter: hint), random: random)
        }
        #expect(pause(.seconds(3), random: 0.5) == .seconds(3))
        #expect(pause(.seconds(60), random: 0.5) == .milliseconds(5_500))
        #expect(pause(.milliseconds(10), random: 0.5) == .milliseconds(500))
    }

    @Test func anyRandomNumberGivesAPauseInRange() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let attempt = Int.random(in: 1...12, using: &generator)
            let policy = RetryPolicy(maximumAttempts: 13)
            let pause = policy.delay(
                afterAttempt: attempt, failure: Self.failure(.transient), random: generator.nextUnit())
            let range = Duration.zero...Duration.seconds(20)
            #expect(pause.map { range.contains($0) } == true)
        }
    }
}

struct RetryQuotaTests {
    @Test func aBucketOfFiveHundredPaysThirtyFiveTransientRetries() {
        let quota = RetryQuota()
        var paid = 0
        while quota.take(RetryCosts.rules2026.transient) { paid += 1 }
        #expect(paid == 35)
        #expect(quota.available == 10)
    }

    @Test func successRefillsUpToTheBrim() {
        let quota = RetryQuota(tokens: 490)
        quota.giveBack(RetryCosts.rules2026.transient)
        #expect(quota.available == 500)
    }

    @Test func tokensAreConservedUnderConcurrency() async {
        let quota = RetryQuota()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 where quota.take(5) { quota.giveBack(5) }
                }
            }
        }
        #expect(quota.available == RetryQuota.capacity)
    }
}
