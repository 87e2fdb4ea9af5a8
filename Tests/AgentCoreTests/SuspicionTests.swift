import Testing

@testable import AgentCore

/// What speaks against a batch, and what does not: decisions alone.
@Suite struct SuspicionTests {
    private func fail(
        _ suspects: inout SuspectBatches, _ batch: Int64, isHalf: Bool = false, datums: Int = 1
    ) -> SuspectBatches.Verdict {
        suspects.failed(batch, isHalf: isHalf, datums: datums, now: 0) { _ in 0 }
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
        #expect(fail(&suspects, 1, datums: 2) == .halve)
    }

    @Test func anothersFailureAcquits() {
        var suspects = SuspectBatches()
        _ = fail(&suspects, 1, datums: 2)
        suspects.taken(2)
        #expect(fail(&suspects, 1, datums: 2) == .again)
        #expect(fail(&suspects, 3, datums: 2) == .again)
        #expect(fail(&suspects, 1, datums: 2) == .again)
    }

    @Test(arguments: [(taken: 19, failures: 30), (taken: 40, failures: 7)])
    func oneDatumIsPutAsideNeitherSoonNorForLittle(taken: Int, failures: Int) {
        var suspects = SuspectBatches()
        _ = fail(&suspects, 1, isHalf: true)
        for other in 0..<taken { suspects.taken(Int64(100 + other)) }
        for _ in 0..<failures { #expect(fail(&suspects, 1, isHalf: true) == .again) }
    }

    @Test func oneDatumThatFailsAmongManyThatAreTakenIsPutAside() {
        var suspects = SuspectBatches()
        _ = fail(&suspects, 1, isHalf: true)
        for other in 0..<20 { suspects.taken(Int64(100 + other)) }
        for _ in 0..<7 { #expect(fail(&suspects, 1, isHalf: true) == .again) }
        #expect(fail(&suspects, 1, isHalf: true) == .putAside)
    }

    @Test func pausesAreKeptUnlessTheClockWasSetBack() {
        var suspects = SuspectBatches()
        for _ in 0..<3 {
            _ = suspects.failed(1, isHalf: false, datums: 1, now: 1_000_000_000_000) { _ in 10_000_000_000 }
        }
        #expect(suspects.due(at: 1_009_999_999_999).isEmpty)
        #expect(suspects.due(at: 1_010_000_000_000) == [1])
        #expect(suspects.due(at: 0) == [1])
    }
}
