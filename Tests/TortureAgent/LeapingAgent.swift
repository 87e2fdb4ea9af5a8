import AWSCore
import AgentCore
import Glibc
import TortureWords

/// The agent, with time that leaps a period a tick and survives in the control file.
struct LeapingAgent {
    private let options: Options
    private let control: MappedWords

    init(_ options: Options) {
        self.options = options
        control = MappedWords(path: options.text("control"), count: ControlWord.count)
    }

    func run() async throws {
        var configuration = AgentConfiguration(
            telemetryDirectory: options.text("telemetry"), dataDirectory: options.text("data"))
        configuration.publishPeriod = PublishPeriod(rawValue: options.number("period", default: 10)) ?? .tenSeconds
        configuration.storeBudgetInBytes = options.number("store-budget-mb", default: 1_024) << 20
        let sink = CountingSink(
            path: options.text("sink"), control: control, seed: UInt64(options.number("seed", default: 1)),
            answers: CountingSink.Answers(rawValue: options["answers"] ?? "good") ?? .good)
        let own = options["own"].map { OwnCalls(options, witness: $0) }
        let control = control
        let clock = AgentClock(
            now: { Timestamp(nanosecondsSince1970: Int64(control[ControlWord.time])) },
            // The last send of a shutdown may take as long as it needs.
            sleep: { _ in try await Task.sleep(for: .seconds(60)) }, random: { 0.5 })
        let agent = try Agent(configuration: configuration, sink: sink, clock: clock)
        let ticks = options.number("ticks", default: .max)
        var done = 0
        while done < ticks, await mayBegin() {
            own?.make()
            control.add(1, at: ControlWord.begun)
            control.add(UInt64(configuration.publishPeriod.seconds) * 1_000_000_000, at: ControlWord.time)
            await agent.tick()
            control.add(1, at: ControlWord.done)
            done += 1
        }
        own?.end()
        await agent.shutdown()
    }

    /// Waits for leave to begin a tick.
    /// - Returns: false once the process is asked to end.
    private func mayBegin() async -> Bool {
        while !StopRequest.isThere {
            let allowed = control[ControlWord.allowed]
            if allowed == 0 || control[ControlWord.begun] < allowed { return true }
            try? await Task.sleep(for: .microseconds(300))
        }
        return false
    }
}
