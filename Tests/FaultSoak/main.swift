// fault-soak hedging [CALLS]: what hedged reads do to a slow tail, with and without in turns.
//
// fault-soak strained URL CALLS SECONDS LEAVING: so many reads at a time, which wait so long for a first byte, and what they came to; where
// LEAVING is not 0, all but so many descriptors are taken before; 20 or more are for twelve calls, and the others go when all are given back.
//
// fault-soak CALLS [SEED]: mixed calls against a server that fails in every way it can, a fifth of them cancelled at a random
// moment. Prints what is held at a fifth of the way and at the end, and exits 1 where something was leaked or not counted.
import AWSCore
import CurlTransport
import Foundation
import TestSupport
import Tidemark

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "hedging" {
    try await HedgingComparison.run(calls: arguments.dropFirst().first.flatMap { Int($0) } ?? 4_000)
    exit(0)
}
if arguments.first == "strained", arguments.count == 5 {
    let rest = Array(arguments.dropFirst())
    try await StrainedCalls.run(
        url: rest[0], calls: Int(rest[1]) ?? 1, seconds: Int(rest[2]) ?? 1, leaving: Int(rest[3]) ?? 0)
    exit(0)
}
let calls = arguments.first.flatMap { Int($0) } ?? 100_000
let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
// A sanitizer keeps memory of its own, which says nothing of ours.
let judgesMemory = getenv("TSAN_OPTIONS") == nil

// Swift's runtime keeps the timers of its first sleeps.
try await Task.sleep(for: .milliseconds(1))
try await Task.sleep(for: .milliseconds(1), clock: .suspending)
let soak = try FaultSoak(seed: seed)
let before = ProcessState.now()
let warmUp = calls / 5
await soak.run(calls: warmUp)
let early = ProcessState.now()
await soak.run(calls: calls - warmUp)
let late = ProcessState.now()
let tally = soak.tally()
let findings = await soak.end(calls: calls, before: before, early: early, late: late, judgesMemory: judgesMemory)

print("\(calls) calls, seed \(seed): \(tally.ended) ended, \(tally.counted) counted, \(tally.attempts) attempts")
print("outcomes: " + tally.outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
print("at \(warmUp) calls: \(early)")
print("at \(calls) calls: \(late)")
for finding in findings { print("LEAK: \(finding)") }
exit(findings.isEmpty ? 0 : 1)
