import AWSCore
import AgentCore
import ArgumentParser

/// The agent's configuration file and the options that win over it.
struct AgentOptions: ParsableArguments {
    @Option(help: "Configuration file (YAML, docs/AGENT.md); options given here win over it.") var config: String?
    @Option(
        help: "Where services write their telemetry files (default: TIDEMARK_DIR, RUNTIME_DIRECTORY, /run/tidemark …).")
    var telemetryDir: String?
    @Option(help: "Where the store lies (default: TIDEMARK_DATA, STATE_DIRECTORY, /var/lib/tidemark …).") var data:
        String?
    @Option(help: "Publishing period in seconds: 60, or 10, 20, 30 in high resolution.") var period: String?
    @Option(help: "The migration contract, whose patterns are published as zeros too.") var contract: String?
    @OptionGroup var documents: DocumentOptions
    @Option(help: "Only this service's files (default: all).") var service: String?
    @Option(help: "Only this environment's files (default: all).") var environment: String?
    @OptionGroup var aws: AWSOptions
    @Flag(help: "Collect and keep only; publish nothing.") var collectOnly = false
    @Option(help: "Serve the status page on this port of 127.0.0.1; 0 takes a free one.") var statusPort: String?
    @Option(help: "trace, debug, info, notice, warning or error (default: info).") var logLevel: String?

    /// Reads the file, if there is one, and puts the options over it.
    func load(
        environment variables: [String: String], refusesSmallBudget: Bool = true
    ) throws -> EffectiveConfiguration {
        try EffectiveConfiguration.load(
            path: config, options: given, environment: variables, refusesSmallBudget: refusesSmallBudget)
    }

    /// The options that were given.
    var given: [AgentOption] {
        let all: [(setting: String, option: String, value: String?)] = [
            ("telemetry-directory", "--telemetry-dir", telemetryDir), ("data-directory", "--data", data),
            ("service", "--service", service), ("environment", "--environment", environment),
            ("contract", "--contract", contract), ("patterns", "--patterns", documents.patterns),
            ("model", "--model", documents.model), ("mapping", "--mapping", documents.mapping),
            ("publish", "--collect-only", collectOnly ? "false" : nil), ("region", "--region", aws.region),
            ("cloudwatch-endpoint", "--endpoint", aws.endpoint), ("period", "--period", period),
            ("status-port", "--status-port", statusPort), ("log-level", "--log-level", logLevel),
        ]
        return all.compactMap { entry in
            entry.value.map { AgentOption(entry.setting, option: entry.option, value: $0) }
        }
    }
}
