import AgentCore
import ArgumentParser

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "What became of every call that was recorded: acknowledged, ambiguous, pending or dropped, and why.",
        discussion: """
            Reads this host's agent store. Exits 1 when a call is not accounted for.

            Example: tidemark ledger --data /var/lib/tidemark --format json
            """)

    @Option(help: "The agent's data directory (default: TIDEMARK_DATA, STATE_DIRECTORY, /var/lib/tidemark …).")
    var data: String?
    @Option(help: "text or json.") var format: OutputFormat = .text

    func run() throws {
        let ledger = try StoreOptions.open(data).ledger()
        print(
            format == .json
                ? String(decoding: ledger.json(), as: UTF8.self) + "\n" : ledger.text(style: .terminal),
            terminator: "")
        if !ledger.isBalanced { throw ExitCode(ExitStatus.findings.rawValue) }
    }
}
