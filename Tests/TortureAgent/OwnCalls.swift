import Telemetry
import TortureWords

/// A service inside the agent's process: its calls, and the witness of them.
final class OwnCalls {
    private let writer: TelemetryWriter
    private let witness: MappedWords
    private var made = 0

    init(_ options: Options, witness path: String) {
        witness = MappedWords(path: path, count: WitnessLayout.count(threads: 1))
        witness[WitnessLayout.threads] = 1
        witness[WitnessLayout.ready] = 1
        writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(
                directory: options.text("telemetry"), service: options["own-service"] ?? "service-0",
                environment: "torture"))
        if case .degraded(let reason) = writer.status { complainAndExit(reason) }
    }

    /// Ten calls, now and then of a pattern that was not there before.
    func make() {
        for _ in 0..<10 {
            let pattern = made / 7 % WitnessLayout.patterns
            let outcome = made % WitnessLayout.outcomes
            let place = WitnessLayout.begun(thread: 0, pattern: pattern, outcome: outcome)
            let attempts = WitnessLayout.attempts(pattern: pattern, outcome: outcome)
            let result = CallOutcome(rawValue: UInt8(outcome)) ?? .success
            witness[place] += 1
            let slot = writer.slot(
                for: SeriesKey(
                    table: "Table0", operation: "GetItem", pattern: WitnessLayout.name(pattern: pattern)))
            for _ in 0..<attempts {
                writer.record(attempt: AttemptRecord(durationNanoseconds: 1_000_000, outcome: result), in: slot)
            }
            writer.record(
                call: CallRecord(durationNanoseconds: 2_000_000, outcome: result, attempts: UInt32(attempts)), in: slot)
            witness[place + 1] += 1
            made += 1
        }
    }

    func end() { writer.close() }
}
