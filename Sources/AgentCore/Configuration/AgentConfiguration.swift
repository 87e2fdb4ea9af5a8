public import ContractEngine
import Telemetry

/// How long one window is, and how often it is published.
public enum PublishPeriod: Int, Sendable, CaseIterable {
    /// High resolution; CloudWatch keeps it for three hours and bills its alarms as high-resolution ones.
    case tenSeconds = 10
    /// High resolution.
    case twentySeconds = 20
    /// High resolution.
    case thirtySeconds = 30
    /// Standard resolution, the default.
    case sixtySeconds = 60

    /// The period in seconds.
    public var seconds: Int { rawValue }
    /// The period as a duration.
    public var duration: Duration { .seconds(rawValue) }
    /// CloudWatch's storage resolution: 1 for periods under a minute, else 60.
    public var storageResolution: Int { self == .sixtySeconds ? 60 : 1 }
}

/// For which groups of calls metrics are published. Each costs its number of series in CloudWatch metrics.
public enum MetricGrouping: String, Sendable, CaseIterable {
    /// Each access pattern of the contract.
    case pattern
    /// Each operation on each table.
    case operation
    /// Each table and each index, apart.
    case resource
    /// The service as a whole.
    case service
    /// Each table, its indexes included.
    case table
    /// Each index.
    case index

    /// What is published where nothing else is said.
    public static let standard: [MetricGrouping] = [.pattern, .operation, .resource]
}

/// For how long history is kept at which resolution. What is older is merged, so that totals stay.
public struct HistoryRetention: Sendable, Equatable {
    /// Hours for which each publishing period has a window of its own. Default: 48.
    public var fineHours = 48
    /// Days for which there is a window for each five minutes. Default: 15.
    public var fiveMinuteDays = 15
    /// Days for which there is a window for each hour; later there is one a day. Default: 455, as CloudWatch keeps.
    public var hourDays = 455

    /// The defaults named at each property.
    public init() {}
}

/// How much the agent's log says.
public enum AgentLogLevel: String, Sendable, CaseIterable {
    /// The levels of swift-log, from the most talkative on.
    case trace, debug, info, notice, warning, error
}

/// What an agent needs to know.
public struct AgentConfiguration: Sendable {
    /// Where services write their telemetry files.
    public var telemetryDirectory: String
    /// Where the store and the hot-key secret lie; made with mode 0700 when it is missing.
    public var dataDirectory: String
    /// Only this service's files, or every service's when nil (the default).
    public var service: String?
    /// Only this environment's files, or every environment's when nil (the default).
    public var environment: String?
    /// The length of a window and of a published data point. Default: 60 s.
    public var publishPeriod = PublishPeriod.sixtySeconds
    /// Whether a batch whose answer was lost is sent again, so that nothing is missing but something may count twice.
    /// Default: true.
    public var resendAmbiguous = true
    /// Whether the plain, cut key of a hot key is kept in the store (mode 0600) for `hotkeys --show-keys`. It never leaves
    /// the host either way. Default: true.
    public var keepPlainKeys = true
    /// Whether anything is published to CloudWatch. Default: true.
    public var publish = true
    /// Whether `credential_process` of an AWS profile may be started; the agent starts no other program. Default: false.
    public var allowsCredentialProcess = false
    /// The region that CloudWatch is called in, or nil for what the environment says.
    public var region: String?
    /// CloudWatch's endpoint, or nil for what the environment and the region say.
    public var cloudWatchEndpoint: String?
    /// How large the store may grow, in bytes, before the oldest windows are merged; totals stay. Default: 1 GiB.
    public var storeBudgetInBytes = 1 << 30
    /// For how long history is kept at which resolution.
    public var history = HistoryRetention()
    /// For which groups of calls metrics are published; at least one.
    public var metrics = MetricGrouping.standard
    /// What the published metrics may cost, in dollars a month; the smallest series are folded into `other` to keep to it.
    /// Default: nil, no limit.
    public var budgetInDollarsAMonth: Double?
    /// CloudWatch's prices in the region as a multiple of those of us-east-1. Default: 1.
    public var priceFactor = 1.0
    /// The error that a published percentile may have, in percent; a distribution takes up to eight datums to keep to it.
    /// Default: 1.2.
    public var percentileErrorInPercent = 1.2
    /// Port of 127.0.0.1 that the status page is served on; 0 takes a free one. Default: nil, no page.
    public var statusPort: UInt16?
    /// How much the log says. Default: info.
    public var logLevel = AgentLogLevel.info
    /// How many keys a hot-key sketch holds; a key's error is at most the traffic divided by it. Default: 128.
    public var hotKeyCapacity = 128
    /// The contract, whose patterns and tables get a zero where nothing happened, so that alarms return to OK.
    public var contract: ContractDocument?

    /// A configuration with the defaults named at each property.
    public init(telemetryDirectory: String, dataDirectory: String) {
        self.telemetryDirectory = telemetryDirectory
        self.dataDirectory = dataDirectory
    }

    /// The data directory where nothing else is said: `$TIDEMARK_DATA`, the first of `$STATE_DIRECTORY`,
    /// `/var/lib/tidemark` when this user may write there, else `~/.local/share/tidemark`.
    public static func defaultDataDirectory(environment: [String: String]) -> String {
        if let path = environment["TIDEMARK_DATA"], !path.isEmpty { return path }
        if let paths = environment["STATE_DIRECTORY"], let first = paths.split(separator: ":").first {
            return String(first)
        }
        if FileSystem.canWrite(in: "/var/lib/tidemark") || FileSystem.canWrite(in: "/var/lib") {
            return "/var/lib/tidemark"
        }
        return (environment["HOME"] ?? "/tmp") + "/.local/share/tidemark"
    }

    /// What is wrong with the two directories; nil where they are two, and each is one place.
    var directoryProblem: String? {
        for (name, path) in [("telemetry", telemetryDirectory), ("data", dataDirectory)]
        where TelemetryDirectory.isShellsHome(path) {
            return "the \(name) directory \(path) \(TelemetryDirectory.shellsHome)"
        }
        guard FileSystem.resolved(telemetryDirectory) == FileSystem.resolved(dataDirectory) else { return nil }
        return
            "telemetry and data directory are both \(telemetryDirectory): name two, since services write to the one and the "
            + "agent alone to the other"
    }

    /// What a running agent makes of a new configuration: `AgentSetting.isReloadable` says what it takes over, and the rest
    /// keeps the value that is in force.
    func takingOver(_ new: AgentConfiguration) -> AgentConfiguration {
        var merged = new
        merged.telemetryDirectory = telemetryDirectory
        merged.dataDirectory = dataDirectory
        merged.service = service
        merged.environment = environment
        merged.publishPeriod = publishPeriod
        merged.publish = publish
        merged.hotKeyCapacity = hotKeyCapacity
        merged.statusPort = statusPort
        return merged
    }
}
