import Monitoring

/// The calls that a store has recorded of each service since it began: so that no commit, ledger or merged window ever holds
/// more than the store takes.
///
/// A service whose processes end and begin anew adds up what each of them has counted. At a million calls in every second, half
/// of what a store takes is 18,000 years of them; only files that lie get there, and then by tens of thousands
/// (`TelemetryBounds.calls`).
struct CallAccounts: Sendable, Equatable {
    /// What the store's columns hold at most (`StoreSchema`).
    static let most: UInt64 = 1 << 60
    /// What one service may have of it.
    static let mostOfAService: UInt64 = 1 << 59

    private var services: [MonitoringScope: UInt64] = [:]
    private var total: UInt64 = 0

    init(_ services: [MonitoringScope: UInt64] = [:]) {
        self.services = services
        total = services.values.reduce(0) { $0.plus($1) }
    }

    /// - Returns: why there is no room for them; nil where there is, and they are added.
    mutating func add(_ calls: UInt64, of scope: MonitoringScope) -> String? {
        let (service, all) = ((services[scope] ?? 0).plus(calls), total.plus(calls))
        guard calls == 0 || service <= Self.mostOfAService else {
            return "with its \(calls) calls \(scope.service) in \(scope.environment) would have made "
                + "\(service), more than any service can have"
        }
        guard calls == 0 || all <= Self.most else {
            return "with its \(calls) calls the services of this store would have made \(all), more than it takes"
        }
        (services[scope], total) = (service, all)
        return nil
    }
}
