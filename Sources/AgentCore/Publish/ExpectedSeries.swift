package import ContractEngine
import ContractModel
package import Monitoring

/// A metric's series without its metric: a pattern; a table and operation; a table and index; a table; or nothing but the
/// service. Names are as CloudWatch takes them.
package struct SeriesName: Hashable, Comparable, Sendable {
    package var scope: MonitoringScope
    package var name = ""
    package var detail = ""

    package init(scope: MonitoringScope, name: String = "", detail: String = "") {
        self.scope = scope
        self.name = name
        self.detail = detail
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.scope, left.name, left.detail) < (right.scope, right.name, right.detail)
    }
}

/// The series that are published even when nothing happened: those of the contract.
package struct ExpectedSeries: Sendable {
    struct Pair: Hashable, Sendable {
        var name: String
        var detail: String
    }

    var patterns: Set<String> = []
    var operations: Set<Pair> = []
    var resources: Set<Pair> = []

    init() {}

    package init(_ document: ContractDocument?) {
        guard let document else { return }
        let reader = OperationAccessReader(document)
        for pattern in document.patterns where pattern.isServed {
            patterns.insert(pattern.id)
            for operation in reader.work(of: pattern).calls.map(\.operation) {
                operations.insert(Pair(name: operation.table, detail: operation.operation))
            }
        }
        for table in document.contract.tables {
            resources.insert(Pair(name: table.name, detail: ""))
            for index in table.indexes { resources.insert(Pair(name: table.name, detail: index.name)) }
        }
    }

    /// The series of a dimension set in a deployment.
    func names(of set: MetricCatalog.DimensionSet, scope: MonitoringScope) -> [SeriesName] {
        func name(_ name: String, _ detail: String = "") -> SeriesName {
            SeriesName(
                scope: scope, name: DimensionText.make(name), detail: detail.isEmpty ? "" : DimensionText.make(detail))
        }
        switch set {
        case .service: return [SeriesName(scope: scope)]
        case .pattern: return patterns.map { name($0) }
        case .operation: return operations.map { name($0.name, $0.detail) }
        case .resource: return resources.map { name($0.name, $0.detail) }
        case .table: return resources.filter { $0.detail.isEmpty }.map { name($0.name) }
        case .index: return resources.filter { !$0.detail.isEmpty }.map { name($0.name, $0.detail) }
        }
    }
}
