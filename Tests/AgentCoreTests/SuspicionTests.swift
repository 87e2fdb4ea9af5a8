import Testing

@testable import AgentCore

/// What speaks against a batch, and what does not: decisions alone.
@Suite struct SuspicionTests {
    private func fail(
        _ suspects: inout SuspectBatches, _ batch: Int64, isHalf: Bool = false, datums: Int = 1, isKnown: Bool = false,
        now: Int64 = 0, pause: Int64 = 0
    ) -> SuspectBatches.Verdict {
        suspects.failed(SentBatch(id: batch, datums: datums, isHalf: isHalf), isKnown: isKnown, now: now) {
            $0 > 0 ? pause : 0
        }
    }

    @Test func threeFailuresInARowGiveWay() {
        var suspects = SuspectBatches()
        for _ in 0..<2 { #expect(fail(&suspects, 1) == .again && suspects.givingWay.isEmpty) }
        #expect(fail(&suspects, 1) == .again && suspects.givingWay == [1])
        // A part of one that gave way does so at once.
        #expect(fail(&suspects, 2, isHalf: true) == .again && suspects.givingWay == [1, 2])
    }

    @Test func whatIsTakenIsSuspectedNoMore() {
        var suspects = SuspectBatches()
        for _ in 0..<3 { _ = fail(&suspects, 1) }
        suspects.taken(1)
        #expect(suspects.givingWay.isEmpty)
    }

    /// When an outage ends, those that failed in it take their turn again.
    @Test func theFirstThatIsTakenAcquitsTheOthers() {
        var suspects = SuspectBatches()
        for _ in 0..<3 { _ = fail(&suspects, 1) }
        suspects.taken(2)
        #expect(suspects.givingWay.isEmpty)
    }

    @Test func failuresWhileOthersAreTakenHalve() {
        var suspects = SuspectBatches()
        #expect(fail(&suspects, 1, datums: 2) == .again)
        suspects.taken(2)
        #expect(fail(&suspects, 1, datums: 2) == .again)
        // Nothing new speaks against it.
        #expect(fail(&suspects, 1, datums: 2) == .again)
        suspects.taken(3)
        #expect(fail(&suspects, 1, datums: 2) == .halve)
    }

    @Test func anothersFailureSaysThatNobodyIsTaken() {
        var suspects = SuspectBatches()
        _ = fail(&suspects, 1, datums: 2)
        for other in 0..<10 {
            suspects.taken(Int64(100 + other))
            #expect(fail(&suspects, Int64(200 + other), datums: 2) == .again)
            #expect(fail(&suspects, 1, datums: 2) == .again)
        }
    }

    @Test func aWitnessIsAskedBeforeEachTryOfASuspect() {
        var suspects = SuspectBatches()
        for _ in 0..<2 { _ = fail(&suspects, 1) }
        #expect(!suspects.awaitsWitness(at: 0))
        _ = fail(&suspects, 1)
        #expect(suspects.awaitsWitness(at: 0))
        // Whatever became of it, the suspect is tried next: a witness may fail for a reason of its own.
        suspects.heard(witnessTaken: false)
        #expect(!suspects.awaitsWitness(at: 0) && suspects.givingWay == [1])
        _ = fail(&suspects, 1)
        #expect(suspects.awaitsWitness(at: 0))
    }

    @Test func aSuspectThatIsNotDueNeedsNoWitness() {
        var suspects = SuspectBatches()
        for _ in 0..<3 { _ = fail(&suspects, 1, pause: 10) }
        #expect(!suspects.awaitsWitness(at: 9) && suspects.awaitsWitness(at: 10))
    }

    /// Or the log would say that CloudWatch takes data again, of which none was taken.
    @Test func aWitnessThatIsTakenEndsNoTrouble() {
        var outbox = OutboxState(resendAmbiguous: true)
        let failure = SendOutcome.later(reason: "HTTP 500: it failed", mayHaveCounted: true)
        for _ in 0..<3 { _ = outbox.decide(failure, of: SentBatch(id: 1, datums: 2), now: 0, random: 0) }
        outbox.hear(witness: .acknowledged, now: 0, random: 0)
        #expect(outbox.failures == 0 && outbox.trouble == "HTTP 500: it failed")
        outbox.hear(witness: failure, now: 0, random: 0.5)
        #expect(outbox.failures == 1 && !outbox.maySend(at: 0))
        #expect(outbox.decide(.acknowledged, of: SentBatch(id: 1, datums: 2), now: 0, random: 0) == .acknowledge)
        #expect(outbox.trouble.isEmpty)
    }

    @Test func aWitnessThatIsTakenConvicts() {
        var suspects = SuspectBatches()
        // A whole batch twice, a part of one that was convicted once.
        for _ in 0..<3 { _ = fail(&suspects, 1, datums: 2) }
        suspects.heard(witnessTaken: true)
        #expect(fail(&suspects, 1, datums: 2) == .again)
        suspects.heard(witnessTaken: true)
        #expect(fail(&suspects, 1, datums: 2) == .halve)
        _ = fail(&suspects, 2, isHalf: true, datums: 2)
        suspects.heard(witnessTaken: true)
        #expect(fail(&suspects, 2, isHalf: true, datums: 2) == .halve)
    }

    @Test func aWitnessThatFailsAcquits() {
        var suspects = SuspectBatches()
        _ = fail(&suspects, 1, datums: 2)
        for _ in 0..<10 {
            suspects.heard(witnessTaken: true)
            #expect(fail(&suspects, 1, datums: 2) == .again)
            suspects.heard(witnessTaken: false)
            #expect(fail(&suspects, 1, datums: 2) == .again)
        }
    }

    /// What the witness said before holds for the datums that are set apart no longer than for others.
    @Test func anothersFailureCallsForANewWitnessOfWhatIsSetApart() {
        var outbox = OutboxState(resendAmbiguous: true)
        outbox.hear(witness: .acknowledged, now: 0, random: 0)
        #expect(!outbox.series.awaitsWitness(at: 0))
        let failure = SendOutcome.later(reason: "HTTP 500: it failed", mayHaveCounted: true)
        _ = outbox.decide(failure, of: SentBatch(id: 1, datums: 2), now: 0, random: 0)
        #expect(outbox.series.awaitsWitness(at: 0))
    }

    @Test func whatIsAtFaultAloneIsSetApart() {
        var suspects = SuspectBatches()
        _ = fail(&suspects, 1, isHalf: true)
        suspects.heard(witnessTaken: true)
        #expect(fail(&suspects, 1, isHalf: true) == .again)
        suspects.heard(witnessTaken: true)
        #expect(fail(&suspects, 1, isHalf: true) == .setApart)
    }

    @Test func oneFailureIsEnoughWhereRequestsAreKnownToFailForWhatIsInThem() {
        var suspects = SuspectBatches()
        _ = fail(&suspects, 1, datums: 2, isKnown: true)
        #expect(suspects.givingWay == [1])
        suspects.heard(witnessTaken: true)
        _ = fail(&suspects, 1, datums: 2)
        _ = fail(&suspects, 2, datums: 2)
        #expect(suspects.givingWay == [1, 2])
        suspects.heard(witnessTaken: false)
        _ = fail(&suspects, 3, datums: 2)
        #expect(suspects.givingWay == [1, 2])
    }

    /// Or it would wait longer and longer though the service is well.
    @Test func pausesDoNotGrowWhileTheWitnessIsTaken() {
        var suspects = SuspectBatches()
        func fail(at now: Int64) {
            _ = suspects.failed(SentBatch(id: 1, datums: 2), isKnown: false, now: now) { Int64($0) }
        }
        for _ in 0..<5 { fail(at: 0) }
        #expect(!suspects.awaitsWitness(at: 4) && suspects.awaitsWitness(at: 5))
        suspects.heard(witnessTaken: true)
        fail(at: 5)
        #expect(suspects.due(at: 6) == [1])
    }

    /// What a witness said before does not hold any more.
    @Test func anothersFailureCallsForANewWitness() {
        var suspects = SuspectBatches()
        for _ in 0..<3 { _ = fail(&suspects, 1, datums: 2) }
        for _ in 0..<2 {
            suspects.heard(witnessTaken: true)
            _ = fail(&suspects, 1, datums: 2)
        }
        suspects.heard(witnessTaken: true)
        #expect(!suspects.awaitsWitness(at: 0))
        _ = fail(&suspects, 2, datums: 2)
        #expect(suspects.awaitsWitness(at: 0))
    }

    @Test func pausesAreKeptUnlessTheClockWasSetBack() {
        var suspects = SuspectBatches()
        for _ in 0..<3 { _ = fail(&suspects, 1, now: 1_000_000_000_000, pause: 10_000_000_000) }
        #expect(suspects.due(at: 1_009_999_999_999).isEmpty)
        #expect(suspects.due(at: 1_010_000_000_000) == [1])
        #expect(suspects.due(at: 0) == [1])
    }
}
