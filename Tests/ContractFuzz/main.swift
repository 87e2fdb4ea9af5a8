// Damaged contracts and documents without end: what scripts/fuzz --contract builds and runs.
//
//   contract-fuzz RUNS SEED
internal import ContractProperties
internal import Glibc

func fail(_ message: String) -> Never {
    let line = "contract-fuzz: \(message)\n"
    write(2, line, line.utf8.count)
    exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let runs = UInt64(arguments[1]), let seed = UInt64(arguments[2]) else {
    fail("usage: contract-fuzz RUNS SEED")
}
let (read, violation) = ContractProperties.run(rounds: 0..<runs, seed: seed)
if let violation { fail("seed \(seed), \(violation)") }
print("\(runs) damaged documents, \(read) of them still readable; nothing found.")
