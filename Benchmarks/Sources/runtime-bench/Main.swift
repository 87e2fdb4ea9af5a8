internal import CMeasurement
internal import Glibc
internal import Tidemark

/// Makes calls through the whole runtime and reports what they cost this process: one line of JSON a part.
@main
enum Main {
    /// Not asynchronous: Dispatch would park the main thread in sigsuspend(2) with a mask in read-only memory, which
    /// valgrind 3.19 writes to.
    static func main() {
        Task.detached {
            do {
                try await run(Options(CommandLine.arguments))
            } catch {
                fail("\(error)")
            }
            exit(0)
        }
        while true { pause() }
    }

    private static func run(_ options: Options) async throws {
        guard options.parts > 1 else { return try await measure(options) }
        // What Swift's runtime and libcurl open once for the process is no client's: a first client has them opened.
        var rehearsal = options
        rehearsal.parts = 0
        try await measure(rehearsal)
        let before = measurement_open_descriptors()
        try await measure(options)
        let after = measurement_open_descriptors()
        guard before == after else { fail("\(before) descriptors were open before the client, \(after) after it") }
    }

    /// Measures each of the subjects in turn, so that what drifts on the machine touches all of them alike.
    private static func measure(_ options: Options) async throws {
        let subjects = try options.subjects.map { try Subject($0, options) }
        let latencies = Latencies(count: max(options.calls, options.warmUp))
        for subject in subjects {
            try await subject.onItsExecutor {
                try await run(subject, calls: options.warmUp, inFlight: options.inFlight, into: latencies)
            }
        }
        for part in 0..<options.parts {
            for place in subjects.indices {
                let subject = subjects[(place + part) % subjects.count]
                try await subject.onItsExecutor {
                    var measured = measurement()
                    measurement_begin(&measured)
                    try await run(subject, calls: options.calls, inFlight: options.inFlight, into: latencies)
                    measurement_end(&measured)
                    measurement_print(&measured, subject.kind.rawValue, latencies.memory, options.calls)
                }
            }
        }
        for subject in subjects { await subject.client.shutdown() }
    }

    /// Makes so many calls from as many tasks as shall be in flight.
    private static func run(_ subject: Subject, calls: Int, inFlight: Int, into latencies: Latencies) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<inFlight {
                group.addTask {
                    for call in stride(from: worker, to: calls, by: inFlight) {
                        latencies.memory[call] = try await subject.call()
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// A latency for each call. Written once when made, so that its pages are there before they are measured.
private struct Latencies: @unchecked Sendable {
    // Each task writes places of its own; they are read when all tasks have ended.
    let memory: UnsafeMutablePointer<UInt32>

    init(count: Int) {
        memory = .allocate(capacity: count)
        memory.initialize(repeating: 1, count: count)
    }
}
