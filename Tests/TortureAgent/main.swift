// The agent with a clock that leaps a period a tick, so that every tick commits: what scripts/torture kills.
//
//   torture-agent run --telemetry DIR --data DIR --control FILE --sink FILE [--seed S] [--answers mixed|good|none]
//                     [--ticks N] [--own FILE] [--own-service service-N] [--period 60] [--store-budget-mb N]
//   torture-agent totals --data DIR      what the store counted by pattern and outcome, and all attempts, as JSON
//   torture-agent measure --telemetry DIR --data DIR --sink FILE --seconds N      a real clock; times of ticks and commits
//
// `run` ticks until SIGTERM, or so many times, then shuts down in good order. With --own it is a service as well, which
// makes calls between its ticks, so that one process has everything in it that can be interrupted.
import AgentCore
import Glibc
import Logging
import TortureWords

LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
StopRequest.listen()

let arguments = CommandLine.arguments.dropFirst()
let options = Options(
    arguments.dropFirst(),
    known: [
        "telemetry", "data", "control", "sink", "seed", "answers", "ticks", "own", "own-service", "seconds",
        "period", "store-budget-mb",
    ])
do {
    switch arguments.first {
    case "run": try await LeapingAgent(options).run()
    case "totals": print(try StoredTotals(dataDirectory: options.text("data")).json)
    case "measure": try await MeasuredAgent(options).run()
    default: complainAndExit("the first argument is run, totals or measure")
    }
} catch let error as AgentError {
    complainAndExit(error.message)
}
