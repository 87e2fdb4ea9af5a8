import AgentCore
import ArgumentParser
import Telemetry

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "What one telemetry file holds: whose it is, its series, rings, slow calls and hottest keys.",
        discussion: """
            Reads the file of a service that runs or has ended, and changes nothing in it. Its name begins with the \
            service's process id. Keys are shown only with --show-keys, else their hash. Exits 2 when the file is damaged, \
            none of Tidemark's, or of a newer version.

            Example: tidemark inspect /run/tidemark/4711-*.tidemark
            Example: for file in /run/tidemark/*.tidemark; do tidemark inspect "$file" --format json; done
            """)

    @Argument(help: "One telemetry file, such as /run/tidemark/4711-….tidemark.") var file: String
    @Option(help: "text or json.") var format: OutputFormat = .text
    @Flag(help: "Show the keys themselves, not only their hash.") var showKeys = false

    func run() throws {
        let report: TelemetryFileReport
        do throws(TelemetryError) {
            report = try TelemetryFileReport(TelemetryReader(path: file), showKeys: showKeys)
        } catch {
            throw CommandFailure(.usage, error.message)
        }
        print(
            format == .json
                ? String(decoding: report.json(), as: UTF8.self) + "\n" : report.text(style: .terminal),
            terminator: "")
    }
}
