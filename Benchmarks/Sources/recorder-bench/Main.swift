internal import Glibc
internal import Telemetry

/// What a call's records cost: its attempt, its consumption, its key and the call itself, written into one series by one
/// thread, then by two at a time. Prints nanoseconds of a thread's CPU a call as one line of JSON.
///
/// With a number of calls and `record` or `bare` it makes so many and prints nothing that matters: for tools that count.
/// A bare call does all that the loop does but record.
@main
enum Main {
    static let calls = 2_000_000

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 2 || arguments.count == 4 else {
            fail("Usage: recorder-bench DIRECTORY [CALLS record|bare]")
        }
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(
                directory: CommandLine.arguments[1], service: "bench", environment: "bench", environmentVariables: [:]))
        if case .degraded(let reason) = writer.status { fail("nothing is recorded: \(reason)") }
        let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        let work = Work(writer: writer, slot: slot)
        if arguments.count == 4 {
            guard let calls = Int(arguments[2]) else { fail("CALLS is a number") }
            print(countedRun(work, calls: calls, isBare: arguments[3] == "bare"))
            writer.close()
            return
        }
        // Its pages are touched, its code is read.
        _ = work.run()
        let alone = work.run()
        let shared = work.runTwice()
        let bare = work.runBare()
        writer.close()
        print("{\"recorder_ns\": \(alone), \"recorder_ns_two_threads\": \(shared), \"bare_ns\": \(bare)}")
    }

    /// Nanoseconds a call, and allocations so far where a library counts them.
    private static func countedRun(_ work: Work, calls: Int, isBare: Bool) -> String {
        let nanoseconds = isBare ? work.runBare(calls: calls) : work.run(calls: calls)
        guard let symbol = dlsym(nil, "allocation_counter_count") else { return "{\"ns\": \(nanoseconds)}" }
        let count = unsafeBitCast(symbol, to: (@convention(c) () -> Int64).self)
        return "{\"ns\": \(nanoseconds), \"allocations\": \(count())}"
    }

    static func fail(_ reason: String) -> Never {
        let line = Array("recorder-bench: \(reason)\n".utf8)
        _ = write(2, line, line.count)
        exit(2)
    }
}

/// One thread's loop.
final class Work: Sendable {
    let writer: TelemetryWriter
    let slot: SeriesSlot

    init(writer: TelemetryWriter, slot: SeriesSlot) {
        self.writer = writer
        self.slot = slot
    }

    /// Nanoseconds of this thread's CPU a call of the loop alone.
    func runBare(calls: Int = Main.calls) -> Double {
        let begun = threadNanoseconds()
        var sum: UInt64 = 0
        for call in 0..<UInt64(calls) { sum &+= Self.duration(of: call) ^ sum << 1 }
        // The sum must be of use, or there would be no loop.
        let ended = threadNanoseconds()
        return Double(ended - begun) / Double(calls) + (sum == 1 ? 1e-9 : 0)
    }

    /// Latencies that spread over the buckets as real ones do.
    private static func duration(of call: UInt64) -> UInt64 { 400_000 + (call &* 2_654_435_761) % 600_000 }

    /// Nanoseconds of this thread's CPU a call.
    func run(calls: Int = Main.calls) -> Double {
        let key = Array("ORDER#2026-001042".utf8)
        let begun = threadNanoseconds()
        key.withUnsafeBytes { key in
            for call in 0..<UInt64(calls) {
                let duration = Self.duration(of: call)
                let attempt = AttemptRecord(
                    durationNanoseconds: duration, outcome: .success, bytesSent: 700, bytesReceived: 750,
                    reusedConnection: true)
                writer.record(attempt: attempt, in: slot)
                writer.record(consumptionIn: slot, readMilliUnits: 500, writeMilliUnits: 0)
                writer.record(key: key, in: slot, readMilliUnits: 500, writeMilliUnits: 0, throttled: false)
                let record = CallRecord(
                    durationNanoseconds: duration, outcome: .success, attempts: 1, items: 1, itemBytes: 300)
                writer.record(call: record, in: slot)
            }
        }
        return Double(threadNanoseconds() - begun) / Double(calls)
    }

    /// The mean of two threads that run at the same time, on cores of their own where there are two.
    func runTwice() -> Double {
        let threads = (0..<2).map { _ in Worker(self) }
        return threads.map { $0.join() }.reduce(0, +) / Double(threads.count)
    }

    private func threadNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A thread that does the work once.
private final class Worker {
    private let work: Work
    private var result = 0.0
    private var thread = pthread_t()

    init(_ work: Work) {
        self.work = work
        // Released by the thread's last line.
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let worker = Unmanaged<Worker>.fromOpaque(context).takeRetainedValue()
                worker.result = worker.work.run()
                return nil
            }, context)
        guard status == 0 else { Main.fail("no thread can be made") }
    }

    func join() -> Double {
        pthread_join(thread, nil)
        return result
    }
}
