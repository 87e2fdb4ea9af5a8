import AWSCore
import AgentCore
import ArgumentParser
import CloudWatch
import ContractEngine
import Logging
import ServiceLifecycle
import Telemetry
import UnixSignals

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run beside deployments: collect what services measured, keep it, publish it to CloudWatch.",
        discussion: """
            Ends in good order on SIGTERM and Ctrl-C: everything is committed, and what can be sent within two seconds is sent. \
            Killed at any moment, it loses nothing: services keep their totals in the telemetry files.

            Example: tidemark agent --contract migrationContract.json --service shop --environment production
            """)

    @Option(help: "Configuration file (YAML); options given here win over it.") var config: String?
    @Option(
        help: "Where services write their telemetry files (default: TIDEMARK_DIR, RUNTIME_DIRECTORY, /run/tidemark …).")
    var telemetryDir: String?
    @Option(help: "Where the store lies (default: TIDEMARK_DATA, STATE_DIRECTORY, /var/lib/tidemark …).") var data:
        String?
    @Option(help: "Publishing period in seconds: 60, or 10, 20, 30 in high resolution.") var period: Int?
    @Option(help: "The migration contract, whose patterns are published as zeros too.") var contract: String?
    @OptionGroup var documents: DocumentOptions
    @Option(help: "Only this service's files (default: all).") var service: String?
    @Option(help: "Only this environment's files (default: all).") var environment: String?
    @OptionGroup var aws: AWSOptions
    @Flag(help: "Collect and keep only; publish nothing.") var collectOnly = false
    @Option(help: "Serve the status page on this port of 127.0.0.1; 0 takes a free one.") var statusPort: UInt16?
    @Option(help: "trace, debug, info, notice, warning or error.") var logLevel = "info"

    func run() async throws {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw CommandFailure(
                .usage, "--log-level is '\(logLevel)': use trace, debug, info, notice, warning or error")
        }
        let logger = StandardErrorLog.logger(label: "tidemark.agent", level: level)
        let settings = try configuration()
        let client = settings.publish ? try cloudWatch(settings) : nil
        let agent = try Agent(
            configuration: settings, cloudWatch: client, spreadsSending: true, logger: logger)
        var services: [any Service] = [AgentService(agent: agent)]
        if let statusPort {
            services.append(
                try await StatusService(
                    port: statusPort, dataDirectory: settings.dataDirectory, contract: settings.contract, logger: logger
                ))
        }
        logger.notice(
            "agent started",
            metadata: [
                "telemetry": "\(settings.telemetryDirectory)", "data": "\(settings.dataDirectory)",
                "period": "\(settings.publishPeriod.seconds) s",
                "cloudwatch": "\(client?.caller.endpoint.url ?? "off")",
            ])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        logger.notice("agent stopped; everything it collected is in its store")
    }

    private func configuration() throws -> AgentConfiguration {
        let variables = aws.variables(for: .cloudWatch)
        var settings =
            if let config {
                try AgentConfiguration.load(path: config, environment: variables)
            } else {
                AgentConfiguration(
                    telemetryDirectory: TelemetryDirectory.resolve(environment: variables),
                    dataDirectory: AgentConfiguration.defaultDataDirectory(environment: variables))
            }
        if let telemetryDir { settings.telemetryDirectory = telemetryDir }
        if let data { settings.dataDirectory = data }
        if let service { settings.service = service }
        if let environment { settings.environment = environment }
        if let period {
            guard let value = PublishPeriod(rawValue: period) else {
                throw CommandFailure(
                    .usage, "--period is \(period): CloudWatch takes 60, or 10, 20, 30 in high resolution")
            }
            settings.publishPeriod = value
        }
        if collectOnly { settings.publish = false }
        if let contract { settings.contract = try documents.load(contract: contract) }
        return settings
    }

    private func cloudWatch(_ settings: AgentConfiguration) throws -> CloudWatchClient {
        var options = aws
        options.endpoint = options.endpoint ?? settings.cloudWatchEndpoint
        options.region = options.region ?? settings.region
        return try options.cloudWatch()
    }
}

/// Runs the agent until the process is asked to end.
private struct AgentService: Service {
    let agent: Agent

    func run() async throws {
        let work = Task { try await agent.run() }
        await withTaskCancellationHandler {
            try? await gracefulShutdown()
            work.cancel()
            _ = try? await work.value
        } onCancel: {
            work.cancel()
        }
    }
}
