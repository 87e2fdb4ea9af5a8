import ArgumentParser
import Glibc

/// Parses the command line, runs the command and ends with one of the documented exit codes.
@main
enum Main {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try TidemarkCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            finish(with: error)
        }
    }

    private static func finish(with error: any Error) -> Never {
        if let failure = CommandFailure(describing: error) {
            Terminal.printError(failure.message)
            exit(failure.status.rawValue)
        }
        let status = TidemarkCommand.exitCode(for: error)
        let message = TidemarkCommand.fullMessage(for: error)
        guard status != .success else {
            print(message)
            exit(ExitStatus.done.rawValue)
        }
        if !message.isEmpty { Terminal.writeToStandardError(message + "\n") }
        exit(status == .validationFailure ? ExitStatus.usage.rawValue : status.rawValue)
    }
}

struct TidemarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tidemark",
        abstract:
            "Run DynamoDB under a migration contract: measure every call, alarm on what the contract did not expect.",
        discussion: """
            Exit codes: 0 done, 1 findings, 2 usage or an unreadable input, 3 cannot reach, not allowed, or a port or \
            directory that cannot be used, 4 refused for safety.
            """,
        version: tidemarkVersion,
        subcommands: [
            AgentCommand.self, SummaryCommand.self, LedgerCommand.self, InspectCommand.self, HotKeysCommand.self,
            DoctorCommand.self, ContractCommand.self, TablesCommand.self, AlarmsCommand.self, DashboardsCommand.self,
            GenerateCommand.self, PermissionsCommand.self, ReplayCommand.self,
        ])
}

/// The version that `tidemark --version` prints.
let tidemarkVersion = "0.1.0"
