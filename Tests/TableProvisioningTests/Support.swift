import ContractEngine
import ContractModel
import TableProvisioning
import Tidemark

/// A table of parcels with an index, small enough to be reckoned on paper: 10 writes a second of 2,000 bytes are 20 write
/// units on the table and on the index, 14 reads a second of its key 7 read units.
enum Parcels {
    static let byCity = ContractIndex(
        name: "ByCity", partitionKey: KeyAttribute(name: "city"), sortKey: KeyAttribute(name: "weight", type: .N))

    static let table = ContractTable(
        name: "Parcels", partitionKey: KeyAttribute(name: "parcel_id"), sortKey: KeyAttribute(name: "kind"),
        indexes: [byCity],
        entities: [
            ContractEntity(
                name: "Parcels", sortKeyTemplate: KeyTemplate("STATE#{state}"),
                attributes: [
                    ContractAttribute(name: "parcel_id", type: .S), ContractAttribute(name: "kind", type: .S),
                    ContractAttribute(name: "city", type: .S), ContractAttribute(name: "weight", type: .N),
                    ContractAttribute(name: "state", type: .S),
                ])
        ], estimatedItemSizeInBytes: 2_000)

    static func named(_ name: String) -> ContractTable {
        var table = table
        table.name = name
        return table
    }

    static func document(_ tables: [ContractTable] = [table], rate: Double = 10) -> ContractDocument {
        let patterns = [
            AccessPattern(
                id: "AP1", peakRPS: rate, averageRPS: rate, type: .write,
                operations: [PatternOperation(operation: "PutItem", table: "Parcels")]),
            AccessPattern(
                id: "AP2", peakRPS: 14, averageRPS: 14,
                operations: [PatternOperation(operation: "GetItem", table: "Parcels", consistency: .eventual)]),
        ]
        return ContractDocument(contract: MigrationContract(tables: tables), patterns: patterns)
    }

    static func settings(_ text: String) throws -> DeploymentSettings {
        try DeploymentSettings.read(SourceText(name: "tables.yaml", text: text))
    }

    /// The table as apply leaves it, with some of it changed.
    static func live(_ change: (inout LiveTable) -> Void = { _ in }) -> LiveTable {
        var live = LiveTable(table)
        live.indexStatus = ["ByCity": "ACTIVE"]
        live.isProtectedFromDeletion = true
        live.isRecoverable = .told(true)
        change(&live)
        return live
    }

    static func plan(
        _ state: TableState, settings: String = "", tables: [ContractTable] = [table], rate: Double = 10
    ) throws -> TablePlan {
        let document = document(tables, rate: rate)
        return TablePlan(
            of: document, settings: settings.isEmpty ? DeploymentSettings() : try self.settings(settings),
            capacity: capacity(of: document), states: ["Parcels": state])
    }

    static func entry(_ live: LiveTable, settings: String = "", rate: Double = 10) throws -> TablePlan.Entry {
        try plan(.present(live), settings: settings, rate: rate).entries[0]
    }
}

extension TableStep {
    /// The step without its payload, for lists.
    var short: String {
        switch self {
        case .create: "create"
        case .wait: "wait"
        case .bill: "bill"
        case .protect: "protect"
        case .createIndex(let index, _, _): "index \(index.name)"
        case .warm: "warm"
        case .recover: "recover"
        case .expire: "expire"
        case .tag: "tag"
        }
    }
}
