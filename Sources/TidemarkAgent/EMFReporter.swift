import AWSCore
public import Logging

/// Measurements as lines of CloudWatch's embedded metric format on standard output, for places where nothing may run between
/// two invocations, such as Lambda: the log's way to CloudWatch makes metrics of them, and no request is made.
///
/// It is the agent's pipeline with another way out: counts are exact and in the ledger, percentiles and dimension sets are
/// those of the configuration. What was not flushed when the process is killed is in its telemetry file, and counted if a
/// process of the same directory comes after it.
public actor EMFReporter {
    package private(set) var agent: Agent
    private let make: @Sendable () throws -> Agent

    /// Takes the directories, as an agent does: one reporter a directory.
    ///
    /// - Parameters:
    ///   - configuration: its telemetry directory must be the client's. Where /dev/shm cannot be written, as in Lambda, use
    ///     folders of /tmp for both directories.
    ///   - logger: takes one line for each thing that a person should know. It must not write to standard output.
    /// - Throws: `AgentError` where a directory or the store cannot be used, or another agent works there.
    public init(
        configuration: AgentConfiguration,
        logger: Logger = Logger(label: "tidemark.emf") { StreamLogHandler.standardError(label: $0) }
    ) throws(AgentError) {
        try self.init(configuration: configuration, sink: EmbeddedMetricSink(), clock: .system, logger: logger)
    }

    package init(
        configuration: AgentConfiguration, sink: EmbeddedMetricSink, clock: AgentClock, logger: Logger
    ) throws(AgentError) {
        make = { try Agent(configuration: configuration, sink: sink, clock: clock, logger: logger) }
        agent = try Agent(configuration: configuration, sink: sink, clock: clock, logger: logger)
    }

    /// Lets the agent work; a new one, where the last has lost its directories to a reporter that has ended since.
    private func work(_ body: (Agent) async -> Void) async {
        await body(agent)
        guard await agent.loss != nil, let next = try? make() else { return }
        agent = next
        await body(next)
    }

    /// Prints what was counted since the last flush, as few lines as the format allows: at the end of an invocation.
    public func flush() async { await work { await $0.flush() } }

    /// Runs an invocation and flushes, however it ends.
    ///
    /// What the process counts is stamped with the invocation's time: without this, counts that come after a pause are spread
    /// over the pause, as an agent does that was away.
    public nonisolated func invocation<Output>(_ body: () async throws -> Output) async rethrows -> Output {
        await endWindow()
        do {
            let output = try await body()
            await flush()
            return output
        } catch {
            await flush()
            throw error
        }
    }

    private func endWindow() async { await work { await $0.endWindow() } }

    /// The last flush: nothing is printed after it.
    public func shutdown() async { await work { await $0.shutdown() } }
}
