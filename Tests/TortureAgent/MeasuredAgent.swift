import AWSCore
import AgentCore
import Glibc
import Synchronization
import Telemetry
import TortureWords

/// The agent in real time, tick by tick: how long a tick takes, how long a commit, how long a send.
struct MeasuredAgent {
    /// When each step was passed, nanoseconds of the monotonic clock.
    private final class Marks: Sendable {
        private let commitBegun = Atomic<Int64>(0)
        private let commitEnded = Atomic<Int64>(0)
        private let usedUntilThen = Atomic<Int64>(0)

        func note(_ step: AgentStep) {
            switch step {
            case .beforeCommit: commitBegun.store(monotonicNanoseconds(), ordering: .relaxed)
            case .afterCommit:
                commitEnded.store(monotonicNanoseconds(), ordering: .relaxed)
                usedUntilThen.store(processNanoseconds(), ordering: .relaxed)
            default: break
            }
        }

        /// Of the tick that began then, if it committed: milliseconds until the commit was durable, of which the store's, and
        /// CPU until then.
        func takeCommit(since wall: Int64, _ cpu: Int64) -> String {
            let (begun, ended) = (commitBegun.load(ordering: .relaxed), commitEnded.load(ordering: .relaxed))
            guard ended > wall else { return "null" }
            let used = usedUntilThen.load(ordering: .relaxed) - cpu
            let parts = [("wall_ms", ended - wall), ("store_ms", ended - begun), ("cpu_ms", used)]
            return "{" + parts.map { "\"\($0.0)\": \(Double($0.1) * 1e-6)" }.joined(separator: ", ") + "}"
        }
    }

    private let options: Options

    init(_ options: Options) { self.options = options }

    /// Prints one line of JSON a tick: its wall time and the process' CPU in it, in milliseconds, and its commit's share.
    func run() async throws {
        var configuration = AgentConfiguration(
            telemetryDirectory: options.text("telemetry"), dataDirectory: options.text("data"))
        configuration.publishPeriod = .sixtySeconds
        // Like the program.
        ProcessMemory.shareOneHeap()
        let marks = Marks()
        let control = MappedWords(path: options.text("sink") + ".control", count: ControlWord.count)
        let agent = try Agent(
            configuration: configuration,
            sink: CountingSink(path: options.text("sink"), control: control, seed: 1, answers: .good), clock: .system,
            failpoint: { marks.note($0) })
        await agent.ownProcess()
        let end = monotonicNanoseconds() + Int64(options.number("seconds", default: 180)) * 1_000_000_000
        while monotonicNanoseconds() < end, !StopRequest.isThere {
            try await Task.sleep(for: .milliseconds(1_000 - wallNanoseconds() / 1_000_000 % 1_000))
            let (wall, cpu) = (monotonicNanoseconds(), processNanoseconds())
            await agent.tick()
            let tick = Double(monotonicNanoseconds() - wall) * 1e-6
            let used = Double(processNanoseconds() - cpu) * 1e-6
            let commit = marks.takeCommit(since: wall, cpu)
            print("{\"tick_ms\": \(tick), \"cpu_ms\": \(used), \"commit\": \(commit)}")
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
