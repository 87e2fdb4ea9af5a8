import AWSCore
import ArgumentParser
import ContractEngine
import ContractModel
import JSONBytes
import Synchronization
import Telemetry
import Tidemark
import UnixSignals

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Drive the runtime with recorded traffic.",
        discussion: """
            Makes each call of the trace through the same client that services link, and keeps a tally of its own. \
            Failed calls are part of the result, not an error: the tally shows them. Ctrl-C ends the replay after the calls \
            under way and prints what was done.

            Example: tidemark replay Examples/trace.jsonl --contract Examples/migrationContract.json --seed --rate 100
            """)

    @Argument(help: "The trace: one JSON object a line.") var trace: String
    @Option(help: "The migration contract that the calls follow.") var contract: String
    @OptionGroup var documents: DocumentOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var aws: AWSOptions
    @Option(help: "Calls a second (default: as fast as they go).") var rate: Double?
    @Option(help: "Calls under way at once, 1 to 1000.") var concurrency = 8
    @Option(help: "Make only the first so many calls; 0 with --seed only seeds.") var limit: Int?
    @Flag(help: "First store an item for every key of the trace, and some for each scanned table.") var seed = false
    @Option(help: "Where the service's telemetry file goes (default: TIDEMARK_DIR, …).") var telemetryDir: String?
    @Option(help: "Also write the tally as JSON to this file.") var tally: String?
    @Option(help: "text or json.") var format: OutputFormat = .text

    func validate() throws {
        if let rate, !(0.001...1_000_000).contains(rate) {
            throw ValidationError("--rate must be from 0.001 to 1000000")
        }
        if !(1...1_000).contains(concurrency) { throw ValidationError("--concurrency must be from 1 to 1000") }
        if let limit, limit < 0 { throw ValidationError("--limit must not be negative") }
    }

    func run() async throws {
        let document = try documents.load(contract: contract)
        let trace = try ReplayTrace(path: trace)
        let factory = ContractItemFactory(contract: document.contract, trace: trace)
        let configuration = try aws.runtime(scope: scope, document: document, telemetryDirectory: telemetryDir)
        let unrecorded = try DynamoDBClient.unrecorded(configuration)
        do {
            try ReplayCaller(client: unrecorded, factory: factory).check(trace)
            try await checkTables(of: trace, client: unrecorded)
            if seed {
                let count = try await ReplaySeeder(factory: factory).seed(trace, client: unrecorded)
                if format == .text { print("seeded \(count) items") }
            }
        } catch {
            await unrecorded.shutdown()
            throw error
        }
        await unrecorded.shutdown()
        let calls = Array(trace.calls.prefix(limit ?? trace.calls.count))
        guard !calls.isEmpty else { return }
        let client = try DynamoDBClient(configuration: configuration)
        if case .degraded(let reason) = client.telemetry.status {
            Terminal.printError("calls are made but not recorded: \(reason)")
        }
        if let warning = client.telemetry.warning { Terminal.printError(warning) }
        let run = ReplayRun(
            calls: calls, caller: ReplayCaller(client: client, factory: factory), rate: rate, concurrency: concurrency)
        let (result, seconds) = await run.untilDoneOrInterrupted()
        await client.shutdown()
        let json = result.json(seconds: seconds)
        if let tally { try OutputFile.write(json, to: tally) }
        print(
            format == .json ? String(decoding: json, as: UTF8.self) : result.text(seconds: seconds), terminator: "")
    }

    /// Finds out before the first call whether the service can be reached and has the tables.
    private func checkTables(of trace: ReplayTrace, client: DynamoDBClient) async throws {
        for name in Set(trace.calls.map(\.table)).sorted() {
            do {
                _ = try await client.describeTable(name)
            } catch {
                guard error.code == .notFound else { throw error }
                throw CommandFailure(
                    .unavailable,
                    "table \(name) does not exist there: create it with 'tidemark tables apply \(contract)'")
            }
        }
    }
}

extension DynamoDBClient {
    /// A client whose calls are not measured: for set-up and for commands that are no service.
    static func unrecorded(_ configuration: TidemarkConfiguration) throws -> DynamoDBClient {
        var configuration = configuration
        configuration.recordsCalls = false
        return try DynamoDBClient(configuration: configuration)
    }
}

/// Makes the calls of a trace at a rate, several at once, and tallies what came of them.
struct ReplayRun: Sendable {
    let calls: [TraceCall]
    let caller: ReplayCaller
    let rate: Double?
    let concurrency: Int

    func untilDoneOrInterrupted() async -> (tally: ReplayTally, seconds: Double) {
        let interruption = Interruption()
        let signals = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { interruption.set() }
        }
        let start = ContinuousClock.now
        let progress = Task {
            while !Task.isCancelled {
                Terminal.progress("replaying: \(interruption.started) of \(calls.count) calls")
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        let tally = await tallyAll(from: start, interruption)
        progress.cancel()
        signals.cancel()
        Terminal.endProgress()
        return (tally, (ContinuousClock.now - start) / .seconds(1))
    }

    private func tallyAll(from start: ContinuousClock.Instant, _ interruption: Interruption) async -> ReplayTally {
        await withTaskGroup(of: ReplayTally.self) { group in
            for _ in 0..<min(concurrency, calls.count) {
                group.addTask { await work(from: start, interruption) }
            }
            var tally = ReplayTally()
            for await part in group { tally.merge(part) }
            return tally
        }
    }

    private func work(from start: ContinuousClock.Instant, _ interruption: Interruption) async -> ReplayTally {
        var tally = ReplayTally()
        while let number = interruption.next(below: calls.count) {
            if let rate {
                try? await Task.sleep(until: start + .seconds(Double(number) / rate), clock: .continuous)
                if interruption.isSet { break }
            }
            let call = calls[number]
            var outcome = "success"
            var example: String?
            do {
                try await caller.make(call, number: number)
            } catch let error as TidemarkError {
                outcome = error.code.description
                example = error.description
            } catch {
                outcome = "client"
                example = "\(error)"
            }
            tally.count(
                ReplayTally.Row(
                    table: call.table, operation: call.operation, pattern: call.pattern, outcome: outcome),
                example: example)
        }
        return tally
    }
}

/// Which call comes next, and whether any still should.
final class Interruption: Sendable {
    private let nextCall = Atomic<Int>(0)
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }
    var started: Int { nextCall.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }

    func next(below count: Int) -> Int? {
        guard !isSet else { return nil }
        let number = nextCall.add(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }
}
