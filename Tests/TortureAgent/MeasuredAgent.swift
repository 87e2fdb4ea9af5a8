import AWSCore
import AgentCore
import Glibc
import Synchronization
import TortureWords

/// The agent in real time, tick by tick: how long a tick takes, how long a commit, how long a send.
struct MeasuredAgent {
    /// When each step was passed, nanoseconds of the monotonic clock.
    private final class Marks: Sendable {
        private let commitBegun = Atomic<Int64>(0)
        private let commitEnded = Atomic<Int64>(0)

        func note(_ step: AgentStep) {
            switch step {
            case .beforeCommit: commitBegun.store(monotonicNanoseconds(), ordering: .relaxed)
            case .afterCommit: commitEnded.store(monotonicNanoseconds(), ordering: .relaxed)
            default: break
            }
        }

        /// How long the store took for the last commit, if there was one since the last question.
        func takeCommit() -> Int64? {
            let (begun, ended) = (commitBegun.load(ordering: .relaxed), commitEnded.load(ordering: .relaxed))
            commitEnded.store(0, ordering: .relaxed)
            return ended > begun ? ended - begun : nil
        }
    }

    private let options: Options

    init(_ options: Options) { self.options = options }

    /// Prints one line of JSON a tick: its wall time and the process' CPU in it, in milliseconds, and the store's share.
    func run() async throws {
        var configuration = AgentConfiguration(
            telemetryDirectory: options.text("telemetry"), dataDirectory: options.text("data"))
        configuration.publishPeriod = .sixtySeconds
        let marks = Marks()
        let control = MappedWords(path: options.text("sink") + ".control", count: ControlWord.count)
        let agent = try Agent(
            configuration: configuration,
            sink: CountingSink(path: options.text("sink"), control: control, seed: 1, answers: .good), clock: .system,
            failpoint: { marks.note($0) })
        for _ in 0..<options.number("seconds", default: 180) where !StopRequest.isThere {
            try await Task.sleep(for: .milliseconds(1_000 - wallNanoseconds() / 1_000_000 % 1_000))
            let (wall, cpu) = (monotonicNanoseconds(), processNanoseconds())
            await agent.tick()
            let tick = Double(monotonicNanoseconds() - wall) * 1e-6
            let used = Double(processNanoseconds() - cpu) * 1e-6
            let commit = marks.takeCommit().map { "\(Double($0) * 1e-6)" } ?? "null"
            print("{\"tick_ms\": \(tick), \"cpu_ms\": \(used), \"store_ms\": \(commit)}")
            fflush(nil)
        }
        await agent.shutdown()
    }
}

private func nanoseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

private func monotonicNanoseconds() -> Int64 { nanoseconds(of: CLOCK_MONOTONIC) }
private func processNanoseconds() -> Int64 { nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) }
private func wallNanoseconds() -> Int64 { nanoseconds(of: CLOCK_REALTIME) }
