import AWSCore
public import CloudWatch
import Logging
import Monitoring
import Telemetry

extension Agent {
    /// Takes over what can change while the agent works: the contract, the metrics, budgets, retention, policy, where
    /// CloudWatch is, and how much the log says. Everything else keeps its value until a restart.
    ///
    /// Nothing is lost by it: it happens between two ticks, counters stay in the telemetry files and baselines in the store,
    /// and a request that is on its way ends with the client that it began with.
    ///
    /// - Parameters:
    ///   - new: a configuration that was read and checked.
    ///   - cloudWatch: a client for the new endpoint, region and credentials; nil keeps the one there is.
    /// - Throws: `AgentError` of the code `configuration` where the new budget pays for less than the contract's own series;
    ///   then nothing has changed.
    public func reconfigure(_ new: AgentConfiguration, cloudWatch: CloudWatchClient? = nil) throws(AgentError) {
        try reconfigure(new, sink: cloudWatch.map { CloudWatchSink(client: $0) })
    }

    package func reconfigure(_ new: AgentConfiguration, sink newSink: (any MetricSink)?) throws(AgentError) {
        let merged = configuration.takingOver(new)
        // A budget that is kept by folding the contract's own series would blind its alarms.
        if let problem = merged.budgetProblem { throw AgentError(code: .configuration, message: problem) }
        configuration = merged
        (mayHaveUnsent, mayHaveHousework) = (true, true)
        builder = Self.builder(for: merged)
        startFolding()
        outbox.resendAmbiguous = merged.resendAmbiguous
        // An agent that does not publish has no outbox to publish from.
        if sink != nil, let newSink { sink = newSink }
        if let level = Logger.Level(rawValue: merged.logLevel.rawValue) { logger.logLevel = level }
    }

    /// The configuration that is in force.
    public var effectiveConfiguration: AgentConfiguration { configuration }

    /// How the agent gets on.
    public func vitalSigns() -> AgentVitals {
        var signs = vitals
        signs.isPublishing = sink != nil
        signs.troubles = troubles.messages
        signs.storeTrouble = troubles[.store]
        return signs
    }

    static func builder(for configuration: AgentConfiguration) -> DatumBuilder {
        DatumBuilder(
            period: configuration.publishPeriod, expected: ExpectedSeries(configuration.contract),
            sets: configuration.publishedSets, distributions: configuration.distributionLimits)
    }
}
