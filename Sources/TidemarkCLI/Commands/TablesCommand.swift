import ArgumentParser
import ContractEngine
import ContractModel
import TableProvisioning
import Tidemark

struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "Make the contract's tables, and hold live ones against it. Never deletes or rewrites data.",
        subcommands: [Plan.self, Apply.self, Verify.self, Render.self])

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what would be created or changed and what it costs; change nothing.",
            discussion: """
                Exits 1 when apply has something to do, 4 when only a person can mend some of it: a table or index that cannot be \
                changed, another expiry attribute than the one asked for.

                Example: tidemark tables plan migrationContract.json --patterns access_patterns_with_rps.md \
                --settings tables.yaml
                """)

        @OptionGroup var tables: TableOptions
        @OptionGroup var aws: AWSOptions
        @Option(help: "text or json.") var format: OutputFormat = .text

        func run() async throws {
            let request = try tables.load()
            let plan = try await aws.withTables(request) { client in try await request.plan(client) }
            let report = TablePlanReport(plan, capacity: request.capacity)
            print(format == .json ? report.json() : report.text(style: .terminal), terminator: "")
            if plan.needsPeople { throw ExitCode(ExitStatus.refused.rawValue) }
            if plan.hasSteps { throw ExitCode(ExitStatus.findings.rawValue) }
            if plan.isIncomplete { throw ExitCode(ExitStatus.unavailable.rawValue) }
        }
    }

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Create missing tables and indexes, switch on what the settings ask for, and wait until all is active.",
            discussion: """
                May be interrupted and run again: what is done is kept, what is not is done. Nothing is ever deleted, and no item \
                is written. A table whose keys, or an index whose keys or projection, differ from the contract cannot be changed: \
                that is said, nothing at all is done, and the command ends with exit code 4. So it ends where all else is done and \
                only a person can mend what is left. What the credentials may not do is left out and named, with exit code 3.

                Example: tidemark tables apply migrationContract.json --patterns access_patterns_with_rps.md \
                --settings tables.yaml
                """)

        @OptionGroup var tables: TableOptions
        @OptionGroup var aws: AWSOptions
        // Unconditional, so that a negative number is told as one and not as an option.
        @Option(
            parsing: .unconditional,
            help: "Minutes to wait for each change; filling an index of a large table takes hours.")
        var waitMinutes = 60
        @Option(help: "text or json.") var format: OutputFormat = .text

        func validate() throws {
            guard waitMinutes > 0 else { throw ValidationError("--wait-minutes is \(waitMinutes): give at least 1") }
        }

        func run() async throws {
            let request = try tables.load()
            let isLocal = aws.endpoint != nil
            let limits = WaitLimits(
                timeout: .seconds(waitMinutes * 60), interval: .milliseconds(isLocal ? 200 : 1_000),
                maximumInterval: .seconds(10))
            let (plan, outcomes) = try await aws.withTables(request) { client in
                let plan = try await request.plan(client)
                guard plan.refused.isEmpty else { return (plan, nil as [StepOutcome]?) }
                let applier = TableApplier(client: client, limits: limits) { progress in
                    let state = progress.state.isEmpty ? "" : " (\(progress.state))"
                    Terminal.progress("\(progress.table): \(progress.doing)\(state) …")
                }
                let outcomes = await applier.apply(plan)
                Terminal.endProgress()
                return (plan, outcomes)
            }
            let report = TablePlanReport(plan, outcomes: outcomes, capacity: request.capacity)
            print(format == .json ? report.json() : report.text(style: .terminal), terminator: "")
            if let first = plan.refused.first {
                throw CommandFailure(
                    .refused,
                    "the table \(first.desired.table.name) cannot be brought to the contract: nothing was done; the plan above "
                        + "says why and what to do")
            }
            if !report.failures.isEmpty || plan.isIncomplete { throw ExitCode(ExitStatus.unavailable.rawValue) }
            if plan.needsPeople {
                throw CommandFailure(
                    .refused, "what apply does is done; what is marked · above is to be mended by hand")
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Hold the live tables against the contract: keys, types, indexes, projections, settings, and items.",
            discussion: """
                Exits 1 on drift, 3 where something could not be looked at. A sample shows counts and names of attributes, never \
                keys or values.

                Example: tidemark tables verify migrationContract.json --settings tables.yaml --sample 200
                """)

        @OptionGroup var tables: TableOptions
        @OptionGroup var aws: AWSOptions
        // Unconditional, so that a negative number is told as one and not as an option.
        @Option(
            parsing: .unconditional,
            help:
                "Items to read of each table and hold against types, keys, formats, copies and sizes: half a read unit per 4 KB."
        )
        var sample = 0
        @Option(help: "text or json.") var format: OutputFormat = .text

        func validate() throws {
            guard (0...100_000).contains(sample) else {
                throw ValidationError("--sample is \(sample): give 0 to 100,000")
            }
        }

        func run() async throws {
            let request = try tables.load(needsRates: false)
            let verification = try await aws.withTables(request) { client in
                try await request.verification(client, sample: sample)
            }
            print(
                format == .json ? verification.json() : verification.text(style: .terminal), terminator: "")
            if verification.hasDrift { throw ExitCode(ExitStatus.findings.rawValue) }
            if verification.isIncomplete { throw ExitCode(ExitStatus.unavailable.rawValue) }
        }
    }

    struct Render: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print the tables as a CloudFormation template (JSON), in place of applying; asks AWS for nothing.",
            discussion: """
                Provisioned tables come with auto-scaling. Tables and items stay when the stack is deleted.

                Example: tidemark tables render migrationContract.json --settings tables.yaml > tables.template.json
                """)

        @OptionGroup var tables: TableOptions

        func run() throws {
            let request = try tables.load()
            let template = CloudFormationTemplate(
                request.document, settings: request.settings, capacity: request.capacity)
            for caveat in request.capacity.caveats { Terminal.printError(caveat + ".") }
            print(template.json(), terminator: "")
        }
    }
}
