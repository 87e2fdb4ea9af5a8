import ArgumentParser
import ContractEngine
import Glibc

struct ContractCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract",
        abstract: "Read a migration contract and the documents beside it: what it says, costs, and gets wrong.",
        subcommands: [Lint.self, Show.self, Capacity.self])

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say where contract, data model and pattern table are wrong or contradict each other.",
            discussion: """
                Exits 1 when there is an error or a warning; notes alone do not gate. What a team lives with stands in a file of \
                suppressions, each with its reason: `suppressions: [{rule: …, subject: …, reason: …}]`.

                Example: tidemark contract lint migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md
                """)

        @Argument(help: "The migration contract (JSON).")
        var contract: String?
        @OptionGroup var documents: DocumentOptions
        @Option(
            help: "The application's repository interfaces (TypeScript, Java, Swift, or Markdown that quotes them).")
        var interfaces: String?
        @Option(help: "Findings to live with, each with its reason (YAML or JSON).")
        var suppress: String?
        @Option(help: ArgumentHelp("Say what a rule finds and why it is one; \"all\" lists them.", valueName: "rule"))
        var explain: String?
        @Option(help: "text, json or sarif.") var format: LintFormat = .text

        func validate() throws {
            guard contract != nil || explain != nil else {
                throw ValidationError("name the contract, or a rule with --explain")
            }
            if let explain, explain != "all", LintRule.named(explain) == nil {
                throw ValidationError("there is no rule '\(explain)'; --explain all lists them")
            }
        }

        func run() throws {
            if let explain { return print(LintFormat.explained(explain), terminator: "") }
            guard let contract else { return }
            do {
                let document = try documents.load(contract: contract, interfaces: interfaces, tellsReadings: false)
                let report = LintReport(document, suppressions: try suppress.map { try Suppressions.load(path: $0) })
                format.print(report)
                if report.gates { throw ExitCode(ExitStatus.findings.rawValue) }
            } catch let error as ContractError {
                let texts = Set(error.problems.map(\.file)).compactMap { try? SourceText.read(path: $0) }
                if format != .text { format.print(LintReport(refused: error, texts: texts)) }
                throw error
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show tables, keys, indexes, entities, and what serves each access pattern.",
            discussion: "Example: tidemark contract show migrationContract.json --model dynamodb_data_model.md")

        @OptionGroup var contract: ContractOptions
        @Option(help: "text or json.") var format: OutputFormat = .text

        func run() throws {
            let report = ContractReport(try contract.load())
            print(format == .json ? report.json() : report.text(style: .terminal), terminator: "")
        }
    }

    struct Capacity: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute the capacity that each pattern, table and index needs, and what it costs.",
            discussion: """
                On demand and provisioned, with the break-even. Every assumption stands beside the number that it moved, and \
                can be set; where a document says another number, both are shown with the reason.

                Example: tidemark contract capacity migrationContract.json --patterns access_patterns_with_rps.md \
                --model dynamodb_data_model.md --assume items-per-call.AP8=20 --assume items.Products=200000
                """)

        @OptionGroup var contract: ContractOptions
        @OptionGroup var assumptions: AssumptionOptions
        @Option(help: "text or json.") var format: OutputFormat = .text

        func run() throws {
            let document = try contract.load()
            let report = CapacityReport(document, assuming: try assumptions.load(for: document))
            print(format == .json ? report.json() : report.text(style: .terminal), terminator: "")
        }
    }
}

/// How `lint` prints what it found.
enum LintFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case sarif

    /// Prints a report on standard output.
    func print(_ report: LintReport) {
        let text =
            switch self {
            case .text: report.text(style: .terminal)
            case .json: report.json()
            case .sarif: report.sarif(root: .current(), version: tidemarkVersion)
            }
        Swift.print(text, terminator: "")
    }

    static func explained(_ name: String) -> String {
        let rules = name == "all" ? LintRule.all : LintRule.named(name).map { [$0] } ?? []
        return rules.map { $0.text(style: .terminal) }.joined(separator: "\n")
    }
}

extension ReportRoot {
    /// The repository around the working directory, which is where code hosts look for a report's files.
    static func current() -> ReportRoot? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return around(workingDirectory: String(cString: path)) { access("\($0)/.git", F_OK) == 0 }
    }
}

extension ReportStyle {
    /// Colours on a terminal, none elsewhere.
    static let terminal = ReportStyle { text, role in
        switch role {
        case .heading, .emphasis: Terminal.styled(text, .bold)
        case .faint: Terminal.styled(text, .dim)
        case .error: Terminal.styled(text, .red)
        case .warning: Terminal.styled(text, .yellow)
        case .note: Terminal.styled(text, .cyan)
        case .good: Terminal.styled(text, .green)
        }
    }
}
