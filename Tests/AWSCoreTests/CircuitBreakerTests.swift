import TestSupport
import Testing

@testable import AWSCore

struct CircuitBreakerTests {
    private static let policy = CircuitPolicy(
        window: .seconds(10), minimumFailures: 4, openFor: .seconds(1), maximumOpen: .seconds(4), successesToClose: 2)

    /// An open circuit, opened at that time.
    private static func opened(at now: Int = 0, random: Double = 0.5) -> CircuitBreaker {
        var breaker = CircuitBreaker(policy: policy)
        for _ in 0..<4 { _ = breaker.settle(.pass, .failed, now: nanoseconds(now), random: random) }
        return breaker
    }

    private func round(_ milliseconds: Int) -> CircuitBreaker.Round {
        CircuitBreaker.Round(begunAt: nanoseconds(milliseconds))
    }

    @Test func enoughFailuresOfEnoughAttemptsOpenIt() {
        var breaker = CircuitBreaker(policy: Self.policy)
        for _ in 0..<3 { #expect(breaker.settle(.pass, .failed, now: 1, random: 0.5) == nil) }
        #expect(breaker.state == .closed && breaker.admit(now: 1) == .pass)
        #expect(breaker.settle(.pass, .failed, now: 1, random: 0.5) == .opened)
        #expect(breaker.state == .open(until: nanoseconds(1_000) + 1))
        #expect(breaker.admit(now: 2) == .refused(until: nanoseconds(1_000) + 1))
    }

    @Test func answersKeepItClosedHoweverManyFail() {
        var breaker = CircuitBreaker(policy: Self.policy)
        for _ in 0..<1_000 {
            for verdict in [CircuitBreaker.Verdict.alive, .alive, .failed, .silent, .silent] {
                #expect(breaker.settle(.pass, verdict, now: 1, random: 0.5) == nil)
            }
        }
        #expect(breaker.state == .closed)
    }

    @Test func failuresOfAnOlderWindowAreForgotten() {
        var breaker = CircuitBreaker(policy: Self.policy)
        for _ in 0..<3 { _ = breaker.settle(.pass, .failed, now: 1, random: 0.5) }
        #expect(breaker.settle(.pass, .failed, now: nanoseconds(10_001), random: 0.5) == nil)
        #expect(!breaker.isCalm(now: nanoseconds(15_000)) && breaker.isCalm(now: nanoseconds(20_001)))
    }

    /// Attempts of a table, in runs: when the first ends, how far apart they are, how many, and what they met.
    struct Run: Sendable {
        var from: Int
        var every: Int
        var count: Int
        var verdict: CircuitBreaker.Verdict
    }

    /// Ten failures within ten seconds, and half of all, by the standing policy. Times in milliseconds.
    static let sequences: [(name: String, runs: [Run], opensAt: Int?)] = [
        ("ten at once", [Run(from: 0, every: 0, count: 12, verdict: .failed)], 0),
        ("nine", [Run(from: 0, every: 100, count: 9, verdict: .failed)], nil),
        (
            "twelve after 2,000 answers",
            [
                Run(from: 0, every: 4, count: 2_000, verdict: .alive),
                Run(from: 8_000, every: 1, count: 12, verdict: .failed),
            ], nil
        ),
        (
            "one before, 17 within 0.6 s where a window that begins anew would end",
            [
                Run(from: 0, every: 0, count: 1, verdict: .failed),
                Run(from: 9_700, every: 35, count: 17, verdict: .failed),
            ], 9_700 + 8 * 35
        ),
        (
            "17 within 0.6 s across a border of tenths",
            [
                Run(from: 0, every: 0, count: 1, verdict: .failed),
                Run(from: 10_700, every: 35, count: 17, verdict: .failed),
            ], 10_700 + 9 * 35
        ),
        ("ten, one a second", [Run(from: 0, every: 1_000, count: 40, verdict: .failed)], 9_000),
        ("ten in eleven seconds, again and again", [Run(from: 0, every: 1_250, count: 40, verdict: .failed)], nil),
        (
            "as many answers as failures",
            [Run(from: 0, every: 0, count: 10, verdict: .alive), Run(from: 1, every: 0, count: 10, verdict: .failed)], 1
        ),
        (
            "one answer more than failures",
            [Run(from: 0, every: 0, count: 11, verdict: .alive), Run(from: 1, every: 0, count: 10, verdict: .failed)],
            nil
        ),
        (
            "answers that have left the window",
            [
                Run(from: 0, every: 0, count: 500, verdict: .alive),
                Run(from: 9_999, every: 0, count: 10, verdict: .failed),
                Run(from: 10_000, every: 0, count: 1, verdict: .failed),
            ], 10_000
        ),
        (
            "a table asked evenly that goes down: once half of the window is over",
            [
                Run(from: 0, every: 10, count: 1_000, verdict: .alive),
                Run(from: 10_000, every: 10, count: 1_000, verdict: .failed),
            ], 14_990
        ),
        (
            "silence says nothing",
            [
                Run(from: 0, every: 0, count: 500, verdict: .silent),
                Run(from: 1, every: 0, count: 10, verdict: .failed),
            ], 1
        ),
    ]

    private static func opening(_ sequence: [Run], _ settle: (CircuitBreaker.Verdict, UInt64) -> Bool) -> Int? {
        for run in sequence {
            for number in 0..<run.count {
                let time = run.from + number * run.every
                if settle(run.verdict, nanoseconds(time)) { return time }
            }
        }
        return nil
    }

    @Test(arguments: sequences.indices)
    func theWindowSlidesAndHoldsAllAttempts(index: Int) {
        let sequence = Self.sequences[index]
        var breaker = CircuitBreaker(policy: CircuitPolicy())
        let opened = Self.opening(sequence.runs) { verdict, now in
            breaker.settle(.pass, verdict, now: now, random: 0.5) == .opened
        }
        #expect(opened == sequence.opensAt, "\(sequence.name)")
    }

    /// The board counts answers beside the breakers, without a lock: it has to come to the same.
    @Test(arguments: sequences.indices)
    func theBoardDecidesAsTheBreakerDoes(index: Int) {
        let sequence = Self.sequences[index]
        for start in [UInt64(0), nanoseconds(123_456_000), nanoseconds(Int(UInt32.max) * 1_000)] {
            let (board, key) = (CircuitBoard(policy: CircuitPolicy()), CircuitKey(table: "T", isWrite: false))
            let opened = Self.opening(sequence.runs) { verdict, now in
                board.settle(key, .pass, verdict, now: start + now) == .opened
            }
            #expect(opened == sequence.opensAt, "\(sequence.name) from \(start)")
        }
    }

    @Test func oneProbeAtATimeAndEnoughSuccessesCloseIt() {
        var breaker = Self.opened()
        #expect(breaker.admit(now: nanoseconds(1_000)) == .firstProbe(round(1_000)))
        #expect(breaker.admit(now: nanoseconds(1_001)) == .refused(until: nanoseconds(1_001)))
        #expect(breaker.settle(.probe(round(1_000)), .alive, now: nanoseconds(1_002), random: 0.5) == nil)
        #expect(breaker.admit(now: nanoseconds(1_003)) == .probe(round(1_000)))
        #expect(breaker.settle(.probe(round(1_000)), .alive, now: nanoseconds(1_004), random: 0.5) == .closed)
        #expect(breaker.state == .closed)
    }

    @Test func aProbeThatIsGivenUpLetsTheNextOneGo() {
        var breaker = Self.opened()
        #expect(breaker.admit(now: nanoseconds(1_000)) == .firstProbe(round(1_000)))
        #expect(breaker.settle(.probe(round(1_000)), .silent, now: nanoseconds(1_001), random: 0.5) == nil)
        #expect(breaker.admit(now: nanoseconds(1_002)) == .probe(round(1_000)))
    }

    @Test func eachFailedProbeDoublesTheWaitUpToTheLongest() {
        var breaker = Self.opened()
        var now = 1_000
        for wait in [2_000, 4_000, 4_000] {
            #expect(breaker.admit(now: nanoseconds(now)) == .firstProbe(round(now)))
            #expect(breaker.settle(.probe(round(now)), .failed, now: nanoseconds(now), random: 0.5) == .reopened)
            #expect(breaker.state == .open(until: nanoseconds(now + wait)))
            now += wait
        }
    }

    /// The minute counts from when a probe might have gone.
    @Test func whatNobodyAsksForIsForsakenAfterAMinute() {
        var breaker = Self.opened()
        func isForsaken(_ milliseconds: Int) -> Bool { breaker.isForsaken(now: nanoseconds(milliseconds)) }
        #expect([0, 1_000, 60_999, 61_000].map(isForsaken) == [false, false, false, true])
        // A probe that is under way will tell.
        #expect(breaker.admit(now: nanoseconds(61_000)) == .firstProbe(round(61_000)))
        #expect(!isForsaken(1_000_000))
        #expect(breaker.settle(.firstProbe(round(61_000)), .silent, now: nanoseconds(62_000), random: 0.5) == nil)
        #expect([62_000, 121_999, 122_000].map(isForsaken) == [false, false, true])
        #expect(breaker.admit(now: nanoseconds(122_000)) == .probe(round(61_000)))
        #expect(breaker.settle(.probe(round(61_000)), .alive, now: nanoseconds(122_000), random: 0.5) == nil)
        #expect([122_000, 181_999, 182_000].map(isForsaken) == [false, false, true])
        #expect(breaker.admit(now: nanoseconds(182_000)) == .probe(round(61_000)))
        #expect(breaker.settle(.probe(round(61_000)), .failed, now: nanoseconds(182_000), random: 0.5) == .reopened)
        #expect([184_000, 243_999, 244_000].map(isForsaken) == [false, false, true])
        // Closed ones go when they are calm.
        for time in [244_000, 245_000] {
            _ = breaker.settle(breaker.admit(now: nanoseconds(time)), .alive, now: nanoseconds(time), random: 0.5)
        }
        #expect(breaker.state == .closed && !isForsaken(1_000_000) && breaker.isCalm(now: nanoseconds(245_000)))
    }

    /// Of two probes at once one fails at once and the other one late, when the circuit is half-open again.
    @Test(arguments: [CircuitBreaker.Verdict.failed, .alive, .silent])
    func aProbeDecidesItsOwnRoundAlone(late: CircuitBreaker.Verdict) {
        var policy = Self.policy
        policy.probes = 2
        var breaker = CircuitBreaker(policy: policy)
        for _ in 0..<4 { _ = breaker.settle(.pass, .failed, now: 0, random: 0.5) }
        let (quick, slow) = (breaker.admit(now: nanoseconds(1_000)), breaker.admit(now: nanoseconds(1_000)))
        #expect(quick == .firstProbe(round(1_000)) && slow == .probe(round(1_000)))
        #expect(breaker.settle(quick, .failed, now: nanoseconds(1_001), random: 0.5) == .reopened)
        let next = breaker.admit(now: nanoseconds(3_001))
        #expect(next == .firstProbe(round(3_001)))
        #expect(breaker.settle(slow, late, now: nanoseconds(3_002), random: 0.5) == nil)
        #expect(breaker.state == .halfOpen(probing: 1, successes: 0))
        // Nor does it when its own round has ended well.
        for probe in [next, breaker.admit(now: nanoseconds(3_003))] {
            _ = breaker.settle(probe, .alive, now: nanoseconds(3_004), random: 0.5)
        }
        #expect(breaker.state == .closed)
        for _ in 0..<9 { #expect(breaker.settle(slow, late, now: nanoseconds(3_005), random: 0.5) == nil) }
    }

    @Test func reopeningIsSpreadByHalfEitherWay() {
        #expect(Self.opened(random: 0).state == .open(until: nanoseconds(500)))
        #expect(Self.opened(random: 1).state == .open(until: nanoseconds(1_500)))
    }

    @Test func whatWasUnderWayBeforeTheStateChangedSaysNothing() {
        var breaker = Self.opened()
        #expect(breaker.settle(.pass, .alive, now: nanoseconds(10), random: 0.5) == nil)
        #expect(breaker.settle(.pass, .failed, now: nanoseconds(10), random: 0.5) == nil)
        #expect(breaker.state == .open(until: nanoseconds(1_000)))
        _ = breaker.admit(now: nanoseconds(1_000))
        #expect(breaker.settle(.pass, .failed, now: nanoseconds(1_001), random: 0.5) == nil)
        #expect(breaker.state == .halfOpen(probing: 1, successes: 0))
    }

    /// Any sequence of events: never more probes than allowed, an open circuit never admits, time only moves it on.
    @Test func noSequenceOfEventsBreaksTheLaws() {
        for seed in UInt64(1)...40 {
            var generator = SeededGenerator(seed: seed)
            var breaker = CircuitBreaker(policy: Self.policy)
            var (now, probing) = (UInt64(0), 0)
            for _ in 0..<2_000 {
                now += UInt64.random(in: 0..<400_000_000, using: &generator)
                let before = breaker.state
                let admission = breaker.admit(now: now)
                switch (before, admission) {
                case (.closed, .pass), (.halfOpen, .refused): break
                case (.open(let until), .refused(let said)): #expect(now < until && said == until)
                case (.open(let until), .firstProbe):
                    #expect(now >= until)
                    probing = 1
                case (.halfOpen, .probe): probing += 1
                default: Issue.record("seed \(seed): \(before) admitted \(admission)")
                }
                #expect(probing <= 1)
                if case .refused = admission { continue }
                let verdict = [CircuitBreaker.Verdict.alive, .failed, .failed, .silent].randomElement(using: &generator)
                _ = breaker.settle(admission, verdict ?? .failed, now: now, random: generator.nextUnit())
                if admission != .pass { probing = 0 }
            }
        }
    }

    @Test(arguments: [
        (FailureClass.server, CircuitBreaker.State.open(until: nanoseconds(1_000))), (.throttled, .closed),
        (.validation, .closed), (.conditionFailed, .closed), (.accessDenied, .closed), (.notFound, .closed),
    ])
    func onlyFaultsOfTheServiceOpenAClientsCircuit(meets: FailureClass, state: CircuitBreaker.State) async {
        let codes: [FailureClass: (String, Int)] = [
            .server: ("InternalServerError", 500), .throttled: ("ThrottlingException", 400),
            .validation: ("ValidationException", 400), .conditionFailed: ("ConditionalCheckFailedException", 400),
            .accessDenied: ("AccessDeniedException", 400), .notFound: ("ResourceNotFoundException", 400),
        ]
        let (code, status) = codes[meets] ?? ("", 400)
        let stage = CircuitStage { HTTPResponse(status: status, body: Array(#"{"__type":"x#\#(code)"}"#.utf8)) }
        for _ in 0..<20 { await stage.call() }
        #expect(stage.caller.circuits?.state(of: stage.key) == state)
    }
}
