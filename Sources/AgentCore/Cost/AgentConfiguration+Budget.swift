public import AWSCore
import Monitoring
import Telemetry

extension AgentConfiguration {
    /// How many metrics the budget pays for, or nil without a budget.
    var metricBudget: MetricBudget? {
        budgetInDollarsAMonth.map { MetricBudget(dollarsPerMonth: $0 / priceFactor, period: publishPeriod) }
    }

    /// Why the configuration's budget cannot be kept even for one service, or nil when it can or there is none: what
    /// `--check`, the start and a reload refuse.
    public var budgetProblem: String? {
        let scope = MonitoringScope(service: service ?? "", environment: environment ?? "")
        return metricBudget?.shortfall(of: self, scopes: [scope])
    }

    /// By how much the budget falls short for the services that are here, in a sentence with figures; nil where it is kept
    /// or there is none. Refused it is not: services come and go, and their contract's series stay whole.
    /// - Parameter now: the current time.
    public func budgetExcess(now: Timestamp) -> String? {
        metricBudget?.shortfall(of: self, scopes: servicesSeen(now: now))
    }

    /// Whether an agent of this configuration reads that service's files.
    func concerns(_ scope: MonitoringScope) -> Bool {
        ScopeFilter(service: service, environment: environment).includes(scope)
    }

    /// The services that have a telemetry file here now.
    var servicesThatWrite: Set<MonitoringScope> {
        Set(
            TelemetryDirectory.files(in: telemetryDirectory).compactMap { path in
                guard let identity = try? TelemetryReader(path: path).identity else { return nil }
                let scope = MonitoringScope(service: identity.service, environment: identity.environment)
                return concerns(scope) ? scope : nil
            })
    }

    /// What the telemetry files hold that an agent would read now, by series: a host without an agent so far has them all the same.
    var seriesThatAreWritten: [SeriesIdentity: SeriesTotals] {
        let trust = TelemetryFileTrust(directory: telemetryDirectory)
        var found: [SeriesIdentity: SeriesTotals] = [:]
        for path in TelemetryDirectory.files(in: telemetryDirectory) where trust.objection(to: path) == nil {
            guard let reader = try? TelemetryReader(path: path), let snapshot = try? reader.snapshot(),
                snapshot.excess == nil
            else { continue }
            let scope = MonitoringScope(
                service: reader.identity.service.visible, environment: reader.identity.environment.visible)
            guard concerns(scope) else { continue }
            for series in snapshot.series {
                let totals = SeriesTotals(series)
                guard totals != SeriesTotals() else { continue }
                let identity = SeriesIdentity(scope: scope, key: series.key)
                found[identity] = found[identity].map { $0 + totals } ?? totals
            }
        }
        return found
    }

    /// The services that metrics are published of: those that write now, that the store has counted of late, or the one that
    /// is named.
    func servicesSeen(now: Timestamp) -> Set<MonitoringScope> {
        var scopes = servicesThatWrite
        if let service, let environment { scopes.insert(MonitoringScope(service: service, environment: environment)) }
        let since = now.advanced(by: .zero - AgentLimits.scopeMemory)
        if let store = try? AgentStore.openReadOnly(dataDirectory: dataDirectory) {
            // What cannot be read is not known here; `doctor` says of the store what there is to say.
            try? store.forEachSeries(since: since) { _, identity, _ in
                if concerns(identity.scope) { scopes.insert(identity.scope) }
            }
        }
        return Set(scopes.map(\.published))
    }
}

extension MetricBudget {
    /// By how much what is never folded exceeds the budget, in a sentence; nil where there is enough money.
    func shortfall(of configuration: AgentConfiguration, scopes: Set<MonitoringScope>) -> String? {
        let needed = FoldingState.fixedMetrics(
            sets: configuration.publishedSets, expected: ExpectedSeries(configuration.contract), scopes: scopes)
        guard needed > metrics else { return nil }
        let requests = CloudWatchPrices.dollars(
            requests: PublishingCost.requestsPerMonth(metrics: needed, period: configuration.publishPeriod))
        // Rounded up, so that what is named is enough.
        let sum = (CloudWatchPrices.dollarsPerMonth(metrics: needed) + requests) * configuration.priceFactor
        let dollars = PublishingCost.dollars((sum * 100).rounded(.up) / 100)
        let what = PublishingCost.fixed(hasContract: configuration.contract != nil)
        let whose = scopes.count > 1 ? " of the \(scopes.count) services here" : ""
        let remedy =
            scopes.count > 1
            ? ", publish fewer sets with `metrics`, or name one `service`" : " or publish fewer sets with `metrics`"
        return
            "The budget pays for \(metrics) CloudWatch metrics, and \(what)\(whose) are \(needed), \(dollars) a month with their "
            + "requests \(CloudWatchPrices.basis(factor: configuration.priceFactor)): raise `budget-dollars-a-month` to that\(remedy)."
    }
}
