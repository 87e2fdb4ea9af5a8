public import AWSCore
@_exported public import AgentCore
import CloudWatch
import CurlTransport
public import Logging
public import ServiceLifecycle
public import Tidemark

/// The agent inside a service's own process, for those who can run no second one.
///
/// It is the same pipeline as `tidemark agent`: it reads the process's telemetry file, keeps windows in its store, publishes
/// to CloudWatch. What the process had counted when it was killed is read by the next one that works in the same directory.
/// Where several processes of a host share the directory, the first does the work for all of them, and another takes over
/// when it ends.
///
/// Put it before what uses the client in the service group, so that it ends after it.
public struct EmbeddedAgent: Service, CustomStringConvertible {
    /// What the service group's log calls it.
    public var description: String { "tidemark agent" }

    private let configuration: AgentConfiguration
    private let client: DynamoDBClient?
    private let clock: AgentClock
    private let logger: Logger
    package let make: @Sendable () throws -> Agent
    private let standby = Duration.seconds(1)

    /// An agent that works when it is run.
    ///
    /// - Parameters:
    ///   - configuration: as for `tidemark agent`; `AgentConfiguration.embedded(in:)` makes one that fits a client.
    ///   - client: is shut down when the service ends, before the last commit, so that everything it measured is in it.
    ///   - environment: variables for region, endpoint and credentials.
    ///   - logger: takes one line for each thing that a person should know.
    /// - Throws: `AgentError` of the code `configuration` where CloudWatch's region or endpoint cannot be found.
    public init(
        configuration: AgentConfiguration, closing client: DynamoDBClient? = nil,
        environment: [String: String] = ProcessEnvironment.current(), logger: Logger = Logger(label: "tidemark.agent")
    ) throws(AgentError) {
        let cloudWatch = configuration.publish ? try Self.cloudWatch(configuration, environment) : nil
        self.init(configuration: configuration, closing: client, clock: .system, logger: logger) {
            try Agent(configuration: configuration, cloudWatch: cloudWatch, spreadsSending: true, logger: logger)
        }
    }

    package init(
        configuration: AgentConfiguration, closing client: DynamoDBClient?, clock: AgentClock, logger: Logger,
        make: @escaping @Sendable () throws -> Agent
    ) {
        self.configuration = configuration
        self.client = client
        self.clock = clock
        self.logger = logger
        self.make = make
    }

    /// Works until the service ends: then the client closes its telemetry file, everything is committed, and for at most two
    /// seconds it is tried to send what is due. What is not sent is in the store.
    ///
    /// - Throws: `AgentError` where the agent cannot work: no directory, no store.
    public func run() async throws {
        let work = Task { try await takeTurns() }
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                // Cancellation is as good a reason to end as a graceful shutdown.
                try? await gracefulShutdown()
                return true
            }
            group.addTask {
                _ = try? await work.value
                return false
            }
            // Where another process does the work, it reads this one's file when it is closed.
            if await group.next() == true { await client?.shutdown() }
            work.cancel()
            group.cancelAll()
        }
        do { try await work.value } catch is CancellationError {}
    }

    /// Works whenever no other process's agent does. An agent that lost its directories to another one is no use any more: the
    /// next one begins anew from what is stored.
    private func takeTurns() async throws {
        while true {
            do {
                let agent = try await takeTurn()
                try await agent.run()
                let farewell = await agent.vitalSigns().farewell(telemetryDirectory: configuration.telemetryDirectory)
                if !farewell.isWhole { logger.error("\(farewell.text)") }
                return
            } catch let error as AgentError where error.code == .alreadyRunning {
                try Task.checkCancellation()
            }
        }
    }

    /// Waits while another process's agent works in the directory.
    private func takeTurn() async throws -> Agent {
        var isWaiting = false
        while true {
            do {
                return try make()
            } catch let error as AgentError where error.code == .alreadyRunning {
                if !isWaiting { logger.info("another agent reads this process's telemetry; this one stands by") }
                isWaiting = true
                try await clock.sleep(standby)
            }
        }
    }

    private static func cloudWatch(
        _ configuration: AgentConfiguration, _ environment: [String: String]
    ) throws(AgentError) -> CloudWatchClient {
        do {
            let endpoint = try AWSEndpoint.resolve(
                service: .cloudWatch, explicit: configuration.cloudWatchEndpoint, region: configuration.region,
                environment: environment)
            var variables = environment
            variables["AWS_REGION"] = endpoint.region
            let caller = AWSCaller(
                transport: try CurlTransport(),
                signer: SigV4Signer(service: AWSService.cloudWatch.signingName, region: endpoint.region),
                credentials: CredentialChain.default(
                    environment: variables, allowsProcess: configuration.allowsCredentialProcess),
                endpoint: endpoint)
            return CloudWatchClient(caller: caller)
        } catch let error as AWSConfigurationError {
            throw AgentError(code: .configuration, message: error.message)
        } catch {
            throw AgentError(code: .configuration, message: "\(error)")
        }
    }
}

extension AgentConfiguration {
    /// A configuration for an agent inside the process that uses a client of this runtime configuration.
    ///
    /// Where the runtime names no telemetry directory of its own, both get `/dev/shm/tidemark-<uid>-<service>`, which no agent of
    /// the host reads; the store lies in a folder of the service's name below the usual data directory.
    ///
    /// - Parameter runtime: gets the telemetry directory.
    public static func embedded(in runtime: inout TidemarkConfiguration) -> AgentConfiguration {
        let variables = runtime.environmentVariables
        let name = String(runtime.service.map { $0.isLetter || $0.isNumber || "-._".contains($0) ? $0 : "-" })
        let directory = runtime.telemetryDirectory ?? TelemetryPlace.own(name)
        runtime.telemetryDirectory = directory
        return AgentConfiguration(
            telemetryDirectory: directory,
            dataDirectory: AgentConfiguration.defaultDataDirectory(environment: variables) + "/" + name)
    }
}
