import AWSCore
import ContractEngine
import Glibc
import Monitoring

/// Looks at everything that an agent needs, changes nothing, and says what to do.
public struct Doctor: Sendable {
    let configuration: AgentConfiguration
    let effective: EffectiveConfiguration?
    let environment: [String: String]
    let clock: AgentClock
    let now: Timestamp
    package var places = TelemetryPlaces()

    /// - Parameters:
    ///   - effective: the configuration, or nil when it cannot be read: then the environment's directories are looked at.
    ///   - environment: the environment variables.
    ///   - clock: the host's clocks.
    public init(
        effective: EffectiveConfiguration?, environment: [String: String], clock: AgentClock = .system
    ) {
        self.effective = effective
        configuration =
            effective?.configuration
            ?? AgentConfiguration(
                telemetryDirectory: environment["TIDEMARK_DIR"] ?? "/run/tidemark",
                dataDirectory: AgentConfiguration.defaultDataDirectory(environment: environment))
        self.environment = environment
        self.clock = clock
        now = clock.now()
    }

    /// Everything on this host.
    /// - Parameter configurationError: why the configuration cannot be used; nil when it can.
    public func examineHost(configurationError: String? = nil) -> [DoctorReport.Check] {
        configurationChecks(configurationError) + telemetryChecks() + dataChecks() + agentChecks() + hostChecks()
    }

    /// Whether an agent works with the data directory now.
    public var seesAgent: Bool { LockHolder.find(in: configuration.dataDirectory) != nil }

    // MARK: Configuration

    private func configurationChecks(_ error: String?) -> [DoctorReport.Check] {
        let area = "configuration"
        if let error {
            return [.init(area, .problem, error, fix: "Correct it; `tidemark agent --check` says when it is right.")]
        }
        let path = effective?.path
        let count = effective?.origins.count ?? 0
        var checks = [
            DoctorReport.Check(
                area, .ok,
                (path.map { "\($0) is valid" } ?? "no file is named")
                    + "; \(count) of \(AgentSetting.all.count) settings are set, the others have their defaults")
        ]
        if let contract = configuration.contract {
            checks.append(
                .init(area, .ok, "the contract is readable: \(contract.patterns.count) access patterns"))
        } else {
            checks.append(
                .init(
                    area, .ok, "no contract is configured: what has no calls is not published as zero"))
        }
        return checks + budgetChecks(area)
    }

    /// What is published costs, and whether the budget pays for it: by the last hour's series and the services that write.
    private func budgetChecks(_ area: String) -> [DoctorReport.Check] {
        guard configuration.publish, let cost = try? PublishingCost.estimate(configuration, now: now, hours: 1) else {
            return []
        }
        let dollars = PublishingCost.dollars(cost.metricDollarsPerMonth + cost.requestDollarsPerMonth)
        let costs =
            "\(cost.metrics) metrics and their requests are \(dollars) a month "
            + CloudWatchPrices.basis(factor: configuration.priceFactor)
        guard let budget = cost.budgetInDollarsPerMonth, let over = cost.dollarsOverBudget else {
            return [.init(area, .ok, "no budget is set; \(costs)")]
        }
        let folded = cost.folded.isEmpty ? "" : ", \(cost.folded.count) series of them in `other`"
        if over > 0 {
            return [
                .init(
                    area, .problem,
                    "the budget of \(PublishingCost.dollars(budget)) a month is exceeded by \(PublishingCost.dollars(over)): "
                        + "\(costs), and \(PublishingCost.fixed(hasContract: configuration.contract != nil)) are never folded",
                    fix: "Raise `budget-dollars-a-month`, publish fewer `metrics`, or name one `service`.")
            ]
        }
        return [.init(area, .ok, "the budget of \(PublishingCost.dollars(budget)) a month is kept: \(costs)\(folded)")]
    }

    // MARK: The host

    func hostChecks() -> [DoctorReport.Check] {
        let area = "host"
        var checks: [DoctorReport.Check] = []
        if geteuid() == 0 {
            checks.append(
                .init(
                    area, .warning, "this runs as root, and the agent needs no right of root's",
                    fix:
                        "Run it as the services' user, or as a user of its own in the group of a 2770 telemetry directory "
                        + "(Examples/systemd/tidemark-agent.service)."))
        } else {
            checks.append(.init(area, .ok, "this runs as user \(geteuid()), not as root"))
        }
        checks.append(contentsOf: limitChecks(area))
        return checks
    }

    private func limitChecks(_ area: String) -> [DoctorReport.Check] {
        var checks: [DoctorReport.Check] = []
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return [] }
        // The agent holds one descriptor a telemetry file, and a few dozen of its own; it takes what its hard limit allows.
        let allowed = max(limit.rlim_cur, min(limit.rlim_max, UInt(AgentLimits.descriptors)))
        if allowed < 1_024 {
            checks.append(
                .init(
                    area, .warning, "at most \(allowed) open files are allowed",
                    fix: "Allow 1,024 or more (ulimit -n, LimitNOFILE=): each telemetry file takes one."))
        } else {
            checks.append(.init(area, .ok, "\(Figures.count(UInt64(allowed))) open files are allowed"))
        }
        var size = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &size) == 0,
            size.rlim_cur < UInt(configuration.storeBudgetInBytes)
        {
            checks.append(
                .init(
                    area, .problem, "files may grow to \(size.rlim_cur >> 20) MB only, less than the store's budget",
                    fix: "Raise the limit (ulimit -f, LimitFSIZE=), or lower `store-budget-mb`."))
        }
        return checks
    }
}
