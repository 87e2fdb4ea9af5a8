public import AWSCore
public import ContractModel
public import CoreMetrics
public import CurlTransport
public import Logging
public import Tracing

/// What becomes of calls on a table that the contract has not.
public enum TablesOutsideContract: Sendable, Hashable {
    /// They fail with `contract`, and nothing is sent.
    case refused
    /// They are carried like any others.
    case allowed
}

/// Everything that a client needs to know, checked before it is made.
///
/// `fromEnvironment()` and `load()` find what AWS's own tools would find, and the settings of the article "Configuration
/// reference"; what a program sets afterwards wins. `report()` says where each value comes from.
public struct TidemarkConfiguration: Sendable {
    /// Where DynamoDB is, and the region that requests are signed for.
    public var endpoint: AWSEndpoint
    /// Where the keys come from.
    public var credentials: any CredentialProvider
    /// The service's name in every measurement: printable ASCII, at most 256 characters.
    public var service: String
    /// The environment's name in every measurement, such as "production": printable ASCII, at most 256 characters.
    public var environment: String
    /// The directory of the telemetry files; nil means TIDEMARK_DIR or else the platform's usual place.
    public var telemetryDirectory: String?
    /// Whether calls are recorded in the telemetry file. Default true; false for tools that are no service.
    public var recordsCalls = true
    /// How failed attempts are repeated. Default: the SDKs' rules for DynamoDB, 4 attempts.
    public var retry: RetryPolicy = .dynamoDB
    /// When reads or writes of a table are held back for a moment, since half of them or more fail; nil for never.
    public var circuit: CircuitPolicy? = CircuitPolicy()
    /// Whether a write whose answer was lost is sent again although that may do its work twice, as the SDKs do. Default
    /// false: such a call fails, and its error says `mayHaveBeenApplied`.
    public var retriesUnsafeWrites = false
    /// When a read that is slow gets a second attempt beside the first; nil, the default, for never. Only GetItem, BatchGetItem, Query
    /// and Scan are hedged; `CallOptions.isHedged` turns it off for a call, or with the default on.
    public var hedging: Hedging?
    /// Limits of each attempt. Default: 1 s to connect, 3 s to the first byte, 5 s in all.
    public var timeouts = Timeouts()
    /// Limit of a call with its retries and pauses. Default 10 s.
    public var callTimeout: Duration = .seconds(10)
    /// Connections, their limits and lifetimes, and the authorities that TLS trusts. Default: 64 connections.
    public var transport = CurlTransport.Configuration()
    /// Calls that took longer are noted with their correlation id. Default 100 ms.
    public var slowCallThreshold: Duration = .milliseconds(100)
    /// The migration contract: it tells which attributes are keys, and so which keys are hot, of tables and of indexes.
    public var contract: MigrationContract?
    /// What becomes of calls on a table that the contract has not. Default: they are refused before anything is sent. Of no
    /// effect without a contract, and on calls that make, describe or list tables.
    public var tablesOutsideContract = TablesOutsideContract.refused
    /// The contract's access patterns: each has its place in the telemetry file from the start.
    public var patterns: [AccessPattern] = []
    /// Where the one event of each call goes.
    public var logger = Logger(label: "tidemark")
    /// Which calls are logged, at which level. Default: every fault, of successes one in a hundred and the slow ones.
    public var logging = CallLogging()
    /// Who is told of spans; nil means the tracer that the process has bootstrapped when the client is made.
    public var tracer: (any Tracer)?
    /// Who makes metrics; nil means the factory that the process has bootstrapped when the client is made.
    public var metrics: (any MetricsFactory)?
    /// The variables that directories are looked for in; `load` keeps those alone, since any other may hold a secret.
    public var environmentVariables: [String: String] = [:]
    /// What `load` found, by the settings' names.
    var origins: [String: LoadedSetting] = [:]
    /// What `load` warns of.
    var loadingWarnings: [AWSConfigurationError] = []

    /// Characters of a service's or environment's name. CloudWatch takes 1,024 in a dimension's value
    /// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html), the telemetry file 512.
    public static let maximumNameLength = 256

    /// A configuration from its parts.
    ///
    /// - Throws: `configuration` where service or environment is no usable name.
    public init(
        endpoint: AWSEndpoint, credentials: any CredentialProvider, service: String, environment: String
    ) throws(TidemarkError) {
        if let problem = Self.nameProblems(service: service, environment: environment).first {
            throw TidemarkError(code: .configuration, message: problem.message)
        }
        self.endpoint = endpoint
        self.credentials = credentials
        self.service = service
        self.environment = environment
    }

    /// What is wrong with the names of service and environment, which a program may change at any time.
    ///
    /// - Parameter places: where they stand, by their variables' names, where not in these.
    static func nameProblems(
        service: String, environment: String, places: [String: String] = [:]
    ) -> [AWSConfigurationError] {
        [(service, "service", "TIDEMARK_SERVICE"), (environment, "environment", "TIDEMARK_ENVIRONMENT")].compactMap {
            name, what, variable in
            let isPrintable = name.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            let isBlank = name.utf8.allSatisfy { $0 == 0x20 }
            if isPrintable, !isBlank, name.utf8.count <= maximumNameLength { return nil }
            return AWSConfigurationError(
                cause:
                    "the \(what)'s name must be 1 to \(maximumNameLength) printable ASCII characters, not all blank",
                fix: places[variable].map { "correct \($0)" } ?? "set \(variable)")
        }
    }

    static var programName: String {
        let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? ""
        return name.isEmpty ? "service" : name
    }
}
