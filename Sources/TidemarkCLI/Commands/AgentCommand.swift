import AWSCore
import AgentCore
import ArgumentParser
import CloudWatch
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
            SIGHUP reads the configuration again. Killed at any moment, it loses nothing: services keep their totals in the \
            telemetry files. docs/AGENT.md has every setting.

            Example: tidemark agent --config /etc/tidemark/agent.yaml --check
            Example: tidemark agent --contract migrationContract.json --service shop --environment production
            """)

    @OptionGroup var options: AgentOptions
    @Flag(
        help:
            "Read the configuration, print what holds and where each value comes from, and end: 0; 1 when the services here cost more than the budget; 2 when it is wrong."
    )
    var check = false
    @Flag(
        help:
            "Say what publishing would cost a month, and end: 0, or 1 when that is over the budget. Nothing is published."
    ) var dryRun = false
    @Option(help: "How --dry-run reports: text or json.") var format: OutputFormat = .text

    func run() async throws {
        let variables = ProcessEnvironment.current()
        // What a budget that is too small would have to be is what --dry-run is asked for.
        let effective = try options.load(environment: variables, refusesSmallBudget: !dryRun || check)
        if dryRun || check { effective.configuration.contract?.tellReadings() }
        if dryRun, !check { return try AgentCost.report(effective.configuration, format: format) }
        if let problem = effective.configuration.budgetProblem { throw CommandFailure(.usage, problem) }
        if check { return try report(effective, variables) }
        try await work(effective, variables)
    }

    private func report(_ effective: EffectiveConfiguration, _ variables: [String: String]) throws {
        print(effective.text(environment: variables, style: .terminal), terminator: "")
        if let excess = effective.configuration.budgetExcess(now: .now()) { throw CommandFailure(.findings, excess) }
    }

    private func work(_ effective: EffectiveConfiguration, _ variables: [String: String]) async throws {
        OpenFiles.raiseLimit()
        let hangUps = await UnixSignalsSequence(trapping: .sighup)
        let settings = effective.configuration
        let logger = StandardErrorLog.logger(
            label: "tidemark.agent", level: Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info)
        let cloudWatch = AgentCloudWatch(variables: variables)
        let client = settings.publish ? try cloudWatch.client(for: settings) : nil
        ProcessMemory.shareOneHeap()
        let agent = try Agent(configuration: settings, cloudWatch: client, spreadsSending: true, logger: logger)
        await agent.ownProcess()
        var services: [any Service] = try await statusPage(settings, agent, logger)
        warnOfRoot(logger)
        for note in settings.contract?.readingNotes ?? [] { logger.notice("\(note)") }
        if settings.publish, let excess = settings.budgetExcess(now: .now()) { logger.warning("\(excess)") }
        let notifier = ServiceNotifier(environment: variables)
        services += [
            AgentService(agent: agent),
            ReloadService(
                hangUps: hangUps, agent: agent, effective: effective, options: options.given, cloudWatch: cloudWatch,
                notifier: notifier,
                variables: variables, logger: logger),
        ]
        if let notifier {
            // Services end in the reverse order, and the service manager hears of the end first.
            services.append(
                NotifyService(notifier: notifier, agent: agent, ticksPerPeriod: UInt64(settings.publishPeriod.seconds)))
        }
        logger.notice(
            "agent started",
            metadata: [
                "telemetry": "\(settings.telemetryDirectory)", "data": "\(settings.dataDirectory)",
                "period": "\(settings.publishPeriod.seconds) s",
                "cloudwatch": "\(client?.caller.endpoint.url ?? "off")",
            ])
        if let client { await cloudWatch.warnWithoutCredentials(client, logger) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        let farewell = await agent.vitalSigns().farewell(telemetryDirectory: settings.telemetryDirectory)
        // The supervisor sees it by the exit code.
        guard farewell.isWhole else { throw CommandFailure(.unavailable, farewell.text) }
        logger.notice("\(farewell.text)")
    }

    private func statusPage(
        _ settings: AgentConfiguration, _ agent: Agent, _ logger: Logger
    ) async throws -> [any Service] {
        guard let port = settings.statusPort else { return [] }
        return [
            try await StatusService(
                port: port, dataDirectory: settings.dataDirectory, contract: settings.contract, agent: agent,
                logger: logger)
        ]
    }

    private func warnOfRoot(_ logger: Logger) {
        guard ProcessOwner.isRoot else { return }
        logger.warning(
            "the agent runs as root and needs no right of root's: run it as the services' user, or as a user of its own in the group of a 2770 telemetry directory (Examples/systemd/tidemark-agent.service)."
        )
    }
}

/// Makes the agent's CloudWatch clients.
struct AgentCloudWatch: Sendable, CustomStringConvertible {
    let variables: [String: String]

    /// The environment variables hold credentials.
    var description: String { "CloudWatch of the agent's configuration" }

    func client(for settings: AgentConfiguration) throws -> CloudWatchClient {
        var options = AWSOptions()
        options.endpoint = settings.cloudWatchEndpoint
        options.region = settings.region
        return try options.cloudWatch(variables, allowsProcess: settings.allowsCredentialProcess)
    }

    /// The agent goes on without credentials: what it cannot send stays in its store, and keys may come later.
    func warnWithoutCredentials(_ client: CloudWatchClient, _ logger: Logger) async {
        do {
            _ = try await client.caller.credentials.credentials(now: .now())
        } catch {
            logger.warning(
                "nothing can be published until there are credentials; it is kept meanwhile: \(error.message)")
        }
    }
}

/// Runs the agent until the process is asked to end.
private struct AgentService: Service, CustomStringConvertible {
    let agent: Agent

    var description: String { "agent" }

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await agent.run() }
    }
}
