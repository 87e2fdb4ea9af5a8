public import CloudWatch

/// Which deployment is meant: the two dimensions that every metric of Tidemark carries.
public struct MonitoringScope: Hashable, Sendable {
    /// The service's name, as the telemetry file has it.
    public var service: String
    /// The environment's name, such as `production`.
    public var environment: String

    /// Names a deployment.
    public init(service: String, environment: String) {
        self.service = service
        self.environment = environment
    }

    /// The dimensions of the service as a whole.
    public var serviceDimensions: [Dimension] {
        [Dimension(name: "Environment", value: environment), Dimension(name: "Service", value: service)]
    }

    /// The dimensions of one access pattern.
    public func dimensions(pattern: String) -> [Dimension] { extended(("Pattern", pattern)) }

    /// The dimensions of a table, or of one of its indexes.
    public func dimensions(table: String, index: String? = nil) -> [Dimension] {
        guard let index else { return extended(("Table", table)) }
        return extended(("Table", table), ("Index", index))
    }

    /// The dimensions of one operation on a table.
    public func dimensions(table: String, operation: String) -> [Dimension] {
        extended(("Table", table), ("Operation", operation))
    }

    private func extended(_ more: (name: String, value: String)...) -> [Dimension] {
        (serviceDimensions + more.map { Dimension(name: $0.name, value: $0.value) }).sorted()
    }
}
