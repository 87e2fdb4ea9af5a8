import AWSCore
import AgentCore
import ArgumentParser
import ContractEngine

/// How a command prints what it found.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// How the summary is printed.
enum SummaryFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case markdown
    case html
    case json
}

/// The contract and the documents beside it.
struct ContractOptions: ParsableArguments {
    @Argument(help: "The migration contract (JSON).")
    var contract: String

    @OptionGroup var documents: DocumentOptions

    func load() throws -> ContractDocument { try documents.load(contract: contract) }
}

/// The documents that stand beside a contract.
struct DocumentOptions: ParsableArguments {
    @Option(help: "The access patterns with their rates (Markdown, CSV, JSON or YAML).")
    var patterns: String?

    @Option(help: "The data model document (Markdown): mapping of patterns, capacity planning.")
    var model: String?

    @Option(help: "Overlay that says which table, index and operation serve a pattern (YAML or JSON).")
    var mapping: String?

    /// Reads the documents, and says on standard error what was taken to be meant where that was open.
    ///
    /// - Parameter tellsReadings: false for a command whose own report says it.
    func load(contract: String, interfaces: String? = nil, tellsReadings: Bool = true) throws -> ContractDocument {
        let document = try ContractDocument.load(
            contractPath: contract, patternsPath: patterns, modelPath: model, mappingPath: mapping,
            interfacesPath: interfaces)
        if tellsReadings { document.tellReadings() }
        return document
    }
}

extension ContractDocument {
    /// How rates and tables were read that could mean something else: "patterns.md:3: the rate of AP1, …".
    var readingNotes: [String] {
        Guess.readings(in: self).map { guess in (guess.place.map { "\($0): " } ?? "") + guess.text }
    }

    /// Says them on standard error.
    func tellReadings() {
        for note in readingNotes { Terminal.printNote(note) }
    }
}

/// Whose metrics and alarms: the dimensions that every metric carries.
struct ScopeOptions: ParsableArguments {
    @Option(help: "The service whose calls are measured (default: TIDEMARK_SERVICE).")
    var service: String?

    @Option(help: "The environment: production, staging … (default: TIDEMARK_ENVIRONMENT).")
    var environment: String?

    /// The service, where it was named at all.
    var knownService: String? { service ?? ProcessEnvironment.current()["TIDEMARK_SERVICE"] }
    /// Whose figures a report shows: what the options, else the agent's configuration, else the environment names.
    func filter(_ settings: AgentConfiguration?) -> ScopeFilter {
        let variables = ProcessEnvironment.current()
        func named(_ option: String?, _ setting: String?, _ variable: String) -> String? {
            let text = option ?? setting ?? variables[variable]
            return text?.isEmpty == false ? text : nil
        }
        return ScopeFilter(
            service: named(service, settings?.service, "TIDEMARK_SERVICE"),
            environment: named(environment, settings?.environment, "TIDEMARK_ENVIRONMENT"))
    }
    /// Refuses to make alarms or dashboards for a deployment that nobody named.
    func requireService() throws {
        guard let knownService, !knownService.isEmpty else {
            throw ValidationError("whose metrics? Name --service and --environment, as the service itself does")
        }
    }
    var serviceName: String { knownService ?? "service" }
    var environmentName: String { environment ?? ProcessEnvironment.current()["TIDEMARK_ENVIRONMENT"] ?? "default" }
}

/// Where AWS is, and as whom.
struct AWSOptions: ParsableArguments {
    @Option(help: "Endpoint URL (default: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, then the region's own).")
    var endpoint: String?

    @Option(help: "Region (default: AWS_REGION, AWS_DEFAULT_REGION, then the profile's).")
    var region: String?

    func validate() throws {
        // An unset variable in a script must not lead to AWS itself.
        if endpoint?.isEmpty ?? false {
            throw ValidationError("--endpoint is empty: give a URL, or leave the option out")
        }
        if region?.isEmpty ?? false {
            throw ValidationError("--region is empty: give a region, or leave the option out")
        }
    }
}
