import AWSCore
import AgentCore
import ArgumentParser
import Monitoring

/// What the agent publishes, for commands that make something of its metrics.
struct PublishingOptions: ParsableArguments {
    @Option(help: "The agent's configuration file: alarms on metrics that it does not publish are named.")
    var config: String?
    @Option(help: "The groups of metrics that the agent publishes, such as pattern,operation (instead of --config).")
    var metrics: String?

    func validate() throws {
        guard config == nil || metrics == nil else {
            throw ValidationError("--config and --metrics both say what is published: give one of them")
        }
        if let metrics, Self.sets(metrics) == nil {
            let names = MetricCatalog.DimensionSet.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--metrics \"\(metrics)\" must be one or more of \(names), with commas between")
        }
    }

    /// The alarms that would never have data, because the agent publishes no metric for them; none where nobody said what it
    /// publishes.
    func unpublished(_ alarms: [DesiredAlarm]) throws -> [AlarmPlanError] {
        guard let sets = try sets() else { return [] }
        return AlarmPlan.unpublished(alarms, sets: sets)
    }

    private func sets() throws -> PublishedSets? {
        if let metrics { return Self.sets(metrics) }
        return try config.map { path in
            try AgentConfiguration.load(path: path, environment: ProcessEnvironment.current()).publishedSets
        }
    }

    private static func sets(_ text: String) -> PublishedSets? {
        let names = text.split(separator: ",").map { String($0.filter { $0 != " " }) }
        return names.isEmpty ? nil : PublishedSets(names: names)
    }
}
