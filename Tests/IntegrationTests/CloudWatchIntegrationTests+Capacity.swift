import ContractEngine
import ContractModel

/// The demand of a contract of one table, one index and one pattern.
func makeCapacity() -> CapacityPlan {
    let table = ContractTable(
        name: "Orders", partitionKey: KeyAttribute(name: "id"),
        indexes: [ContractIndex(name: "ByCustomer", partitionKey: KeyAttribute(name: "customer"))],
        entities: [ContractEntity(name: "Orders")], estimatedItemSizeInBytes: 1_024)
    let pattern = AccessPattern(
        id: "AP1", summary: "Get an order", peakRPS: 100, averageRPS: 20,
        operations: [PatternOperation(operation: "GetItem", table: "Orders")])
    return capacity(of: ContractDocument(contract: MigrationContract(tables: [table]), patterns: [pattern]))
}
