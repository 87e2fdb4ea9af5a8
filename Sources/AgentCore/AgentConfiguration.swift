public import ContractEngine

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
    /// The region that CloudWatch is called in, or nil for what the environment says.
    public var region: String?
    /// CloudWatch's endpoint, or nil for what the environment and the region say.
    public var cloudWatchEndpoint: String?
    /// How large the store may grow, in bytes, before the oldest windows are given up; totals stay. Default: 1 GiB.
    public var storeBudgetInBytes = 1 << 30
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
}
