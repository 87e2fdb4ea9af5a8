import ArgumentParser
import CloudWatch
import ContractEngine
import ContractModel
import Monitoring

struct AlarmsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarms",
        abstract: "Alarms as code, derived from the contract's demand and a policy file.",
        subcommands: [Plan.self, Apply.self, Backtest.self, Destroy.self])

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what apply would change; change nothing.",
            discussion: """
                Exits 1 when something would change, and when an alarm needs a metric that the agent of --config or \
                --metrics does not publish.

                Example: tidemark alarms plan migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md --service shop --environment production
                """)

        @OptionGroup var options: AlarmOptions
        @OptionGroup var publishing: PublishingOptions
        @Flag(help: "Also list the alarms that stay as they are.") var all = false

        func run() async throws {
            let desired = try options.desired()
            let silent = try publishing.unpublished(desired)
            for problem in silent { Terminal.printError(problem.message) }
            let applier = AlarmApplier(store: CloudWatchAlarmStore(try options.aws.cloudWatch()))
            let changes = try await applier.plan(desired: desired, scope: options.monitoringScope)
            options.print(changes, showingUnchanged: all)
            if !silent.isEmpty || !changes.isEmpty(deletingOrphans: false) {
                throw ExitCode(ExitStatus.findings.rawValue)
            }
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make CloudWatch's alarms what contract and policy say; a second run changes nothing.",
            discussion: """
                Only alarms that carry our tag are ever changed. A name that somebody else's alarm has is refused (exit \
                code 4) before anything is done. With --config or --metrics, alarms that the agent publishes nothing for \
                are refused (exit code 1) before anything is done.

                Example: tidemark alarms apply migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md --policy alarms/policy.yaml --service shop --environment production
                """)

        @OptionGroup var options: AlarmOptions
        @OptionGroup var publishing: PublishingOptions
        @Flag(help: "Also delete alarms of ours that nothing wants any more.") var deleteOrphans = false

        func run() async throws {
            let desired = try options.desired()
            let silent = try publishing.unpublished(desired)
            guard silent.isEmpty else {
                for problem in silent { Terminal.printError(problem.message) }
                Terminal.printError("nothing is applied")
                throw ExitCode(ExitStatus.findings.rawValue)
            }
            let applier = AlarmApplier(store: CloudWatchAlarmStore(try options.aws.cloudWatch()))
            let changes = try await applier.plan(desired: desired, scope: options.monitoringScope)
            options.print(changes, deletingOrphans: deleteOrphans)
            var steps = 0
            try await applier.apply(changes, deletingOrphans: deleteOrphans) { step in
                if case .tagged = step { return }
                steps += 1
                Terminal.progress("applying: \(steps) alarms done")
            }
            Terminal.endProgress()
            if options.format == .text { Swift.print("\nApplied: \(steps) \(steps == 1 ? "change" : "changes").") }
        }
    }

    struct Destroy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete the deployment's alarms: those that carry our tag, and no others.",
            discussion: """
                Needs --yes; without it, it lists what it would delete and exits 4.

                Example: tidemark alarms destroy --service shop --environment production --yes
                """)

        @OptionGroup var scope: ScopeOptions
        @OptionGroup var aws: AWSOptions
        @Flag(help: "Really delete them.") var yes = false

        func validate() throws { try scope.requireService() }

        func run() async throws {
            let applier = AlarmApplier(store: CloudWatchAlarmStore(try aws.cloudWatch()))
            let scope = MonitoringScope(service: scope.serviceName, environment: scope.environmentName)
            let owned = try await applier.owned(scope: scope)
            for alarm in owned { print("  - \(alarm.described.name)") }
            guard yes || owned.isEmpty else {
                throw CommandFailure(.refused, "\(owned.count) alarms would be deleted: say --yes to do it")
            }
            try await applier.destroy(owned)
            print("Deleted: \(owned.count) \(owned.count == 1 ? "alarm" : "alarms").")
        }
    }
}

/// What the alarm commands share: contract, policy, scope, and where CloudWatch is.
struct AlarmOptions: ParsableArguments {
    @OptionGroup var contract: ContractOptions
    @OptionGroup var assumptions: AssumptionOptions
    @Option(help: "The alarm policy (YAML); the built-in one is alarms/policy.yaml.") var policy: String?
    @OptionGroup var scope: ScopeOptions
    @OptionGroup var aws: AWSOptions
    @Option(help: "text or json.") var format: OutputFormat = .text

    func validate() throws { try scope.requireService() }

    var monitoringScope: MonitoringScope {
        MonitoringScope(service: scope.serviceName, environment: scope.environmentName)
    }

    func desired() throws -> [DesiredAlarm] {
        let policy = try policy.map { path throws(AlarmPolicyError) in try AlarmPolicy.load(path: path) } ?? .standard
        let name = contract.contract.split(separator: "/").last.map(String.init) ?? contract.contract
        let document = try contract.load()
        if !document.patterns.contains(where: { $0.peakRPS != nil }) {
            Terminal.printError(
                "no access pattern has a rate, so that every threshold is the policy's least: give the rates with --patterns"
            )
        }
        return try AlarmPlan.desired(
            capacity: capacity(of: document, assuming: try assumptions.load(for: document)), policy: policy,
            scope: monitoringScope, contract: name)
    }

    func print(_ changes: AlarmChanges, deletingOrphans: Bool = false, showingUnchanged: Bool = false) {
        switch format {
        case .json: Swift.print(String(decoding: changes.json(), as: UTF8.self))
        case .text:
            let text = changes.text(deletingOrphans: deletingOrphans, showingUnchanged: showingUnchanged) {
                text, style in
                switch style {
                case .heading: Terminal.styled(text, .bold)
                case .create: Terminal.styled(text, .green)
                case .update: Terminal.styled(text, .yellow)
                case .orphan, .refused: Terminal.styled(text, .red)
                case .faint: Terminal.styled(text, .dim)
                }
            }
            Swift.print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
        }
    }
}
