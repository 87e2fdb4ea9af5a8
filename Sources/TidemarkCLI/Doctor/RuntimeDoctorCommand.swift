import AWSCore
import AgentCore
import ArgumentParser
import JSONBytes
import Tidemark

struct RuntimeDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime",
        abstract: "Look at what a service that uses Tidemark needs: settings, credentials, endpoint, clock, telemetry.",
        discussion: """
            Run it as the service's user, with the service's environment. It prints every setting and where its value comes \
            from, then what it found and what to do. It fetches credentials, asks DynamoDB which tables there are (or \
            about one table), and changes nothing; only a token of IAM Identity Center may be renewed. \
            Exits 0 when all is fine, 1 with warnings, 3 with problems.

            Example: tidemark doctor runtime --config /etc/shop/tidemark.yaml --table Orders
            """)

    @Option(help: "The file of settings; else TIDEMARK_CONFIG.") var config: String?
    @Option(help: "A table that the service uses.") var table: String?
    @Option(help: "text or json.") var format: OutputFormat = .text
    @Flag(help: "Ask no service, not even for credentials.") var offline = false

    func validate() throws {
        if table?.isEmpty == true { throw ValidationError("--table has no name; give it one, such as --table Orders.") }
    }

    func run() async throws {
        var doctor = RuntimeDoctor(
            file: config, table: table, isOffline: offline, environment: ProcessEnvironment.current())
        let report = await doctor.examine()
        if format == .json {
            print(String(decoding: json(doctor.settings, report), as: UTF8.self))
        } else {
            if let settings = doctor.settings { print(settings.text) }
            print(report.text(style: .terminal), terminator: "")
        }
        switch report.verdict {
        case .ok: return
        case .warning: throw ExitCode(ExitStatus.findings.rawValue)
        case .problem: throw ExitCode(ExitStatus.unavailable.rawValue)
        }
    }

    private func json(_ settings: ConfigurationReport?, _ report: DoctorReport) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("settings")
        writer.raw(settings?.json ?? Array("null".utf8))
        writer.key("report")
        writer.raw(report.json())
        writer.endObject()
        return writer.bytes
    }
}
