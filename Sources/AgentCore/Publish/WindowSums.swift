import ContractEngine
import ContractModel
import Monitoring
import Telemetry

/// A metric's series without its metric: a pattern; a table and operation; or a table and index.
struct SeriesName: Hashable, Comparable {
    var scope: MonitoringScope
    var name: String
    var detail = ""

    static func < (left: Self, right: Self) -> Bool {
        (left.scope, left.name, left.detail) < (right.scope, right.name, right.detail)
    }
}

/// The series that are published even when nothing happened: those of the contract.
struct ExpectedSeries: Sendable {
    struct Pair: Hashable, Sendable {
        var name: String
        var detail: String
    }

    var patterns: Set<String> = []
    var operations: Set<Pair> = []
    var resources: Set<Pair> = []

    init() {}

    init(_ document: ContractDocument?) {
        guard let document else { return }
        for pattern in document.patterns where pattern.isServed {
            patterns.insert(pattern.id)
            for operation in pattern.operations {
                operations.insert(Pair(name: operation.table, detail: operation.operation))
            }
        }
        for table in document.contract.tables {
            resources.insert(Pair(name: table.name, detail: ""))
            for index in table.indexes { resources.insert(Pair(name: table.name, detail: index.name)) }
        }
    }
}

/// A window's totals by the dimension sets of the catalog.
struct WindowSums {
    struct Units {
        var readMilliUnits: UInt64 = 0
        var writeMilliUnits: UInt64 = 0
    }

    var patterns: [SeriesName: SeriesTotals] = [:]
    var operations: [SeriesName: SeriesTotals] = [:]
    var resources: [SeriesName: Units] = [:]

    init() {}

    init(_ series: [SeriesIdentity: SeriesTotals]) {
        for (identity, totals) in series {
            let scope = identity.scope.published
            let counters = totals.counters
            // An index's share of a write is consumption alone; it is nobody's call.
            if counters.calls > 0 || counters.attempts > 0 {
                Self.add(totals, to: &patterns, SeriesName(scope: scope, name: identity.pattern))
                Self.add(
                    totals, to: &operations, SeriesName(scope: scope, name: identity.table, detail: identity.operation))
            }
            if counters.readMilliUnits > 0 || counters.writeMilliUnits > 0 {
                let name = SeriesName(scope: scope, name: identity.table, detail: identity.index)
                resources[name, default: Units()].readMilliUnits += counters.readMilliUnits
                resources[name, default: Units()].writeMilliUnits += counters.writeMilliUnits
            }
        }
    }

    private static func add(_ totals: SeriesTotals, to sums: inout [SeriesName: SeriesTotals], _ name: SeriesName) {
        sums[name] = sums[name].map { $0 + totals } ?? totals
    }

    mutating func merge(_ other: WindowSums) {
        patterns.merge(other.patterns) { $0 + $1 }
        operations.merge(other.operations) { $0 + $1 }
        resources.merge(other.resources) {
            Units(
                readMilliUnits: $0.readMilliUnits + $1.readMilliUnits,
                writeMilliUnits: $0.writeMilliUnits + $1.writeMilliUnits)
        }
    }

    mutating func addZeros(_ expected: ExpectedSeries, scope: MonitoringScope) {
        for pattern in expected.patterns {
            let name = SeriesName(scope: scope, name: pattern)
            patterns[name] = patterns[name] ?? SeriesTotals()
        }
        for pair in expected.operations {
            let name = SeriesName(scope: scope, name: pair.name, detail: pair.detail)
            operations[name] = operations[name] ?? SeriesTotals()
        }
        for pair in expected.resources {
            let name = SeriesName(scope: scope, name: pair.name, detail: pair.detail)
            resources[name] = resources[name] ?? Units()
        }
    }
}
