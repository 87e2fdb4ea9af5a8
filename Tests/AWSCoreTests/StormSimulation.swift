import AWSCore
import TestSupport

/// A service in trouble and its callers, in virtual time, over the very code that decides in production: `AttemptLoop`,
/// `RetryQuota`, `CircuitBreaker`. The same seed gives the same storm.
struct StormSimulation {
    /// What the callers retry by.
    enum Behaviour: String, CaseIterable {
        /// The client's own rules.
        case tidemark
        /// 1 s, 2 s, 4 s: no jitter, no quota, no circuit; as many attempts.
        case naive
    }

    /// How the service is in trouble.
    struct Trouble {
        var throttled: Double
        var failed: Double
        var seconds: Double

        /// Half throttled, a tenth failed, for a minute.
        static let storm = Trouble(throttled: 0.5, failed: 0.1, seconds: 60)
        /// Everything fails, for ten seconds.
        static let outage = Trouble(throttled: 0, failed: 1, seconds: 10)
    }

    struct Result {
        /// Of the trouble's time.
        var calls = 0
        var attempts = 0
        var failedCalls = 0
        var firstTimeSuccesses = 0
        var laterSuccesses = 0
        var tokensTaken = 0
        var tokensGivenBack = 0
        /// When the first call succeeded that was answered after the recovery, in seconds from it.
        var backAfter: Double?
        /// Attempts in each tenth of a second from then on.
        var bins = [Int](repeating: 0, count: StormSimulation.binsAfter)

        var attemptsACall: Double { Double(attempts) / Double(max(1, calls)) }
        var successes: Int { firstTimeSuccesses + laterSuccesses }
        var mean: Double { Double(bins.reduce(0, +)) / Double(bins.count) }
        var peakOverMean: Double { Double(bins.max() ?? 0) / mean }
    }

    static let callers = 200
    static let binsAfter = 100
    private static let secondsBetweenCalls = 0.1
    private static let secondsOfAnAnswer = 0.005

    private enum Step { case begin, send, answer }

    private struct Caller {
        var loop = AttemptLoop(policy: .dynamoDB, callTimeout: .seconds(60))
        var began = 0.0
        var attempts = 0
        var cost = RetryQuota.successRefund
        var admission = CircuitBreaker.Admission.pass
    }

    private let behaviour: Behaviour
    private let trouble: Trouble
    private var random: SeededGenerator
    private var events = EventQueue<(caller: Int, step: Step)>()
    private var callers = [Caller](repeating: Caller(), count: StormSimulation.callers)
    private var result = Result()
    private let quota = RetryQuota()
    private var circuit = CircuitBreaker(policy: CircuitPolicy())

    private init(_ behaviour: Behaviour, _ trouble: Trouble, seed: UInt64) {
        self.behaviour = behaviour
        self.trouble = trouble
        random = SeededGenerator(seed: seed)
    }

    /// The storm from its first moment, at which every caller begins, until ten seconds after the service is back.
    static func run(_ behaviour: Behaviour, _ trouble: Trouble, seed: UInt64) -> Result {
        var simulation = StormSimulation(behaviour, trouble, seed: seed)
        for caller in 0..<callers { simulation.events.add((caller, .begin), at: 0) }
        while let (time, event) = simulation.events.next(), simulation.bin(at: time) < binsAfter {
            simulation.take(event, at: time)
        }
        return simulation.result
    }

    private mutating func take(_ event: (caller: Int, step: Step), at now: Double) {
        switch event.step {
        case .begin:
            callers[event.caller] = Caller(began: now)
            if now < trouble.seconds { result.calls += 1 }
            send(event.caller, at: now)
        case .send: send(event.caller, at: now)
        case .answer: answer(event.caller, at: now)
        }
    }

    private mutating func send(_ caller: Int, at now: Double) {
        if behaviour == .tidemark {
            let admission = circuit.admit(now: nanoseconds(now))
            if case .refused = admission { return end(caller, succeeded: false, at: now) }
            callers[caller].admission = admission
        }
        callers[caller].attempts += 1
        if now < trouble.seconds {
            result.attempts += 1
        } else if result.backAfter != nil {
            result.bins[bin(at: now)] += 1
        }
        events.add((caller, .answer), at: now + StormSimulation.secondsOfAnAnswer * (0.5 + random.nextUnit()))
    }

    private mutating func answer(_ caller: Int, at now: Double) {
        let dice = random.nextUnit()
        let isTroubled = now < trouble.seconds
        if isTroubled, dice < trouble.throttled {
            fail(
                caller, AWSFailure(class: .throttled, code: "Throttling", message: "", retryKind: .throttling), at: now)
        } else if isTroubled, dice < trouble.throttled + trouble.failed {
            fail(caller, AWSFailure(class: .server, code: "Internal", message: "", retryKind: .transient), at: now)
        } else {
            settle(caller, .alive, at: now)
            if !isTroubled, result.backAfter == nil { result.backAfter = now - trouble.seconds }
            if behaviour == .tidemark {
                let before = quota.available
                quota.giveBack(callers[caller].cost)
                result.tokensGivenBack += quota.available - before
            }
            end(caller, succeeded: true, at: now)
        }
    }

    private mutating func fail(_ caller: Int, _ failure: AWSFailure, at now: Double) {
        settle(caller, failure.class == .server ? .failed : .alive, at: now)
        guard let pause = pause(caller, failure, at: now) else { return end(caller, succeeded: false, at: now) }
        events.add((caller, .send), at: now + pause)
    }

    private mutating func pause(_ caller: Int, _ failure: AWSFailure, at now: Double) -> Double? {
        guard behaviour == .tidemark else {
            let attempt = callers[caller].attempts
            return attempt < RetryPolicy.dynamoDB.maximumAttempts ? Double(1 << (attempt - 1)) : nil
        }
        let action = callers[caller].loop.next(
            after: failure, elapsed: .seconds(now - callers[caller].began), random: random.nextUnit(),
            signedAt: Timestamp(secondsSince1970: 0))
        guard case .retry(let pause, let cost, _) = action, quota.take(cost) else { return nil }
        result.tokensTaken += cost
        callers[caller].cost = cost
        return pause / .seconds(1)
    }

    private mutating func settle(_ caller: Int, _ verdict: CircuitBreaker.Verdict, at now: Double) {
        _ = circuit.settle(
            callers[caller].admission, verdict, now: nanoseconds(now), random: random.nextUnit())
    }

    private mutating func end(_ caller: Int, succeeded: Bool, at now: Double) {
        if callers[caller].began < trouble.seconds {
            if !succeeded { result.failedCalls += 1 }
            if succeeded, callers[caller].attempts == 1 { result.firstTimeSuccesses += 1 }
            if succeeded, callers[caller].attempts > 1 { result.laterSuccesses += 1 }
        }
        events.add(
            (caller, .begin), at: now + StormSimulation.secondsBetweenCalls * (0.5 + random.nextUnit()))
    }

    private func bin(at now: Double) -> Int {
        result.backAfter.map { Int((now - trouble.seconds - $0) * 10) } ?? 0
    }

    private func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(seconds * 1e9) }
}

/// Events by time; of one time, in the order in which they came.
struct EventQueue<Event> {
    private var heap: [(time: Double, number: Int, event: Event)] = []
    private var number = 0

    mutating func add(_ event: Event, at time: Double) {
        number += 1
        heap.append((time, number, event))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (time: Double, event: Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                    least = child
                }
                if least == parent { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return (first.time, first.event)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].number) < (heap[right].time, heap[right].number)
    }
}
