// A service that does nothing but record, and tells an independent witness before and after each call.
//
//   torture-writer --directory DIR --witness FILE --service service-N [--control FILE] [--threads N] [--seed S]
//                  [--tables N] [--calls N] [--rate CALLS-A-SECOND] [--series N] [--keys N] [--hold yes]
//
// Records at full rate until SIGTERM, then closes its file and ends; with --calls each thread stops after so many, and the
// process ends, or with --hold waits for SIGTERM. With --rate it is a service under an even load instead, all of whose calls
// the witness counts in one place.
import Glibc
import Telemetry
import TortureWords

StopRequest.listen()
let options = Options(
    CommandLine.arguments.dropFirst(),
    known: [
        "directory", "witness", "service", "control", "threads", "seed", "tables", "calls", "rate", "series", "hold",
        "keys",
    ])

func openWriter() -> TelemetryWriter {
    var configuration = TelemetryWriter.Configuration(
        directory: options.text("directory"), service: options.text("service"), environment: "torture",
        keyEventCapacity: options.number("keys", default: 8_192))
    if let control = options["control"] {
        // Simulated time runs ahead of the wall clock.
        let words = MappedWords(path: control, count: ControlWord.count)
        configuration.startedAtNanoseconds = words[ControlWord.time]
    }
    let writer = TelemetryWriter.open(configuration)
    if case .degraded(let reason) = writer.status { complainAndExit(reason) }
    return writer
}

let writer = openWriter()
if options["rate"] != nil {
    EvenLoad(
        writer: writer, callsASecond: options.number("rate", default: 2_000),
        series: options.number("series", default: 100), seed: UInt64(options.number("seed", default: 1)),
        witness: options["witness"].map { MappedWords(path: $0, count: WitnessLayout.count(threads: 1)) }
    ).run()
} else {
    let threads = options.number("threads", default: 3)
    let witness = MappedWords(path: options.text("witness"), count: WitnessLayout.count(threads: threads))
    witness[WitnessLayout.threads] = UInt64(threads)
    let recorders = (0..<threads).map { thread in
        Recorder(
            writer: writer, witness: witness, thread: thread, tables: options.number("tables", default: 4),
            calls: options.number("calls", default: .max), seed: UInt64(options.number("seed", default: 1)))
    }
    let running = recorders.map { recorder in RunningThread { recorder.run() } }
    running.forEach { $0.join() }
    if options["hold"] != nil {
        while !StopRequest.isThere { usleep(1_000) }
    }
}
writer.close()
