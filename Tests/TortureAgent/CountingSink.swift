import AgentCore
import CloudWatch
import Glibc
import Monitoring
import TortureWords

/// A CloudWatch that counts into a file of its own, a request as a whole or not at all, and answers as the dice fall.
struct CountingSink: MetricSink {
    enum Answers: String {
        /// Takes and says so.
        case good
        /// Takes, throttles, fails, and loses requests and answers.
        case mixed
        /// Takes nothing: an outage.
        case none
    }

    private let counts: MappedWords
    private let control: MappedWords
    private let seed: UInt64
    private let answers: Answers

    init(path: String, control: MappedWords, seed: UInt64, answers: Answers) {
        counts = MappedWords(path: path, count: SinkLayout.count)
        self.control = control
        self.seed = seed
        self.answers = answers
    }

    func send(_ datums: [MetricDatum]) async -> SendOutcome {
        switch answers {
        case .good:
            count(datums)
            return .acknowledged
        case .none: return .later(reason: "Throttling", mayHaveCounted: false)
        case .mixed: return await throwDice(datums)
        }
    }

    private func throwDice(_ datums: [MetricDatum]) async -> SendOutcome {
        var dice = Dice(seed: seed &+ control.add(1, at: ControlWord.sends))
        // Moments for a kill to fall into: on the way there, and on the way back.
        usleep(UInt32(dice.below(400)))
        let outcome: SendOutcome
        switch dice.below(100) {
        case 0..<60:
            count(datums)
            outcome = .acknowledged
        case 60..<75:
            count(datums)
            outcome = .lost(reason: "no answer")
        case 75..<85: outcome = .lost(reason: "no answer")
        case 85..<90:
            count(datums)
            outcome = .later(reason: "InternalFailure", mayHaveCounted: true)
        default: outcome = .later(reason: "Throttling", mayHaveCounted: false)
        }
        usleep(UInt32(dice.below(400)))
        return outcome
    }

    /// Adds to the half that is not valid, then makes it the valid one: a kill in between counts nothing.
    private func count(_ datums: [MetricDatum]) {
        let generation = counts[SinkLayout.generation]
        let old = SinkLayout.header + Int(generation % 2) * SinkLayout.half
        let new = SinkLayout.header + Int((generation + 1) % 2) * SinkLayout.half
        for place in 0..<SinkLayout.half { counts[new + place] = counts[old + place] }
        for datum in datums where datum.name == MetricCatalog.calls.name {
            let names = Dictionary(
                datum.dimensions.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            // The dimension set of a pattern alone: any other one would count the same calls again.
            guard Set(names.keys) == ["Service", "Environment", "Pattern"], let pattern = names["Pattern"],
                let service = names["Service"].flatMap(SinkLayout.service)
            else { continue }
            let place = new + service * SinkLayout.patterns + SinkLayout.pattern(pattern)
            counts[place] += UInt64(datum.sum)
        }
        counts.add(1, at: SinkLayout.requests)
        counts[SinkLayout.generation] = generation + 1
    }
}
