import AWSCore
import AgentCore
import ArgumentParser
import CurlTransport

struct AgentDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Look at everything that the agent needs, and say what to do where something is wrong.",
        discussion: """
            Changes nothing and publishes nothing: to CloudWatch goes one request without data. Run it as the agent's user. \
            Exits 0 when all is fine, 1 with warnings, 3 with problems.

            Example: tidemark doctor --config /etc/tidemark/agent.yaml
            """)

    @OptionGroup var options: AgentOptions
    @Option(help: "text or json.") var format: OutputFormat = .text
    @Flag(help: "Do not ask CloudWatch.") var offline = false

    func run() async throws {
        let variables = ProcessEnvironment.current()
        var effective: EffectiveConfiguration?
        var configurationError: String?
        do {
            // A budget that is too small is one of the findings, and no reason to look at nothing else.
            effective = try options.load(environment: variables, refusesSmallBudget: false)
        } catch {
            configurationError = CommandFailure(describing: error)?.message ?? "\(error)"
        }
        let doctor = Doctor(effective: effective, environment: variables)
        var report = DoctorReport(
            at: .now(), checks: doctor.examineHost(configurationError: configurationError))
        report.checks += await StatusPageProbe.examine(
            port: effective?.configuration.statusPort, isAgentRunning: doctor.seesAgent)
        if !offline {
            var asked = variables
            if let region = effective?.configuration.region { asked["AWS_REGION"] = region }
            report.checks += await doctor.examineCloudWatch(
                credentials: CredentialChain.default(
                    environment: asked,
                    allowsProcess: effective?.configuration.allowsCredentialProcess ?? false),
                transport: try CurlTransport(),
                clock: { .now() })
        }
        print(
            format == .json
                ? String(decoding: report.json(), as: UTF8.self) + "\n" : report.text(style: .terminal), terminator: "")
        switch report.verdict {
        case .ok: return
        case .warning: throw ExitCode(ExitStatus.findings.rawValue)
        case .problem: throw ExitCode(ExitStatus.unavailable.rawValue)
        }
    }
}
