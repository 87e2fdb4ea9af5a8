import Testing

@testable import AWSCore

/// What follows a failed attempt, decided without a clock.
struct AttemptDecisionTests {
    @Test func aPauseThatWouldOutlastTheCallIsNotBegun() {
        var loop = AttemptLoop(policy: RetryPolicy(), callTimeout: .seconds(1))
        let failure = AWSFailure(class: .throttled, code: "T", message: "m", retryKind: .throttling)
        let now = Timestamp(secondsSince1970: 0)
        guard
            case .giveUp(let final) = loop.next(after: failure, elapsed: .milliseconds(600), random: 0.5, signedAt: now)
        else {
            Issue.record("it went on")
            return
        }
        #expect(final.attempts == 1)
        #expect(final.class == .throttled && final.retryEnd == .noTimeLeft)
    }

    @Test func aSkewWithinTheServicesToleranceIsNoReasonToSignAgain() {
        let failure = AWSFailure(
            class: .credentials, code: "InvalidSignatureException", message: "m",
            serverTime: Timestamp(secondsSince1970: 1_000))
        for (local, corrects) in [(Int64(990), false), (1_300, true), (400, true), (761, false)] {
            var loop = AttemptLoop(policy: RetryPolicy(), callTimeout: .seconds(10))
            let action = loop.next(
                after: failure, elapsed: .zero, random: 0, signedAt: Timestamp(secondsSince1970: local))
            if case .correctClock(let offset) = action {
                #expect(corrects)
                #expect(offset == .seconds(1_000 - local))
            } else {
                #expect(!corrects)
            }
        }
    }

    /// Neither their number nor the length of the pauses.
    @Test func attemptsThatWereRefusedForTheClockOrTheCredentialsDoNotCount() {
        let now = Timestamp(secondsSince1970: 0)
        let skew = AWSFailure(
            class: .credentials, code: "InvalidSignatureException", message: "m",
            serverTime: Timestamp(secondsSince1970: 3_600))
        let stale = AWSFailure(class: .credentials, code: "ExpiredTokenException", message: "m")
        let fault = AWSFailure(class: .server, code: "F", message: "m", retryKind: .transient)
        var loop = AttemptLoop(policy: RetryPolicy(maximumAttempts: 3), callTimeout: .seconds(10))
        func pause(_ failure: AWSFailure) -> Duration? {
            switch loop.next(after: failure, elapsed: .zero, random: 1, signedAt: now) {
            case .retry(let pause, _, _): pause
            case .correctClock, .renewCredentials: .zero
            case .giveUp: nil
            }
        }
        let (first, second) = (Duration.milliseconds(25), Duration.milliseconds(50))
        #expect([skew, fault, stale, fault].map(pause) == [.zero, first, .zero, second])
        #expect(loop.attempt == 5 && pause(fault) == nil)
        // Each is done once a call.
        loop = AttemptLoop(policy: RetryPolicy(maximumAttempts: 3), callTimeout: .seconds(10))
        #expect([skew, stale, skew].map(pause) == [.zero, .zero, nil])
    }

    @Test(arguments: [true, false])
    func anAttemptThatUsedUpTheCallsTimeEndsItForThat(isRepeatable: Bool) {
        var loop = AttemptLoop(policy: RetryPolicy(), callTimeout: .seconds(1))
        var failure = AWSFailure.callTimeout(.seconds(1), "while an attempt was under way")
        failure.isAmbiguous = true
        let now = Timestamp(secondsSince1970: 0)
        let action = loop.next(after: failure, elapsed: .seconds(1), random: 0, signedAt: now) { _ in isRepeatable }
        guard case .giveUp(let final) = action else {
            Issue.record("it went on")
            return
        }
        #expect(final.retryEnd == .noTimeLeft && loop.mayHaveBeenApplied)
    }

    /// A token is honoured for ten minutes from the request that brought it: counted from the beginning of the first attempt that
    /// may have done its work, whatever the later ones meet.
    @Test func whatMayBeRepeatedForAWhileIsNotRepeatedAfterIt() {
        let lost = AWSFailure(class: .network, code: "L", message: "m", retryKind: .transient, isAmbiguous: true)
        let throttle = AWSFailure(class: .throttled, code: "T", message: "m", retryKind: .throttling)
        let now = Timestamp(secondsSince1970: 0)
        var loop = AttemptLoop(policy: RetryPolicy(maximumAttempts: 10), callTimeout: .seconds(3_600))
        func end(_ failure: AWSFailure, at seconds: Int) -> RetryEnd? {
            let action = loop.next(
                after: failure, elapsed: .seconds(seconds), random: 0, signedAt: now,
                isRepeatable: { $0 < .seconds(600) })
            if case .giveUp(let failure) = action { return failure.retryEnd } else { return nil }
        }
        #expect(end(throttle, at: 100) == nil && !loop.mayHaveBeenApplied)
        #expect(end(lost, at: 130) == nil && loop.mayHaveBeenApplied)
        #expect(loop.openFor(at: .seconds(130)) == .seconds(30))
        #expect(end(lost, at: 400) == nil && end(throttle, at: 699) == nil)
        #expect(end(throttle, at: 700) == .notRepeatable)
    }
}
