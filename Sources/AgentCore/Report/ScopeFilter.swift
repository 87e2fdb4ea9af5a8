import Monitoring

/// Whose figures a report shows.
public struct ScopeFilter: Sendable, Equatable {
    /// Only this service's; every service's when nil.
    public var service: String?
    /// Only this environment's; every environment's when nil.
    public var environment: String?

    /// Everybody's, unless told otherwise.
    public init(service: String? = nil, environment: String? = nil) {
        self.service = service
        self.environment = environment
    }

    func includes(_ scope: MonitoringScope) -> Bool {
        (service ?? scope.service) == scope.service && (environment ?? scope.environment) == scope.environment
    }

    /// "of shop in production"; empty for everybody.
    var words: String {
        [service.map { "of \($0.visible)" }, environment.map { "in \($0.visible)" }].compactMap(\.self)
            .joined(separator: " ")
    }
}

/// How the rows of several services are told apart: by the service, and by the environment where there are several.
struct ScopeLabels: Sendable {
    private let scopes: Set<MonitoringScope>
    private let namesEnvironments: Bool

    init(_ scopes: some Sequence<MonitoringScope>) {
        self.scopes = Set(scopes)
        namesEnvironments = Set(self.scopes.map(\.environment)).count > 1
    }

    /// Whether a row has to say whose it is.
    var areNeeded: Bool { scopes.count > 1 }

    func text(_ scope: MonitoringScope) -> String {
        namesEnvironments ? "\(scope.service)/\(scope.environment)" : scope.service
    }

    /// " of shop", where it has to be said.
    func suffix(_ scope: MonitoringScope) -> String { areNeeded ? " of \(text(scope))" : "" }
}
