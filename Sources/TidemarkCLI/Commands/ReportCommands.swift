import AWSCore
import AgentCore
import ArgumentParser
import CloudWatch
import ContractEngine
import Monitoring

/// Where the agent's store is.
struct StoreOptions: ParsableArguments {
    @Option(help: "The agent's data directory (default: TIDEMARK_DATA, STATE_DIRECTORY, /var/lib/tidemark …).")
    var data: String?
    @Option(help: "The agent's configuration file, for where its store is; options given here win over it.")
    var config: String?
    @Option(help: "How far back: 90s, 15m, 3h, 1d.") var since: TimeSpan = TimeSpan(seconds: 3_600)

    func open() throws -> AgentStore { try Self.open(data, config: config) }

    /// The store of a data directory, or of the one that the configuration or the environment names.
    static func open(_ dataDirectory: String?, config: String?) throws -> AgentStore {
        let settings = try settings(config)
        return try AgentStore.openReadOnly(
            dataDirectory: dataDirectory ?? settings?.dataDirectory
                ?? AgentConfiguration.defaultDataDirectory(environment: ProcessEnvironment.current()))
    }

    /// What the agent's configuration file says, where one is named.
    static func settings(_ config: String?) throws -> AgentConfiguration? {
        try config.map { path in
            try EffectiveConfiguration.load(
                path: path, environment: ProcessEnvironment.current(), refusesSmallBudget: false
            ).configuration
        }
    }

    func start(before now: Timestamp) -> Timestamp {
        Timestamp(secondsSince1970: now.seconds - Int64(since.seconds))
    }
}

struct HotKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hotkeys",
        abstract: "The hottest partition keys of each table and index, with their share of the traffic.",
        discussion: """
            Reads this host's agent store; keys are shown only with --show-keys, and never leave the host otherwise.

            Example: tidemark hotkeys --table Products --since 15m --show-keys
            """)

    @OptionGroup var store: StoreOptions
    @Option(help: "text or json.") var format: OutputFormat = .text
    @Option(help: "Only this table and its indexes.") var table: String?
    @OptionGroup var scope: ScopeOptions
    @Flag(help: "Show the keys themselves, not only their HMAC.") var showKeys = false

    func run() throws {
        let agentStore = try store.open()
        let now = agentStore.agentTime()
        let start = store.start(before: now)
        let report = try HotKeyReport.make(
            from: agentStore, since: start, now: now, table: table, showKeys: showKeys,
            filter: scope.filter(StoreOptions.settings(store.config)))
        if let table, report.coverage.isEmpty {
            let known = Set(try HotKeyReport.make(from: agentStore, since: start, now: now).coverage.map(\.table))
            guard known.isEmpty else {
                let names = known.sorted().joined(separator: ", ")
                throw CommandFailure(
                    .usage, "no traffic of a table \(table) in this time: there was some of \(names)")
            }
        }
        print(
            format == .json
                ? String(decoding: report.json(), as: UTF8.self) + "\n" : report.text(style: .terminal), terminator: "")
    }
}

struct SummaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "For on-call: what broke, since when, who is hit, the likely cause, what to do next.",
        discussion: """
            Reads this host's agent store and, where CloudWatch can be reached, the alarms' states. Exits 1 when somebody has \
            to act.

            Example: tidemark summary --since 1h --config /etc/tidemark/agent.yaml
            Example: tidemark summary --since 1h --contract migrationContract.json --service shop --environment production
            """)

    @OptionGroup var store: StoreOptions
    @Option(help: "text, markdown, html or json.") var format: SummaryFormat = .text
    @Option(help: "The migration contract, for what was expected.") var contract: String?
    @OptionGroup var documents: DocumentOptions
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var aws: AWSOptions
    @Flag(help: "Do not ask CloudWatch for the alarms' states.") var offline = false
    @Flag(help: "Show hot keys themselves, not only their HMAC.") var showKeys = false

    func run() async throws {
        let agentStore = try store.open()
        let settings = try StoreOptions.settings(store.config)
        let document = try contract.map { try documents.load(contract: $0) } ?? settings?.contract
        if contract == nil { document?.tellReadings() }
        let filter = scope.filter(settings)
        let (alarms, unknown) = await alarmStates(filter, settings)
        let now = agentStore.agentTime()
        var summary = try Summary.make(
            from: agentStore, since: store.start(before: now), now: now, document: document, alarms: alarms,
            showKeys: showKeys, filter: filter)
        summary.alarmsUnknown = unknown
        print(
            {
                switch format {
                case .text: summary.text(style: .terminal)
                case .markdown: summary.markdown()
                case .html: summary.html()
                case .json: String(decoding: summary.json(), as: UTF8.self) + "\n"
                }
            }(), terminator: "")
        if summary.needsAction { throw ExitCode(ExitStatus.findings.rawValue) }
    }

    /// The deployment's alarms, or why they are not known: nobody to ask for, or no answer within two seconds.
    private func alarmStates(
        _ filter: ScopeFilter, _ settings: AgentConfiguration?
    ) async -> (alarms: [Summary.AlarmLine], unknown: String) {
        if offline { return ([], "--offline was given.") }
        guard let service = filter.service else { return ([], "name --service and --environment.") }
        let prefix = AlarmPlan.namePrefix(
            of: MonitoringScope(service: service, environment: filter.environment ?? "default"))
        do {
            var options = aws
            options.endpoint = aws.endpoint ?? settings?.cloudWatchEndpoint
            options.region = aws.region ?? settings?.region
            let client = try options.cloudWatch()
            let described = try await withThrowingTaskGroup(of: [DescribedAlarm].self) { group in
                group.addTask { try await client.describeAlarms(prefix: prefix) }
                group.addTask {
                    try await Task.sleep(for: .seconds(2))
                    throw CommandFailure(.unavailable, "CloudWatch did not answer within 2 s")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
            return (Self.topLevel(described), described.isEmpty ? "CloudWatch has none named \(prefix)…" : "")
        } catch {
            let reason = CommandFailure(describing: error)?.message ?? "\(error)"
            return ([], reason)
        }
    }
}

extension SummaryCommand {
    /// The alarms that speak for themselves: a part of a composite says nothing alone, it only explains the composite.
    static func topLevel(_ alarms: [DescribedAlarm]) -> [Summary.AlarmLine] {
        var children: [String: [String]] = [:]
        for alarm in alarms {
            guard case .composite(let composite) = alarm.definition else { continue }
            children[alarm.name] = (try? CompositeRule(composite.rule))?.children ?? []
        }
        let firing = Set(alarms.filter { $0.state == .alarm }.map(\.name))
        let parts = Set(children.values.joined())
        return alarms.filter { !parts.contains($0.name) }.map { alarm in
            Summary.AlarmLine(
                name: alarm.name, state: alarm.state, since: alarm.stateUpdatedAt, reason: alarm.stateReason,
                because: alarm.state == .alarm ? (children[alarm.name] ?? []).filter(firing.contains) : [])
        }
    }
}

extension TextStyle {
    /// Colours on a terminal, none elsewhere.
    static let terminal = TextStyle { text, role in
        switch role {
        case .heading, .strong: Terminal.styled(text, .bold)
        case .good: Terminal.styled(text, .green)
        case .warning: Terminal.styled(text, .yellow)
        case .bad: Terminal.styled(text, .red)
        case .quiet: Terminal.styled(text, .dim)
        }
    }
}
