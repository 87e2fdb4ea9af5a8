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
        if lostOutput() { exit(ExitStatus.findings.rawValue) }
    }

    /// Whether what was printed did not get where it was sent, which is said: a full disk under `> report.txt`. Whoever closes a pipe has
    /// read what he wanted.
    private static func lostOutput() -> Bool {
        guard fflush(nil) != 0 else { return false }
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        if poll(&output, 1, 0) > 0, output.revents & Int16(POLLERR) != 0 { return false }
        Terminal.printError("standard output could not be written to its end: what was printed there is not complete.")
        return true
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
            exit(lostOutput() ? ExitStatus.findings.rawValue : ExitStatus.done.rawValue)
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
