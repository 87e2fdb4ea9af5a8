internal import Glibc
internal import Telemetry

/// What a call's records cost: its attempt, its consumption, its key and the call itself, written into one series by one
/// thread, then by two at a time. Prints nanoseconds of a thread's CPU a call as one line of JSON.
@main
enum Main {
    static let calls = 2_000_000

    static func main() {
        guard CommandLine.arguments.count == 2 else { fail("Usage: recorder-bench DIRECTORY") }
        let writer = TelemetryWriter.open(
            TelemetryWriter.Configuration(
                directory: CommandLine.arguments[1], service: "bench", environment: "bench", environmentVariables: [:]))
        if case .degraded(let reason) = writer.status { fail("nothing is recorded: \(reason)") }
        let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP1"))
        let work = Work(writer: writer, slot: slot)
        // Its pages are touched, its code is read.
        _ = work.run()
        let alone = work.run()
        let shared = work.runTwice()
        writer.close()
        print("{\"recorder_ns\": \(alone), \"recorder_ns_two_threads\": \(shared)}")
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

    /// Nanoseconds of this thread's CPU a call.
    func run() -> Double {
        let key = Array("ORDER#2026-001042".utf8)
        let begun = threadNanoseconds()
        key.withUnsafeBytes { key in
            for call in 0..<UInt64(Main.calls) {
                // Latencies that spread over the buckets as real ones do.
                let duration = 400_000 + (call &* 2_654_435_761) % 600_000
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
        return Double(threadNanoseconds() - begun) / Double(Main.calls)
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
