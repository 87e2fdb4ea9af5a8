import AWSCore
import AgentCore
import ArgumentParser

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "What became of every call that was recorded: acknowledged, ambiguous, pending or dropped, and why.",
        discussion: """
            Reads this host's agent store. Exits 1 when a call is not accounted for, in all or in a single period.

            Example: tidemark ledger --since 3h --by-period
            """)

    @Option(help: "The agent's data directory (default: TIDEMARK_DATA, STATE_DIRECTORY, /var/lib/tidemark …).")
    var data: String?
    @Option(help: "The agent's configuration file, for where its store is.") var config: String?
    @Option(help: "text or json.") var format: OutputFormat = .text
    @Flag(help: "A line for each period too.") var byPeriod = false
    @Option(help: "How far back the periods reach: 90s, 15m, 3h, 1d.") var since = TimeSpan(seconds: 3_600)

    func run() throws {
        let store = try StoreOptions.open(data, config: config)
        let start = Timestamp(secondsSince1970: store.agentTime().seconds - Int64(since.seconds))
        let ledger = try store.ledger(periodsSince: byPeriod ? start : nil)
        print(
            format == .json
                ? String(decoding: ledger.json(), as: UTF8.self) + "\n" : ledger.text(style: .terminal),
            terminator: "")
        if !ledger.isBalanced { throw ExitCode(ExitStatus.findings.rawValue) }
    }
}
