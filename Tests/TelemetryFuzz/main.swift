// Damaged telemetry files without end: what scripts/fuzz --telemetry builds and runs.
//
//   telemetry-fuzz RUNS SEED DIRECTORY
internal import Glibc
internal import TelemetryProperties

func fail(_ message: String) -> Never {
    let line = "telemetry-fuzz: \(message)\n"
    write(2, line, line.utf8.count)
    exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let runs = UInt64(arguments[1]), let seed = UInt64(arguments[2]) else {
    fail("usage: telemetry-fuzz RUNS SEED DIRECTORY")
}
let directory = arguments[3]
let (read, violation) = TelemetryProperties.run(rounds: 0..<runs, seed: seed, in: directory)
if let violation { fail("\(violation); the file is \(directory)/fuzz.tidemark") }
print("\(runs) damaged files, \(read) of them still readable; nothing found.")
