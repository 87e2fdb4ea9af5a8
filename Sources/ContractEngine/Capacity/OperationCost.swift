internal import ContractModel

/// What one operation of a pattern costs, with what was assumed to say so.
///
/// Source of the formulas: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html and,
/// for indexes, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations
struct OperationCost {
    let operation: PatternOperation
    let table: ContractTable
    let rate: Double
    let defaults: CapacityAssumptions
    private(set) var assumptions: [Assumption] = []

    init(operation: PatternOperation, table: ContractTable, rate: Double, defaults: CapacityAssumptions) {
        self.operation = operation
        self.table = table
        self.rate = rate
        self.defaults = defaults
    }

    static func place(_ operation: PatternOperation) -> String {
        operation.index.map { "\(operation.table).\($0)" } ?? operation.table
    }

    private var place: String { OperationCost.place(operation) }

    private mutating func assume(_ text: String, _ what: String, at place: String? = nil) {
        assumptions.append(Assumption(text: text, moved: "\(what) of \(place ?? self.place)"))
    }

    mutating func read() -> Charge {
        let items = itemsPerCall(what: "read units")
        let itemSize = itemSize(what: "read units")
        let size =
            operation.index.flatMap { table.index(named: $0) }.map {
                projectedSize(of: itemSize, in: $0, what: "read units")
            } ?? itemSize
        let consistency = consistency()
        let factor = consistency.unitsPerBlock
        let isPage = operation.operation == "Query" || operation.operation == "Scan"
        var units: Double
        var formula: String
        if isPage {
            let bytes = min(items * size, CapacityUnit.pageInBytes)
            if items * size > CapacityUnit.pageInBytes {
                assume("a page ends at 1 MB, so a call reads no more", "read units")
            }
            units = CapacityUnit.blocks(bytes, of: CapacityUnit.readBlockInBytes) * factor
            formula = "⌈\(Figures.short(items)) × \(Figures.short(size)) B / 4 KB⌉ × \(Figures.short(factor))"
        } else {
            units = items * CapacityUnit.blocks(size, of: CapacityUnit.readBlockInBytes) * factor
            formula =
                (items == 1 ? "" : "\(Figures.short(items)) × ")
                + "⌈\(Figures.short(size)) B / 4 KB⌉ × \(Figures.short(factor))"
        }
        return Charge(
            table: table.name, index: operation.index, operation: operation.operation, callsPerSecond: rate,
            readUnitsPerCall: units, writeUnitsPerCall: 0, formula: formula)
    }

    mutating func write() -> [Charge] {
        let items = itemsPerCall(what: "write units")
        let size = itemSize(what: "write units")
        let blocks = CapacityUnit.blocks(size, of: CapacityUnit.writeBlockInBytes)
        let factor = operation.isTransactional ? CapacityUnit.transactionFactor : 1
        let many = items == 1 ? "" : "\(Figures.short(items)) × "
        let own = Charge(
            table: table.name, index: nil, operation: operation.operation, callsPerSecond: rate, readUnitsPerCall: 0,
            writeUnitsPerCall: items * blocks * factor,
            formula: many + "⌈\(Figures.short(size)) B / 1 KB⌉" + (factor == 1 ? "" : " × \(Figures.short(factor))"))
        return [own] + table.indexes.compactMap { index in share(of: index, items: items, size: size, many: many) }
    }

    /// An index's share of a write: nothing where the item is not in it; transactions do not double it.
    private mutating func share(of index: ContractIndex, items: Double, size: Double, many: String) -> Charge? {
        guard isInIndex(index) else { return nil }
        let place = "\(table.name).\(index.name)"
        if operation.operation == "UpdateItem" || operation.operation == "TransactWriteItems" {
            if index.projection == .keysOnly && operation.operation == "UpdateItem" {
                assume(
                    "an update leaves the index's key alone, so an index of keys only is not written", "write units",
                    at: place)
                return nil
            }
            assume(
                "a write changes a projected attribute and leaves the index's key alone: 1 write, not 0 or 2",
                "write units", at: place)
        }
        let projected = projectedSize(of: size, in: index, what: "write units", at: place)
        return Charge(
            table: table.name, index: index.name, operation: operation.operation, callsPerSecond: rate,
            readUnitsPerCall: 0,
            writeUnitsPerCall: items * CapacityUnit.blocks(projected, of: CapacityUnit.writeBlockInBytes),
            formula: many + "⌈\(Figures.short(projected)) B / 1 KB⌉")
    }

    private func isInIndex(_ index: ContractIndex) -> Bool {
        if let name = operation.entity, let entity = table.entity(named: name) { return entity.appears(in: index) }
        return table.entities.contains { $0.appears(in: index) }
    }

    private mutating func itemsPerCall(what: String) -> Double {
        if let items = operation.itemsPerCall { return items }
        switch operation.operation {
        case "GetItem", "PutItem", "UpdateItem", "DeleteItem": return 1
        case "Query":
            assume(
                "no document gives the items of a Query: \(Figures.short(defaults.itemsPerQuery)), a lower bound", what)
            return defaults.itemsPerQuery
        case "Scan":
            assume("no document gives the items that a Scan reads: \(Figures.short(defaults.itemsPerScan))", what)
            return defaults.itemsPerScan
        default:
            let items = Figures.short(defaults.itemsPerBatch)
            assume("no document gives the items of a \(operation.operation): \(items), a lower bound", what)
            return defaults.itemsPerBatch
        }
    }

    private mutating func itemSize(what: String) -> Double {
        guard let size = table.estimatedItemSizeInBytes(of: operation.entity) else {
            assume("the contract gives no item size: \(defaults.itemSizeInBytes) bytes", what)
            return Double(defaults.itemSizeInBytes)
        }
        let isShared =
            table.entities.count > 1
            && operation.entity.flatMap { table.entity(named: $0)?.estimatedItemSizeInBytes } == nil
        if isShared { assume("every kind of item of \(table.name) has \(Figures.short(Double(size))) bytes", what) }
        return Double(size)
    }

    private mutating func consistency() -> ReadConsistency {
        if operation.operation == "TransactGetItems" { return .transactional }
        if operation.index != nil { return .eventual }
        if let given = operation.consistency { return given }
        assume("no document gives the consistency: \(defaults.consistency.rawValue)", "read units")
        return defaults.consistency
    }

    /// The size of an item in an index; attributes are taken to be of equal size where not all of them are projected.
    private mutating func projectedSize(
        of size: Double, in index: ContractIndex, what: String, at place: String? = nil
    ) -> Double {
        guard index.projection != .all else { return size }
        let entity =
            operation.entity.flatMap { table.entity(named: $0) } ?? table.entities.first { $0.appears(in: index) }
        guard let entity, !entity.attributes.isEmpty else { return size }
        var projected: Set<String> = [table.partitionKey.name, index.partitionKey.name]
        projected.formUnion([table.sortKey?.name, index.sortKey?.name].compactMap(\.self))
        if case .include(let names) = index.projection { projected.formUnion(names) }
        let held = entity.attributes.filter { projected.contains($0.name) }.count
        let share = (size * Double(held) / Double(entity.attributes.count)).rounded(.up)
        assume(
            "\(held) of \(entity.attributes.count) attributes are projected, taken to be of equal size: \(Figures.short(share)) bytes",
            what, at: place)
        return share
    }
}
