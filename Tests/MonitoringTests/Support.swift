import AWSCore
import CloudWatch
import ContractEngine
import ContractModel
import Foundation
import JSONBytes
import Monitoring
import TestSupport

let noon = Timestamp(secondsSince1970: 1_795_435_200)
let scope = MonitoringScope(service: "shop", environment: "production")

/// A small contract: Orders with an index and two patterns, Carts with one that also writes Orders.
func makeDocument() -> ContractDocument {
    func pattern(
        _ id: String, _ summary: String, rps: Double, level: ServiceLevel? = nil, _ operations: [PatternOperation],
        type: PatternType = .read
    ) -> AccessPattern {
        AccessPattern(
            id: id, summary: summary, peakRPS: rps, averageRPS: rps / 2, type: type, operations: operations,
            serviceLevel: level)
    }
    func table(_ name: String, indexes: [ContractIndex] = []) -> ContractTable {
        ContractTable(
            name: name, partitionKey: KeyAttribute(name: "pk"), indexes: indexes,
            entities: [ContractEntity(name: name)], satisfies: [], estimatedItemSizeInBytes: 1_024)
    }
    return ContractDocument(
        contract: MigrationContract(tables: [
            table("Orders", indexes: [ContractIndex(name: "ByCustomer", partitionKey: KeyAttribute(name: "customer"))]),
            table("Carts"),
        ]),
        patterns: [
            pattern("AP1", "Get an order", rps: 600, [PatternOperation(operation: "GetItem", table: "Orders")]),
            pattern(
                "AP2", "List a customer's orders", rps: 20, level: ServiceLevel(p99: .milliseconds(80)),
                [PatternOperation(operation: "Query", table: "Orders", index: "ByCustomer")]),
            pattern(
                "AP3", "Check out", rps: 2,
                [
                    PatternOperation(operation: "TransactWriteItems", table: "Carts"),
                    PatternOperation(operation: "TransactWriteItems", table: "Orders"),
                ], type: .write),
            pattern("AP4", "Log out", rps: 50, [], type: .none),
        ])
}

/// The small contract's demand: given here, so that these tests do not move with the reckoning of units.
func makeCapacity() -> CapacityPlan {
    func resource(
        _ table: String, _ index: String?, reads: (calls: Double, units: Double), writes: (calls: Double, units: Double)
    ) -> ResourceDemand {
        var demand = ResourceDemand(table: table, index: index)
        (demand.readCallsPerSecond, demand.readUnitsPerSecond) = reads
        (demand.writeCallsPerSecond, demand.writeUnitsPerSecond) = writes
        return demand
    }
    return CapacityPlan(
        patterns: capacity(of: makeDocument()).patterns,
        resources: [
            resource("Orders", nil, reads: (600, 600), writes: (2, 4)),
            resource("Orders", "ByCustomer", reads: (20, 20), writes: (2, 4_000)),
            resource("Carts", nil, reads: (0, 0), writes: (2, 4)),
        ])
}

/// A file of the package.
func packageFile(_ path: String) -> String { "\(SharedFiles.packageRoot)/\(path)" }

/// The lines of a vector file as JSON, nothing where the shared files are not there.
func vectors(_ name: String) throws -> [JSONValue] {
    guard let folder = SharedFiles.vectors else { return [] }
    let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    return try text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8)) }
}

extension JSONValue {
    /// A series with nil for missing.
    var series: [Double?] { (arrayValue ?? []).map(\.doubleValue) }
    func text(_ name: String) -> String { self[name]?.stringValue ?? "" }
}
