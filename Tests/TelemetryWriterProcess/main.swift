// A service that does nothing but record, for tests that kill it or fork it.
//
//   telemetry-writer-process count DIRECTORY WITNESS THREADS   records until it is killed
//   telemetry-writer-process fork DIRECTORY                    records in a parent and in its forked child
//   telemetry-writer-process as UID GID write DIRECTORY        records three calls as another user
//   telemetry-writer-process as UID GID read FILE              says as another user what a file holds
import Glibc
import Synchronization
import Telemetry

func fail(_ what: String) -> Never {
    let text = "telemetry-writer-process: \(what)\n"
    write(2, text, text.utf8.count)
    exit(3)
}

func openWriter(_ directory: String) -> TelemetryWriter {
    let writer = TelemetryWriter.open(.init(directory: directory, service: "writer-process", environment: "test"))
    if case .degraded(let reason) = writer.status { fail(reason) }
    return writer
}

/// Two words a thread, in a mapped file that survives a kill: calls begun, calls ended.
func mapWitness(_ path: String, threads: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    guard file >= 0, ftruncate(file, off_t(threads * 16)) == 0,
        let mapping = mmap(nil, threads * 16, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), mapping != MAP_FAILED
    else { fail("cannot map \(path)") }
    return mapping.assumingMemoryBound(to: Atomic<UInt64>.self)
}

func recordForever(_ writer: TelemetryWriter, _ witness: UnsafeMutablePointer<Atomic<UInt64>>, thread: Int) -> Never {
    let slot = writer.slot(for: SeriesKey(table: "Orders", operation: "GetItem", pattern: "AP\(thread)"))
    let key: [UInt8] = Array("customer-\(thread)".utf8)
    var number: UInt64 = 0
    while true {
        number += 1
        witness[2 * thread].store(number, ordering: .sequentiallyConsistent)
        writer.record(
            attempt: AttemptRecord(durationNanoseconds: 1000 + number % 1_000_000, outcome: .success), in: slot)
        writer.record(consumptionIn: slot, readMilliUnits: 500, writeMilliUnits: 0)
        key.withUnsafeBytes {
            writer.record(key: $0, in: slot, readMilliUnits: 500, writeMilliUnits: 0, throttled: false)
        }
        writer.record(
            call: CallRecord(durationNanoseconds: 1000 + number % 1_000_000, outcome: .success, items: 1), in: slot)
        witness[2 * thread + 1].store(number, ordering: .sequentiallyConsistent)
    }
}

func count(_ directory: String, _ witnessPath: String, threads: Int) -> Never {
    let writer = openWriter(directory)
    // Each thread writes its own two words of it, atomically.
    nonisolated(unsafe) let witness = mapWitness(witnessPath, threads: threads)
    for thread in 1..<max(threads, 1) {
        let body: @Sendable () -> Void = { recordForever(writer, witness, thread: thread) }
        var id = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let started = pthread_create(
            &id, nil,
            { argument in
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        if started != 0 { fail("no thread") }
    }
    recordForever(writer, witness, thread: 0)
}

final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Records 3 calls before the fork, 5 in the parent; in the child 7 with the parent's slot, then 11 after it has asked for
/// a slot of its own. Prints `ready` in each; the parent ends at once, the child when standard input closes.
func forkAndRecord(_ directory: String) -> Never {
    // Swift hides fork, rightly; a service may still load a library that calls it.
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork") else { fail("no fork") }
    let fork = unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)
    let writer = openWriter(directory)
    let slot = writer.slot(for: SeriesKey(table: "Orders"))
    func record(_ times: Int) {
        for _ in 0..<times { writer.record(call: CallRecord(durationNanoseconds: 5000, outcome: .success), in: slot) }
    }
    record(3)
    let child = fork()
    if child == 0 {
        record(7)
        _ = writer.slot(for: SeriesKey(table: "Customers"))
        record(11)
    } else {
        record(5)
    }
    print("ready")
    fflush(nil)
    if child == 0 { while getchar() != EOF {} }
    // Neither runs what is registered for a clean exit: the parent's end looks like a kill.
    _exit(0)
}

/// Becomes another user, in one group.
func become(user: String, group: String) {
    guard let user = uid_t(user), let group = gid_t(group), setgroups(0, nil) == 0, setgid(group) == 0,
        setuid(user) == 0
    else { fail("cannot become user \(user)") }
}

func writeAndWait(_ directory: String) {
    let writer = TelemetryWriter.open(.init(directory: directory, service: "writer-process", environment: "test"))
    if case .degraded(let reason) = writer.status { return say(reason) }
    let slot = writer.slot(for: SeriesKey(table: "Orders"))
    for _ in 0..<3 { writer.record(call: CallRecord(durationNanoseconds: 5000, outcome: .success), in: slot) }
    say("ready")
    while getchar() != EOF {}
}

func describe(_ path: String) {
    do throws(TelemetryError) {
        let reader = try TelemetryReader(path: path)
        let calls = try reader.snapshot().series.reduce(0) { $0 + $1.counters.calls }
        say("\(calls) calls, \(reader.ownerIsAlive() ? "alive" : "ended")")
    } catch {
        say(error.message)
    }
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}

let arguments = CommandLine.arguments
if arguments.count == 6, arguments[1] == "as" {
    become(user: arguments[2], group: arguments[3])
    if arguments[4] == "write" { writeAndWait(arguments[5]) } else { describe(arguments[5]) }
    exit(0)
}
switch arguments.dropFirst().first {
case "count" where arguments.count == 5: count(arguments[2], arguments[3], threads: Int(arguments[4]) ?? 1)
case "fork" where arguments.count == 3: forkAndRecord(arguments[2])
default: fail("usage: count DIRECTORY WITNESS THREADS | fork DIRECTORY")
}
